//! The console: what a browser has to load, and how long until one can work.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::process::Command;

use crate::server::{PASSWORD, Server};

/// A file as it is and as it is sent.
#[derive(Debug)]
pub struct File {
    pub name: String,
    pub raw: u64,
    pub brotli: u64,
}

/// The files of the built console, the largest first.
pub fn files(folder: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let brotli = folder.join(format!("{name}.br"));
        if brotli.is_file() {
            files.push(File { name, raw: entry.metadata()?.len(), brotli: brotli.metadata()?.len() });
        }
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.brotli));
    Ok(files)
}

/// What the browser saw, in milliseconds and bytes.
#[derive(Debug)]
pub struct Seen {
    /// Until one can sign in.
    pub sign_in: f64,
    /// Until the list of computers shows its rows.
    pub computers: f64,
    /// Bytes that the first load took.
    pub bytes: f64,
}

/// Opens the console in Chromium, each time with nothing kept, over a slow line.
pub async fn open(server: &Server, chromium: &Path, script: &Path, times: usize) -> Result<Seen> {
    let output = Command::new("node")
        .arg(script)
        .env("BENCH_URL", format!("http://{}", server.address))
        .env("BENCH_PASSWORD", PASSWORD)
        .env("BENCH_CHROMIUM", chromium)
        .env("BENCH_TIMES", times.to_string())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("cannot start node")?;
    if !output.status.success() {
        bail!("the browser could not be measured, see above");
    }
    let seen: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| seen[name].as_f64().with_context(|| format!("no {name} in {seen}"));
    Ok(Seen { sign_in: number("sign_in")?, computers: number("computers")?, bytes: number("bytes")? })
}
