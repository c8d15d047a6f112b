//! Mounted file systems, and how much room they have.

use std::collections::BTreeSet;

use jiff::Timestamp;
use nix::sys::statvfs::statvfs;

use crate::protocol::{
    Message,
    bpickle::{Dict, Value},
    kind,
};

const MEBIBYTE: u64 = 1024 * 1024;

/// File systems that are disks without a device of their own.
const POOLED: [&str; 3] = ["zfs", "btrfs", "bcachefs"];

/// A file system that data is kept on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    device: String,
    point: String,
    filesystem: String,
    total: i64,
    free: i64,
}

/// The file systems of this machine, as its kernel lists them.
pub(super) fn mounts() -> Vec<Mount> {
    let listed = listed(&super::read("/proc/self/mounts"));
    listed.into_iter().filter_map(Mount::measured).collect()
}

impl Mount {
    /// With its size. What has none is no place to keep anything.
    fn measured(self) -> Option<Self> {
        let found = statvfs(self.point.as_str()).ok()?;
        let mebibytes = |blocks: u64| i64::try_from(blocks.saturating_mul(found.fragment_size()) / MEBIBYTE).ok();
        let (total, free) = (mebibytes(found.blocks())?, mebibytes(found.blocks_available())?);
        (total > 0).then_some(Self { total, free, ..self })
    }
}

/// Device, mount point and type of each file system that is on a disk, and of the root whatever
/// it is on. A device that is mounted several times counts once. Servers elsewhere are left out:
/// asking one that is gone for its size would never end.
fn listed(table: &str) -> Vec<Mount> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for line in table.lines() {
        let mut fields = line.split(' ').map(unescaped);
        let (Some(device), Some(point), Some(filesystem)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let on_disk = device.starts_with("/dev/") && !device.starts_with("/dev/loop");
        if (on_disk || point == "/" || POOLED.contains(&filesystem.as_str())) && seen.insert(device.clone()) {
            found.push(Mount { device, point, filesystem, total: 0, free: 0 });
        }
    }
    found
}

/// The kernel writes blanks and the like as three octal digits behind a backslash.
fn unescaped(field: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| first == b'\\') {
            bytes.push(byte);
            rest = tail.get(3..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is mounted where.
pub(super) fn mount_info(mounts: &[Mount], now: Timestamp) -> Message {
    let entries = mounts.iter().map(|mount| {
        let facts = Dict::from([
            ("mount-point".into(), Value::from(mount.point.as_str())),
            ("device".into(), Value::from(mount.device.as_str())),
            ("filesystem".into(), Value::from(mount.filesystem.as_str())),
            ("total-space".into(), Value::Int(mount.total)),
        ]);
        Value::Tuple(vec![seconds(now), Value::Dict(facts)])
    });
    Message::new(kind::MOUNT_INFO).with("mount-info", Value::List(entries.collect()))
}

/// How much room there is.
pub(super) fn free_space(mounts: &[Mount], now: Timestamp) -> Message {
    let entries = mounts
        .iter()
        .map(|mount| Value::Tuple(vec![seconds(now), Value::from(mount.point.as_str()), Value::Int(mount.free)]));
    Message::new(kind::FREE_SPACE).with("free-space", Value::List(entries.collect()))
}

/// These reports have their times as floating-point numbers.
#[expect(clippy::cast_precision_loss, reason = "whole seconds of this age fit")]
fn seconds(now: Timestamp) -> Value {
    Value::Float(now.as_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_told_from_what_only_looks_like_a_file_system() {
        let table = "/dev/vda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/vda1 /srv/bound ext4 rw 0 0\n\
                     /dev/loop3 /snap/x squashfs ro 0 0\n/dev/sdb1 /media/two\\040words\\134x vfat rw 0 0\n\
                     tank/home /home zfs rw 0 0\nserver:/data /data nfs4 rw 0 0\nbroken\n";
        let points: Vec<(String, String)> =
            listed(table).into_iter().map(|mount| (mount.point, mount.filesystem)).collect();
        let expected = [("/", "ext4"), ("/media/two words\\x", "vfat"), ("/home", "zfs")];
        assert_eq!(points, expected.map(|(point, filesystem)| (point.to_owned(), filesystem.to_owned())));
        let container = listed("overlay / overlay rw 0 0\ntmpfs /run tmpfs rw 0 0\n");
        assert_eq!(container.len(), 1);
        assert_eq!(unescaped("a\\"), "a\\");
    }

    #[test]
    fn room_is_measured() {
        let root = Mount { device: "d".into(), point: "/".into(), filesystem: "f".into(), total: 0, free: 0 };
        let root = root.measured().unwrap();
        assert!(root.total > 0 && (0..=root.total).contains(&root.free));
        let gone = Mount { point: "/no/such/place".into(), ..root };
        assert_eq!(gone.measured(), None);
    }
}
