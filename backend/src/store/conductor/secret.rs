//! Secrets, and what of them is encrypted.

use std::fmt;

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::secret::Secret;
use binnacle_shared::model::conductor::visibility::Visibility;
use binnacle_shared::time::Millis;
use sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement};
use serde_json::Value;

use super::belonging;
use super::scope::{TenantOwned, TenantScope};
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::{Secret as Table, SecretsProvider, Tenant};
use crate::store::{Conn, Result, Row, StoreError};

/// How many keys one statement looks for.
const KEYS_AT_ONCE: usize = 500;

impl Listed for Secret {
    type Scope = TenantScope;
    const KIND: Kind = Kind::Secret;
    const NULLABLE: &'static [&'static str] = &["provider_name", "updated_at"];

    fn source(scope: &TenantScope) -> SelectStatement {
        scope.select::<Table>()
    }

    fn join(rows: &mut SelectStatement) {
        belonging::join::<Table>(rows);
        // Whoever sees a secret sees where its value is.
        rows.left_join(
            SecretsProvider::Table,
            Expr::col((SecretsProvider::Table, SecretsProvider::Id)).eq(Table::ProviderId.column()),
        );
    }

    fn columns(select: &mut SelectStatement) {
        belonging::columns::<Table>(select);
        select
            .columns([Table::UpdatedAt, Table::IsHidden].map(|column| (Table::Table, column)))
            .expr_as(SecretsProvider::Name.column(), Alias::new("provider_name"));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "key" => FieldSql::Text(Table::Name.column()),
            "is_hidden_value" => FieldSql::Boolean(Table::IsHidden.column()),
            "provider_name" => FieldSql::Text(SecretsProvider::Name.column()),
            "updated_at" => FieldSql::Time(Table::UpdatedAt.column()),
            other => return belonging::field::<Table>(other),
        })
    }

    fn id() -> Expr {
        Table::Id.column()
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            key: row.get("name")?,
            is_hidden_value: row.get("is_hidden")?,
            provider_name: row.get("provider_name")?,
            updated_at: row.optional_time("updated_at")?.map(Millis),
            belonging: belonging::decode(row)?,
        })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok(())
    }
}

/// What a secret keeps besides what lists show.
#[derive(Clone)]
pub struct Kept {
    /// Encrypted; none where its provider has it.
    pub value: Option<String>,
    pub schema: Option<Value>,
    /// Encrypted JSON.
    pub options: Option<String>,
    pub provider: Option<KeptProvider>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// A secret's provider.
#[derive(Clone)]
pub struct KeptProvider {
    pub name: String,
    pub tenant_id: i64,
    pub provider_type: String,
    /// Encrypted JSON.
    pub parameters: Option<String>,
}

impl fmt::Debug for KeptProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptProvider({}, {})", self.name, self.provider_type)
    }
}

/// A secret with all that it keeps.
#[derive(Clone, Debug)]
pub struct Whole {
    pub id: i64,
    pub tenant_id: i64,
    pub secret: Secret,
    pub kept: Kept,
}

impl Listed for Whole {
    type Scope = TenantScope;
    const KIND: Kind = Kind::Secret;
    const NULLABLE: &'static [&'static str] = Secret::NULLABLE;

    fn source(scope: &TenantScope) -> SelectStatement {
        Secret::source(scope)
    }

    fn join(rows: &mut SelectStatement) {
        Secret::join(rows);
    }

    fn columns(select: &mut SelectStatement) {
        Secret::columns(select);
        select
            .columns([Table::Value, Table::ValueSchema, Table::ProviderOptions].map(|column| (Table::Table, column)))
            .expr_as(SecretsProvider::TenantId.column(), Alias::new("provider_tenant_id"))
            .expr_as(SecretsProvider::ProviderType.column(), Alias::new("provider_type"))
            .expr_as(SecretsProvider::Parameters.column(), Alias::new("provider_parameters"));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Secret::field(name)
    }

    fn id() -> Expr {
        Secret::id()
    }

    fn decode(row: &Row) -> Result<Self> {
        let secret = Secret::decode(row)?;
        let provider = match &secret.provider_name {
            None => None,
            Some(name) => Some(KeptProvider {
                name: name.clone(),
                tenant_id: row.get("provider_tenant_id")?,
                provider_type: row.get("provider_type")?,
                parameters: row.get("provider_parameters")?,
            }),
        };
        let schema = row.get::<Option<String>>("value_schema")?.map(|text| {
            // The text is what a user wrote; a log need not tell it.
            serde_json::from_str(&text).map_err(|_| StoreError::Unreadable { what: "schema", value: String::new() })
        });
        let kept = Kept {
            value: row.get("value")?,
            schema: schema.transpose()?,
            options: row.get("provider_options")?,
            provider,
        };
        Ok(Self { id: row.get("id")?, tenant_id: row.get("tenant_id")?, secret, kept })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok(())
    }
}

/// The secrets whose values the scope opens.
pub fn opened(scope: &TenantScope) -> Condition {
    Condition::any().add(Table::IsHidden.column().eq(false)).add(scope.opened::<Table>())
}

/// A row that stands at a name, whoever sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: i64,
    pub tenant_id: i64,
    pub visibility: Visibility,
    pub created_by_id: i64,
    pub is_hidden: bool,
    pub has_schema: bool,
}

/// All secrets of an account that have these keys, by key: names are unique across what one sees.
pub async fn standing(conn: &mut Conn, account_id: i64, keys: &[String]) -> Result<Vec<(String, Standing)>> {
    let mut all = Vec::new();
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let columns = [
            Table::Id,
            Table::TenantId,
            Table::Visibility,
            Table::CreatedById,
            Table::IsHidden,
            Table::Name,
            Table::ValueSchema,
        ];
        let select = Query::select()
            .columns(columns.map(|column| (Table::Table, column)))
            .from(Table::Table)
            .inner_join(Tenant::Table, Expr::col((Tenant::Table, Tenant::Id)).eq(Table::TenantId.column()))
            .and_where(Expr::col((Tenant::Table, Tenant::AccountId)).eq(account_id))
            .and_where(Table::Name.column().is_in(keys))
            .take();
        for row in conn.fetch_all(&select).await? {
            let standing = Standing {
                id: row.get("id")?,
                tenant_id: row.get("tenant_id")?,
                visibility: row.word("visibility", Visibility::from_name)?,
                created_by_id: row.get("created_by_id")?,
                is_hidden: row.get("is_hidden")?,
                has_schema: row.get::<Option<String>>("value_schema")?.is_some(),
            };
            all.push((row.get("name")?, standing));
        }
    }
    Ok(all)
}
