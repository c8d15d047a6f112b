//! The binary: every part of Binnacle is a subcommand of it.

use std::process::ExitCode;

use binnacle::{
    agent::{AgentConfig, run_as::RunAs, supervise::Supervise},
    cli::{
        self,
        serve::{Serve, log_to_stderr},
        user::User,
    },
    config::Config,
};
use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "binnacle", version, about = "A fleet console, its server and its agent")]
enum Command {
    /// Run the server
    Serve(Serve),
    /// Manage the people who may log in
    User(User),
    /// Run the agent of this computer
    Agent(AgentConfig),
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
    #[command(hide = true)]
    Supervise(Supervise),
    #[command(hide = true)]
    RunAs(RunAs),
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("binnacle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        // Before anything starts a thread: this process is about to become another.
        Command::RunAs(arguments) => match cli::agent::run_as(&arguments)? {},
        Command::Supervise(arguments) => cli::agent::supervise(&arguments),
        Command::Serve(serve) => {
            let config = Config::load(&serve.flags)?;
            log_to_stderr(&config.log)?;
            runtime()?.block_on(cli::serve::serve(config))
        }
        Command::User(user) => runtime()?.block_on(cli::user::user(user)),
        Command::Openapi => cli::openapi::print(),
        Command::Agent(config) => {
            log_to_stderr(&config.log)?;
            runtime()?.block_on(cli::agent::agent(config))
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
