//! Whether something made earlier is still what its sources would make.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use anyhow::{Context, Result};

use crate::paths::Workspace;

/// A file that remembers a fingerprint.
#[derive(Debug)]
pub struct Stamp<'a> {
    workspace: &'a Workspace,
    name: &'a str,
}

impl<'a> Stamp<'a> {
    pub fn new(workspace: &'a Workspace, name: &'a str) -> Self {
        Self { workspace, name }
    }

    pub fn matches(&self, fingerprint: u64) -> bool {
        fs::read_to_string(self.workspace.stamps().join(self.name))
            .is_ok_and(|remembered| remembered.trim() == format!("{fingerprint:016x}"))
    }

    pub fn write(&self, fingerprint: u64) -> Result<()> {
        let folder = self.workspace.stamps();
        fs::create_dir_all(&folder).context("cannot make the folder of the stamps")?;
        fs::write(folder.join(self.name), format!("{fingerprint:016x}\n"))
            .with_context(|| format!("cannot remember that {} is done", self.name))
    }
}

/// The fingerprint of a file's content.
pub fn content(file: &Path) -> Result<u64> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Ok(hasher.finish())
}

/// The fingerprint of files and folders by name and content. Times would differ in each checkout.
pub fn tree<'a>(roots: impl IntoIterator<Item = &'a Path>) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for root in roots {
        visit(root, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn visit(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let about = || format!("cannot read {}", path.display());
    path.hash(hasher);
    if path.is_dir() {
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).with_context(about)? {
            let entry = entry.with_context(about)?.path();
            if !is_made(&entry) {
                inside.push(entry);
            }
        }
        inside.sort();
        return inside.iter().try_for_each(|entry| visit(entry, hasher));
    }
    fs::read(path).with_context(about)?.hash(hasher);
    Ok(())
}

/// Folders that a build or an editor writes to.
fn is_made(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        name == "dist" || name == "node_modules" || name == "target" || name.as_encoded_bytes().starts_with(b".")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_notices_new_changed_and_removed_files() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("dist"))?;
        fs::write(folder.join("a"), "1")?;
        let before = tree([folder.as_path()])?;
        fs::write(folder.join("dist/made"), "ignored")?;
        assert_eq!(tree([folder.as_path()])?, before);
        fs::write(folder.join("b"), "2")?;
        assert_ne!(tree([folder.as_path()])?, before);
        fs::write(folder.join("a"), "3")?;
        let changed = tree([folder.as_path()])?;
        fs::write(folder.join("a"), "1")?;
        assert_ne!(changed, tree([folder.as_path()])?);
        fs::remove_file(folder.join("b"))?;
        assert_eq!(tree([folder.as_path()])?, before);
        fs::remove_dir_all(folder)?;
        Ok(())
    }
}
