//! The versions of scripts: what each said, and who wrote it.

use binnacle_shared::list::{ListParams, Page};
use binnacle_shared::model::landscape::script::ScriptVersion as WireVersion;
use binnacle_shared::time::NaiveMicros;
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

use super::script::person_ref;
use super::tables::{Person, ScriptVersion};
use super::{Conn, Result, Row, Scope, micros};

#[allow(clippy::too_many_arguments, reason = "one column each")]
pub(super) async fn insert_version(
    conn: &mut Conn,
    script_id: i64,
    number: i64,
    title: &str,
    interpreter: &str,
    code: &str,
    person_id: i64,
    now: jiff::Timestamp,
) -> Result<()> {
    use ScriptVersion as V;
    let insert = Query::insert()
        .into_table(V::Table)
        .columns([V::ScriptId, V::VersionNumber, V::Title, V::Interpreter, V::Code, V::CreatedBy, V::CreatedAt])
        .values_panic([
            script_id.into(),
            number.into(),
            title.into(),
            interpreter.into(),
            code.into(),
            person_id.into(),
            micros(now).into(),
        ])
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

fn versions_of(script_id: i64) -> SelectStatement {
    Query::select()
        .from(ScriptVersion::Table)
        .left_join(
            Person::Table,
            Expr::col((Person::Table, Person::Id)).equals((ScriptVersion::Table, ScriptVersion::CreatedBy)),
        )
        .and_where(Expr::col((ScriptVersion::Table, ScriptVersion::ScriptId)).eq(script_id))
        .take()
}

fn decode_version(row: &Row, account_id: i64) -> Result<WireVersion> {
    let created_by = person_ref(row, "created_by", "creator_name")?;
    Ok(WireVersion {
        id: row.get("id")?,
        script_id: row.get("script_id")?,
        account_id,
        title: row.get("title")?,
        version_number: row.get("version_number")?,
        code: row.get("code")?,
        interpreter: row.get("interpreter")?,
        created_at: NaiveMicros(row.time("created_at")?),
        creator_id: created_by.as_ref().map(|p| p.id),
        creator_name: created_by.as_ref().map(|p| p.name.clone()),
        created_by,
    })
}

fn version_columns(select: &mut SelectStatement) {
    use ScriptVersion as V;
    select
        .columns(
            [V::Id, V::ScriptId, V::VersionNumber, V::Title, V::Interpreter, V::Code, V::CreatedBy, V::CreatedAt]
                .map(|c| (V::Table, c)),
        )
        .expr_as(Expr::col((Person::Table, Person::Name)), "creator_name");
}

/// Versions of a script that the caller has found in scope, newest first.
pub async fn versions(
    conn: &mut Conn,
    scope: &Scope,
    script_id: i64,
    params: &ListParams,
) -> Result<Page<WireVersion>> {
    let mut select = versions_of(script_id);
    let count = select.clone().expr_as(Expr::cust("COUNT(*)"), "count").take();
    let total: i64 = conn.fetch_one(&count).await?.get("count")?;
    version_columns(&mut select);
    select
        .order_by((ScriptVersion::Table, ScriptVersion::VersionNumber), Order::Desc)
        .limit(params.limit.into())
        .offset(params.offset);
    let items = conn
        .fetch_all(&select)
        .await?
        .iter()
        .map(|row| decode_version(row, scope.account_id()))
        .collect::<Result<_>>()?;
    Ok(Page { items, total: total.unsigned_abs() })
}

pub async fn version(conn: &mut Conn, scope: &Scope, script_id: i64, number: i64) -> Result<Option<WireVersion>> {
    let mut select = versions_of(script_id);
    version_columns(&mut select);
    select.and_where(Expr::col((ScriptVersion::Table, ScriptVersion::VersionNumber)).eq(number));
    let row = conn.fetch_optional(&select).await?;
    row.map(|row| decode_version(&row, scope.account_id())).transpose()
}
