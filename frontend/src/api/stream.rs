//! Server-sent events, as long as somebody looks. Not by the browser's `EventSource`, which sends no
//! token to another server.

use std::time::Duration;

use gloo_net::http::RequestBuilder;
use js_sys::{Reflect, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, TextDecodeOptions, TextDecoder};

use super::client::{BASE, as_person};
use super::server;
use super::sse::Parser;
use crate::react::{effect, memo};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    /// `activity`, `output`, …
    pub name: &'static str,
    /// JSON text.
    pub data: String,
    /// For telling twice-sent events apart.
    pub id: String,
}

/// Whether news arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// Nobody asked for it, or it was closed.
    Closed,
    /// Being opened, or opened again after a break.
    Connecting,
    /// Events arrive.
    Live,
}

/// A stream that broke or was refused is asked for again after this: the server may be starting.
const AGAIN: Duration = Duration::from_secs(3);

/// Ends the request when it is dropped.
struct Open(AbortController);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens to `path` (without prefix, or whole from its first slash) for events of the given names while `path` gives one;
/// closes when it gives `None`, another, or when the owner goes. A stream that ends is opened
/// again with `Last-Event-ID`.
///
/// ```ignore
/// let state = use_events(
///     move || Some(format!("activities/{}/stream", id.get())),
///     &["activity", "output"],
///     move |event| match event.name { "output" => …, _ => … },
/// );
/// ```
pub fn use_events(
    path: impl Fn() -> Option<String> + Send + Sync + 'static,
    names: &'static [&'static str],
    on_event: impl Fn(StreamEvent) + Clone + 'static,
) -> ReadSignal<StreamState> {
    let (state, set_state) = signal(StreamState::Closed);
    let open: StoredValue<Option<Open>, LocalStorage> = StoredValue::new_local(None);
    // Of which stream, and where it stopped.
    let seen = StoredValue::new((String::new(), String::new()));
    let path = memo(path);
    let again = RwSignal::new(0_u32);
    effect(move || {
        again.track();
        open.set_value(None);
        let (Some(path), Ok(controller)) = (path.get(), AbortController::new()) else {
            set_state.set(StreamState::Closed);
            return;
        };
        set_state.set(StreamState::Connecting);
        let signal = controller.signal();
        open.set_value(Some(Open(controller)));
        let last = seen.with_value(|(of, last)| if *of == path { last.clone() } else { String::new() });
        let on_event = on_event.clone();
        spawn_local(async move {
            let live = || {
                set_state.try_set(StreamState::Live);
            };
            let _ = listen(&path, &last, &signal, live, |event, data, id| {
                seen.try_set_value((path.clone(), id.clone()));
                if let Some(name) = names.iter().find(|name| **name == event) {
                    on_event(StreamEvent { name, data, id });
                }
            })
            .await;
            // Unless another has taken its place, or nobody looks any more.
            if !signal.aborted() {
                set_state.try_set(StreamState::Connecting);
                set_timeout(
                    move || {
                        if !signal.aborted() {
                            again.try_update(|n| *n = n.wrapping_add(1));
                        }
                    },
                    AGAIN,
                );
            }
        });
    });
    on_cleanup(move || {
        open.try_set_value(None);
    });
    state
}

/// Reads one stream to its end.
async fn listen(
    path: &str,
    last: &str,
    signal: &AbortSignal,
    live: impl Fn(),
    mut on_event: impl FnMut(String, String, String),
) -> Result<(), JsValue> {
    let failed = |_| JsValue::UNDEFINED;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{BASE}{path}") };
    let mut request =
        RequestBuilder::new(&server::address(&path)).header("Accept", "text/event-stream").abort_signal(Some(signal));
    if !last.is_empty() {
        request = request.header("Last-Event-ID", last);
    }
    let response = as_person(request).build().map_err(failed)?.send().await.map_err(failed)?;
    let body = response.body().filter(|_| response.ok()).ok_or(JsValue::UNDEFINED)?;
    live();
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let decoder = TextDecoder::new()?;
    let options = TextDecodeOptions::new();
    options.set_stream(true);
    let mut parser = Parser::default();
    loop {
        let part = JsFuture::from(reader.read()).await?;
        if Reflect::get(&part, &"done".into())?.is_truthy() {
            return Ok(());
        }
        let bytes: Uint8Array = Reflect::get(&part, &"value".into())?.unchecked_into();
        let text = decoder.decode_with_buffer_source_and_options(&bytes, &options)?;
        for (event, data, id) in parser.push(&text) {
            if signal.aborted() {
                return Ok(());
            }
            on_event(event, data, id);
        }
    }
}
