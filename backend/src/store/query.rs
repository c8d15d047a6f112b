//! The query language as SQL, in one place.

use binnacle_shared::model::landscape::activity::ActivityStatus;
use binnacle_shared::query::Expr as Term;
use sea_query::{Condition, Expr, ExprTrait, Query};

use super::association::carries_any;
use super::list::contains_word;
use super::micros;
use super::tables::{AccessGroup, Activity, Computer, Person};

/// A value that a selector cannot take.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(pub String);

type Result<T> = std::result::Result<T, InvalidValue>;

/// A query about computers, as a condition on `computer`.
pub fn computers(term: &Term) -> Result<Condition> {
    combine(term, &|leaf| match leaf {
        Term::Word(word) => {
            Ok(contains_word(computer(Computer::Title), word).or(contains_word(computer(Computer::Hostname), word)))
        }
        Term::Term { selector, value } => computer_term(selector, value),
        other => Err(InvalidValue(format!("This cannot stand here: {other:?}"))),
    })
}

/// A query about activities, as a condition on `activity`.
pub fn activities(term: &Term) -> Result<Condition> {
    combine(term, &|leaf| match leaf {
        Term::Word(word) => Ok(contains_word(activity(Activity::Summary), word)),
        Term::Term { selector, value } => activity_term(selector, value),
        Term::Computer(inner) => {
            let matching = Query::select()
                .column((Computer::Table, Computer::Id))
                .from(Computer::Table)
                .cond_where(computers(inner)?)
                .take();
            Ok(activity(Activity::ComputerId).in_subquery(matching))
        }
        other => Err(InvalidValue(format!("This cannot stand here: {other:?}"))),
    })
}

fn combine(term: &Term, leaf: &dyn Fn(&Term) -> Result<Expr>) -> Result<Condition> {
    Ok(match term {
        Term::All(parts) => parts.iter().try_fold(Condition::all(), |all, part| Ok(all.add(combine(part, leaf)?)))?,
        Term::Any(parts) => parts.iter().try_fold(Condition::any(), |any, part| Ok(any.add(combine(part, leaf)?)))?,
        Term::Not(inner) => combine(inner, leaf)?.not(),
        other => Condition::all().add(leaf(other)?),
    })
}

fn computer(column: Computer) -> Expr {
    Expr::col((Computer::Table, column))
}

fn activity(column: Activity) -> Expr {
    Expr::col((Activity::Table, column))
}

fn number(selector: &str, value: &str) -> Result<i64> {
    value.parse().map_err(|_| InvalidValue(format!("The selector “{selector}:” takes a number, not “{value}”.")))
}

fn computer_term(selector: &str, value: &str) -> Result<Expr> {
    Ok(match selector {
        "tag" => carries_any(&[value.to_owned()]),
        "hostname" => computer(Computer::Hostname).eq(value),
        "title" => computer(Computer::Title).eq(value),
        "id" => computer(Computer::Id).eq(number(selector, value)?),
        "distribution" => computer(Computer::CodeName).eq(value).or(computer(Computer::Distribution).eq(value)),
        "access-group" => computer(Computer::AccessGroupId).in_subquery(
            Query::select()
                .column((AccessGroup::Table, AccessGroup::Id))
                .from(AccessGroup::Table)
                .and_where(Expr::col((AccessGroup::Table, AccessGroup::Name)).eq(value))
                .and_where(
                    Expr::col((AccessGroup::Table, AccessGroup::AccountId))
                        .equals((Computer::Table, Computer::AccountId)),
                )
                .take(),
        ),
        // The reported devices are one document; its text is what a substring is looked for in.
        "ip" | "mac" => contains_word(computer(Computer::NetworkDevices), value),
        other => return Err(InvalidValue(format!("The selector “{other}:” is not known."))),
    })
}

fn activity_term(selector: &str, value: &str) -> Result<Expr> {
    Ok(match selector {
        "id" => activity(Activity::Id).eq(number(selector, value)?),
        "parent-id" => activity(Activity::ParentId).eq(number(selector, value)?),
        "type" => activity(Activity::ActivityType).eq(value),
        "status" => {
            let status = ActivityStatus::from_name(value).ok_or_else(|| {
                let known: Vec<_> = ActivityStatus::ALL.iter().map(|s| s.name()).collect();
                InvalidValue(format!("There is no status “{value}”; known are {}.", known.join(", ")))
            })?;
            activity(Activity::Status).eq(status.name())
        }
        "creator" => activity(Activity::CreatorId).in_subquery(
            Query::select().column(Person::Id).from(Person::Table).and_where(Expr::col(Person::Email).eq(value)).take(),
        ),
        "created-after" => activity(Activity::CreatedAt).gte(moment(value)?),
        "created-before" => activity(Activity::CreatedAt).lt(moment(value)?),
        other => return Err(InvalidValue(format!("The selector “{other}:” is not known."))),
    })
}

/// The beginning of the time that an ISO prefix names: `2011`, `2011-01`, `2011-01-01T10:30`.
fn moment(value: &str) -> Result<i64> {
    let padded = match value.len() {
        4 => format!("{value}-01-01"),
        7 => format!("{value}-01"),
        13 => format!("{value}:00"),
        _ => value.to_owned(),
    };
    binnacle_shared::time::parse(&padded)
        .map(micros)
        .map_err(|_| InvalidValue(format!("“{value}” is no time; write it like 2026-11-21T10:30.")))
}

#[cfg(test)]
mod tests {
    use binnacle_shared::query::{Subject, parse};
    use sea_query::{Expr, Query, SqliteQueryBuilder};

    use super::{activities, computers};

    fn sql(subject: Subject, text: &str) -> String {
        let term = parse(subject, text).unwrap();
        let condition = match subject {
            Subject::Computer => computers(&term),
            Subject::Activity => activities(&term),
        };
        Query::select().expr(Expr::val(1)).cond_where(condition.unwrap()).to_string(SqliteQueryBuilder)
    }

    #[test]
    fn a_query_becomes_a_condition() {
        let text = sql(Subject::Computer, "web NOT tag:a OR id:5");
        assert!(text.contains("LIKE '%web%'"), "{text}");
        assert!(text.contains("NOT") && text.contains("OR") && text.contains(r#""id" = 5"#), "{text}");
    }

    #[test]
    fn what_a_selector_cannot_take_is_refused() {
        let term = parse(Subject::Activity, "status:done").unwrap();
        assert!(activities(&term).unwrap_err().0.contains("undelivered"));
        let term = parse(Subject::Activity, "created-after:yesterday").unwrap();
        assert!(activities(&term).is_err());
        assert!(sql(Subject::Activity, "created-after:2011-01").contains("1293840000000000"));
    }
}
