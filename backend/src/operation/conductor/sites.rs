//! Makes, changes and removes sites.

use binnacle_shared::model::conductor::site::{Location, Site};
use binnacle_shared::model::conductor::visibility::{Belonging, Visibility};
use jiff::Timestamp;
use sea_query::Expr;

use super::owned::{Owned, check_name, check_new, find, find_own, subject, widen};
use super::{Author, Error};
use crate::operation::Services;
use crate::store::StoreError;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::belonging;
use crate::store::tables::Site as Table;

impl Owned for Site {
    type Table = Table;
    const SINGULAR: &'static str = "Site";
    const TABLE_NAME: &'static str = "sites";

    fn belonging(&self) -> &Belonging {
        &self.belonging
    }
}

/// A site that is to be made.
#[derive(Clone, Debug, Default)]
pub struct NewSite {
    pub visibility: Visibility,
    pub location: Option<(String, Location)>,
    /// When and by whom it was made where it comes from.
    pub created_at: Option<Timestamp>,
    pub created_by_id: Option<i64>,
}

/// What is to be changed of a site.
#[derive(Clone, Debug, Default)]
pub struct SiteChange {
    pub new_name: Option<String>,
    pub visibility: Option<Visibility>,
    /// None inside: the site has no location any more.
    pub location: Option<Option<(String, Location)>>,
}

fn columns(location: Option<(String, Location)>) -> Vec<(Table, Expr)> {
    let (text, point) = location.map_or((None, None), |(text, point)| (Some(text), Some(point)));
    vec![
        (Table::Location, text.into()),
        (Table::Latitude, point.map(|point| point.latitude).into()),
        (Table::Longitude, point.map(|point| point.longitude).into()),
    ]
}

pub async fn create(services: &Services, author: &Author<'_>, name: &str, new: NewSite) -> Result<Site, Error> {
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    check_new::<Site>(&mut conn, author, name, new.visibility).await?;
    let mut home = author.home(new.visibility, new.created_at.unwrap_or(now))?;
    home.created_by_id = new.created_by_id.unwrap_or(home.created_by_id);
    let mut values = columns(new.location);
    values.push((Table::Name, name.into()));
    let id = belonging::insert(&mut conn, home, values).await?;
    let made = find::<Site>(&mut conn, author, name).await?.item;
    let subject = subject::<Site>(id, name, &made.belonging.tenant_name);
    author.record(&mut conn, now, Operation::Create, subject, (None, made.noted())).await?;
    conn.commit().await?;
    Ok(made)
}

pub async fn update(services: &Services, author: &Author<'_>, name: &str, change: SiteChange) -> Result<Site, Error> {
    let mut conn = services.db.write().await?;
    let before = find_own::<Site>(&mut conn, author, name).await?;
    if let Some(visibility) = change.visibility {
        widen(&mut conn, author, &before, name, visibility).await?;
    }
    let mut values = change.location.map(columns).unwrap_or_default();
    let new_name = change.new_name.as_deref().filter(|new| *new != name);
    if let Some(new) = new_name {
        let visibility = change.visibility.unwrap_or(before.item.belonging.visibility);
        check_name::<Site>(&mut conn, author, new, visibility, Some(before.id)).await?;
        values.push((Table::Name, new.into()));
    }
    belonging::update(&mut conn, before.id, values).await?;
    let after = find::<Site>(&mut conn, author, new_name.unwrap_or(name)).await?.item;
    if after != before.item {
        let subject = subject::<Site>(before.id, &after.name, &after.belonging.tenant_name);
        let change = (before.item.noted(), after.noted());
        author.record(&mut conn, services.clock.now(), Operation::Update, subject, change).await?;
    }
    conn.commit().await?;
    Ok(after)
}

pub async fn remove(services: &Services, author: &Author<'_>, name: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let found = find_own::<Site>(&mut conn, author, name).await?;
    belonging::remove::<Table>(&mut conn, found.id).await.map_err(|error| match error {
        StoreError::Dangling => Error::Conflict(format!("Deployments are at the site `{name}`; detach them first")),
        other => other.into(),
    })?;
    let subject = subject::<Site>(found.id, name, &found.item.belonging.tenant_name);
    let change = (found.item.noted(), None);
    author.record(&mut conn, services.clock.now(), Operation::Delete, subject, change).await?;
    conn.commit().await?;
    Ok(())
}
