//! The browser for the end-to-end tests.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::paths::Workspace;
use crate::timing::step;
use crate::{apt, node, shell};

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const HOW_TO_INSTALL: &str = "install Chromium (Debian, as root: apt-get install chromium)";

/// The system's Chromium, installed when that is possible; `None` stands for Playwright's own.
pub fn chromium(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if let Some(found) = installed() {
        return Ok(Some(found));
    }
    // Without a font the browser draws no text, and the screenshots show none.
    if apt::install(workspace, &["chromium", "fonts-liberation"]).context(HOW_TO_INSTALL)?
        && let Some(found) = installed()
    {
        return Ok(Some(found));
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
