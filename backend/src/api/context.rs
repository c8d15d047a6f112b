//! Who asks: authentication and permission, decided before a handler runs.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use binnacle_shared::permission::Permission;

use super::authenticate::{Via, authenticate};
use super::conductor::caller::Entry;
use super::error::ApiError;
use super::origin::Origin;
use super::{Api, HANDLER_TIMEOUT, conductor};
use crate::operation::Actor;
use crate::store::Scope;
use crate::store::person::Person;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing. The handler may look whether somebody is logged in.
    Public,
    /// A login, whatever the role.
    Session,
    /// A login with a role that gives this permission.
    Needs(Permission),
    /// What the Conductor API asks for.
    Conductor(Entry),
}

/// Who asks, and what part of the account they see.
#[derive(Clone, Debug)]
pub struct Context {
    pub person: Arc<Person>,
    pub via: Via,
    /// The session of the cookie or the token; a signature has none.
    pub session_id: Option<i64>,
    /// Where the permission holds that the request needs.
    scope: Scope,
}

impl Context {
    /// Somebody who proved who they are. They see nothing until [`Context::permitted`] has looked
    /// at what the request needs.
    pub fn new(person: Person, via: Via, session_id: Option<i64>) -> Self {
        let scope = Scope::below(person.account_id, Vec::new());
        Self { person: Arc::new(person), via, session_id, scope }
    }

    /// The same person with the scope of what a route or an action needs; refused if they lack
    /// the permission.
    pub fn permitted(mut self, access: Access) -> Result<Self, ApiError> {
        if let Access::Needs(permission) = access {
            self.scope = self.scope_for(permission)?;
        }
        Ok(self)
    }

    /// The part of the account in which the permission holds that the route asks for; nothing on
    /// a route that asks for none.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The part of the account in which another permission holds.
    pub fn scope_for(&self, permission: Permission) -> Result<Scope, ApiError> {
        self.require(permission)?;
        Ok(self.person.grants.scope_for(self.person.account_id, permission))
    }

    /// The part of the account in which the person may do anything at all.
    pub fn any_scope(&self) -> Scope {
        self.person.grants.any_scope(self.person.account_id)
    }

    pub fn allows(&self, permission: Permission) -> bool {
        self.person.grants.allows(permission)
    }

    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.allows(permission) { Ok(()) } else { Err(ApiError::Forbidden(permission)) }
    }

    /// The caller as operations see them.
    pub fn actor(&self) -> Actor<'_> {
        Actor { person_id: self.person.id, scope: &self.scope, grants: &self.person.grants }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Only a route that asks for a login puts it there.
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::Unauthenticated)
    }
}

/// Stands before every route of the table.
pub async fn guard(State((api, access)): State<(Api, Access)>, mut request: Request, next: Next) -> Response {
    if let Access::Conductor(entry) = access {
        return conductor::caller::guard(api, entry, request, next).await;
    }
    if access != Access::Public {
        let origin = request.extensions().get::<Origin>().cloned().unwrap_or_default();
        let context = authenticate(&api, request.headers(), &origin, request.method()).await;
        let context = match context.and_then(|context| context.permitted(access)) {
            Ok(context) => context,
            Err(error) => return error.into_response(),
        };
        tracing::Span::current().record("person", context.person.id);
        request.extensions_mut().insert(context);
    }
    // A stream's handler answers at once; only its body lasts.
    match tokio::time::timeout(HANDLER_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}
