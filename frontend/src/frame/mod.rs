//! What stands around every page: top bar, navigation, command palette, keys.

mod account;
mod alerts;
pub mod keys;
mod nav;
mod palette;
mod panels;
mod tenancy;
mod top;

use leptos::prelude::*;
use leptos::{ev, html};

pub use nav::first_page;
pub use palette::Mode;
pub use tenancy::license_changed;

use crate::components::{Confirm, Toasts};
use crate::go::use_url;
use crate::react::effect;

/// What the parts of the frame share.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The command palette, if it is open, and what it offers.
    pub palette: RwSignal<Option<Mode>>,
    /// The list of keys is open.
    pub help: RwSignal<bool>,
    /// The navigation is open where it lies over the page.
    pub drawer: RwSignal<bool>,
    /// There are several tenants to work in.
    pub tenants: RwSignal<bool>,
}

/// Sets the window's title: the page first, then the product.
pub fn use_title(title: Signal<String>) {
    effect(move || document().set_title(&format!("{} · Binnacle", title.get())));
}

/// The frame, with a page in it.
#[component]
pub fn FrameView(children: Children) -> impl IntoView {
    let frame = Frame {
        palette: RwSignal::new(None),
        help: RwSignal::new(false),
        drawer: RwSignal::new(false),
        tenants: RwSignal::new(false),
    };
    keys::listen(frame);
    let url = use_url();
    let main = NodeRef::<html::Main>::new();
    // Another page: the drawer closes, and reading starts at the top of it.
    let mut before = None;
    effect(move || {
        let path = url.path();
        if before.as_ref().is_some_and(|before| *before != path) {
            frame.drawer.set(false);
            if let Some(main) = main.get_untracked() {
                main.set_scroll_top(0);
                let _ = main.focus();
            }
        }
        before = Some(path);
    });
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            frame.drawer.try_set(false);
        }
    });
    on_cleanup(move || escape.remove());
    view! {
        <a class="btn skip" href="#main" on:click=move |event| {
            event.prevent_default();
            if let Some(main) = main.get_untracked() {
                let _ = main.focus();
            }
        }>"Skip to the page"</a>
        <div class="app">
            <top::Top frame=frame/>
            <nav::Navigation frame=frame/>
            <main class="main" id="main" tabindex="-1" node_ref=main>{children()}</main>
        </div>
        <panels::Panels frame=frame/>
        <Confirm/>
        <Toasts/>
    }
}
