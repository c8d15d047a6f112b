//! Invites people, and makes administrators of those who accept. The server sends no mail: who
//! invites gets the link once, and hands it on.

use binnacle_shared::model::landscape::administrator::Administrator;
use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::model::landscape::invitation::{Acceptance, Invitation, InvitationSummary, NewInvitation};
use binnacle_shared::model::landscape::session::PASSWORD_LENGTH;
use jiff::{SignedDuration, Timestamp};

use super::administrators::{self, named};
use super::roles::check_gift;
use super::{Actor, Services};
use crate::auth::link;
use crate::auth::password::PasswordError;
use crate::store::administrator::{count_and_limit, with_email};
use crate::store::conductor::ldap;
use crate::store::event::{self, NewEvent};
use crate::store::invitation::{self as store, Opened};
use crate::store::person::{self, NewPerson, Person};
use crate::store::{Conn, Scope, StoreError, list, role};

/// How long a link is good.
const LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Why nobody is invited, or does not come in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such invitation")]
    Unknown,
    #[error("The invitation does not exist, was answered already or is too old; ask for another one.")]
    Closed,
    #[error("{0} is invited already; make a new link of that invitation, or remove it.")]
    Repeated(String),
    #[error("{0} is an administrator already.")]
    Member(String),
    #[error("The account may have {0} administrators, and has them or has invited them.")]
    Limit(i64),
    #[error("People sign in through a directory (LDAP): they are made there, and an invitation would give a password.")]
    External,
    #[error("Somebody else has the user name {0}.")]
    Taken(String),
    #[error(transparent)]
    Roles(#[from] administrators::Error),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<super::roles::Error> for Error {
    fn from(error: super::roles::Error) -> Self {
        Self::Roles(error.into())
    }
}

/// Invites somebody. The answer alone holds the end of the link.
pub async fn create(services: &Services, actor: Actor<'_>, new: &NewInvitation) -> Result<Invitation, Error> {
    let now = services.clock.now();
    let secure_id = link::generate(services.random.as_ref());
    let mut conn = services.db.write().await?;
    role::lock(&mut conn, actor.scope).await?;
    check_local(&mut conn).await?;
    store::remove_expired(&mut conn, actor.scope, now).await?;
    if with_address(&mut conn, actor.scope, &new.email).await?.is_some_and(|person| !person.disabled) {
        return Err(Error::Member(new.email.clone()));
    }
    if store::is_invited(&mut conn, actor.scope, &new.email).await? {
        return Err(Error::Repeated(new.email.clone()));
    }
    let (count, limit) = count_and_limit(&mut conn, actor.scope).await?;
    if count >= limit {
        return Err(Error::Limit(limit));
    }
    let roles = named(&mut conn, actor.scope, &new.roles).await?;
    for role in &roles {
        check_gift(actor, role)?;
    }
    let role_ids: Vec<i64> = roles.iter().map(|role| role.id).collect();
    let row = store::NewInvitation {
        secure_id_hash: &link::hash(&secure_id),
        name: &new.name,
        email: &new.email,
        expires_at: expiry(now),
        role_ids: &role_ids,
    };
    let id = store::create(&mut conn, actor.scope, &row, now).await?;
    let message = format!("Invited {} with the roles: {}.", new.email, new.roles.join(", "));
    actor.record(&mut conn, now, (Entity::Invitation, id, &new.name), message).await?;
    let made = opened_once(&mut conn, actor.scope, id, secure_id).await?;
    conn.commit().await?;
    Ok(made)
}

/// Makes a new link of an invitation; the one before opens nothing any more.
pub async fn renew(services: &Services, actor: Actor<'_>, id: i64) -> Result<Invitation, Error> {
    let now = services.clock.now();
    let secure_id = link::generate(services.random.as_ref());
    let mut conn = services.db.write().await?;
    store::renew(&mut conn, actor.scope, id, &link::hash(&secure_id), expiry(now)).await?;
    let renewed = opened_once(&mut conn, actor.scope, id, secure_id).await?;
    let subject = (Entity::Invitation, id, renewed.name.as_str());
    actor.record(&mut conn, now, subject, "Made a new link of the invitation.").await?;
    conn.commit().await?;
    Ok(renewed)
}

/// Takes an invitation back.
pub async fn remove(services: &Services, actor: Actor<'_>, id: i64) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let invitation: Invitation = list::read(&mut conn, actor.scope, id).await?.ok_or(Error::Unknown)?;
    store::remove(&mut conn, actor.scope, id).await?;
    let subject = (Entity::Invitation, id, invitation.name.as_str());
    actor.record(&mut conn, services.clock.now(), subject, "Took the invitation back.").await?;
    conn.commit().await?;
    Ok(())
}

