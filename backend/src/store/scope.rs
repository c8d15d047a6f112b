//! Who may see which rows. Every statement about rows of an account begins here, so that none
//! can forget whose they are.

use std::collections::BTreeSet;

use sea_query::{Alias, Condition, Expr, ExprTrait, IntoIden, Query, SelectStatement};

use super::tables::AccessGroup;
use super::{Conn, Result};

/// The part of the data that a request may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    account_id: i64,
    groups: Groups,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Groups {
    All,
    /// Paths of the groups a person was given; what is below belongs to them too.
    Below(Vec<String>),
}

/// A table whose rows belong to an account and an access group.
pub trait Owned: sea_query::Iden + Copy + 'static {
    const TABLE: Self;
    const ID: Self;
    const ACCOUNT: Self;
    const GROUP: Self;
}

macro_rules! owned {
    ($($table:ident),+) => {$(
        impl Owned for super::tables::$table {
            const TABLE: Self = Self::Table;
            const ID: Self = Self::Id;
            const ACCOUNT: Self = Self::AccountId;
            const GROUP: Self = Self::AccessGroupId;
        }
    )+};
}

owned!(Computer, Script, ScriptProfile, Activity);

/// A table whose rows belong to an account as a whole: access groups do not divide them, and a
/// permission for the account opens them.
pub trait AccountOwned: sea_query::Iden + Copy + 'static {
    const TABLE: Self;
    const ACCOUNT: Self;
}

macro_rules! account_owned {
    ($($table:ident),+) => {$(
        impl AccountOwned for super::tables::$table {
            const TABLE: Self = Self::Table;
            const ACCOUNT: Self = Self::AccountId;
        }
    )+};
}

account_owned!(Person, Role, Invitation);

impl Scope {
    /// The whole account: for the engine, and for people who were given the root group.
    pub const fn account(account_id: i64) -> Self {
        Self { account_id, groups: Groups::All }
    }

    /// The groups with these paths and all below them. No path: nothing.
    pub const fn below(account_id: i64, paths: Vec<String>) -> Self {
        Self { account_id, groups: Groups::Below(paths) }
    }

    pub const fn account_id(&self) -> i64 {
        self.account_id
    }

    pub const fn is_whole_account(&self) -> bool {
        matches!(self.groups, Groups::All)
    }

    /// `SELECT … FROM table WHERE` the rows in scope. Columns are the caller's to choose.
    pub fn select<T: Owned>(&self) -> SelectStatement {
        Query::select().from(T::TABLE).cond_where(self.rows::<T>()).take()
    }

    /// The condition alone, for updates and deletes.
    pub fn rows<T: Owned>(&self) -> Condition {
        let mut condition = Condition::all().add(Expr::col((T::TABLE, T::ACCOUNT)).eq(self.account_id));
        if let Groups::Below(_) = &self.groups {
            condition = condition.add(Expr::col((T::TABLE, T::GROUP)).in_subquery(self.visible_groups().take()));
        }
        condition
    }

    /// `SELECT … FROM table WHERE` the rows of the account.
    pub fn select_account<T: AccountOwned>(&self) -> SelectStatement {
        Query::select().from(T::TABLE).cond_where(self.account_rows::<T>()).take()
    }

    /// That condition alone.
    pub fn account_rows<T: AccountOwned>(&self) -> Condition {
        Condition::all().add(Expr::col((T::TABLE, T::ACCOUNT)).eq(self.account_id))
    }

    /// Of some rows, those in scope, by number.
    pub async fn ids_among<T: Owned>(&self, conn: &mut Conn, ids: &[i64]) -> Result<BTreeSet<i64>> {
        let mut found = BTreeSet::new();
        for chunk in ids.chunks(500) {
            let select = self
                .select::<T>()
                .expr_as(Expr::col((T::TABLE, T::ID)), "id")
                .and_where(Expr::col((T::TABLE, T::ID)).is_in(chunk.iter().copied()))
                .take();
            for row in conn.fetch_all(&select).await? {
                found.insert(row.get("id")?);
            }
        }
        Ok(found)
    }

    /// Ids of the groups in scope.
    fn visible_groups(&self) -> SelectStatement {
        let inner = Alias::new("visible_group").into_iden();
        Query::select()
            .column((inner.clone(), AccessGroup::Id))
            .from_as(AccessGroup::Table, inner)
            .cond_where(self.groups_condition("visible_group"))
            .take()
    }

    /// The groups in scope themselves, of a table that goes by the given alias.
    pub fn groups_condition(&self, alias: &'static str) -> Condition {
        let table = Alias::new(alias).into_iden();
        let own = Condition::all().add(Expr::col((table.clone(), AccessGroup::AccountId)).eq(self.account_id));
        match &self.groups {
            Groups::All => own,
            Groups::Below(paths) => {
                let below = paths.iter().fold(Condition::any(), |any, path| {
                    any.add(Expr::col((table.clone(), AccessGroup::Path)).like(format!("{path}%")))
                });
                // An empty disjunction would be left out, and then let everything through.
                let below = if paths.is_empty() { below.add(Expr::val(1).eq(0)) } else { below };
                own.add(below)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_query::{Expr, SqliteQueryBuilder};

    use super::Scope;
    use crate::store::tables::Computer;

    fn sql(scope: &Scope) -> String {
        scope.select::<Computer>().expr(Expr::val(1)).to_string(SqliteQueryBuilder)
    }

    #[test]
    fn every_scope_names_its_account() {
        assert!(sql(&Scope::account(7)).contains(r#""computer"."account_id" = 7"#));
        let below = sql(&Scope::below(7, vec!["1/4/".into()]));
        assert!(below.contains(r#""computer"."account_id" = 7"#), "{below}");
        assert!(below.contains("LIKE '1/4/%'"), "{below}");
    }

    #[test]
    fn a_person_without_groups_sees_nothing() {
        assert!(sql(&Scope::below(7, vec![])).contains("1 = 0"));
    }
}
