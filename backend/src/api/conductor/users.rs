//! Users.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::body::Reader;
use binnacle_shared::list::Page;
use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::user::{User, password};
use binnacle_shared::problem::Violation;
use binnacle_shared::time::parse as parse_time;
use jiff::Timestamp;
use schemars::JsonSchema;
use sea_query::Condition;

use super::answer::{self, Wire};
use super::body::{Body, Name, flag};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use super::roles;
use crate::api::Api;
use crate::auth::password::is_usable;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::lockout::{Failures, Policy};
use crate::operation::conductor::users::{self, NewUser, Password, UserChange};
use crate::store::conductor::account_scope::AccountScope;
use crate::store::conductor::user::{self, StoredUser, Times};
use crate::store::{Conn, StoreError, list};

impl Wire for User {
    const KEYS: &'static [&'static str] = &[
        "username",
        "role",
        "tenants",
        "tenant_roles",
        "groups",
        "group_system_roles",
        "active",
        "created_at",
        "first_login_at",
        "last_login_at",
        "is_locked",
        "show_getting_started",
        "password_hash",
    ];
}

/// Asks for the hash of the password.
const HASH: &str = "_include_hash";

/// What a user is made from.
#[derive(Debug, JsonSchema)]
pub struct NewUserBody {
    pub username: String,
    /// The password; with `is_prehashed` its hash.
    pub password: String,
    /// `sys_admin` or `default`, which it is unless given.
    pub role: Option<String>,
    /// Whether the password is an argon2id hash in the PHC form.
    pub is_prehashed: Option<bool>,
    /// For whoever restores, as the other times: needs `set_timestamp`.
    pub created_at: Option<String>,
    pub first_login_at: Option<String>,
    pub last_login_at: Option<String>,
}

/// What can be changed of a user: the password or the role, and whether the introduction is shown.
#[derive(Debug, JsonSchema)]
pub struct UserChangeBody {
    pub password: Option<String>,
    /// `sys_admin` or `default`.
    pub role: Option<String>,
    pub show_getting_started: Option<bool>,
}

#[derive(Debug, JsonSchema)]
pub struct ActivationBody {
    /// `activate` or `deactivate`.
    pub action: String,
}

/// What an answer shows of users beyond what all of them have.
#[derive(Clone, Copy, Debug)]
struct Shown {
    data: bool,
    hash: bool,
}

impl Shown {
    fn read(query: &Query, caller: &Caller) -> Result<Self, Error> {
        answer::check::<User>(query)?;
        let shown = Self { data: query.flag("_get_data")?, hash: query.flag(HASH)? };
        if shown.hash {
            caller.require(Permission::GetPasswordHash)?;
        }
        Ok(shown)
    }

    /// Fills in what is shown.
    async fn of(
        self,
        conn: &mut Conn,
        account_id: i64,
        mut items: Vec<StoredUser>,
        now: Timestamp,
    ) -> Result<Vec<User>, StoreError> {
        if self.data {
            user::detail(conn, &mut items).await?;
        }
        if let Some(policy) = Policy::read(conn, account_id).await? {
            let spared = policy.spares_an_administrator(conn, account_id, now).await?;
            for item in &mut items {
                let failures = Failures { count: item.failed_logins, last: item.last_failed_login_at };
                let may_be = spared || item.user.role != Role::SysAdmin.name();
                item.user.is_locked = may_be && policy.exceeds(failures, now);
            }
        }
        let with_hash = |item: StoredUser| User { password_hash: item.password_hash, ..item.user };
        Ok(items.into_iter().map(|item| if self.hash { with_hash(item) } else { item.user }).collect())
    }

    async fn one(self, api: &Api, caller: &Caller, item: StoredUser) -> Result<Option<User>, Error> {
        let mut conn = api.db.read().await?;
        let users = self.of(&mut conn, caller.person.account_id, vec![item], api.clock.now()).await?;
        Ok(users.into_iter().next())
    }
}

/// Clients that ask for the hash beside some fields do not name its field.
fn with_hash(query: &Query, shown: Shown) -> Query {
    if shown.hash { query.keeping("password_hash") } else { query.clone() }
}

async fn answer(
    api: &Api,
    caller: &Caller,
    query: &Query,
    item: StoredUser,
    status: StatusCode,
) -> Result<Response, Error> {
    let shown = Shown::read(query, caller)?;
    let unknown = || Refusal::not_found("User", item.user.username.clone());
    let user = shown.one(api, caller, item.clone()).await?.ok_or_else(unknown)?;
    let query = with_hash(query, shown);
    if status == StatusCode::CREATED { answer::made(&query, &user) } else { answer::one(&query, &user) }
}

