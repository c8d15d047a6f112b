//! Measures the release server; the measuring itself is the package `binnacle-bench`.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;
use crate::timing::step;
use crate::{browser, build, node, shell};

pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    if let Some(other) = arguments.iter().find(|argument| *argument != "--quick") {
        bail!("`bench` does not know `{other}`; it takes `--quick`");
    }
    build::everything(workspace)?;
    step("bench (cargo build --release)", || {
        shell::run(shell::cargo(workspace.root()).args([
            "build",
            "--release",
            "--locked",
            "--package",
            "binnacle-bench",
        ]))
    })?;
    node::packages(workspace, "e2e")?;
    let chromium = browser::chromium(workspace)?;
    let folder = std::env::temp_dir().join(format!("binnacle-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut bench = shell::command(workspace.target().join("release/binnacle-bench"), workspace.root());
    bench.arg("run").arg("--binary").arg(workspace.binary()).arg("--console").arg(workspace.dist());
    bench.arg("--usable").arg(workspace.join("bench/usable.mjs")).arg("--folder").arg(&folder).args(arguments);
    if let Some(chromium) = chromium {
        bench.arg("--chromium").arg(chromium);
    }
    let done = shell::run(&mut bench);
    if let Err(error) = fs::remove_dir_all(&folder) {
        eprintln!("cannot remove {}: {error}", folder.display());
    }
    done.map(|()| ExitCode::SUCCESS)
}
