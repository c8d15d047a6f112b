//! What `cargo xtask test` does, stage by stage.

use anyhow::{Result, bail};

use crate::counts::{self, Counts};
use crate::paths::Workspace;
use crate::postgres::{self, Server};
use crate::shell::{self, Heard};
use crate::{browser, build, clients, description, lengths, node, slapd, tools};

/// One part of the test run.
pub struct Stage {
    pub name: &'static str,
    pub title: &'static str,
    /// The stage that has to succeed before this one.
    pub needs: Option<&'static str>,
    pub work: fn(&Workspace) -> Result<Outcome>,
}

/// How a stage ended that did not break off.
pub enum Outcome {
    Passed,
    Counted(Counts),
}

const FORMAT: Stage = stage("format", "rustfmt, and the length of files", format);
const CLIPPY: Stage = stage("clippy", "lints, warnings are errors", clippy);

/// The quick ones fail first.
pub const ALL: [Stage; 10] = [
    FORMAT,
    CLIPPY,
    stage("deny", "licences, duplicates and sources of dependencies", deny),
    stage("native", "unit and integration tests, on SQLite and PostgreSQL", native),
    stage("wasm", "the shared rules, compiled for the browser", wasm),
    stage("build", "console and release binary", release),
    Stage { needs: Some("build"), ..stage("schemathesis", "the API description, tried out", described) },
    Stage { needs: Some("build"), ..stage("clients", "public clients against the release binary", clients) },
    stage("types", "types of the end-to-end tests", types),
    Stage { needs: Some("build"), ..stage("e2e", "the release binary in a browser", end_to_end) },
];

pub const CHECKS: [&Stage; 2] = [&FORMAT, &CLIPPY];

pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|stage| stage.name).collect()
}

const fn stage(name: &'static str, title: &'static str, work: fn(&Workspace) -> Result<Outcome>) -> Stage {
    Stage { name, title, needs: None, work }
}

fn format(workspace: &Workspace) -> Result<Outcome> {
    shell::run(shell::cargo(workspace.root()).args(["fmt", "--all", "--check"]))?;
    lengths::check(workspace)?;
    Ok(Outcome::Passed)
}

fn clippy(workspace: &Workspace) -> Result<Outcome> {
    tools::wasm_target(workspace)?;
    let lint = |selection: &[&str]| {
        let mut clippy = shell::cargo(workspace.root());
        clippy.args(["clippy", "--locked"]).args(selection).args(["--", "--deny", "warnings"]);
        shell::run(&mut clippy)
    };
    lint(&["--workspace", "--exclude", "binnacle-console", "--all-targets"])?;
    lint(&["--package", "binnacle-console", "--target", tools::WASM])?;
    // A workspace of their own, which would else go stale unnoticed. In the same target folder, where
    // nearly all that they depend on has just been checked.
    let mut targets = shell::cargo(&workspace.join("fuzz"));
    targets.env("CARGO_TARGET_DIR", workspace.target()).args(["check", "--locked", "--bins"]);
    shell::run(&mut targets)?;
    Ok(Outcome::Passed)
}

fn deny(workspace: &Workspace) -> Result<Outcome> {
    let deny = tools::deny(workspace)?;
    // The advisories are news, not a property of this commit: they would make an old one fail.
    shell::run(shell::command(deny, workspace.root()).args(["--locked", "check", "bans", "licenses", "sources"]))?;
    Ok(Outcome::Passed)
}

fn native(workspace: &Workspace) -> Result<Outcome> {
    slapd::ensure(workspace)?;
    let mut cargo = shell::cargo(workspace.root());
    let server = if std::env::var_os(postgres::URL).is_some() { None } else { Some(Server::start(workspace)?) };
    if let Some(server) = &server {
        cargo.env(postgres::URL, server.url());
    }
    let nextest = shell::read(shell::cargo(workspace.root()).args(["nextest", "--version"])).is_ok();
    cargo.args(if nextest { &["nextest", "run"][..] } else { &["test"] });
    cargo.args(["--workspace", "--locked", "--no-fail-fast"]);
    let heard = shell::listen(&mut cargo)?;
    drop(server);
    tally(&heard, if nextest { counts::nextest } else { counts::libtest })
}

fn wasm(workspace: &Workspace) -> Result<Outcome> {
    tools::wasm_target(workspace)?;
    tools::wasm_bindgen(workspace)?;
    let runner = workspace.cargo_tools().join("bin/wasm-bindgen-test-runner");
    let heard = shell::listen(
        shell::cargo(workspace.root()).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner).args([
            "test",
            "--package",
            "binnacle-shared",
            "--target",
            tools::WASM,
            "--locked",
            "--no-fail-fast",
        ]),
    )?;
    tally(&heard, counts::libtest)
}

fn release(workspace: &Workspace) -> Result<Outcome> {
    build::everything(workspace)?;
    Ok(Outcome::Passed)
}

fn described(workspace: &Workspace) -> Result<Outcome> {
    description::check(workspace).map(Outcome::Counted)
}

fn clients(workspace: &Workspace) -> Result<Outcome> {
    clients::check(workspace).map(Outcome::Counted)
}

fn types(workspace: &Workspace) -> Result<Outcome> {
    node::packages(workspace, "e2e")?;
    let compiler = node::bin(workspace, "e2e").join("tsc");
    shell::run(shell::command(compiler, &workspace.join("e2e")).arg("--noEmit"))?;
    Ok(Outcome::Passed)
}

fn end_to_end(workspace: &Workspace) -> Result<Outcome> {
    node::packages(workspace, "e2e")?;
    let mut playwright = shell::command(node::bin(workspace, "e2e").join("playwright"), &workspace.join("e2e"));
    playwright.arg("test").env("BINNACLE_BINARY", workspace.binary());
    if let Some(chromium) = browser::chromium(workspace)? {
        playwright.env("E2E_CHROMIUM", chromium);
    }
    tally(&shell::listen(&mut playwright)?, counts::playwright)
}

/// A runner that is unhappy without naming a failed test did not get as far as the tests, and
/// one that ran none has been started the wrong way.
fn tally(heard: &Heard, count: fn(&str) -> Counts) -> Result<Outcome> {
    let counts = count(&heard.output);
    if !heard.success && counts.failed == 0 {
        bail!("the runner failed, see above");
    }
    if counts == Counts::default() {
        bail!("no test was run");
    }
    Ok(Outcome::Counted(counts))
}
