//! Installs what a build needs, once, below the workspace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;
use crate::timing::step;
use crate::{node, shell};

pub const WASM: &str = "wasm32-unknown-unknown";

/// Checks licences and sources of the dependencies.
const DENY: &str = "0.20.2";

/// What the console build needs.
pub fn for_build(workspace: &Workspace) -> Result<()> {
    wasm_target(workspace)?;
    wasm_bindgen(workspace)?;
    node::packages(workspace, "frontend")
}

/// The standard library for the browser.
pub fn wasm_target(workspace: &Workspace) -> Result<()> {
    let sysroot = shell::read(shell::command("rustc", workspace.root()).args(["--print", "sysroot"]))
        .context("install Rust with rustup, see https://rustup.rs")?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    if shell::find("rustup").is_none() {
        bail!(
            "this Rust has no {WASM} target and there is no rustup to add it; install Rust with rustup, see https://rustup.rs"
        );
    }
    step(&format!("rustup target add {WASM}"), || {
        shell::run(shell::command("rustup", workspace.root()).args(["target", "add", WASM]))
    })
}

/// Makes the glue between JavaScript and wasm. Its version has to be that of the crate.
pub fn wasm_bindgen(workspace: &Workspace) -> Result<()> {
    let lock = fs::read_to_string(workspace.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?;
    cargo_install(workspace, "wasm-bindgen-cli", "wasm-bindgen", version)
}

/// Checks licences and sources of the dependencies.
pub fn deny(workspace: &Workspace) -> Result<PathBuf> {
    cargo_install(workspace, "cargo-deny", "cargo-deny", DENY)?;
    Ok(workspace.cargo_tools().join("bin/cargo-deny"))
}

fn cargo_install(workspace: &Workspace, package: &str, program: &str, version: &str) -> Result<()> {
    let root = workspace.cargo_tools();
    let installed = shell::read(Command::new(root.join("bin").join(program)).arg("--version"));
    if installed.is_ok_and(|line| line.split_whitespace().nth(1) == Some(version)) {
        return Ok(());
    }
    step(&format!("cargo install {package} {version} (once; takes some minutes)"), || {
        shell::run(
            // Outside of the workspace's target folder settings: a tool shares nothing with it.
            shell::cargo(workspace.root())
                .env_remove("CARGO_TARGET_DIR")
                .args(["install", "--locked", "--force", "--root"])
                .arg(&root)
                .args(["--version", version, package]),
        )
    })
}

/// The version of a package that stands once in Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_exact_package_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.126\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.126"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
