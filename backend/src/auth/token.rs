//! Bearer tokens: JWTs signed with HS256 and nothing else.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::keys::Keys;

/// How long a token is good when nobody says, in minutes.
pub const MINUTES_DEFAULT: i64 = 24 * 60;
/// The longest that may be asked for: a year.
pub const MINUTES_MAX: i64 = 365 * 24 * 60;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub exp: i64,
    pub iat: i64,
    /// E-mail address.
    pub sub: String,
    /// Name of the account.
    pub acc: String,
    /// Id of the person.
    pub id: i64,
    /// The person's epoch when the token was made; raising it ends all tokens.
    pub epoch: i64,
    /// Number of the session it was given with; ending that ends the token.
    pub sid: i64,
}

/// The token cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the token cannot be signed: {0}")]
pub struct SignError(#[from] jsonwebtoken::errors::Error);

/// For whom a token is made.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub email: &'a str,
    pub account: &'a str,
    pub person_id: i64,
    pub epoch: i64,
    pub session_id: i64,
}

/// How long a token is good for which so many minutes were asked.
pub fn life(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes.clamp(1, MINUTES_MAX))
}

/// Makes a token that is good until then.
pub fn issue(keys: &Keys, now: Timestamp, subject: Subject<'_>, expires_at: Timestamp) -> Result<String, SignError> {
    let claims = Claims {
        exp: expires_at.as_second(),
        iat: now.as_second(),
        sub: subject.email.to_owned(),
        acc: subject.account.to_owned(),
        id: subject.person_id,
        epoch: subject.epoch,
        sid: subject.session_id,
    };
    let key = EncodingKey::from_secret(keys.signing());
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?)
}

/// The claims of a token that we signed and that is still good.
pub fn read(keys: &Keys, now: Timestamp, token: &str) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::HS256);
    // The library would ask the wall clock.
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(keys.signing());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
    (claims.exp > now.as_second()).then_some(claims)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jiff::{SignedDuration, Timestamp};
    use jsonwebtoken::{Algorithm, EncodingKey, Header};

    use super::{Subject, issue, life, read};
    use crate::clock::SystemRandom;
    use crate::keys::Keys;

    const SUBJECT: Subject<'static> = Subject { email: "a@b", account: "x", person_id: 1, epoch: 0, session_id: 1 };

    #[test]
    fn a_token_is_good_until_it_expires() {
        let keys = Keys::generate(&SystemRandom);
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let token = issue(&keys, now, SUBJECT, now + life(60)).unwrap();
        assert_eq!(read(&keys, now, &token).unwrap().sub, "a@b");
        assert!(read(&keys, now + SignedDuration::from_mins(59), &token).is_some());
        assert!(read(&keys, now + SignedDuration::from_mins(60), &token).is_none());
        assert!(read(&Keys::generate(&SystemRandom), now, &token).is_none());
    }

    #[test]
    fn another_algorithm_is_refused() {
        let keys = Keys::generate(&SystemRandom);
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let claims = read(&keys, now, &issue(&keys, now, SUBJECT, now + life(60)).unwrap()).unwrap();
        let key = EncodingKey::from_secret(keys.signing());
        let other = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &claims, &key).unwrap();
        assert!(read(&keys, now, &other).is_none());
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let unsigned =
            format!("{}.{}.", part(r#"{"alg":"none","typ":"JWT"}"#), part(&serde_json::to_string(&claims).unwrap()));
        assert!(read(&keys, now, &unsigned).is_none());
    }
}
