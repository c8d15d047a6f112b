//! The browser for the end-to-end tests.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::paths::Workspace;
use crate::timing::step;
use crate::{node, shell};

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const HOW_TO_INSTALL: &str = "install Chromium (Debian, as root: apt-get install chromium)";

/// The system's Chromium, installed when that is possible; `None` stands for Playwright's own.
pub fn chromium(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if let Some(found) = installed() {
        return Ok(Some(found));
    }
    if shell::find("apt-get").is_some() && shell::is_root() {
        step("apt-get install chromium", || apt_get(workspace)).context(HOW_TO_INSTALL)?;
        if let Some(found) = installed() {
            return Ok(Some(found));
        }
    }
    step("playwright install chromium", || {
        let program = node::bin(workspace, "e2e").join("playwright");
        shell::run(shell::command(program, &workspace.join("e2e")).args(["install", "chromium"]))
    })
    .context(HOW_TO_INSTALL)?;
    Ok(None)
}

fn installed() -> Option<PathBuf> {
    PROGRAMS.iter().find_map(|program| shell::find(program))
}

fn apt_get(workspace: &Workspace) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = shell::command("apt-get", workspace.root());
        shell::read(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
    };
    apt(&["update", "--quiet"])?;
    // Without a font the browser draws no text, and the screenshots show none.
    apt(&["install", "--yes", "--quiet", "--no-install-recommends", "chromium", "fonts-liberation"])?;
    Ok(())
}
