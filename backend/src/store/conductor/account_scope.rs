//! Whose tenants, users, groups and tokens a request sees: those of its account, or of these only
//! what concerns the person who asks. Every statement that lists them begins here.

use sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};

use crate::store::tables::{ApiToken, Person, Tenant, TenantGroup, TenantMember, UserGroup, UserGroupMember};

/// A part of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountScope {
    account_id: i64,
    only: Option<i64>,
}

impl AccountScope {
    /// All of the account.
    pub const fn whole(account_id: i64) -> Self {
        Self { account_id, only: None }
    }

    /// What concerns one person: themselves, what is theirs, what they are a member of.
    pub const fn of_person(account_id: i64, person_id: i64) -> Self {
        Self { account_id, only: Some(person_id) }
    }

    pub const fn account_id(&self) -> i64 {
        self.account_id
    }

    pub fn tenants(&self) -> SelectStatement {
        let own = self.only.map(|person| Expr::col((Tenant::Table, Tenant::Id)).in_subquery(tenants_of(person)));
        let account = Expr::col((Tenant::Table, Tenant::AccountId)).eq(self.account_id);
        Query::select().from(Tenant::Table).and_where(account).and_where_option(own).take()
    }

    pub fn users(&self) -> SelectStatement {
        let own = self.only.map(|person| Expr::col((Person::Table, Person::Id)).eq(person));
        let account = Expr::col((Person::Table, Person::AccountId)).eq(self.account_id);
        Query::select().from(Person::Table).and_where(account).and_where_option(own).take()
    }

    pub fn groups(&self) -> SelectStatement {
        let own = self.only.map(|person| {
            let groups = Query::select()
                .column(UserGroupMember::UserGroupId)
                .from(UserGroupMember::Table)
                .and_where(Expr::col(UserGroupMember::PersonId).eq(person))
                .take();
            Expr::col((UserGroup::Table, UserGroup::Id)).in_subquery(groups)
        });
        let account = Expr::col((UserGroup::Table, UserGroup::AccountId)).eq(self.account_id);
        Query::select().from(UserGroup::Table).and_where(account).and_where_option(own).take()
    }

    pub fn tokens(&self) -> SelectStatement {
        let people = self.users().column((Person::Table, Person::Id)).take();
        let own = Expr::col((ApiToken::Table, ApiToken::PersonId)).in_subquery(people);
        Query::select().from(ApiToken::Table).and_where(own).take()
    }
}

/// The tenants that somebody is a member of, directly or by a group.
fn tenants_of(person_id: i64) -> SelectStatement {
    let by_group = Query::select()
        .column((TenantGroup::Table, TenantGroup::TenantId))
        .from(TenantGroup::Table)
        .inner_join(
            UserGroupMember::Table,
            Expr::col((UserGroupMember::Table, UserGroupMember::UserGroupId))
                .equals((TenantGroup::Table, TenantGroup::UserGroupId)),
        )
        .and_where(Expr::col((UserGroupMember::Table, UserGroupMember::PersonId)).eq(person_id))
        .take();
    Query::select()
        .column((TenantMember::Table, TenantMember::TenantId))
        .from(TenantMember::Table)
        .and_where(Expr::col((TenantMember::Table, TenantMember::PersonId)).eq(person_id))
        .union(UnionType::Distinct, by_group)
        .take()
}

#[cfg(test)]
mod tests {
    use sea_query::{Expr, SelectStatement, SqliteQueryBuilder};

    use super::AccountScope;

    #[test]
    fn every_scope_names_its_account() {
        let kinds = [AccountScope::tenants, AccountScope::users, AccountScope::groups, AccountScope::tokens];
        for scope in [AccountScope::whole(7), AccountScope::of_person(7, 3)] {
            for rows in kinds {
                let rows: SelectStatement = rows(&scope);
                let sql = rows.clone().expr(Expr::val(1)).to_string(SqliteQueryBuilder);
                assert!(sql.contains(r#""account_id" = 7"#), "{sql}");
                assert_eq!(sql.contains("= 3"), scope != AccountScope::whole(7), "{sql}");
            }
        }
    }
}
