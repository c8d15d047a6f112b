//! Sites: where on earth deployments run.

use binnacle_shared::Kind;
use binnacle_shared::field::Field;
use binnacle_shared::model::conductor::site::{self, Location};
use binnacle_shared::{Problems, field};
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::common::{
    edit_and_remove, facts, guarded, hands, judge, list, loaded, only, page_of, path_of, taken, text, with_removal,
};
use super::world::{Place, World};
use crate::api::{conductor, use_load};
use crate::paths;
use crate::shells::list::Rows;
use crate::shells::{Detail, Facts, FormPage, FormSpec, ListPage, Sent, use_form};

const KIND: Kind = Kind::Site;
const REMOVED: &str = "Deployments that run there have no site any more. This cannot be undone.";

/// What can be changed: the name as well.
const EDITED: &[Field] = &[
    Field::new("name", "Name", field::Widget::Mono)
        .help("Begins with a letter; letters, digits, -, ., _ and ~ follow.")
        .rule(binnacle_shared::model::conductor::fields::name)
        .form(field::FormUse::required("Site")),
    Field::new("location", "Location", field::Widget::Text)
        .help("Latitude and longitude in degrees, such as 52.52, 13.405; empty takes it away.")
        .form(field::FormUse::optional("Site")),
    Field::new(
        "visibility",
        "Visibility",
        field::Widget::Select(binnacle_shared::model::conductor::fields::VISIBILITIES),
    )
    .help("It can be widened and never narrowed.")
    .form(field::FormUse::optional("Site")),
];

/// `/sites`
#[component]
pub fn SitesPage() -> impl IntoView {
    let rows = RwSignal::new(None::<Rows>);
    let places = use_load(
        // The map follows the list when that was loaded anew.
        move || Some(rows.get().map(|rows| rows.total.get())),
        |_| async {
            let query = [("_include", "name,latitude,longitude"), ("_sort", "name"), ("_size", "1000")];
            conductor::list(super::common::path(KIND), &query).await.map(|found| places(&found.results))
        },
    );
    let listed = list(&site::KIND);
    let spec = with_removal(listed, KIND, "site_delete", REMOVED).create("Create site", paths::create(KIND));
    let above = move || {
        let places = places.data.get().unwrap_or_default();
        (!places.is_empty()).then(|| view! { <div class="above"><World places=places/></div> })
    };
    view! { <ListPage spec=spec above=above handle=rows/> }
}

/// Those of the sites that say where they are.
fn places(rows: &[Value]) -> Vec<Place> {
    let place = |row: &Value| {
        let number = |name: &str| row.get(name).and_then(Value::as_f64);
        let name = text(row, "name");
        Some(Place { href: page_of(KIND, &name), name, latitude: number("latitude")?, longitude: number("longitude")? })
    };
    rows.iter().filter_map(place).collect()
}

fn rules(fields: &'static [Field], edits: bool) -> impl Fn(&Value) -> Problems {
    move |body| {
        let mut problems = judge(fields, body, edits);
        let location = text(body, "location");
        if !location.trim().is_empty()
            && !problems.0.iter().any(|fault| fault.pointer == "/location")
            && let Err(violation) = Location::parse(&location)
        {
            problems.push(violation.at("/location"));
        }
        problems
    }
}

/// `/sites/create`
#[component]
pub fn CreateSite() -> impl IntoView {
    guarded("site_create", || {
        let sent = |body: &Value| (path_of(KIND, &text(body, "name")), only(body, &["location", "visibility"]));
        let spec = FormSpec::named(
            KIND,
            site::KIND.fields,
            None,
            json!({ "visibility": "tenant" }),
            rules(site::KIND.fields, false),
            move |body| async move {
                let (path, sent) = sent(&body);
                let made = conductor::change(Method::PUT, &path, &sent).await.map_err(taken("/name"))?;
                Ok(page_of(KIND, &text(&made, "name")))
            },
        )
        .sent(Sent::conductor("PUT", sent))
        .verb("Create site");
        let form = use_form(spec);
        let side = move || view! { <Where location=Signal::derive(move || form.text("location"))/> };
        view! { <FormPage form=form crumb=(KIND.outline().plural, paths::list(KIND)) title="Create site" side=side/> }
    })
}

/// `/sites/berlin/edit`
#[component]
pub fn EditSite() -> impl IntoView {
    guarded("site_update", || {
        loaded(KIND, "", |site, _| {
            let name = text(site, "name");
            let before = name.clone();
            let sent = move |body: &Value| {
                let mut sent = only(body, &["location", "visibility"]);
                let new = text(body, "name");
                if new != before {
                    sent["new_name"] = json!(new);
                }
                (path_of(KIND, &before), sent)
            };
            let send = sent.clone();
            let spec =
                FormSpec::named(KIND, EDITED, Some(name.clone()), site.clone(), rules(EDITED, true), move |body| {
                    let (path, sent) = send(&body);
                    async move {
                        let changed = conductor::change(Method::POST, &path, &sent).await.map_err(taken("/name"))?;
                        Ok(page_of(KIND, &text(&changed, "name")))
                    }
                })
                .sent(Sent::conductor("POST", sent))
                .verb("Save site");
            let form = use_form(spec);
            let side = move || view! { <Where location=Signal::derive(move || form.text("location"))/> };
            view! {
            <FormPage form=form crumb=(KIND.outline().plural, paths::list(KIND)) title=format!("Edit {name}") side=side/>
        }
        .into_any()
        })
    })
}

/// The place that was entered, on the map.
#[component]
fn Where(location: Signal<String>) -> impl IntoView {
    let point = crate::react::memo(move || Location::parse(&location.get()).ok());
    move || {
        let Location { latitude, longitude } = point.get()?;
        let place = Place { href: String::new(), name: "This site".to_owned(), latitude, longitude };
        Some(view! { <World places=vec![place]/> })
    }
}

/// `/sites/berlin`
#[component]
pub fn SitePage() -> impl IntoView {
    loaded(KIND, "", |site, _| {
        let name = text(site, "name");
        let removal = hands().remove(KIND, &name, REMOVED, false);
        let actions = edit_and_remove(KIND, &name, ["site_update", "site_delete"], removal);
        let facts = facts(&site::KIND, site, &["location"]);
        let mut places = places(std::slice::from_ref(site));
        for place in &mut places {
            place.href = String::new();
        }
        let nowhere = places.is_empty();
        view! {
            <Detail crumb=(KIND.outline().plural, paths::list(KIND)) title=name actions=actions>
                <div class="columns">
                    <section class="card" aria-label="Facts"><Facts facts=facts/></section>
                    <section aria-label="Where it is">
                        {if nowhere {
                            view! { <p class="card panel muted">"It does not say where it is."</p> }.into_any()
                        } else {
                            view! { <World places=places/> }.into_any()
                        }}
                    </section>
                </div>
            </Detail>
        }
        .into_any()
    })
}
