//! Makes and removes the tokens that programs sign in with.

use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::token::Token;
use jiff::Timestamp;
use serde_json::json;

use super::{Author, Error, Subject, noted};
use crate::auth::api_token::ApiToken;
use crate::operation::Services;
use crate::store::Conn;
use crate::store::conductor::account_scope::AccountScope;
use crate::store::conductor::api_token::{self, NewToken};
use crate::store::conductor::audit::Operation;

/// The tokens that somebody sees: their own, or all.
pub fn scope(author: &Author<'_>) -> AccountScope {
    let account_id = author.person.account_id;
    if author.allows(Permission::ManageOthersTokens) {
        AccountScope::whole(account_id)
    } else {
        AccountScope::of_person(account_id, author.person.id)
    }
}

/// The token of that name, as far as it is seen.
pub async fn find(conn: &mut Conn, author: &Author<'_>, id: &str) -> Result<Token, Error> {
    let found = api_token::seen(conn, &scope(author), id).await?;
    Ok(found.ok_or_else(|| Error::not_found("Token", id))?.token)
}

/// Tokens have names and no numbers.
fn subject(token: &Token) -> Subject {
    Subject::of_account("tokens", 0, json!({"id": token.id, "username": token.username}))
}

/// Makes a token of one's own. The only time that it is given whole.
pub async fn create(
    services: &Services,
    author: &Author<'_>,
    description: Option<String>,
    expires_at: Option<Timestamp>,
) -> Result<Token, Error> {
    let now = services.clock.now();
    let fresh = ApiToken::generate(services.random.as_ref());
    let mut conn = services.db.write().await?;
    api_token::purge(&mut conn, author.person.id, now).await?;
    let new = NewToken {
        id: &fresh.id,
        person_id: author.person.id,
        secret_hash: &fresh.hash(),
        description: description.as_deref(),
        expires_at,
    };
    api_token::create(&mut conn, &new, now).await?;
    let made = find(&mut conn, author, &fresh.id).await?;
    author.record(&mut conn, now, Operation::Create, subject(&made), (None, noted(&made))).await?;
    conn.commit().await?;
    Ok(Token { value: fresh.value(), ..made })
}

pub async fn remove(services: &Services, author: &Author<'_>, id: &str) -> Result<(), Error> {
    let mut conn = services.db.write().await?;
    let token = find(&mut conn, author, id).await?;
    api_token::remove(&mut conn, id).await?;
    let change = (noted(&token), None);
    author.record(&mut conn, services.clock.now(), Operation::Delete, subject(&token), change).await?;
    conn.commit().await?;
    Ok(())
}
