//! Finds out who asks, from the headers that clients of the Conductor API send: a password with
//! every request, a token, or what the console has.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use super::error::Error;
use crate::api::Api;
use crate::api::authenticate as session;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::origin::Origin;
use crate::auth::api_token::ApiToken;
use crate::auth::basic::Verified;
use crate::operation::conductor::error::Code;
use crate::operation::conductor::{Error as Refusal, directory};
use crate::operation::log_in;
use crate::store::conductor::api_token;
use crate::store::person::{self, Person};

const TOKEN: HeaderName = HeaderName::from_static("authentication-token");
const EXECUTION_TOKEN: HeaderName = HeaderName::from_static("execution-token");
/// Use of a token is noted at most so often: noting is a change, and reading should not need one.
const NOTED_EACH: SignedDuration = SignedDuration::from_mins(1);
/// A database that is busy does not hold up who only reads.
const NOTED_WITHIN: Duration = Duration::from_millis(500);

/// How somebody proved who they are, by the names that clients know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    HttpBasic,
    Token,
    /// The console's session, or a bearer token of the v2 API.
    Session,
}

impl Via {
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpBasic => "http_basic",
            Self::Token => "token",
            Self::Session => "external",
        }
    }
}

fn unauthorized(why: impl Into<String>) -> Error {
    Error::Refused(Refusal::Unauthorized(why.into()))
}

/// Who asks. Whether they are locked out is seen where their place is read.
pub async fn authenticate(
    api: &Api,
    headers: &HeaderMap,
    origin: &Origin,
    method: &Method,
) -> Result<(Person, Via), Error> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if headers.contains_key(EXECUTION_TOKEN) {
        return Err(unauthorized("Authentication failed. No running execution has that execution token"));
    }
    if let Some((username, password)) = text(&AUTHORIZATION).and_then(basic) {
        return Ok((by_password(api, &username, password, origin.address).await?, Via::HttpBasic));
    }
    if headers.contains_key(TOKEN) {
        let given = text(&TOKEN).unwrap_or_default();
        return Ok((by_token(api, given).await?, Via::Token));
    }
    match session::authenticate(api, headers, origin, method).await {
        Ok(Context { person, .. }) => Ok((std::sync::Arc::unwrap_or_clone(person), Via::Session)),
        Err(ApiError::Unauthenticated) if headers.contains_key(AUTHORIZATION) => {
            Err(unauthorized("Invalid token or unreadable credentials"))
        }
        Err(error) => Err(error.into()),
    }
}

/// User name and password of an `Authorization` header, if it has them.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (username, password) = decoded.split_once(':')?;
    Some((username.to_owned(), password.to_owned()))
}

async fn by_password(api: &Api, username: &str, password: String, address: Option<IpAddr>) -> Result<Person, Error> {
    if let Some(person) = remembered(api, username, &password).await? {
        return Ok(person);
    }
    let turn = api.remembered().turn(username, &password);
    let _turn = turn.lock().await;
    // Somebody else may have checked it while this request waited for its turn.
    if let Some(person) = remembered(api, username, &password).await? {
        return Ok(person);
    }
    let now = api.clock.now();
    let from = log_in::From { address, ..log_in::From::default() };
    let person = match log_in::by_password(api, api.limiter(), username, password.clone(), from).await {
        Ok(person) => person,
        Err(log_in::Error::Wrong) => {
            return Err(unauthorized(format!(
                "Authentication failed for <User username=`{}`>. Wrong credentials or locked account",
                shown(username)
            )));
        }
        Err(log_in::Error::Directory(directory::Error::Unavailable(_))) => {
            return Err(Refusal::coded(Code::LdapUnavailable, directory::UNAVAILABLE).into());
        }
        Err(log_in::Error::Directory(error @ directory::Error::Unusable(_))) => {
            return Err(Refusal::Forbidden(error.to_string()).into());
        }
        Err(error) => return Err(ApiError::from(error).into()),
    };
    // A sign-in that was not noted is no reason to refuse a request.
    if let Ok(Err(error)) = tokio::time::timeout(NOTED_WITHIN, log_in::note_presence(api, person.id)).await {
        tracing::debug!(%error, "the time of a sign-in was not noted");
    }
    let verified = Verified { person_id: person.id, token_epoch: person.token_epoch };
    api.remembered().remember(username, &password, verified, now);
    Ok(person)
}

/// Whose password it is, if it was right not long ago and nothing has changed since.
async fn remembered(api: &Api, username: &str, password: &str) -> Result<Option<Person>, Error> {
    let Some(verified) = api.remembered().find(username, password, api.clock.now()) else { return Ok(None) };
    let mut conn = api.db.read().await?;
    let found = person::by_id(&mut conn, verified.person_id).await?;
    let same = |person: &Person| person.token_epoch == verified.token_epoch && !person.disabled;
    let found = found.filter(same);
    if found.is_none() {
        api.remembered().forget(username, password);
    }
    Ok(found)
}

/// A name that somebody sent, for a message.
fn shown(username: &str) -> String {
    username.chars().filter(|c| !c.is_control()).take(64).collect()
}

async fn by_token(api: &Api, given: &str) -> Result<Person, Error> {
    let now = api.clock.now();
    let token = ApiToken::parse(given).ok_or_else(|| unauthorized("Invalid token structure"))?;
    let wrong = || unauthorized("Authentication failed. Unknown token");
    let mut conn = api.db.read().await?;
    let stored = api_token::by_id(&mut conn, &token.id).await?.filter(|stored| token.fits(&stored.secret_hash));
    let stored = stored.ok_or_else(wrong)?;
    if stored.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Err(unauthorized("Token is expired"));
    }
    let person = person::by_id(&mut conn, stored.person_id).await?.ok_or_else(wrong)?;
    drop(conn);
    if stored.last_used_at.is_none_or(|last| now.duration_since(last) >= NOTED_EACH) {
        note(api, &token.id, now).await;
    }
    Ok(person)
}

/// A use that was not noted is no reason to refuse a request.
async fn note(api: &Api, id: &str, now: Timestamp) {
    let noting = async {
        let mut conn = api.db.write().await?;
        api_token::touch(&mut conn, id, now).await?;
        conn.commit().await
    };
    match tokio::time::timeout(NOTED_WITHIN, noting).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the use of a token was not noted"),
        Err(_) => tracing::debug!("the use of a token was not noted: the database is busy"),
    }
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn a_password_may_hold_colons() {
        let (username, password) = basic("Basic YTpiOmM=").unwrap();
        assert_eq!((username.as_str(), password.as_str()), ("a", "b:c"));
        assert!(basic("basic YTpiOmM=").is_some());
        for bad in ["", "Basic", "Basic !", "Basic YQ==", "Bearer YTpi"] {
            assert!(basic(bad).is_none(), "{bad}");
        }
    }
}
