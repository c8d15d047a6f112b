//! What this node is and how it does: read from the system when asked, and nothing made up.
//! What the system does not tell is none.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::Duration,
};

use jiff::Timestamp;
use nix::{
    net::if_::InterfaceFlags,
    sys::{
        socket::{SockaddrIn, SockaddrIn6},
        statvfs::statvfs,
        utsname::uname,
    },
};

const KIBIBYTE: u64 = 1024;

/// Facts on the machine and on this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Binnacle's own version.
    pub version: &'static str,
    pub hostname: Option<String>,
    /// The address others in its network reach it at: that of the interface with the default
    /// route, else the first one that is not the machine itself.
    pub address: Option<IpAddr>,
    pub system: Option<System>,
    pub kernel: Option<Kernel>,
    /// How long this process has run.
    pub uptime: Option<Duration>,
    /// The disk that the data folder is on.
    pub disk: Option<Disk>,
    /// Memory that this process holds, in bytes.
    pub resident_memory: Option<u64>,
    /// The machine's memory.
    pub memory: Option<Memory>,
}

/// The operating system, as its own file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// A word for programs, such as `debian`.
    pub id: Option<String>,
    /// The name for people, such as `Debian GNU/Linux 12 (bookworm)`.
    pub name: Option<String>,
    /// Such as `12`; systems that are never released have none.
    pub version: Option<String>,
    /// Such as `bookworm`.
    pub code_name: Option<String>,
}

/// The kernel that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Such as `Linux`.
    pub name: String,
    /// Such as `6.1.0-18-amd64`.
    pub release: String,
    /// Such as `x86_64`.
    pub machine: String,
}

/// Room, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    pub total: u64,
    /// What this process may still write.
    pub free: u64,
}

/// Memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub total: u64,
    /// What programs can get without swapping.
    pub available: u64,
}

impl Facts {
    /// Looks everything up. This asks the file system of the data folder, which may be slow: not
    /// for a thread that serves requests.
    pub fn collect(data: &Path, started: Timestamp, now: Timestamp) -> Self {
        let file = |path: &str| fs::read_to_string(path).ok();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            hostname: hostname(),
            address: address(&file("/proc/net/route").unwrap_or_default()),
            system: ["/etc/os-release", "/usr/lib/os-release"]
                .into_iter()
                .find_map(file)
                .and_then(|text| system(&text)),
            kernel: kernel(),
            uptime: uptime(started, now),
            disk: disk(data),
            resident_memory: file("/proc/self/status").and_then(|text| bytes(&text, "VmRSS")),
            memory: file("/proc/meminfo").and_then(|text| memory(&text)),
        }
    }
}

fn hostname() -> Option<String> {
    nix::unistd::gethostname().ok()?.into_string().ok().filter(|name| !name.is_empty())
}

/// None when the clock was set back behind the start.
fn uptime(started: Timestamp, now: Timestamp) -> Option<Duration> {
    Duration::try_from(now.duration_since(started)).ok()
}

fn kernel() -> Option<Kernel> {
    let found = uname().ok()?;
    let text = |text: &std::ffi::OsStr| text.to_str().map(str::to_owned);
    Some(Kernel { name: text(found.sysname())?, release: text(found.release())?, machine: text(found.machine())? })
}

fn disk(data: &Path) -> Option<Disk> {
    let found = statvfs(data).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.fragment_size());
    Some(Disk { total: bytes(found.blocks()), free: bytes(found.blocks_available()) })
}

/// What `os-release` says.
fn system(text: &str) -> Option<System> {
    let values: BTreeMap<&str, String> = text.lines().filter_map(assignment).collect();
    let value = |name: &str| values.get(name).filter(|value| !value.is_empty()).cloned();
    let system = System {
        id: value("ID"),
        name: value("PRETTY_NAME").or_else(|| value("NAME")),
        version: value("VERSION_ID"),
        code_name: value("VERSION_CODENAME"),
    };
    (system != System::default()).then_some(system)
}

/// A line of a file that shells read too: the value may stand in quotes, and a backslash takes
/// the meaning from the next character.
fn assignment(line: &str) -> Option<(&str, String)> {
    let (name, value) = line.trim().split_once('=').filter(|(name, _)| !name.starts_with('#'))?;
    let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut plain = String::new();
    let mut characters = quoted.unwrap_or(value).chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    Some((name, plain))
}

/// A line such as `VmRSS:     1234 kB`, in bytes.
fn bytes(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let (number, unit) = rest.trim().split_once(' ')?;
    let kibibytes: u64 = number.parse().ok().filter(|_| unit.trim() == "kB")?;
    kibibytes.checked_mul(KIBIBYTE)
}

fn memory(text: &str) -> Option<Memory> {
    Some(Memory { total: bytes(text, "MemTotal")?, available: bytes(text, "MemAvailable")? })
}

/// An address of an interface that is up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Interface {
    name: String,
    address: IpAddr,
}

fn address(routes: &str) -> Option<IpAddr> {
    let up = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
    let interfaces: Vec<Interface> = nix::ifaddrs::getifaddrs()
        .into_iter()
        .flatten()
        .filter(|interface| interface.flags.contains(up))
        .filter_map(|interface| {
            let found = interface.address?;
            let v4 = found.as_sockaddr_in().map(SockaddrIn::ip).map(IpAddr::V4);
            let address = v4.or_else(|| found.as_sockaddr_in6().map(SockaddrIn6::ip).map(IpAddr::V6))?;
            Some(Interface { name: interface.interface_name, address })
        })
        .collect();
    reached_at(&interfaces, routes)
}

