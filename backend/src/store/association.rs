//! Which computers a profile reaches: those in the script's access group or below it that carry
//! any of the profile's tags, or all of them. Said once; counted, listed and run from here.

use sea_query::{Alias, BinOper, Condition, DynIden, Expr, ExprTrait, IntoIden, Query, SelectStatement};

use super::tables::{AccessGroup, Computer, ComputerTag, ScriptProfile, ScriptProfileTag};

/// The state of computers that take part in the account.
pub const ENROLLED: &str = "enrolled";

/// Whom a profile reaches, whether it is stored or still being written.
#[derive(Debug)]
pub enum Reach<'a> {
    /// The profile of the row of the surrounding statement (`script_profile`).
    Row,
    /// A stored profile.
    Profile(i64),
    /// One that a form describes.
    Draft { access_group_id: i64, all_computers: bool, tags: &'a [String] },
}

/// The condition on `computer`.
pub fn reached(reach: &Reach<'_>) -> Condition {
    let enrolled = Condition::all().add(Expr::col((Computer::Table, Computer::State)).eq(ENROLLED));
    match reach {
        Reach::Row => enrolled.add(row_condition()),
        Reach::Profile(id) => enrolled.add(Expr::exists(
            Query::select()
                .expr(Expr::val(1))
                .from(ScriptProfile::Table)
                .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::Id)).eq(*id))
                .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::ArchivedAt)).is_null())
                .cond_where(row_condition())
                .take(),
        )),
        Reach::Draft { access_group_id, all_computers, tags } => {
            let in_group = enrolled.add(in_group(Expr::val(*access_group_id)));
            if *all_computers {
                in_group
            } else if tags.is_empty() {
                in_group.add(Expr::val(1).eq(0))
            } else {
                in_group.add(carries_any(tags))
            }
        }
    }
}

fn row_condition() -> Condition {
    let profile = |column| Expr::col((ScriptProfile::Table, column));
    let tag_match = Query::select()
        .expr(Expr::val(1))
        .from(ComputerTag::Table)
        .inner_join(
            ScriptProfileTag::Table,
            Expr::col((ScriptProfileTag::Table, ScriptProfileTag::Tag)).equals((ComputerTag::Table, ComputerTag::Tag)),
        )
        .and_where(Expr::col((ComputerTag::Table, ComputerTag::ComputerId)).equals((Computer::Table, Computer::Id)))
        .and_where(
            Expr::col((ScriptProfileTag::Table, ScriptProfileTag::ScriptProfileId))
                .equals((ScriptProfile::Table, ScriptProfile::Id)),
        )
        .take();
    Condition::all()
        .add(profile(ScriptProfile::AccountId).equals((Computer::Table, Computer::AccountId)))
        .add(in_group(profile(ScriptProfile::AccessGroupId)))
        .add(Condition::any().add(profile(ScriptProfile::AllComputers)).add(Expr::exists(tag_match)))
}

/// The computer's group is the given one or below it.
fn in_group(group_id: Expr) -> Expr {
    Expr::col((Computer::Table, Computer::AccessGroupId)).in_subquery(groups_below(group_id))
}

/// Ids of a group and of all below it.
pub fn groups_below(group_id: Expr) -> SelectStatement {
    let below: DynIden = Alias::new("below").into_iden();
    let top: DynIden = Alias::new("top").into_iden();
    let prefix = Expr::col((top.clone(), AccessGroup::Path)).binary(BinOper::Custom("||"), Expr::val("%"));
    Query::select()
        .column((below.clone(), AccessGroup::Id))
        .from_as(AccessGroup::Table, below.clone())
        .join_as(
            sea_query::JoinType::InnerJoin,
            AccessGroup::Table,
            top.clone(),
            Expr::col((below, AccessGroup::Path)).binary(BinOper::Like, prefix),
        )
        .and_where(Expr::col((top, AccessGroup::Id)).eq(group_id))
        .take()
}

/// The computer carries at least one of the tags.
pub fn carries_any(tags: &[String]) -> Expr {
    Expr::exists(
        Query::select()
            .expr(Expr::val(1))
            .from(ComputerTag::Table)
            .and_where(Expr::col((ComputerTag::Table, ComputerTag::ComputerId)).equals((Computer::Table, Computer::Id)))
            .and_where(Expr::col((ComputerTag::Table, ComputerTag::Tag)).is_in(tags.iter().map(String::as_str)))
            .take(),
    )
}

/// How many computers the profile of the surrounding row reaches, as a column.
pub fn count_of_row() -> SelectStatement {
    Query::select().expr(Expr::cust("COUNT(*)")).from(Computer::Table).cond_where(reached(&Reach::Row)).take()
}
