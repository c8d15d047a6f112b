//! The files that lie beside a running script: listed, fetched, added, removed.

use binnacle_shared::model::landscape::script::{ATTACHMENTS_MAX, ATTACHMENTS_SIZE_MAX, AttachmentRef, filename};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use wasm_bindgen_futures::JsFuture;

use crate::api::{client, legacy};
use crate::components::{Ask, Empty, save_bytes, use_confirm, use_toasts};
use crate::icons::{Glyph, Icon};
use crate::shells::list::grouped;

/// The attachments of a script.
#[component]
pub fn Files(id: i64, files: Vec<AttachmentRef>, editable: bool, reload: Callback<()>) -> impl IntoView {
    let full = files.len() >= ATTACHMENTS_MAX;
    let none = files.is_empty();
    let lines = files.into_iter().map(|file| line(id, &file, editable, reload)).collect_view();
    view! {
        <section class="card" aria-labelledby="files-title">
            <div class="card-bar top-edge">
                <h2 id="files-title"><b>"Attachments"</b></h2>
                <span class="grow">{format!("At most {ATTACHMENTS_MAX} files, {} KiB in all", grouped(ATTACHMENTS_SIZE_MAX / 1024))}</span>
                {(editable && !full).then(|| view! { <Add id=id reload=reload/> })}
            </div>
            {if none {
                view! { <Empty glyph=Glyph::Inbox title="No attachments" text="A file that is attached, such as a configuration or a key, is laid beside the script on every computer where it runs, in the folder that LANDSCAPE_ATTACHMENTS names."/> }.into_any()
            } else {
                view! { <ul class="rows">{lines}</ul> }.into_any()
            }}
        </section>
    }
}

fn line(id: i64, file: &AttachmentRef, editable: bool, reload: Callback<()>) -> impl IntoView + use<> {
    let (confirm, toasts) = (use_confirm(), use_toasts());
    let path = format!("scripts/{id}/attachments/{}", file.id);
    let saved_as = file.filename.clone();
    // By a request and not by a link: another server is told by token who asks.
    let download = move |_| {
        let (path, name) = (path.clone(), saved_as.clone());
        spawn_local(async move {
            match client::bytes(&path).await {
                Ok(bytes) => save_bytes(&name, &bytes),
                Err(error) => toasts.failed("The attachment could not be read", &error),
            }
        });
    };
    let name = file.filename.clone();
    let ask = move |_| {
        let name = name.clone();
        let title = format!("Remove the attachment “{name}”?");
        let ask = Ask::new(title, "Runs that start from now on do not have it.", "Remove attachment", move || {
            let name = name.clone();
            spawn_local(async move {
                let sent = [("script_id", id.to_string()), ("filename", name)].map(|(k, v)| (k.to_owned(), v));
                match legacy::act::<Value>("RemoveScriptAttachment", &legacy::borrow(&sent)).await {
                    Ok(_) => toasts.done("Attachment removed"),
                    Err(error) => toasts.failed("The attachment was not removed", &error),
                }
                reload.try_run(());
            });
        });
        confirm.ask(ask.danger());
    };
    let (fetch, remove) = (format!("Download {}", file.filename), format!("Remove {}", file.filename));
    view! {
        <li class="line">
            <code class="strong cut grow" title=file.filename.clone()>{file.filename.clone()}</code>
            <span class="end row">
                <button type="button" class="btn small" aria-label=fetch on:click=download><Icon glyph=Glyph::Download/>"Download"</button>
                {editable.then(|| view! { <button type="button" class="btn small danger" aria-label=remove on:click=ask>"Remove"</button> })}
            </span>
        </li>
    }
}

/// A button over the browser's own choice of files.
#[component]
fn Add(id: i64, reload: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let input = NodeRef::<html::Input>::new();
    let busy = RwSignal::new(false);
    let chosen = move |_| {
        let file = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(file) = file else { return };
        busy.set(true);
        spawn_local(async move {
            match add(id, &file).await {
                Ok(()) => toasts.done("Attachment added"),
                Err(error) => toasts.failed("The attachment was not added", &error),
            }
            if let Some(input) = input.try_get_untracked().flatten() {
                input.set_value("");
            }
            busy.try_set(false);
            reload.try_run(());
        });
    };
    view! {
        <label class="btn small file-button">
            <Icon glyph=Glyph::Plus/>"Add attachment"
            <input type="file" class="visually-hidden" node_ref=input disabled=move || busy.get() on:change=chosen/>
        </label>
    }
}

/// Sends a file as the legacy API takes it: its name, `$$`, its bytes in base64.
async fn add(id: i64, file: &web_sys::File) -> Result<(), crate::api::ApiError> {
    let refused = |message: &str| crate::api::ApiError::unreadable(0, message);
    let name = filename(file.name()).map_err(|fault| refused(&fault.message))?;
    let limit = u32::try_from(ATTACHMENTS_SIZE_MAX).unwrap_or(u32::MAX);
    if file.size() > f64::from(limit) {
        return Err(refused(&format!("It has more than {} KiB.", limit / 1024)));
    }
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| refused("The file could not be read."))?;
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    // The browser's `btoa` takes bytes written as characters.
    let characters: String = bytes.into_iter().map(char::from).collect();
    let encoded = window().btoa(&characters).map_err(|_| refused("The file could not be read."))?;
    let sent = [("script_id".to_owned(), id.to_string()), ("file".to_owned(), format!("{name}$${encoded}"))];
    legacy::act::<Value>("CreateScriptAttachment", &legacy::borrow(&sent)).await.map(drop)
}
