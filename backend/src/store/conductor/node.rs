//! The nodes that serve this database.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::manager::Manager;
use binnacle_shared::time::Millis;
use jiff::Timestamp;
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SelectStatement};
use serde_json::json;

use crate::store::list::{FieldSql, Listed};
use crate::store::tables::Node as Table;
use crate::store::{Conn, Result, Row, micros};

/// The edition that clients find here: none of what they may ask for is held back.
pub const EDITION: &str = "premium";
/// The version of the manager's API that clients find here. Clients choose by it what they ask for.
pub const API_VERSION: &str = "7.0.5";

/// What a node says of itself.
#[derive(Clone, Copy, Debug)]
pub struct NewNode<'a> {
    pub hostname: &'a str,
    pub private_ip: &'a str,
    pub public_ip: &'a str,
    pub version: &'a str,
    pub distribution: &'a str,
    pub distro_release: &'a str,
    pub started_at: Timestamp,
}

/// Notes that a node is there.
pub async fn announce(conn: &mut Conn, node: &NewNode<'_>, now: Timestamp) -> Result<()> {
    let said = [
        Table::PrivateIp,
        Table::PublicIp,
        Table::Version,
        Table::Distribution,
        Table::DistroRelease,
        Table::StartedAt,
        Table::LastSeenAt,
    ];
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns(std::iter::once(Table::Hostname).chain(said))
        .values_panic([
            node.hostname.into(),
            node.private_ip.into(),
            node.public_ip.into(),
            node.version.into(),
            node.distribution.into(),
            node.distro_release.into(),
            micros(node.started_at).into(),
            micros(now).into(),
        ])
        .on_conflict(OnConflict::column(Table::Hostname).update_columns(said).to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

pub async fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    let delete = Query::delete().from_table(Table::Table).and_where(Expr::col(Table::Id).eq(id)).take();
    conn.execute(&delete).await?;
    Ok(())
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

/// The node with that name, as a condition.
pub fn named(hostname: &str) -> sea_query::Condition {
    sea_query::Condition::all().add(column(Table::Hostname).eq(hostname))
}

impl Listed for Manager {
    /// Nodes belong to nobody: a permission opens them.
    type Scope = ();
    const KIND: Kind = Kind::Manager;

    fn source((): &()) -> SelectStatement {
        Query::select().from(Table::Table).take()
    }

    fn columns(select: &mut SelectStatement) {
        select
            .columns(
                [
                    Table::Id,
                    Table::Hostname,
                    Table::PrivateIp,
                    Table::PublicIp,
                    Table::Distribution,
                    Table::DistroRelease,
                    Table::StartedAt,
                    Table::LastSeenAt,
                ]
                .map(|column| (Table::Table, column)),
            )
            .expr_as(column(Table::Version), Alias::new("version"));
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Table::Id)),
            "hostname" => FieldSql::Text(column(Table::Hostname)),
            "private_ip" => FieldSql::Text(column(Table::PrivateIp)),
            "public_ip" => FieldSql::Text(column(Table::PublicIp)),
            "distribution" => FieldSql::Text(column(Table::Distribution)),
            "distro_release" => FieldSql::Text(column(Table::DistroRelease)),
            "binnacle_version" => FieldSql::Text(column(Table::Version)),
            "last_seen" => FieldSql::Time(column(Table::LastSeenAt)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let private_ip: String = row.get("private_ip")?;
        let networks = if private_ip.is_empty() { json!({}) } else { json!({"default": private_ip}) };
        Ok(Self {
            id: row.get("id")?,
            hostname: row.get("hostname")?,
            private_ip,
            public_ip: row.get("public_ip")?,
            version: API_VERSION.to_owned(),
            edition: EDITION.to_owned(),
            distribution: row.get("distribution")?,
            distro_release: row.get("distro_release")?,
            last_seen: Millis(row.time("last_seen_at")?),
            started_at: Millis(row.time("started_at")?),
            binnacle_version: row.get("version")?,
            networks,
            fs_sync_node_id: None,
            ca_cert_content: None,
            status_report_frequency: None,
        })
    }

    async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
        Ok(())
    }
}
