//! Scripts.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::person::PersonRef;
use binnacle_shared::model::landscape::script::{
    NewScript, ProfileRef, REDACTED_CODE, REDACTED_INTERPRETER, Script as Wire, ScriptStatus,
};
use binnacle_shared::time::NaiveMicros;
use sea_query::{Alias, Condition, DynIden, Expr, ExprTrait, IntoIden, JoinType, Order, Query, SelectStatement};

use super::list::{FieldSql, Listed};
use super::script_version::insert_version;
use super::tables::{AccessGroup, Activity, Person, Script, ScriptProfile, ScriptVersion};
use super::{Conn, Result, Row, Scope, attachment, micros};

pub use super::script_version::{version, versions};

/// Scripts of the kind that profiles can use.
pub const V2: &str = "V2";
/// Scripts made by old clients.
pub const V1: &str = "V1";

fn column(column: Script) -> Expr {
    Expr::col((Script::Table, column))
}

fn creator() -> DynIden {
    Alias::new("creator").into_iden()
}

fn editor() -> DynIden {
    Alias::new("editor").into_iden()
}

/// `{id, name}` from two columns, of which both or none are there.
pub(super) fn person_ref(row: &Row, id: &str, name: &str) -> Result<Option<PersonRef>> {
    Ok(match (row.get::<Option<i64>>(id)?, row.get::<Option<String>>(name)?) {
        (Some(id), Some(name)) => Some(PersonRef { name, id }),
        _ => None,
    })
}

impl Listed for Wire {
    type Scope = Scope;
    const KIND: Kind = Kind::Script;
    const NULLABLE: &'static [&'static str] = &["username"];

    fn source(scope: &Scope) -> SelectStatement {
        scope.select::<Script>()
    }

    fn join(rows: &mut SelectStatement) {
        rows.inner_join(
            AccessGroup::Table,
            Expr::col((AccessGroup::Table, AccessGroup::Id)).equals((Script::Table, Script::AccessGroupId)),
        )
        .join_as(
            JoinType::LeftJoin,
            Person::Table,
            creator(),
            Expr::col((creator(), Person::Id)).equals((Script::Table, Script::CreatedBy)),
        )
        .join_as(
            JoinType::LeftJoin,
            Person::Table,
            editor(),
            Expr::col((editor(), Person::Id)).equals((Script::Table, Script::EditedBy)),
        );
    }

    fn columns(select: &mut SelectStatement) {
        use Script as S;
        select
            .columns(
                [
                    S::Id,
                    S::Title,
                    S::VersionNumber,
                    S::Status,
                    S::Interpreter,
                    S::Code,
                    S::TimeLimit,
                    S::Username,
                    S::CreatedBy,
                    S::CreatedAt,
                    S::EditedBy,
                    S::EditedAt,
                ]
                .map(|c| (S::Table, c)),
            )
            .expr_as(Expr::col((AccessGroup::Table, AccessGroup::Name)), "access_group")
            .expr_as(Expr::col((creator(), Person::Name)), "creator_name")
            .expr_as(Expr::col((editor(), Person::Name)), "editor_name");
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Script::Id)),
            "title" => FieldSql::Text(column(Script::Title)),
            "username" => FieldSql::Text(column(Script::Username)),
            "interpreter" => FieldSql::Text(column(Script::Interpreter)),
            "access_group" => FieldSql::Text(Expr::col((AccessGroup::Table, AccessGroup::Name))),
            "time_limit" => FieldSql::Integer(column(Script::TimeLimit)),
            "version_number" => FieldSql::Integer(column(Script::VersionNumber)),
            "created_at" => FieldSql::Time(column(Script::CreatedAt)),
            "last_edited_at" => FieldSql::Time(column(Script::EditedAt)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Script::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        let status = row.word("status", ScriptStatus::from_name)?;
        let active = status == ScriptStatus::Active;
        Ok(Self {
            id: row.get("id")?,
            title: row.get("title")?,
            version_number: row.get("version_number")?,
            created_by: person_ref(row, "created_by", "creator_name")?,
            created_at: NaiveMicros(row.time("created_at")?),
            last_edited_by: person_ref(row, "edited_by", "editor_name")?,
            last_edited_at: NaiveMicros(row.time("edited_at")?),
            script_profiles: Vec::new(),
            status,
            attachments: Vec::new(),
            code: row.get("code")?,
            interpreter: row.get("interpreter")?,
            access_group: row.get("access_group")?,
            time_limit: row.get("time_limit")?,
            username: row.get("username")?,
            // What the script allows; the dialect narrows it to what the caller may do.
            is_redactable: status != ScriptStatus::Redacted,
            is_editable: active,
            is_executable: active,
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let profiles = Query::select()
            .columns([ScriptProfile::Id, ScriptProfile::Title, ScriptProfile::ScriptId])
            .from(ScriptProfile::Table)
            .and_where(Expr::col(ScriptProfile::ScriptId).is_in(items.iter().map(|s| s.id)))
            .and_where(Expr::col(ScriptProfile::ArchivedAt).is_null())
            .order_by(ScriptProfile::Id, Order::Asc)
            .take();
        for row in conn.fetch_all(&profiles).await? {
            let id: i64 = row.get("script_id")?;
            if let Some(script) = items.iter_mut().find(|s| s.id == id) {
                script.script_profiles.push(ProfileRef { id: row.get("id")?, title: row.get("title")? });
            }
        }
        let ids: Vec<i64> = items.iter().map(|script| script.id).collect();
        let mut attachments = attachment::of_scripts(conn, &ids).await?;
        for script in items {
            script.attachments = attachments.remove(&script.id).unwrap_or_default();
        }
        Ok(())
    }
}

/// Which scripts a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScriptFilter {
    #[default]
    Active,
    Archived,
    Redacted,
    All,
    V1,
    V2,
}

