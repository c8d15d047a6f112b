//! Controls that one types in.

use std::time::Duration;

use binnacle_shared::time;
use leptos::prelude::*;
use serde_json::Value;

use super::controls::Control;
use crate::prefs::use_prefs;
use crate::zone;

/// Lets a field be judged some time after the last keystroke.
pub(super) fn judge_later(control: Control) -> impl FnMut(()) {
    debounce(Duration::from_millis(700), move |()| control.form.touch(control.field.name))
}

/// One line of text.
pub(super) fn text(control: Control, mono: bool) -> AnyView {
    let Control { form, field, fixed } = control;
    let mut later = judge_later(control);
    view! {
        <input id=control.id() class="input" class:mono=mono type="text" autocomplete="off" spellcheck=(!mono).to_string()
            autocapitalize="off" disabled=fixed
            aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
            prop:value=move || form.text(field.name)
            on:input:target=move |event| { form.set(field.name, Value::String(event.target().value())); later(()); }
            on:blur=move |_| form.left(field.name)/>
    }
    .into_any()
}

/// A secret, hidden while it is typed; the button shows it.
pub(super) fn password(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    let shown = RwSignal::new(false);
    let mut later = judge_later(control);
    let label = move || format!("{} {}", if shown.get() { "Hide" } else { "Show" }, field.label.to_lowercase());
    view! {
        <div class="input grouped" class:invalid=move || control.invalid()>
            <input id=control.id() type=move || if shown.get() { "text" } else { "password" } autocomplete="new-password"
                spellcheck="false" autocapitalize="off" disabled=fixed
                aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                prop:value=move || form.text(field.name)
                on:input:target=move |event| { form.set(field.name, Value::String(event.target().value())); later(()); }
                on:blur=move |_| form.left(field.name)/>
            <button type="button" class="link unit" aria-label=label on:click=move |_| shown.update(|shown| *shown = !*shown)>
                {move || if shown.get() { "Hide" } else { "Show" }}
            </button>
        </div>
    }
    .into_any()
}

/// Several lines.
pub(super) fn text_area(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    let mut later = judge_later(control);
    view! {
        <textarea id=control.id() class="input" rows="4" disabled=fixed
            aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
            prop:value=move || form.text(field.name)
            on:input:target=move |event| { form.set(field.name, Value::String(event.target().value())); later(()); }
            on:blur=move |_| form.left(field.name)></textarea>
    }
    .into_any()
}

/// A whole number with its unit. Text that is no number stays as it is, for the rules to refuse.
pub(super) fn number(control: Control, unit: &'static str, min: i64, max: i64) -> AnyView {
    let Control { form, field, fixed } = control;
    let mut later = judge_later(control);
    let read = |text: &str| {
        let text = text.trim();
        if text.is_empty() {
            return Value::Null;
        }
        text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from)
    };
    view! {
        <div class="input grouped" class:invalid=move || control.invalid()>
            <input id=control.id() type="text" inputmode="numeric" autocomplete="off" disabled=fixed
                title=format!("{min} to {max} {unit}")
                aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                prop:value=move || form.text(field.name)
                on:input:target=move |event| { form.set(field.name, read(&event.target().value())); later(()); }
                on:blur=move |_| form.left(field.name)/>
            <span class="unit">{unit}</span>
        </div>
    }
    .into_any()
}

/// On or off; its label stands beside it.
pub(super) fn switch(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    view! {
        <label class="check-line" style:margin="0">
            <input id=control.id() type="checkbox" disabled=fixed
                aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                prop:checked=move || form.get(field.name) == Value::Bool(true)
                on:change:target=move |event| { form.set(field.name, Value::Bool(event.target().checked())); form.touch(field.name); }/>
            {field.label}
        </label>
    }
    .into_any()
}

/// A time zone by its name; the browser proposes those that it knows.
pub(super) fn time_zone(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    let mut later = judge_later(control);
    let list = format!("{}-list", control.id());
    let names = zone::all().into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    view! {
        <input id=control.id() class="input" type="text" list=list.clone() autocomplete="off" spellcheck="false"
            autocapitalize="off" disabled=fixed
            aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
            prop:value=move || form.text(field.name)
            on:input:target=move |event| { form.set(field.name, Value::String(event.target().value())); later(()); }
            on:blur=move |_| form.left(field.name)/>
        <datalist id=list>{names}</datalist>
    }
    .into_any()
}

/// The last part of a zone's name, for where there is little room: "Berlin".
fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// A point in time, entered in the chosen zone and sent in UTC.
pub(super) fn date_time(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    let prefs = use_prefs();
    let shown = move || {
        let at = time::parse(&form.text(field.name)).ok()?;
        // "2026-11-21T09:00:00", which is also how the input has it.
        Some(prefs.zone.get().to_datetime(at).to_string())
    };
    let read = move |text: &str| {
        let at = time::civil(text).and_then(|local| prefs.zone.get_untracked().to_timestamp(local).ok());
        at.map_or(Value::Null, |at| Value::String(time::Seconds(at).to_string()))
    };
    view! {
        <div class="input grouped" class:invalid=move || control.invalid()>
            <input id=control.id() type="datetime-local" disabled=fixed
                aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                prop:value=move || shown().unwrap_or_default()
                on:change:target=move |event| form.set(field.name, read(&event.target().value()))
                on:blur=move |_| form.left(field.name)/>
            <span class="unit" title=move || prefs.zone_name.get()>{move || prefs.zone_name.with(|name| city(name))}</span>
        </div>
    }
    .into_any()
}