/// What the person sees who has the link.
pub async fn summary(services: &Services, secure_id: &str) -> Result<InvitationSummary, Error> {
    let mut conn = services.db.read().await?;
    let opened = open(services, &mut conn, secure_id).await?;
    Ok(InvitationSummary {
        account_title: opened.account_title,
        secure_id: secure_id.to_owned(),
        name: opened.name,
        email: opened.email,
    })
}

/// Makes an administrator of who has the link. Somebody who was one before comes back under the
/// same number, with the roles of the invitation and no others.
pub async fn accept(services: &Services, acceptance: &Acceptance) -> Result<Person, Error> {
    let secure_id = &acceptance.invitation_id;
    {
        // Hashing a password takes long; only who has a link may ask for it.
        let mut conn = services.db.read().await?;
        open(services, &mut conn, secure_id).await?;
    }
    let hash = services.passwords.hash(services.random.as_ref(), acceptance.password.clone(), &PASSWORD_LENGTH).await?;
    let now = services.clock.now();
    let mut conn = services.db.write().await?;
    let scope = Scope::account(open(services, &mut conn, secure_id).await?.account_id);
    role::lock(&mut conn, &scope).await?;
    check_local(&mut conn).await?;
    // Read again: of two who use the same link at once, the second finds it gone.
    let opened = open(services, &mut conn, secure_id).await?;
    store::remove(&mut conn, &scope, opened.id).await?;
    let name = acceptance.name.as_deref().unwrap_or(&opened.name);
    let id = match with_address(&mut conn, &scope, &opened.email).await? {
        Some(person) if !person.disabled => return Err(Error::Member(opened.email)),
        Some(former) => come_back(&mut conn, &former, &opened, name, &hash).await?,
        None => {
            let new = NewPerson {
                account_id: opened.account_id,
                username: &opened.email,
                email: &opened.email,
                name,
                password_hash: Some(&hash),
                role_ids: &opened.role_ids,
            };
            let made = person::create(&mut conn, &new, now).await;
            made.map_err(|error| match error {
                StoreError::Duplicate => Error::Taken(opened.email.clone()),
                other => Error::Store(other),
            })?
        }
    };
    let event = NewEvent {
        account_id: opened.account_id,
        person_id: Some(id),
        entity: Entity::Person,
        entity_id: Some(id),
        entity_name: name,
        message: "Accepted the invitation.".to_owned(),
    };
    event::record(&mut conn, &event, now).await?;
    let person = person::by_id(&mut conn, id).await?.ok_or(StoreError::Dangling)?;
    conn.commit().await?;
    Ok(person)
}

/// Declines an invitation, which is gone then.
pub async fn reject(services: &Services, secure_id: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let opened = open(services, &mut conn, secure_id).await?;
    store::remove(&mut conn, &Scope::account(opened.account_id), opened.id).await?;
    let event = NewEvent {
        account_id: opened.account_id,
        person_id: None,
        entity: Entity::Invitation,
        entity_id: Some(opened.id),
        entity_name: &opened.name,
        message: format!("{} declined the invitation.", opened.email),
    };
    event::record(&mut conn, &event, services.clock.now()).await?;
    conn.commit().await?;
    Ok(())
}

/// Who accepts an invitation gets a password, which a directory would not know.
async fn check_local(conn: &mut Conn) -> Result<(), Error> {
    if ldap::is_configured(conn).await? { Err(Error::External) } else { Ok(()) }
}

fn expiry(now: Timestamp) -> Timestamp {
    now.saturating_add(LIFE).unwrap_or(Timestamp::MAX)
}

async fn open(services: &Services, conn: &mut Conn, secure_id: &str) -> Result<Opened, Error> {
    store::open(conn, &link::hash(secure_id), services.clock.now()).await?.ok_or(Error::Closed)
}

async fn opened_once(conn: &mut Conn, scope: &Scope, id: i64, secure_id: String) -> Result<Invitation, Error> {
    let invitation: Invitation = list::read(conn, scope, id).await?.ok_or(Error::Unknown)?;
    Ok(Invitation { secure_id: Some(secure_id), ..invitation })
}

async fn with_address(conn: &mut Conn, scope: &Scope, email: &str) -> Result<Option<Administrator>, StoreError> {
    Ok(list::all(conn, scope, with_email(&[email.to_owned()])).await?.into_iter().next())
}

async fn come_back(
    conn: &mut Conn,
    former: &Administrator,
    opened: &Opened,
    name: &str,
    hash: &str,
) -> Result<i64, StoreError> {
    let scope = Scope::account(opened.account_id);
    for role in role::of_person(conn, &scope, former.id).await? {
        role::remove_person(conn, role.id, former.id).await?;
    }
    for role_id in &opened.role_ids {
        role::add_person(conn, *role_id, former.id).await?;
    }
    person::set_name(conn, former.id, name).await?;
    person::set_password(conn, former.id, hash).await?;
    person::set_disabled(conn, former.id, false).await?;
    Ok(former.id)
}
