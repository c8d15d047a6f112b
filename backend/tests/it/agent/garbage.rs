//! Servers that answer nonsense: the agent keeps trying, further and further apart, and says why.

use std::{path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStderr, Command},
};

struct Agent {
    _child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Agent {
    fn start(server: &str, data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_binnacle"))
            .args(["agent", "--server", server, "--data"])
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { _child: child, log }
    }

    /// The next exchange that failed: why, and how long the agent waits.
    async fn failure(&mut self) -> (String, u64) {
        let next = async {
            loop {
                let line = self.log.next_line().await.unwrap().expect("the agent ended");
                let line: serde_json::Value = serde_json::from_str(&line).unwrap();
                let fields = &line["fields"];
                if fields["message"] == "exchange failed" {
                    let pause = fields["pause_ms"].to_string().trim_matches('"').parse().unwrap();
                    return (fields["error"].as_str().unwrap().to_owned(), pause);
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), next).await.expect("the agent tries no more")
    }
}

/// Reads a request as far as its head, and answers.
async fn answer(mut stream: TcpStream, answer: &[u8]) {
    let mut seen = Vec::new();
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).await.unwrap();
        if length == 0 {
            return;
        }
        seen.extend_from_slice(&buffer[..length]);
    }
    // The agent may hang up in the middle of a long answer.
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
}

#[tokio::test]
async fn every_kind_of_nonsense_is_named_and_waited_out() {
    let page = "<html>maintenance</html>";
    let ok =
        |body: &[u8]| [format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat();
    let answers: Vec<(Vec<u8>, &str)> = vec![
        (ok(page.as_bytes()), "unreadable"),
        (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec(), "503"),
        (ok(b"d;"), "server-uuid"),
        (ok(b""), "unreadable"),
        (b"HTTP/1.1 500 Oh\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\noops".to_vec(), "500"),
        (b"SSH-2.0-OpenSSH_9\r\n".to_vec(), "error sending request"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\ndu".to_vec(), "error"),
    ];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut agent = Agent::start(&format!("http://{address}"), directory.path());
    let mut longest = 0;
    for (nonsense, reason) in answers {
        let (stream, _) = listener.accept().await.unwrap();
        answer(stream, &nonsense).await;
        let (error, pause) = agent.failure().await;
        assert!(error.contains(reason), "{reason}: {error}");
        // A pause is at least three quarters of its length, and each is twice the one before.
        assert!(pause * 4 >= longest * 3 && pause <= 60_000, "{pause} after {longest}");
        longest = longest.max(pause);
        if longest > 3000 {
            break;
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_no_server_with_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut agent = Agent::start(&format!("https://{address}"), directory.path());
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut buffer = [0; 1024];
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    drop(stream);
    let (error, _) = agent.failure().await;
    assert!(error.contains(&format!("https://{address}/message-system")), "{error}");
    // Nobody there at all.
    drop(listener);
    loop {
        let (error, _) = agent.failure().await;
        if error.contains("Connection refused") {
            return;
        }
    }
}
