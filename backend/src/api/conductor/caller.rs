//! Who asks, in which tenant, and what they may do there: decided before a handler runs.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use binnacle_shared::model::conductor::permission::{Permission, PermissionSet};
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::tenant::DEFAULT;
use binnacle_shared::model::landscape::person::Tenancy;
use binnacle_shared::permission::Role as AccountRole;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::authenticate::{Via, authenticate};
use super::error::Error;
use super::maintenance;
use super::query::{Listing, SIZE_DEFAULT};
use crate::api::error::ApiError;
use crate::api::origin::Origin;
use crate::api::{Api, HANDLER_TIMEOUT};
use crate::operation::conductor::lockout::{self, Failures};
use crate::operation::conductor::{Author, Error as Refusal};
use crate::operation::log_in;
use crate::store::StoreError;
use crate::store::conductor::caller::{self, Place};
use crate::store::conductor::permission::Matrix;
use crate::store::conductor::tenant::Tenant;
use crate::store::conductor::{TenantScope, Tenants};
use crate::store::person::Person;

const TENANT: HeaderName = HeaderName::from_static("tenant");
const AUDIT_METHOD: HeaderName = HeaderName::from_static("x-cloudify-audit-auth-method");
const AUDIT_TENANT: HeaderName = HeaderName::from_static("x-cloudify-audit-tenant");
const AUDIT_USERNAME: HeaderName = HeaderName::from_static("x-cloudify-audit-username");

/// What a route of the Conductor API asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// None: whoever is signed in; the handler asks for more.
    pub permission: Option<Permission>,
    pub tenant: TenantFrom,
}

/// Where a request names its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantFrom {
    /// In the `Tenant` header, which must be there.
    Header,
    /// In the header, or nowhere: what the roles give that hold everywhere is enough.
    Optional,
    /// As the last part of the path.
    Path,
    /// In the body: the handler looks.
    Body,
}

/// Who asks, and what they may do where they ask.
#[derive(Clone, Debug)]
pub struct Caller {
    pub person: Arc<Person>,
    pub via: Via,
    pub tenant: Option<Tenant>,
    /// The roles that hold in the tenant, and those that hold everywhere.
    pub roles: BTreeSet<Role>,
    pub permissions: PermissionSet,
    pub address: Option<IpAddr>,
    /// How many rows a list answers that is not asked for a number.
    pub page_size: u32,
    scope: TenantScope,
    matrix: Arc<Matrix>,
    administers_all: bool,
    /// What is taken from the roles is not taken from this one.
    unrestricted: bool,
}

