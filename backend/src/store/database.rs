//! What the database itself says it is.

use sea_query::{Alias, Expr, Query};

use super::{Conn, Result};

/// The database in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Such as `PostgreSQL`.
    pub product: &'static str,
    pub version: String,
    /// Its name on its server, where there are several.
    pub name: Option<String>,
    /// Where its server listens; none: it is part of this process, or reached by a socket of this
    /// machine.
    pub address: Option<String>,
}

/// Asks it. That it answers is the proof that it works.
pub async fn ask(conn: &mut Conn) -> Result<Database> {
    if conn.is_postgres() {
        let select = Query::select()
            .expr_as(Expr::cust("current_setting('server_version')"), Alias::new("version"))
            .expr_as(Expr::cust("current_database()::text"), Alias::new("name"))
            .expr_as(Expr::cust("host(inet_server_addr())"), Alias::new("address"))
            .take();
        let row = conn.fetch_one(&select).await?;
        let (version, name) = (row.get("version")?, row.get("name")?);
        return Ok(Database { product: "PostgreSQL", version, name: Some(name), address: row.get("address")? });
    }
    let select = Query::select().expr_as(Expr::cust("sqlite_version()"), Alias::new("version")).take();
    let version = conn.fetch_one(&select).await?.get("version")?;
    Ok(Database { product: "SQLite", version, name: None, address: None })
}
