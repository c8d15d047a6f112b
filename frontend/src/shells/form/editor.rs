//! A small editor: a text area with line numbers, Tab for four blanks, Esc to get out of it.

use leptos::html;
use leptos::prelude::*;
use serde_json::Value;

use super::controls::Control;
use super::typed::judge_later;
use crate::react::memo;

pub(super) fn editor(control: Control) -> AnyView {
    let Control { form, field, fixed } = control;
    let area = NodeRef::<html::Textarea>::new();
    let gutter = NodeRef::<html::Pre>::new();
    // Tab leaves the editor after Esc, so that nobody is caught in it.
    let tab_leaves = StoredValue::new(false);
    let mut later = judge_later(control);
    let lines = memo(move || form.text(field.name).split('\n').count().max(1));
    let numbers = move || (1..=lines.get()).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
    let follow = move || {
        if let (Some(area), Some(gutter)) = (area.get_untracked(), gutter.get_untracked()) {
            gutter.set_scroll_top(area.scroll_top());
        }
    };
    let indent = move || {
        let Some(area) = area.get_untracked() else { return };
        let from = area.selection_start().ok().flatten().unwrap_or(0);
        let to = area.selection_end().ok().flatten().unwrap_or(from);
        if area.set_range_text("    ").is_ok() {
            let end = from + 4;
            let _ = area.set_selection_range(end, end.max(to.min(end)));
            form.set(field.name, Value::String(area.value()));
        }
    };
    view! {
        <div class="editor" class:invalid=move || control.invalid()>
            <pre node_ref=gutter aria-hidden="true">{numbers}</pre>
            <textarea node_ref=area id=control.id() disabled=fixed spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"
                aria-required=control.required() aria-invalid=move || control.aria_invalid() aria-describedby=control.described_by()
                prop:value=move || form.text(field.name)
                on:scroll=move |_| follow()
                on:keydown=move |event| match event.key().as_str() {
                    "Escape" => tab_leaves.set_value(true),
                    "Tab" if !event.shift_key() && !tab_leaves.get_value() => { event.prevent_default(); indent(); }
                    _ => {}
                }
                on:focus=move |_| tab_leaves.set_value(false)
                on:input:target=move |event| { form.set(field.name, Value::String(event.target().value())); later(()); }
                on:blur=move |_| form.left(field.name)></textarea>
        </div>
        <p class="help">"Tab indents; Esc, then Tab leaves the editor."</p>
    }
    .into_any()
}
