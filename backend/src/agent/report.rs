//! What the agent tells about its computer. A report is sent when its content has changed since
//! the last one, and again when either end asks for everything.

mod hardware;
mod known;
mod processes;
mod sensors;
mod storage;
mod users;

pub(super) use self::sensors::Counters;

use std::{
    collections::BTreeMap,
    fs,
    net::Ipv4Addr,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;

use super::{Agent, AgentError, queue};
use crate::protocol::{
    Message,
    bpickle::{Dict, Value},
    kind,
    registration::split_tags,
};

/// The reports, and the scope of a resynchronisation each belongs to.
const REPORTS: [(&str, &str); 10] = [
    (kind::COMPUTER_INFO, "computer"),
    (kind::DISTRIBUTION_INFO, "computer"),
    (kind::COMPUTER_TAGS, "computer"),
    (kind::PROCESSOR_INFO, "cpu"),
    (kind::NETWORK_DEVICE, "network"),
    (kind::REBOOT_REQUIRED_INFO, "package"),
    (kind::HARDWARE_INFO, "computer"),
    (kind::MEMORY_INFO, "memory"),
    (kind::LOAD_AVERAGE, "load"),
    (kind::MOUNT_INFO, "disk"),
];

/// A disk that does not answer in this time is left out: everything else waits meanwhile.
const DISK_PATIENCE: Duration = Duration::from_secs(5);

/// Queues each report that the server accepts and that says something new.
pub(super) async fn queue_changes(agent: &Agent) -> Result<(), AgentError> {
    let now = agent.surroundings.now();
    let collected: Vec<(&str, Message)> =
        REPORTS.iter().filter_map(|(kind, _)| Some((*kind, collect(kind, &agent.config.tags, now)?))).collect();
    let mounts = tokio::select! {
        mounts = super::aside(storage::mounts) => mounts,
        () = agent.surroundings.clock.sleep(DISK_PATIENCE) => None,
    };
    let mut transaction = agent.store.begin().await?;
    if super::store::state(&mut transaction).await?.secure_id.is_none() {
        return Ok(());
    }
    for (_, message) in collected {
        queue_news(&mut transaction, message, now).await?;
    }
    if let Some(mounts) = mounts {
        // The moment of the report alone is no news.
        let steady = digest(storage::mount_info(&mounts, Timestamp::UNIX_EPOCH));
        queue_unless_told(&mut transaction, storage::mount_info(&mounts, now), &steady, now).await?;
        queue_accepted(&mut transaction, storage::free_space(&mounts, now), now).await?;
    }
    let usage = agent.counters.lock().await.advance(&read("/proc/stat"), &read("/proc/net/dev"), now);
    for message in sensors::temperatures(now).into_iter().chain(usage) {
        queue_accepted(&mut transaction, message, now).await?;
    }
    if super::store::accepts(&mut transaction, kind::USERS).await?
        && let Some(message) = users::changes(&mut transaction).await?
    {
        queue::queue(&mut transaction, message, now).await?;
    }
    if super::store::accepts(&mut transaction, kind::ACTIVE_PROCESS_INFO).await?
        && let Some(message) = processes::changes(&mut transaction, now).await?
    {
        queue::queue(&mut transaction, message, now).await?;
    }
    transaction.commit().await?;
    agent.urgent.notify_one();
    agent.hardware_due.store(true, Ordering::Relaxed);
    agent.inventory.notify_one();
    Ok(())
}

/// Queues a report if the server accepts it and it says something new.
async fn queue_news(connection: &mut SqliteConnection, message: Message, now: Timestamp) -> Result<(), sqlx::Error> {
    let digest = digest(message.clone());
    queue_unless_told(connection, message, &digest, now).await
}

fn digest(message: Message) -> Vec<u8> {
    Sha256::digest(message.encode()).to_vec()
}

/// The same, for a report of which the digest stands for what would be news.
async fn queue_unless_told(
    connection: &mut SqliteConnection,
    message: Message,
    digest: &[u8],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let kind = message.kind().to_owned();
    let sent = remembered(connection, &kind).await?;
    if sent.as_deref() == Some(digest) || !queue_accepted(connection, message, now).await? {
        return Ok(());
    }
    remember(connection, &kind, digest).await
}

/// Queues a report if the server accepts it; says whether it does. One that it does not accept is
/// made when it comes to do so, not held till then: it would be out of date.
async fn queue_accepted(
    connection: &mut SqliteConnection,
    message: Message,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let accepted = super::store::accepts(connection, message.kind()).await?;
    if accepted {
        queue::queue(connection, message, now).await?;
    }
    Ok(accepted)
}

/// What stands for the last report of a kind.
pub(super) async fn remembered(connection: &mut SqliteConnection, kind: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("SELECT digest FROM reported WHERE kind = ?1").bind(kind).fetch_optional(connection).await
}

/// Remembers what stands for a report.
pub(super) async fn remember(connection: &mut SqliteConnection, kind: &str, digest: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO reported (kind, digest) VALUES (?1, ?2) ON CONFLICT (kind) DO UPDATE SET digest = excluded.digest",
    )
    .bind(kind)
    .bind(digest)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes the reports that take their time, each time they are due, beside everything else.
pub(super) async fn take_inventory(agent: Arc<Agent>) {
    loop {
        tokio::select! {
            () = agent.shutdown.cancelled() => return,
            () = agent.inventory.notified() => {}
        }
        let reported = async {
            if agent.hardware_due.swap(false, Ordering::Relaxed) {
                queue_hardware(&agent).await?;
            }
            super::packages::advance(&agent).await
        };
        let reported = tokio::select! {
            () = agent.shutdown.cancelled() => return,
            reported = reported => reported,
        };
        if let Err(error) = reported {
            tracing::error!(%error, "hardware and packages are not reported");
        }
    }
}

async fn queue_hardware(agent: &Agent) -> Result<(), AgentError> {
    if !agent.store.accepts(kind::HARDWARE_INFO).await? || agent.store.state().await?.secure_id.is_none() {
        return Ok(());
    }
    let Some(document) = super::aside(hardware::document).await else { return Ok(()) };
    let message = Message::new(kind::HARDWARE_INFO).with("data", document);
    let mut transaction = agent.store.begin().await?;
    queue_news(&mut transaction, message, agent.surroundings.now()).await?;
    transaction.commit().await?;
    agent.urgent.notify_one();
    Ok(())
}

/// Forgets what was reported within some scopes, or altogether, so that it is reported again.
pub(super) async fn forget(connection: &mut SqliteConnection, scopes: Option<&[String]>) -> Result<(), sqlx::Error> {
    for (kind, scope) in REPORTS {
        if scopes.is_none_or(|scopes| scopes.iter().any(|wanted| wanted == scope)) {
            sqlx::query("DELETE FROM reported WHERE kind = ?1").bind(kind).execute(&mut *connection).await?;
        }
    }
    let asked = |scope: &str| scopes.is_none_or(|scopes| scopes.iter().any(|wanted| wanted == scope));
    if asked("users") {
        users::forget(connection).await?;
    }
    if asked("process") {
        processes::forget(connection).await?;
    }
    if asked("package") {
        super::packages::forget_members(connection).await?;
    }
    Ok(())
}

fn collect(kind: &str, tags: &str, now: Timestamp) -> Option<Message> {
    match kind {
        kind::COMPUTER_INFO => Some(computer_info()),
        kind::DISTRIBUTION_INFO => distribution_info(),
        kind::PROCESSOR_INFO => Some(processor_info(&read("/proc/cpuinfo"))),
        kind::NETWORK_DEVICE => Some(network_devices()),
        kind::COMPUTER_TAGS => {
            let tags = split_tags(tags);
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            (!tags.is_empty()).then(|| Message::new(kind::COMPUTER_TAGS).with("tags", tags.join(", ")))
        }
        kind::REBOOT_REQUIRED_INFO => Some(reboot_required(Path::new("/run"))),
        kind::MEMORY_INFO => Some(memory_info(&read("/proc/meminfo"), now)),
        kind::LOAD_AVERAGE => load_average(&read("/proc/loadavg"), now),
        _ => None,
    }
}

/// Packages leave these files when they want the computer to be restarted.
fn reboot_required(folder: &Path) -> Message {
    let mut packages: Vec<String> = read(folder.join("reboot-required.pkgs"))
        .lines()
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    packages.sort();
    packages.dedup();
    Message::new(kind::REBOOT_REQUIRED_INFO)
        .with("flag", folder.join("reboot-required").exists())
        .with("packages", Value::texts(packages))
}

fn memory_info(memory: &str, now: Timestamp) -> Message {
    let free = mebibytes(memory, "MemAvailable");
    let entry =
        Value::Tuple(vec![Value::Int(now.as_second()), Value::Int(free), Value::Int(mebibytes(memory, "SwapFree"))]);
    Message::new(kind::MEMORY_INFO).with("memory-info", Value::List(vec![entry]))
}

fn load_average(text: &str, now: Timestamp) -> Option<Message> {
    let load: f64 = text.split_whitespace().next()?.parse().ok()?;
    let entry = Value::Tuple(vec![Value::Int(now.as_second()), Value::Float(load)]);
    Some(Message::new(kind::LOAD_AVERAGE).with("load-averages", Value::List(vec![entry])))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The name of this machine.
pub(super) fn host_name() -> String {
    let name = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.is_empty() { "localhost".to_owned() } else { name }
}

/// An identifier of this installation, drawn from the system's own, which should stay private.
pub(super) fn machine_id() -> Option<String> {
    let id = read("/etc/machine-id");
    let id = id.trim();
    (!id.is_empty()).then(|| derived_uuid(id))
}

fn derived_uuid(id: &str) -> String {
    use std::fmt::Write as _;

    let mut bytes: [u8; 32] = Sha256::digest(format!("binnacle:{id}").as_bytes()).into();
    // Version 8: made up by its maker; variant as every UUID's.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::new();
    for (at, byte) in bytes.iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The kind of container this is, or nothing.
pub(super) fn container_info() -> String {
    let told = read("/run/systemd/container");
    if !told.trim().is_empty() {
        return told.trim().to_owned();
    }
    if Path::new("/.dockerenv").exists() { "docker".to_owned() } else { String::new() }
}

/// The kind of virtual machine this is, or nothing.
pub(super) fn vm_info() -> String {
    let vendor = read("/sys/class/dmi/id/sys_vendor");
    let product = read("/sys/class/dmi/id/product_name");
    vm_kind(vendor.trim(), product.trim()).to_owned()
}

fn vm_kind(vendor: &str, product: &str) -> &'static str {
    match (vendor, product) {
        ("VMware, Inc.", _) => "vmware",
        ("Google", _) => "gce",
        ("Microsoft Corporation", "Virtual Machine") => "hyperv",
        ("Xen", _) => "xen",
        ("innotek GmbH", _) | (_, "VirtualBox") => "virtualbox",
        ("QEMU", _) | (_, "KVM") => "kvm",
        _ => "",
    }
}

fn computer_info() -> Message {
    let memory = read("/proc/meminfo");
    let mut message = Message::new(kind::COMPUTER_INFO)
        .with("hostname", host_name())
        .with("total-memory", mebibytes(&memory, "MemTotal"))
        .with("total-swap", mebibytes(&memory, "SwapTotal"));
    if let Some(id) = machine_id() {
        message.set("machine-id", id);
    }
    message
}

fn mebibytes(memory: &str, name: &str) -> i64 {
    let line = memory.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<i64>().ok());
    kibibytes.unwrap_or(0) / 1024
}

fn distribution_info() -> Option<Message> {
    let file = ["/etc/os-release", "/usr/lib/os-release"].map(read).into_iter().find(|text| !text.is_empty())?;
    let release = os_release(&file);
    let mut message = Message::new(kind::DISTRIBUTION_INFO);
    for (field, name) in [
        ("distributor-id", "NAME"),
        ("description", "PRETTY_NAME"),
        ("release", "VERSION_ID"),
        ("code-name", "VERSION_CODENAME"),
    ] {
        if let Some(value) = release.get(name) {
            message.set(field, value.as_str());
        }
    }
    Some(message)
}

fn os_release(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter_map(|line| line.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned())).collect()
}

