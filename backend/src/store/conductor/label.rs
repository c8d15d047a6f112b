//! The labels that deployments and blueprints have.

use binnacle_shared::list::{ListParams, Page};
use sea_query::{Alias, Expr, ExprTrait, Iden, Query};

use super::scope::{TenantOwned, TenantScope};
use crate::store::list::contains_word;
use crate::store::tables::{Blueprint, BlueprintLabel, Deployment, DeploymentLabel};
use crate::store::{Conn, Result};

/// A table of labels, and the table of the things that have them.
pub trait Labels: Iden + Copy + Send + Sync + 'static {
    type Of: TenantOwned;
    const TABLE: Self;
    const OBJECT: Self;
    const KEY: Self;
    const VALUE: Self;
}

impl Labels for DeploymentLabel {
    type Of = Deployment;
    const TABLE: Self = Self::Table;
    const OBJECT: Self = Self::DeploymentId;
    const KEY: Self = Self::LabelKey;
    const VALUE: Self = Self::LabelValue;
}

impl Labels for BlueprintLabel {
    type Of = Blueprint;
    const TABLE: Self = Self::Table;
    const OBJECT: Self = Self::BlueprintId;
    const KEY: Self = Self::LabelKey;
    const VALUE: Self = Self::LabelValue;
}

/// The keys that things in scope have, or the values of one of them: each once, in order.
pub async fn distinct<L: Labels>(
    conn: &mut Conn,
    scope: &TenantScope,
    key: Option<&str>,
    params: &ListParams,
) -> Result<Page<String>> {
    let wanted = || Expr::col((L::TABLE, if key.is_some() { L::VALUE } else { L::KEY }));
    let seen = scope.select::<L::Of>().expr(L::Of::ID.column()).take();
    let mut distinct = Query::select()
        .distinct()
        .expr_as(wanted(), Alias::new("label"))
        .from(L::TABLE)
        .and_where(Expr::col((L::TABLE, L::OBJECT)).in_subquery(seen))
        .take();
    if let Some(key) = key {
        distinct.and_where(Expr::col((L::TABLE, L::KEY)).eq(key.to_lowercase()));
    }
    if let Some(text) = &params.substring {
        distinct.and_where(contains_word(wanted(), text));
    }
    let count = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from_subquery(distinct.clone(), Alias::new("labels"))
        .take();
    let total: i64 = conn.fetch_one(&count).await?.get("count")?;
    let total = total.unsigned_abs();
    if params.limit == 0 || params.offset >= total {
        return Ok(Page { items: Vec::new(), total });
    }
    distinct.order_by(Alias::new("label"), sea_query::Order::Asc).limit(params.limit.into()).offset(params.offset);
    let items = conn.fetch_all(&distinct).await?.iter().map(|row| row.get("label")).collect::<Result<Vec<_>>>()?;
    Ok(Page { items, total })
}
