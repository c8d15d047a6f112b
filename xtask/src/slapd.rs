//! OpenLDAP's server for the tests of signing in through a directory. Each of them starts its own.

use std::path::Path;

use anyhow::Result;

use crate::paths::Workspace;
use crate::{apt, shell};

/// Installs it where that is possible. Where it is not, the tests that need it say so themselves.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    if installed() || apt::install(workspace, &["slapd"])? {
        return Ok(());
    }
    println!("There is no slapd, so the tests that need one will fail (Debian, as root: apt-get install slapd)");
    Ok(())
}

/// Debian keeps it where only root's `PATH` leads.
fn installed() -> bool {
    shell::find("slapd").is_some()
        || ["/usr/sbin/slapd", "/usr/local/sbin/slapd"].iter().any(|path| Path::new(path).is_file())
}
