//! A run and its parts, loaded once and kept up to date while it goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::{Activity, ActivityStatus};
use leptos::prelude::*;

use crate::api::{self, ApiError, Load, StreamState, use_events, use_load};
use crate::react::{effect, memo};

/// Parts fetched a request.
const PAGE: usize = 1000;
/// Events of this long are drawn together: a run on thousands of computers sends many.
const BATCH: Duration = Duration::from_millis(60);

/// What is known of a run.
#[derive(Clone, Copy)]
pub struct Live {
    pub group: RwSignal<Option<Activity>>,
    /// Parts by id, one for each computer.
    pub children: RwSignal<BTreeMap<i64, Activity>>,
    /// The activity is a part: the run it belongs to, and its own id.
    pub parent: RwSignal<Option<(i64, i64)>>,
    pub load: Load<(Activity, Vec<Activity>)>,
    pub state: ReadSignal<StreamState>,
    /// Events have arrived before.
    pub heard: RwSignal<bool>,
}

/// Loads a run, and listens while something in it may still change.
pub fn use_live(id: Memo<String>) -> Live {
    let load = use_load(move || Some(id.get()), |id| async move { fetch(&id).await });
    let group = RwSignal::new(None::<Activity>);
    let children = RwSignal::new(BTreeMap::new());
    let parent = RwSignal::new(None);
    effect(move || {
        let Some((activity, parts)) = load.data.get() else { return };
        if let Some(run) = activity.parent_id {
            parent.set(Some((run, activity.id)));
            return;
        }
        parent.set(None);
        children.set(parts.into_iter().map(|part| (part.id, part)).collect());
        group.set(Some(activity));
    });
    let open = memo(move || {
        let id = group.with(|group| group.as_ref().map(|group| group.id))?;
        let group_is_over = group.with(|group| group.as_ref().is_some_and(|group| group.activity_status.is_final()));
        let parts_are_over = children.with(|children| children.values().all(over));
        (!group_is_over || !parts_are_over).then(|| format!("activities/{id}/stream"))
    });
    let queue = StoredValue::new(Vec::<Activity>::new());
    let flush = move || {
        let Some(news) = queue.try_update_value(std::mem::take) else { return };
        let mut parts = Vec::new();
        for activity in news {
            if group.with_untracked(|group| group.as_ref().is_some_and(|group| group.id == activity.id)) {
                // One without parts is its own part.
                if !activity.is_group() {
                    parts.push(activity.clone());
                }
                group.try_set(Some(activity));
            } else {
                parts.push(activity);
            }
        }
        if !parts.is_empty() {
            children.try_update(|children| children.extend(parts.into_iter().map(|part| (part.id, part))));
        }
    };
    let state = use_events(
        move || open.get(),
        &["activity"],
        move |event| {
            let Ok(activity) = serde_json::from_str::<Activity>(&event.data) else { return };
            let first = queue.try_update_value(|queue| {
                queue.push(activity);
                queue.len() == 1
            });
            if first == Some(true) {
                set_timeout(flush, BATCH);
            }
        },
    );
    let heard = RwSignal::new(false);
    effect(move || {
        if state.get() == StreamState::Live {
            heard.set(true);
        }
    });
    Live { group, children, parent, load, state, heard }
}

/// Nothing more is heard of a part. One that was canceled while it ran still gets its result.
fn over(part: &Activity) -> bool {
    let delivered = part.single.as_ref().is_some_and(|single| single.delivery_time.is_some());
    let awaited = part.activity_status == ActivityStatus::Canceled && delivered && part.result_text.is_none();
    part.activity_status.is_final() && !awaited
}

async fn fetch(id: &str) -> Result<(Activity, Vec<Activity>), ApiError> {
    let activity: Activity = api::get(&format!("activities/{id}")).await?;
    if !activity.is_group() {
        return Ok((activity.clone(), vec![activity]));
    }
    let query = format!("parent-id:{}", activity.id);
    let mut parts: Vec<Activity> = Vec::new();
    loop {
        let (limit, offset) = (PAGE.to_string(), parts.len().to_string());
        let query = [("query", query.as_str()), ("sort", "id"), ("limit", &limit), ("offset", &offset)];
        let page: Envelope<Activity> = api::list("activities", &query).await?;
        let empty = page.results.is_empty();
        parts.extend(page.results);
        if empty || parts.len() as u64 >= page.count {
            return Ok((activity, parts));
        }
    }
}

/// What one looks for first comes first.
fn rank(status: ActivityStatus) -> u8 {
    match status {
        ActivityStatus::Failed => 0,
        ActivityStatus::Delivered => 1,
        ActivityStatus::Canceled => 3,
        ActivityStatus::Succeeded => 4,
        _ => 2,
    }
}

/// The computer's name, for a part that has one.
pub fn name(activity: &Activity) -> String {
    let computer = activity.single.as_ref().and_then(|single| single.computer.as_ref());
    computer.map_or_else(|| activity.summary.clone(), |computer| computer.title.clone())
}

impl Live {
    /// Ids of parts: failed ones first, then those that run, wait, are done.
    pub fn in_order(self, wanted: impl Fn(&Activity) -> bool) -> Vec<i64> {
        self.children.with(|children| {
            let mut parts: Vec<&Activity> = children.values().filter(|part| wanted(part)).collect();
            parts.sort_by_cached_key(|part| (rank(part.activity_status), name(part)));
            parts.into_iter().map(|part| part.id).collect()
        })
    }

    /// The part that one looks at first.
    pub fn first(self) -> Option<i64> {
        self.in_order(|_| true).first().copied()
    }

    /// A part, as it is now.
    pub fn child(self, id: i64) -> Option<Activity> {
        self.children.with(|children| children.get(&id).cloned())
    }

    /// How many parts have one of these statuses.
    pub fn count(self, wanted: impl Fn(ActivityStatus) -> bool) -> u64 {
        self.children.with(|children| {
            u64::try_from(children.values().filter(|part| wanted(part.activity_status)).count()).unwrap_or(u64::MAX)
        })
    }
}
