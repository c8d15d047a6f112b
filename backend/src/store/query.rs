//! The query language as SQL, in one place.

use binnacle_shared::Kind;
use binnacle_shared::problem::Violation;
use binnacle_shared::query::computer::{LicenseType, ProfileKind};
use binnacle_shared::query::{ActivityQuery, ActivityTerm, ComputerQuery, ComputerTerm, Expr as Part};
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait, Func, Query};

use super::association::{Reach, carries_any, reached};
use super::list::contains_word;
use super::tables::{
    AccessGroup, Activity, Computer, ComputerAnnotation, ComputerNetworkDevice, Person, ScriptProfile,
};
use super::{Conn, Scope, StoreError, alert, micros, record};

/// How deep saved searches may name each other.
const DEPTH_MAX: usize = 8;
/// How many terms they may bring in all. They could name each other many times.
const TERMS_MAX: usize = 300;

/// Why a query has no meaning.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error("{}", .0.message)]
    Invalid(Violation),
    #[error("There is no saved search “{0}”.")]
    UnknownSearch(String),
    #[error("Saved searches name each other too deep, or in a circle.")]
    Circle,
    #[error("With the saved searches that it names, the query has too many terms.")]
    TooLarge,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Violation> for QueryError {
    fn from(violation: Violation) -> Self {
        Self::Invalid(violation)
    }
}

type Result<T> = std::result::Result<T, QueryError>;

/// A query about computers, as a condition on `computer`. The caller adds the scope.
pub async fn computers(conn: &mut Conn, scope: &Scope, now: Timestamp, text: &str) -> Result<Condition> {
    let query = Searches { conn, scope, terms: 0 }.resolve(Part::parse(text)?, 0).await?;
    Ok(Meaning { scope, now }.computers(&query))
}

/// A query about activities, as a condition on `activity`. The caller adds the scope.
pub async fn activities(conn: &mut Conn, scope: &Scope, now: Timestamp, text: &str) -> Result<Condition> {
    let query = Searches { conn, scope, terms: 0 }.resolve_activities(Part::parse(text)?).await?;
    Ok(Meaning { scope, now }.activities(&query))
}

/// Puts the queries of saved searches in the place of their names.
struct Searches<'a> {
    conn: &'a mut Conn,
    scope: &'a Scope,
    /// How many terms were put in so far.
    terms: usize,
}

impl Searches<'_> {
    async fn resolve(&mut self, query: ComputerQuery, depth: usize) -> Result<ComputerQuery> {
        Ok(match query {
            Part::All(parts) => Part::All(self.resolve_each(parts, depth).await?),
            Part::Any(parts) => Part::Any(self.resolve_each(parts, depth).await?),
            Part::Not(part) => Part::Not(Box::new(Box::pin(self.resolve(*part, depth)).await?)),
            Part::Is(ComputerTerm::Search(name)) => {
                if depth >= DEPTH_MAX {
                    return Err(QueryError::Circle);
                }
                let Some(text) = saved_search(self.conn, self.scope, &name).await? else {
                    return Err(QueryError::UnknownSearch(name));
                };
                let saved: ComputerQuery = Part::parse(&text)?;
                self.terms += saved.terms().len();
                if self.terms > TERMS_MAX {
                    return Err(QueryError::TooLarge);
                }
                Box::pin(self.resolve(saved, depth + 1)).await?
            }
            term @ Part::Is(_) => term,
        })
    }

    async fn resolve_each(&mut self, parts: Vec<ComputerQuery>, depth: usize) -> Result<Vec<ComputerQuery>> {
        let mut resolved = Vec::with_capacity(parts.len());
        for part in parts {
            resolved.push(Box::pin(self.resolve(part, depth)).await?);
        }
        Ok(resolved)
    }

    async fn resolve_activities(&mut self, query: ActivityQuery) -> Result<ActivityQuery> {
        Ok(match query {
            Part::All(parts) => Part::All(self.resolve_each_activity(parts).await?),
            Part::Any(parts) => Part::Any(self.resolve_each_activity(parts).await?),
            Part::Not(part) => Part::Not(Box::new(Box::pin(self.resolve_activities(*part)).await?)),
            Part::Is(ActivityTerm::Computer(inner)) => {
                Part::Is(ActivityTerm::Computer(Box::new(self.resolve(*inner, 0).await?)))
            }
            term @ Part::Is(_) => term,
        })
    }

    async fn resolve_each_activity(&mut self, parts: Vec<ActivityQuery>) -> Result<Vec<ActivityQuery>> {
        let mut resolved = Vec::with_capacity(parts.len());
        for part in parts {
            resolved.push(Box::pin(self.resolve_activities(part)).await?);
        }
        Ok(resolved)
    }
}