fn processor_info(cpuinfo: &str) -> Message {
    let mut processors = Vec::new();
    for block in cpuinfo.split("\n\n") {
        let lines = block.lines().filter_map(|line| line.split_once(':'));
        let facts: BTreeMap<&str, &str> = lines.map(|(name, value)| (name.trim(), value.trim())).collect();
        let Some(number) = facts.get("processor").and_then(|number| number.parse::<i64>().ok()) else { continue };
        // Not every architecture names its model; some name only the implementer.
        let model = facts.get("model name").or_else(|| facts.get("cpu model")).or_else(|| facts.get("CPU implementer"));
        let mut processor = Dict::from([
            ("processor-id".into(), Value::Int(number)),
            ("model".into(), Value::from(*model.unwrap_or(&"unknown"))),
        ]);
        if let Some(vendor) = facts.get("vendor_id") {
            processor.insert("vendor".into(), Value::from(*vendor));
        }
        let cache = facts.get("cache size").and_then(|size| size.split_whitespace().next()?.parse::<i64>().ok());
        if let Some(size) = cache {
            processor.insert("cache-size".into(), Value::Int(size));
        }
        processors.push(Value::Dict(processor));
    }
    Message::new(kind::PROCESSOR_INFO).with("processors", Value::List(processors))
}

