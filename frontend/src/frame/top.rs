//! The top bar.

use leptos::prelude::*;

use super::{Frame, Mode, account, alerts, tenancy};
use crate::icons::{Glyph, Icon};
use crate::prefs::{Theme, use_prefs};
use crate::session::use_session;

#[component]
pub(super) fn Top(frame: Frame) -> impl IntoView {
    let prefs = use_prefs();
    let session = use_session();
    let account = move || {
        session.who().map(|who| {
            let title = who.accounts.iter().find(|a| a.name == who.current_account).map(|a| a.title.clone());
            let name = title.filter(|title| !title.is_empty()).unwrap_or(who.current_account);
            view! { <span class="field-button">"Account "<b>{name}</b></span> }
        })
    };
    let menu_name = move || if frame.drawer.get() { "Close navigation" } else { "Open navigation" };
    view! {
        <header class="top">
            <button type="button" class="btn quiet icon-only only-narrow" aria-label=menu_name
                aria-expanded=move || frame.drawer.get().to_string() aria-controls="navigation"
                on:click=move |_| frame.drawer.update(|open| *open = !*open)>
                <Icon glyph=Glyph::Menu/>
            </button>
            <a class="brand" href="/" aria-label="Binnacle, to the first page">
                <Icon glyph=Glyph::Binnacle/><span>"Binnacle"</span>
            </a>
            <Show when=move || !frame.tenants.get()>{account}</Show>
            <tenancy::Tenant frame=frame/>
            <button type="button" class="field-button find" aria-label="Search or run a command Ctrl K" aria-keyshortcuts="/ Control+K"
                on:click=move |_| frame.palette.set(Some(Mode::Everything))>
                <Icon glyph=Glyph::Search/><span>"Search or run a command"</span>" "<kbd>"Ctrl K"</kbd>
            </button>
            <span class="grow"></span>
            <button type="button" class="field-button" title="Change the time zone"
                aria-label=move || format!("Time zone {}, change", prefs.zone_name.get())
                on:click=move |_| frame.palette.set(Some(Mode::Zones))>
                <span class="zone-label">"Time zone "</span><b>{move || prefs.zone_name.get()}</b><Icon glyph=Glyph::Down/>
            </button>
            <tenancy::License/>
            <alerts::Alerts/>
            <ThemeSwitch/>
            <account::Account frame=frame/>
        </header>
    }
}

/// Goes through the themes, one a click.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let prefs = use_prefs();
    let next = move || {
        let present = prefs.theme.get();
        let index = Theme::ALL.iter().position(|theme| *theme == present).unwrap_or(0);
        Theme::ALL[(index + 1) % Theme::ALL.len()]
    };
    let label = move || format!("Theme: {}. Change to {}.", prefs.theme.get().label(), next().label());
    let glyph = move || match prefs.theme.get() {
        Theme::System => Glyph::Contrast,
        Theme::Light => Glyph::Sun,
        Theme::Dark => Glyph::Moon,
    };
    view! {
        <button type="button" class="btn quiet icon-only" aria-label=label title=label
            on:click=move |_| prefs.theme.set(untrack(next))>
            {move || view! { <Icon glyph=glyph()/> }}
        </button>
    }
}
