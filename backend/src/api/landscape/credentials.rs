//! Keys by which programs sign their requests. `credentials` is the one pair that the API's
//! documents know; beside it there may be several keys, each with a title of its own.

use axum::Json;
use axum::extract::State;
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use binnacle_shared::Problems;
use binnacle_shared::body::Reader;
use binnacle_shared::list::{Envelope, Page};
use binnacle_shared::model::landscape::session::{AccessKey, Credential, Credentials, IssuedAccessKey, NewAccessKey};
use binnacle_shared::time::Seconds;
use schemars::JsonSchema;

use crate::api::Api;
use crate::api::body::Body;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::origin::Origin;
use crate::api::query::{Ids, Query};
use crate::operation::access_keys::{self, Issued};
use crate::store::access_key;

impl From<access_keys::Error> for ApiError {
    fn from(error: access_keys::Error) -> Self {
        use access_keys::Error as E;
        let message = error.to_string();
        match error {
            E::Unknown => Self::Refused { status: StatusCode::NOT_FOUND, error: "UnknownAccessKey", message },
            E::TooMany => Self::Refused { status: StatusCode::BAD_REQUEST, error: "TooManyAccessKeys", message },
            E::Key(error) => error.into(),
            E::Store(error) => error.into(),
        }
    }
}

/// The address of the query API, as whoever asks reaches it.
fn endpoint(origin: &Origin, headers: &HeaderMap) -> String {
    let host = origin.host.as_deref().or_else(|| headers.get(HOST)?.to_str().ok()).unwrap_or_default();
    // It ends up in a line for a shell.
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
    let scheme = if origin.secure { "https" } else { "http" };
    if plain && !host.is_empty() { format!("{scheme}://{host}/api/") } else { "/api/".to_owned() }
}

/// What the public command line reads from its environment.
fn exports(endpoint: &str, access_key: &str, secret: &str) -> String {
    format!(
        "export LANDSCAPE_API_URI=\"{endpoint}\"\nexport LANDSCAPE_API_KEY=\"{access_key}\"\nexport \
         LANDSCAPE_API_SECRET=\"{secret}\"\n"
    )
}

fn to_wire(key: access_key::AccessKey) -> AccessKey {
    AccessKey {
        id: key.id,
        title: key.title,
        access_key: key.access_key,
        created_at: Seconds(key.created_at),
        last_used_at: key.last_used_at.map(Seconds),
        last_address: key.last_address,
    }
}

/// `GET access-keys`: without their secrets, the newest first.
pub async fn list(
    State(api): State<Api>,
    context: Context,
    query: Query,
) -> Result<Json<Envelope<AccessKey>>, ApiError> {
    let params = query.page()?;
    let mut conn = api.db.read().await?;
    let keys: Vec<_> = access_key::of_person(&mut conn, context.person.id).await?.into_iter().map(to_wire).collect();
    Ok(Json(query.envelope(&params, Page::of(keys, &params))))
}

/// `POST access-keys`: the only answer that holds the secret.
pub async fn create(
    State(api): State<Api>,
    context: Context,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<(StatusCode, Json<IssuedAccessKey>), ApiError> {
    let new = NewAccessKey::parse(&body)?;
    let Issued { key, secret } = access_keys::create(&api, &context.person, &new.title).await?;
    let endpoint = endpoint(&origin, &headers);
    let exports = exports(&endpoint, &key.access_key, &secret);
    Ok((StatusCode::CREATED, Json(IssuedAccessKey { key: to_wire(key), secret_key: secret, endpoint, exports })))
}

/// `DELETE access-keys/{id}`
pub async fn revoke(State(api): State<Api>, context: Context, Ids([id]): Ids<1>) -> Result<StatusCode, ApiError> {
    access_keys::revoke(&api, &context.person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn credentials(context: &Context, endpoint: String, issued: Option<Issued>) -> Json<Credentials> {
    let exports =
        issued.as_ref().map(|issued| exports(&endpoint, &issued.key.access_key, &issued.secret)).unwrap_or_default();
    let (access_key, secret_key) = issued.map(|issued| (issued.key.access_key, issued.secret)).unzip();
    let account_name = context.person.account_name.clone();
    let account_title = context.person.account_title.clone();
    let credential = Credential { access_key, secret_key, account_name, account_title, endpoint, exports };
    Json(Credentials { credentials: vec![credential] })
}

/// `GET credentials`
pub async fn read_pair(
    State(api): State<Api>,
    context: Context,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Json<Credentials>, ApiError> {
    let issued = access_keys::default_pair(&api, &context.person).await?;
    Ok(credentials(&context, endpoint(&origin, &headers), issued))
}

/// For which account the pair shall be made anew.
#[derive(Debug, JsonSchema)]
pub struct NewCredentials {
    pub account: String,
}

/// `POST credentials`
pub async fn replace_pair(
    State(api): State<Api>,
    context: Context,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<Credentials>, ApiError> {
    let mut r = Reader::root(&body)?;
    let account = r.required("account").unwrap_or_default();
    let NewCredentials { account } = r.finish().or(NewCredentials { account })?;
    if account != context.person.account_name {
        return Err(ApiError::Named {
            status: StatusCode::NOT_FOUND,
            error: "UnknownAccount",
            problems: Problems::one("/account", "unknown", format!("You are no member of an account “{account}”.")),
        });
    }
    let issued = access_keys::replace_default_pair(&api, &context.person).await?;
    Ok(credentials(&context, endpoint(&origin, &headers), Some(issued)))
}
