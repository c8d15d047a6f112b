//! Script profiles: stored, read, and found when they are due.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::Activity as WireActivity;
use binnacle_shared::model::landscape::script_profile::{
    ArchivedFilter, EventType, NewScriptProfile, ProfileActivities, ProfileComputers, ScriptProfile as Wire,
    ScriptProfilePatch, Trigger, TriggerType,
};
use binnacle_shared::time::{NaiveMicros, Seconds};
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};

use super::association;
use super::list::{self, FieldSql, Listed};
use super::schedule::{NewSchedule, StoredTrigger};
use super::script::person_ref;
use super::tables::{AccessGroup, Activity, Person, ScriptProfile, ScriptProfileTag};
use super::{Conn, Result, Row, Scope, StoreError, micros};

fn column(column: ScriptProfile) -> Expr {
    Expr::col((ScriptProfile::Table, column))
}

/// The profiles that a list shows by their archived state.
pub fn archived(filter: ArchivedFilter) -> Condition {
    match filter {
        ArchivedFilter::All => Condition::all(),
        ArchivedFilter::Active => Condition::all().add(column(ScriptProfile::ArchivedAt).is_null()),
        ArchivedFilter::Archived => Condition::all().add(column(ScriptProfile::ArchivedAt).is_not_null()),
    }
}

/// The profiles with these titles; of a script.
pub fn titled(titles: &[String]) -> Condition {
    Condition::all().add(column(ScriptProfile::Title).is_in(titles.iter().map(String::as_str)))
}

pub fn of_script(script_id: i64) -> Condition {
    Condition::all().add(column(ScriptProfile::ScriptId).eq(script_id))
}

fn decode_trigger(row: &Row) -> Result<Trigger> {
    let archived = row.optional_time("archived_at")?.is_some();
    let next_run = row.optional_time("next_run_at")?.filter(|_| !archived).map(Seconds);
    let last_run = row.optional_time("last_run_at")?.map(Seconds);
    let required = |name: &'static str| -> Result<Seconds> {
        row.optional_time(name)?.map(Seconds).ok_or(StoreError::Unreadable { what: name, value: "null".into() })
    };
    Ok(match row.word("trigger_type", TriggerType::from_name)? {
        TriggerType::Event => Trigger::Event { event_type: EventType::PostEnrollment },
        TriggerType::OneTime => Trigger::OneTime {
            timestamp: required("run_at")?,
            is_finished: last_run.is_some() && next_run.is_none(),
            next_run,
            last_run,
        },
        TriggerType::Recurring => Trigger::Recurring {
            interval: row.get::<Option<String>>("cron")?.unwrap_or_default(),
            start_after: required("start_after")?,
            last_run,
            next_run,
        },
    })
}

impl Listed for Wire {
    const KIND: Kind = Kind::ScriptProfile;

    fn source(scope: &Scope) -> SelectStatement {
        scope
            .select::<ScriptProfile>()
            .inner_join(
                AccessGroup::Table,
                Expr::col((AccessGroup::Table, AccessGroup::Id))
                    .equals((ScriptProfile::Table, ScriptProfile::AccessGroupId)),
            )
            .left_join(
                Person::Table,
                Expr::col((Person::Table, Person::Id)).equals((ScriptProfile::Table, ScriptProfile::CreatedBy)),
            )
            .take()
    }

    fn columns(select: &mut SelectStatement) {
        use ScriptProfile as P;
        let computers = Expr::case(
            column(P::ArchivedAt).is_null(),
            Expr::SubQuery(None, Box::new(association::count_of_row().into())),
        )
        .finally(0_i64);
        select
            .columns(
                [
                    P::Id,
                    P::ScriptId,
                    P::Title,
                    P::AllComputers,
                    P::TimeLimit,
                    P::Username,
                    P::TriggerType,
                    P::EventType,
                    P::RunAt,
                    P::Cron,
                    P::StartAfter,
                    P::NextRunAt,
                    P::LastRunAt,
                    P::CreatedBy,
                    P::CreatedAt,
                    P::EditedAt,
                    P::ArchivedAt,
                ]
                .map(|c| (P::Table, c)),
            )
            .expr_as(Expr::col((AccessGroup::Table, AccessGroup::Name)), "access_group")
            .expr_as(Expr::col((Person::Table, Person::Name)), "creator_name")
            .expr_as(computers, "num_computers");
    }