/// The query of a saved search.
async fn saved_search(conn: &mut Conn, scope: &Scope, name: &str) -> Result<Option<String>> {
    let found = record::find(conn, scope, Kind::SavedSearch, "name", name).await?;
    Ok(found.and_then(|search| search.get("search")?.as_str().map(str::to_owned)))
}

/// What a query means depends on who asks and when.
struct Meaning<'a> {
    scope: &'a Scope,
    now: Timestamp,
}

fn everything() -> Expr {
    Expr::val(1).eq(1)
}

fn nothing() -> Expr {
    Expr::val(1).eq(0)
}

fn computer(column: Computer) -> Expr {
    Expr::col((Computer::Table, column))
}

fn activity(column: Activity) -> Expr {
    Expr::col((Activity::Table, column))
}

fn combine<T>(query: &Part<T>, term: &dyn Fn(&T) -> Condition) -> Condition {
    match query {
        // An empty condition would be left out, and a negation of it stand for nothing.
        Part::All(parts) if parts.is_empty() => Condition::all().add(everything()),
        Part::All(parts) => parts.iter().fold(Condition::all(), |all, part| all.add(combine(part, term))),
        Part::Any(parts) => parts.iter().fold(Condition::any(), |any, part| any.add(combine(part, term))),
        Part::Not(inner) => combine(inner, term).not(),
        Part::Is(leaf) => term(leaf),
    }
}

