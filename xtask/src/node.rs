//! Node packages: each folder with a lock file is installed once, and again when that changes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;
use crate::shell;
use crate::stamp::{self, Stamp};
use crate::timing::step;

const OLDEST_NODE: u32 = 20;

const HOW_TO_INSTALL: &str = "install Node.js 20 or later with npm, see https://nodejs.org";

/// The installed packages of a folder of the workspace.
pub fn modules(workspace: &Workspace, folder: &str) -> PathBuf {
    workspace.join(folder).join("node_modules")
}

/// The programs that these packages bring.
pub fn bin(workspace: &Workspace, folder: &str) -> PathBuf {
    modules(workspace, folder).join(".bin")
}

/// Installs the packages that the folder's lock file names.
pub fn packages(workspace: &Workspace, folder: &str) -> Result<()> {
    require_node(workspace)?;
    let fingerprint = stamp::content(&workspace.join(folder).join("package-lock.json"))?;
    let name = format!("npm-{folder}");
    let stamp = Stamp::new(workspace, &name);
    if stamp.matches(fingerprint) && modules(workspace, folder).is_dir() {
        return Ok(());
    }
    step(&format!("npm ci in {folder}"), || {
        // No package's own script has to run: what one of them would do is done where needed.
        shell::run(shell::command("npm", &workspace.join(folder)).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]))
    })?;
    stamp.write(fingerprint)
}

fn require_node(workspace: &Workspace) -> Result<()> {
    let version = shell::read(shell::command("node", workspace.root()).arg("--version")).context(HOW_TO_INSTALL)?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {} is too old: {HOW_TO_INSTALL}", version.trim());
    }
    if shell::find("npm").is_none() {
        bail!("there is no npm: {HOW_TO_INSTALL}");
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The folder of the PostgreSQL that comes as a Node package, when this system has one.
pub fn embedded_postgres(workspace: &Workspace) -> Option<PathBuf> {
    let scope = modules(workspace, "e2e").join("@embedded-postgres");
    fs::read_dir(scope).ok()?.flatten().map(|entry| entry.path()).find(|path| path.join("native").is_dir())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_the_major_version() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