impl ScriptFilter {
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "active" => Self::Active,
            "archived" => Self::Archived,
            "redacted" => Self::Redacted,
            "all" => Self::All,
            "v1" => Self::V1,
            "v2" => Self::V2,
            _ => return None,
        })
    }

    /// v1 and v2 mean the active ones of that type.
    pub fn condition(self) -> Condition {
        let status = |s: ScriptStatus| column(Script::Status).eq(s.name());
        let condition = Condition::all();
        match self {
            Self::All => condition,
            Self::Active => condition.add(status(ScriptStatus::Active)),
            Self::Archived => condition.add(status(ScriptStatus::Archived)),
            Self::Redacted => condition.add(status(ScriptStatus::Redacted)),
            Self::V1 => condition.add(status(ScriptStatus::Active)).add(column(Script::ScriptType).eq(V1)),
            Self::V2 => condition.add(status(ScriptStatus::Active)).add(column(Script::ScriptType).eq(V2)),
        }
    }
}

/// What decides whether and where a script may be used.
#[derive(Clone, Debug)]
pub struct Usable {
    pub id: i64,
    pub title: String,
    pub access_group_id: i64,
    pub script_type: String,
    pub status: ScriptStatus,
    pub version_number: i64,
    pub time_limit: i64,
    pub username: Option<String>,
}

pub async fn usable(conn: &mut Conn, scope: &Scope, id: i64) -> Result<Option<Usable>> {
    let select = scope
        .select::<Script>()
        .columns(
            [
                Script::Id,
                Script::Title,
                Script::AccessGroupId,
                Script::ScriptType,
                Script::Status,
                Script::VersionNumber,
                Script::TimeLimit,
                Script::Username,
            ]
            .map(|c| (Script::Table, c)),
        )
        .and_where(column(Script::Id).eq(id))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    Ok(Some(Usable {
        id: row.get("id")?,
        title: row.get("title")?,
        access_group_id: row.get("access_group_id")?,
        script_type: row.get("script_type")?,
        status: row.word("status", ScriptStatus::from_name)?,
        version_number: row.get("version_number")?,
        time_limit: row.get("time_limit")?,
        username: row.get("username")?,
    }))
}

/// Makes a script and its first version. A title that is taken is `Duplicate`.
pub async fn create(
    conn: &mut Conn,
    account_id: i64,
    access_group_id: i64,
    new: &NewScript,
    script_type: &str,
    person_id: i64,
    now: jiff::Timestamp,
) -> Result<i64> {
    use Script as S;
    let insert = Query::insert()
        .into_table(S::Table)
        .columns([
            S::AccountId,
            S::AccessGroupId,
            S::Title,
            S::ScriptType,
            S::Status,
            S::VersionNumber,
            S::Interpreter,
            S::Code,
            S::TimeLimit,
            S::Username,
            S::CreatedBy,
            S::CreatedAt,
            S::EditedBy,
            S::EditedAt,
        ])
        .values_panic([
            account_id.into(),
            access_group_id.into(),
            new.title.as_str().into(),
            script_type.into(),
            ScriptStatus::Active.name().into(),
            1_i64.into(),
            new.code.interpreter.as_str().into(),
            new.code.code.as_str().into(),
            new.time_limit.into(),
            new.username.clone().into(),
            person_id.into(),
            micros(now).into(),
            person_id.into(),
            micros(now).into(),
        ])
        .returning_col(S::Id)
        .take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    insert_version(conn, id, 1, &new.title, &new.code.interpreter, &new.code.code, person_id, now).await?;
    Ok(id)
}

