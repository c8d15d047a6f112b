//! The hardware document: what lshw says, or where it is missing, what the system's own files do.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{host_name, mebibytes, read};

const LSHW: &str = "/usr/bin/lshw";

/// The document, in the notation of lshw.
#[allow(clippy::disallowed_methods, reason = "called where blocking is expected")]
pub(super) fn document() -> String {
    if Path::new(LSHW).exists() {
        let said = Command::new(LSHW).args(["-xml", "-quiet"]).stdin(Stdio::null()).stderr(Stdio::null()).output();
        match said {
            Ok(said) if said.status.success() => return String::from_utf8_lossy(&said.stdout).into_owned(),
            Ok(said) => tracing::warn!(status = %said.status, "lshw failed"),
            Err(error) => tracing::warn!(%error, "lshw was not started"),
        }
    }
    from_system_files()
}

/// A node with its texts; empty ones are left out.
fn node(id: &str, class: &str, texts: &[(&str, String)], inside: &str) -> String {
    let mut xml = format!("<node id=\"{}\" class=\"{class}\">", escaped(id));
    for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        // Writing to a String cannot fail.
        let _ = match *name {
            "size" => write!(xml, "<size units=\"bytes\">{}</size>", escaped(text)),
            name => write!(xml, "<{name}>{}</{name}>", escaped(text)),
        };
    }
    xml.push_str(inside);
    xml.push_str("</node>");
    xml
}

fn escaped(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn from_system_files() -> String {
    let dmi = |name: &str| read(Path::new("/sys/class/dmi/id").join(name)).trim().to_owned();
    let text = |name: &'static str, value: &str| (name, value.trim().to_owned());
    let mut core = String::new();
    let firmware =
        [text("vendor", &dmi("bios_vendor")), text("version", &dmi("bios_version")), text("date", &dmi("bios_date"))];
    if firmware.iter().any(|(_, text)| !text.is_empty()) {
        core.push_str(&node("firmware", "memory", &[&[text("description", "BIOS")], firmware.as_slice()].concat(), ""));
    }
    let cpuinfo = read("/proc/cpuinfo");
    let mut packages = std::collections::BTreeMap::new();
    for (number, block) in cpuinfo.split("\n\n").filter(|block| block.contains(':')).enumerate() {
        let fact = |name: &str| {
            block
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim().to_owned())
        };
        let package = fact("physical id").unwrap_or_else(|| number.to_string());
        packages
            .entry(package)
            .or_insert_with(|| (fact("model name").unwrap_or_default(), fact("vendor_id").unwrap_or_default()));
    }
    for (package, (product, vendor)) in packages {
        core.push_str(&node(
            &format!("cpu:{package}"),
            "processor",
            &[("description", "CPU".to_owned()), ("product", product), ("vendor", vendor)],
            "",
        ));
    }
    let memory = mebibytes(&read("/proc/meminfo"), "MemTotal") * 1024 * 1024;
    core.push_str(&node("memory", "memory", &[text("description", "System memory"), ("size", memory.to_string())], ""));
    for disk in
        names("/sys/block").filter(|name| !["loop", "ram", "zram", "dm-", "md"].iter().any(|p| name.starts_with(p)))
    {
        let folder = Path::new("/sys/block").join(&disk);
        let sectors: u64 = read(folder.join("size")).trim().parse().unwrap_or_default();
        let facts = [
            ("product", read(folder.join("device/model")).trim().to_owned()),
            ("vendor", read(folder.join("device/vendor")).trim().to_owned()),
            ("logicalname", format!("/dev/{disk}")),
            ("size", sectors.saturating_mul(512).to_string()),
        ];
        core.push_str(&node(&disk, "disk", &facts, ""));
    }
    for interface in names("/sys/class/net").filter(|name| name != "lo") {
        let address = read(Path::new("/sys/class/net").join(&interface).join("address")).trim().to_owned();
        let facts =
            [("description", "Network interface".to_owned()), ("logicalname", interface.clone()), ("serial", address)];
        core.push_str(&node(&interface, "network", &facts, ""));
    }
    let core = node("core", "bus", &[("product", dmi("board_name")), ("vendor", dmi("board_vendor"))], &core);
    let facts = [("product", dmi("product_name")), ("vendor", dmi("sys_vendor")), ("version", dmi("product_version"))];
    format!("<?xml version=\"1.0\"?><list>{}</list>", node(&host_name(), "system", &facts, &core))
}

fn names(folder: &str) -> impl Iterator<Item = String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_empty_ones_left_out() {
        let xml =
            node("a\"b", "disk", &[("product", "x<y & z".into()), ("vendor", String::new()), ("size", "5".into())], "");
        assert_eq!(
            xml,
            "<node id=\"a&quot;b\" class=\"disk\"><product>x&lt;y &amp; z</product><size units=\"bytes\">5</size></node>"
        );
    }

    #[test]
    fn this_machines_document_can_be_read() {
        let xml = from_system_files();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let memory = document.descendants().find(|node| node.attribute("id") == Some("memory")).unwrap();
        assert!(memory.children().any(|child| child.has_tag_name("size")));
    }
}
