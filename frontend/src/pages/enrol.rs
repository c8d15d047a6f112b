//! How to enrol a computer: the exact command, with the registration key for those who may see it.

use binnacle_shared::permission::Permission;
use leptos::prelude::*;
use serde_json::Value;

use crate::api::{self, use_load};
use crate::components::{CopyButton, Failed, Note, Sample, SkeletonRows};
use crate::react::memo;
use crate::session::use_session;

/// The content of the dialog.
#[component]
pub fn Enrol() -> impl IntoView {
    let session = use_session();
    let may = memo(move || session.may(Permission::ManageAccount));
    let preferences = use_load(move || may.get().then_some(()), |()| async { api::get::<Value>("preferences").await });
    let key = memo(move || {
        preferences.data.with(|preferences| {
            let key = preferences.as_ref()?.get("registration_password")?.as_str()?;
            Some(key.to_owned()).filter(|key| !key.is_empty())
        })
    });
    let tags = RwSignal::new(String::new());
    let command = Signal::derive(move || {
        let origin = api::server::origin();
        let account = session.who().map(|who| who.current_account).unwrap_or_default();
        let key = key.get().map(|key| format!(" \\\n  --registration-key {}", quoted(&key)));
        let list: Vec<String> =
            tags.with(|tags| tags.split([',', ' ']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect());
        let tags = (!list.is_empty()).then(|| format!(" \\\n  --tags {}", quoted(&list.join(","))));
        format!(
            "binnacle agent --server {origin} --account {}{}{}",
            quoted(&account),
            key.unwrap_or_default(),
            tags.unwrap_or_default()
        )
    });
    let body = move || {
        if may.get() && preferences.data.with(Option::is_none) {
            return match preferences.error.get() {
                Some(error) => view! { <Failed title="The registration key could not be read" error=error retry=move |()| preferences.reload()/> }.into_any(),
                None => preferences.slow.get().then(|| view! { <SkeletonRows rows=2/> }).into_any(),
            };
        }
        let about_key = match key.get() {
            Some(key) => {
                let copied = key.clone();
                view! { <p>"Registration key: "<code>{key}</code>" "<CopyButton text=copied what="registration key"/></p> }.into_any()
            }
            None => view! {
                <Note>"Without a registration key the computer waits here until somebody accepts it."</Note>
            }
            .into_any(),
        };
        view! {
            <div class="field">
                <label for="enrol-tags">"Tags "<span class="optional">"optional"</span></label>
                <input id="enrol-tags" class="input" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder="web, berlin" prop:value=tags on:input:target=move |event| tags.set(event.target().value())/>
            </div>
            <Sample title="Command" text=command/>
            {about_key}
        }
        .into_any()
    };
    view! {
        <div class="dialog-body">
            <h2 id="enrol-title">"Enrol a computer"</h2>
            <p>"Put the binnacle program on the computer and run this as root. The computer appears in the list as soon as its agent has reached this server."</p>
            {body}
        </div>
        <form method="dialog" class="dialog-actions"><button class="btn">"Close"</button></form>
    }
}

/// A word of a command line, quoted where a shell would split or read it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
