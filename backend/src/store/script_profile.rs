//! Script profiles: stored, read, and found when they are due.

use std::collections::HashMap;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::Activity as WireActivity;
use binnacle_shared::model::landscape::script_profile::{
    ArchivedFilter, CatchUp, EventType, NewScriptProfile, ProfileActivities, ProfileComputers, ScriptProfile as Wire,
    ScriptProfilePatch, Trigger, TriggerType,
};
use binnacle_shared::recurrence::Cron;
use binnacle_shared::time::{NaiveMicros, Seconds};
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait, LockType, Order, Query, SelectStatement};

use super::association;
use super::list::{self, FieldSql, Listed};
use super::schedule::{NewSchedule, StoredTrigger};
use super::script::person_ref;
use super::tables::{AccessGroup, Account, Activity, Person, Script, ScriptProfile, ScriptProfileTag};
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
        TriggerType::Recurring => {
            let interval = row.get::<Option<String>>("cron")?.unwrap_or_default();
            let minutes: i64 = row.get("min_interval")?;
            let adjusted = Cron::parse(&interval).is_ok_and(|cron| cron.fires_within(minutes));
            Trigger::Recurring {
                interval,
                start_after: required("start_after")?,
                last_run,
                next_run,
                time_zone: row.get("time_zone")?,
                catch_up: row.word("catch_up", CatchUp::from_name)?,
                adjusted_interval: adjusted.then_some(minutes),
                last_planned_run: row.optional_time("last_planned_at")?.map(Seconds),
            }
        }
    })
}

impl Listed for Wire {
    type Scope = Scope;
    const KIND: Kind = Kind::ScriptProfile;
    const NULLABLE: &'static [&'static str] = &["next_run", "last_run"];

    fn source(scope: &Scope) -> SelectStatement {
        scope.select::<ScriptProfile>()
    }

    fn join(rows: &mut SelectStatement) {
        rows.inner_join(
            AccessGroup::Table,
            Expr::col((AccessGroup::Table, AccessGroup::Id))
                .equals((ScriptProfile::Table, ScriptProfile::AccessGroupId)),
        )
        .inner_join(
            Account::Table,
            Expr::col((Account::Table, Account::Id)).equals((ScriptProfile::Table, ScriptProfile::AccountId)),
        )
        .left_join(
            Person::Table,
            Expr::col((Person::Table, Person::Id)).equals((ScriptProfile::Table, ScriptProfile::CreatedBy)),
        );
    }

    fn columns(select: &mut SelectStatement) {
        use ScriptProfile as P;
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
                    P::TimeZone,
                    P::CatchUp,
                    P::LastPlannedAt,
                ]
                .map(|c| (P::Table, c)),
            )
            .column((Account::Table, Account::MinInterval))
            .expr_as(Expr::col((AccessGroup::Table, AccessGroup::Name)), "access_group")
            .expr_as(Expr::col((Person::Table, Person::Name)), "creator_name");
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
            computers: ProfileComputers { num_associated_computers: 0 },
            activities: ProfileActivities { last_activity: None },
            archived: row.optional_time("archived_at")?.is_some(),
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = items.iter().map(|p| p.id).collect();
        let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
        for (id, tag) in tags_of(conn, &ids).await? {
            tags.entry(id).or_default().push(tag);
        }
        let last = last_activities(conn, &ids).await?;
        let mut last: HashMap<_, _> = last.into_iter().map(|activity| (activity.script_profile_id, activity)).collect();
        for profile in items.iter_mut() {
            profile.tags = tags.remove(&profile.id).unwrap_or_default();
            profile.activities.last_activity = last.remove(&Some(profile.id));
        }
        count_computers(conn, items).await
    }
}

/// Whom a profile reaches: profiles that have this in common reach the same computers.
type Audience = (String, bool, Vec<String>);

fn audience(profile: &Wire) -> Audience {
    (profile.access_group.clone(), profile.all_computers, profile.tags.clone())
}

