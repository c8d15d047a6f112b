//! Public clients, as they come from their registry, against the release server and a real agent.

use anyhow::{Result, bail};

use crate::counts::{self, Counts};
use crate::paths::Workspace;
use crate::python::Environment;
use crate::server::{PASSWORD, Server};
use crate::shell;

/// Runs the suite in `clients/landscape_api`.
pub fn check(workspace: &Workspace) -> Result<Counts> {
    let python = Environment::of(workspace, "landscape-api")?;
    let mut server = Server::start(workspace, "clients", |command| {
        command.arg("--local-agent");
    })?;
    let folder = workspace.join("clients/landscape_api");
    let mut run = shell::command(python.program("python"), &folder);
    run.args(["-m", "unittest", "--verbose"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BINNACLE_URL", &server.url)
        .env("BINNACLE_PASSWORD", PASSWORD);
    let heard = shell::listen(&mut run)?;
    if !server.is_alive() {
        bail!("the server did not survive the requests");
    }
    let counts = counts::unittest(&heard.output);
    if counts == Counts::default() {
        bail!("no test was run");
    }
    if !heard.success && counts.failed == 0 {
        bail!("the runner failed, see above");
    }
    Ok(counts)
}