    fn field(name: &str) -> Option<FieldSql> {
        use ScriptProfile as P;
        Some(match name {
            "id" => FieldSql::Integer(column(P::Id)),
            "title" => FieldSql::Text(column(P::Title)),
            "script_id" => FieldSql::Integer(column(P::ScriptId)),
            "username" => FieldSql::Text(column(P::Username)),
            "time_limit" => FieldSql::Integer(column(P::TimeLimit)),
            "all_computers" => FieldSql::Boolean(column(P::AllComputers)),
            "tags" => FieldSql::Values(|tags| {
                let carries = Query::select()
                    .expr(Expr::val(1))
                    .from(ScriptProfileTag::Table)
                    .and_where(
                        Expr::col((ScriptProfileTag::Table, ScriptProfileTag::ScriptProfileId))
                            .equals((P::Table, P::Id)),
                    )
                    .and_where(Expr::col((ScriptProfileTag::Table, ScriptProfileTag::Tag)).is_in(tags))
                    .take();
                Condition::all().add(Expr::exists(carries))
            }),
            "trigger_type" => FieldSql::Text(column(P::TriggerType)),
            "next_run" => FieldSql::Time(column(P::NextRunAt)),
            "last_run" => FieldSql::Time(column(P::LastRunAt)),
            "access_group" => FieldSql::Text(Expr::col((AccessGroup::Table, AccessGroup::Name))),
            "created_at" => FieldSql::Time(column(P::CreatedAt)),
            "last_edited_at" => FieldSql::Time(column(P::EditedAt)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(ScriptProfile::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            title: row.get("title")?,
            script_id: row.get("script_id")?,
            access_group: row.get("access_group")?,
            created_by: person_ref(row, "created_by", "creator_name")?,
            created_at: NaiveMicros(row.time("created_at")?),
            last_edited_at: NaiveMicros(row.time("edited_at")?),
            trigger: decode_trigger(row)?,
            all_computers: row.get("all_computers")?,
            tags: Vec::new(),
            time_limit: row.get("time_limit")?,
            username: row.get("username")?,
            computers: ProfileComputers { num_associated_computers: row.get("num_computers")? },
            activities: ProfileActivities { last_activity: None },
            archived: row.optional_time("archived_at")?.is_some(),
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = items.iter().map(|p| p.id).collect();
        for (id, tag) in tags_of(conn, &ids).await? {
            if let Some(profile) = items.iter_mut().find(|p| p.id == id) {
                profile.tags.push(tag);
            }
        }
        for activity in last_activities(conn, &ids).await? {
            if let Some(profile) = items.iter_mut().find(|p| Some(p.id) == activity.script_profile_id) {
                profile.activities.last_activity = Some(activity);
            }
        }
        Ok(())
    }
}

pub(super) async fn tags_of(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    let select = Query::select()
        .columns([ScriptProfileTag::ScriptProfileId, ScriptProfileTag::Tag])
        .from(ScriptProfileTag::Table)
        .and_where(Expr::col(ScriptProfileTag::ScriptProfileId).is_in(ids.iter().copied()))
        .order_by(ScriptProfileTag::Tag, Order::Asc)
        .take();
    conn.fetch_all(&select).await?.iter().map(|row| Ok((row.get("script_profile_id")?, row.get("tag")?))).collect()
}

/// The newest parent activity of each profile. The profiles were found in scope; their own
/// activities belong to the same group.
async fn last_activities(conn: &mut Conn, ids: &[i64]) -> Result<Vec<WireActivity>> {
    let newest = Query::select()
        .expr(Expr::col(Activity::Id).max())
        .from(Activity::Table)
        .and_where(Expr::col(Activity::ScriptProfileId).is_in(ids.iter().copied()))
        .and_where(Expr::col(Activity::ParentId).is_null())
        .group_by_col(Activity::ScriptProfileId)
        .take();
    let account = Query::select()
        .column(ScriptProfile::AccountId)
        .from(ScriptProfile::Table)
        .and_where(Expr::col(ScriptProfile::Id).is_in(ids.iter().copied()))
        .limit(1)
        .take();
    let Some(account) = conn.fetch_optional(&account).await? else { return Ok(Vec::new()) };
    let scope = Scope::account(account.get("account_id")?);
    let condition = Condition::all().add(Expr::col((Activity::Table, Activity::Id)).in_subquery(newest));
    list::all(conn, &scope, condition).await
}

/// Profiles of the account that are not archived.
pub async fn count_active(conn: &mut Conn, account_id: i64) -> Result<i64> {
    let select = Scope::account(account_id)
        .select::<ScriptProfile>()
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .cond_where(archived(ArchivedFilter::Active))
        .take();
    conn.fetch_one(&select).await?.get("count")
}

fn trigger_values(trigger: &StoredTrigger) -> [(ScriptProfile, Expr); 3] {
    let (run_at, cron, start_after) = match trigger {
        StoredTrigger::Event => (None, None, None),
        StoredTrigger::OneTime { run_at } => (Some(micros(*run_at)), None, None),
        StoredTrigger::Recurring { cron, start_after } => {
            (None, Some(cron.source().to_owned()), Some(micros(*start_after)))
        }
    };
    [
        (ScriptProfile::RunAt, run_at.into()),
        (ScriptProfile::Cron, cron.into()),
        (ScriptProfile::StartAfter, start_after.into()),
    ]
}

/// Stores a new profile. A title that is taken is `Duplicate`.
pub async fn create(
    conn: &mut Conn,
    account_id: i64,
    access_group_id: i64,
    new: &NewScriptProfile,
    next_run_at: Option<Timestamp>,
    person_id: i64,
    now: Timestamp,
) -> Result<i64> {
    use ScriptProfile as P;
    let trigger = StoredTrigger::from(new.trigger.clone());
    let event = matches!(trigger, StoredTrigger::Event).then_some(EventType::PostEnrollment.name());
    let mut values: Vec<(P, Expr)> = vec![
        (P::AccountId, account_id.into()),
        (P::AccessGroupId, access_group_id.into()),
        (P::ScriptId, new.script_id.into()),
        (P::Title, new.title.as_str().into()),
        (P::AllComputers, new.all_computers.into()),
        (P::TimeLimit, new.time_limit.into()),
        (P::Username, new.username.as_str().into()),
        (P::TriggerType, trigger.trigger_type().name().into()),
        (P::EventType, event.into()),
        (P::TriggerVersion, 1_i64.into()),
        (P::NextRunAt, next_run_at.map(micros).into()),
        (P::CreatedBy, person_id.into()),
        (P::CreatedAt, micros(now).into()),
        (P::EditedAt, micros(now).into()),
    ];
    values.extend(trigger_values(&trigger));
    let (columns, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
    let insert = Query::insert().into_table(P::Table).columns(columns).values_panic(values).returning_col(P::Id).take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    insert_tags(conn, id, &new.tags).await?;
    Ok(id)
}

async fn insert_tags(conn: &mut Conn, id: i64, tags: &[String]) -> Result<()> {
    for tag in tags {
        let insert = Query::insert()
            .into_table(ScriptProfileTag::Table)
            .columns([ScriptProfileTag::ScriptProfileId, ScriptProfileTag::Tag])
            .values_panic([id.into(), tag.as_str().into()])
            .take();
        conn.execute(&insert).await?;
    }
    Ok(())
}

/// Changes a profile that the caller has locked.
pub async fn update(
    conn: &mut Conn,
    id: i64,
    patch: &ScriptProfilePatch,
    schedule: Option<&NewSchedule>,
    now: Timestamp,
) -> Result<()> {
    use ScriptProfile as P;
    let mut update = Query::update();
    update.table(P::Table).value(P::EditedAt, micros(now)).and_where(Expr::col(P::Id).eq(id));
    if let Some(title) = &patch.title {
        update.value(P::Title, title.as_str());
    }
    if let Some(all) = patch.all_computers {
        update.value(P::AllComputers, all);
    }
    if let Some(limit) = patch.time_limit {
        update.value(P::TimeLimit, limit);
    }
    if let Some(username) = &patch.username {
        update.value(P::Username, username.as_str());
    }
    if let Some(schedule) = schedule {
        update
            .values(trigger_values(&schedule.trigger))
            .value(P::TriggerVersion, Expr::col(P::TriggerVersion).add(1))
            .value(P::NextRunAt, schedule.next_run_at.map(micros));
    }
    conn.execute(&update).await?;
    if let Some(tags) = &patch.tags {
        let delete = Query::delete()
            .from_table(ScriptProfileTag::Table)
            .and_where(Expr::col(ScriptProfileTag::ScriptProfileId).eq(id))
            .take();
        conn.execute(&delete).await?;
        insert_tags(conn, id, tags).await?;
    }
    Ok(())
}

/// Archives the profiles that match and are not archived yet; tells how many.
pub async fn archive(conn: &mut Conn, scope: &Scope, matching: Condition, now: Timestamp) -> Result<u64> {
    let update = Query::update()
        .table(ScriptProfile::Table)
        .value(ScriptProfile::ArchivedAt, micros(now))
        .value(ScriptProfile::NextRunAt, Option::<i64>::None)
        .cond_where(scope.rows::<ScriptProfile>())
        .cond_where(matching)
        .cond_where(archived(ArchivedFilter::Active))
        .take();
    conn.execute(&update).await
}

/// The condition for one profile.
pub fn with_id(id: i64) -> Condition {
    Condition::all().add(column(ScriptProfile::Id).eq(id))
}
