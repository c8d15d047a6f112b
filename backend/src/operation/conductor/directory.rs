//! Signing in through a directory (LDAP): who it says somebody is becomes a person here, with the
//! groups that it says they are in.

use std::net::IpAddr;

use binnacle_shared::model::conductor::fields;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::invitation;
use binnacle_shared::rules;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::Subject;
use super::ldap::open;
use super::lockout::{self, Failures};
use super::users::{self, Fresh};
use crate::auth::ldap::{self, LdapError, LdapUser, PATIENCE, dn};
use crate::keys::KeyError;
use crate::operation::Services;
use crate::operation::first_start::ACCOUNT;
use crate::store::conductor::audit::{self, NewEntry, Operation};
use crate::store::conductor::ldap::{self as store, MappedGroup, Stored};
use crate::store::conductor::user::{self, Times};
use crate::store::conductor::{membership, sign_in};
use crate::store::event::{self, NewEvent};
use crate::store::person::{self, Person};
use crate::store::{Conn, Scope, StoreError, account, role};

/// So many ask a directory at the same time at most: one that hangs must not hold up the server.
pub const AT_ONCE: usize = 16;

static ASKING: Semaphore = Semaphore::const_new(AT_ONCE);

/// What somebody is told who could not be let in.
pub const UNAVAILABLE: &str = "Users sign in through LDAP here, and the LDAP server cannot be asked now. Try again later; \
     only the first administrator signs in without it.";

/// Why it is not known whether a password is right.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the directory cannot be asked: {0}")]
    Unavailable(LdapError),
    #[error("The directory knows you as `{0}`, which cannot be a user name here.")]
    Unusable(String),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Other(super::Error),
}

/// The directory that decides about somebody's password; none: it is kept here. The first
/// administrator never depends on one.
pub async fn deciding(conn: &mut Conn, found: Option<&Person>) -> Result<Option<Stored>, StoreError> {
    if !store::is_configured(conn).await? {
        return Ok(None);
    }
    if let Some(person) = found
        && store::standing(conn, person.id).await?.is_bootstrap
    {
        return Ok(None);
    }
    store::stored(conn).await
}

/// What a directory says of a password.
#[derive(Debug)]
pub enum Answer {
    Wrong,
    /// It is right, and they are locked out here.
    LockedOut,
    Known(Box<Person>),
}

/// Asks a directory whether this is somebody's password.
pub async fn ask(
    services: &Services,
    directory: Stored,
    (identity, found): (&str, Option<&Person>),
    password: &str,
    address: Option<IpAddr>,
) -> Result<Answer, Error> {
    let config = open(&services.keys, directory)?;
    // Who is known here by an e-mail address is known there by their name.
    let name = found.map_or(identity, |person| &person.username);
    let asked = tokio::time::timeout(PATIENCE, ASKING.acquire()).await;
    let answer = match asked {
        Ok(Ok(_turn)) => ldap::authenticate(&config, name, password).await,
        Ok(Err(_)) | Err(_) => Err(LdapError::TimedOut),
    };
    let user = match answer {
        Ok(Some(user)) => user,
        Ok(None) => return Ok(Answer::Wrong),
        Err(error) => {
            tracing::warn!(code = error.code(), %error, "somebody could not sign in through LDAP");
            // About this one entry, and not about the directory.
            let theirs = matches!(error, LdapError::Ambiguous | LdapError::NoUsername(_));
            return if theirs { Ok(Answer::Wrong) } else { Err(Error::Unavailable(error)) };
        }
    };
    let person = Arrival { user: &user, address, now: services.clock.now() }.settle(services).await?;
    Ok(person.map_or(Answer::LockedOut, |person| Answer::Known(Box::new(person))))
}

/// Somebody whom the directory has let in.
struct Arrival<'a> {
    user: &'a LdapUser,
    address: Option<IpAddr>,
    now: Timestamp,
}

/// What has to be changed for somebody to be here what they are in the directory.
struct Plan {
    account_id: i64,
    person: Option<Person>,
    /// The directory has not been theirs until now.
    link: bool,
    name: String,
    /// None: there is none yet, and the directory has none.
    email: Option<String>,
    /// Groups to join and to leave.
    groups: Vec<MappedGroup>,
}

impl Plan {
    /// Whether everything is so already.
    fn is_done(&self) -> bool {
        let same = |person: &Person| person.name == self.name && Some(&person.email) == self.email.as_ref();
        !self.link && self.groups.is_empty() && self.person.as_ref().is_some_and(same)
    }
}

