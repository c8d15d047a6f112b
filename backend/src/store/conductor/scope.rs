//! Who sees which rows of a tenant. Every statement about them begins here, so that none can
//! forget whose they are.

use binnacle_shared::model::conductor::visibility::Visibility;
use sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};

use crate::store::tables;

/// The part of all tenants' rows that a request may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantScope {
    account_id: i64,
    person_id: i64,
    tenants: Tenants,
    /// Where what others keep private is seen as well.
    administers: Tenants,
}

/// Some tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenants {
    All,
    These(Vec<i64>),
}

impl Tenants {
    fn condition(&self, column: Expr) -> Option<Expr> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(match ids.as_slice() {
                [] => Expr::val(1).eq(0),
                [only] => column.eq(*only),
                several => column.is_in(several.iter().copied()),
            }),
        }
    }
}

/// A table whose rows belong to a tenant and have a visibility.
pub trait TenantOwned: sea_query::Iden + Copy + Send + Sync + 'static {
    const TABLE: Self;
    const ID: Self;
    const TENANT: Self;
    const VISIBILITY: Self;
    const CREATED_BY: Self;
    const CREATED_AT: Self;
    const NAME: Self;

    fn column(self) -> Expr {
        Expr::col((Self::TABLE, self))
    }
}

macro_rules! tenant_owned {
    ($($table:ident),+) => {$(
        impl TenantOwned for tables::$table {
            const TABLE: Self = Self::Table;
            const ID: Self = Self::Id;
            const TENANT: Self = Self::TenantId;
            const VISIBILITY: Self = Self::Visibility;
            const CREATED_BY: Self = Self::CreatedById;
            const CREATED_AT: Self = Self::CreatedAt;
            const NAME: Self = Self::Name;
        }
    )+};
}

tenant_owned!(Site, Secret, SecretsProvider, Filter, Blueprint, Deployment);

impl TenantScope {
    pub const fn new(account_id: i64, person_id: i64, tenants: Tenants, administers: Tenants) -> Self {
        Self { account_id, person_id, tenants, administers }
    }

    pub const fn account_id(&self) -> i64 {
        self.account_id
    }

    /// The rows in scope: those of the tenants, and what any tenant shows to all; without what
    /// others keep private.
    pub fn rows<T: TenantOwned>(&self) -> Condition {
        let visibility = || T::VISIBILITY.column();
        let seen = self.tenants.condition(T::TENANT.column());
        let seen = seen.map(|own| own.or(visibility().eq(Visibility::Global.name())));
        let open = self.administers.condition(T::TENANT.column()).map(|administers| {
            administers.or(visibility().ne(Visibility::Private.name())).or(T::CREATED_BY.column().eq(self.person_id))
        });
        Condition::all().add_option(seen).add_option(open)
    }

    /// Of which rows also that is seen which is kept from all but their maker and the
    /// administrators of their tenant.
    pub fn opened<T: TenantOwned>(&self) -> Condition {
        let administers = self.administers.condition(T::TENANT.column());
        let opened = administers.map(|administers| administers.or(T::CREATED_BY.column().eq(self.person_id)));
        Condition::all().add_option(opened)
    }

    /// The same of one row.
    pub fn opens(&self, tenant_id: i64, created_by_id: i64) -> bool {
        let administers = match &self.administers {
            Tenants::All => true,
            Tenants::These(ids) => ids.contains(&tenant_id),
        };
        administers || created_by_id == self.person_id
    }

    /// `SELECT … FROM table WHERE` the rows in scope. Columns are the caller's to choose.
    pub fn select<T: TenantOwned>(&self) -> SelectStatement {
        Query::select().from(T::TABLE).cond_where(self.rows::<T>()).take()
    }
}

#[cfg(test)]
mod tests {
    use sea_query::{Expr, SqliteQueryBuilder};

    use super::{TenantScope, Tenants};
    use crate::store::tables::Site;

    fn sql(tenants: Tenants, administers: Tenants) -> String {
        let scope = TenantScope::new(1, 7, tenants, administers);
        scope.select::<Site>().expr(Expr::val(1)).to_string(SqliteQueryBuilder)
    }

    #[test]
    fn a_member_sees_the_tenant_and_what_is_global_but_nothing_private_of_others() {
        let sql = sql(Tenants::These(vec![3]), Tenants::These(vec![]));
        assert!(sql.contains(r#""site"."tenant_id" = 3 OR "site"."visibility" = 'global'"#), "{sql}");
        assert!(sql.contains(r#"1 = 0 OR "site"."visibility" <> 'private' OR "site"."created_by_id" = 7"#), "{sql}");
    }

    #[test]
    fn an_administrator_sees_what_is_private_where_they_administer() {
        let sql = sql(Tenants::These(vec![3, 4]), Tenants::These(vec![4]));
        assert!(sql.contains(r#""site"."tenant_id" IN (3, 4) OR"#), "{sql}");
        assert!(sql.contains(r#""site"."tenant_id" = 4 OR "site"."visibility" <> 'private'"#), "{sql}");
    }

    #[test]
    fn who_has_no_tenant_sees_only_what_is_global() {
        assert!(sql(Tenants::These(vec![]), Tenants::These(vec![])).contains("1 = 0 OR"));
        let everything = sql(Tenants::All, Tenants::All);
        assert!(!everything.contains("tenant_id") && !everything.contains("visibility"), "{everything}");
    }
}
