//! In which tenant one works, and whether the license still holds.

use jiff::Timestamp;
use leptos::prelude::*;
use serde_json::Value;

use super::{Frame, Mode};
use crate::api::{client, conductor, use_load};
use crate::clock;
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::{effect, memo};
use crate::session::use_session;

/// What a path of the Conductor API answers, for those who are in a tenant.
fn answer(path: &'static str) -> Signal<Option<Value>> {
    let session = use_session();
    let load = use_load(
        move || session.tenant(),
        move |_| async move { client::decode(&client::read(format!("{}{path}", client::CONDUCTOR)).await?) },
    );
    load.data.into()
}

/// The tenant, with a button that chooses another; nothing where there is only one.
#[component]
pub(super) fn Tenant(frame: Frame) -> impl IntoView {
    let session = use_session();
    let tenants = answer("tenants?_include=name&_size=1");
    effect(move || {
        let total = tenants.with(|found| found.as_ref()?.pointer("/metadata/pagination/total")?.as_u64());
        frame.tenants.set(total.is_some_and(|total| total > 1));
    });
    let name = move || session.tenant().unwrap_or_default();
    view! {
        <Show when=move || frame.tenants.get()>
            <button type="button" class="field-button tenant" title="Switch the tenant"
                aria-label=move || format!("Tenant {}, switch", name())
                on:click=move |_| frame.palette.set(Some(Mode::Tenants))>
                "Tenant "<b>{name}</b><Icon glyph=Glyph::Down/>
            </button>
        </Show>
    }
}

/// So long before its end it is said that a license ends.
const SOON_DAYS: i64 = 30;

thread_local! {
    /// Counts how often the license was changed here: what the frame says of it follows.
    static LICENSE_CHANGES: ArcRwSignal<u32> = ArcRwSignal::new(0);
}

/// Another license was uploaded, or it was removed.
pub fn license_changed() {
    LICENSE_CHANGES.with(|changes| changes.update(|count| *count = count.wrapping_add(1)));
}

/// What is to be said of a license's end, and whether it is over; nothing while that is far away.
/// Full days that are left, as somebody counts who looks at a calendar.
fn ending(end: Timestamp, now: Timestamp) -> Option<(String, bool)> {
    if end <= now {
        return Some(("License expired".to_owned(), true));
    }
    let words = match end.duration_since(now).as_hours() / 24 {
        0 => "License expires within a day".to_owned(),
        1 => "License expires in 1 day".to_owned(),
        days if days <= SOON_DAYS => format!("License expires in {days} days"),
        _ => return None,
    };
    Some((words, false))
}

/// Says that the license expires soon, or that it has.
#[component]
pub(super) fn License() -> impl IntoView {
    let session = use_session();
    let changes = LICENSE_CHANGES.with(Clone::clone);
    let load = use_load(
        move || session.tenant().map(|tenant| (tenant, changes.get())),
        |_| async { conductor::get::<Value>("license").await },
    );
    let now = clock::use_now();
    let said = memo(move || {
        let end = load.data.with(|found| {
            let end = found.as_ref()?.pointer("/items/0/expiration_date")?.as_str()?;
            binnacle_shared::time::parse(end).ok()
        });
        ending(end?, now.get())
    });
    move || {
        said.get().map(|(words, over)| {
            view! {
                <a class="btn quiet license" class:expired=over href=paths::LICENSE title=words.clone()>
                    <Icon glyph=Glyph::Warning/><span>{words.clone()}</span>
                </a>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn the_end_of_a_license_is_said_in_time() {
        let said = |end: &str| ending(end.parse().unwrap(), "2026-11-22T12:00:00Z".parse().unwrap());
        assert_eq!(said("2026-12-23T00:00:00Z").map(|(words, _)| words).as_deref(), Some("License expires in 30 days"));
        assert_eq!(said("2026-12-23T12:00:00Z"), None);
        assert_eq!(said("2026-11-23T12:00:00Z"), Some(("License expires in 1 day".to_owned(), false)));
        assert_eq!(said("2026-11-23T11:00:00Z"), Some(("License expires within a day".to_owned(), false)));
        assert_eq!(said("2026-11-22T12:00:00Z"), Some(("License expired".to_owned(), true)));
    }
}