/// The address to reach this machine at: an IPv4 address where it has any, since everything that
/// names such an address knows those.
fn reached_at(interfaces: &[Interface], routes: &str) -> Option<IpAddr> {
    let gate = default_route(routes);
    let rank = |interface: &Interface| {
        let elsewhere = gate.is_none_or(|gate| gate != interface.name);
        (interface.address.is_ipv6(), elsewhere)
    };
    let found = interfaces.iter().filter(|interface| may_be_reached(interface.address));
    found.min_by_key(|interface| rank(interface)).map(|interface| interface.address)
}

/// Whether other machines can use it at all.
fn may_be_reached(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local() && v4 != Ipv4Addr::UNSPECIFIED,
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local() && !v6.is_unspecified(),
    }
}

/// The interface that leads to everywhere else; of several, the one with the smallest metric.
fn default_route(routes: &str) -> Option<&str> {
    let rows = routes.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [interface, destination, _, _, _, _, metric, mask, ..] = columns.as_slice() else {
            return None;
        };
        (*destination == "00000000" && *mask == "00000000").then_some((metric.parse::<u32>().ok()?, *interface))
    });
    rows.min_by_key(|(metric, _)| *metric).map(|(_, interface)| interface)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
";

    fn interfaces(rows: &[(&str, &str)]) -> Vec<Interface> {
        let row =
            |(name, address): &(&str, &str)| Interface { name: (*name).to_owned(), address: address.parse().unwrap() };
        rows.iter().map(row).collect()
    }

    #[test]
    fn the_operating_system_is_what_its_file_says() {
        let text = "# a remark\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian\"\nVERSION_ID='12'\n\
                    VERSION_CODENAME=bookworm\nID=debian\nODD\n#ID=other\n";
        let expected = System {
            id: Some("debian".into()),
            name: Some("Debian GNU/Linux 12 (bookworm)".into()),
            version: Some("12".into()),
            code_name: Some("bookworm".into()),
        };
        assert_eq!(system(text), Some(expected));
        let rolling = system("NAME=\"A \\\"quoted\\\" \\$name\"\nID=arch\nVERSION_ID=\n").unwrap();
        assert_eq!(rolling.name.as_deref(), Some("A \"quoted\" $name"));
        assert_eq!((rolling.version, rolling.code_name), (None, None));
        assert_eq!(system(""), None);
        assert_eq!(system("=\n\"\n"), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "Name:\tbinnacle\nVmPeak:\t  999 kB\nVmRSS:\t   38912 kB\nThreads:\t4\n";
        assert_eq!(bytes(status, "VmRSS"), Some(38_912 * 1024));
        for odd in ["", "VmRSS:\n", "VmRSS: x kB\n", "VmRSS: 5 MB\n", "VmRSS: 99999999999999999 kB\n", "VmRSSx: 5 kB\n"]
        {
            assert_eq!(bytes(odd, "VmRSS"), None, "{odd}");
        }
        let text = "MemTotal:        8000000 kB\nMemFree:  1 kB\nMemAvailable:    6000000 kB\n";
        assert_eq!(memory(text), Some(Memory { total: 8_000_000 * 1024, available: 6_000_000 * 1024 }));
        assert_eq!(memory("MemTotal: 5 kB\n"), None);
    }

    #[test]
    fn the_address_is_that_of_the_default_route() {
        assert_eq!(default_route(ROUTES), Some("eth0"));
        let all = interfaces(&[
            ("lo", "127.0.0.1"),
            ("docker0", "172.17.0.1"),
            ("eth0", "fe80::1"),
            ("eth0", "2001:db8::5"),
            ("eth0", "10.0.0.5"),
            ("wlan0", "192.168.1.5"),
        ]);
        assert_eq!(reached_at(&all, ROUTES), Some("10.0.0.5".parse().unwrap()));
        assert_eq!(reached_at(&all, ""), Some("172.17.0.1".parse().unwrap()));
        let six = interfaces(&[("lo", "::1"), ("a", "fe80::1"), ("a", "2001:db8::5")]);
        assert_eq!(reached_at(&six, ""), Some("2001:db8::5".parse().unwrap()));
        assert_eq!(reached_at(&interfaces(&[("lo", "127.0.0.1"), ("a", "169.254.1.1")]), ROUTES), None);
        for odd in ["", "Iface\n", "Iface\nx\ty\n", "Iface\neth0\t00000000\t0\t0\t0\t0\tx\t00000000\n"] {
            assert_eq!(default_route(odd), None, "{odd}");
        }
    }

    #[test]
    fn time_that_ran_backwards_is_no_uptime() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(uptime(at(100), at(160)), Some(Duration::from_mins(1)));
        assert_eq!(uptime(at(100), at(99)), None);
    }

    #[test]
    fn this_machine_tells_what_a_linux_tells() {
        let folder = tempfile::tempdir().unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let facts = Facts::collect(folder.path(), at(0), at(5));
        assert_eq!(facts.version, env!("CARGO_PKG_VERSION"));
        assert_eq!(facts.uptime, Some(Duration::from_secs(5)));
        let disk = facts.disk.unwrap();
        assert!(disk.total > 0 && disk.free <= disk.total);
        let memory = facts.memory.unwrap();
        let resident = facts.resident_memory.unwrap();
        assert!(resident > 0 && resident < memory.total);
        assert_eq!(facts.kernel.unwrap().name, "Linux");
        assert!(facts.hostname.is_some());
        let nowhere = Facts::collect(&folder.path().join("nowhere"), at(0), at(5));
        assert_eq!(nowhere.disk, None);
    }
}
