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

/// Ids of a group and of all above it.
pub fn groups_above(group_id: i64) -> SelectStatement {
    let above: DynIden = Alias::new("above").into_iden();
    let bottom: DynIden = Alias::new("bottom").into_iden();
    let prefix = Expr::col((above.clone(), AccessGroup::Path)).binary(BinOper::Custom("||"), Expr::val("%"));
    Query::select()
        .column((above.clone(), AccessGroup::Id))
        .from_as(AccessGroup::Table, above)
        .join_as(
            sea_query::JoinType::InnerJoin,
            AccessGroup::Table,
            bottom.clone(),
            Expr::col((bottom.clone(), AccessGroup::Path)).binary(BinOper::Like, prefix),
        )
        .and_where(Expr::col((bottom, AccessGroup::Id)).eq(group_id))
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

/// How many computers each of these stored profiles reaches, as `id` and `num_computers`. It goes
/// from the tags to the computers: asking every computer about every profile would take long.
pub fn counts(ids: &[i64]) -> SelectStatement {
    let profile = |column| Expr::col((ScriptProfile::Table, column));
    let tagged = Query::select()
        .column((ComputerTag::Table, ComputerTag::ComputerId))
        .from(ComputerTag::Table)
        .inner_join(
            ScriptProfileTag::Table,
            Expr::col((ScriptProfileTag::Table, ScriptProfileTag::Tag)).equals((ComputerTag::Table, ComputerTag::Tag)),
        )
        .and_where(
            Expr::col((ScriptProfileTag::Table, ScriptProfileTag::ScriptProfileId))
                .equals((ScriptProfile::Table, ScriptProfile::Id)),
        )
        .take();
    let counted = |also: Condition| {
        let count = Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from(Computer::Table)
            .and_where(Expr::col((Computer::Table, Computer::State)).eq(ENROLLED))
            .and_where(profile(ScriptProfile::AccountId).equals((Computer::Table, Computer::AccountId)))
            .and_where(in_group(profile(ScriptProfile::AccessGroupId)))
            .cond_where(also)
            .take();
        Expr::SubQuery(None, Box::new(count.into()))
    };
    let with_tag = Condition::all().add(Expr::col((Computer::Table, Computer::Id)).in_subquery(tagged));
    Query::select()
        .column((ScriptProfile::Table, ScriptProfile::Id))
        .expr_as(
            Expr::case(profile(ScriptProfile::AllComputers), counted(Condition::all())).finally(counted(with_tag)),
            "num_computers",
        )
        .from(ScriptProfile::Table)
        .and_where(profile(ScriptProfile::Id).is_in(ids.iter().copied()))
        .take()
}
