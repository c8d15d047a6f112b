//! Alerts: which computers they are about is found in the computers themselves, each time anew.
//! Stored is only what people set: whom to watch, what was dismissed, who subscribed.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::activity::ActivityStatus;
use binnacle_shared::model::landscape::alert::{AlertScope, AlertType, ComputerAlert, Subscriber};
use binnacle_shared::time::Seconds;
use jiff::{SignedDuration, Timestamp};
use sea_query::{Alias, CaseStatement, Condition, Expr, ExprTrait, Func, IntoIden, OnConflict, Order, Query};

use super::association::ENROLLED;
use super::computer::PENDING;
use super::tables::{Activity, Alert, AlertSubscription, AlertTag, Computer, ComputerTag, Person};
use super::{Conn, Result, Scope, micros};

/// A computer that was not in contact for longer than this is offline.
pub const OFFLINE_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// What an alert means on the table `computer`.
#[derive(Clone, Debug)]
struct Meaning {
    holds: Condition,
    /// When it began, in microseconds.
    since: Expr,
}

fn computer(column: Computer) -> Expr {
    Expr::col((Computer::Table, column))
}

fn or(first: Expr, second: Expr) -> Expr {
    Func::coalesce([first, second]).into()
}

/// What holds as long as the computer's row says since when.
fn since_column(column: Computer) -> Meaning {
    Meaning { holds: Condition::all().add(computer(column).is_not_null()), since: computer(column) }
}

/// None: nothing that is stored can tell.
fn meaning(alert: AlertType, now: Timestamp) -> Option<Meaning> {
    use AlertType as A;
    let enrolled_at = || or(computer(Computer::EnrolledAt), computer(Computer::RegisteredAt));
    Some(match alert {
        A::PendingComputersAlert => Meaning {
            holds: Condition::all().add(computer(Computer::State).eq(PENDING)),
            since: computer(Computer::RegisteredAt),
        },
        A::ComputerOfflineAlert => {
            let ping = || or(computer(Computer::LastPingAt), Expr::val(0_i64));
            let exchange = || or(computer(Computer::LastExchangeAt), Expr::val(0_i64));
            let limit = micros(now.saturating_sub(OFFLINE_AFTER).unwrap_or(Timestamp::MIN));
            let contact: Expr = CaseStatement::new()
                .case(ping().gte(exchange()), or(computer(Computer::LastPingAt), enrolled_at()))
                .finally(computer(Computer::LastExchangeAt))
                .into();
            Meaning {
                holds: Condition::all().add(ping().lt(limit)).add(exchange().lt(limit)).add(enrolled_at().lt(limit)),
                since: contact.add(i64::try_from(OFFLINE_AFTER.as_micros()).unwrap_or(i64::MAX)),
            }
        }
        A::ComputerRebootAlert => Meaning {
            holds: Condition::all().add(computer(Computer::RebootRequired)),
            since: or(computer(Computer::RebootRequiredAt), enrolled_at()),
        },
        A::UnapprovedActivitiesAlert => {
            let waiting = || {
                Query::select()
                    .from(Activity::Table)
                    .and_where(
                        Expr::col((Activity::Table, Activity::ComputerId)).equals((Computer::Table, Computer::Id)),
                    )
                    .and_where(Expr::col((Activity::Table, Activity::Status)).eq(ActivityStatus::Unapproved.name()))
                    .take()
            };
            let newest = waiting().expr(Expr::col((Activity::Table, Activity::CreatedAt)).max()).take();
            Meaning {
                holds: Condition::all().add(Expr::exists(waiting().expr(Expr::val(1)).take())),
                since: or(Expr::SubQuery(None, Box::new(newest.into())), enrolled_at()),
            }
        }
        A::ComputerDuplicateAlert => {
            let other = Alias::new("other").into_iden();
            let twin = Query::select()
                .expr(Expr::val(1))
                .from_as(Computer::Table, other.clone())
                .and_where(
                    Expr::col((other.clone(), Computer::AccountId)).equals((Computer::Table, Computer::AccountId)),
                )
                .and_where(
                    Expr::col((other.clone(), Computer::MachineId)).equals((Computer::Table, Computer::MachineId)),
                )
                .and_where(Expr::col((other.clone(), Computer::State)).eq(ENROLLED))
                .and_where(Expr::col((other, Computer::Id)).not_equals((Computer::Table, Computer::Id)))
                .take();
            Meaning {
                holds: Condition::any().add(computer(Computer::CloneOfId).is_not_null()).add(Expr::exists(twin)),
                since: enrolled_at(),
            }
        }
        A::PackageUpgradesAlert => since_column(Computer::UpgradesSince),
        A::SecurityUpgradesAlert => since_column(Computer::SecurityUpgradesSince),
        A::PackageReporterAlert => since_column(Computer::PackageReportFailedAt),
        A::LicenseExpiryAlert
        | A::UbuntuProContractExpirationAlert
        | A::PackageProfilesAlert
        | A::EsmDisabledAlert
        | A::ChildInstanceProfileAlert => return None,
    })
}

