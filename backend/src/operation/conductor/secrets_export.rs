//! Hands secrets out in the form in which they travel between managers.

use std::fmt;
use std::sync::Arc;

use binnacle_shared::list::ListParams;
use binnacle_shared::model::conductor::secret::Secret;
use binnacle_shared::model::conductor::visibility::Visibility;
use binnacle_shared::time::Millis;
use schemars::JsonSchema;
use sea_query::Condition;
use serde::Serialize;
use serde_json::Value;

use super::owned::subject;
use super::secret_values::options_of;
use super::secrets_providers::LOCAL;
use super::{Author, Error, Whose};
use crate::keys::secret_value_context;
use crate::operation::Services;
use crate::secrets::share::ShareKey;
use crate::store::conductor::TenantScope;
use crate::store::conductor::audit::{self, Operation};
use crate::store::conductor::secret::{Whole, opened};
use crate::store::conductor::tenant::Tenant;
use crate::store::list;

/// Most secrets that one export or import takes.
pub const MOST: usize = 10_000;
/// Most bytes of one export or import.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;
/// How many are read at a time.
const PART: u32 = 500;

/// A secret under way.
#[derive(Serialize, JsonSchema)]
pub struct ExportedSecret {
    pub key: String,
    /// Absent where its provider has it.
    pub value: Option<String>,
    pub visibility: Visibility,
    pub tenant_name: String,
    pub is_hidden_value: bool,
    /// Whether the value is encrypted under the passphrase.
    pub encrypted: bool,
    pub provider: Option<String>,
    pub provider_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Millis>,
}

impl fmt::Debug for ExportedSecret {
    /// Without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExportedSecret({}, {})", self.tenant_name, self.key)
    }
}

/// What of secrets is to be exported, and how.
pub struct Export {
    pub params: ListParams,
    /// None: the values are readable.
    pub passphrase: Option<String>,
    /// With who made them, and when.
    pub metadata: bool,
}

impl fmt::Debug for Export {
    /// Without the passphrase.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("params", &self.params).finish_non_exhaustive()
    }
}

async fn chosen(services: &Services, scope: &TenantScope, export: &Export) -> Result<Vec<Whole>, Error> {
    let too_much = |what: String| {
        Error::BadParameters(format!("{what} at a time are exported at most; take parts, by _size and _offset"))
    };
    let wanted = export.params.limit;
    let mut params = export.params.clone();
    let mut all = Vec::new();
    let mut bytes = 0;
    let mut conn = services.db.read().await?;
    loop {
        let left = wanted - u32::try_from(all.len()).unwrap_or(u32::MAX).min(wanted);
        params.limit = PART.min(left);
        let also = Condition::all().add(opened(scope));
        let part = list::page::<Whole>(&mut conn, scope, &params, also).await?;
        let total = part.total.saturating_sub(export.params.offset).min(wanted.into());
        if total > MOST as u64 {
            return Err(too_much(format!("{MOST} secrets")));
        }
        bytes += part.items.iter().map(|whole| whole.kept.value.as_ref().map_or(0, String::len)).sum::<usize>();
        if bytes > BYTES_MAX {
            return Err(too_much(format!("{BYTES_MAX} bytes")));
        }
        params.offset += part.items.len() as u64;
        let done = part.items.is_empty();
        all.extend(part.items);
        if done || all.len() as u64 >= total {
            return Ok(all);
        }
    }
}

/// The secrets in scope that match, as far as the author may see their values. Each is noted in
/// the audit log before it is handed out.
pub async fn export(
    services: &Services,
    author: &Author<'_>,
    scope: &TenantScope,
    export: Export,
) -> Result<Vec<ExportedSecret>, Error> {
    let chosen = chosen(services, scope, &export).await?;
    let now = services.clock.now();
    let looks = chosen.iter().map(|whole| {
        let belonging = &whole.secret.belonging;
        let mut subject = subject::<Secret>(whole.id, &whole.secret.key, &belonging.tenant_name);
        // Secrets of several tenants: each tenant finds its own in the log, and no other.
        if belonging.visibility != Visibility::Global {
            subject.whose = Whose::Tenant(Tenant { id: whole.tenant_id, name: belonging.tenant_name.clone() });
        }
        author.entry(Operation::Read, subject, (None, None))
    });
    let looks = looks.collect();
    let inner = services.clone();
    let work = move || -> Result<Vec<ExportedSecret>, Error> {
        let key = export.passphrase.as_deref().map(ShareKey::from_passphrase);
        chosen.into_iter().map(|whole| exported(&inner, whole, key.as_ref(), export.metadata)).collect()
    };
    let all = tokio::task::spawn_blocking(work).await;
    let all = all.map_err(|_| Error::BadParameters("The secrets cannot be encrypted".into()))??;
    let mut conn = services.db.write().await?;
    audit::record_all(&mut conn, looks, now).await?;
    conn.commit().await?;
    Ok(all)
}

fn exported(
    services: &Services,
    whole: Whole,
    key: Option<&ShareKey>,
    metadata: bool,
) -> Result<ExportedSecret, Error> {
    let Whole { tenant_id, secret, kept, .. } = whole;
    let at = (tenant_id, secret.key.as_str());
    let provider_options = options_of(services, at, &kept)?;
    let here = kept.provider.as_ref().is_none_or(|provider| provider.provider_type == LOCAL);
    let value = match kept.value.filter(|_| here) {
        None => None,
        Some(sealed) => {
            let text = services.keys.decrypt(&secret_value_context(tenant_id, &secret.key), &sealed)?;
            let random = Arc::clone(&services.random);
            Some(key.map_or(text.clone(), |key| key.encrypt(services.clock.now(), random.as_ref(), &text)))
        }
    };
    Ok(ExportedSecret {
        encrypted: key.is_some() && value.is_some(),
        value,
        visibility: secret.belonging.visibility,
        is_hidden_value: secret.is_hidden_value,
        provider: secret.provider_name,
        provider_options,
        creator: Some(secret.belonging.created_by).filter(|_| metadata),
        created_at: Some(secret.belonging.created_at).filter(|_| metadata),
        updated_at: secret.updated_at.filter(|_| metadata),
        tenant_name: secret.belonging.tenant_name,
        key: secret.key,
    })
}
