//! Server-sent events, as long as somebody looks.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent};

use super::client::BASE;
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
    /// Being opened, or opened again by the browser after a break.
    Connecting,
    /// Events arrive.
    Live,
}

/// A refused stream is asked for again after this: the server may be starting.
const AGAIN: Duration = Duration::from_secs(3);

/// A stream with what keeps its callbacks alive; closing it drops both.
struct Open {
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _state: Closure<dyn FnMut(Event)>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.source.set_onopen(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

/// Listens to `path` (without prefix) for events of the given names while `path` gives one;
/// closes when it gives `None`, another, or when the owner goes. The browser reconnects on its
/// own and sends `Last-Event-ID`; where it gives up, as on an error status, it is tried anew.
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
    let path = memo(path);
    let again = RwSignal::new(0_u32);
    effect(move || {
        again.track();
        open.set_value(None);
        let Some(path) = path.get() else {
            set_state.set(StreamState::Closed);
            return;
        };
        let Ok(source) = EventSource::new(&format!("{BASE}{path}")) else {
            set_state.set(StreamState::Closed);
            return;
        };
        set_state.set(StreamState::Connecting);
        let on_event = on_event.clone();
        let message = Closure::new(move |event: MessageEvent| {
            let kind = event.type_();
            let name = names.iter().find(|name| **name == kind);
            if let (Some(name), Some(data)) = (name, event.data().as_string()) {
                on_event(StreamEvent { name, data, id: event.last_event_id() });
            }
        });
        for name in names {
            let _ = source.add_event_listener_with_callback(name, message.as_ref().unchecked_ref());
        }
        let watched = source.clone();
        let changed = Closure::new(move |_: Event| {
            set_state.try_set(match watched.ready_state() {
                EventSource::OPEN => StreamState::Live,
                EventSource::CONNECTING => StreamState::Connecting,
                _ => {
                    let given_up = watched.clone();
                    set_timeout(
                        move || {
                            // Unless another has taken its place meanwhile.
                            let present =
                                open.try_with_value(|open| open.as_ref().is_some_and(|open| open.source == given_up));
                            if present == Some(true) {
                                again.try_update(|n| *n = n.wrapping_add(1));
                            }
                        },
                        AGAIN,
                    );
                    StreamState::Connecting
                }
            });
        });
        source.set_onopen(Some(changed.as_ref().unchecked_ref()));
        source.set_onerror(Some(changed.as_ref().unchecked_ref()));
        open.set_value(Some(Open { source, _message: message, _state: changed }));
    });
    on_cleanup(move || {
        open.try_set_value(None);
    });
    state
}