fn network_devices() -> Message {
    let mut devices = Vec::new();
    let mut speeds = Vec::new();
    for address in nix::ifaddrs::getifaddrs().into_iter().flatten() {
        let name = address.interface_name;
        let ipv4 = |address: Option<nix::sys::socket::SockaddrStorage>| -> Option<Ipv4Addr> {
            address.as_ref().and_then(|address| address.as_sockaddr_in()).map(nix::sys::socket::SockaddrIn::ip)
        };
        let Some(ip) = ipv4(address.address).filter(|ip| !ip.is_loopback()) else { continue };
        let text = |ip: Option<Ipv4Addr>| Value::bytes(&ip.map(|ip| ip.to_string()).unwrap_or_default());
        let folder = Path::new("/sys/class/net").join(&name);
        devices.push(Value::Dict(Dict::from([
            ("interface".into(), Value::bytes(&name)),
            ("ip_address".into(), text(Some(ip))),
            ("mac_address".into(), Value::bytes(read(folder.join("address")).trim())),
            ("broadcast_address".into(), text(ipv4(address.broadcast))),
            ("netmask".into(), text(ipv4(address.netmask))),
            ("flags".into(), Value::Int(i64::from(address.flags.bits()))),
        ])));
        speeds.push(Value::Dict(Dict::from([
            ("interface".into(), Value::bytes(&name)),
            ("speed".into(), Value::Int(read(folder.join("speed")).trim().parse().unwrap_or(-1))),
            ("duplex".into(), Value::Bool(read(folder.join("duplex")).trim() == "full")),
        ])));
    }
    Message::new(kind::NETWORK_DEVICE).with("devices", Value::List(devices)).with("device-speeds", Value::List(speeds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_system_are_understood() {
        let release = os_release("NAME=\"Some Linux\"\nVERSION_ID='7'\n# remark\nID=some\n");
        assert_eq!(release.get("NAME").map(String::as_str), Some("Some Linux"));
        assert_eq!(release.get("VERSION_ID").map(String::as_str), Some("7"));
        assert_eq!(mebibytes("MemTotal:       2097152 kB\nMemFree: 1 kB\n", "MemTotal"), 2048);
        assert_eq!(mebibytes("", "MemTotal"), 0);
        let message = processor_info(
            "processor\t: 0\nvendor_id\t: Acme\nmodel name\t: Fast\ncache size\t: 512 KB\n\nprocessor\t: 1\n\n",
        );
        let processors = message.get("processors").and_then(Value::as_items).unwrap();
        assert_eq!(processors.len(), 2);
        assert_eq!(processors[0].as_dict().unwrap().get(&"cache-size".into()), Some(&Value::Int(512)));
    }

    #[test]
    fn a_wish_for_a_restart_names_its_packages() {
        let directory = tempfile::tempdir().unwrap();
        let message = reboot_required(directory.path());
        assert_eq!((message.get("flag"), message.texts("packages")), (Some(&Value::Bool(false)), Some(vec![])));
        fs::write(directory.path().join("reboot-required"), "").unwrap();
        fs::write(directory.path().join("reboot-required.pkgs"), "libc6\nkernel\nlibc6\n").unwrap();
        let message = reboot_required(directory.path());
        assert_eq!(message.get("flag"), Some(&Value::Bool(true)));
        assert_eq!(message.texts("packages"), Some(vec!["kernel".to_owned(), "libc6".to_owned()]));
        assert!(load_average("0.25 0.1 0 1/1 1", Timestamp::UNIX_EPOCH).is_some());
    }

    #[test]
    fn the_derived_id_is_a_uuid_and_stable() {
        let id = derived_uuid("0123456789abcdef");
        assert_eq!(id, derived_uuid("0123456789abcdef"));
        assert_eq!(id.len(), 36);
        assert_eq!(id.chars().nth(14), Some('8'));
    }

    #[test]
    fn virtual_machines_are_told_by_their_vendor() {
        assert_eq!(vm_kind("QEMU", "Standard PC"), "kvm");
        assert_eq!(vm_kind("Microsoft Corporation", "Surface"), "");
    }
}
