//! A server under a wrapper, whose answers and log are looked at.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::support::process::eventually;

const PASSWORD: &str = "correct horse battery";

/// A command that becomes `binnacle serve` for a data folder. `wrapper` is a program with its
/// arguments that runs the rest.
pub fn serve(wrapper: &[&str], data: &Path, database: Option<&str>) -> Command {
    let binary = env!("CARGO_BIN_EXE_binnacle");
    let mut command = match wrapper {
        [] => Command::new(binary),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(binary);
            command
        }
    };
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--data"]).arg(data);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    command.env("BINNACLE_ADMIN_PASSWORD", PASSWORD).kill_on_drop(true).stdin(Stdio::null());
    command
}

pub struct Server {
    pub child: Child,
    pub url: String,
    log: Arc<Mutex<Vec<String>>>,
    client: Client,
    token: String,
    pub script: i64,
}

/// Status and body.
pub type Answer = (u16, Value);

fn collect(stream: impl AsyncRead + Unpin + Send + 'static, into: Arc<Mutex<Vec<String>>>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            into.lock().unwrap().push(line);
        }
    });
}

impl Server {
    /// `None`: the wrapper is not to be had here.
    pub async fn start(mut command: Command) -> Option<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::default();
        let said = Arc::default();
        collect(child.stderr.take().unwrap(), Arc::clone(&log));
        collect(child.stdout.take().unwrap(), Arc::clone(&said));
        let address = |lines: &Mutex<Vec<String>>| {
            let lines = lines.lock().unwrap();
            lines.iter().find_map(|line| line.strip_prefix("Binnacle is at ")).map(|url| url.trim().to_owned())
        };
        let mut child = Some(child);
        let found = eventually("the server", || {
            let ended = child.as_mut().unwrap().try_wait().unwrap().is_some();
            let url = address(&said);
            async move { if ended { Some(None) } else { url.map(Some) } }
        })
        .await;
        let Some(url) = found else {
            println!("skipped: {:?}", log.lock().unwrap());
            return None;
        };
        let client = Client::new();
        let body = json!({"identity": "admin", "password": PASSWORD});
        let answer = client.post(format!("{url}/api/v2/login")).body(body.to_string()).send().await.unwrap();
        let state: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let token = state["token"].as_str().unwrap().to_owned();
        let mut server = Self { child: child.unwrap(), url, log, client, token, script: 0 };
        let (_, scripts) = server.get("scripts").await;
        server.script = match scripts["results"][0]["id"].as_i64() {
            Some(id) => id,
            None => server.write_script("first", 10).await.1["id"].as_i64().unwrap(),
        };
        Some(server)
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> Answer {
        let request = self.client.request(method, format!("{}/api/{path}", self.url)).bearer_auth(&self.token);
        let answer = request.body(body).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, &format!("v2/{path}"), String::new()).await
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// An answer that comes bit by bit.
    pub async fn stream(&self, path: &str) -> reqwest::Response {
        let url = format!("{}/api/v2/{path}", self.url);
        self.client.get(url).bearer_auth(&self.token).send().await.unwrap()
    }

    pub async fn legacy(&self, action: &str) -> Answer {
        self.ask(Method::POST, &format!("?action={action}&version=2011-08-01"), String::new()).await
    }

    /// A script of so many bytes.
    pub async fn write_script(&self, title: &str, bytes: usize) -> Answer {
        let code = format!("#!/bin/sh\necho {}", "x".repeat(bytes));
        let code = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code);
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("title", title), ("code", &code), ("script_type", "V2")])
            .finish();
        self.ask(Method::POST, "?action=CreateScript&version=2011-08-01", form).await
    }

    pub fn profile(&self, title: &str, trigger: &Value) -> Value {
        json!({
            "title": title, "script_id": self.script, "username": "root", "time_limit": 60,
            "all_computers": true, "trigger": trigger,
        })
    }

    pub async fn make_profile(&self, title: &str, trigger: &Value) -> Answer {
        self.ask(Method::POST, "v2/script-profiles", self.profile(title, trigger).to_string()).await
    }

    /// How many profiles or scripts have exactly this title.
    pub async fn count(&self, list: &str, title: &str) -> usize {
        let (status, page) = self.get(&format!("{list}?limit=1000")).await;
        assert_eq!(status, 200, "{page}");
        page["results"].as_array().unwrap().iter().filter(|item| item["title"] == title).count()
    }

    /// A line of the log that holds these words.
    pub async fn logged(&self, words: &str) {
        eventually(words, || async {
            let log = self.log.lock().unwrap();
            log.iter().any(|line| line.contains(words)).then_some(())
        })
        .await;
    }
}

/// The body of the Landscape API for a database that is not to be used.
pub fn assert_unavailable((status, body): &Answer, words: &str) {
    assert_eq!(*status, 503, "{body}");
    assert_eq!((&body["error"], &body["code"]), (&json!("ServiceUnavailable"), &json!(503)), "{body}");
    assert!(body["message"].as_str().unwrap().contains(words), "{body}");
}
