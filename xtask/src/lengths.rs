//! Refuses source files that have grown too long: such a file has more than one reason to exist.

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;
use crate::shell;

const LINES_MAX: usize = 600;
const SOURCES: [&str; 6] = [".rs", ".ts", ".css", ".py", ".js", ".mjs"];

/// Looks at every source file that git knows, or would take.
pub fn check(workspace: &Workspace) -> Result<()> {
    let listed = shell::read(shell::command("git", workspace.root()).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut long = Vec::new();
    for name in listed.lines().filter(|name| SOURCES.iter().any(|end| name.ends_with(end))) {
        let path = workspace.join(name);
        // A file that was removed and not committed yet is listed all the same.
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        let lines = text.lines().count();
        if lines > LINES_MAX {
            long.push(format!("{name} has {lines} lines"));
        }
    }
    if !long.is_empty() {
        bail!("{}; at most {LINES_MAX} are allowed: ask what each file really is, and split it", long.join(", "));
    }
    Ok(())
}