/// A script's changeable columns after an edit.
#[derive(Clone, Debug)]
pub struct Edited {
    pub title: String,
    pub interpreter: String,
    pub code: String,
    pub time_limit: i64,
    pub username: Option<String>,
    pub version_number: i64,
    /// Title or code changed, so this is a version of its own.
    pub new_version: bool,
}

pub async fn update(
    conn: &mut Conn,
    scope: &Scope,
    id: i64,
    edited: &Edited,
    person_id: i64,
    now: jiff::Timestamp,
) -> Result<()> {
    let update = Query::update()
        .table(Script::Table)
        .values([
            (Script::Title, edited.title.as_str().into()),
            (Script::Interpreter, edited.interpreter.as_str().into()),
            (Script::Code, edited.code.as_str().into()),
            (Script::TimeLimit, edited.time_limit.into()),
            (Script::Username, edited.username.clone().into()),
            (Script::VersionNumber, edited.version_number.into()),
            (Script::EditedBy, person_id.into()),
            (Script::EditedAt, micros(now).into()),
        ])
        .cond_where(scope.rows::<Script>())
        .and_where(column(Script::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    if edited.new_version {
        insert_version(
            conn,
            id,
            edited.version_number,
            &edited.title,
            &edited.interpreter,
            &edited.code,
            person_id,
            now,
        )
        .await?;
    }
    Ok(())
}

pub async fn set_status(conn: &mut Conn, scope: &Scope, id: i64, status: ScriptStatus) -> Result<()> {
    let update = Query::update()
        .table(Script::Table)
        .value(Script::Status, status.name())
        .cond_where(scope.rows::<Script>())
        .and_where(column(Script::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Notes who changed something that makes no version.
pub async fn touch(conn: &mut Conn, scope: &Scope, id: i64, person_id: i64, now: jiff::Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Script::Table)
        .value(Script::EditedBy, person_id)
        .value(Script::EditedAt, micros(now))
        .cond_where(scope.rows::<Script>())
        .and_where(column(Script::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Blanks the code of a script in all its versions.
pub async fn redact(conn: &mut Conn, scope: &Scope, id: i64) -> Result<()> {
    let update = Query::update()
        .table(Script::Table)
        .value(Script::Status, ScriptStatus::Redacted.name())
        .value(Script::Interpreter, REDACTED_INTERPRETER)
        .value(Script::Code, REDACTED_CODE)
        .cond_where(scope.rows::<Script>())
        .and_where(column(Script::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    let versions = Query::update()
        .table(ScriptVersion::Table)
        .value(ScriptVersion::Interpreter, REDACTED_INTERPRETER)
        .value(ScriptVersion::Code, REDACTED_CODE)
        .and_where(Expr::col(ScriptVersion::ScriptId).eq(id))
        .take();
    conn.execute(&versions).await?;
    Ok(())
}

/// Whether activities or profiles refer to a script.
pub async fn is_used(conn: &mut Conn, id: i64) -> Result<bool> {
    let activities = Query::select()
        .column(Activity::Id)
        .from(Activity::Table)
        .and_where(Expr::col(Activity::ScriptId).eq(id))
        .limit(1)
        .take();
    let profiles = Query::select()
        .column(ScriptProfile::Id)
        .from(ScriptProfile::Table)
        .and_where(Expr::col(ScriptProfile::ScriptId).eq(id))
        .limit(1)
        .take();
    Ok(conn.fetch_optional(&activities).await?.is_some() || conn.fetch_optional(&profiles).await?.is_some())
}

/// Deletes a script that nothing refers to, with its versions and files.
pub async fn delete(conn: &mut Conn, scope: &Scope, id: i64) -> Result<()> {
    attachment::remove_all(conn, id).await?;
    let versions =
        Query::delete().from_table(ScriptVersion::Table).and_where(Expr::col(ScriptVersion::ScriptId).eq(id)).take();
    conn.execute(&versions).await?;
    let delete = Query::delete()
        .from_table(Script::Table)
        .cond_where(scope.rows::<Script>())
        .and_where(column(Script::Id).eq(id))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

/// Scripts that can run on the computers of an access group: those of the group itself and of
/// the groups above it.
pub fn usable_below(group_id: i64) -> Condition {
    Condition::all().add(column(Script::AccessGroupId).in_subquery(super::association::groups_above(group_id)))
}
