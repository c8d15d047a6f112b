//! Controls that one chooses in.

use std::time::Duration;

use binnacle_shared::Kind;
use binnacle_shared::field::{Choice as Known, ReferenceBy};
use leptos::prelude::*;
use serde_json::Value;

use super::controls::Control;
use super::options::{self, Choice};
use super::state::as_text;
use crate::api::use_load;
use crate::icons::{Glyph, Icon};
use crate::react::memo;

/// A few large choices side by side.
pub(super) fn cards(control: Control, choices: &'static [Known]) -> AnyView {
    let Control { form, field, fixed } = control;
    let name = control.id();
    let cards = choices
        .iter()
        .map(|choice| {
            let name = name.clone();
            view! {
                <label>
                    <input type="radio" name=name value=choice.value disabled=fixed
                        prop:checked=move || form.text(field.name) == choice.value
                        on:change=move |_| { form.set(field.name, Value::String(choice.value.to_owned())); form.touch(field.name); }/>
                    <b>{choice.label}</b>
                    <span>{choice.help}</span>
                </label>
            }
        })
        .collect_view();
    view! { <div class="cards">{cards}</div> }.into_any()
}

/// A drop-down.
pub(super) fn select(control: Control, choices: &'static [Known]) -> AnyView {
    let options = choices
        .iter()
        .map(|choice| Choice {
            value: Value::String(choice.value.to_owned()),
            label: choice.label.to_owned(),
            detail: String::new(),
        })
        .collect();
    drop_down(control, Signal::stored(options))
}

fn drop_down(control: Control, choices: Signal<Vec<Choice>>) -> AnyView {
    let Control { form, field, fixed } = control;
    let options = move || {
        let present = form.text(field.name);
        let mut choices = choices.get();
        // What is stored is shown even before (or though) it is not among the choices.
        if !present.is_empty() && !choices.iter().any(|choice| as_text(&choice.value) == present) {
            choices.push(Choice { value: form.get(field.name), label: present.clone(), detail: String::new() });
        }
        let blank = present.is_empty().then(|| view! { <option value="" selected=true>"Choose…"</option> });
        let list = choices
            .into_iter()
            .map(|choice| {
                let value = as_text(&choice.value);
                let chosen = value == present;
                view! { <option value=value selected=chosen>{choice.label}</option> }
            })
            .collect_view();
        view! { {blank}{list} }
    };
    view! {
        <span class="select-box">
            <select id=control.id() class="input" disabled=fixed
                aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                on:change:target=move |event| {
                    let text = event.target().value();
                    let value = choices.with_untracked(|all| all.iter().find(|c| as_text(&c.value) == text).map(|c| c.value.clone()));
                    form.set(field.name, value.unwrap_or_default());
                    form.touch(field.name);
                }>
                {options}
            </select>
            <Icon glyph=Glyph::Down/>
        </span>
    }
    .into_any()
}

/// Another thing: a drop-down where there are few, a box to search in where there may be many.
pub(super) fn reference(control: Control, kind: Kind, by: ReferenceBy) -> AnyView {
    if kind == Kind::AccessGroup {
        let groups = use_load(|| Some(()), move |()| options::load(kind, by, ""));
        return drop_down(control, Signal::derive(move || groups.data.get().unwrap_or_default()));
    }
    combo(control, kind, by)
}

