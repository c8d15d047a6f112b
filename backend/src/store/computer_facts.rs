//! What is known of computers beside their row and is searched for: annotations, network
//! devices, and whether they need a reboot.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::computer::NetworkDevice;
use jiff::Timestamp;
use sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, Order, Query};

use super::tables::{Computer, ComputerAnnotation, ComputerNetworkDevice, ComputerPackage};
use super::{Conn, Result, micros};

/// The annotations of some computers, by computer and name.
pub async fn annotations(conn: &mut Conn, computers: &[i64]) -> Result<BTreeMap<i64, BTreeMap<String, String>>> {
    use ComputerAnnotation as A;
    let select = Query::select()
        .columns([A::ComputerId, A::Name, A::Value])
        .from(A::Table)
        .and_where(Expr::col(A::ComputerId).is_in(computers.iter().copied()))
        .take();
    let mut found: BTreeMap<i64, BTreeMap<String, String>> = BTreeMap::new();
    for row in conn.fetch_all(&select).await? {
        found.entry(row.get("computer_id")?).or_default().insert(row.get("name")?, row.get("value")?);
    }
    Ok(found)
}

/// Sets an annotation on behalf of a person: no report changes it after that.
pub async fn annotate(conn: &mut Conn, computer_id: i64, name: &str, value: &str) -> Result<()> {
    put_annotation(conn, computer_id, name, value, false).await
}

async fn put_annotation(conn: &mut Conn, computer_id: i64, name: &str, value: &str, reported: bool) -> Result<()> {
    use ComputerAnnotation as A;
    let key = OnConflict::columns([A::ComputerId, A::Name]);
    let on_conflict = if reported {
        key.clone().do_nothing().to_owned()
    } else {
        key.clone().update_columns([A::Value, A::Reported]).to_owned()
    };
    let insert = Query::insert()
        .into_table(A::Table)
        .columns([A::ComputerId, A::Name, A::Value, A::Reported])
        .values_panic([computer_id.into(), name.into(), value.into(), reported.into()])
        .on_conflict(on_conflict)
        .take();
    conn.execute(&insert).await?;
    Ok(())
}

/// Takes an annotation away, whoever set it.
pub async fn remove_annotation(conn: &mut Conn, computer_id: i64, name: &str) -> Result<()> {
    use ComputerAnnotation as A;
    let delete = Query::delete()
        .from_table(A::Table)
        .and_where(Expr::col(A::ComputerId).eq(computer_id))
        .and_where(Expr::col(A::Name).eq(name))
        .take();
    conn.execute(&delete).await?;
    Ok(())
}

/// What an agent told takes the place of what it told before. What people set stays.
pub async fn report_annotations(conn: &mut Conn, computer_id: i64, told: &BTreeMap<String, String>) -> Result<()> {
    use ComputerAnnotation as A;
    let delete = Query::delete()
        .from_table(A::Table)
        .and_where(Expr::col(A::ComputerId).eq(computer_id))
        .and_where(Expr::col(A::Reported).eq(true))
        .take();
    conn.execute(&delete).await?;
    for (name, value) in told {
        put_annotation(conn, computer_id, name, value, true).await?;
    }
    Ok(())
}

/// The network devices of some computers, in the order in which their agents named them.
pub async fn network_devices(conn: &mut Conn, computers: &[i64]) -> Result<BTreeMap<i64, Vec<NetworkDevice>>> {
    use ComputerNetworkDevice as D;
    let select = Query::select()
        .columns([D::ComputerId, D::Interface, D::IpAddress, D::MacAddress, D::BroadcastAddress, D::Netmask])
        .from(D::Table)
        .and_where(Expr::col(D::ComputerId).is_in(computers.iter().copied()))
        .order_by(D::ComputerId, Order::Asc)
        .order_by(D::Position, Order::Asc)
        .take();
    let mut found: BTreeMap<i64, Vec<NetworkDevice>> = BTreeMap::new();
    for row in conn.fetch_all(&select).await? {
        found.entry(row.get("computer_id")?).or_default().push(NetworkDevice {
            interface: row.get("interface")?,
            ip_address: row.get("ip_address")?,
            mac_address: row.get("mac_address")?,
            broadcast_address: row.get("broadcast_address")?,
            netmask: row.get("netmask")?,
        });
    }
    Ok(found)
}

