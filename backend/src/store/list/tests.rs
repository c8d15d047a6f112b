use binnacle_shared::Kind;
use binnacle_shared::list::ListParams;
use binnacle_shared::model::conductor::audit::AuditEntry;
use binnacle_shared::model::conductor::manager::Manager;
use binnacle_shared::model::conductor::role_permission::RolePermission;
use binnacle_shared::model::conductor::secret::Secret;
use binnacle_shared::model::conductor::secrets_provider::SecretsProvider;
use binnacle_shared::model::conductor::site::Site;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::administrator::Administrator;
use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::event::Event;
use binnacle_shared::model::landscape::invitation::Invitation;
use binnacle_shared::model::landscape::role::Role;
use binnacle_shared::model::landscape::script::Script;
use binnacle_shared::model::landscape::script_profile::ScriptProfile;
use sea_query::{PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tempfile::TempDir;

use super::{FieldSql, Listed, fields, missing_fields, order};
use crate::store::Db;
use crate::store::conductor::account_scope::AccountScope;
use crate::store::conductor::api_token::StoredToken;
use crate::store::conductor::filter::{BlueprintFilter, DeploymentFilter};
use crate::store::conductor::scope::{TenantScope, Tenants};
use crate::store::conductor::tenant::StoredTenant;
use crate::store::conductor::user::StoredUser;
use crate::store::conductor::user_group::StoredGroup;

macro_rules! with_every_kind {
    ($check:ident($($argument:expr)?)) => {
        with_every_kind!(
            $check ($($argument)?) Activity Administrator AuditEntry BlueprintFilter Computer DeploymentFilter Event
            Invitation Manager Role RolePermission Script ScriptProfile Secret SecretsProvider Site StoredGroup
            StoredTenant StoredToken StoredUser
        )
    };
    ($check:ident $argument:tt $($kind:ident)+) => {
        $(with_every_kind!(@one $check $argument $kind);)+
    };
    (@one $check:ident ($argument:expr) $kind:ident) => { $check::<$kind>($argument).await };
    (@one $check:ident () $kind:ident) => { $check::<$kind>() };
}

fn keeps_its_promises<T: Listed>() {
    assert!(missing_fields::<T>().is_empty(), "{:?} {:?}", T::KIND, missing_fields::<T>());
}

#[test]
fn the_registrys_promises_are_kept_in_sql() {
    with_every_kind!(keeps_its_promises());
}

async fn database() -> (TempDir, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("binnacle.db").display().to_string();
    Db::open(&format!("sqlite:{path}")).await.unwrap().close().await;
    (folder, SqliteConnection::connect(&path).await.unwrap())
}

fn value(field: FieldSql) -> Option<sea_query::Expr> {
    match field {
        FieldSql::Text(column)
        | FieldSql::Folded(column)
        | FieldSql::Integer(column)
        | FieldSql::Real(column)
        | FieldSql::Boolean(column)
        | FieldSql::Time(column) => Some(column),
        FieldSql::Values(_) => None,
    }
}

/// Whether a column may be null, by the schema; none: it is no plain column.
async fn may_be_null<T: Listed>(conn: &mut SqliteConnection, field: &str) -> Option<bool> {
    let select = Query::select().expr(value(T::field(field)?)?).take().to_string(SqliteQueryBuilder);
    let parts: Vec<&str> = select.strip_prefix("SELECT ")?.split('.').map(|part| part.trim_matches('"')).collect();
    let [table, column] = parts.as_slice() else { return None };
    let mut joined = SelectStatement::new();
    T::join(&mut joined);
    let left = joined.to_string(SqliteQueryBuilder).contains(&format!("LEFT JOIN \"{table}\""));
    let sql = "SELECT \"notnull\" = 0 AND pk = 0 FROM pragma_table_info(?) WHERE name = ?";
    let row = sqlx::query(sql).bind(*table).bind(*column).fetch_optional(conn).await.unwrap()?;
    Some(left || row.get::<bool, _>(0))
}

async fn says_what_may_be_null<T: Listed>(conn: &mut SqliteConnection) {
    let mut nullable = Vec::new();
    let mut said = Vec::new();
    for field in fields(T::KIND, |f| f.list.sortable) {
        if let Some(may_be) = may_be_null::<T>(conn, field.name).await {
            nullable.extend(Some(field.name).filter(|_| may_be));
            said.extend(Some(field.name).filter(|name| T::NULLABLE.contains(name)));
        }
    }
    assert_eq!(said, nullable, "{:?}", T::KIND);
}

#[tokio::test]
async fn what_may_be_null_is_known() {
    let (_folder, mut conn) = database().await;
    // The question finds both, or the rest of this test would prove nothing.
    assert_eq!(may_be_null::<Site>(&mut conn, "created_at").await, Some(false));
    assert_eq!(may_be_null::<Site>(&mut conn, "latitude").await, Some(true));
    assert_eq!(may_be_null::<Secret>(&mut conn, "provider_name").await, Some(true));
    with_every_kind!(says_what_may_be_null(&mut conn));
}

/// The statement for the first rows in an order.
fn first<T: Listed>(scope: &T::Scope, sort: &str) -> SelectStatement {
    let params = ListParams::parse(T::KIND, [("sort", sort)]).unwrap();
    let mut rows = T::source(scope);
    T::join(&mut rows);
    T::columns(&mut rows);
    order(&mut rows, T::KIND, (&T::field, |name| T::NULLABLE.contains(&name)), T::id(), &params);
    rows.limit(20).take()
}

fn tenants() -> TenantScope {
    TenantScope::new(1, 1, Tenants::These(vec![1]), Tenants::All)
}

#[test]
fn where_nothing_belongs_is_said_of_columns_that_may_be_null_alone() {
    let order = |select: SelectStatement| {
        let (sqlite, postgres) = (select.to_string(SqliteQueryBuilder), select.to_string(PostgresQueryBuilder));
        let part = |sql: &str| sql.split_once(" ORDER BY ").unwrap().1.split_once(" LIMIT ").unwrap().0.to_owned();
        assert_eq!(part(&sqlite), part(&postgres));
        part(&sqlite)
    };
    let sites = |sort| order(first::<Site>(&tenants(), sort));
    assert_eq!(sites("created_at"), r#""site"."created_at" ASC, "site"."id" ASC"#);
    assert_eq!(sites("-name"), r#"LOWER("site"."name") DESC, "site"."id" DESC"#);
    assert_eq!(sites("latitude"), r#""site"."latitude" ASC NULLS LAST, "site"."id" ASC"#);
    assert_eq!(sites("-latitude"), r#""site"."latitude" DESC NULLS FIRST, "site"."id" DESC"#);
    let computers = |sort| order(first::<Computer>(&crate::store::Scope::account(1), sort));
    assert_eq!(computers("-hostname"), r#"LOWER("computer"."hostname") DESC NULLS LAST, "computer"."id" DESC"#);
    assert_eq!(Kind::Computer, Computer::KIND);
}

/// How `SQLite` goes about a statement.
async fn plan(conn: &mut SqliteConnection, select: &SelectStatement) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", select.to_string(SqliteQueryBuilder));
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_usual_orders_come_out_of_an_index() {
    let (_folder, mut conn) = database().await;
    let account = AccountScope::whole(1);
    for (select, index) in [
        (first::<Site>(&tenants(), "created_at"), "site_list"),
        (first::<Site>(&tenants(), "-created_at"), "site_list"),
        (first::<Secret>(&tenants(), "created_at"), "secret_list"),
        (first::<SecretsProvider>(&tenants(), "created_at"), "secrets_provider_list"),
        (first::<DeploymentFilter>(&tenants(), "created_at"), "filter_list"),
        (first::<StoredUser>(&account, "username"), "person_username"),
        (first::<StoredUser>(&account, "-username"), "person_username"),
        (first::<StoredGroup>(&account, "name"), "user_group_name"),
    ] {
        let plan = plan(&mut conn, &select).await;
        assert!(
            plan.contains(index) && !plan.contains("TEMP B-TREE"),
            "{plan}\n{}",
            select.to_string(SqliteQueryBuilder)
        );
    }
}
