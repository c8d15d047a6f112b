//! The server that is measured: a process of its own on a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::http::{Connection, request};
use crate::measure::now;

/// The administrator's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    /// From starting the process to its first answer.
    pub started_in: Duration,
}

impl Server {
    pub async fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let before = now();
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--data"])
            .arg(folder)
            .env("BINNACLE_ADMIN_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix("Binnacle is at http://") {
                let address = address.trim().to_owned();
                let mut connection = Connection::open(&address).await?;
                connection.succeed(&request("GET", "/api/v2/about", &[], b"")).await?;
                return Ok(Self { child, address, started_in: before.elapsed() });
            }
        }
        bail!("the server ended before it listened");
    }

    /// Ends it as an administrator would, and waits until it has ended.
    pub async fn stop(mut self) -> Result<()> {
        let id = self.child.id().context("it has ended already")?;
        Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        self.child.wait().await?;
        Ok(())
    }

    /// The memory it has now, in MiB.
    pub fn memory(&self) -> Result<f64> {
        self.status_line("VmRSS:")
    }

    /// The most memory it had since [`Self::forget_peak`], in MiB.
    pub fn peak_memory(&self) -> Result<f64> {
        self.status_line("VmHWM:")
    }

    pub fn forget_peak(&self) -> Result<()> {
        std::fs::write(self.proc("clear_refs")?, "5").context("cannot reset the peak of memory")
    }

    fn proc(&self, name: &str) -> Result<PathBuf> {
        let id = self.child.id().context("it has ended already")?;
        Ok(PathBuf::from(format!("/proc/{id}/{name}")))
    }

    fn status_line(&self, name: &str) -> Result<f64> {
        let status = std::fs::read_to_string(self.proc("status")?)?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes / 1024.0)
    }

    /// Logs in as the administrator.
    pub async fn log_in(&self) -> Result<Client> {
        let mut connection = Connection::open(&self.address).await?;
        let body = serde_json::json!({"identity": "admin", "password": PASSWORD}).to_string();
        let answer = connection.succeed(&request("POST", "/api/v2/login", &[], body.as_bytes())).await?;
        let answer: serde_json::Value = serde_json::from_slice(answer)?;
        let token = answer["token"].as_str().context("a login without a token")?;
        Ok(Client { connection, authorization: format!("Bearer {token}") })
    }
}

/// An administrator's connection.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    pub authorization: String,
}

impl Client {
    pub async fn call(&mut self, method: &str, path: &str, body: &str) -> Result<serde_json::Value> {
        let headers = [("authorization", self.authorization.as_str())];
        let bytes = request(method, path, &headers, body.as_bytes());
        let answer = self.connection.succeed(&bytes).await?;
        Ok(if answer.is_empty() { serde_json::Value::Null } else { serde_json::from_slice(answer)? })
    }

    /// An action of the query API.
    pub async fn action(&mut self, name: &str, parameters: &[(&str, &str)]) -> Result<serde_json::Value> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("action", name).append_pair("version", "2011-08-01").extend_pairs(parameters);
        self.call("POST", "/api/", &form.finish()).await
    }
}
