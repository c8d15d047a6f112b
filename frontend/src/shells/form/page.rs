//! A page that is a form: groups of fields, actions, and at the right what will happen.

use binnacle_shared::field::Field;
use leptos::prelude::*;

use super::controls::{FieldView, focus_field};
use super::request::same_request;
use super::state::Form;
use crate::components::{Note, Tone};
use crate::go::use_go;
use crate::react::memo;

/// Draws something below a field, by its name: a hint that only the page knows.
pub type Extra = Callback<&'static str, Option<AnyView>>;

/// The page of a form.
///
/// ```ignore
/// let form = use_form(FormSpec::new(Kind::Script, script::KIND.fields, None, json!({"time_limit": 300}),
///     |body| NewScript::parse(body).err().unwrap_or_default(),
///     |body| async move { … Ok(paths::detail(Kind::Script, id)) }).verb("Create script"));
/// view! {
///     <FormPage form=form crumb=("Scripts", paths::list(Kind::Script)) title="Create script"/>
/// }
/// ```
#[component]
pub fn FormPage(
    form: Form,
    /// Name and address of where it belongs.
    crumb: (&'static str, String),
    #[prop(into)] title: Signal<String>,
    /// What will happen; none leaves the form alone in its column.
    #[prop(optional, into)]
    side: Option<ViewFn>,
    /// Something below a field, by its name.
    #[prop(optional, into)]
    extra: Option<Extra>,
) -> impl IntoView {
    crate::frame::use_title(title);
    let go = use_go();
    let (verb, cancel) = form.spec.with_value(|spec| (spec.verb.clone(), spec.cancel.clone()));
    let sent = form.spec.with_value(|spec| spec.sent.clone());
    let alone = side.is_none() && sent.is_none();
    let sections = groups(form)
        .into_iter()
        .map(|(name, fields)| view! { <Group form=form name=name fields=fields extra=extra/> })
        .collect_view();
    view! {
        <div class="page">
            <nav class="crumb" aria-label="Breadcrumb"><a href=crumb.1>{crumb.0}</a></nav>
            <div class="head"><h1>{move || title.get()}</h1></div>
            <div class="form" class:alone=alone>
                <form novalidate=true
                    on:submit=move |event| { event.prevent_default(); form.send(focus_field); }
                    on:keydown=move |event| {
                        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                            event.prevent_default();
                            form.send(focus_field);
                        }
                    }>
                    <Show when=move || form.draft.found.get()>
                        <Note>
                            "This is your draft from before. "
                            <button type="button" class="link" on:click=move |_| form.reset()>"Discard draft"</button>
                        </Note>
                    </Show>
                    {sections}
                    <Trouble form=form/>
                    <div class="form-actions">
                        <button type="submit" class="btn primary" aria-disabled=move || form.busy.get().then_some("true")
                            disabled=move || form.busy.get()>{verb}</button>
                        <button type="button" class="btn" on:click={
                            let cancel = cancel.clone();
                            move |_| go.to(&cancel)
                        }>"Cancel"</button>
                        <span class="muted" role="status">
                            {move || (form.draft.kept.get() && form.dirty.get()).then_some("Draft saved")}
                        </span>
                    </div>
                </form>
                {(!alone).then(|| view! {
                    <aside class="form-side" aria-label="What will happen">
                        {side.map(|side| side.run())}
                        {sent.map(|sent| same_request(form, sent))}
                    </aside>
                })}
            </div>
        </div>
    }
}

/// Neighbouring fields with the same heading.
fn groups(form: Form) -> Vec<(&'static str, Vec<&'static Field>)> {
    let mut groups: Vec<(&'static str, Vec<&'static Field>)> = Vec::new();
    for field in form.fields() {
        let name = field.form.map_or("", |form| form.group);
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, fields)) => fields.push(field),
            None => groups.push((name, vec![field])),
        }
    }
    groups
}

#[component]
fn Group(form: Form, name: &'static str, fields: Vec<&'static Field>, extra: Option<Extra>) -> impl IntoView {
    let fields = fields
        .into_iter()
        .map(|field| {
            let applies = memo(move || form.applies(field));
            move || applies.get().then(|| view! { <FieldView form=form field=field extra=extra/> })
        })
        .collect_view();
    view! { <fieldset><legend>{name}</legend><div class="fields">{fields}</div></fieldset> }
}

/// What went wrong without a field to stand at.
#[component]
fn Trouble(form: Form) -> impl IntoView {
    let homeless = memo(move || form.homeless());
    view! {
        <div aria-live="assertive">
            {move || form.failure.get().map(|failure| {
                let request = failure.request_id.map(|id| view! { " "<code>"Request "{id}</code> });
                view! { <Note tone=Tone::Bad>{failure.message}{request}</Note> }
            })}
            {move || homeless.get().into_iter().map(|error| view! { <Note tone=Tone::Bad>{error.to_string()}</Note> }).collect_view()}
        </div>
    }
}
