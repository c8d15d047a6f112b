//! The pages of kinds that are nothing but their fields: all drawn from their descriptors.

use binnacle_shared::Kind;
use binnacle_shared::field::{Column, Field};
use binnacle_shared::record::{Purpose, Record, read};
use binnacle_shared::registry::KindInfo;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value};

use crate::api::{self, use_load};
use crate::app::NotFound;
use crate::components::{Ask, Failed, SkeletonRows, use_confirm, use_toasts};
use crate::go::use_go;
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::memo;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::form::request::SameRequest;
use crate::shells::list::{draw, plain};
use crate::shells::{Bulk, Detail, Fact, Facts, FormPage, FormSpec, ListPage, ListSpec, use_form};

/// Shows a page of the kind in the address.
fn of_address(page: impl Fn(&'static KindInfo) -> AnyView + Copy + Send + Sync + 'static) -> impl IntoView {
    let params = use_params_map();
    let kind = memo(move || {
        let kind = Kind::from_path(&params.with(|params| params.get("kind")).unwrap_or_default());
        kind.filter(|kind| kind.record().is_some())
    });
    move || kind.get().and_then(Kind::record).map_or_else(|| view! { <NotFound/> }.into_any(), page)
}

/// `/saved-searches`
#[component]
pub fn RecordsPage() -> impl IntoView {
    of_address(|info| view! { <List info=info/> }.into_any())
}

/// `/saved-searches/create`
#[component]
pub fn CreateRecord() -> impl IntoView {
    of_address(|info| view! { <Create info=info/> }.into_any())
}

/// `/saved-searches/5`
#[component]
pub fn RecordPage() -> impl IntoView {
    of_address(|info| view! { <Loaded info=info page=one/> }.into_any())
}

/// `/saved-searches/5/edit`
#[component]
pub fn EditRecord() -> impl IntoView {
    of_address(|info| view! { <Loaded info=info page=edit/> }.into_any())
}

fn path_of(kind: Kind, id: i64) -> String {
    format!("{}/{id}", kind.outline().path)
}

fn title_of(info: &KindInfo, record: &Record) -> String {
    record.get(info.title()).map(plain).unwrap_or_default()
}

fn id_of(record: &Record) -> i64 {
    record.get("id").and_then(Value::as_i64).unwrap_or_default()
}

#[component]
fn List(info: &'static KindInfo) -> impl IntoView {
    let remove = Bulk::new("Remove", "Removing", "removed", "This cannot be undone.", move |id: String| async move {
        api::send(Method::DELETE, &format!("{}/{id}", info.path), &()).await.map(drop)
    });
    let spec =
        ListSpec::new(info).bulk(remove.danger()).create(format!("Create {}", info.singular), paths::create(info.kind));
    view! { <ListPage spec=spec/> }
}

/// The values that a form starts with: those of the thing, or nothing.
fn initial(info: &KindInfo, record: Option<&Record>) -> Value {
    let written = info.fields.iter().filter(|field| field.form.is_some());
    let value = |field: &Field| record.and_then(|record| record.get(field.name)).cloned().unwrap_or(Value::Null);
    Value::Object(written.map(|field| (field.name.to_owned(), value(field))).collect::<Map<_, _>>())
}

#[component]
fn Create(info: &'static KindInfo) -> impl IntoView {
    let kind = info.kind;
    let verb = format!("Create {}", info.singular);
    let form = use_form(
        FormSpec::new(
            kind,
            info.fields,
            None,
            initial(info, None),
            move |body| read(info, Purpose::Create, body).err().unwrap_or_default(),
            move |body| async move {
                let made: Record = api::post(info.path, &body).await?;
                Ok(paths::detail(kind, id_of(&made)))
            },
        )
        .verb(verb.clone()),
    );
    view! {
        <FormPage form=form crumb=(info.plural, paths::list(kind)) title=verb
            side=move || view! { <SameRequest form=form method="POST" path=info.path/> }/>
    }
}

/// Loads the thing of the address for a page.
#[component]
fn Loaded(info: &'static KindInfo, page: fn(&'static KindInfo, &Record) -> AnyView) -> impl IntoView {
    let params = use_params_map();
    let record = use_load(
        move || params.with(|params| params.get("id")),
        move |id| async move { api::get::<Record>(&format!("{}/{id}", info.path)).await },
    );
    move || match (record.data.get(), record.error.get()) {
        (Some(record), _) => page(info, &record),
        (None, Some(error)) => {
            let title = format!("The {} could not be loaded", info.singular);
            view! { <Failed page=true title=title error=error retry=move |()| record.reload()/> }.into_any()
        }
        (None, None) => record.slow.get().then(|| view! { <SkeletonRows rows=4/> }).into_any(),
    }
}

fn edit(info: &'static KindInfo, record: &Record) -> AnyView {
    let (id, kind) = (id_of(record), info.kind);
    let form = use_form(
        FormSpec::new(
            kind,
            info.fields,
            Some(id),
            initial(info, Some(record)),
            move |body| read(info, Purpose::Edit, body).err().unwrap_or_default(),
            move |body| async move {
                let _: Record = api::patch(&path_of(kind, id), &body).await?;
                Ok(paths::detail(kind, id))
            },
        )
        .verb(format!("Save {}", info.singular)),
    );
    let title = format!("Edit {}", title_of(info, record));
    view! {
        <FormPage form=form crumb=(info.plural, paths::list(kind)) title=title
            side=move || view! { <SameRequest form=form method="PATCH" path=path_of(kind, id)/> }/>
    }
    .into_any()
}

fn one(info: &'static KindInfo, record: &Record) -> AnyView {
    let (id, kind) = (id_of(record), info.kind);
    let title = title_of(info, record);
    let session = use_session();
    let manages = memo(move || session.may(info.manage));
    let remove = StoredValue::new(remover(kind, id, title.clone()));
    let facts = info
        .fields
        .iter()
        .filter(|field| field.list.column != Column::Title)
        .map(|field| Fact::new(field.label, draw(field.widget, record.get(field.name).unwrap_or(&Value::Null))))
        .collect::<Vec<_>>();
    let actions = move || {
        manages.get().then(|| {
            view! {
                <button type="button" class="btn danger" on:click=move |_| remove.with_value(|remove| remove.run(()))>
                    <Icon glyph=Glyph::Archive/>{format!("Remove {}", info.singular)}
                </button>
                <a class="btn primary" href=paths::edit(kind, id) aria-keyshortcuts="e">
                    <Icon glyph=Glyph::Edit/>{format!("Edit {}", info.singular)}
                </a>
            }
        })
    };
    view! {
        <Detail crumb=(info.plural, paths::list(kind)) title=title actions=actions>
            <div class="card"><Facts facts=facts/></div>
        </Detail>
    }
    .into_any()
}

fn remover(kind: Kind, id: i64, title: String) -> Callback<()> {
    let (confirm, toasts, go) = (use_confirm(), use_toasts(), use_go());
    let singular = kind.outline().singular;
    Callback::new(move |()| {
        let ask = Ask::new(
            format!("Remove {singular} “{title}”?"),
            "This cannot be undone.",
            format!("Remove {singular}"),
            move || {
                spawn_local(async move {
                    match api::send(Method::DELETE, &path_of(kind, id), &()).await {
                        Ok(_) => {
                            toasts.done("Removed");
                            go.to(&paths::list(kind));
                        }
                        Err(error) => toasts.failed("It was not removed", &error),
                    }
                });
            },
        );
        confirm.ask(ask.danger());
    })
}