impl Caller {
    /// The caller as operations see them.
    pub fn author(&self) -> Author<'_> {
        Author {
            person: &self.person,
            tenant: self.tenant.as_ref(),
            scope: &self.scope,
            permissions: self.permissions,
            administers_all: self.administers_all,
            address: self.address,
        }
    }

    pub fn allows(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    pub fn require(&self, permission: Permission) -> Result<(), Error> {
        Ok(self.author().require(permission)?)
    }

    /// Whether one administers everything, and not only a tenant.
    pub fn administers_all(&self) -> bool {
        self.administers_all
    }

    /// Whether the roles that hold everywhere give something.
    pub fn allows_everywhere(&self, permission: Permission) -> bool {
        self.unrestricted || self.roles.iter().any(|role| !role.is_of_tenant() && self.gives(*role, permission))
    }

    /// Whether one may do oneself all that a role gives.
    pub fn covers(&self, role: Role) -> bool {
        self.matrix.get(&role).is_none_or(|set| set.iter().all(|permission| self.allows(permission)))
    }

    fn gives(&self, role: Role, permission: Permission) -> bool {
        self.matrix.get(&role).is_some_and(|set| set.contains(permission))
    }

    /// The tenants in which one may do something.
    pub async fn tenants_with(&self, api: &Api, permission: Permission) -> Result<Tenants, Error> {
        if self.allows_everywhere(permission) {
            return Ok(Tenants::All);
        }
        let mut conn = api.db.read().await?;
        let memberships = caller::memberships(&mut conn, self.person.id).await?;
        let ids: BTreeSet<i64> =
            memberships.iter().filter(|m| self.gives(m.role, permission)).map(|m| m.tenant_id).collect();
        Ok(Tenants::These(ids.into_iter().collect()))
    }

    /// What is seen of the rows of the tenant one works in.
    pub fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// What is seen of the rows that a list is about.
    pub async fn scope_of(&self, api: &Api, listing: &Listing, list: Permission) -> Result<TenantScope, Error> {
        if listing.all_tenants { self.everywhere(api, list).await } else { Ok(self.scope.clone()) }
    }

    /// What is seen of the rows of all tenants in which one may list them.
    async fn everywhere(&self, api: &Api, list: Permission) -> Result<TenantScope, Error> {
        let (account_id, person_id) = (self.person.account_id, self.person.id);
        if self.allows(Permission::AllTenants) {
            let administers =
                if self.administers_all { Tenants::All } else { self.own_tenant(Permission::Administrators) };
            return Ok(TenantScope::new(account_id, person_id, Tenants::All, administers));
        }
        let mut conn = api.db.read().await?;
        let memberships = caller::memberships(&mut conn, person_id).await?;
        let with = |permission: Permission| -> Tenants {
            let holds = |role: &Role| self.matrix.get(role).is_some_and(|set| set.contains(permission));
            let ids: BTreeSet<i64> = memberships.iter().filter(|m| holds(&m.role)).map(|m| m.tenant_id).collect();
            Tenants::These(ids.into_iter().collect())
        };
        Ok(TenantScope::new(account_id, person_id, with(list), with(Permission::Administrators)))
    }

    fn own_tenant(&self, permission: Permission) -> Tenants {
        let tenant = self.tenant.as_ref().filter(|_| self.allows(permission));
        Tenants::These(tenant.map(|tenant| tenant.id).into_iter().collect())
    }

    /// The same person in the tenant that a body names; in none, if they have nothing to do with
    /// it.
    pub async fn in_tenant(&self, api: &Api, name: &str) -> Result<Self, Error> {
        let mut conn = api.db.read().await?;
        let place = caller::place(&mut conn, self.person.id, Some(name)).await?;
        drop(conn);
        let there = Self::new((*self.person).clone(), self.via, self.address, name, &place, Arc::clone(&self.matrix));
        Ok(if there.is_stranger(&place) { there.nowhere(&place) } else { there })
    }

    /// Whether a tenant is as if it did not exist: there is none of that name, or it is nothing to
    /// this person.
    fn is_stranger(&self, place: &Place) -> bool {
        self.tenant.is_none() || (place.roles.is_empty() && !self.administers_all)
    }

    /// The same person in no tenant.
    fn nowhere(self, place: &Place) -> Self {
        let place = Place { tenant_id: None, ..place.clone() };
        Self::new(Arc::unwrap_or_clone(self.person), self.via, self.address, "", &place, self.matrix)
    }

    fn new(
        person: Person,
        via: Via,
        address: Option<IpAddr>,
        tenant: &str,
        place: &Place,
        matrix: Arc<Matrix>,
    ) -> Self {
        let direct = person.roles.iter().any(|name| name == AccountRole::GlobalAdmin.name());
        let mut roles = place.roles.clone();
        let administers_all = direct || place.group_administers;
        roles.insert(if administers_all { Role::SysAdmin } else { Role::Default });
        // The first administrator can always put right what was taken from the role.
        let unrestricted = place.bootstrap && direct;
        let permissions = if unrestricted {
            PermissionSet::everything()
        } else {
            roles.iter().filter_map(|role| matrix.get(role)).fold(PermissionSet::default(), |all, set| all.with(*set))
        };
        let tenant = place.tenant_id.map(|id| Tenant { id, name: tenant.to_owned() });
        let tenants = Tenants::These(tenant.iter().map(|tenant| tenant.id).collect());
        let administers = match permissions.contains(Permission::Administrators) {
            true if administers_all => Tenants::All,
            true => tenants.clone(),
            false => Tenants::These(Vec::new()),
        };
        let scope = TenantScope::new(person.account_id, person.id, tenants, administers);
        Self {
            person: Arc::new(person),
            via,
            tenant,
            roles,
            permissions,
            address,
            page_size: place.page_size.as_ref().and_then(|text| text.parse().ok()).unwrap_or(SIZE_DEFAULT),
            scope,
            matrix,
            administers_all,
            unrestricted,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        // The guard puts it there.
        parts.extensions.get::<Self>().cloned().ok_or(Error::Common(ApiError::Unauthenticated))
    }
}

/// The tenant that the header names.
fn named(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(TENANT)?.to_str().ok()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The tenant that the console works in: the one that the header names, if the person is
/// something there; else the one that is there from the start, or the first that they are in.
pub async fn tenancy(api: &Api, person: &Person, headers: &HeaderMap) -> Result<Tenancy, StoreError> {
    let mut conn = api.db.read().await?;
    let first = caller::first_tenant(&mut conn, person.id).await?;
    let candidates = [named(headers), Some(DEFAULT.to_owned()), first, Some(String::new())];
    for name in candidates.into_iter().flatten() {
        let place = caller::place(&mut conn, person.id, Some(&name)).await?;
        let matrix = api.permissions().get(&mut conn, &place.permissions_epoch).await?;
        let member = !place.roles.is_empty();
        let caller = Caller::new(person.clone(), Via::Session, None, &name, &place, matrix);
        let usable = caller.tenant.is_some() && (member || caller.administers_all);
        if usable || name.is_empty() {
            return Ok(Tenancy {
                tenant: caller.tenant.map(|tenant| tenant.name),
                roles: caller.roles.iter().map(|role| role.name().to_owned()).collect(),
                permissions: caller.permissions.iter().map(|permission| permission.name().to_owned()).collect(),
            });
        }
    }
    Ok(Tenancy::default())
}

/// What of a request decides whether it is let in.
struct Head {
    method: Method,
    path: String,
    headers: HeaderMap,
    origin: Origin,
}

async fn admit(api: &Api, entry: Entry, head: &Head) -> Result<Caller, Error> {
    let Head { method, path, headers, origin } = head;
    let (person, via) = authenticate(api, headers, origin, method).await?;
    let tenant = match entry.tenant {
        TenantFrom::Header | TenantFrom::Optional | TenantFrom::Body => named(headers),
        TenantFrom::Path => {
            let last = path.rsplit('/').next().unwrap_or_default();
            percent_decode_str(last).decode_utf8().ok().map(std::borrow::Cow::into_owned)
        }
    };
    let tenant = tenant.filter(|_| entry.tenant != TenantFrom::Body);
    let mut conn = api.db.read().await?;
    let place = caller::place(&mut conn, person.id, tenant.as_deref()).await?;
    let matrix = api.permissions().get(&mut conn, &place.permissions_epoch).await?;
    let last_failure = place.last_failed_login_at.and_then(|at| Timestamp::from_microsecond(at).ok());
    let failures = Failures { count: place.failed_logins, last: last_failure };
    let now = api.clock.now();
    let who = (person.account_id, person.id);
    let locked = person.disabled || lockout::is_locked(&mut conn, who, failures, now).await?;
    drop(conn);
    if locked {
        return Err(Refusal::Unauthorized(format!(
            "Authentication failed for <User username=`{}`>. Wrong credentials or locked account",
            person.username
        ))
        .into());
    }
    if via == Via::HttpBasic && failures.count > 0 {
        // A password that was remembered as right is as good as one that was checked.
        log_in::forgive(api, person.id).await?;
    }
    let name = tenant.unwrap_or_default();
    let caller = Caller::new(person, via, origin.address, &name, &place, matrix);
    let bypasses = headers.contains_key(maintenance::BYPASS) && caller.allows(Permission::MaintenanceModeSet);
    maintenance::check(place.maintenance.as_deref(), bypasses, method, path)?;
    let unknown = !name.is_empty() && caller.is_stranger(&place);
    match entry.tenant {
        TenantFrom::Header if name.is_empty() => return Err(Refusal::NoTenant.into()),
        TenantFrom::Header if unknown => return Err(Refusal::UnknownTenant(name).into()),
        _ => {}
    }
    // Clients name a tenant with every request; where none is needed, one that is not the
    // caller's counts for nothing, whether it exists or not.
    let (name, caller) = match entry.tenant {
        TenantFrom::Optional if unknown => (String::new(), caller.nowhere(&place)),
        _ if unknown => (name, caller.nowhere(&place)),
        _ => (name, caller),
    };
    if let Some(permission) = entry.permission
        && !caller.allows(permission)
    {
        let tenant = Some(name).filter(|name| !name.is_empty());
        let username = caller.person.username.clone();
        return Err(Refusal::NotPermitted { username, permission, tenant }.into());
    }
    Ok(caller)
}

/// Stands before every route of the Conductor API that asks for a login.
pub async fn guard(api: Api, entry: Entry, mut request: Request, next: Next) -> Response {
    let head = Head {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        headers: request.headers().clone(),
        origin: request.extensions().get::<Origin>().cloned().unwrap_or_default(),
    };
    let caller = match admit(&api, entry, &head).await {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    tracing::Span::current().record("person", caller.person.id);
    let header = |text: &str| HeaderValue::from_str(text).ok();
    let method = HeaderValue::from_static(caller.via.name());
    let tenant = caller.tenant.as_ref().and_then(|tenant| header(&tenant.name));
    let username = header(&caller.person.username);
    request.extensions_mut().insert(caller);
    // A stream's handler answers at once; only its body lasts.
    let mut response = match tokio::time::timeout(HANDLER_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Common(ApiError::TimedOut).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(AUDIT_METHOD, method);
    headers.extend(tenant.map(|tenant| (AUDIT_TENANT, tenant)));
    headers.extend(username.map(|username| (AUDIT_USERNAME, username)));
    response
}
