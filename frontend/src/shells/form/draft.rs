//! A draft: what was entered and not sent, kept in this browser for this person.

use std::time::Duration;

use leptos::prelude::*;
use serde_json::{Map, Value};

use super::state::FormSpec;
use crate::react::effect;
use crate::session::use_session;
use crate::{json, storage};

/// A form's draft.
#[derive(Clone, Copy)]
pub struct Draft {
    key: StoredValue<String>,
    /// There was one when the form was opened.
    pub found: RwSignal<bool>,
    /// What is on screen is kept.
    pub kept: RwSignal<bool>,
    over: StoredValue<bool>,
}

impl Draft {
    pub(super) fn of(spec: &FormSpec) -> Self {
        let secret = spec.memory.is_none();
        let what = spec.memory.as_deref().unwrap_or_default();
        let key = format!("draft.{}.{what}", use_session().storage_key());
        let found = !secret && storage::read(&key).is_some();
        Self {
            key: StoredValue::new(key),
            found: RwSignal::new(found),
            kept: RwSignal::new(found),
            over: StoredValue::new(secret),
        }
    }

    pub(super) fn restored(self) -> Option<Map<String, Value>> {
        if self.over.get_value() {
            return None;
        }
        let text = self.key.with_value(|key| storage::read(key))?;
        let values = serde_json::from_str(&text).ok();
        if values.is_none() {
            self.discard();
        }
        values
    }

    /// Keeps the values a moment after each change.
    pub(super) fn follow(self, values: RwSignal<Map<String, Value>>, dirty: Memo<bool>) {
        let mut keep = debounce(Duration::from_millis(300), move |()| self.keep(values, dirty));
        let mut changed = false;
        effect(move || {
            values.track();
            if changed {
                self.kept.set(false);
                keep(());
            }
            changed = true;
        });
        // What was typed in the last moment before one leaves is kept as well.
        on_cleanup(move || self.keep(values, dirty));
    }

    fn keep(self, values: RwSignal<Map<String, Value>>, dirty: Memo<bool>) {
        if self.over.try_get_value() != Some(false) {
            return;
        }
        if dirty.try_get_untracked() != Some(true) {
            self.key.try_with_value(|key| storage::remove(key));
            return;
        }
        let text = values.try_with_untracked(|values| json::text(&Value::Object(values.clone())));
        if let Some(text) = text {
            let kept = self.key.try_with_value(|key| storage::write(key, &text)) == Some(true);
            self.kept.try_set(kept);
        }
    }

    /// Forgets it; nothing is kept any more until the form is opened again.
    pub(super) fn discard(self) {
        self.key.try_with_value(|key| storage::remove(key));
        self.found.try_set(false);
        self.kept.try_set(false);
    }

    /// Forgets it for good: the form was sent or given up.
    pub(super) fn end(self) {
        self.over.try_set_value(true);
        self.discard();
    }
}