fn combo(control: Control, kind: Kind, by: ReferenceBy) -> AnyView {
    let Control { form, field, fixed } = control;
    let id = control.id();
    let list_id = format!("{id}-options");
    let open = RwSignal::new(false);
    let typed = RwSignal::new(None::<String>);
    let search = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let found = use_load(
        move || open.get().then(|| search.get()),
        move |text| async move { options::load(kind, by, &text).await },
    );
    // The name of what was chosen before the form was opened, or by the page.
    let chosen = use_load(
        move || Some(form.get(field.name)).filter(|value| !value.is_null()),
        move |value| async move { Ok(options::find(kind, by, &value).await) },
    );
    let choices = move || if open.get() { found.data.get().unwrap_or_default() } else { Vec::new() };
    let shown = move || match typed.get() {
        Some(text) => text,
        None if form.get(field.name).is_null() => String::new(),
        None => chosen.data.get().flatten().map(|choice| choice.label).unwrap_or_default(),
    };
    let close = move || {
        open.set(false);
        typed.set(None);
        search.set(String::new());
        active.set(0);
    };
    let take = move |choice: &Choice| {
        form.set(field.name, choice.value.clone());
        chosen.data.set(Some(Some(choice.clone())));
        close();
        form.touch(field.name);
    };
    let mut find = debounce(Duration::from_millis(180), move |text: String| {
        search.try_set(text);
    });
    let keydown = move |event: leptos::ev::KeyboardEvent| {
        let count = choices().len();
        match event.key().as_str() {
            "ArrowDown" if !open.get_untracked() => open.set(true),
            "ArrowDown" if count > 0 => active.update(|index| *index = (*index + 1) % count),
            "ArrowUp" if count > 0 => active.update(|index| *index = (*index + count - 1) % count),
            "Enter" if open.get_untracked() => {
                if let Some(choice) = choices().get(active.get_untracked()) {
                    take(choice);
                }
            }
            "Escape" if open.get_untracked() => {
                event.stop_propagation();
                close();
            }
            _ => return,
        }
        event.prevent_default();
    };
    let option_id = move |index: usize| format!("{}-option-{index}", control.id());
    let list = move || {
        let choices = choices();
        if choices.is_empty() {
            let words = if found.busy.get() { "Loading…" } else { "Nothing matches" };
            return view! { <div class="none">{words}</div> }.into_any();
        }
        let present = form.get(field.name);
        choices
            .into_iter()
            .enumerate()
            .map(|(index, choice)| {
                let selected = (choice.value == present).to_string();
                let (label, detail) = (choice.label.clone(), choice.detail.clone());
                view! {
                    <div role="option" id=option_id(index) aria-selected=selected
                        data-active=move || (active.get() == index).then_some("")
                        // Before the input loses its focus.
                        on:mousedown=move |event| { event.prevent_default(); take(&choice); }
                        on:mousemove=move |_| active.set(index)>
                        <span>{label}</span><span class="muted">{detail}</span>
                    </div>
                }
            })
            .collect_view()
            .into_any()
    };
    let label = field.label;
    let controls = list_id.clone();
    view! {
        <div class="combo">
            <input id=id class="input" type="text" role="combobox" autocomplete="off" spellcheck="false" disabled=fixed
                placeholder=format!("Search {}", kind.outline().plural.to_lowercase())
                aria-autocomplete="list" aria-controls=controls
                aria-expanded=move || open.get().to_string()
                aria-activedescendant=move || (open.get() && !choices().is_empty()).then(|| option_id(active.get()))
                aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                prop:value=shown
                on:click=move |_| open.set(true)
                on:input:target=move |event| {
                    let text = event.target().value();
                    open.set(true);
                    active.set(0);
                    typed.set(Some(text.clone()));
                    find(text);
                }
                on:keydown=keydown
                on:blur=move |_| { close(); form.left(field.name); }/>
            <Icon glyph=Glyph::Down/>
            <Show when=move || open.get()>
                <div class="options" role="listbox" id=list_id.clone() aria-label=label>{list}</div>
            </Show>
        </div>
    }
    .into_any()
}

