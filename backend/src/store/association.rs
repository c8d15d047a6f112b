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
        Reach::Profile(id) => enrolled.add(profile_condition(*id)),
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

/// A computer is asked about many profiles.
fn row_condition() -> Condition {
    let profile = |column| Expr::col((ScriptProfile::Table, column));
    let carries = tagged(profile(ScriptProfile::Id))
        .and_where(Expr::col((ComputerTag::Table, ComputerTag::ComputerId)).equals((Computer::Table, Computer::Id)))
        .take();
    Condition::all()
        .add(profile(ScriptProfile::AccountId).equals((Computer::Table, Computer::AccountId)))
        .add(in_group(profile(ScriptProfile::AccessGroupId)))
        .add(Condition::any().add(profile(ScriptProfile::AllComputers)).add(Expr::exists(carries)))
}

/// A profile is asked for its computers. What belongs to the profile does not mention the
/// computer, so it is read once and not for each of them.
fn profile_condition(id: i64) -> Condition {
    let of_profile = || {
        Query::select()
            .from(ScriptProfile::Table)
            .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::Id)).eq(id))
            .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::ArchivedAt)).is_null())
            .take()
    };
    let group = of_profile().column((ScriptProfile::Table, ScriptProfile::AccessGroupId)).take();
    let all = of_profile()
        .expr(Expr::val(1))
        .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::AllComputers)))
        .take();
    let with_tag = Expr::col((Computer::Table, Computer::Id)).in_subquery(tagged(Expr::val(id)));
    Condition::all()
        .add(in_group(Expr::SubQuery(None, Box::new(group.into()))))
        .add(Condition::any().add(Expr::exists(all)).add(with_tag))
}

/// Ids of the computers that carry a tag of a stored profile, whatever their group.
fn tagged(profile_id: Expr) -> SelectStatement {
    Query::select()
        .column((ComputerTag::Table, ComputerTag::ComputerId))
        .from(ComputerTag::Table)
        .inner_join(
            ScriptProfileTag::Table,
            Expr::col((ScriptProfileTag::Table, ScriptProfileTag::Tag)).equals((ComputerTag::Table, ComputerTag::Tag)),
        )
        .and_where(Expr::col((ScriptProfileTag::Table, ScriptProfileTag::ScriptProfileId)).eq(profile_id))
        .take()
}

/// The computer's group is the given one or below it.
fn in_group(group_id: Expr) -> Expr {
    Expr::col((Computer::Table, Computer::AccessGroupId)).in_subquery(groups_below(group_id))
}

/// The first group is the second one or below it.
fn is_below(below: DynIden, top: DynIden) -> Expr {
    let prefix = Expr::col((top, AccessGroup::Path)).binary(BinOper::Custom("||"), Expr::val("%"));
    Expr::col((below, AccessGroup::Path)).binary(BinOper::Like, prefix)
}

/// Ids of a group and of all below it.
pub fn groups_below(group_id: Expr) -> SelectStatement {
    Query::select()
        .column((below(), AccessGroup::Id))
        .from_as(AccessGroup::Table, below())
        .join_as(sea_query::JoinType::InnerJoin, AccessGroup::Table, top(), is_below(below(), top()))
        .and_where(Expr::col((top(), AccessGroup::Id)).eq(group_id))
        .take()
}

/// Ids of a group and of all above it.
pub fn groups_above(group_id: i64) -> SelectStatement {
    Query::select()
        .column((top(), AccessGroup::Id))
        .from_as(AccessGroup::Table, top())
        .join_as(sea_query::JoinType::InnerJoin, AccessGroup::Table, below(), is_below(below(), top()))
        .and_where(Expr::col((below(), AccessGroup::Id)).eq(group_id))
        .take()
}

