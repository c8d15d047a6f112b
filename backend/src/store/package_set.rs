//! Which packages a computer has, could have and should not touch.

use std::collections::BTreeSet;

use sea_query::{Condition, Expr, ExprTrait, OnConflict, Query};

use super::tables::{ComputerAvailablePackages, ComputerPackage, Package};
use super::{Conn, Result};

/// A statement has a bounded number of parameters; larger sets go in pieces.
const CHUNK: usize = 500;

/// A set of packages that agents report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    Installed,
    Available,
    AvailableUpgrades,
    Locked,
    Autoremovable,
    Security,
}

impl Set {
    pub const ALL: [Self; 6] =
        [Self::Installed, Self::Available, Self::AvailableUpgrades, Self::Locked, Self::Autoremovable, Self::Security];

    /// The field of the message; with `not-` before it, that of the removals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Available => "available",
            Self::AvailableUpgrades => "available-upgrades",
            Self::Locked => "locked",
            Self::Autoremovable => "autoremovable",
            Self::Security => "security",
        }
    }

    /// The column of the set; those that are merely available have none.
    const fn column(self) -> Option<ComputerPackage> {
        match self {
            Self::Installed => Some(ComputerPackage::Installed),
            Self::Available => None,
            Self::AvailableUpgrades => Some(ComputerPackage::AvailableUpgrade),
            Self::Locked => Some(ComputerPackage::Locked),
            Self::Autoremovable => Some(ComputerPackage::Autoremovable),
            Self::Security => Some(ComputerPackage::Security),
        }
    }
}

/// What changed in one set.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    pub added: Vec<i64>,
    pub removed: Vec<i64>,
}

/// Whether this server knows every one of these packages.
pub async fn all_known(conn: &mut Conn, ids: &BTreeSet<i64>) -> Result<bool> {
    let ids: Vec<i64> = ids.iter().copied().collect();
    let mut known = 0;
    for chunk in ids.chunks(CHUNK) {
        let select = Query::select()
            .expr_as(Expr::cust("COUNT(*)"), "count")
            .from(Package::Table)
            .and_where(Expr::col(Package::Id).is_in(chunk.iter().copied()))
            .take();
        known += conn.fetch_one(&select).await?.get::<i64>("count")?;
    }
    Ok(usize::try_from(known) == Ok(ids.len()))
}

/// Forgets all packages of a computer.
pub async fn clear(conn: &mut Conn, computer_id: i64) -> Result<()> {
    let rows = Query::delete()
        .from_table(ComputerPackage::Table)
        .and_where(Expr::col(ComputerPackage::ComputerId).eq(computer_id))
        .take();
    conn.execute(&rows).await?;
    let available = Query::delete()
        .from_table(ComputerAvailablePackages::Table)
        .and_where(Expr::col(ComputerAvailablePackages::ComputerId).eq(computer_id))
        .take();
    conn.execute(&available).await?;
    Ok(())
}

/// Applies what changed in one set. The packages added must be known.
pub async fn apply(conn: &mut Conn, computer_id: i64, set: Set, delta: &Delta) -> Result<()> {
    let Some(column) = set.column() else { return apply_available(conn, computer_id, delta).await };
    for chunk in delta.removed.chunks(CHUNK) {
        let update = Query::update()
            .table(ComputerPackage::Table)
            .value(column, false)
            .and_where(Expr::col(ComputerPackage::ComputerId).eq(computer_id))
            .and_where(Expr::col(ComputerPackage::PackageId).is_in(chunk.iter().copied()))
            .take();
        conn.execute(&update).await?;
    }
    let added: BTreeSet<i64> = delta.added.iter().copied().collect();
    let added: Vec<i64> = added.into_iter().collect();
    for chunk in added.chunks(CHUNK / 5) {
        insert(conn, computer_id, set, column, chunk).await?;
    }
    Ok(())
}

/// Forgets packages that are in no set any more.
pub async fn prune(conn: &mut Conn, computer_id: i64) -> Result<()> {
    let columns = Set::ALL.iter().filter_map(|set| set.column());
    let nowhere = columns.fold(Condition::all(), |all, column| all.add(Expr::col(column).eq(false)));
    let delete = Query::delete()
        .from_table(ComputerPackage::Table)
        .and_where(Expr::col(ComputerPackage::ComputerId).eq(computer_id))
        .cond_where(nowhere)
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

async fn insert(conn: &mut Conn, computer_id: i64, set: Set, column: ComputerPackage, ids: &[i64]) -> Result<()> {
    use ComputerPackage as C;
    let mut insert = Query::insert();
    insert.into_table(C::Table).columns([
        C::ComputerId,
        C::PackageId,
        C::Installed,
        C::AvailableUpgrade,
        C::Locked,
        C::Autoremovable,
        C::Security,
    ]);
    for id in ids {
        let is = |this| (set == this).into();
        insert.values_panic([
            computer_id.into(),
            (*id).into(),
            is(Set::Installed),
            is(Set::AvailableUpgrades),
            is(Set::Locked),
            is(Set::Autoremovable),
            is(Set::Security),
        ]);
    }
    insert.on_conflict(OnConflict::columns([C::ComputerId, C::PackageId]).value(column, true).to_owned());
    conn.execute(&insert).await?;
    Ok(())
}

async fn apply_available(conn: &mut Conn, computer_id: i64, delta: &Delta) -> Result<()> {
    use ComputerAvailablePackages as A;
    if delta.added.is_empty() && delta.removed.is_empty() {
        return Ok(());
    }
    let mut ids = available(conn, computer_id).await?;
    for id in &delta.removed {
        ids.remove(id);
    }
    ids.extend(&delta.added);
    let insert = Query::insert()
        .into_table(A::Table)
        .columns([A::ComputerId, A::Ids])
        .values_panic([computer_id.into(), pack(&ids).into()])
        .on_conflict(OnConflict::column(A::ComputerId).update_column(A::Ids).to_owned())
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// The packages that a computer's sources offer, whether it has them or not.
pub async fn available(conn: &mut Conn, computer_id: i64) -> Result<BTreeSet<i64>> {
    let select = Query::select()
        .column(ComputerAvailablePackages::Ids)
        .from(ComputerAvailablePackages::Table)
        .and_where(Expr::col(ComputerAvailablePackages::ComputerId).eq(computer_id))
        .take();
    let row = conn.fetch_optional(&select).await?;
    Ok(row.map(|row| row.get::<Vec<u8>>("ids")).transpose()?.map(|bytes| unpack(&bytes)).unwrap_or_default())
}

fn pack(ids: &BTreeSet<i64>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ids.len() * 4);
    let mut before = 0;
    for id in ids {
        let mut rest = id.wrapping_sub(before).cast_unsigned();
        before = *id;
        while rest >= 0x80 {
            bytes.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push((rest & 0x7f) as u8);
    }
    bytes
}

fn unpack(bytes: &[u8]) -> BTreeSet<i64> {
    let mut ids = BTreeSet::new();
    let (mut before, mut rest, mut shift) = (0_i64, 0_u64, 0);
    for byte in bytes {
        rest |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
        shift += 7;
        if byte & 0x80 == 0 {
            before = before.wrapping_add(rest.cast_signed());
            ids.insert(before);
            (rest, shift) = (0, 0);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_survive_packing(ids in proptest::collection::btree_set(0..i64::MAX, 0..50)) {
            prop_assert_eq!(unpack(&pack(&ids)), ids);
        }
    }

    #[test]
    fn neighbours_cost_a_byte() {
        assert_eq!(pack(&BTreeSet::from([5, 6, 7])), [5, 1, 1]);
    }
}
