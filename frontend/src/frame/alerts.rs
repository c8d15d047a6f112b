//! What wants to be looked at, wherever one is.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::alert::{AlertSummary, AlertType, AlertsSummary};
use gloo_timers::callback::Interval;
use leptos::prelude::*;

use crate::api::{self, use_load};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::session::use_session;

/// Milliseconds between two looks.
const AGAIN: u32 = 60_000;

/// A bell with the number of alerts; its menu says what they are.
#[component]
pub(super) fn Alerts() -> impl IntoView {
    let session = use_session();
    let summary = use_load(
        move || session.may(Kind::Computer.info().view).then_some(()),
        |()| async { api::get::<AlertsSummary>("alerts/summary").await },
    );
    let watch = StoredValue::new_local(Some(Interval::new(AGAIN, move || {
        if !document().hidden() {
            summary.reload();
        }
    })));
    on_cleanup(move || {
        watch.try_update_value(Option::take);
    });
    let list = move || summary.data.with(|found| found.as_ref().map(|f| f.alerts_summary.clone()).unwrap_or_default());
    let label = move || match list().len() {
        1 => "1 alert".to_owned(),
        n => format!("{n} alerts"),
    };
    let lines = move || list().into_iter().map(line).collect_view();
    view! {
        <Show when=move || !list().is_empty()>
            <button type="button" class="btn quiet alerts" popovertarget="alerts-menu" aria-label=label title=label>
                <Icon glyph=Glyph::Bell/>{move || list().len()}
            </button>
            <div id="alerts-menu" class="menu" popover="auto"><div class="menu-head strong">"Alerts"</div>{lines}</div>
        </Show>
    }
}

fn line(alert: AlertSummary) -> AnyView {
    let computers = paths::list(Kind::Computer);
    let href = match alert.alert_type.word() {
        _ if alert.alert_type == AlertType::PendingComputersAlert => Some(computers),
        Some(word) => Some(paths::with_query(&computers, &[("query", &format!("alert:{word}"))])),
        None => None,
    };
    match href {
        Some(href) => view! { <a href=href><Icon glyph=Glyph::Warning/>{alert.summary}</a> }.into_any(),
        None => view! { <p class="menu-line"><Icon glyph=Glyph::Warning/>{alert.summary}</p> }.into_any(),
    }
}
