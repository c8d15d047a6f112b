//! A field: label, control, help, message.

use binnacle_shared::field::{Field, Widget};
use binnacle_shared::recurrence::Cron;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::page::Extra;
use super::state::Form;
use super::{choose, editor, options, typed};
use crate::icons::{Glyph, Icon};
use crate::react::memo;

/// What every control needs: the form, the field, its ids.
#[derive(Clone, Copy)]
pub(super) struct Control {
    pub form: Form,
    pub field: &'static Field,
    /// Cannot be changed any more.
    pub fixed: bool,
}

impl Control {
    pub fn id(self) -> String {
        format!("field-{}", self.field.name.replace('/', "-"))
    }

    pub fn invalid(self) -> bool {
        self.form.error(self.field).is_some()
    }

    pub fn aria_invalid(self) -> Option<&'static str> {
        self.invalid().then_some("true")
    }

    pub fn described_by(self) -> String {
        format!("{0}-help {0}-error", self.id())
    }

    pub fn required(self) -> Option<&'static str> {
        self.field.form.is_some_and(|form| form.required).then_some("true")
    }
}

/// Puts the focus on a field's control.
pub(super) fn focus_field(field: &'static Field) {
    let id = format!("field-{}", field.name.replace('/', "-"));
    let found = document().query_selector(&format!("#{id}, [data-field='{id}'] input")).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// A field with everything around it.
#[component]
pub(super) fn FieldView(form: Form, field: &'static Field, extra: Option<Extra>) -> impl IntoView {
    let Some(usage) = field.form else { return ().into_any() };
    let custom = form.spec.with_value(|spec| spec.custom.filter(|(name, _)| *name == field.name));
    if let Some((_, draw)) = custom {
        return draw(form);
    }
    let control = Control { form, field, fixed: form.is_edit() && !usage.editable };
    let id = control.id();
    let label = move || {
        view! { {field.label}{(!usage.required && !matches!(field.widget, Widget::Switch)).then(|| view! { " "<span class="optional">"optional"</span> })} }
    };
    // Several inputs under one name are a group; one input has a label.
    let body = match field.widget {
        Widget::Cards(choices) => view! {
            <fieldset data-field=id.clone() aria-describedby=control.described_by()>
                <legend>{label()}</legend>
                {choose::cards(control, choices)}
            </fieldset>
        }
        .into_any(),
        Widget::Tags if options::closed(field.name) => view! {
            <fieldset data-field=id.clone() aria-describedby=control.described_by()>
                <legend>{label()}</legend>
                {choose::checks(control)}
            </fieldset>
        }
        .into_any(),
        Widget::Switch => typed::switch(control),
        _ => view! { <label for=id.clone()>{label()}</label>{input(control)} }.into_any(),
    };
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    view! {
        <div class="field" class:half=usage.half>
            {body}
            <div id=help_id>
                {(!field.help.is_empty()).then(|| view! { <p class="help">{field.help}</p> })}
                {matches!(field.widget, Widget::Cron).then(|| view! { <CronWords form=form field=field/> })}
                {extra.and_then(|extra| extra.run(field.name))}
            </div>
            <div id=error_id aria-live="polite">
                {move || form.error(field).map(|error| view! {
                    <p class="message"><Icon glyph=Glyph::Warning/>{error.message}</p>
                })}
            </div>
        </div>
    }
    .into_any()
}

fn input(control: Control) -> AnyView {
    match control.field.widget {
        Widget::Password => typed::password(control),
        Widget::TextArea => typed::text_area(control),
        Widget::Code => editor::editor(control),
        Widget::Number { unit, min, max } => typed::number(control, unit, min, max),
        Widget::Tags => choose::tags(control),
        Widget::Reference { kind, by } => choose::reference(control, kind, by),
        Widget::Select(choices) => choose::select(control, choices),
        Widget::DateTime => typed::date_time(control),
        Widget::TimeZone => typed::time_zone(control),
        Widget::Mono | Widget::Cron => typed::text(control, true),
        _ => typed::text(control, false),
    }
}

/// A cron expression in words, while it is one, with the zone that a field beside it names.
#[component]
fn CronWords(form: Form, field: &'static Field) -> impl IntoView {
    let beside =
        field.name.rsplit_once('/').map_or("time_zone".to_owned(), |(parent, _)| format!("{parent}/time_zone"));
    let words = memo(move || Cron::parse(&form.text(field.name)).ok().map(|cron| cron.describe()));
    let zone =
        memo(move || Some(form.text(&beside)).filter(|name| !name.is_empty()).unwrap_or_else(|| "UTC".to_owned()));
    move || words.get().map(|words| view! { <p class="help">{words}" ("{zone.get()}")"</p> })
}
