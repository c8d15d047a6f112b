//! The endpoints of kinds that are nothing but their fields: five for each, made from the registry.

use axum::extract::State;
use binnacle_shared::Kind;
use binnacle_shared::record::Purpose;

use super::doc::{Body, Content};
use super::{Route, delete, get, manage, patch, post, view};
use crate::api::Api;
use crate::api::body::Body as RequestBody;
use crate::api::context::Context;
use crate::api::landscape::records;
use crate::api::query::{Ids, Query};

/// An area for each such kind.
pub fn areas() -> impl Iterator<Item = (&'static str, Vec<Route>)> {
    Kind::ALL.iter().filter(|kind| kind.info().storage.is_some()).map(|kind| (kind.info().plural, rows(*kind)))
}

fn rows(kind: Kind) -> Vec<Route> {
    let all = format!("/{}", kind.info().path);
    let one = format!("{all}/{{id}}");
    let list = move |State(api): State<Api>, context: Context, query: Query| records::list(api, context, kind, query);
    let create = move |State(api): State<Api>, context: Context, RequestBody(body): RequestBody| {
        records::create(api, context, kind, body)
    };
    let read = move |State(api): State<Api>, context: Context, Ids([id]): Ids<1>| records::read(api, context, kind, id);
    let edit = move |State(api): State<Api>, context: Context, Ids([id]): Ids<1>, RequestBody(body): RequestBody| {
        records::edit(api, context, kind, id, body)
    };
    let remove =
        move |State(api): State<Api>, context: Context, Ids([id]): Ids<1>| records::remove(api, context, kind, id);
    let one_of = kind.info().singular;
    let mut rows = vec![
        get(all.clone(), view(kind), list)
            .about(format!("Lists {}.", kind.info().plural.to_lowercase()))
            .answer(200, Content::Records(kind)),
        post(all, manage(kind), create)
            .about(format!("Makes a {one_of}."))
            .body(Body::Form(kind, Purpose::Create))
            .answer(201, Content::Record(kind))
            .refuses(&[409]),
        get(one.clone(), view(kind), read).about(format!("Reads a {one_of}.")).answer(200, Content::Record(kind)),
        patch(one.clone(), manage(kind), edit)
            .about(format!("Changes the fields of a {one_of} that are sent."))
            .body(Body::Form(kind, Purpose::Edit))
            .answer(200, Content::Record(kind))
            .refuses(&[409]),
        delete(one, manage(kind), remove).about(format!("Removes a {one_of}.")).answers_nothing(204),
    ];
    if let Some(list) = rows.first_mut() {
        list.doc.lists = Some(kind);
    }
    rows
}
