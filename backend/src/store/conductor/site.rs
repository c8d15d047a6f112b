//! Sites.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::site::Site;
use sea_query::{Expr, SelectStatement};

use super::belonging;
use super::scope::{TenantOwned, TenantScope};
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::Site as Table;
use crate::store::{Conn, Result, Row};

impl Listed for Site {
    type Scope = TenantScope;
    const KIND: Kind = Kind::Site;
    const NULLABLE: &'static [&'static str] = &["latitude", "longitude"];

    fn source(scope: &TenantScope) -> SelectStatement {
        scope.select::<Table>()
    }

    fn join(rows: &mut SelectStatement) {
        belonging::join::<Table>(rows);
    }

    fn columns(select: &mut SelectStatement) {
        belonging::columns::<Table>(select);
        select.columns([Table::Location, Table::Latitude, Table::Longitude].map(|column| (Table::Table, column)));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "name" => FieldSql::Text(Table::Name.column()),
            "location" => FieldSql::Text(Table::Location.column()),
            "latitude" => FieldSql::Real(Table::Latitude.column()),
            "longitude" => FieldSql::Real(Table::Longitude.column()),
            other => return belonging::field::<Table>(other),
        })
    }

    fn id() -> Expr {
        Table::Id.column()
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            name: row.get("name")?,
            location: row.get("location")?,
            latitude: row.get("latitude")?,
            longitude: row.get("longitude")?,
            belonging: belonging::decode(row)?,
        })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok(())
    }
}
