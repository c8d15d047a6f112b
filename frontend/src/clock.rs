//! The browser's clock: the only place of the console that asks what time it is.

use gloo_timers::callback::Interval;
use jiff::Timestamp;
use leptos::prelude::*;

/// The time now, in milliseconds as browsers know it.
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks")]
    let milliseconds = js_sys::Date::now() as i64;
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Now, moving on every ten seconds: what relative times in lists follow.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub ReadSignal<Timestamp>);

/// Starts the shared clock; called once by the application.
pub fn provide_now() {
    provide_context(Now(ticking(10_000)));
}

/// The shared clock.
pub fn use_now() -> ReadSignal<Timestamp> {
    use_context::<Now>().map_or_else(|| ticking(10_000), |now| now.0)
}

/// A clock of one's own, for what is watched closely; stops when its owner goes.
pub fn ticking(milliseconds: u32) -> ReadSignal<Timestamp> {
    let (read, write) = signal(now());
    let interval = StoredValue::new_local(Some(Interval::new(milliseconds, move || {
        write.try_set(now());
    })));
    on_cleanup(move || {
        interval.try_update_value(Option::take);
    });
    read
}
