//! What stands above and below the lines of a log.

use std::time::Duration;

use leptos::prelude::*;

use super::Log;
use super::find::MATCHES_MAX;
use crate::components::{CopyButton, save};
use crate::icons::{Glyph, Icon};
use crate::react::memo;
use crate::shells::list::grouped;

#[component]
pub(super) fn Bar(log: Log, heading: ViewFn, file: Signal<String>) -> impl IntoView {
    let has_lines = memo(move || log.text.with(|text| !text.lines.is_empty()));
    view! {
        <div class="card-bar top-edge log-bar">
            <div class="log-heading">{move || heading.run()}</div>
            <Show when=move || has_lines.get()>
                <Search log=log/>
                <span class="log-tools">
                    <button type="button" class="copy" aria-label="Break long lines" title="Break long lines"
                        aria-pressed=move || log.wrap.get().to_string() on:click=move |_| log.wrap.update(|wrap| *wrap = !*wrap)>
                        <Icon glyph=Glyph::Wrap/>
                    </button>
                    <CopyButton text=Signal::derive(move || log.text.with(super::LogText::plain)) what="output"/>
                    <button type="button" class="copy" aria-label="Download output" title="Download output"
                        on:click=move |_| save(&file.get_untracked(), &log.text.with_untracked(super::LogText::plain))>
                        <Icon glyph=Glyph::Download/>
                    </button>
                </span>
            </Show>
        </div>
    }
}

#[component]
fn Search(log: Log) -> impl IntoView {
    let typed = RwSignal::new(log.search.get_untracked());
    let mut later = debounce(Duration::from_millis(150), move |text: String| {
        // The log may be gone by now.
        if log.search.try_get_untracked().is_some() {
            log.look_for(text);
        }
    });
    let count = memo(move || log.matches.with(Vec::len));
    let words = move || {
        if log.search.with(|text| text.trim().is_empty()) {
            return String::new();
        }
        match count.get() {
            0 => "No match".to_owned(),
            n => format!("{} of {}{}", log.present.get().min(n - 1) + 1, n, if n == MATCHES_MAX { "+" } else { "" }),
        }
    };
    let keydown = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            let text = typed.get_untracked();
            if log.search.with_untracked(|present| *present == text) {
                log.step(!event.shift_key());
            } else {
                log.look_for(text);
            }
        }
        "Escape" if typed.with_untracked(|text| !text.is_empty()) => {
            event.prevent_default();
            event.stop_propagation();
            typed.set(String::new());
            log.look_for(String::new());
        }
        _ => {}
    };
    let none = move || (count.get() == 0).then_some("true");
    view! {
        <div class="quick log-search" role="search">
            <Icon glyph=Glyph::Search/>
            <input type="search" aria-label="Search the output" placeholder="Search" autocomplete="off" spellcheck="false"
                prop:value=typed
                on:input:target=move |event| { let text = event.target().value(); typed.set(text.clone()); later(text); }
                on:keydown=keydown/>
            <span class="log-count muted" role="status">{words}</span>
            <button type="button" class="copy" aria-label="Previous match" title="Previous match (Shift Enter)" aria-disabled=none
                on:click=move |_| log.step(false)><Icon glyph=Glyph::Up/></button>
            <button type="button" class="copy" aria-label="Next match" title="Next match (Enter)" aria-disabled=none
                on:click=move |_| log.step(true)><Icon glyph=Glyph::Down/></button>
        </div>
    }
}

#[component]
pub(super) fn Foot(log: Log) -> impl IntoView {
    let words = move || {
        log.text.with(|text| {
            let many = |n: usize, one: &str| {
                format!("{} {one}{}", grouped(i64::try_from(n).unwrap_or(i64::MAX)), if n == 1 { "" } else { "s" })
            };
            let cut = if text.truncated {
                ", the rest was cut off"
            } else if log.live.get() {
                " so far"
            } else {
                ", nothing cut"
            };
            format!("{}, {}{cut}", many(text.lines.len(), "line"), many(text.bytes, "byte"))
        })
    };
    let button = move || {
        if !log.live.get() {
            return None;
        }
        Some(if log.follow.get() {
            view! { <span class="log-following"><span class="log-dot"></span>"Following"</span> }.into_any()
        } else {
            view! {
                <button type="button" class="btn small" on:click=move |_| log.follow.set(true)>
                    <Icon glyph=Glyph::Down/>"Follow"
                </button>
            }
            .into_any()
        })
    };
    view! { <div class="card-bar bottom-edge log-foot"><span>{words}</span><span class="grow"></span>{button}</div> }
}
