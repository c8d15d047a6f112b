//! The rows that were fetched so far, a hundred at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use binnacle_shared::Kind;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::spec::{ListSpec, Read, id_of_kind};
use crate::api::ApiError;
use crate::go::Url;
use crate::paths;
use crate::react::effect;

/// Rows a request.
pub const PAGE: usize = 100;

/// The rows of a list, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// Sort, search and filters: what the rows answer.
    pub query: Memo<String>,
    /// How many match; none before the first answer.
    pub total: RwSignal<Option<usize>>,
    pub error: RwSignal<Option<ApiError>>,
    /// The rows on screen are older than the question.
    pub stale: RwSignal<bool>,
    /// They have been for 150 ms.
    pub slow: RwSignal<bool>,
    pages: RwSignal<BTreeMap<usize, Arc<Vec<Value>>>>,
    pending: StoredValue<BTreeSet<usize>>,
    turn: StoredValue<u32>,
    /// Where they are, and how they are read there.
    source: StoredValue<(String, Read)>,
    kind: Kind,
}

/// The rows that an address asks for.
pub fn use_rows(spec: &ListSpec, url: Url) -> Rows {
    let mut names: Vec<&'static str> = ["search"]
        .into_iter()
        .chain(spec.segments.as_ref().map(|(name, _)| *name))
        .chain(spec.facets.iter().map(|facet| facet.name))
        .collect();
    names.sort_unstable();
    names.dedup();
    let fixed = spec.fixed.clone();
    let sort = spec.kind.outline().default_sort;
    // The address changes before the page does: what is asked on the way out is nobody's question.
    let mine = untrack(|| url.path());
    let query = Memo::new(move |before: Option<&String>| {
        if let Some(before) = before.filter(|_| url.path() != mine) {
            return before.clone();
        }
        let mut pairs = fixed.clone();
        pairs.push(("sort".to_owned(), url.get("sort").unwrap_or_else(|| sort.to_owned())));
        for name in &names {
            let Some(value) = url.get(name) else { continue };
            // What the page asks and what the person asks, both: neighbours are ANDed.
            match pairs.iter_mut().find(|(other, _)| other == name && *name == "query") {
                Some((_, query)) => {
                    query.push(' ');
                    query.push_str(&value);
                }
                None => pairs.push(((*name).to_owned(), value)),
            }
        }
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        paths::encode(&pairs)
    });
    let rows = Rows {
        query,
        total: RwSignal::new(None),
        error: RwSignal::new(None),
        stale: RwSignal::new(false),
        slow: RwSignal::new(false),
        pages: RwSignal::new(BTreeMap::new()),
        pending: StoredValue::new(BTreeSet::new()),
        turn: StoredValue::new(0),
        source: StoredValue::new((spec.path.clone(), spec.read)),
        kind: spec.kind,
    };
    effect(move || {
        query.track();
        rows.restart();
    });
    if let Some(seconds) = spec.poll {
        let interval = StoredValue::new_local(Some(Interval::new(seconds * 1000, move || rows.refresh())));
        on_cleanup(move || {
            interval.try_update_value(Option::take);
        });
    }
    rows
}

impl Rows {
    /// The row at an index, reactive; none while it is not there yet.
    pub fn get(self, index: usize) -> Option<Value> {
        self.pages.with(|pages| pages.get(&(index / PAGE))?.get(index % PAGE).cloned())
    }

    /// The row at an index, now.
    pub fn peek(self, index: usize) -> Option<Value> {
        self.pages.with_untracked(|pages| pages.get(&(index / PAGE))?.get(index % PAGE).cloned())
    }

    /// By what a row is known.
    pub fn id_of(self, row: &Value) -> String {
        id_of_kind(self.kind, row)
    }

    /// Ids of what is known between two indices.
    pub fn ids(self, from: usize, to: usize) -> Vec<String> {
        (from..to).filter_map(|index| self.peek(index)).map(|row| self.id_of(&row)).collect()
    }

    /// How many rows are known from the start.
    pub fn known(self) -> usize {
        self.pages.with_untracked(|pages| pages.values().map(|page| page.len()).sum())
    }

    /// Asks again for everything, for example after something was archived.
    pub fn reload(self) {
        if self.turn.try_get_value().is_some() {
            self.restart();
        }
    }

    /// Asks again for what is known, quietly.
    fn refresh(self) {
        let hidden = document().hidden();
        let busy = self.pending.try_with_value(|pending| !pending.is_empty());
        if hidden || busy != Some(false) {
            return;
        }
        let pages: Vec<usize> = self.pages.with_untracked(|pages| pages.keys().copied().collect());
        // Far up in a long list only what was seen last matters.
        for page in pages.into_iter().rev().take(2) {
            self.fetch(page);
        }
    }

    fn restart(self) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.pending.set_value(BTreeSet::new());
        self.stale.set(true);
        let mine = self.turn.get_value();
        set_timeout(
            move || {
                if self.turn.try_get_value() == Some(mine) && self.stale.try_get_untracked() == Some(true) {
                    self.slow.try_set(true);
                }
            },
            Duration::from_millis(150),
        );
        self.fetch(0);
    }

    /// Sees to it that the rows between two indices are there or on their way.
    pub fn want(self, from: usize, to: usize) {
        let total = self.total.get_untracked().unwrap_or(0);
        if self.stale.get_untracked() || total == 0 {
            return;
        }
        let last = to.min(total).saturating_sub(1) / PAGE;
        for page in from / PAGE..=last {
            let known = self.pages.with_untracked(|pages| pages.contains_key(&page));
            if !known {
                self.fetch(page);
            }
        }
    }

    fn fetch(self, page: usize) {
        if !self.pending.try_update_value(|pending| pending.insert(page)).unwrap_or(false) {
            return;
        }
        let mine = self.turn.get_value();
        let (path, read) = self.source.get_value();
        let query = self.query.get_untracked();
        spawn_local(async move {
            let offset = page * PAGE;
            let answer = read(path, query, PAGE, offset).await;
            if self.turn.try_get_value() != Some(mine) {
                return;
            }
            self.pending.update_value(|pending| {
                pending.remove(&page);
            });
            match answer {
                Ok(answer) => {
                    let first = self.stale.get_untracked();
                    let total = usize::try_from(answer.count).unwrap_or(usize::MAX);
                    self.pages.update(|pages| {
                        if first {
                            pages.clear();
                        }
                        pages.insert(page, Arc::new(answer.results));
                    });
                    self.total.set(Some(total));
                    self.error.set(None);
                }
                Err(error) => self.error.set(Some(error)),
            }
            self.stale.set(false);
            self.slow.set(false);
        });
    }

    /// All rows that are known, in their order.
    pub fn loaded(self) -> Vec<Value> {
        self.pages.with_untracked(|pages| pages.values().flat_map(|page| page.iter().cloned()).collect())
    }

    /// The known row with an id.
    pub fn find(self, id: &str) -> Option<Value> {
        self.pages.with_untracked(|pages| {
            pages.values().flat_map(|page| page.iter()).find(|row| self.id_of(row) == id).cloned()
        })
    }

    /// All that match, fetched a thousand at a time; `got` is told how many there are so far.
    pub async fn all(self, got: impl Fn(usize)) -> Result<Vec<Value>, ApiError> {
        let (path, read) = self.source.get_value();
        let query = self.query.get_untracked();
        let mut all = Vec::new();
        loop {
            let part = read(path.clone(), query.clone(), 1000, all.len()).await?;
            let empty = part.results.is_empty();
            all.extend(part.results);
            got(all.len());
            if empty || all.len() as u64 >= part.count {
                return Ok(all);
            }
        }
    }
}
