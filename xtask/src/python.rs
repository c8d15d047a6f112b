//! Python packages for tests that drive the server from outside: one environment for each list of
//! requirements in `xtask/python`, so that their versions do not get into each other's way.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;
use crate::stamp::{self, Stamp};
use crate::timing::step;
use crate::{apt, shell};

/// Earlier ones lack what the packages need.
const OLDEST: (u32, u32) = (3, 10);

const HOW_TO_INSTALL: &str = "install Python 3.10 or later with venv (Debian: apt-get install python3 python3-venv)";

/// An environment with its packages.
#[derive(Debug)]
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The environment of `xtask/python/<name>.txt`, set up when it is missing or the list has changed.
    pub fn of(workspace: &Workspace, name: &str) -> Result<Self> {
        let environment = Self { folder: workspace.join(".tools/python").join(name) };
        let list = workspace.join("xtask/python").join(format!("{name}.txt"));
        let fingerprint = stamp::content(&list)?;
        let stamp_name = format!("python-{name}");
        let stamp = Stamp::new(workspace, &stamp_name);
        if stamp.matches(fingerprint) && environment.program("python").is_file() {
            return Ok(environment);
        }
        let python = python(workspace)?;
        step(&format!("Python packages for {name}"), || environment.make(workspace, &python, &list))?;
        stamp.write(fingerprint)?;
        Ok(environment)
    }

    /// A program of the environment: `python`, or one that a package brings.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    fn make(&self, workspace: &Workspace, python: &Path, list: &Path) -> Result<()> {
        let make = || {
            let mut venv = shell::command(python, workspace.root());
            shell::read(venv.args(["-m", "venv", "--clear"]).arg(&self.folder))
        };
        // Debian keeps the module apart from the language.
        if let Err(error) = make() {
            if !apt::install(workspace, &["python3-venv"])? {
                return Err(error).context(HOW_TO_INSTALL);
            }
            make().context(HOW_TO_INSTALL)?;
        }
        // The list names every package with its version; what one of them asks for is in it.
        shell::run(
            shell::command(self.program("python"), workspace.root())
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"])
                .arg(list),
        )?;
        shell::run(shell::command(self.program("python"), workspace.root()).args(["-m", "pip", "check"]))
    }
}

/// The system's Python, installed when that is possible.
fn python(workspace: &Workspace) -> Result<PathBuf> {
    if shell::find("python3").is_none() {
        apt::install(workspace, &["python3", "python3-venv"])?;
    }
    let python = shell::find("python3").context(HOW_TO_INSTALL)?;
    let version = shell::read(shell::command(&python, workspace.root()).arg("--version")).context(HOW_TO_INSTALL)?;
    if number(&version).is_none_or(|number| number < OLDEST) {
        bail!("{} is too old: {HOW_TO_INSTALL}", version.trim());
    }
    Ok(python)
}

fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim().strip_prefix("Python ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn reads_the_version() {
        assert_eq!(number("Python 3.11.7\n"), Some((3, 11)));
        assert_eq!(number("nonsense"), None);
    }
}
