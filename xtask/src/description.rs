//! The description of the API, held against the standard and against a running server.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::counts::{self, Counts};
use crate::paths::Workspace;
use crate::python::Environment;
use crate::server::{self, PASSWORD, Server};
use crate::shell;

/// Checks the document, then makes requests from it and looks at each answer.
pub fn check(workspace: &Workspace) -> Result<Counts> {
    let python = Environment::of(workspace, "schemathesis")?;
    // The requests come from addresses of their own, so that none of them locks another out.
    let mut server = Server::start(workspace, "schemathesis", |command| {
        command.env("BINNACLE_HTTP_TRUSTED_PROXIES", "127.0.0.1");
    })?;
    let document = server.folder().join("openapi.json");
    let text = shell::read(shell::command(server::binary(workspace), workspace.root()).arg("openapi"))?;
    fs::write(&document, text).context("cannot keep the description")?;
    shell::run(shell::command(python.program("openapi-spec-validator"), workspace.root()).arg(&document))?;

    let folder = workspace.join("xtask/python/schemathesis");
    let statuses = server.folder().join("statuses.json");
    let mut run = shell::command(python.program("schemathesis"), &folder);
    run.arg("--config-file")
        .arg(folder.join("schemathesis.toml"))
        .arg("run")
        .arg(&document)
        .args(["--url", &server.url])
        // A stream that lasts, a switch after which all else is refused, and what would hand all
        // sign-ins to a directory or call whatever address was made up.
        .args(["--exclude-path-regex", r"^/api/v3\.1/(audit/stream|maintenance/\{action\}|ldap/test)$"])
        .args(["--exclude-operation-id", "post_conductor_ldap"])
        .env("PYTHONPATH", &folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BINNACLE_URL", &server.url)
        .env("BINNACLE_PASSWORD", PASSWORD)
        .env("BINNACLE_STATUSES", &statuses);
    let heard = shell::listen(&mut run)?;
    if !server.is_alive() {
        bail!("the server did not survive the requests");
    }
    let mut counts = counts::schemathesis(&heard.output);
    if !heard.success && counts.failed == 0 {
        bail!("schemathesis failed, see above");
    }
    // The document itself.
    counts.passed += 1;
    Ok(counts)
}
