//! What the pages of this family share.

use std::future::Future;

use binnacle_shared::field::Field;
use binnacle_shared::registry::{Family, KindInfo, Need};
use binnacle_shared::{FieldError, Kind, Problems};
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value};

use crate::api::{ApiError, conductor, use_load};
use crate::components::dialog::Confirmer;
use crate::components::toast::Toaster;
use crate::components::{Ask, AskInput, Empty, Failed, SkeletonRows, use_confirm, use_toasts};
use crate::go::{Go, use_go};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::memo;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::list::draw;
use crate::shells::{Bulk, Fact, ListSpec};

/// Where the things of a kind are in the API.
pub fn path(kind: Kind) -> &'static str {
    match kind.outline().family {
        Family::Conductor { path, .. } => path,
        Family::Landscape => kind.outline().path,
    }
}

/// Where one thing is in the API.
pub fn path_of(kind: Kind, name: &str) -> String {
    format!("{}/{}", path(kind), paths::escape(name))
}

/// The page of one thing.
pub fn page_of(kind: Kind, name: &str) -> String {
    paths::detail(kind, paths::escape(name))
}

/// Whether the person holds a permission of this family, reactive.
pub fn may(permission: &'static str) -> bool {
    use_session().may(Need::Conductor(permission))
}

/// The list of a kind, as its descriptor has it.
pub fn list(info: &'static KindInfo) -> ListSpec {
    ListSpec::new(info).path(path(info.kind)).read(conductor::part)
}

/// Removes the chosen ones, for those who may.
pub fn with_removal(spec: ListSpec, kind: Kind, permission: &'static str, consequence: &'static str) -> ListSpec {
    if !untrack(|| may(permission)) {
        return spec;
    }
    let remove = Bulk::new("Remove", "Removing", "removed", consequence, move |name: String| async move {
        conductor::send(Method::DELETE, &path_of(kind, &name), &()).await.map(drop)
    });
    spec.bulk(remove.danger())
}

