//! Reads and changes the manager's settings.

use binnacle_shared::model::conductor::config::{ConfigItem, MASKED};
use binnacle_shared::time::Millis;
use serde_json::{Value, json};

use super::config_items::{ITEMS, Item};
use super::error::Code;
use super::{Author, Error, Subject};
use crate::operation::Services;
use crate::secrets::schema::check_json;
use crate::store::conductor::audit::Operation;
use crate::store::conductor::config::{self, Changed};
use crate::store::{Conn, account};

/// Values that only administrators see are encrypted for their place.
fn context(item: &Item) -> String {
    format!("config {}", item.full_name())
}

/// The settings of a scope, or all.
pub async fn list(services: &Services, author: &Author<'_>, scope: Option<&str>) -> Result<Vec<ConfigItem>, Error> {
    let mut conn = services.db.read().await?;
    let wanted = ITEMS.iter().filter(|item| scope.is_none_or(|scope| item.scope == scope));
    present(services, &mut conn, author, wanted).await
}

/// A setting by its name, or by its scope and name.
pub async fn read(services: &Services, author: &Author<'_>, name: &str) -> Result<ConfigItem, Error> {
    let item = find(name)?;
    let mut conn = services.db.read().await?;
    one(services, &mut conn, author, item).await
}

async fn one(
    services: &Services,
    conn: &mut Conn,
    author: &Author<'_>,
    item: &'static Item,
) -> Result<ConfigItem, Error> {
    let found = present(services, conn, author, [item]).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found("ConfigItem", item.full_name()))
}

fn find(name: &str) -> Result<&'static Item, Error> {
    let named: Vec<_> = match name.split_once('.') {
        Some((scope, name)) => ITEMS.iter().filter(|item| item.scope == scope && item.name == name).collect(),
        None => ITEMS.iter().filter(|item| item.name == name).collect(),
    };
    match named.as_slice() {
        [] => Err(Error::not_found("ConfigItem", name)),
        [only] => Ok(only),
        several => {
            let names: Vec<String> = several.iter().map(|item| item.full_name()).collect();
            let message = format!("The name `{name}` is that of several settings: {}", names.join(", "));
            Err(Error::coded(Code::AmbiguousName, message))
        }
    }
}

/// Settings with the values that they have now, as far as the author may see them.
async fn present(
    services: &Services,
    conn: &mut Conn,
    author: &Author<'_>,
    items: impl IntoIterator<Item = &'static Item>,
) -> Result<Vec<ConfigItem>, Error> {
    let changed = config::changed(conn, author.person.account_id).await?;
    let address = services.engine.facts().await.address.map(|address| address.to_string());
    let mut all = Vec::new();
    for item in items {
        let mut shown = item.unchanged(address.as_deref());
        let stored = changed.iter().find(|stored| stored.scope == item.scope && stored.name == item.name);
        if let Some(stored) = stored {
            shown.updated_at = Some(Millis(stored.updated_at));
            shown.updater_name = Some(stored.updater_name.clone());
        }
        if item.admin_only && !author.administers_all {
            shown.value = json!(MASKED);
        } else if let Some(stored) = stored {
            shown.value = opened(services, item, &stored.text)?;
        }
        all.push(shown);
    }
    Ok(all)
}

fn opened(services: &Services, item: &Item, text: &str) -> Result<Value, Error> {
    let text = if item.admin_only { services.keys.decrypt(&context(item), text)? } else { text.to_owned() };
    // What cannot be read any more is as if it had never been changed.
    Ok(serde_json::from_str(&text).unwrap_or_else(|_| item.given(None)))
}

/// Gives a setting another value. What is not meant to be changed is changed by force only.
pub async fn change(
    services: &Services,
    author: &Author<'_>,
    name: &str,
    value: &Value,
    force: bool,
) -> Result<ConfigItem, Error> {
    let item = find(name)?;
    if item.admin_only && !author.administers_all {
        return Err(Error::Forbidden(format!("Only administrators may change the setting `{name}`")));
    }
    if !item.editable && !force {
        return Err(Error::Conflict(format!("The setting `{name}` is not meant to be changed")));
    }
    if let Err(error) = check_json(&item.schema(), value) {
        return Err(Error::field("/value", "schema", format!("Cannot be the value of `{name}`: {error}.")));
    }
    let now = services.clock.now();
    let plain = value.to_string();
    let text =
        if item.admin_only { services.keys.encrypt(services.random.as_ref(), &context(item), &plain)? } else { plain };
    let mut conn = services.db.write().await?;
    account::lock(&mut conn, author.person.account_id).await?;
    let before = one(services, &mut conn, author, item).await?;
    let stored = Changed {
        scope: item.scope.to_owned(),
        name: item.name.to_owned(),
        text,
        updated_at: now,
        updater_name: author.person.username.clone(),
    };
    config::set(&mut conn, author.person.account_id, &stored).await?;
    let after = one(services, &mut conn, author, item).await?;
    let noted = |shown: &ConfigItem| {
        let value = if item.admin_only { json!(MASKED) } else { shown.value.clone() };
        Some(json!({"value": value}))
    };
    // Settings have names and no numbers.
    let subject = Subject::of_account("config", 0, json!({"name": item.full_name()}));
    author.record(&mut conn, now, Operation::Update, subject, (noted(&before), noted(&after))).await?;
    conn.commit().await?;
    Ok(after)
}
