//! Who is signed in, and what is theirs.

use leptos::html;
use leptos::prelude::*;

use super::{Frame, Mode};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::session::use_session;

/// The avatar and its menu. The browser's popover closes by itself and gives the focus back.
#[component]
pub(super) fn Account(frame: Frame) -> impl IntoView {
    let session = use_session();
    let menu = NodeRef::<html::Div>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            let _ = menu.hide_popover();
        }
    };
    let name = move || session.who().map(|who| who.name).unwrap_or_default();
    let email = move || session.who().map(|who| who.email).unwrap_or_default();
    let label = move || format!("Account of {}, {}", name(), initials(&name()));
    view! {
        <button type="button" class="avatar" popovertarget="account-menu" aria-label=label title=name>
            {move || initials(&name())}
        </button>
        <div id="account-menu" class="menu" popover="auto" node_ref=menu>
            <div class="menu-head"><div class="strong">{name}</div><div class="muted">{email}</div></div>
            <a href=paths::ACCOUNT on:click=move |_| close()><Icon glyph=Glyph::Key/>"Sessions and access keys"</a>
            <Show when=move || frame.tenants.get()>
                <button type="button" class="in-menu-narrow" on:click=move |_| { close(); frame.palette.set(Some(Mode::Tenants)); }>
                    <Icon glyph=Glyph::Tenant/>"Switch the tenant"
                </button>
            </Show>
            <button type="button" class="in-menu-narrow" on:click=move |_| { close(); frame.palette.set(Some(Mode::Zones)); }>
                <Icon glyph=Glyph::Globe/>"Change the time zone"
            </button>
            <button type="button" on:click=move |_| { close(); frame.help.set(true); }>
                <Icon glyph=Glyph::Keyboard/>"Keys"
            </button>
            <button type="button" on:click=move |_| { close(); session.sign_out(); }>
                <Icon glyph=Glyph::SignOut/>"Sign out"
            </button>
        </div>
    }
}

/// Two letters of a name.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let letters: String = match (first, words.next_back()) {
        (Some(first), Some(last)) => [first, last].into_iter().collect(),
        _ => name.chars().take(2).collect(),
    };
    letters.to_uppercase()
}
