//! Short messages about what was done; errors of fields stand at their fields instead.

use std::time::Duration;

use leptos::prelude::*;

use super::Tone;
use crate::api::ApiError;
use crate::icons::{Glyph, Icon};

#[derive(Clone, Debug)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
}

/// Shows messages; get it with [`use_toasts`].
#[derive(Clone, Copy, Debug)]
pub struct Toaster {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

/// Called once by the application.
pub fn provide_toasts() {
    provide_context(Toaster { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) });
}

/// The messages that the application shows.
pub fn use_toasts() -> Toaster {
    use_context().unwrap_or_else(|| Toaster { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) })
}

impl Toaster {
    /// Something was done: "Profile archived".
    pub fn done(self, text: impl Into<String>) {
        self.push(Tone::Ok, text.into(), Some(5));
    }

    /// Something failed; stays until it is closed.
    pub fn failed(self, what: &str, error: &ApiError) {
        let request = error.request_id.as_ref().map(|id| format!(" (request {id})"));
        self.push(Tone::Bad, format!("{what}: {}{}", error.message, request.unwrap_or_default()), None);
    }

    fn push(self, tone: Tone, text: String, seconds: Option<u64>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.list.update(|list| list.push(Toast { id, tone, text }));
        if let Some(seconds) = seconds {
            set_timeout(move || self.close(id), Duration::from_secs(seconds));
        }
    }

    fn close(self, id: u32) {
        self.list.try_update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Where the messages stand.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toaster.list.get() key=|toast| toast.id let:toast>
                <div class="toast" data-tone=toast.tone.name()>
                    <Icon glyph=if toast.tone == Tone::Ok { Glyph::Check } else { Glyph::Warning }/>
                    <span class="grow">{toast.text}</span>
                    <button type="button" class="copy" aria-label="Close message" on:click=move |_| toaster.close(toast.id)>
                        <Icon glyph=Glyph::Cross/>
                    </button>
                </div>
            </For>
        </div>
    }
}