/// The computer carries at least one of the tags.
pub fn carries_any(tags: &[String]) -> Expr {
    Expr::col((Computer::Table, Computer::Id)).in_subquery(
        Query::select()
            .column((ComputerTag::Table, ComputerTag::ComputerId))
            .from(ComputerTag::Table)
            .and_where(Expr::col((ComputerTag::Table, ComputerTag::Tag)).is_in(tags.iter().map(String::as_str)))
            .take(),
    )
}

/// How many computers each of these stored profiles reaches that name tags, as `id` and
/// `num_computers`; of one that reaches none there is no row.
///
/// The tables are joined in the order written, from the profile to its computers: SQLite, left to
/// choose, may begin with all computers.
pub fn counts_by_tag(ids: &[i64]) -> SelectStatement {
    let profile = |column| Expr::col((ScriptProfile::Table, column));
    let groups = [profile(ScriptProfile::AccessGroupId), Expr::col((Computer::Table, Computer::AccessGroupId))];
    counted(Expr::col((Computer::Table, Computer::Id)).count_distinct())
        .cross_join(ScriptProfileTag::Table)
        .cross_join(ComputerTag::Table)
        .cross_join(Computer::Table)
        .and_where(profile(ScriptProfile::Id).is_in(ids.iter().copied()))
        .and_where(
            Expr::col((ScriptProfileTag::Table, ScriptProfileTag::ScriptProfileId))
                .equals((ScriptProfile::Table, ScriptProfile::Id)),
        )
        .and_where(
            Expr::col((ComputerTag::Table, ComputerTag::Tag)).equals((ScriptProfileTag::Table, ScriptProfileTag::Tag)),
        )
        .and_where(Expr::col((Computer::Table, Computer::Id)).equals((ComputerTag::Table, ComputerTag::ComputerId)))
        // Which group is below which is found out once, not for each computer.
        .and_where(Expr::tuple(groups).in_subquery(groups_within(ids)))
        .take()
}

/// Pairs of a group that one of these profiles is of, and a group that is it or below it.
fn groups_within(profile_ids: &[i64]) -> SelectStatement {
    let of_profiles = Query::select()
        .column(ScriptProfile::AccessGroupId)
        .from(ScriptProfile::Table)
        .and_where(Expr::col(ScriptProfile::Id).is_in(profile_ids.iter().copied()))
        .take();
    Query::select()
        .columns([(top(), AccessGroup::Id), (below(), AccessGroup::Id)])
        .from_as(AccessGroup::Table, top())
        .join_as(sea_query::JoinType::InnerJoin, AccessGroup::Table, below(), is_below(below(), top()))
        .and_where(Expr::col((top(), AccessGroup::Id)).in_subquery(of_profiles))
        .take()
}

/// The same for profiles of all computers.
pub fn counts_of_all(ids: &[i64]) -> SelectStatement {
    counted(Expr::cust("COUNT(*)"))
        .join_as(
            sea_query::JoinType::InnerJoin,
            AccessGroup::Table,
            top(),
            Expr::col((top(), AccessGroup::Id)).equals((ScriptProfile::Table, ScriptProfile::AccessGroupId)),
        )
        .join_as(sea_query::JoinType::InnerJoin, AccessGroup::Table, below(), is_below(below(), top()))
        .inner_join(
            Computer::Table,
            Expr::col((Computer::Table, Computer::AccessGroupId)).equals((below(), AccessGroup::Id)),
        )
        .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::Id)).is_in(ids.iter().copied()))
        .take()
}

fn counted(count: Expr) -> SelectStatement {
    let id = (ScriptProfile::Table, ScriptProfile::Id);
    Query::select()
        .column(id)
        .expr_as(count, "num_computers")
        .from(ScriptProfile::Table)
        .and_where(Expr::col((Computer::Table, Computer::State)).eq(ENROLLED))
        .group_by_col(id)
        .take()
}

fn below() -> DynIden {
    Alias::new("below").into_iden()
}

fn top() -> DynIden {
    Alias::new("top").into_iden()
}
