//! What `/proc` says of processes.

use std::fs;

use nix::unistd::Pid;

/// A process, as far as killing and reporting need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pid: i32,
    pub(super) name: String,
    /// One letter; `Z` is dead and waits for its parent to notice.
    pub(super) state: String,
    pub(super) parent: i32,
    pub(super) group: i32,
    /// Clock ticks of processor time.
    pub(super) ticks: u64,
    /// Clock ticks between the start of the system and that of the process.
    pub(super) started: u64,
    /// Bytes.
    pub(super) vm_size: u64,
}

/// All processes that this one may see.
pub(super) fn all() -> Vec<Found> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(read)).collect()
}

/// One process, if it is there.
pub(super) fn read(pid: i32) -> Option<Found> {
    parse(pid, &String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/stat")).ok()?))
}

fn parse(pid: i32, stat: &str) -> Option<Found> {
    // The name stands in brackets and may hold anything, brackets too.
    let (begin, end) = (stat.find('(')?, stat.rfind(')')?);
    let name = stat.get(begin + 1..end)?.to_owned();
    let fields: Vec<&str> = stat.get(end + 1..)?.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    Some(Found {
        pid,
        name,
        state: (*fields.first()?).to_owned(),
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        ticks: number(11)?.saturating_add(number(12)?),
        started: number(19)?,
        vm_size: number(20)?,
    })
}

/// The living processes below one.
pub(super) fn descendants(of: Pid) -> Vec<Pid> {
    let all = all();
    let mut below = vec![of.as_raw()];
    let mut at = 0;
    while let Some(parent) = below.get(at).copied() {
        below.extend(all.iter().filter(|found| found.parent == parent).map(|found| found.pid));
        at += 1;
    }
    let alive = |pid: &i32| all.iter().any(|found| found.pid == *pid && found.state != "Z");
    below.into_iter().skip(1).filter(alive).map(Pid::from_raw).collect()
}

/// What tells this start of the system from others.
pub(super) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_brackets() {
        let stat = "7 (a) b (c)) S 1 6 6 0 -1 4194560 1 2 3 4 50 60 7 8 20 0 1 0 4711 8192 100";
        let found = parse(7, stat).unwrap();
        assert_eq!((found.name.as_str(), found.state.as_str()), ("a) b (c)", "S"));
        assert_eq!((found.parent, found.group, found.ticks, found.started, found.vm_size), (1, 6, 110, 4711, 8192));
        assert_eq!(parse(7, "7 (x"), None);
    }

    #[test]
    fn this_process_is_there_and_below_its_parent() {
        let own = i32::try_from(std::process::id()).unwrap();
        let found = read(own).unwrap();
        assert!(all().iter().any(|other| other.pid == own));
        assert!(descendants(Pid::from_raw(found.parent)).contains(&Pid::from_raw(own)));
    }
}
