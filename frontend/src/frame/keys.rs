//! Keys. What a key does is always something that is also on screen: `c` and `e` press the
//! element that names them in `aria-keyshortcuts`.

use std::time::Duration;

use binnacle_shared::Kind;
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{Frame, Mode};
use crate::components::dialog::follow;
use crate::go::use_go;
use crate::paths;
use crate::session::use_session;

/// The key, unless somebody is writing, a dialog is open, or a modifier is held.
pub fn plain_key(event: &KeyboardEvent) -> Option<String> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    if document().query_selector("dialog[open]").ok().flatten().is_some() {
        return None;
    }
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let writes = target.is_some_and(|element| {
        element
            .closest("input:not([type='checkbox']):not([type='radio']), textarea, select, [contenteditable='true']")
            .ok()
            .flatten()
            .is_some()
    });
    (!writes).then(|| event.key())
}

/// Presses the first element that names a key.
fn press(key: &str) -> bool {
    let found = document().query_selector(&format!("[aria-keyshortcuts~='{key}']")).ok().flatten();
    match found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        Some(element) => {
            // So that what it opens gives the focus back to it.
            let _ = element.focus();
            element.click();
            true
        }
        None => false,
    }
}

/// Listens for the keys that every page has.
pub(super) fn listen(frame: Frame) {
    let go = use_go();
    let session = use_session();
    // Which press of `g` a letter may follow; 0: none.
    let waiting = StoredValue::new(0_u32);
    let presses = StoredValue::new(0_u32);
    let listener = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            frame.palette.set(Some(Mode::Everything));
            return;
        }
        let Some(key) = plain_key(&event) else { return };
        if waiting.get_value() > 0 {
            waiting.set_value(0);
            let kind = Kind::ALL.iter().copied().find(|kind| {
                let info = kind.outline();
                let letter = info.nav.is_some_and(|nav| key == nav.key.to_string());
                letter && paths::has_page(*kind) && session.may(info.view)
            });
            if let Some(kind) = kind {
                event.prevent_default();
                go.to(&paths::list(kind));
                return;
            }
        }
        let taken = match key.as_str() {
            "?" => {
                frame.help.set(true);
                true
            }
            "/" => {
                frame.palette.set(Some(Mode::Everything));
                true
            }
            "g" => {
                presses.update_value(|presses| *presses = presses.wrapping_add(1).max(1));
                let mine = presses.get_value();
                waiting.set_value(mine);
                set_timeout(
                    move || {
                        if waiting.try_get_value() == Some(mine) {
                            waiting.set_value(0);
                        }
                    },
                    Duration::from_millis(1500),
                );
                true
            }
            "c" | "e" => press(&key),
            _ => false,
        };
        if taken {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// The list of keys.
#[component]
pub(super) fn Help(frame: Frame) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let session = use_session();
    follow(dialog, move || frame.help.get());
    let go_keys = move || {
        Kind::ALL
            .iter()
            .map(|kind| (kind, kind.outline()))
            .filter(|(kind, info)| paths::has_page(**kind) && session.may(info.view))
            .filter_map(|(_, info)| Some((info.nav?.key, info.plural)))
            .map(|(key, name)| view! { <li><span>{name}</span><span><kbd>"g"</kbd>" "<kbd>{key.to_string()}</kbd></span></li> })
            .collect_view()
    };
    let keys = [
        ("Search or run a command", &["/", "Ctrl K"][..]),
        ("Create", &["c"]),
        ("Edit", &["e"]),
        ("Next row", &["j"]),
        ("Row before", &["k"]),
        ("Select row", &["x"]),
        ("Select from the row before", &["Shift x"]),
        ("Open row", &["Enter"]),
        ("Send a form", &["Ctrl Enter"]),
        ("Close", &["Esc"]),
        ("This list", &["?"]),
    ];
    let lines = keys
        .into_iter()
        .map(|(name, keys)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
            view! { <li><span>{name}</span><span>{keys}</span></li> }
        })
        .collect_view();
    view! {
        <dialog class="wide" node_ref=dialog aria-labelledby="keys-title" on:close=move |_| frame.help.set(false)>
            <div class="dialog-body">
                <h2 id="keys-title">"Keys"</h2>
                <ul class="keys">{lines}{go_keys}</ul>
            </div>
            <form method="dialog" class="dialog-actions"><button class="btn">"Close"</button></form>
        </dialog>
    }
}
