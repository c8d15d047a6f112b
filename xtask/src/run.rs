//! Builds everything and becomes the server.

use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::paths::Workspace;
use crate::{build, shell};

/// Options and their values that hold unless the caller gives the same option.
const DEFAULTS: [(&str, Option<&str>); 3] =
    [("--listen", Some("127.0.0.1:8080")), ("--data", Some("./data")), ("--local-agent", None)];

/// Ends only with an error: the server takes the place of this process, so that signals and
/// its exit code need no forwarding.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    build::everything(workspace)?;
    let mut server = shell::command(workspace.binary(), workspace.root());
    server.arg("serve").args(with_defaults(arguments));
    Err(server.exec()).context("cannot start the server")
}

fn with_defaults(arguments: &[String]) -> Vec<String> {
    // As with other programs, `--` may stand between our arguments and those passed on.
    let arguments = match arguments.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => arguments,
    };
    let mut all = Vec::new();
    for (option, value) in DEFAULTS {
        let assigned = format!("{option}=");
        if arguments.iter().any(|given| given == option || given.starts_with(&assigned)) {
            continue;
        }
        all.push(option.to_owned());
        all.extend(value.map(str::to_owned));
    }
    all.extend_from_slice(arguments);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_callers_options_win() {
        assert_eq!(with_defaults(&[]), words("--listen 127.0.0.1:8080 --data ./data --local-agent"));
        assert_eq!(
            with_defaults(&words("-- --listen=0.0.0.0:1 --data /srv/b")),
            words("--local-agent --listen=0.0.0.0:1 --data /srv/b")
        );
    }
}
