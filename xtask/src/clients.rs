//! Public clients, as they come from their registry, against the release server.

use std::process::Command;

use anyhow::{Result, bail};

use crate::counts::{self, Counts};
use crate::paths::Workspace;
use crate::python::Environment;
use crate::server::{PASSWORD, Server};
use crate::{shell, slapd};

/// A client with its suite in `clients`.
struct Client {
    /// The folder of the suite.
    suite: &'static str,
    /// The list of packages.
    packages: &'static str,
    configure: fn(&mut Command),
}

const CLIENTS: [Client; 2] = [
    // It looks at a real agent beside the server.
    Client {
        suite: "landscape_api",
        packages: "landscape-api",
        configure: |command| {
            command.arg("--local-agent");
        },
    },
    Client { suite: "cloudify", packages: "cloudify", configure: |_| {} },
];

/// Runs the suites, each against a server of its own.
pub fn check(workspace: &Workspace) -> Result<Counts> {
    // People sign in through a directory in one of them.
    slapd::ensure(workspace)?;
    let mut counts = Counts::default();
    for client in &CLIENTS {
        println!("\n━ {}", client.suite);
        counts += run(workspace, client)?;
    }
    Ok(counts)
}

fn run(workspace: &Workspace, client: &Client) -> Result<Counts> {
    let python = Environment::of(workspace, client.packages)?;
    let mut server = Server::start(workspace, client.suite, client.configure)?;
    let folder = workspace.join("clients").join(client.suite);
    let mut run = shell::command(python.program("python"), &folder);
    run.args(["-m", "unittest", "--verbose"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BINNACLE_URL", &server.url)
        .env("BINNACLE_PASSWORD", PASSWORD);
    let heard = shell::listen(&mut run)?;
    if !server.is_alive() {
        bail!("the server did not survive the requests of {}", client.suite);
    }
    let counts = counts::unittest(&heard.output);
    if counts == Counts::default() {
        bail!("no test of {} was run", client.suite);
    }
    if !heard.success && counts.failed == 0 {
        bail!("the runner of {} failed, see above", client.suite);
    }
    Ok(counts)
}
