//! Programs of the system that can be installed without asking anybody.

use anyhow::Result;

use crate::paths::Workspace;
use crate::shell;
use crate::timing::step;

/// Installs Debian packages where we may; false where we may not.
pub fn install(workspace: &Workspace, packages: &[&str]) -> Result<bool> {
    if shell::find("apt-get").is_none() || !shell::is_root() {
        return Ok(false);
    }
    step(&format!("apt-get install {}", packages.join(" ")), || {
        apt_get(workspace, &["update", "--quiet"])?;
        apt_get(workspace, &[&["install", "--yes", "--quiet", "--no-install-recommends"], packages].concat())
    })?;
    Ok(true)
}

fn apt_get(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let mut command = shell::command("apt-get", workspace.root());
    shell::read(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments)).map(drop)
}
