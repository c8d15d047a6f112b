//! Who somebody is, by what they show: a bearer token, a session's cookie or a signature.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::session::SessionToken;
use super::signature::{self, Claim, Fault, Signed};
use super::token;
use crate::keys::{KeyError, access_key_context};
use crate::operation::Services;
use crate::store::person::{self, Person};
use crate::store::session::Session;
use crate::store::{Conn, StoreError, access_key, session};

/// Use is noted at most so often: noting is a change, and reading should not need one.
const NOTED_EACH: SignedDuration = SignedDuration::from_mins(1);
/// A database that is busy does not hold up who only reads.
const NOTED_WITHIN: Duration = Duration::from_millis(500);
/// A signature of a change may come again so soon: two equal commands in one second of a script
/// have the same signature. Later it is a copy that somebody else sends.
const REPEATED_WITHIN: SignedDuration = SignedDuration::from_secs(5);
/// Signatures are remembered as long as any of their requests is not stale.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(31);

/// How somebody proved who they are.
#[derive(Clone, Debug)]
pub enum Via {
    /// With a token in the header.
    Bearer,
    /// With the session cookie of the console.
    Cookie(SessionToken),
    /// With the signature of an access key.
    Signature,
}

/// Somebody whom we know.
#[derive(Clone, Debug)]
pub struct Identity {
    pub person: Person,
    pub via: Via,
    /// The session that the cookie or the token belongs to.
    pub session_id: Option<i64>,
}

/// Why a signed request is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("There is no such access key, or its owner is locked out.")]
    UnknownKey,
    #[error("This signature was used before; sign the request again.")]
    Repeated,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who has this token, if it is good and its session has not been ended.
pub async fn by_token(
    services: &Services,
    token: &str,
    address: Option<IpAddr>,
) -> Result<Option<Identity>, StoreError> {
    let now = services.clock.now();
    let Some(claims) = token::read(&services.keys, now, token) else { return Ok(None) };
    let mut conn = services.db.read().await?;
    let Some(session) = session::by_id(&mut conn, claims.sid).await? else { return Ok(None) };
    let person = find(&mut conn, claims.id).await?;
    drop(conn);
    let person = person.filter(|person| {
        session.person_id == person.id && person.token_epoch == claims.epoch && person.account_name == claims.acc
    });
    let Some(person) = person else { return Ok(None) };
    note(services, &session, address, now).await;
    Ok(Some(Identity { person, via: Via::Bearer, session_id: Some(session.id) }))
}

/// Whose cookie this is.
pub async fn by_cookie(
    services: &Services,
    token: SessionToken,
    address: Option<IpAddr>,
) -> Result<Option<Identity>, StoreError> {
    let now = services.clock.now();
    let mut conn = services.db.read().await?;
    let Some(session) = session::by_cookie(&mut conn, &token.hash(), now).await? else { return Ok(None) };
    let person = find(&mut conn, session.person_id).await?;
    drop(conn);
    let Some(person) = person else { return Ok(None) };
    note(services, &session, address, now).await;
    Ok(Some(Identity { person, via: Via::Cookie(token), session_id: Some(session.id) }))
}

/// Who signed this request. Of a request that changes something the signature counts once.
pub async fn by_signature(
    services: &Services,
    signed: &Signed<'_>,
    changes: bool,
    address: Option<IpAddr>,
) -> Result<Identity, SignatureError> {
    let now = services.clock.now();
    let claim = signature::read(signed.parameters, now)?;
    let mut conn = services.db.read().await?;
    let key = access_key::by_key(&mut conn, &claim.access_key).await?.ok_or(SignatureError::UnknownKey)?;
    let person = find(&mut conn, key.person_id).await?;
    drop(conn);
    let secret = services.keys.decrypt(&access_key_context(&key.access_key), &key.secret_key)?;
    signed.check(&claim, &secret)?;
    let person = person.ok_or(SignatureError::UnknownKey)?;
    if changes {
        spend(services, signed, &claim, now).await?;
    }
    if key.last_used_at.is_none_or(|last| is_old(last, now)) {
        let address = address.map(|address| address.to_string());
        let noting = async {
            let mut conn = services.db.write().await?;
            access_key::touch(&mut conn, key.id, address.as_deref(), now).await?;
            conn.commit().await
        };
        noted(tokio::time::timeout(NOTED_WITHIN, noting).await);
    }
    Ok(Identity { person, via: Via::Signature, session_id: None })
}

async fn spend(services: &Services, signed: &Signed<'_>, claim: &Claim, now: Timestamp) -> Result<(), SignatureError> {
    let given = signed.parameters.get("signature").map(String::as_str).unwrap_or_default();
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{}\n{given}", claim.access_key)));
    let mut conn = services.db.write().await?;
    let first = access_key::first_use(&mut conn, &digest, REMEMBERED, now).await?;
    conn.commit().await?;
    if now.duration_since(first) > REPEATED_WITHIN { Err(SignatureError::Repeated) } else { Ok(()) }
}

async fn find(conn: &mut Conn, id: i64) -> Result<Option<Person>, StoreError> {
    Ok(person::by_id(conn, id).await?.filter(|person| !person.disabled))
}

fn is_old(last: Timestamp, now: Timestamp) -> bool {
    now.duration_since(last) >= NOTED_EACH
}

async fn note(services: &Services, session: &Session, address: Option<IpAddr>, now: Timestamp) {
    if !is_old(session.last_used_at, now) {
        return;
    }
    let address = address.map(|address| address.to_string());
    let noting = async {
        let mut conn = services.db.write().await?;
        session::touch(&mut conn, session.id, address.as_deref(), now).await?;
        conn.commit().await
    };
    noted(tokio::time::timeout(NOTED_WITHIN, noting).await);
}

/// A use that was not noted is no reason to refuse a request.
fn noted(result: Result<Result<(), StoreError>, tokio::time::error::Elapsed>) {
    match result {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a use was not noted"),
        Err(_) => tracing::debug!("a use was not noted: the database is busy"),
    }
}
