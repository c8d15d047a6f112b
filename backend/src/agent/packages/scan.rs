//! Which packages this machine has, and which upgrades wait.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Stdio},
};

use sha2::{Digest as _, Sha256};

use super::{
    PackageScope,
    control::{Paragraph, description, paragraphs},
};
use crate::protocol::package::Description;

const STATUS: &str = "/var/lib/dpkg/status";
/// What tells that something may have changed.
const WATCHED: [&str; 4] = [STATUS, "/var/lib/apt/lists", "/var/lib/apt/extended_states", "/etc/apt/preferences.d"];

/// What a look at the machine's packages found.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    pub(super) packages: BTreeMap<[u8; 20], Description>,
    /// The members of each set of the protocol.
    pub(super) sets: BTreeMap<&'static str, BTreeSet<[u8; 20]>>,
    /// Why a part is missing.
    pub(super) fault: Option<String>,
}

impl Catalog {
    fn add(&mut self, package: Description, sets: &[&'static str]) {
        let hash = package.hash();
        for set in sets {
            self.sets.entry(set).or_default().insert(hash);
        }
        self.packages.entry(hash).or_insert(package);
    }
}

/// Stands for the state of the package system; a change of it makes another look worth while.
pub(super) fn fingerprint() -> Vec<u8> {
    let mut digest = Sha256::new();
    for path in WATCHED {
        let seen = fs::metadata(path).map(|found| (found.mtime(), found.mtime_nsec(), found.size()));
        digest.update(format!("{path} {:?};", seen.ok()).as_bytes());
    }
    digest.finalize().to_vec()
}

/// Looks at everything. A machine without dpkg has no packages that the protocol could name.
pub(super) fn scan(scope: PackageScope) -> Catalog {
    let mut catalog = Catalog::default();
    let Ok(status) = fs::read(STATUS) else { return catalog };
    let installed = paragraphs(&String::from_utf8_lossy(&status));
    let native = native_architecture(&installed);
    let removable = if scope == PackageScope::Installed { BTreeSet::new() } else { autoremovable() };
    for paragraph in &installed {
        let Some((wish, state)) = paragraph.get("Status").and_then(|text| text.split_once(' ')) else { continue };
        if !state.ends_with(" installed") {
            continue;
        }
        let Some(package) = description(paragraph, &native) else { continue };
        let mut sets = vec!["installed"];
        if wish == "hold" {
            sets.push("locked");
        }
        if removable.contains(&package.name) {
            sets.push("autoremovable");
        }
        catalog.add(package, &sets);
    }
    if scope != PackageScope::Installed {
        add_upgrades(&mut catalog, &native);
    }
    if scope == PackageScope::All {
        add_available(&mut catalog, &native);
    }
    catalog
}

/// The architecture of the package system itself.
fn native_architecture(installed: &[Paragraph]) -> String {
    let dpkg = installed.iter().find(|paragraph| paragraph.get("Package").is_some_and(|name| name == "dpkg"));
    dpkg.and_then(|paragraph| paragraph.get("Architecture")).cloned().unwrap_or_default()
}

/// The output of a program of the package system; `None` where there is none.
#[allow(clippy::disallowed_methods, reason = "called where blocking is expected")]
fn output(program: &str, arguments: &[&str]) -> Result<Option<String>, String> {
    if !Path::new(program).exists() {
        return Ok(None);
    }
    let done = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if done.status.success() {
        return Ok(Some(String::from_utf8_lossy(&done.stdout).into_owned()));
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("{program} ended with {}: {}", done.status, said.trim()))
}

/// Packages that came as dependencies of others and are needed no more.
fn autoremovable() -> BTreeSet<String> {
    let lines = output("/usr/bin/apt-get", &["--simulate", "--quiet=2", "autoremove"]).ok().flatten();
    let lines = lines.unwrap_or_default();
    lines.lines().filter_map(|line| line.strip_prefix("Remv ")?.split_whitespace().next().map(str::to_owned)).collect()
}

/// An upgrade that the package system would make.
#[derive(Debug, PartialEq, Eq)]
struct Upgrade {
    name: String,
    version: String,
    security: bool,
}

/// `Inst tea [1.1] (1.2 Shop:1/security [amd64])`
fn upgrade(line: &str) -> Option<Upgrade> {
    let (name, rest) = line.strip_prefix("Inst ")?.split_once(' ')?;
    // Without an old version it is a new package, wanted by another one.
    let (_, rest) = rest.trim_start().strip_prefix('[')?.split_once("] (")?;
    let (version, origin) = rest.split_once(' ')?;
    let origin = origin.split('[').next().unwrap_or_default();
    Some(Upgrade {
        name: name.to_owned(),
        version: version.to_owned(),
        security: origin.to_ascii_lowercase().contains("security"),
    })
}

fn add_upgrades(catalog: &mut Catalog, native: &str) {
    let found = output("/usr/bin/apt-get", &["--simulate", "--quiet=2", "dist-upgrade"]);
    let lines = match found {
        Ok(lines) => lines.unwrap_or_default(),
        Err(fault) => {
            catalog.fault = Some(fault);
            return;
        }
    };
    let upgrades: Vec<Upgrade> = lines.lines().filter_map(upgrade).collect();
    for some in upgrades.chunks(200) {
        let wanted: Vec<String> = some.iter().map(|upgrade| format!("{}={}", upgrade.name, upgrade.version)).collect();
        let mut arguments = vec!["show", "--no-all-versions"];
        arguments.extend(wanted.iter().map(String::as_str));
        match output("/usr/bin/apt-cache", &arguments) {
            Ok(text) => {
                for package in paragraphs(&text.unwrap_or_default()).iter().filter_map(|text| description(text, native))
                {
                    let same = |upgrade: &&Upgrade| upgrade.name == package.name && upgrade.version == package.version;
                    let Some(upgrade) = some.iter().find(same) else { continue };
                    let mut sets = vec!["available", "available-upgrades"];
                    if upgrade.security {
                        sets.push("security");
                    }
                    catalog.add(package, &sets);
                }
            }
            Err(fault) => catalog.fault = Some(fault),
        }
    }
}

fn add_available(catalog: &mut Catalog, native: &str) {
    match output("/usr/bin/apt-cache", &["dumpavail"]) {
        Ok(text) => {
            for package in paragraphs(&text.unwrap_or_default()).iter().filter_map(|text| description(text, native)) {
                catalog.add(package, &["available"]);
            }
        }
        Err(fault) => catalog.fault = Some(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upgrades_are_told_from_new_packages() {
        let line = "Inst tea [1.1] (1.2 Shop:1/stable, Shop-Security:1/stable-security [amd64]) []";
        assert_eq!(upgrade(line), Some(Upgrade { name: "tea".into(), version: "1.2".into(), security: true }));
        let line = "Inst cup [1] (2 Shop:1/stable [all])";
        assert_eq!(upgrade(line), Some(Upgrade { name: "cup".into(), version: "2".into(), security: false }));
        assert_eq!(upgrade("Inst new (1.2 Shop:1/stable [amd64])"), None);
        assert_eq!(upgrade("Conf tea (1.2 Shop:1/stable [amd64])"), None);
    }

    #[test]
    fn this_machine_has_packages_if_it_has_a_list_of_them() {
        let catalog = scan(PackageScope::Installed);
        let listed = fs::read_to_string(STATUS).unwrap_or_default();
        assert_eq!(listed.contains("\nStatus: install ok installed\n"), !catalog.packages.is_empty());
        assert_eq!(catalog.sets.contains_key("installed"), !catalog.packages.is_empty());
    }
}