/// The devices that an agent reported take the place of those before.
pub async fn set_network_devices(conn: &mut Conn, computer_id: i64, devices: &[NetworkDevice]) -> Result<()> {
    use ComputerNetworkDevice as D;
    let delete = Query::delete().from_table(D::Table).and_where(Expr::col(D::ComputerId).eq(computer_id)).take();
    conn.execute(&delete).await?;
    if devices.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert.into_table(D::Table).columns([
        D::ComputerId,
        D::Position,
        D::Interface,
        D::IpAddress,
        D::MacAddress,
        D::BroadcastAddress,
        D::Netmask,
    ]);
    for (position, device) in (0_i64..).zip(devices) {
        insert.values_panic([
            computer_id.into(),
            position.into(),
            device.interface.as_str().into(),
            device.ip_address.as_str().into(),
            device.mac_address.as_str().into(),
            device.broadcast_address.as_str().into(),
            device.netmask.as_str().into(),
        ]);
    }
    conn.execute(&insert).await?;
    Ok(())
}

/// Notes whether a computer needs a reboot, and since when.
pub async fn set_reboot_required(conn: &mut Conn, computer_id: i64, flag: bool, now: Timestamp) -> Result<()> {
    use Computer as C;
    let since = CaseStatement::new().case(Expr::col(C::RebootRequired), Expr::col(C::RebootRequiredAt));
    let mut update = Query::update();
    update.table(C::Table).value(C::RebootRequired, flag).and_where(Expr::col(C::Id).eq(computer_id));
    if flag {
        update.value(C::RebootRequiredAt, since.finally(micros(now)));
    } else {
        update.value(C::RebootRequiredAt, None::<i64>).value(C::RebootPackages, None::<String>);
    }
    conn.execute(&update).await?;
    Ok(())
}

/// Notes which packages asked for the reboot.
pub async fn set_reboot_packages(conn: &mut Conn, computer_id: i64, packages: &[String]) -> Result<()> {
    let update = Query::update()
        .table(Computer::Table)
        .value(Computer::RebootPackages, serde_json::json!(packages).to_string())
        .and_where(Expr::col(Computer::Id).eq(computer_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}

/// Notes whether a computer could find out which packages are available.
pub async fn set_package_report(conn: &mut Conn, computer_id: i64, succeeded: bool, now: Timestamp) -> Result<()> {
    use Computer as C;
    let since = CaseStatement::new()
        .case(Expr::col(C::PackageReportFailedAt).is_not_null(), Expr::col(C::PackageReportFailedAt))
        .finally(micros(now));
    let mut update = Query::update();
    update.table(C::Table).and_where(Expr::col(C::Id).eq(computer_id));
    if succeeded {
        update.value(C::PackageReportFailedAt, None::<i64>);
    } else {
        update.value(C::PackageReportFailedAt, since);
    }
    conn.execute(&update).await?;
    Ok(())
}

/// Notes since when upgrades wait, after a report changed what is known of a computer's packages.
pub async fn note_upgrades(conn: &mut Conn, computer_id: i64, now: Timestamp) -> Result<()> {
    use Computer as C;
    use ComputerPackage as P;
    let waiting = |security: bool| {
        let mut select = Query::select();
        select
            .expr(Expr::val(1))
            .from(P::Table)
            .and_where(Expr::col((P::Table, P::ComputerId)).eq(computer_id))
            .and_where(Expr::col((P::Table, P::AvailableUpgrade)).eq(true));
        if security {
            select.and_where(Expr::col((P::Table, P::Security)).eq(true));
        }
        Expr::exists(select)
    };
    let since = |column: C, security: bool| {
        CaseStatement::new()
            .case(waiting(security).not(), Expr::val(None::<i64>))
            .case(Expr::col(column).is_not_null(), Expr::col(column))
            .finally(micros(now))
    };
    let update = Query::update()
        .table(C::Table)
        .value(C::UpgradesSince, since(C::UpgradesSince, false))
        .value(C::SecurityUpgradesSince, since(C::SecurityUpgradesSince, true))
        .and_where(Expr::col(C::Id).eq(computer_id))
        .take();
    conn.execute(&update).await?;
    Ok(())
}
