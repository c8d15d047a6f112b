//! Notes by key: people and agents put them, queries find them.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::computer::{Computer, annotation_key};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::api::{Load, legacy};
use crate::components::use_toasts;
use crate::icons::{Glyph, Icon};
use crate::react::memo;

/// The annotations, each with a button that removes it, and a line for another.
#[component]
pub fn Annotations(computer: Load<Computer>, editable: Memo<bool>) -> impl IntoView {
    let toasts = use_toasts();
    let all: Memo<BTreeMap<String, String>> = memo(move || {
        computer.data.with(|computer| computer.as_ref().and_then(|c| c.annotations.clone()).unwrap_or_default())
    });
    let key = RwSignal::new(String::new());
    let value = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let change = move |action: &'static str, key_text: String, value_text: Option<String>| {
        let id = computer.data.with_untracked(|computer| computer.as_ref().map(|c| c.id)).unwrap_or_default();
        let query = format!("id:{id}");
        busy.set(true);
        spawn_local(async move {
            let mut pairs = vec![("query", query.as_str()), ("key", key_text.as_str())];
            pairs.extend(value_text.as_deref().map(|text| ("value", text)));
            match legacy::act::<Value>(action, &pairs).await {
                Ok(_) if value_text.is_some() => {
                    key.try_set(String::new());
                    value.try_set(String::new());
                }
                Ok(_) => {}
                Err(error) => toasts.failed("The annotations were not changed", &error),
            }
            busy.try_set(false);
            computer.reload();
        });
    };
    let add = move || match annotation_key(key.get_untracked()) {
        Ok(name) => {
            trouble.set(None);
            change("AddAnnotationToComputers", name, Some(value.get_untracked()));
        }
        Err(fault) => trouble.set(Some(fault.message)),
    };
    let lines = move || {
        let remove = move |key: String| change("RemoveAnnotationFromComputers", key, None);
        let line = move |(key, value): (String, String)| {
            let label = format!("Remove annotation {key}");
            let name = key.clone();
            let button = editable.get().then(|| view! {
                <button type="button" class="copy shown" aria-label=label.clone() title=label disabled=move || busy.get()
                    on:click=move |_| remove(name.clone())><Icon glyph=Glyph::Cross/></button>
            });
            view! { <dt><code>{key}</code></dt><dd class="row"><span class="grow">{value}</span>{button}</dd> }
        };
        let all = all.get();
        if all.is_empty() {
            return view! { <p class="muted">"None. An annotation is a key with a value, such as rack and B12; "<code>"annotation:rack"</code>" finds it."</p> }.into_any();
        }
        view! { <dl class="facts">{all.into_iter().map(line).collect_view()}</dl> }.into_any()
    };
    let form = move || {
        editable.get().then(|| view! {
            <form class="pair" on:submit=move |event| { event.prevent_default(); add(); }>
                <input class="input" type="text" aria-label="Key of the annotation" placeholder="Key" autocomplete="off" spellcheck="false"
                    aria-invalid=move || trouble.with(Option::is_some).then_some("true") aria-describedby="annotation-trouble"
                    prop:value=key on:input:target=move |event| key.set(event.target().value())/>
                <input class="input" type="text" aria-label="Value of the annotation" placeholder="Value" autocomplete="off"
                    prop:value=value on:input:target=move |event| value.set(event.target().value())/>
                <button type="submit" class="btn" disabled=move || busy.get()>"Add annotation"</button>
            </form>
            <div id="annotation-trouble" aria-live="polite">
                {move || trouble.get().map(|text| view! { <p class="message"><Icon glyph=Glyph::Warning/>{text}</p> })}
            </div>
        })
    };
    view! {
        <section class="card panel" aria-labelledby="annotations-title">
            <h2 id="annotations-title">"Annotations"</h2>
            {lines}
            {form}
        </section>
    }
}
