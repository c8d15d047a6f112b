//! What tags would change: which profiles would reach computers that they do not reach now.

use binnacle_shared::model::landscape::tag::{ProfileChange, TagChange};
use sea_query::{Condition, Expr, ExprTrait, Order};

use super::association::{Reach, groups_below, reached};
use super::tables::{Computer, ScriptProfile, ScriptProfileTag};
use super::{Conn, Result, Scope, computer};

/// For each tag, the profiles in scope that have it, and what would become of them if the
/// computers got it. Profiles that reach all computers do not look at tags.
pub async fn of_tags(
    conn: &mut Conn,
    scope: &Scope,
    computers: &[i64],
    tags: &[String],
    max_num_computers: i64,
) -> Result<Vec<TagChange>> {
    let profile = |column| Expr::col((ScriptProfile::Table, column));
    let select = scope
        .select::<ScriptProfile>()
        .inner_join(
            ScriptProfileTag::Table,
            Expr::col((ScriptProfileTag::Table, ScriptProfileTag::ScriptProfileId))
                .equals((ScriptProfile::Table, ScriptProfile::Id)),
        )
        .columns(
            [ScriptProfile::Id, ScriptProfile::Title, ScriptProfile::AccessGroupId].map(|c| (ScriptProfile::Table, c)),
        )
        .column((ScriptProfileTag::Table, ScriptProfileTag::Tag))
        .and_where(profile(ScriptProfile::ArchivedAt).is_null())
        .and_where(profile(ScriptProfile::AllComputers).eq(false))
        .and_where(Expr::col((ScriptProfileTag::Table, ScriptProfileTag::Tag)).is_in(tags.iter().map(String::as_str)))
        .order_by((ScriptProfileTag::Table, ScriptProfileTag::Tag), Order::Asc)
        .order_by((ScriptProfile::Table, ScriptProfile::Id), Order::Asc)
        .take();
    let whole = Scope::account(scope.account_id());
    let mut changes = Vec::new();
    for row in conn.fetch_all(&select).await? {
        let id: i64 = row.get("id")?;
        let group: i64 = row.get("access_group_id")?;
        let now = computer::count(conn, &whole, reached(&Reach::Profile(id))).await?;
        let in_group =
            Expr::col((Computer::Table, Computer::AccessGroupId)).in_subquery(groups_below(Expr::val(group)));
        let taken = computer::enrolled().add(computer::with_ids(computers)).add(in_group);
        let then = Condition::any().add(reached(&Reach::Profile(id))).add(taken.clone());
        let after = computer::count(conn, &whole, then).await?;
        let included = computer::count(conn, &whole, taken).await?;
        changes.push(TagChange {
            tag: row.get("tag")?,
            profile: ProfileChange {
                name: row.get("title")?,
                profile_type: "ScriptProfile".to_owned(),
                current_associated_instances: now,
                will_exceed_limit: after > max_num_computers,
                will_exclude_instances: included < i64::try_from(computers.len()).unwrap_or(i64::MAX),
            },
        });
    }
    Ok(changes)
}
