//! Texts to take along.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::icons::{Glyph, Icon};

/// Puts a text into the clipboard; `done` is called once it is there.
pub fn copy_text(text: &str, done: impl FnOnce() + 'static) {
    let promise = window().navigator().clipboard().write_text(text);
    spawn_local(async move {
        if JsFuture::from(promise).await.is_ok() {
            done();
        }
    });
}

/// A button that copies a text and says so.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for the button's name: "Copy registration key".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let (done, set_done) = signal(false);
    let copy = move |_| {
        copy_text(&text.get_untracked(), move || {
            set_done.try_set(true);
            set_timeout(
                move || {
                    set_done.try_set(false);
                },
                Duration::from_millis(1500),
            );
        });
    };
    let mut name = what;
    name.insert_str(0, "Copy ");
    let label = move || if done.get() { "Copied".to_owned() } else { name.clone() };
    view! {
        <button type="button" class="copy" title=label.clone() aria-label=label on:click=copy>
            {move || view! { <Icon glyph=if done.get() { Glyph::Check } else { Glyph::Copy }/> }}
        </button>
    }
}

/// A command or request to copy as it stands.
#[component]
pub fn Sample(
    /// The heading, with the button at its right.
    title: &'static str,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <section class="card panel">
            <h2>{title}<CopyButton text=text what=title.to_lowercase()/></h2>
            <pre class="sample" tabindex="0">{move || text.get()}</pre>
        </section>
    }
}