/// Several of a few: a box to check for each.
pub(super) fn checks(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    let known = use_load(|| Some(()), |()| options::of_closed(field.name));
    let present = memo(move || match form.get(field.name) {
        Value::Array(items) => items,
        _ => Vec::new(),
    });
    let toggle = move |value: &Value| {
        let mut items = present.get_untracked();
        match items.iter().position(|item| item == value) {
            Some(index) => {
                items.remove(index);
            }
            None => items.push(value.clone()),
        }
        form.set(field.name, Value::Array(items));
        form.touch(field.name);
    };
    let lines = move || {
        let mut choices = known.data.get().unwrap_or_default();
        // What is stored and not offered can still be taken away.
        for value in untrack(|| present.get()) {
            if !choices.iter().any(|choice| choice.value == value) {
                choices.push(Choice { label: as_text(&value), value, detail: String::new() });
            }
        }
        choices
            .into_iter()
            .map(|choice| {
                let value = choice.value.clone();
                let on = move || present.with(|items| items.contains(&value));
                let value = choice.value;
                view! {
                    <label class="check-line">
                        <input type="checkbox" disabled=fixed prop:checked=on on:change=move |_| toggle(&value)/>
                        <span>{choice.label}" "<span class="muted">{choice.detail}</span></span>
                    </label>
                }
            })
            .collect_view()
    };
    let trouble = move || known.error.get().map(|error| view! { <p class="message">{error.message}</p> });
    view! { <div class="checks">{lines}{trouble}</div> }.into_any()
}

/// Tags: words with a button to take each away, and a box for the next.
pub(super) fn tags(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    let known = use_load(|| Some(()), |()| async { Ok(options::tags().await) });
    let typed = RwSignal::new(String::new());
    let present = memo(move || match form.get(field.name) {
        Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let put = move |tags: Vec<String>| {
        form.set(field.name, Value::Array(tags.into_iter().map(Value::String).collect()));
        form.touch(field.name);
    };
    let add = move || {
        let text = typed.get_untracked();
        let mut tags = present.get_untracked();
        for tag in text.split([',', ' ']).map(str::trim).filter(|tag| !tag.is_empty()) {
            if !tags.iter().any(|other| other == tag) {
                tags.push(tag.to_owned());
            }
        }
        typed.set(String::new());
        if !text.trim().is_empty() {
            put(tags);
        }
    };
    let remove = move |tag: &str| {
        let mut tags = present.get_untracked();
        tags.retain(|other| other != tag);
        put(tags);
        super::controls::focus_field(field);
    };
    let list_id = format!("{}-known", control.id());
    let offered = list_id.clone();
    let chips = move || {
        present
            .get()
            .into_iter()
            .map(|tag| {
                let label = format!("Remove tag {tag}");
                let gone = tag.clone();
                view! {
                    <span class="tag">
                        {tag}
                        <button type="button" aria-label=label disabled=fixed on:click=move |_| remove(&gone)>
                            <Icon glyph=Glyph::Cross/>
                        </button>
                    </span>
                }
            })
            .collect_view()
    };
    let suggestions = move || {
        let present = present.get();
        let all = known.data.get().unwrap_or_default();
        all.into_iter()
            .filter(|tag| !present.contains(tag))
            .map(|tag| view! { <option value=tag></option> })
            .collect_view()
    };
    view! {
        <div class="input grouped" class:invalid=move || control.invalid()>
            {chips}
            <input id=control.id() type="text" list=list_id autocomplete="off" autocapitalize="off" spellcheck="false" disabled=fixed
                placeholder=move || if present.with(Vec::is_empty) { "Add a tag" } else { "" }
                aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                prop:value=typed
                on:input:target=move |event| {
                    typed.set(event.target().value());
                    if typed.with_untracked(|text| text.ends_with([',', ' '])) { add(); }
                }
                on:keydown=move |event| match event.key().as_str() {
                    "Enter" if !typed.with_untracked(String::is_empty) => { event.prevent_default(); add(); }
                    "Backspace" if typed.with_untracked(String::is_empty) => {
                        if let Some(last) = present.get_untracked().last() { remove(last); }
                    }
                    _ => {}
                }
                on:blur=move |_| { add(); form.left(field.name); }/>
            <datalist id=offered>{suggestions}</datalist>
        </div>
    }
    .into_any()
}
