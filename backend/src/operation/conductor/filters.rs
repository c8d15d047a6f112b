//! Makes, changes and removes filters.

use binnacle_shared::filter::{Rule, RuleType};
use binnacle_shared::model::conductor::visibility::{Belonging, Visibility};
use jiff::Timestamp;
use sea_query::{Condition, Expr};

use super::owned::{Owned, check_new, find, find_own, subject, widen};
use super::{Author, Error};
use crate::operation::Services;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::belonging::{self, Home};
use crate::store::conductor::filter::{BlueprintFilter, Chooses, DeploymentFilter, stored};
use crate::store::tables::Filter as Table;
use crate::store::{Conn, StoreError, micros};

macro_rules! owned {
    ($($name:ident $table:literal),+) => {$(
        impl Owned for $name {
            type Table = Table;
            const SINGULAR: &'static str = "Filter";
            const TABLE_NAME: &'static str = $table;

            fn belonging(&self) -> &Belonging {
                &self.0.belonging
            }

            fn only() -> Condition {
                <Self as Chooses>::only()
            }
        }
    )+};
}

owned!(DeploymentFilter "deployments_filters", BlueprintFilter "blueprints_filters");

/// A filter that is to be made.
#[derive(Clone, Debug)]
pub struct NewFilter {
    pub rules: Vec<Rule>,
    pub visibility: Visibility,
    /// When and by whom it was made where it comes from.
    pub created_at: Option<Timestamp>,
    pub created_by_id: Option<i64>,
}

/// What is to be changed of a filter.
#[derive(Clone, Debug, Default)]
pub struct FilterChange {
    /// Take the place of the rules of the same types; those of the other type stay.
    pub rules: Option<Vec<Rule>>,
    pub visibility: Option<Visibility>,
}

async fn insert<T: Chooses>(
    conn: &mut Conn,
    home: Home,
    id: &str,
    rules: &[Rule],
    is_system: bool,
) -> Result<i64, StoreError> {
    let values: Vec<(Table, Expr)> = vec![
        (Table::Name, id.into()),
        (Table::Target, T::TARGET.name().into()),
        (Table::LabelRules, stored(rules, RuleType::Label).into()),
        (Table::AttrRules, stored(rules, RuleType::Attribute).into()),
        (Table::IsSystem, is_system.into()),
        // As managers of the API say it: what is new was changed when it was made.
        (Table::UpdatedAt, micros(home.created_at).into()),
    ];
    belonging::insert(conn, home, values).await
}

/// Makes the filters of deployments that are there from the start.
pub async fn make_built_in(conn: &mut Conn, home: Home) -> Result<(), StoreError> {
    for built_in in binnacle_shared::filter::builtin::deployments() {
        insert::<DeploymentFilter>(conn, home, &built_in.id, &built_in.rules, true).await?;
    }
    Ok(())
}

pub async fn create<T: Owned<Table = Table> + Chooses>(
    services: &Services,
    author: &Author<'_>,
    id: &str,
    new: NewFilter,
) -> Result<T, Error> {
    if id.to_lowercase().starts_with(binnacle_shared::filter::builtin::ID_PREFIX) {
        let message = format!(
            "All filters with a `{}` prefix are reserved for internal use",
            binnacle_shared::filter::builtin::ID_PREFIX
        );
        return Err(Error::field("/id", "reserved", message));
    }
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    check_new::<T>(&mut conn, author, id, new.visibility).await?;
    let mut home = author.home(new.visibility, new.created_at.unwrap_or(now))?;
    home.created_by_id = new.created_by_id.unwrap_or(home.created_by_id);
    let number = insert::<T>(&mut conn, home, id, &new.rules, false).await?;
    let made = find::<T>(&mut conn, author, id).await?.item;
    let subject = subject::<T>(number, id, &made.belonging().tenant_name);
    author.record(&mut conn, now, Operation::Create, subject, (None, made.noted())).await?;
    conn.commit().await?;
    Ok(made)
}

fn not_built_in<T: Chooses>(filter: &T, verb: &str) -> Result<(), Error> {
    if filter.filter().is_system_filter {
        return Err(Error::IllegalAction(format!(
            "The filter `{}` is built in and cannot be {verb}",
            filter.filter().id
        )));
    }
    Ok(())
}

pub async fn update<T: Owned<Table = Table> + Chooses>(
    services: &Services,
    author: &Author<'_>,
    id: &str,
    change: FilterChange,
) -> Result<T, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let found = find::<T>(&mut conn, author, id).await?;
    not_built_in(&found.item, "changed")?;
    let before = find_own::<T>(&mut conn, author, id).await?;
    if let Some(visibility) = change.visibility {
        widen(&mut conn, author, &before, id, visibility).await?;
    }
    let mut values: Vec<(Table, Expr)> = vec![(Table::UpdatedAt, micros(now).into())];
    let rules = change.rules.unwrap_or_default();
    for (kind, column) in [(RuleType::Label, Table::LabelRules), (RuleType::Attribute, Table::AttrRules)] {
        if rules.iter().any(|rule| rule.kind == kind) {
            values.push((column, stored(&rules, kind).into()));
        }
    }
    belonging::update(&mut conn, before.id, values).await?;
    let after = find::<T>(&mut conn, author, id).await?.item;
    let subject = subject::<T>(before.id, id, &after.belonging().tenant_name);
    let change = (before.item.noted(), after.noted());
    author.record(&mut conn, now, Operation::Update, subject, change).await?;
    conn.commit().await?;
    Ok(after)
}

pub async fn remove<T: Owned<Table = Table> + Chooses>(
    services: &Services,
    author: &Author<'_>,
    id: &str,
) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let found = find::<T>(&mut conn, author, id).await?;
    not_built_in(&found.item, "removed")?;
    let found = find_own::<T>(&mut conn, author, id).await?;
    belonging::remove::<Table>(&mut conn, found.id).await?;
    let subject = subject::<T>(found.id, id, &found.item.belonging().tenant_name);
    let change = (found.item.noted(), None);
    author.record(&mut conn, services.clock.now(), Operation::Delete, subject, change).await?;
    conn.commit().await?;
    Ok(())
}
