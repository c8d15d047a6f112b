//! The real binary as a process that can be killed.

use std::path::Path;
use std::process::Stdio;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const PASSWORD: &str = "correct horse battery";

/// A running `binnacle serve`.
pub struct ServerProcess {
    child: Child,
    pub url: String,
}

impl ServerProcess {
    /// Starts it and waits until it says that it listens. `listen` is kept over restarts, so that
    /// agents find it again.
    pub async fn start(listen: &str, data: &Path, database: Option<&str>, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_binnacle"));
        command.args(["serve", "--listen", listen, "--log", "warn", "--data"]).arg(data).args(more);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.env("BINNACLE_ADMIN_PASSWORD", PASSWORD).kill_on_drop(true);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(url) = line.strip_prefix("Binnacle is at ") {
                let url = url.trim().to_owned();
                return Self { child, url };
            }
        }
        panic!("the server ended before it listened");
    }

    pub fn listen(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// `kill -9`, and waits until the process is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(mut self) -> std::process::ExitStatus {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        let pid = nix::unistd::Pid::from_raw(pid);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.child.wait().await.unwrap()
    }

    pub async fn sign_in(&self) -> Session {
        let client = Client::new();
        let body = json!({"identity": "admin", "password": PASSWORD});
        let answer = client.post(format!("{}/api/v2/login", self.url)).body(body.to_string()).send().await.unwrap();
        let state: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        Session { client, url: self.url.clone(), token: state["token"].as_str().unwrap().to_owned() }
    }
}

/// Starts `binnacle agent` for the server at an address.
pub fn start_agent(server: &str, data: &Path, key: &str, tags: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_binnacle"))
        .args(["agent", "--server", &format!("http://{server}"), "--account", "standalone", "--tags", tags, "--data"])
        .arg(data)
        .env("BINNACLE_AGENT_REGISTRATION_KEY", key)
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Somebody with a bearer token. Tokens outlive the server that made them.
#[derive(Clone)]
pub struct Session {
    client: Client,
    url: String,
    token: String,
}

impl Session {
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let mut request = self.client.request(method, format!("{}/api/{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(matches!(status, StatusCode::OK | StatusCode::CREATED), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.send(Method::POST, path, Some(body)).await
    }

    /// The status of an answer; none came when the server went away meanwhile.
    pub async fn attempt(&self, path: &str, body: Value) -> Option<u16> {
        let request = self.client.post(format!("{}/api/{path}", self.url)).bearer_auth(&self.token);
        let answer = request.body(body.to_string()).send().await.ok()?;
        let status = answer.status().as_u16();
        answer.text().await.ok().map(|_| status)
    }

    pub async fn legacy(&self, action: &str, parameters: &[(&str, &str)]) -> Value {
        let request = self
            .client
            .post(format!("{}/api/?action={action}&version=2011-08-01", self.url))
            .bearer_auth(&self.token)
            .form(parameters);
        let text = request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Follows an activity's stream until it is final, and gives its last state.
    pub async fn until_final(&self, activity: i64) -> Value {
        let url = format!("{}/api/v2/activities/{activity}/stream", self.url);
        let mut answer = self.client.get(url).bearer_auth(&self.token).send().await.unwrap();
        let mut text = String::new();
        loop {
            let chunk = answer.chunk().await.unwrap().expect("the stream ended before the activity did");
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data:"));
                let state: Option<Value> = data.and_then(|data| serde_json::from_str(data.trim()).ok());
                if let Some(state) = state.filter(|state| state["id"] == activity)
                    && ["succeeded", "failed", "canceled"].contains(&state["activity_status"].as_str().unwrap_or(""))
                {
                    return state;
                }
                text = rest.to_owned();
            }
        }
    }
}

/// Asks until the answer is there. The API has no event for what these tests wait for (a file
/// that a script writes, a run that a restarted server starts), so it is asked often.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let patience = std::time::Duration::from_mins(1);
    let found = tokio::time::timeout(patience, async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
