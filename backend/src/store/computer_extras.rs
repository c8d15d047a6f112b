//! What a list of computers adds when it is asked for: read for the whole page at once.

use std::collections::BTreeMap;

use binnacle_shared::model::landscape::computer::{Computer as Wire, ComputerProfile, Upgrades};
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait, Order, Query};
use serde_json::{Map, Value};

use super::association::{Reach, reached};
use super::tables::{Computer, ComputerReport, ScriptProfile};
use super::{Conn, Result, Scope, StoreError, alert, computer_facts, package};

/// What shall be added to computers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the request")]
pub struct Wanted {
    pub alerts: bool,
    pub annotations: bool,
    pub hardware: bool,
    pub grouped_hardware: bool,
    pub network: bool,
    pub profiles: bool,
    pub reboot_packages: bool,
    pub upgrades: bool,
    pub wsl_profiles: bool,
}

/// The message type under which the hardware was reported.
const HARDWARE: &str = "hardware-info";

/// Adds what is wanted and takes away what is not.
pub async fn fill(
    conn: &mut Conn,
    scope: &Scope,
    wanted: Wanted,
    computers: &mut [Wire],
    now: Timestamp,
) -> Result<()> {
    let ids: Vec<i64> = computers.iter().map(|c| c.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    if wanted.annotations {
        let mut found = computer_facts::annotations(conn, &ids).await?;
        for computer in computers.iter_mut() {
            computer.annotations = Some(found.remove(&computer.id).unwrap_or_default());
        }
    }
    if wanted.network {
        let mut found = computer_facts::network_devices(conn, &ids).await?;
        for computer in computers.iter_mut() {
            computer.network_devices = Some(found.remove(&computer.id).unwrap_or_default());
        }
    }
    if wanted.alerts {
        let mut found = alert::on_computers(conn, scope, &ids, now).await?;
        for computer in computers.iter_mut() {
            computer.alerts = Some(found.remove(&computer.id).unwrap_or_default());
        }
    }
    if wanted.upgrades {
        let found = package::upgrades(conn, scope, &ids).await?;
        for computer in computers.iter_mut() {
            let counts = found.get(&computer.id).copied().unwrap_or_default();
            computer.upgrades = Some(Upgrades { regular: counts.regular, security: counts.security });
        }
    }
    if wanted.hardware || wanted.grouped_hardware {
        add_hardware(conn, wanted, computers, &ids).await?;
    }
    for computer in computers.iter_mut() {
        computer.hardware.take_if(|_| !wanted.hardware);
        if wanted.reboot_packages {
            computer.reboot_packages.get_or_insert_default();
        } else {
            computer.reboot_packages = None;
        }
        if wanted.profiles {
            computer.profiles = Some(profiles(conn, scope, computer.id).await?);
        }
        // There are no profiles of that kind.
        computer.wsl_profiles = wanted.wsl_profiles.then(Vec::new);
    }
    Ok(())
}

/// The processors that stand in the computer's row already are kept beside the reported tree.
async fn add_hardware(conn: &mut Conn, wanted: Wanted, computers: &mut [Wire], ids: &[i64]) -> Result<()> {
    use ComputerReport as R;
    let select = Query::select()
        .columns([R::ComputerId, R::Body])
        .from(R::Table)
        .and_where(Expr::col(R::Kind).eq(HARDWARE))
        .and_where(Expr::col(R::ComputerId).is_in(ids.iter().copied()))
        .take();
    let mut trees: BTreeMap<i64, Map<String, Value>> = BTreeMap::new();
    for row in conn.fetch_all(&select).await? {
        let body: String = row.get("body")?;
        let tree = serde_json::from_str(&body).map_err(|_| StoreError::Unreadable { what: "hardware", value: body })?;
        trees.insert(row.get("computer_id")?, tree);
    }
    for computer in computers {
        let tree = trees.remove(&computer.id);
        if wanted.grouped_hardware {
            let devices = tree.as_ref().map(|tree| Value::Object(tree.clone()));
            computer.grouped_hardware = Some(super::hardware::grouped(devices.as_ref(), computer.total_memory));
        }
        if let Some(tree) = tree {
            let hardware = computer.hardware.get_or_insert_with(|| Value::Object(Map::new()));
            if let Some(fields) = hardware.as_object_mut() {
                fields.extend(tree);
            }
        }
    }
    Ok(())
}

/// The profiles in scope that reach a computer.
async fn profiles(conn: &mut Conn, scope: &Scope, computer_id: i64) -> Result<Vec<ComputerProfile>> {
    let reached = Query::select()
        .expr(Expr::val(1))
        .from(Computer::Table)
        .and_where(Expr::col((Computer::Table, Computer::Id)).eq(computer_id))
        .cond_where(reached(&Reach::Row))
        .take();
    let select = scope
        .select::<ScriptProfile>()
        .columns([(ScriptProfile::Table, ScriptProfile::Id), (ScriptProfile::Table, ScriptProfile::Title)])
        .and_where(Expr::col((ScriptProfile::Table, ScriptProfile::ArchivedAt)).is_null())
        .and_where(Expr::exists(reached))
        .order_by((ScriptProfile::Table, ScriptProfile::Id), Order::Asc)
        .take();
    conn.fetch_all(&select)
        .await?
        .iter()
        .map(|row| {
            Ok(ComputerProfile {
                id: row.get("id")?,
                name: None,
                title: row.get("title")?,
                profile_type: "script".to_owned(),
            })
        })
        .collect()
}