/// A text of a document, empty where there is none.
pub fn text(row: &Value, name: &str) -> String {
    row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A flag of a document.
pub fn flag(row: &Value, name: &str) -> bool {
    row.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// Those of a body's members that have these names and are something.
pub fn only(body: &Value, names: &[&str]) -> Value {
    let member = |name: &&str| Some(((*name).to_owned(), body.get(*name)?.clone()));
    Value::Object(names.iter().filter_map(member).filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

/// Judges the texts of a body by the rules of their descriptors.
pub fn judge(fields: &[Field], body: &Value, edits: bool) -> Problems {
    let mut problems = Problems::default();
    for field in fields {
        let Some(form) = field.form.filter(|form| form.editable || !edits) else { continue };
        let value = body.pointer(&field.pointer());
        let given = value.and_then(Value::as_str).unwrap_or_default();
        if form.required && value.is_none_or(|value| value.is_null() || value == "") {
            // What does not apply is not in the body, and is nobody's fault.
            if form.shown_when.is_none() {
                problems.push(FieldError::new(field.pointer(), "required", "Is required."));
            }
        } else if let Some(rule) = field.rule
            && !given.is_empty()
            && let Err(violation) = rule(given.to_owned())
        {
            problems.push(violation.at(field.pointer()));
        }
    }
    problems
}

/// The first fault in what was entered, with the name of its field.
pub fn first_fault(fields: &[Field], problems: &Problems) -> Option<String> {
    let fault = problems.0.first()?;
    let field = fields.iter().find(|field| field.pointer() == fault.pointer);
    Some(field.map_or_else(|| fault.message.clone(), |field| format!("{}: {}", field.label, fault.message)))
}

/// The facts of a thing: all fields of its descriptor but the one that names it.
pub fn facts(info: &'static KindInfo, row: &Value, without: &[&str]) -> Vec<Fact> {
    let shown =
        |field: &&Field| field.list.column != binnacle_shared::field::Column::Title && !without.contains(&field.name);
    let fact = |field: &'static Field| {
        Fact::new(field.label, draw(field.widget, row.pointer(&field.pointer()).unwrap_or(&Value::Null)))
    };
    info.fields.iter().filter(shown).map(fact).collect()
}

/// Says at its field that a name is taken: only the server knows that.
pub fn taken(pointer: &'static str) -> impl FnOnce(ApiError) -> ApiError {
    move |mut error| {
        if error.status == 409 && error.problems.is_empty() {
            let fault = FieldError::new(pointer, "duplicate", "Is taken; choose another, or change the one there is.");
            error.problems.push(fault);
        }
        error
    }
}

/// A page for those who hold a permission. Others are told what they need; no form is offered that
/// would be refused.
pub fn guarded<V: IntoAny>(need: &'static str, page: impl Fn() -> V + Send + Sync + 'static) -> AnyView {
    let holds = memo(move || may(need));
    let view = move || {
        if holds.get() {
            return page().into_any();
        }
        let text = format!("It needs the permission {need} in this tenant. Whoever manages the tenant can give it.");
        view! { <div class="page"><div class="card"><Empty glyph=Glyph::Shield title="This is not for you" text=text/></div></div> }
            .into_any()
    };
    view.into_any()
}

/// Loads the thing of the address for a page; the callback loads it again.
pub fn loaded(
    kind: Kind,
    query: &'static str,
    page: impl Fn(&Value, Callback<()>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let params = use_params_map();
    let load = use_load(
        move || params.with(|params| params.get("id")),
        move |name| async move { conductor::get::<Value>(&format!("{}{query}", path_of(kind, &name))).await },
    );
    let again = Callback::new(move |()| load.reload());
    let view = move || match (load.data.get(), load.error.get()) {
        (Some(row), None) => page(&row, again),
        (_, Some(error)) => {
            let title = format!("The {} could not be loaded", kind.outline().singular);
            view! { <Failed page=true title=title error=error retry=again/> }.into_any()
        }
        (None, None) => load.slow.get().then(|| view! { <SkeletonRows rows=4/> }).into_any(),
    };
    view.into_any()
}

/// What a page does things with. Made while the page is drawn.
#[derive(Clone, Copy)]
pub struct Hands {
    pub confirm: Confirmer,
    pub toasts: Toaster,
    pub go: Go,
}

pub fn hands() -> Hands {
    Hands { confirm: use_confirm(), toasts: use_toasts(), go: use_go() }
}

impl Hands {
    /// Does it, says so, and then goes on; what fails is said too.
    pub fn run<T>(
        self,
        work: impl Future<Output = Result<T, ApiError>> + 'static,
        done: impl Into<String> + 'static,
        failed: &'static str,
        then: Callback<()>,
    ) {
        spawn_local(async move {
            match work.await {
                Ok(_) => {
                    self.toasts.done(done);
                    then.try_run(());
                }
                Err(error) => self.toasts.failed(failed, &error),
            }
        });
    }

    /// Asks, then removes a thing and goes to the list. `exactly` has its name typed first.
    pub fn remove(self, kind: Kind, name: &str, consequence: &'static str, exactly: bool) -> Callback<()> {
        let name = name.to_owned();
        let singular = kind.outline().singular;
        // Made with the page: what is made in the dialog goes with that.
        let then = Callback::new(move |()| self.go.to(&paths::list(kind)));
        Callback::new(move |()| {
            let gone = name.clone();
            let yes = move || {
                let path = path_of(kind, &gone);
                let work = async move { conductor::send(Method::DELETE, &path, &()).await };
                self.run(work, format!("{} removed", capital(singular)), "It was not removed", then);
            };
            let ask = Ask::new(format!("Remove {singular} “{name}”?"), consequence, format!("Remove {singular}"), yes);
            let ask = if exactly { ask.input(AskInput::Exactly(name.clone())) } else { ask };
            self.confirm.ask(ask.danger());
        })
    }
}

/// With a capital letter at its beginning.
pub fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// The buttons that most details have, for those who may.
pub fn edit_and_remove(
    kind: Kind,
    name: &str,
    [edit, remove]: [&'static str; 2],
    removal: Callback<()>,
) -> impl Fn() -> AnyView + Send + Sync + 'static {
    let href = format!("{}/edit", page_of(kind, name));
    let singular = kind.outline().singular;
    move || {
        let href = href.clone();
        view! {
            {may(remove).then(|| view! {
                <button type="button" class="btn danger" on:click=move |_| removal.run(())>
                    <Icon glyph=Glyph::Cross/>{format!("Remove {singular}")}
                </button>
            })}
            {may(edit).then(|| view! {
                <a class="btn primary" href=href aria-keyshortcuts="e"><Icon glyph=Glyph::Edit/>{format!("Edit {singular}")}</a>
            })}
        }
        .into_any()
    }
}
