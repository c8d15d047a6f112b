//! Tags that are changed where they are shown: each change is saved at once.

use std::future::Future;

use binnacle_shared::rules;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{TagList, use_toasts};
use crate::api::ApiError;
use crate::icons::{Glyph, Icon};

/// Words with a button to take each away, and a box for the next.
#[component]
pub fn TagEditor<F>(
    /// The present tags.
    #[prop(into)]
    tags: Signal<Vec<String>>,
    /// Whether the person may change them.
    #[prop(into)]
    editable: Signal<bool>,
    /// Saves the whole set.
    save: impl Fn(Vec<String>) -> F + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    F: Future<Output = Result<(), ApiError>> + 'static,
{
    let toasts = use_toasts();
    let typed = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let put = move |next: Vec<String>| {
        busy.set(true);
        spawn_local(async move {
            match save(next).await {
                Ok(()) => {
                    typed.try_set(String::new());
                }
                Err(error) => match error.problems.0.first() {
                    Some(fault) => {
                        trouble.try_set(Some(fault.message.clone()));
                    }
                    None => toasts.failed("The tags were not changed", &error),
                },
            }
            busy.try_set(false);
        });
    };
    let add = move || match rules::tag(typed.get_untracked()) {
        Ok(tag) => {
            trouble.set(None);
            let mut next = tags.get_untracked();
            if !next.contains(&tag) {
                next.push(tag);
            }
            put(next);
        }
        Err(fault) => trouble.set(Some(fault.message)),
    };
    let chips = move || {
        tags.get()
            .into_iter()
            .map(|tag| {
                let label = format!("Remove tag {tag}");
                let gone = tag.clone();
                view! {
                    <span class="tag">
                        {tag}
                        <button type="button" aria-label=label.clone() title=label disabled=move || busy.get()
                            on:click=move |_| put(tags.get_untracked().into_iter().filter(|other| *other != gone).collect())>
                            <Icon glyph=Glyph::Cross/>
                        </button>
                    </span>
                }
            })
            .collect_view()
    };
    view! {
        <Show when=move || editable.get() fallback=move || view! { <TagList tags=tags.get()/> }>
            <form class="tag-editor" on:submit=move |event| { event.prevent_default(); add(); }>
                <div class="input grouped" class:invalid=move || trouble.get().is_some()>
                    {chips}
                    <input type="text" aria-label="Add a tag" placeholder="Add a tag" autocomplete="off" autocapitalize="off" spellcheck="false"
                        aria-describedby="tag-trouble" aria-invalid=move || trouble.get().is_some().then_some("true")
                        prop:value=typed
                        on:input:target=move |event| { typed.set(event.target().value()); trouble.set(None); }/>
                </div>
                <button type="submit" class="btn" disabled=move || busy.get() || typed.with(|text| text.trim().is_empty())>"Add tag"</button>
            </form>
            <div id="tag-trouble" aria-live="polite">
                {move || trouble.get().map(|text| view! { <p class="message"><Icon glyph=Glyph::Warning/>{text}</p> })}
            </div>
        </Show>
    }
}
