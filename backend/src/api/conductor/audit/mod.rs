//! The audit log. For clients it is a service of its own, with errors of its own shape; the
//! console asks it like any list.

mod entries;
mod stream;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use binnacle_shared::Kind;
use binnacle_shared::list::Sort;
use binnacle_shared::model::conductor::audit::{AuditEntry, KIND};
use binnacle_shared::time::parse as parse_time;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

pub use entries::ForeignEntry;
pub use stream::stream;

use super::answer::{self, Wire};
use super::caller::Caller;
use super::error::Error as Refused;
use super::query::{Listing, Query};
use crate::api::Api;
use crate::api::body::{bytes, parse};
use crate::api::error::ApiError;
use crate::operation::conductor::audit_log;
use crate::store::conductor::audit_log::between;
use crate::store::list;

/// Rows of a page that says nothing of its size.
const SIZE: u32 = 100;
/// The parameters that only this service has.
const OWN: &[&str] = &["since", "before", "order_by", "desc", "offset", "size", "timeout"];

impl Wire for AuditEntry {
    const KEYS: &'static [&'static str] = &[
        "id",
        "ref_table",
        "ref_id",
        "ref_identifier",
        "operation",
        "creator_name",
        "execution_id",
        "created_at",
        "tenant_name",
        "address",
        "before",
        "after",
    ];
}

/// Why a request to the audit log is refused.
#[derive(Debug)]
pub enum Error {
    /// Values that cannot be used.
    Invalid(Vec<Fault>),
    /// Two parameters that exclude each other.
    Conflict(&'static str),
    /// As everywhere.
    Refused(Refused),
}

/// A value that cannot be used, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    pub loc: Vec<Value>,
    pub msg: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl Fault {
    fn query(name: &str, msg: impl Into<String>) -> Self {
        Self { loc: vec![json!("query"), json!(name)], msg: msg.into(), kind: "value_error" }
    }
}

impl<T: Into<Refused>> From<T> for Error {
    fn from(error: T) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(faults) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": faults}))).into_response()
            }
            Self::Conflict(message) => {
                let body = json!({
                    "detail": message,
                    "message": message,
                    "error_code": "bad_parameters_error",
                    "server_traceback": null,
                });
                (StatusCode::BAD_REQUEST, Json(body)).into_response()
            }
            Self::Refused(error) => error.into_response(),
        }
    }
}

/// How many entries were removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deleted {
    pub deleted: u64,
}

/// How many entries were brought in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Injected {
    pub injected: usize,
}

/// What a request says of entries and of their order.
struct Asked {
    listing: Listing,
    since: Option<Timestamp>,
    before: Option<Timestamp>,
    timeout: Option<u64>,
}

fn time(own: &Query, name: &str) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = own.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    parse_time(text).map(Some).map_err(|violation| Fault::query(name, violation.message))
}

fn number(own: &Query, name: &str) -> Result<Option<u64>, Fault> {
    own.number(name).map_err(|_| Fault::query(name, "Must be a whole number, 0 or more."))
}

fn sort(own: &Query) -> Result<Vec<Sort>, Fault> {
    let descending = own.flag("desc").map_err(|_| Fault::query("desc", "Must be true or false."))?;
    let known = |name: &str| KIND.fields.iter().find(|field| field.list.sortable && field.name == name);
    let names = own.all("order_by").flat_map(|text| text.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let sort = names.map(|name| {
        let field = known(name).ok_or_else(|| {
            let names: Vec<&str> = KIND.fields.iter().filter(|f| f.list.sortable).map(|f| f.name).collect();
            Fault::query("order_by", format!("Must be one of: {}.", names.join(", ")))
        })?;
        Ok(Sort { field: field.name, descending })
    });
    let sort = sort.take(KIND.fields.len()).collect::<Result<Vec<_>, Fault>>()?;
    Ok(if sort.is_empty() { vec![Sort { field: "created_at", descending }] } else { sort })
}

impl Asked {
    fn read(query: Query) -> Result<(Self, Query), Error> {
        let (rest, own) = query.split(OWN);
        let (since, before) = (time(&own, "since")?, time(&own, "before")?);
        let timeout = number(&own, "timeout")?;
        let mut listing = rest.listing(Kind::AuditEntry)?;
        // Whoever asks as in every list is answered as by every list.
        let plain = rest.get("_size").is_some() || rest.flag("_get_all_results")?;
        if !plain {
            listing.params.limit = match number(&own, "size")? {
                Some(0) => u32::MAX,
                Some(size) => u32::try_from(size).unwrap_or(u32::MAX),
                None => SIZE,
            };
            listing.params.offset = number(&own, "offset")?.unwrap_or(listing.params.offset);
        }
        if listing.params.sort.is_empty() && !(plain && own.get("order_by").is_none()) {
            listing.params.sort = sort(&own)?;
        }
        Ok((Self { listing, since, before, timeout }, rest))
    }
}

/// `GET audit`
pub async fn index(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let (asked, rest) = Asked::read(query)?;
    if asked.since.is_some() && asked.before.is_some() {
        return Err(Error::Conflict("Give since or before, and not both."));
    }
    let scope = audit_log::scope(&caller.author());
    let mut conn = api.db.read().await?;
    let span = between(asked.since, asked.before);
    let page = list::page::<AuditEntry>(&mut conn, &scope, &asked.listing.params, span).await?;
    Ok(answer::page(&rest, &asked.listing, page)?)
}

/// `DELETE audit`
pub async fn truncate(State(api): State<Api>, caller: Caller, query: Query) -> Result<Json<Deleted>, Error> {
    // A filter that is not known would be one that keeps nothing.
    let known = ["before", "creator_name", "execution_id"];
    if let Some(name) = query.names().find(|name| !known.contains(name)) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        return Err(Fault::query(&name, format!("Is not known; there are: {}.", known.join(", "))).into());
    }
    let (rest, own) = query.split(&["before"]);
    let before = time(&own, "before")?;
    let missing =
        || Fault { kind: "missing", ..Fault::query("before", "Is required: the moment before which entries go.") };
    let before = before.ok_or_else(missing)?;
    let filters = rest.listing(Kind::AuditEntry)?.params.filters;
    let deleted = audit_log::truncate(&api, &caller.author(), before, &filters).await?;
    Ok(Json(Deleted { deleted }))
}

/// What is no JSON, in the shape of this service.
fn unreadable(error: ApiError) -> Error {
    match error {
        ApiError::Malformed(msg) => Fault { loc: vec![json!("body")], msg, kind: "json_invalid" }.into(),
        other => Refused::from(other).into(),
    }
}

/// `POST audit`
pub async fn inject(State(api): State<Api>, caller: Caller, request: Request) -> Result<Json<Injected>, Error> {
    let body = parse(&bytes(request, &api).await.map_err(Refused::from)?).map_err(unreadable)?;
    let entries = entries::read(&body).map_err(Error::Invalid)?;
    let injected = audit_log::inject(&api, &caller.author(), entries).await?;
    Ok(Json(Injected { injected }))
}
