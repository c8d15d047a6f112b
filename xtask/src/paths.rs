//! Where things are in the workspace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders and files of one checkout.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Cargo sets the variable for `cargo run`, and so for the alias `cargo xtask`. The path
    /// from compile time would be wrong after the checkout has moved.
    pub fn locate() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .context("start this with `cargo xtask`, which says where the workspace is")?;
        let root = Path::new(&manifest).parent().context("the xtask package has no folder above it")?.to_path_buf();
        Ok(Self { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn join(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo builds to, which a variable may have moved.
    pub fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.join("target"),
        }
    }

    /// Programs that `cargo install` put below the workspace.
    pub fn cargo_tools(&self) -> PathBuf {
        self.join(".tools/cargo")
    }

    /// Files that remember what has been set up.
    pub fn stamps(&self) -> PathBuf {
        self.join(".tools/stamps")
    }

    pub fn dist(&self) -> PathBuf {
        self.join("frontend/dist")
    }

    pub fn binary(&self) -> PathBuf {
        self.target().join("release/binnacle")
    }
}