/// Whether anything that is stored can tell.
pub fn is_known(alert: AlertType) -> bool {
    meaning(alert, Timestamp::UNIX_EPOCH).is_some()
}

/// Computers that the alert watches: all of them, unless somebody chose otherwise.
fn watched(alert: AlertType) -> Condition {
    let settings = || {
        Query::select()
            .expr(Expr::val(1))
            .from(Alert::Table)
            .and_where(Expr::col((Alert::Table, Alert::AccountId)).equals((Computer::Table, Computer::AccountId)))
            .and_where(Expr::col((Alert::Table, Alert::AlertType)).eq(alert.name()))
            .take()
    };
    let all = Expr::col((Alert::Table, Alert::AllComputers));
    let tagged = Query::select()
        .expr(Expr::val(1))
        .from(AlertTag::Table)
        .inner_join(
            ComputerTag::Table,
            Expr::col((ComputerTag::Table, ComputerTag::Tag)).equals((AlertTag::Table, AlertTag::Tag)),
        )
        .and_where(Expr::col((ComputerTag::Table, ComputerTag::ComputerId)).equals((Computer::Table, Computer::Id)))
        .and_where(Expr::col((AlertTag::Table, AlertTag::AccountId)).equals((Computer::Table, Computer::AccountId)))
        .and_where(Expr::col((AlertTag::Table, AlertTag::AlertType)).eq(alert.name()))
        .take();
    Condition::any()
        .add(Expr::exists(settings()).not())
        .add(Expr::exists(settings().and_where(all).take()))
        .add(Expr::exists(tagged))
}

/// The computers that an alert is about, as a condition on `computer`.
pub fn about(alert: AlertType, now: Timestamp) -> Condition {
    let state = match alert.scope() {
        AlertScope::Account => Condition::all(),
        AlertScope::Computer => Condition::all().add(computer(Computer::State).eq(ENROLLED)).add(watched(alert)),
    };
    match meaning(alert, now) {
        Some(meaning) => state.add(meaning.holds),
        None => state.add(Expr::val(1).eq(0)),
    }
}

/// How many computers an alert is about, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    pub count: u64,
    pub since: Option<Timestamp>,
}

/// The extent of an alert among the computers in scope; of what began after a time, if one is
/// given.
pub async fn extent(
    conn: &mut Conn,
    scope: &Scope,
    alert: AlertType,
    after: Option<Timestamp>,
    now: Timestamp,
) -> Result<Extent> {
    let Some(Meaning { since, .. }) = meaning(alert, now) else { return Ok(Extent::default()) };
    let mut select = scope.select::<Computer>();
    select.expr_as(Expr::cust("COUNT(*)"), "count").expr_as(since.clone().min(), "since").cond_where(about(alert, now));
    if let Some(after) = after {
        select.and_where(since.gt(micros(after)));
    }
    let row = conn.fetch_one(&select).await?;
    Ok(Extent { count: row.get::<i64>("count")?.unsigned_abs(), since: row.optional_time("since")? })
}

/// The alerts on some computers.
pub async fn on_computers(
    conn: &mut Conn,
    scope: &Scope,
    computers: &[i64],
    now: Timestamp,
) -> Result<BTreeMap<i64, Vec<ComputerAlert>>> {
    let mut found: BTreeMap<i64, Vec<ComputerAlert>> = BTreeMap::new();
    if computers.is_empty() {
        return Ok(found);
    }
    let kinds = AlertType::ALL.iter().copied().filter(|a| a.scope() == AlertScope::Computer && is_known(*a));
    for alert in kinds {
        let select = scope
            .select::<Computer>()
            .column((Computer::Table, Computer::Id))
            .and_where(computer(Computer::Id).is_in(computers.iter().copied()))
            .cond_where(about(alert, now))
            .take();
        for row in conn.fetch_all(&select).await? {
            found.entry(row.get("id")?).or_default().push(alert.into());
        }
    }
    Ok(found)
}

/// What people set for an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub all_computers: bool,
    pub tags: Vec<String>,
    pub dismissed_at: Option<Timestamp>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { all_computers: true, tags: Vec::new(), dismissed_at: None }
    }
}

