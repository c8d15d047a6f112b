//! Invitations that nobody has answered yet. Only a hash of each link is kept.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::invitation::Invitation as Wire;
use binnacle_shared::time::Seconds;
use jiff::Timestamp;
use sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};

use super::list::{FieldSql, Listed};
use super::tables::{Account, Invitation as Table, InvitationRole, Role};
use super::{Conn, Result, Row, Scope, micros};

/// What is needed to make an invitation.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    pub secure_id_hash: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub expires_at: Timestamp,
    pub role_ids: &'a [i64],
}

/// An invitation that its link opened.
#[derive(Clone, Debug)]
pub struct Opened {
    pub id: i64,
    pub account_id: i64,
    pub account_title: String,
    pub name: String,
    pub email: String,
    pub role_ids: Vec<i64>,
}

pub async fn create(conn: &mut Conn, scope: &Scope, new: &NewInvitation<'_>, now: Timestamp) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Table::Table)
        .columns([Table::AccountId, Table::SecureIdHash, Table::Name, Table::Email, Table::CreatedAt, Table::ExpiresAt])
        .values_panic([
            scope.account_id().into(),
            new.secure_id_hash.into(),
            new.name.into(),
            new.email.into(),
            micros(now).into(),
            micros(new.expires_at).into(),
        ])
        .returning_col(Table::Id)
        .take();
    let id: i64 = conn.fetch_one(&insert).await?.get("id")?;
    for role_id in new.role_ids {
        let insert = Query::insert()
            .into_table(InvitationRole::Table)
            .columns([InvitationRole::InvitationId, InvitationRole::RoleId])
            .values_panic([id.into(), (*role_id).into()])
            .take();
        conn.execute(&insert).await?;
    }
    Ok(id)
}

/// Gives an invitation another link; the old one opens nothing any more.
pub async fn renew(conn: &mut Conn, scope: &Scope, id: i64, secure_id_hash: &str, expires_at: Timestamp) -> Result<()> {
    let update = Query::update()
        .table(Table::Table)
        .value(Table::SecureIdHash, secure_id_hash)
        .value(Table::ExpiresAt, micros(expires_at))
        .cond_where(scope.account_rows::<Table>())
        .and_where(column(Table::Id).eq(id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

pub async fn remove(conn: &mut Conn, scope: &Scope, id: i64) -> Result<()> {
    let delete = Query::delete()
        .from_table(Table::Table)
        .cond_where(scope.account_rows::<Table>())
        .and_where(column(Table::Id).eq(id))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

/// Forgets the invitations whose links are good no more.
pub async fn remove_expired(conn: &mut Conn, scope: &Scope, now: Timestamp) -> Result<()> {
    let delete = Query::delete()
        .from_table(Table::Table)
        .cond_where(scope.account_rows::<Table>())
        .cond_where(Condition::not(good(now)))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

/// Those that can still be accepted.
pub fn good(now: Timestamp) -> Condition {
    Condition::all().add(column(Table::ExpiresAt).gt(micros(now)))
}

/// Whether somebody with this address is invited.
pub async fn is_invited(conn: &mut Conn, scope: &Scope, email: &str) -> Result<bool> {
    let select = scope.select_account::<Table>().column(Table::Id).and_where(column(Table::Email).eq(email)).take();
    Ok(conn.fetch_optional(&select).await?.is_some())
}

/// The invitation that a link opens, if it is still good. Whoever has the link need not be
/// logged in, so this is the one statement here that starts from no scope.
pub async fn open(conn: &mut Conn, secure_id_hash: &str, now: Timestamp) -> Result<Option<Opened>> {
    let select = Query::select()
        .columns([Table::Id, Table::AccountId, Table::Name, Table::Email].map(|column| (Table::Table, column)))
        .column((Account::Table, Account::Title))
        .from(Table::Table)
        .inner_join(Account::Table, Expr::col((Account::Table, Account::Id)).equals((Table::Table, Table::AccountId)))
        .and_where(column(Table::SecureIdHash).eq(secure_id_hash))
        .cond_where(good(now))
        .take();
    let Some(row) = conn.fetch_optional(&select).await? else { return Ok(None) };
    let id: i64 = row.get("id")?;
    let roles = Query::select()
        .column(InvitationRole::RoleId)
        .from(InvitationRole::Table)
        .and_where(Expr::col(InvitationRole::InvitationId).eq(id))
        .take();
    let role_ids = conn.fetch_all(&roles).await?.iter().map(|row| row.get("role_id")).collect::<Result<_>>()?;
    Ok(Some(Opened {
        id,
        account_id: row.get("account_id")?,
        account_title: row.get("title")?,
        name: row.get("name")?,
        email: row.get("email")?,
        role_ids,
    }))
}

fn column(column: Table) -> Expr {
    Expr::col((Table::Table, column))
}

impl Listed for Wire {
    type Scope = Scope;
    const KIND: Kind = Kind::Invitation;

    fn source(scope: &Scope) -> SelectStatement {
        scope
            .select_account::<Table>()
            .inner_join(
                Account::Table,
                Expr::col((Account::Table, Account::Id)).equals((Table::Table, Table::AccountId)),
            )
            .take()
    }

    fn columns(select: &mut SelectStatement) {
        select
            .columns(
                [Table::Id, Table::Name, Table::Email, Table::CreatedAt, Table::ExpiresAt]
                    .map(|column| (Table::Table, column)),
            )
            .expr_as(Expr::col((Account::Table, Account::Name)), "account_name");
    }

    fn field(name: &str) -> Option<FieldSql> {
        Some(match name {
            "id" => FieldSql::Integer(column(Table::Id)),
            "name" => FieldSql::Text(column(Table::Name)),
            "email" => FieldSql::Text(column(Table::Email)),
            "creation_time" => FieldSql::Time(column(Table::CreatedAt)),
            "expiration_time" => FieldSql::Time(column(Table::ExpiresAt)),
            _ => return None,
        })
    }

    fn id() -> Expr {
        column(Table::Id)
    }

    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            secure_id: None,
            account: row.get("account_name")?,
            name: row.get("name")?,
            email: row.get("email")?,
            creation_time: Seconds(row.time("created_at")?),
            roles: Vec::new(),
            expiration_time: Seconds(row.time("expires_at")?),
        })
    }

    async fn complete(conn: &mut Conn, items: &mut [Self]) -> Result<()> {
        let roles = Query::select()
            .column((InvitationRole::Table, InvitationRole::InvitationId))
            .column((Role::Table, Role::Name))
            .from(InvitationRole::Table)
            .inner_join(
                Role::Table,
                Expr::col((Role::Table, Role::Id)).equals((InvitationRole::Table, InvitationRole::RoleId)),
            )
            .and_where(
                Expr::col((InvitationRole::Table, InvitationRole::InvitationId))
                    .is_in(items.iter().map(|item| item.id)),
            )
            .order_by((Role::Table, Role::Name), Order::Asc)
            .take();
        for row in conn.fetch_all(&roles).await? {
            let invitation_id: i64 = row.get("invitation_id")?;
            if let Some(invitation) = items.iter_mut().find(|item| item.id == invitation_id) {
                invitation.roles.push(row.get("name")?);
            }
        }
        Ok(())
    }
}
