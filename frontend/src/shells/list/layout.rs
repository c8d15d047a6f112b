//! Which columns are on screen, in which order and how wide. What a person chooses is kept in
//! this browser; where there is no room for the standard ones, the least important give way.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::column::{Column, Priority};
use super::spec::ListSpec;
use crate::react::{effect, memo};
use crate::storage;

/// The check boxes' column.
pub(super) const CHECK: u32 = 40;
/// No column can be made narrower.
const NARROWEST: u32 = 64;
/// One step of the buttons that make a column wider or narrower.
pub(super) const STEP: u32 = 24;
/// Below this even what a person chose gives way: a telephone.
const TELEPHONE: u32 = 620;
/// What a title needs on a telephone.
const TITLE_LEAST: u32 = 132;

/// What fitting needs to know of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    name: &'static str,
    width: u32,
    priority: Priority,
    title: bool,
}

/// The columns of a list as this person wants them.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    key: StoredValue<String>,
    standard: StoredValue<Vec<&'static str>>,
    all: StoredValue<Vec<Place>>,
    /// Names of the columns that are wanted, in their order.
    pub wanted: RwSignal<Vec<&'static str>>,
    /// Widths that somebody set.
    pub widths: RwSignal<BTreeMap<&'static str, u32>>,
    /// Pixels there are; 0 until they were measured.
    pub room: RwSignal<u32>,
    /// What is on screen.
    pub shown: Memo<Vec<&'static str>>,
}

impl Layout {
    pub fn new(spec: &ListSpec) -> Self {
        let key = spec.memory();
        let known = |name: &str| spec.columns.iter().find(|column| column.name == name).map(|column| column.name);
        let standard: Vec<&'static str> = spec.columns.iter().filter(|c| c.shown).map(|c| c.name).collect();
        let chosen: Vec<&'static str> =
            storage::read(&format!("columns.{key}")).unwrap_or_default().split(',').filter_map(known).collect();
        let widths: BTreeMap<&'static str, u32> = storage::read(&format!("widths.{key}"))
            .unwrap_or_default()
            .split(',')
            .filter_map(|pair| pair.split_once(':'))
            .filter_map(|(name, width)| Some((known(name)?, width.parse().ok()?)))
            .collect();
        let all: Vec<Place> = spec
            .columns
            .iter()
            .map(|c| Place { name: c.name, width: c.width, priority: c.priority, title: c.title })
            .collect();
        let wanted = RwSignal::new(if chosen.is_empty() { standard.clone() } else { chosen });
        let widths = RwSignal::new(widths);
        let room = RwSignal::new(0);
        let (standard, all) = (StoredValue::new(standard), StoredValue::new(all));
        let shown = memo(move || {
            let room = room.get();
            let wanted = wanted.get();
            // What somebody chose stays, and the table scrolls sideways; on telephones it cannot.
            let own = standard.with_value(|standard| *standard != wanted);
            if room == 0 || (own && room >= TELEPHONE) {
                return wanted;
            }
            let places = all.with_value(|all| {
                let place = |name: &&'static str| all.iter().find(|place| place.name == *name).copied();
                wanted.iter().filter_map(place).collect::<Vec<_>>()
            });
            widths.with(|widths| fitting(places, widths, room))
        });
        let layout = Self { key: StoredValue::new(key), standard, all, wanted, widths, room, shown };
        layout.keep();
        layout
    }

    /// Remembers what is chosen from now on.
    fn keep(self) {
        let mut chosen = false;
        effect(move || {
            let names = self.wanted.get();
            let widths = self.widths.with(|widths| {
                widths.iter().map(|(name, width)| format!("{name}:{width}")).collect::<Vec<_>>().join(",")
            });
            // Only a change is a choice.
            if chosen {
                let standard = self.standard.with_value(|standard| *standard == names);
                self.write("columns", &if standard { String::new() } else { names.join(",") });
                self.write("widths", &widths);
            }
            chosen = true;
        });
    }

