//! A server that a test speaks for: each request waits until the test answers it.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, process::Stdio};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use binnacle::protocol::{
    ClientPayload, Message, ServerPayload, digest::type_digest, payload::ping_answer, script::OperationResult,
};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{mpsc, oneshot},
};

/// The types a computer may send once it is accepted.
pub const ACCEPTED: [&str; 4] = ["computer-info", "operation-output", "operation-result", "resynchronize"];

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Exchange {
    pub headers: HeaderMap,
    pub payload: ClientPayload,
    reply: oneshot::Sender<Option<ServerPayload>>,
}

impl Exchange {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn kinds(&self) -> Vec<&str> {
        self.payload.messages.iter().map(Message::kind).collect()
    }

    /// The number of the message that would follow those of this request.
    pub fn end(&self) -> i64 {
        self.payload.sequence + i64::try_from(self.payload.messages.len()).unwrap()
    }

    /// Answers with messages, confirming all that came.
    pub fn answer(self, messages: Vec<Message>) {
        let end = self.end();
        self.answer_wanting(Some(end), messages);
    }

    pub fn answer_wanting(self, next_expected_sequence: Option<i64>, messages: Vec<Message>) {
        let told = self.payload.client_accepted_types.clone();
        let answer = ServerPayload {
            server_uuid: "stub".into(),
            server_api: "3.3".into(),
            messages,
            next_expected_sequence,
            next_exchange_token: Some(b"token".to_vec()),
            // What was told once is remembered; the list of types never changes in these tests.
            client_accepted_types_hash: Some(told.map_or_else(types_of_agent, |types| type_digest(types).to_vec())),
        };
        self.reply.send(Some(answer)).unwrap();
    }

    /// Answers with an error of the server.
    pub fn fail(self) {
        self.reply.send(None).unwrap();
    }
}

fn types_of_agent() -> Vec<u8> {
    let names = [
        "accepted-types",
        "execute-script",
        "operation-output",
        "package-ids",
        "registration",
        "resynchronize",
        "set-id",
        "set-intervals",
        "unknown-id",
    ];
    type_digest(names).to_vec()
}

#[derive(Clone)]
struct Desk {
    exchanges: mpsc::UnboundedSender<Exchange>,
    pings: mpsc::UnboundedSender<oneshot::Sender<bool>>,
}

pub struct Stub {
    pub address: SocketAddr,
    exchanges: mpsc::UnboundedReceiver<Exchange>,
    pub pings: mpsc::UnboundedReceiver<oneshot::Sender<bool>>,
}

impl Stub {
    pub async fn start() -> Self {
        Self::start_with(Router::new()).await
    }

    /// One that answers more than exchanges and pings by itself.
    pub async fn start_with(more: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (exchange_sender, exchanges) = mpsc::unbounded_channel();
        let (ping_sender, pings) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/message-system", post(message_system))
            .route("/ping", post(ping))
            .with_state(Desk { exchanges: exchange_sender, pings: ping_sender })
            .merge(more);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, exchanges, pings }
    }

    /// The next exchange. An agent that does not call in a while has failed the test.
    pub async fn next(&mut self) -> Exchange {
        let next = tokio::time::timeout(std::time::Duration::from_secs(30), self.exchanges.recv());
        next.await.expect("no exchange came").unwrap()
    }

    /// Answers exchanges without messages until one brings a message of this type.
    pub async fn next_with(&mut self, kind: &str) -> Exchange {
        loop {
            let exchange = self.next().await;
            if exchange.kinds().contains(&kind) {
                return exchange;
            }
            exchange.answer(vec![]);
        }
    }

    /// Answers exchanges without messages until so many orders have come to their ends.
    pub async fn results(&mut self, count: usize) -> BTreeMap<i64, OperationResult> {
        let mut results = BTreeMap::new();
        while results.len() < count {
            let exchange = self.next_with("operation-result").await;
            for message in exchange.payload.messages.iter().filter(|message| message.kind() == "operation-result") {
                let result = OperationResult::from_message(message).unwrap();
                results.insert(result.operation_id, result);
            }
            exchange.answer(vec![]);
        }
        results
    }

    /// Starts the real agent with its state in this directory.
    pub fn agent(&self, data: &Path, arguments: &[&str]) -> Child {
        self.agent_under(&[], data, arguments)
    }

    /// The same, by a program that runs the rest of its arguments.
    pub fn agent_under(&self, wrapper: &[&str], data: &Path, arguments: &[&str]) -> Child {
        let binary = env!("CARGO_BIN_EXE_binnacle");
        let mut command = Command::new(wrapper.first().unwrap_or(&binary));
        if let [_, rest @ ..] = wrapper {
            command.args(rest).arg(binary);
        }
        command
            .args(["agent", "--server", &format!("http://{}", self.address), "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Leads a new agent through registration, until it may send everything.
    pub async fn register(&mut self) {
        self.register_for(&ACCEPTED).await;
    }

    /// The same, for other types.
    pub async fn register_for(&mut self, types: &[&str]) {
        let hello = self.next().await;
        assert_eq!(hello.payload.messages, []);
        hello.answer_wanting(None, vec![accepted_types(&["register"])]);
        let wish = self.next().await;
        assert_eq!(wish.kinds(), ["register"]);
        wish.answer_wanting(None, vec![set_id("secure-1")]);
        self.next().await.answer(vec![accepted_types(types)]);
        self.next_with("computer-info").await.answer(vec![]);
    }
}

pub fn accepted_types(types: &[&str]) -> Message {
    binnacle::protocol::registration::accepted_types(types.iter().copied())
}

pub fn set_id(secure_id: &str) -> Message {
    binnacle::protocol::registration::set_id(secure_id, "42")
}

async fn message_system(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Vec<u8>, StatusCode> {
    let payload = ClientPayload::decode(&body).unwrap();
    let (reply, answer) = oneshot::channel();
    // A test that is over answers nothing any more.
    let _ = desk.exchanges.send(Exchange { headers, payload, reply });
    match answer.await {
        Ok(Some(answer)) => Ok(answer.encode()),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn ping(State(desk): State<Desk>, body: String) -> Result<Vec<u8>, StatusCode> {
    assert!(body.starts_with("insecure_id=42&wait="), "{body}");
    let (reply, answer) = oneshot::channel();
    let _ = desk.pings.send(reply);
    answer.await.map(ping_answer).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