/// `GET users`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let listing = query.listing(Kind::User)?;
    let shown = Shown::read(&query, &caller)?;
    let scope = AccountScope::whole(caller.person.account_id);
    let mut conn = api.db.read().await?;
    let Page { items, total } = list::page::<StoredUser>(&mut conn, &scope, &listing.params, Condition::all()).await?;
    let items = shown.of(&mut conn, scope.account_id(), items, api.clock.now()).await?;
    answer::page(&with_hash(&query, shown), &listing, Page { items, total })
}

/// `GET users/{username}`
pub async fn read(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(username): Name,
) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    let found = users::find(&mut conn, caller.person.account_id, &username).await?;
    drop(conn);
    answer(&api, &caller, &query, found, StatusCode::OK).await
}

/// `GET user`
pub async fn myself(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let mut conn = api.db.read().await?;
    let found = users::find(&mut conn, caller.person.account_id, &caller.person.username).await?;
    drop(conn);
    answer(&api, &caller, &query, found, StatusCode::OK).await
}

fn hashed(text: String) -> Result<String, Violation> {
    if is_usable(&text) {
        return Ok(text);
    }
    let form = "Must be an argon2id hash of version 19 in the PHC form, $argon2id$v=19$m=…,t=…,p=…$salt$hash, \
                of at most 128 MiB, 16 passes and 16 lanes; other hashes cannot be checked here.";
    Err(Violation::new("format", form))
}

/// `PUT users`
pub async fn create(State(api): State<Api>, caller: Caller, query: Query, Body(body): Body) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let username = r.required::<String>("username");
    let username = r.check("username", username, fields::name);
    let is_hashed = flag(&mut r, "is_prehashed").unwrap_or_default();
    let given = r.required::<String>("password");
    let password = if is_hashed {
        r.check("password", given, hashed).map(Password::Hashed)
    } else {
        r.check("password", given, password).map(Password::Plain)
    };
    let role = roles::role(&mut r, Role::OF_SYSTEM).unwrap_or(Role::Default);
    let mut time = |name: &str| {
        let given = r.optional::<String>(name);
        r.check(name, given, |text| parse_time(&text))
    };
    let times = Times {
        created_at: time("created_at"),
        first_login_at: time("first_login_at"),
        last_login_at: time("last_login_at"),
    };
    r.finish().or(())?;
    let (Some(username), Some(password)) = (username, password) else {
        return Err(Refusal::BadParameters("Give username and password".into()).into());
    };
    if times != Times::default() {
        caller.require(Permission::SetTimestamp)?;
    }
    Shown::read(&query, &caller)?;
    let new = NewUser { username, password, role, times };
    let made = users::create(&api, &caller.author(), new).await?;
    answer(&api, &caller, &query, made, StatusCode::CREATED).await
}

/// `POST users/{username}`
pub async fn update(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(username): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let new_password = r.optional::<String>("password");
    let new_password = r.check("password", new_password, password);
    let role = roles::role(&mut r, Role::OF_SYSTEM);
    let show_getting_started = flag(&mut r, "show_getting_started");
    if r.has("password") && r.has("role") && new_password.is_some() && role.is_some() {
        r.fault("role", Violation::new("conflict", "Give a password or a role, and not both."));
    }
    r.finish().or(())?;
    let change = UserChange { password: new_password, role, show_getting_started };
    if change.password.is_none() && change.role.is_none() && change.show_getting_started.is_none() {
        let message = "Give a password, a role or show_getting_started".to_owned();
        return Err(Refusal::BadParameters(message).into());
    }
    Shown::read(&query, &caller)?;
    let changed = users::update(&api, &caller.author(), &username, change).await?;
    answer(&api, &caller, &query, changed, StatusCode::OK).await
}

/// `DELETE users/{username}`
pub async fn remove(State(api): State<Api>, caller: Caller, Name(username): Name) -> Result<StatusCode, Error> {
    users::remove(&api, &caller.author(), &username).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST users/active/{username}`
pub async fn set_active(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(username): Name,
    Body(body): Body,
) -> Result<Response, Error> {
    let mut r = Reader::root(&body)?;
    let action = r.required::<String>("action");
    let active = r.check("action", action, |action| match action.as_str() {
        "activate" => Ok(true),
        "deactivate" => Ok(false),
        _ => Err(Violation::new("choice", "Must be activate or deactivate.")),
    });
    r.finish().or(())?;
    let Some(active) = active else {
        return Err(Refusal::BadParameters("Give an action".into()).into());
    };
    Shown::read(&query, &caller)?;
    let changed = users::set_active(&api, &caller.author(), &username, active).await?;
    answer(&api, &caller, &query, changed, StatusCode::OK).await
}

/// `POST users/unlock/{username}`
pub async fn unlock(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    Name(username): Name,
) -> Result<Response, Error> {
    Shown::read(&query, &caller)?;
    let changed = users::unlock(&api, &caller.author(), &username).await?;
    answer(&api, &caller, &query, changed, StatusCode::OK).await
}
