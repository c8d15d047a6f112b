//! Builds the console and the binary that carries it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::paths::Workspace;
use crate::stamp::{self, Stamp};
use crate::timing::step;
use crate::{console, shell, tools};

/// What the console is made of.
const SOURCES: [&str; 9] = [
    "frontend",
    "shared",
    "style",
    "Cargo.lock",
    "Cargo.toml",
    ".cargo/config.toml",
    "rust-toolchain.toml",
    "xtask/src/console.rs",
    "xtask/src/site.rs",
];

/// The whole product: `target/release/binnacle`.
pub fn everything(workspace: &Workspace) -> Result<()> {
    console(workspace)?;
    server(workspace)?;
    println!("Built {}", workspace.binary().display());
    Ok(())
}

/// The console, optimised, into `frontend/dist`; nothing is done when its sources are the same.
pub fn console(workspace: &Workspace) -> Result<()> {
    tools::for_build(workspace)?;
    let sources: Vec<PathBuf> = SOURCES.iter().map(|source| workspace.join(source)).collect();
    let fingerprint = stamp::tree(sources.iter().map(PathBuf::as_path))?;
    let stamp = Stamp::new(workspace, "console");
    if stamp.matches(fingerprint) && workspace.dist().join("index.html").is_file() {
        println!("── console: unchanged");
        return Ok(());
    }
    console::build(workspace)?;
    stamp.write(fingerprint)
}

/// The binary, in release mode. Cargo itself knows what has changed.
pub fn server(workspace: &Workspace) -> Result<()> {
    fs::create_dir_all(workspace.dist()).context("cannot make frontend/dist")?;
    step("server (cargo build --release)", || {
        shell::run(shell::cargo(workspace.root()).args(["build", "--release", "--locked", "--package", "binnacle"]))
    })
}