    fn write(self, what: &str, text: &str) {
        let name = self.key.with_value(|key| format!("{what}.{key}"));
        if text.is_empty() {
            storage::remove(&name);
        } else {
            storage::write(&name, text);
        }
    }

    /// Puts a column on screen or takes it away.
    pub fn toggle(self, name: &'static str) {
        self.wanted.update(|wanted| match wanted.iter().position(|other| *other == name) {
            Some(index) => {
                wanted.remove(index);
            }
            None => wanted.push(name),
        });
    }

    /// Moves a column to the left or the right. The first names the row and stays.
    pub fn shift(self, name: &'static str, right: bool) {
        self.wanted.update(|wanted| {
            let Some(index) = wanted.iter().position(|other| *other == name) else { return };
            let other = if right { index + 1 } else { index - usize::from(index > 0) };
            if index > 0 && other > 0 && other < wanted.len() {
                wanted.swap(index, other);
            }
        });
    }

    /// Takes names as they were kept with a view.
    pub fn take(self, names: &str) {
        let known: Vec<&'static str> = self.all.with_value(|all| {
            names.split(',').filter_map(|name| all.iter().find(|place| place.name == name)).map(|p| p.name).collect()
        });
        if !known.is_empty() && self.wanted.with_untracked(|wanted| *wanted != known) {
            self.wanted.set(known);
        }
    }

    /// The width of a column: set by somebody, or its own.
    pub fn width(self, column: &Column) -> u32 {
        self.widths.with(|widths| widths.get(column.name).copied()).unwrap_or(column.width)
    }

    pub fn set_width(self, name: &'static str, width: u32) {
        self.widths.update(|widths| {
            widths.insert(name, width.clamp(NARROWEST, 1200));
        });
    }

    /// As it was before anybody chose.
    pub fn reset(self) {
        self.widths.set(BTreeMap::new());
        self.wanted.set(self.standard.get_value());
    }
}

/// The columns there is room for: the least important give way first, of these the last.
fn fitting(mut places: Vec<Place>, widths: &BTreeMap<&'static str, u32>, room: u32) -> Vec<&'static str> {
    let need = |place: &Place| match widths.get(place.name) {
        Some(width) => *width,
        None if place.title && room < TELEPHONE => TITLE_LEAST,
        None => place.width,
    };
    while places.iter().map(need).sum::<u32>() + CHECK > room {
        let least = places.iter().filter(|place| !place.title).map(|place| place.priority).max();
        let Some(least) = least.filter(|priority| *priority != Priority::High) else { break };
        let Some(index) = places.iter().rposition(|place| !place.title && place.priority == least) else { break };
        places.remove(index);
    }
    places.into_iter().map(|place| place.name).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Place, Priority, fitting};

    fn places() -> Vec<Place> {
        let place = |name, width, priority, title| Place { name, width, priority, title };
        vec![
            place("title", 210, Priority::High, true),
            place("status", 148, Priority::High, false),
            place("host", 180, Priority::Low, false),
            place("tags", 190, Priority::Middle, false),
            place("group", 140, Priority::Low, false),
        ]
    }

    #[test]
    fn the_least_important_gives_way_and_of_these_the_last() {
        let none = BTreeMap::new();
        assert_eq!(fitting(places(), &none, 908), ["title", "status", "host", "tags", "group"]);
        assert_eq!(fitting(places(), &none, 907), ["title", "status", "host", "tags"]);
        assert_eq!(fitting(places(), &none, 700), ["title", "status", "tags"]);
        assert_eq!(fitting(places(), &none, 350), ["title", "status"]);
        assert_eq!(fitting(places(), &none, 100), ["title", "status"]);
    }

    #[test]
    fn a_width_that_somebody_set_counts() {
        let wide = BTreeMap::from([("title", 400)]);
        assert_eq!(fitting(places(), &wide, 908), ["title", "status", "tags"]);
    }
}
