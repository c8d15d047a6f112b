//! How many computers are in touch with the server.

use jiff::Timestamp;
use sea_query::{Alias, Condition, Expr, ExprTrait};

use super::alert::OFFLINE_AFTER;
use super::association::ENROLLED;
use super::tables::Computer;
use super::{Conn, Result, Scope, micros};

/// Computers of a part of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Those that take part.
    pub known: i64,
    /// Those that were heard of lately: what is not offline.
    pub connected: i64,
}

pub async fn count(conn: &mut Conn, scope: &Scope, now: Timestamp) -> Result<Contact> {
    let column = |column: Computer| Expr::col((Computer::Table, column));
    let limit = micros(now.saturating_sub(OFFLINE_AFTER).unwrap_or(Timestamp::MIN));
    let lately =
        Condition::any().add(column(Computer::LastPingAt).gte(limit)).add(column(Computer::LastExchangeAt).gte(limit));
    let mut counts = [0; 2];
    for (count, also) in counts.iter_mut().zip([Condition::all(), lately]) {
        let select = scope
            .select::<Computer>()
            .expr_as(Expr::cust("COUNT(*)"), Alias::new("count"))
            .and_where(column(Computer::State).eq(ENROLLED))
            .cond_where(also)
            .take();
        *count = conn.fetch_one(&select).await?.get("count")?;
    }
    let [known, connected] = counts;
    Ok(Contact { known, connected })
}