impl Meaning<'_> {
    fn computers(&self, query: &ComputerQuery) -> Condition {
        combine(query, &|term| self.computer(term))
    }

    fn activities(&self, query: &ActivityQuery) -> Condition {
        combine(query, &|term| self.activity(term))
    }

    fn computer(&self, term: &ComputerTerm) -> Condition {
        use ComputerTerm as T;
        let expr = match term {
            T::Word(word) => {
                contains_word(computer(Computer::Title), word).or(holds_word(computer(Computer::Hostname), word))
            }
            T::Tag(tag) => carries_any(std::slice::from_ref(tag)),
            T::Hostname(name) => is(computer(Computer::Hostname), name),
            T::Title(title) => computer(Computer::Title).eq(title.as_str()),
            T::Id(id) => computer(Computer::Id).eq(*id),
            T::Distribution(name) => {
                is(computer(Computer::CodeName), name).or(is(computer(Computer::Distribution), name))
            }
            T::AccessGroup(name) => computer(Computer::AccessGroupId).in_subquery(
                Query::select()
                    .column((AccessGroup::Table, AccessGroup::Id))
                    .from(AccessGroup::Table)
                    .and_where(Expr::col((AccessGroup::Table, AccessGroup::Name)).eq(name.as_str()))
                    .and_where(
                        Expr::col((AccessGroup::Table, AccessGroup::AccountId))
                            .equals((Computer::Table, Computer::AccountId)),
                    )
                    .take(),
            ),
            T::Mac(part) => has_device(ComputerNetworkDevice::MacAddress, part),
            T::Ip(part) => has_device(ComputerNetworkDevice::IpAddress, part),
            T::Alert(kind) => return alert::about(*kind, self.now),
            T::NeedsReboot => computer(Computer::RebootRequired),
            T::Annotation { key, value } => has_annotation(key, value.as_deref()),
            T::Profile { kind: ProfileKind::Script, id, .. } => return self.of_script_profile(*id),
            // No computer here has a licence, a contract or what belongs to them.
            T::LicenseId(None) | T::LicenseType(LicenseType::Unlicensed) | T::HasProManagement(false) => everything(),
            // Searches were replaced by what they stand for. The rest is of features that are not
            // there, which no computer can have.
            T::Search(_)
            | T::NeedsLicense
            | T::LicenseId(Some(_))
            | T::LicenseType(_)
            | T::LicenseExpiresWithin(_)
            | T::Contract(_)
            | T::ContractExpiresWithin(_)
            | T::HasProManagement(true)
            | T::Profile { .. }
            | T::AvailabilityZone(_)
            | T::ReleaseUpgrade => nothing(),
        };
        Condition::all().add(expr)
    }

    /// Only profiles in scope: others do not exist for who asks.
    fn of_script_profile(&self, id: i64) -> Condition {
        let visible = self
            .scope
            .select::<ScriptProfile>()
            .expr(Expr::val(1))
            .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::Id)).eq(id))
            .take();
        reached(&Reach::Profile(id)).add(Expr::exists(visible))
    }

    fn activity(&self, term: &ActivityTerm) -> Condition {
        use ActivityTerm as T;
        let expr = match term {
            T::Word(word) => contains_word(activity(Activity::Summary), word),
            T::Id(id) => activity(Activity::Id).eq(*id),
            T::ParentId(id) => is(activity(Activity::ParentId), *id),
            T::Status(status) => activity(Activity::Status).eq(status.name()),
            T::CreatedAfter(at) => activity(Activity::CreatedAt).gte(micros(*at)),
            T::CreatedBefore(at) => activity(Activity::CreatedAt).lt(micros(*at)),
            T::Type(name) => activity(Activity::ActivityType).eq(name.as_str()),
            T::Creator(email) => exists(
                Query::select()
                    .from(Person::Table)
                    .and_where(Expr::col((Person::Table, Person::Id)).equals((Activity::Table, Activity::CreatorId)))
                    .and_where(
                        // As at the login.
                        Expr::from(Func::lower(Expr::col((Person::Table, Person::Email)))).eq(email.to_lowercase()),
                    )
                    .take(),
            ),
            // Computers out of scope are not there to be asked about. Those in it are found first,
            // and then what they did.
            T::Computer(inner) => {
                let computers = self
                    .scope
                    .select::<Computer>()
                    .column((Computer::Table, Computer::Id))
                    .cond_where(self.computers(inner))
                    .take();
                let of = activity(Activity::ComputerId);
                of.clone().is_not_null().and(of.in_subquery(computers))
            }
        };
        Condition::all().add(expr)
    }
}

/// A comparison that is false, not unknown, where the column is null: its negation holds then.
fn is(column: Expr, value: impl Into<Expr>) -> Expr {
    column.clone().is_not_null().and(column.eq(value.into()))
}

fn holds_word(column: Expr, word: &str) -> Expr {
    column.clone().is_not_null().and(contains_word(column, word))
}

fn exists(mut select: sea_query::SelectStatement) -> Expr {
    Expr::exists(select.expr(Expr::val(1)).take())
}

fn has_device(column: ComputerNetworkDevice, part: &str) -> Expr {
    use ComputerNetworkDevice as D;
    exists(
        Query::select()
            .from(D::Table)
            .and_where(Expr::col((D::Table, D::ComputerId)).equals((Computer::Table, Computer::Id)))
            .and_where(contains_word(Expr::col((D::Table, column)), part))
            .take(),
    )
}

fn has_annotation(key: &str, part: Option<&str>) -> Expr {
    use ComputerAnnotation as A;
    let mut select = Query::select();
    select
        .from(A::Table)
        .and_where(Expr::col((A::Table, A::ComputerId)).equals((Computer::Table, Computer::Id)))
        .and_where(Expr::col((A::Table, A::Name)).eq(key));
    if let Some(part) = part {
        select.and_where(contains_word(Expr::col((A::Table, A::Value)), part));
    }
    exists(select)
}
