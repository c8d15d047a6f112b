//! Packages: what any computer ever named, and who has them.

use std::collections::BTreeMap;

use sea_query::{Alias, Expr, ExprTrait, IntoIden, OnConflict, Order, Query, SelectStatement};

use super::list::contains_word;
use super::tables::{Computer, ComputerPackage, Package};
use super::{Conn, Result, Row, Scope, package_set};
use binnacle_shared::list::Page;

/// Numbers stay below this, where every reader of JSON still holds them exactly.
const NUMBERS: u64 = 1 << 52;

/// A package as an agent described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPackage {
    pub hash: [u8; 20],
    pub kind: i64,
    pub name: String,
    pub version: String,
    pub section: String,
    pub summary: String,
    pub description: String,
    pub size: Option<i64>,
    pub installed_size: Option<i64>,
    /// A JSON list of pairs of number and text.
    pub relations: String,
}

/// The number that a package gets unless another one has it.
fn number(hash: &[u8; 20]) -> i64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(hash) {
        *to = *from;
    }
    // Below 2^52 no sign is lost; 0 is left out because it looks like "none".
    (u64::from_be_bytes(bytes) % (NUMBERS - 1)).cast_signed() + 1
}

/// The numbers of the packages with these hashes, in their order.
pub async fn by_hashes(conn: &mut Conn, hashes: &[Vec<u8>]) -> Result<Vec<Option<i64>>> {
    let mut found: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
    for chunk in hashes.chunks(500) {
        let select = Query::select()
            .columns([Package::Id, Package::Hash])
            .from(Package::Table)
            .and_where(Expr::col(Package::Hash).is_in(chunk.iter().cloned()))
            .take();
        for row in conn.fetch_all(&select).await? {
            found.insert(row.get("hash")?, row.get("id")?);
        }
    }
    Ok(hashes.iter().map(|hash| found.get(hash).copied()).collect())
}

/// Takes packages up; those that are known stay as they are. Gives their numbers in order.
pub async fn add(conn: &mut Conn, packages: &[NewPackage]) -> Result<Vec<i64>> {
    let hashes: Vec<Vec<u8>> = packages.iter().map(|package| package.hash.to_vec()).collect();
    let mut known = by_hashes(conn, &hashes).await?;
    for (package, id) in packages.iter().zip(&mut known) {
        if id.is_none() {
            *id = Some(insert(conn, package).await?);
        }
    }
    Ok(known.into_iter().flatten().collect())
}

async fn insert(conn: &mut Conn, package: &NewPackage) -> Result<i64> {
    use Package as P;
    let mut id = number(&package.hash);
    loop {
        let insert = Query::insert()
            .into_table(P::Table)
            .columns([
                P::Id,
                P::Hash,
                P::Kind,
                P::Name,
                P::Version,
                P::Section,
                P::Summary,
                P::Description,
                P::Size,
                P::InstalledSize,
                P::Relations,
            ])
            .values_panic([
                id.into(),
                package.hash.to_vec().into(),
                package.kind.into(),
                package.name.as_str().into(),
                package.version.as_str().into(),
                package.section.as_str().into(),
                package.summary.as_str().into(),
                package.description.as_str().into(),
                package.size.into(),
                package.installed_size.into(),
                package.relations.as_str().into(),
            ])
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .take();
        if conn.execute(&insert).await? == 1 {
            return Ok(id);
        }
        // Somebody else took it up in this moment, or another package has the number.
        if let Some(Some(id)) = by_hashes(conn, &[package.hash.to_vec()]).await?.first() {
            return Ok(*id);
        }
        id += 1;
    }
}

/// A package of a computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageOnComputer {
    pub id: i64,
    pub name: String,
    pub version: String,
    pub section: String,
    pub summary: String,
    pub installed: bool,
    pub available_upgrade: bool,
    /// Held back from changes.
    pub locked: bool,
    pub autoremovable: bool,
    /// A security update.
    pub security: bool,
}

impl PackageOnComputer {
    fn decode(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            version: row.get("version")?,
            section: row.get("section")?,
            summary: row.get("summary")?,
            installed: row.get("installed")?,
            available_upgrade: row.get("available_upgrade")?,
            locked: row.get("locked")?,
            autoremovable: row.get("autoremovable")?,
            security: row.get("security")?,
        })
    }
}

/// Which packages of a computer are wanted.
#[derive(Clone, Debug, Default)]
pub struct PackageFilter {
    /// Words that must stand in name or summary.
    pub search: Option<String>,
    /// Exactly this name.
    pub name: Option<String>,
    pub installed: Option<bool>,
    pub available_upgrade: Option<bool>,
    pub locked: Option<bool>,
    pub autoremovable: Option<bool>,
    pub security: Option<bool>,
}

fn column(column: ComputerPackage) -> Expr {
    Expr::col((ComputerPackage::Table, column))
}

/// The packages of the computers in scope.
fn on_computers(scope: &Scope) -> SelectStatement {
    scope
        .select::<Computer>()
        .inner_join(ComputerPackage::Table, column(ComputerPackage::ComputerId).equals((Computer::Table, Computer::Id)))
        .inner_join(
            Package::Table,
            Expr::col((Package::Table, Package::Id)).equals((ComputerPackage::Table, ComputerPackage::PackageId)),
        )
        .take()
}

