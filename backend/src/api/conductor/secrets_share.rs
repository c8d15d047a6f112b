//! Secrets on their way from one manager to another.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use binnacle_shared::Kind;
use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::problem::Violation;
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::answer::{self, Wire};
use super::body::{is_json, object};
use super::caller::Caller;
use super::error::Error;
use super::query::Query;
use crate::api::Api;
use crate::api::body::parse;
use crate::api::error::ApiError;
use crate::operation::conductor::Author;
use crate::operation::conductor::Error as Refusal;
use crate::operation::conductor::secrets_export::{self, BYTES_MAX, Export, ExportedSecret, MOST};
use crate::operation::conductor::secrets_import::{self, Import, entry};

/// Shortest passphrase that secrets are exported under.
const PASSPHRASE_MIN: usize = 8;
const PASSPHRASE_MAX: usize = 1024;
/// Most tenants that one import names.
const TENANTS_MAX: usize = 1000;
/// By which one asks for readable values; the document writes it with a hyphen.
const READABLE: [&str; 2] = ["non_encrypted", "non-encrypted"];

impl Wire for ExportedSecret {
    const KEYS: &'static [&'static str] = &[
        "key",
        "value",
        "visibility",
        "tenant_name",
        "is_hidden_value",
        "encrypted",
        "provider",
        "provider_options",
        "creator",
        "created_at",
        "updated_at",
    ];
}

/// Secrets that come from another manager.
#[derive(Debug, JsonSchema)]
pub struct ImportBody {
    /// As the export gives them: each with `key`, `value`, `tenant_name`, `visibility`,
    /// `is_hidden_value` and `encrypted`; `provider` may stand for the value.
    pub secrets_list: Vec<Map<String, Value>>,
    /// Whether secrets that are there already are changed.
    pub override_collisions: bool,
    /// New names of tenants by their old ones; `tenant_map_dict` is the same.
    pub tenant_map: Option<BTreeMap<String, String>>,
    /// Under which the values were exported.
    pub passphrase: Option<String>,
}

fn length(name: &str, message: String) -> Error {
    Refusal::field(&format!("/{name}"), "length", message).into()
}

/// `GET secrets/share/export`
pub async fn export(State(api): State<Api>, caller: Caller, query: Query) -> Result<Response, Error> {
    let readable = match READABLE.iter().find(|name| query.get(name).is_some()) {
        Some(name) => Some(query.flag(name)?),
        None => None,
    };
    let passphrase = query.get("_passphrase").filter(|text| !text.is_empty()).map(str::to_owned);
    match (&passphrase, readable) {
        (Some(_), Some(true)) => {
            let message = "Give a passphrase, or ask for values that are not encrypted.";
            return Err(Refusal::field("/_passphrase", "conflict", message).into());
        }
        (None, Some(false)) => {
            return Err(Refusal::field("/_passphrase", "required", "Must be given to encrypt the values with.").into());
        }
        (Some(text), _) if text.chars().count() < PASSPHRASE_MIN || text.len() > PASSPHRASE_MAX => {
            let message = format!("Must have at least {PASSPHRASE_MIN} characters and at most {PASSPHRASE_MAX} bytes.");
            return Err(length("_passphrase", message));
        }
        _ => {}
    }
    let filters = query.without(&READABLE);
    let mut listing = filters.listing(Kind::Secret)?;
    if query.get("_size").is_none() {
        listing.params.limit = u32::MAX;
    }
    let scope = caller.scope_of(&api, &listing, Permission::SecretExport).await?;
    let metadata = query.flag("_include_metadata")?;
    query.include(ExportedSecret::KEYS)?;
    let export = Export { params: listing.params, passphrase, metadata };
    let secrets = secrets_export::export(&api, &caller.author(), &scope, export).await?;
    answer::array(&query, &secrets)
}

/// The body of an import, which may be larger than others.
async fn body(request: Request) -> Result<Value, Error> {
    let is_json = is_json(request.headers());
    let too_large = |_| {
        let message = format!("The request body is larger than the {BYTES_MAX} bytes that are taken");
        Error::Common(ApiError::Refused { status: StatusCode::PAYLOAD_TOO_LARGE, error: "TooLarge", message })
    };
    let bytes = to_bytes(request.into_body(), BYTES_MAX).await.map_err(too_large)?;
    if !is_json {
        return Err(Error::ContentType);
    }
    object(parse(&bytes)?)
}

fn tenant_map(r: &mut Reader<'_>, name: &str) -> BTreeMap<String, String> {
    let given = r.optional::<Map<String, Value>>(name).unwrap_or_default();
    if given.len() > TENANTS_MAX {
        r.fault(name, Violation::new("length", format!("Must name at most {TENANTS_MAX} tenants.")));
        return BTreeMap::new();
    }
    let mut map = BTreeMap::new();
    for (from, to) in given {
        match to {
            Value::String(to) => drop(map.insert(from, to)),
            _ => r.fault(name, Violation::new("type", "Must give names of tenants by names of tenants.")),
        }
    }
    map
}

/// `POST secrets/share/import`
pub async fn import(State(api): State<Api>, caller: Caller, request: Request) -> Result<Response, Error> {
    let body = body(request).await?;
    let mut r = Reader::root(&body)?;
    let list = r.required::<Vec<Value>>("secrets_list").unwrap_or_default();
    if list.len() > MOST {
        let message = format!("Must have at most {MOST} secrets; this has {}.", list.len());
        r.fault("secrets_list", Violation::new("length", message));
    }
    let override_collisions = r.required::<bool>("override_collisions").unwrap_or_default();
    let mut tenants = tenant_map(&mut r, "tenant_map_dict");
    tenants.extend(tenant_map(&mut r, "tenant_map"));
    // Other managers export under shorter ones, too.
    let passphrase = r.optional::<String>("passphrase").filter(|text| !text.is_empty());
    if passphrase.as_ref().is_some_and(|text| text.len() > PASSPHRASE_MAX) {
        r.fault("passphrase", Violation::new("length", format!("Must have at most {PASSPHRASE_MAX} bytes.")));
    }
    r.finish().or(())?;

    let mut entries = Vec::with_capacity(list.len());
    let mut faults = BTreeMap::new();
    for (index, value) in list.iter().enumerate() {
        match entry::read(index, value, &tenants) {
            Ok(entry) => entries.push(entry),
            Err(wrong) => drop(faults.insert(index, wrong)),
        }
    }
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.tenant.as_str()).collect();
    if names.len() > TENANTS_MAX {
        return Err(length("secrets_list", format!("Must name at most {TENANTS_MAX} tenants.")));
    }
    let mut callers = BTreeMap::new();
    for name in names {
        callers.insert(name.to_owned(), caller.in_tenant(&api, name).await?);
    }
    let targets: BTreeMap<String, Option<Author<'_>>> = callers
        .iter()
        .map(|(name, there)| {
            let may = there.tenant.is_some() && there.allows(Permission::SecretImport);
            (name.clone(), may.then(|| there.author()))
        })
        .collect();
    let import = Import { entries, faults, passphrase, override_collisions };
    let imported = secrets_import::import(&api, &targets, import).await?;
    Ok(Json(imported).into_response())
}
