//! Filters, and the labels that they are mostly about.

use std::borrow::Cow;

use binnacle_shared::model::conductor::permission::Permission as P;
use schemars::JsonSchema;

use crate::api::conductor::answer::Items;
use crate::api::conductor::{filters, labels};
use crate::api::routes::{Route, delete, get, in_tenant, patch, put};
use crate::store::conductor::filter::{BlueprintFilter, DeploymentFilter};
use crate::store::conductor::label::Labels;
use crate::store::tables::{BlueprintLabel, DeploymentLabel};

pub fn filters() -> Vec<Route> {
    let mut rows = filters_of::<DeploymentFilter>();
    rows.extend(filters_of::<BlueprintFilter>());
    rows
}

fn filters_of<T: filters::Kept + JsonSchema>() -> Vec<Route> {
    let all: Cow<'static, str> = format!("/filters/{}", T::TARGET.name()).into();
    let one: Cow<'static, str> = format!("{all}/{{id}}").into();
    vec![
        get(all, in_tenant(P::FilterList), filters::index::<T>).about("Lists filters.").items_of::<T>(T::KIND),
        get(one.clone(), in_tenant(P::FilterGet), filters::read::<T>)
            .about("Gives a filter.")
            .answers::<T>(200)
            .includes(),
        put(one.clone(), in_tenant(P::FilterCreate), filters::create::<T>)
            .about("Makes a filter out of rules, all of which have to fit.")
            .takes::<filters::NewFilterBody>()
            .answers::<T>(200)
            .includes()
            .refuses(&[409]),
        patch(one.clone(), in_tenant(P::FilterUpdate), filters::update::<T>)
            .about("Changes a filter's rules, or who sees it.")
            .takes::<filters::FilterChangeBody>()
            .answers::<T>(200)
            .includes()
            .refuses(&[409]),
        delete(one, in_tenant(P::FilterDelete), filters::remove::<T>)
            .about("Removes a filter.")
            .answers_nothing(204)
            .refuses(&[400]),
    ]
}

pub fn labels() -> Vec<Route> {
    let mut rows = labels_of::<DeploymentLabel>("deployments");
    rows.extend(labels_of::<BlueprintLabel>("blueprints"));
    rows
}

fn labels_of<L: Labels>(of: &str) -> Vec<Route> {
    let paged = |route: Route| {
        route
            .query("_size", "At most so many.")
            .query("_offset", "Leaves out so many at the start.")
            .query("_search", "Keeps those that hold this text.")
            .query("_all_tenants", "Those of all tenants in which one may list labels.")
            .answers::<Items<String>>(200)
    };
    vec![
        paged(get(format!("/labels/{of}"), in_tenant(P::LabelsList), labels::keys::<L>))
            .about("Lists the keys of labels.")
            .query("_reserved", "Lists the keys that have a meaning for the server."),
        paged(get(format!("/labels/{of}/{{key}}"), in_tenant(P::LabelsList), labels::values::<L>))
            .about("Lists the values that a label has."),
    ]
}
