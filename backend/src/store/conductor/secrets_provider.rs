//! Secrets providers.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::secrets_provider::SecretsProvider;
use binnacle_shared::time::Millis;
use sea_query::{Expr, ExprTrait, SelectStatement};

use super::belonging;
use super::scope::{TenantOwned, TenantScope};
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::SecretsProvider as Table;
use crate::store::{Conn, Result, Row};

impl Listed for SecretsProvider {
    type Scope = TenantScope;
    const KIND: Kind = Kind::SecretsProvider;
    const NULLABLE: &'static [&'static str] = &["updated_at"];

    fn source(scope: &TenantScope) -> SelectStatement {
        scope.select::<Table>()
    }

    fn join(rows: &mut SelectStatement) {
        belonging::join::<Table>(rows);
    }

    fn columns(select: &mut SelectStatement) {
        belonging::columns::<Table>(select);
        select.columns([Table::ProviderType, Table::UpdatedAt].map(|column| (Table::Table, column)));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "name" => FieldSql::Text(Table::Name.column()),
            "type" => FieldSql::Text(Table::ProviderType.column()),
            "updated_at" => FieldSql::Time(Table::UpdatedAt.column()),
            other => return belonging::field::<Table>(other),
        })
    }

    fn id() -> Expr {
        Table::Id.column()
    }

    fn decode(row: &Row) -> Result<Self> {
        let name: String = row.get("name")?;
        Ok(Self {
            id: name.clone(),
            name,
            provider_type: row.get("provider_type")?,
            connection_parameters: None,
            updated_at: row.optional_time("updated_at")?.map(Millis),
            belonging: belonging::decode(row)?,
        })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok(())
    }
}

/// The connection parameters of a provider in scope, encrypted as they are.
pub async fn parameters(conn: &mut Conn, scope: &TenantScope, id: i64) -> Result<Option<String>> {
    let select = scope.select::<Table>().column(Table::Parameters).and_where(Table::Id.column().eq(id)).take();
    Ok(match conn.fetch_optional(&select).await? {
        Some(row) => row.get("parameters")?,
        None => None,
    })
}
