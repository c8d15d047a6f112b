//! The one table of the v2 API. The router is built from it, and so is the test that asks every
//! route without a login.

use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use binnacle_shared::Kind;
use binnacle_shared::permission::Permission;

use super::context::{Access, guard};
use super::landscape::{about, account, activities, computers, login, script_profiles, scripts, stream, tags};
use super::{Api, rewrite};

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    /// Without prefix; a custom verb follows its resource after a colon.
    pub path: &'static str,
    pub access: Access,
    handler: MethodRouter<Api>,
}

impl Route {
    /// The path for the router, and the handler behind its guard.
    pub(super) fn mount(self, prefix: &str, api: &Api) -> (String, MethodRouter<Api>) {
        let guard = from_fn_with_state((api.clone(), self.access), guard);
        (format!("{prefix}{}", rewrite::template(self.path)), self.handler.layer(guard))
    }
}

fn row<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Route
where
    H: Handler<T, Api>,
    T: 'static,
{
    let filter = match method {
        Method::POST => MethodFilter::POST,
        Method::PUT => MethodFilter::PUT,
        Method::PATCH => MethodFilter::PATCH,
        Method::DELETE => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    };
    Route { method, path, access, handler: on(filter, handler) }
}

const fn view(kind: Kind) -> Access {
    Access::Needs(kind.info().view)
}

const fn manage(kind: Kind) -> Access {
    Access::Needs(kind.info().manage)
}

/// Every endpoint.
pub fn table() -> Vec<Route> {
    use Access::{Needs, Public, Session};
    use Kind::{Activity, Computer, Script, ScriptProfile};
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    let account_settings = Needs(Permission::ManageAccount);
    vec![
        row(POST, "/login", Public, login::login),
        row(GET, "/login/methods", Public, login::methods),
        row(GET, "/me", Public, login::me),
        row(POST, "/logout", Session, login::logout),
        row(GET, "/about", Public, about::about),
        row(GET, "/features", Public, about::features),
        row(GET, "/standalone-account", Public, about::standalone_account),
        row(GET, "/classic_dashboard_url", Session, about::classic_dashboard_url),
        row(GET, "/preferences", account_settings, account::read),
        row(PATCH, "/preferences", account_settings, account::edit),
        row(GET, "/script-profiles", view(ScriptProfile), script_profiles::list),
        row(POST, "/script-profiles", manage(ScriptProfile), script_profiles::create),
        row(POST, "/script-profiles:preview", view(ScriptProfile), script_profiles::preview),
        row(GET, "/script-profiles/{id}", view(ScriptProfile), script_profiles::read),
        row(PATCH, "/script-profiles/{id}", manage(ScriptProfile), script_profiles::edit),
        row(POST, "/script-profiles/{id}:archive", manage(ScriptProfile), script_profiles::archive),
        row(GET, "/script-profiles/{id}/activities", view(ScriptProfile), script_profiles::activities),
        row(GET, "/script-profiles/{id}/computers", view(Computer), script_profiles::computers),
        row(GET, "/script-profile-limits", view(ScriptProfile), script_profiles::limits),
        // The source document's examples ask for these two with POST, so that works as well.
        row(POST, "/script-profiles/{id}/activities", view(ScriptProfile), script_profiles::activities),
        row(POST, "/script-profile-limits", view(ScriptProfile), script_profiles::limits),
        row(GET, "/scripts", view(Script), scripts::list),
        row(GET, "/scripts/{id}", view(Script), scripts::read),
        row(GET, "/scripts/{id}/versions", view(Script), scripts::versions),
        row(GET, "/scripts/{id}/versions/{version_number}", view(Script), scripts::version),
        row(GET, "/scripts/{id}/script-profiles", view(ScriptProfile), scripts::script_profiles),
        row(POST, "/scripts/{id}:archive", manage(Script), scripts::archive),
        row(GET, "/computers", view(Computer), computers::list),
        row(GET, "/computers/{id}", view(Computer), computers::read),
        row(PUT, "/computers/{id}", manage(Computer), computers::edit),
        row(GET, "/activities", view(Activity), activities::list),
        row(GET, "/activities/{id}", view(Activity), activities::read),
        row(GET, "/activities/{id}/output", view(Activity), activities::output),
        row(GET, "/activities/{id}/stream", view(Activity), stream::stream),
        row(GET, "/tags", view(Computer), tags::list),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::table;

    #[test]
    fn no_endpoint_stands_twice() {
        let mut seen = HashSet::new();
        for route in table() {
            assert!(route.path.starts_with('/'), "{}", route.path);
            assert!(seen.insert((route.method.to_string(), route.path)), "{}", route.path);
        }
    }
}