/// The settings of an account, by alert. One that is not there has the default.
pub async fn settings(conn: &mut Conn, account_id: i64) -> Result<BTreeMap<AlertType, Settings>> {
    let mut found: BTreeMap<AlertType, Settings> = BTreeMap::new();
    let select = Query::select()
        .columns([Alert::AlertType, Alert::AllComputers])
        .column(Alert::DismissedAt)
        .from(Alert::Table)
        .and_where(Expr::col(Alert::AccountId).eq(account_id))
        .take();
    for row in conn.fetch_all(&select).await? {
        let settings = Settings {
            all_computers: row.get("all_computers")?,
            tags: Vec::new(),
            dismissed_at: row.optional_time("dismissed_at")?,
        };
        found.insert(row.word("alert_type", AlertType::from_name)?, settings);
    }
    let tags = Query::select()
        .columns([AlertTag::AlertType, AlertTag::Tag])
        .from(AlertTag::Table)
        .and_where(Expr::col(AlertTag::AccountId).eq(account_id))
        .order_by(AlertTag::Tag, Order::Asc)
        .take();
    for row in conn.fetch_all(&tags).await? {
        let alert = row.word("alert_type", AlertType::from_name)?;
        found.entry(alert).or_default().tags.push(row.get("tag")?);
    }
    Ok(found)
}

/// Writes the settings of an alert.
pub async fn set(conn: &mut Conn, account_id: i64, alert: AlertType, settings: &Settings) -> Result<()> {
    let insert = Query::insert()
        .into_table(Alert::Table)
        .columns([Alert::AccountId, Alert::AlertType, Alert::AllComputers, Alert::DismissedAt])
        .values_panic([
            account_id.into(),
            alert.name().into(),
            settings.all_computers.into(),
            settings.dismissed_at.map(micros).into(),
        ])
        .on_conflict(
            OnConflict::columns([Alert::AccountId, Alert::AlertType])
                .update_columns([Alert::AllComputers, Alert::DismissedAt])
                .to_owned(),
        )
        .take();
    conn.execute(&insert).await?;
    let delete = Query::delete()
        .from_table(AlertTag::Table)
        .and_where(Expr::col(AlertTag::AccountId).eq(account_id))
        .and_where(Expr::col(AlertTag::AlertType).eq(alert.name()))
        .take();
    conn.execute(&delete).await?;
    for tag in &settings.tags {
        let insert = Query::insert()
            .into_table(AlertTag::Table)
            .columns([AlertTag::AccountId, AlertTag::AlertType, AlertTag::Tag])
            .values_panic([account_id.into(), alert.name().into(), tag.as_str().into()])
            .take();
        conn.execute(&insert).await?;
    }
    Ok(())
}

/// Who subscribed to an alert, the earliest first.
pub async fn subscribers(conn: &mut Conn, account_id: i64, alert: AlertType) -> Result<Vec<Subscriber>> {
    use AlertSubscription as S;
    let select = Query::select()
        .columns([(Person::Table, Person::Id), (Person::Table, Person::Name), (Person::Table, Person::Email)])
        .expr_as(Expr::col((S::Table, S::CreatedAt)), "since")
        .from(S::Table)
        .inner_join(Person::Table, Expr::col((Person::Table, Person::Id)).equals((S::Table, S::PersonId)))
        .and_where(Expr::col((Person::Table, Person::AccountId)).eq(account_id))
        .and_where(Expr::col((S::Table, S::AlertType)).eq(alert.name()))
        .order_by((S::Table, S::CreatedAt), Order::Asc)
        .order_by((S::Table, S::PersonId), Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(Subscriber {
                id: row.get("id")?,
                name: row.get("name")?,
                email: row.get("email")?,
                since: Seconds(row.time("since")?),
            })
        })
        .collect()
}

/// The alerts that a person subscribed to.
pub async fn subscriptions(conn: &mut Conn, person_id: i64) -> Result<Vec<AlertType>> {
    let select = Query::select()
        .column(AlertSubscription::AlertType)
        .from(AlertSubscription::Table)
        .and_where(Expr::col(AlertSubscription::PersonId).eq(person_id))
        .take();
    conn.fetch_all(&select).await?.iter().map(|row| row.word("alert_type", AlertType::from_name)).collect()
}

/// Subscribes a person; once is enough.
pub async fn subscribe(conn: &mut Conn, person_id: i64, alert: AlertType, now: Timestamp) -> Result<()> {
    use AlertSubscription as S;
    let insert = Query::insert()
        .into_table(S::Table)
        .columns([S::PersonId, S::AlertType, S::CreatedAt])
        .values_panic([person_id.into(), alert.name().into(), micros(now).into()])
        .on_conflict(OnConflict::columns([S::PersonId, S::AlertType]).do_nothing().to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// Ends a person's subscription, if there is one.
pub async fn unsubscribe(conn: &mut Conn, person_id: i64, alert: AlertType) -> Result<()> {
    use AlertSubscription as S;
    let delete = Query::delete()
        .from_table(S::Table)
        .and_where(Expr::col(S::PersonId).eq(person_id))
        .and_where(Expr::col(S::AlertType).eq(alert.name()))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}