/// Packages of a computer, sorted by name and version.
pub async fn of_computer(
    conn: &mut Conn,
    scope: &Scope,
    computer_id: i64,
    filter: &PackageFilter,
    offset: u64,
    limit: u64,
) -> Result<Page<PackageOnComputer>> {
    use ComputerPackage as C;
    use Package as P;
    let package = |column| Expr::col((P::Table, column));
    let mut rows = on_computers(scope);
    rows.and_where(column(C::ComputerId).eq(computer_id));
    for word in filter.search.iter().flat_map(|words| words.split_whitespace()) {
        rows.and_where(contains_word(package(P::Name), word).or(contains_word(package(P::Summary), word)));
    }
    if let Some(name) = &filter.name {
        rows.and_where(package(P::Name).eq(name.as_str()));
    }
    for (flag, wanted) in [
        (C::Installed, filter.installed),
        (C::AvailableUpgrade, filter.available_upgrade),
        (C::Locked, filter.locked),
        (C::Autoremovable, filter.autoremovable),
        (C::Security, filter.security),
    ] {
        if let Some(wanted) = wanted {
            rows.and_where(column(flag).eq(wanted));
        }
    }
    let count = rows.clone().expr_as(Expr::cust("COUNT(*)"), "count").take();
    let total: i64 = conn.fetch_one(&count).await?.get("count")?;
    rows.columns([P::Id, P::Name, P::Version, P::Section, P::Summary].map(|column| (P::Table, column)))
        .columns(
            [C::Installed, C::AvailableUpgrade, C::Locked, C::Autoremovable, C::Security]
                .map(|column| (C::Table, column)),
        )
        .order_by((P::Table, P::Name), Order::Asc)
        .order_by((P::Table, P::Version), Order::Asc)
        .order_by((P::Table, P::Id), Order::Asc)
        .offset(offset)
        .limit(limit);
    let items = conn.fetch_all(&rows).await?.iter().map(PackageOnComputer::decode).collect::<Result<_>>()?;
    Ok(Page { items, total: total.unsigned_abs() })
}

/// The version of a package that a computer has.
pub async fn installed_version(conn: &mut Conn, scope: &Scope, computer_id: i64, name: &str) -> Result<Option<String>> {
    let filter = PackageFilter { name: Some(name.to_owned()), installed: Some(true), ..PackageFilter::default() };
    let found = of_computer(conn, scope, computer_id, &filter, 0, 1).await?;
    Ok(found.items.into_iter().next().map(|package| package.version))
}

/// The versions of a package that a computer's sources offer, with their numbers.
pub async fn available_versions(
    conn: &mut Conn,
    scope: &Scope,
    computer_id: i64,
    name: &str,
) -> Result<Vec<(i64, String)>> {
    let known = scope
        .select::<Computer>()
        .column((Computer::Table, Computer::Id))
        .and_where(Expr::col((Computer::Table, Computer::Id)).eq(computer_id))
        .take();
    if conn.fetch_optional(&known).await?.is_none() {
        return Ok(Vec::new());
    }
    let offered = package_set::available(conn, computer_id).await?;
    let select = Query::select()
        .columns([Package::Id, Package::Version])
        .from(Package::Table)
        .and_where(Expr::col(Package::Name).eq(name))
        .order_by(Package::Version, Order::Asc)
        .take();
    let mut versions = Vec::new();
    for row in conn.fetch_all(&select).await? {
        let id: i64 = row.get("id")?;
        if offered.contains(&id) {
            versions.push((id, row.get("version")?));
        }
    }
    Ok(versions)
}

/// How many upgrades wait for a computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upgrades {
    /// Those that are no security updates.
    pub regular: i64,
    pub security: i64,
}

/// The upgrades that wait for some computers; one that has none is left out.
pub async fn upgrades(conn: &mut Conn, scope: &Scope, computers: &[i64]) -> Result<BTreeMap<i64, Upgrades>> {
    use ComputerPackage as C;
    let count = Alias::new("count").into_iden();
    let select = scope
        .select::<Computer>()
        .inner_join(C::Table, column(C::ComputerId).equals((Computer::Table, Computer::Id)))
        .columns([(C::Table, C::ComputerId), (C::Table, C::Security)])
        .expr_as(Expr::cust("COUNT(*)"), count)
        .and_where(column(C::ComputerId).is_in(computers.iter().copied()))
        .and_where(column(C::AvailableUpgrade).eq(true))
        .group_by_columns([(C::Table, C::ComputerId), (C::Table, C::Security)])
        .take();
    let mut found: BTreeMap<i64, Upgrades> = BTreeMap::new();
    for row in conn.fetch_all(&select).await? {
        let entry = found.entry(row.get("computer_id")?).or_default();
        if row.get("security")? {
            entry.security = row.get("count")?;
        } else {
            entry.regular = row.get("count")?;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_follow_from_the_hash_and_are_small_enough() {
        assert_eq!(number(&[0; 20]), 1);
        let mut hash = [0; 20];
        hash[7] = 41;
        assert_eq!(number(&hash), 42);
        assert!((1..1 << 52).contains(&number(&[0xff; 20])));
    }
}
