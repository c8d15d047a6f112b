//! What a computer has on it: packages and processes.

use binnacle_shared::model::landscape::computer::{ComputerPackage, SystemProcess};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::components::{Status, Tone, When, cut};
use crate::shells::list::grouped;
use crate::shells::paged::{Paged, PagedTable};

const PACKAGES: Paged = Paged {
    what: "Packages",
    heads: &["Name", "Version", "Status", "Section", "Summary"],
    row: package,
    views: &[
        ("installed", "Installed", Some(("installed", "true"))),
        ("upgrades", "Upgrades", Some(("upgrade", "true"))),
        ("security", "Security updates", Some(("security", "true"))),
        ("held", "Held back", Some(("held", "true"))),
        ("all", "All known", None),
    ],
    search: Some("Filter by name or summary"),
    none: "The agent has not reported any package yet. It does so a few minutes after it enrolled, on systems with dpkg.",
};

/// The packages of a computer.
#[component]
pub fn Packages(id: i64) -> impl IntoView {
    view! { <PagedTable spec=PACKAGES path=format!("computers/{id}/packages")/> }
}

fn package(row: &Value) -> AnyView {
    let Ok(package) = ComputerPackage::deserialize(row) else { return ().into_any() };
    let (tone, word) = match package.status.as_str() {
        "held" => (Tone::Wait, "Held back"),
        "installed" => (Tone::Ok, "Installed"),
        _ if package.security => (Tone::Bad, "Security update"),
        _ if package.available_upgrade => (Tone::Run, "Upgrade"),
        _ => (Tone::Off, "Available"),
    };
    let idle = package.autoremovable.then(|| view! { <span class="muted">" not needed"</span> });
    view! {
        <td class="strong">{package.name}</td>
        <td><code>{cut(&package.version, false)}</code></td>
        <td><Status tone=tone word=word/>{idle}</td>
        <td class="muted">{package.section}</td>
        <td class="wide-text" title=package.summary.clone()>{package.summary.clone()}</td>
    }
    .into_any()
}

const PROCESSES: Paged = Paged {
    what: "Processes",
    heads: &["#PID", "Name", "State", "#User ID", "#Group ID", "#Memory", "#CPU", "Started"],
    row: process,
    views: &[],
    search: None,
    none: "The agent has not reported any process yet. It does so with its next contact.",
};

/// The processes of a computer, as they were last reported.
#[component]
pub fn Processes(id: i64) -> impl IntoView {
    view! { <PagedTable spec=PROCESSES path=format!("computers/{id}/processes")/> }
}

fn process(row: &Value) -> AnyView {
    let Ok(process) = SystemProcess::deserialize(row) else { return ().into_any() };
    let state = match process.state.as_bytes().first() {
        Some(b'R') => "Running",
        Some(b'S') => "Sleeping",
        Some(b'I') => "Idle",
        Some(b'D') => "Waiting for a device",
        Some(b'T' | b't') => "Stopped",
        Some(b'Z') => "Ended, not collected",
        Some(b'X') => "Ended",
        _ => "–",
    };
    let memory = process.vm_size.map_or_else(|| "–".to_owned(), |kibibytes| format!("{} KiB", grouped(kibibytes)));
    let busy = row.get("cpu_utilisation").filter(|share| !share.is_null());
    let busy = busy.map_or_else(|| "–".to_owned(), |share| format!("{} %", crate::json::text(share)));
    view! {
        <td class="num"><code>{process.pid}</code></td>
        <td class="strong">{cut(&process.name, false)}</td>
        <td title=process.state>{state}</td>
        <td class="num">{process.uid}</td>
        <td class="num">{process.gid}</td>
        <td class="num">{memory}</td>
        <td class="num">{busy}</td>
        <td><When at=Some(process.start_time.0)/></td>
    }
    .into_any()
}