impl Arrival<'_> {
    /// The person that they are here; `None` if they are locked out.
    async fn settle(&self, services: &Services) -> Result<Option<Person>, Error> {
        let account_id = {
            // Nearly always nothing has changed, and nobody has to wait for anybody.
            let mut conn = services.db.read().await?;
            let Some(plan) = self.plan(&mut conn).await? else { return Ok(None) };
            if plan.is_done() {
                return Ok(plan.person);
            }
            plan.account_id
        };
        let mut conn = services.db.write().await?;
        // Of two who come for the first time at once, the second finds a person.
        role::lock(&mut conn, &Scope::account(account_id)).await?;
        let Some(plan) = self.plan(&mut conn).await? else { return Ok(None) };
        let id = self.apply(&mut conn, &plan).await?;
        let person = person::by_id(&mut conn, id).await?;
        conn.commit().await?;
        Ok(person)
    }

    /// `None` if they are locked out here.
    async fn plan(&self, conn: &mut Conn) -> Result<Option<Plan>, Error> {
        let account = account::by_name(conn, ACCOUNT).await?.ok_or(StoreError::Dangling)?;
        let username = &self.user.username;
        let person = match store::person_named(conn, account.id, username).await? {
            Some(id) => person::by_id(conn, id).await?,
            None => None,
        };
        let mut link = true;
        if let Some(person) = &person {
            let standing = store::standing(conn, person.id).await?;
            let past = sign_in::read(conn, person.id).await?;
            let failures = Failures { count: past.failed, last: past.last_failed_at };
            let locked = lockout::is_locked(conn, (account.id, person.id), failures, self.now).await?;
            // Nobody becomes the first administrator by a name in a directory.
            if standing.is_bootstrap || person.disabled || locked {
                return Ok(None);
            }
            link = !standing.is_external;
        } else if fields::name(username.clone()).is_err() || user::is_taken(conn, username).await? {
            return Err(Error::Unusable(username.clone()));
        }
        let id = person.as_ref().map(|person| person.id);
        let groups = self.changes(store::mapped_groups(conn, account.id, id).await?);
        let present = |of: fn(&Person) -> &String| person.as_ref().map(of).cloned();
        let name = self.name().or_else(|| present(|person| &person.name)).unwrap_or_else(|| username.clone());
        let email = self.email(conn, id).await?.or_else(|| present(|person| &person.email));
        Ok(Some(Plan { account_id: account.id, person, link, name, email, groups }))
    }

    /// The groups that somebody is in only here, or only there.
    fn changes(&self, mapped: Vec<MappedGroup>) -> Vec<MappedGroup> {
        let theirs: Vec<String> = self.user.groups.iter().map(|group| dn::normalise(group)).collect();
        mapped.into_iter().filter(|group| theirs.contains(&dn::normalise(&group.ldap_dn)) != group.joined).collect()
    }

    fn name(&self) -> Option<String> {
        let parts: Vec<&str> =
            [&self.user.first_name, &self.user.last_name].into_iter().flatten().map(String::as_str).collect();
        rules::title(parts.join(" ")).ok()
    }

    /// The address, if it is one and nobody else is known by it.
    async fn email(&self, conn: &mut Conn, id: Option<i64>) -> Result<Option<String>, StoreError> {
        let given = self.user.email.clone().and_then(|email| invitation::email(email).ok());
        let Some(email) = given else { return Ok(None) };
        let taken = person::by_identity(conn, &email).await?.is_some_and(|other| Some(other.id) != id);
        if taken {
            tracing::warn!(
                username = self.user.username,
                "the directory gives an e-mail address that somebody else has"
            );
        }
        Ok(Some(email).filter(|_| !taken))
    }

    async fn apply(&self, conn: &mut Conn, plan: &Plan) -> Result<i64, Error> {
        let before = plan.person.as_ref();
        let id = match before {
            Some(person) => {
                let email = plan.email.as_ref().unwrap_or(&person.email);
                store::set_name_and_email(conn, person.id, &plan.name, email).await?;
                person.id
            }
            None => self.insert(conn, plan).await?,
        };
        if plan.link {
            store::link(conn, id).await?;
            let event = NewEvent {
                account_id: plan.account_id,
                person_id: Some(id),
                entity: Entity::Person,
                entity_id: Some(id),
                entity_name: &plan.name,
                message: "Signed in through the directory (LDAP) for the first time.".to_owned(),
            };
            event::record(conn, &event, self.now).await?;
        }
        let after = person::by_id(conn, id).await?.ok_or(StoreError::Dangling)?;
        let shown = |person: &Person, external: bool| {
            let Person { username, name, email, .. } = person;
            json!({"username": username, "name": name, "email": email, "is_external": external})
        };
        let (old, new) = (before.map(|person| shown(person, !plan.link)), shown(&after, true));
        if old.as_ref() != Some(&new) {
            let operation = if old.is_some() { Operation::Update } else { Operation::Create };
            let subject = users::subject(id, &after.username);
            self.record(conn, &after, subject, operation, (old, Some(new))).await?;
        }
        for group in &plan.groups {
            let member = Some(json!({"group": group.name, "username": after.username}));
            let change = if group.joined {
                membership::leave_group(conn, group.id, id).await?;
                (member, None)
            } else {
                membership::join_group(conn, group.id, id).await?;
                (None, member)
            };
            let identifier = json!({"name": group.name});
            let subject = Subject::of_account("groups", group.id, identifier);
            self.record(conn, &after, subject, Operation::Update, change).await?;
        }
        Ok(id)
    }

    async fn insert(&self, conn: &mut Conn, plan: &Plan) -> Result<i64, Error> {
        let fresh = Fresh {
            username: &self.user.username,
            email: plan.email.as_deref(),
            name: Some(&plan.name),
            password_hash: None,
            is_external: true,
            times: Times::default(),
        };
        users::insert(conn, plan.account_id, &fresh, self.now).await.map_err(|error| match error {
            super::Error::Store(error) => Error::Store(error),
            other => Error::Other(other),
        })
    }

    async fn record(
        &self,
        conn: &mut Conn,
        person: &Person,
        subject: Subject,
        operation: Operation,
        (before, after): (Option<Value>, Option<Value>),
    ) -> Result<(), StoreError> {
        let entry = NewEntry {
            account_id: person.account_id,
            ref_table: subject.table,
            ref_id: subject.id,
            ref_identifier: subject.identifier,
            operation,
            creator_id: Some(person.id),
            creator_name: Some(&person.username),
            execution_id: None,
            tenant_id: None,
            tenant_name: None,
            address: self.address.map(|address| address.to_string()),
            before,
            after,
        };
        audit::record(conn, entry, self.now).await?;
        Ok(())
    }
}
