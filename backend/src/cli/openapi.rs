//! `binnacle openapi`

use std::io::Write;
use std::process::ExitCode;

use crate::api::openapi::document;

/// Prints the description of the API.
pub fn print() -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &document())?;
    writeln!(out)?;
    Ok(ExitCode::SUCCESS)
}
