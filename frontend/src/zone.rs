//! Time zones from the browser's own data. A copy of the world's rules in the program would be a
//! tenth of its size, and older than the browser's.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Years before and after now whose changes of the clock are looked up.
const BACK: i64 = 12;
const AHEAD: i64 = 20;
/// Days between two looks; no zone changes its clock twice within that.
const STEP: i64 = 10;
const DAY: i64 = 86_400;
/// Present names of zones that some browsers list by their old ones only.
const RENAMED: &[&str] =
    &["America/Nuuk", "Asia/Ho_Chi_Minh", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Yangon", "Europe/Kyiv"];

/// The zone the browser runs in.
pub fn of_browser() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into())
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_else(|| "UTC".to_owned())
}

/// All zones the browser knows.
pub fn all() -> Vec<String> {
    let found = Reflect::get(&js_sys::global(), &"Intl".into())
        .and_then(|intl| Reflect::get(&intl, &"supportedValuesOf".into()))
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|list| list.call1(&JsValue::NULL, &"timeZone".into()))
        .and_then(JsCast::dyn_into::<Array>);
    match found {
        Ok(names) => {
            let mut names: Vec<String> = names.iter().filter_map(|name| name.as_string()).collect();
            names.extend(RENAMED.iter().map(|name| (*name).to_owned()));
            names.sort_unstable();
            names.dedup();
            names
        }
        // Browsers before 2022 cannot list them.
        Err(_) => vec![of_browser(), "UTC".to_owned()],
    }
}

/// The zone of a name, with its changes some years around `now`; none if the browser does not
/// know the name.
pub fn named(name: &str, now: Timestamp) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    let offset = Offsets::of(name)?;
    // In seconds: jiff's own sums may fail, and the text of all its errors would come along.
    let first = now.as_second() - BACK * 365 * DAY;
    let last = now.as_second() + AHEAD * 365 * DAY;
    let mut before = offset.at(first)?;
    let mut changes = vec![(first, before)];
    let mut seen = first;
    while seen < last {
        let next = seen + STEP * DAY;
        let after = offset.at(next)?;
        if after != before {
            changes.push((offset.change(seen, next, before)?, after));
            before = after;
        }
        seen = next;
    }
    TimeZone::tzif(name, &tzif(&changes)).ok()
}

/// The zone of a name, remembered: forms ask for it with each key that is pressed.
pub fn known(name: &str) -> Option<TimeZone> {
    thread_local! {
        static KNOWN: RefCell<BTreeMap<String, Option<TimeZone>>> = const { RefCell::new(BTreeMap::new()) };
    }
    if let Some(zone) = KNOWN.with_borrow(|known| known.get(name).cloned()) {
        return zone;
    }
    let zone = named(name, crate::clock::now());
    KNOWN.with_borrow_mut(|known| known.insert(name.to_owned(), zone.clone()));
    zone
}

/// Asks the browser for a zone's distance from UTC.
struct Offsets(Function);

impl Offsets {
    fn of(name: &str) -> Option<Self> {
        let options = Object::new();
        for (key, value) in [("timeZone", name), ("timeZoneName", "longOffset"), ("year", "numeric")] {
            Reflect::set(&options, &key.into(), &value.into()).ok()?;
        }
        // Not `DateTimeFormat::new`, which cannot say that the name is unknown.
        let class = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let class: Function = Reflect::get(&class, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
        let format = Reflect::construct(&class, &Array::of2(&"en".into(), &options)).ok()?;
        Some(Self(format.unchecked_into::<Intl::DateTimeFormat>().format()))
    }

    /// Seconds east of UTC.
    fn at(&self, second: i64) -> Option<i32> {
        #[expect(clippy::cast_precision_loss, reason = "a time, far below 2^53")]
        let date = Date::new(&JsValue::from_f64(second as f64 * 1000.0));
        let text = self.0.call1(&JsValue::NULL, &date).ok()?.as_string()?;
        // "2026 GMT+05:30", "2026 GMT".
        let text = text.rsplit_once("GMT")?.1;
        let Some(sign) = text.chars().next() else { return Some(0) };
        let mut parts = text.get(sign.len_utf8()..)?.split(':').map(|part| part.parse::<i32>().unwrap_or(0));
        let seconds = [3600, 60, 1].into_iter().map(|unit| unit * parts.next().unwrap_or(0)).sum::<i32>();
        Some(if sign == '+' { seconds } else { -seconds })
    }

    /// The second in which the clock changes, between one with the old offset and a later one.
    fn change(&self, mut old: i64, mut new: i64, offset: i32) -> Option<i64> {
        while new - old > 1 {
            let middle = i64::midpoint(old, new);
            if self.at(middle)? == offset {
                old = middle;
            } else {
                new = middle;
            }
        }
        Some(new)
    }
}

/// The changes as a TZif document (RFC 8536, version 2), which is what jiff reads.
fn tzif(changes: &[(i64, i32)]) -> Vec<u8> {
    let mut kinds = BTreeMap::new();
    for (_, offset) in changes {
        let next = kinds.len();
        kinds.entry(*offset).or_insert(next);
    }
    let mut order: Vec<(i32, usize)> = kinds.iter().map(|(offset, index)| (*offset, *index)).collect();
    order.sort_by_key(|(_, index)| *index);
    let header = |times: usize, types: usize, letters: usize| {
        let mut bytes = b"TZif2".to_vec();
        bytes.extend([0; 15]);
        for count in [0, 0, 0, times, types, letters] {
            bytes.extend(u32::try_from(count).unwrap_or(0).to_be_bytes());
        }
        bytes
    };
    // The block of the first version has to be there; one type and one letter is the least.
    let mut bytes = header(0, 1, 1);
    bytes.extend([0; 7]);
    bytes.extend(header(changes.len(), order.len(), 4));
    for (at, _) in changes {
        bytes.extend(at.to_be_bytes());
    }
    for (_, offset) in changes {
        bytes.push(kinds.get(offset).and_then(|index| u8::try_from(*index).ok()).unwrap_or(0));
    }
    for (offset, _) in &order {
        bytes.extend(offset.to_be_bytes());
        bytes.extend([0, 0]);
    }
    bytes.extend(b"LMT\0\n\n");
    bytes
}
