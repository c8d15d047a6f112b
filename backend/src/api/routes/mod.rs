//! The one table of the v2 API: which method and path, who may ask, who answers, and what the
//! API description says of it. The router, the description and the tests that walk every
//! endpoint are made from it. A file here for each area, a row for each endpoint.

mod activities;
mod administration;
mod alerts;
mod computers;
pub mod conductor;
mod description;
pub mod doc;
mod elsewhere;
mod records;
mod script_profiles;
mod scripts;
mod session;

use std::borrow::Cow;

use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use binnacle_shared::Kind;
use binnacle_shared::model::conductor::permission as conductor_model;
use binnacle_shared::permission::Permission;
use binnacle_shared::registry::Need;
use schemars::JsonSchema;

use super::conductor::answer::Items;
use super::conductor::caller::{Entry, TenantFrom};
use super::context::{Access, guard};
use super::{Api, rewrite};
use doc::{Body, Content, Doc, Parameter};

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    /// Without prefix; a custom verb follows its resource after a colon.
    pub path: Cow<'static, str>,
    pub access: Access,
    /// Whether it is of the Conductor API, which has a prefix of its own.
    pub is_conductor: bool,
    /// The area it belongs to, a heading of the API description.
    pub area: &'static str,
    pub doc: Doc,
    handler: MethodRouter<Api>,
}

/// Every endpoint.
pub fn table() -> Vec<Route> {
    let areas = [
        ("Session", session::rows()),
        ("Computers", computers::rows()),
        ("Activities", activities::rows()),
        ("Scripts", scripts::rows()),
        ("Script profiles", script_profiles::rows()),
        ("Alerts", alerts::rows()),
        ("Administration", administration::rows()),
        ("Description", description::rows()),
        ("Not available", elsewhere::rows()),
    ];
    areas
        .into_iter()
        .chain(records::areas())
        .flat_map(|(area, rows)| rows.into_iter().map(move |row| Route { area, ..row }))
        .collect()
}

impl Route {
    /// The path for the router, and the handler behind its guard.
    pub(super) fn mount(self, prefix: &str, api: &Api) -> (String, MethodRouter<Api>) {
        let guard = from_fn_with_state((api.clone(), self.access), guard);
        (format!("{prefix}{}", rewrite::template(&self.path)), self.handler.layer(guard))
    }

    /// What the endpoint does, in one sentence.
    fn about(mut self, about: impl Into<Cow<'static, str>>) -> Self {
        self.doc.about = about.into();
        self
    }

    /// An optional query parameter.
    fn query(mut self, name: &'static str, about: &'static str) -> Self {
        self.doc.query.push(Parameter { name, about, required: false });
        self
    }

    /// A query parameter that has to be there.
    fn needs_query(mut self, name: &'static str, about: &'static str) -> Self {
        self.doc.query.push(Parameter { name, about, required: true });
        self
    }

    /// The type of the request's body.
    fn takes<T: JsonSchema>(mut self) -> Self {
        self.doc.takes::<T>();
        self
    }

    /// A body that is described in another way than by its type.
    fn body(mut self, body: Body) -> Self {
        self.doc.body = Some(body);
        self
    }

    /// A successful answer that is described in another way than by its type.
    fn answer(mut self, status: u16, content: Content) -> Self {
        self.doc.answers(status, content);
        self
    }

    /// The type of a successful answer.
    fn answers<T: JsonSchema>(mut self, status: u16) -> Self {
        self.doc.answers(status, doc::json::<T>());
        self
    }

    /// A success that has no body.
    fn answers_nothing(mut self, status: u16) -> Self {
        self.doc.answers(status, Content::Nothing);
        self
    }

    /// A successful answer that is not JSON.
    fn answers_with(mut self, status: u16, media_type: &'static str) -> Self {
        self.doc.answers(status, Content::Other(media_type));
        self
    }

    /// A page of a list, with the parameters that all lists take.
    fn list_of<T: JsonSchema>(mut self, kind: Kind) -> Self {
        self.doc.list_of::<T>(kind);
        self
    }

    /// A page of a list of the Conductor API, with the parameters that all its lists take.
    fn items_of<T: JsonSchema>(mut self, kind: Kind) -> Self {
        self.doc.lists = Some(kind);
        self.doc.answers(200, doc::json::<Items<T>>());
        self
    }

    /// The answer can be cut to some fields.
    fn includes(self) -> Self {
        self.query("_include", "Only these fields, with commas between them.").refuses(&[400])
    }

    /// Statuses of refusals beyond those that every such row has.
    fn refuses(mut self, statuses: &[u16]) -> Self {
        self.doc.refusals.extend_from_slice(statuses);
        self
    }
}

/// A feature that this server does not have: whoever may ask is told so.
fn unavailable(route: Route) -> Route {
    route.about("Is not available on this server.").refuses(&[404])
}

fn row<H, T>(
    method: Method,
    filter: MethodFilter,
    path: impl Into<Cow<'static, str>>,
    access: Access,
    handler: H,
) -> Route
where
    H: Handler<T, Api>,
    T: 'static,
{
    Route {
        method,
        path: path.into(),
        access,
        is_conductor: false,
        area: "",
        doc: Doc::default(),
        handler: on(filter, handler),
    }
}

macro_rules! methods {
    ($($function:ident $method:ident),+) => {$(
        fn $function<H, T>(path: impl Into<Cow<'static, str>>, access: Access, handler: H) -> Route
        where
            H: Handler<T, Api>,
            T: 'static,
        {
            row(Method::$method, MethodFilter::$method, path, access, handler)
        }
    )+};
}

methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

/// A permission that has to hold in the tenant that the header names.
const fn in_tenant(permission: conductor_model::Permission) -> Access {
    Access::Conductor(Entry { permission: Some(permission), tenant: TenantFrom::Header })
}

/// A permission that may also hold everywhere, without a tenant.
const fn anywhere(permission: conductor_model::Permission) -> Access {
    Access::Conductor(Entry { permission: Some(permission), tenant: TenantFrom::Optional })
}

const fn view(kind: Kind) -> Access {
    needs(kind.info().view)
}

const fn manage(kind: Kind) -> Access {
    needs(kind.info().manage)
}

const fn needs(need: Need) -> Access {
    match need {
        Need::Account(permission) => Access::Needs(permission),
        // Its rows name their permission themselves; this is for nobody but the administrators.
        Need::Conductor(_) => Access::Needs(Permission::ManageAccount),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::table;

    #[test]
    fn no_endpoint_stands_twice_and_each_is_documented() {
        let mut seen = HashSet::new();
        for route in table() {
            let name = format!("{} {}", route.method, route.path);
            assert!(route.path.starts_with('/'), "{name}");
            assert!(route.doc.about.ends_with('.'), "{name} does not say what it does");
            let refuses = route.area == "Not available" && route.doc.refusals.contains(&404);
            assert!(refuses || !route.doc.answers.is_empty(), "{name} does not say what it answers");
            assert!(seen.insert(name.clone()), "{name} twice");
        }
    }
}
