//! `cargo xtask …`: sets up what the workspace needs, builds it, runs it and tests it.

mod apt;
mod bench;
mod browser;
mod build;
mod clients;
mod console;
mod counts;
mod description;
mod lengths;
mod node;
mod paths;
mod postgres;
mod python;
mod run;
mod server;
mod shell;
mod site;
mod slapd;
mod stages;
mod stamp;
mod test;
mod timing;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::paths::Workspace;

const HELP: &str = "\
Usage: cargo xtask <command>

  run [ARGUMENT…]        build everything, then start the server on 127.0.0.1:8080
                         with its data in ./data and an agent for this machine;
                         arguments go to `binnacle serve` and win over these
  build                  build target/release/binnacle, the console inside
  console                build frontend/dist alone; a debug server reads it from there
  check                  formatting and lints
  test [--only STAGE…]   everything, or only the named stages
  bench [--quick]        measure the release server; takes some minutes
  postgres COMMAND…      run a command with a PostgreSQL for the tests beside it
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::locate()?;
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    match command {
        "run" => run::run(&workspace, rest),
        "build" => {
            refuse_arguments(command, rest)?;
            build::everything(&workspace)?;
            Ok(ExitCode::SUCCESS)
        }
        "console" => {
            refuse_arguments(command, rest)?;
            build::console(&workspace)?;
            Ok(ExitCode::SUCCESS)
        }
        "check" => {
            refuse_arguments(command, rest)?;
            Ok(test::run(&workspace, &stages::CHECKS))
        }
        "test" => Ok(test::run(&workspace, &test::selection(rest)?)),
        "bench" => bench::run(&workspace, rest),
        "postgres" => postgres::beside(&workspace, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            println!("\nStages: {}", stages::names().join(", "));
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    }
}

fn refuse_arguments(command: &str, rest: &[String]) -> Result<()> {
    match rest.first() {
        Some(extra) => bail!("`{command}` takes no arguments, but was given `{extra}`"),
        None => Ok(()),
    }
}