/// Counts once for all profiles that reach the same computers. Archived ones reach none.
async fn count_computers(conn: &mut Conn, items: &mut [Wire]) -> Result<()> {
    let mut asked: HashMap<Audience, i64> = HashMap::new();
    for profile in items.iter().filter(|profile| !profile.archived) {
        asked.entry(audience(profile)).or_insert(profile.id);
    }
    let ids = |all_computers| -> Vec<i64> {
        asked.iter().filter(|((_, all, _), _)| *all == all_computers).map(|(_, id)| *id).collect()
    };
    let mut counts: HashMap<i64, i64> = HashMap::new();
    for (ids, select) in [
        (ids(false), association::counts_by_tag as fn(&[i64]) -> SelectStatement),
        (ids(true), association::counts_of_all),
    ] {
        if ids.is_empty() {
            continue;
        }
        for row in conn.fetch_all(&select(&ids)).await? {
            counts.insert(row.get("id")?, row.get("num_computers")?);
        }
    }
    for profile in items.iter_mut().filter(|profile| !profile.archived) {
        let count = asked.get(&audience(profile)).and_then(|id| counts.get(id));
        profile.computers.num_associated_computers = count.copied().unwrap_or_default();
    }
    Ok(())
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
        .column(Activity::AccountId)
        .expr_as(Expr::col(Activity::Id).max(), "newest")
        .from(Activity::Table)
        .and_where(Expr::col(Activity::ScriptProfileId).is_in(ids.iter().copied()))
        .and_where(Expr::col(Activity::ParentId).is_null())
        .group_by_columns([Activity::AccountId, Activity::ScriptProfileId])
        .take();
    let rows = conn.fetch_all(&newest).await?;
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let scope = Scope::account(first.get("account_id")?);
    let newest: Vec<i64> = rows.iter().map(|row| row.get("newest")).collect::<Result<_>>()?;
    let condition = Condition::all().add(Expr::col((Activity::Table, Activity::Id)).is_in(newest));
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

fn trigger_values(trigger: &StoredTrigger) -> Vec<(ScriptProfile, Expr)> {
    use ScriptProfile as P;
    match trigger {
        StoredTrigger::Event => Vec::new(),
        StoredTrigger::OneTime { run_at } => vec![(P::RunAt, micros(*run_at).into())],
        StoredTrigger::Recurring { cron, start_after, zone, catch_up } => vec![
            (P::Cron, cron.source().into()),
            (P::StartAfter, micros(*start_after).into()),
            (P::TimeZone, zone.name().into()),
            (P::CatchUp, catch_up.name().into()),
        ],
    }
}

/// Lets others that would count the account's profiles wait until the transaction ends, so that
/// two that make one at the same time cannot both pass the limit. SQLite has one writer anyhow.
pub async fn lock_limits(conn: &mut Conn, account_id: i64) -> Result<()> {
    if conn.is_postgres() {
        let lock = Query::select()
            .column(Account::Id)
            .from(Account::Table)
            .and_where(Expr::col(Account::Id).eq(account_id))
            .lock(LockType::NoKeyUpdate)
            .take();
        conn.fetch_all(&lock).await?;
    }
    Ok(())
}

/// Keeps a script as it is until the transaction ends: one that is archived at the same time
/// would leave a profile without a script behind.
pub async fn lock_script(conn: &mut Conn, script_id: i64) -> Result<()> {
    if conn.is_postgres() {
        let lock = Query::select()
            .column(Script::Id)
            .from(Script::Table)
            .and_where(Expr::col(Script::Id).eq(script_id))
            .lock(LockType::Share)
            .take();
        conn.fetch_all(&lock).await?;
    }
    Ok(())
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

/// Archives every profile of a script, also one that a narrower scope would hide.
pub async fn archive_of_script(conn: &mut Conn, scope: &Scope, script_id: i64, now: Timestamp) -> Result<u64> {
    archive(conn, &Scope::account(scope.account_id()), of_script(script_id), now).await
}

/// The condition for one profile.
pub fn with_id(id: i64) -> Condition {
    Condition::all().add(column(ScriptProfile::Id).eq(id))
}
