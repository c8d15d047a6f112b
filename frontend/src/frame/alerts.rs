//! What wants to be looked at, wherever one is.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::alert::{AlertSummary, AlertType, AlertsSummary};
use binnacle_shared::permission::Permission;
use gloo_net::http::Method;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, use_load};
use crate::components::use_toasts;
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
        move || session.may(Kind::Computer.outline().view).then_some(()),
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
    let toasts = use_toasts();
    let dismiss = Callback::new(move |id: i64| {
        spawn_local(async move {
            if let Err(error) = api::send(Method::POST, &format!("alerts/{id}/dismiss"), &()).await {
                toasts.failed("The alert was not dismissed", &error);
            }
            summary.reload();
        });
    });
    let dismisses = move || session.may(Permission::ManageAccount);
    let lines = move || list().into_iter().map(|alert| line(alert, dismisses().then_some(dismiss))).collect_view();
    view! {
        <Show when=move || !list().is_empty()>
            <button type="button" class="btn quiet alerts" popovertarget="alerts-menu" aria-label=label title=label>
                <Icon glyph=Glyph::Bell/>{move || list().len()}
            </button>
            <div id="alerts-menu" class="menu" popover="auto"><div class="menu-head strong">"Alerts"</div>{lines}</div>
        </Show>
    }
}

fn line(alert: AlertSummary, dismiss: Option<Callback<i64>>) -> AnyView {
    let computers = paths::list(Kind::Computer);
    let href = match alert.alert_type.word() {
        _ if alert.alert_type == AlertType::PendingComputersAlert => Some(computers),
        Some(word) => Some(paths::with_query(&computers, &[("query", &format!("alert:{word}"))])),
        None => None,
    };
    let label = format!("Dismiss: {}", alert.summary);
    let id = alert.id;
    let dismiss = dismiss.map(|dismiss| view! {
        <button type="button" class="copy" aria-label=label title="Dismiss until there is something new" on:click=move |_| dismiss.run(id)>
            <Icon glyph=Glyph::Cross/>
        </button>
    });
    let words = match href {
        Some(href) => view! { <a class="grow" href=href><Icon glyph=Glyph::Warning/>{alert.summary}</a> }.into_any(),
        None => view! { <p class="menu-line grow"><Icon glyph=Glyph::Warning/>{alert.summary}</p> }.into_any(),
    };
    view! { <div class="alert-line">{words}{dismiss}</div> }.into_any()
}
