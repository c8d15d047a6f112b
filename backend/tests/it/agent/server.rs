//! A server with nothing but the agent's endpoints, and a client that behaves as agents do.

use std::{net::SocketAddr, sync::Arc};

use axum::http::StatusCode;
use binnacle::{
    api::agent::{AgentApi, router},
    clock::{Clock, Random},
    keys::{Keys, registration_key_context},
    protocol::{
        ClientPayload, Message, ServerPayload, digest::type_digest, payload::ping_says_messages, registration::Register,
    },
    store::{account, activity, activity::NewRun, activity_output, computer::enrolled, tables::Computer},
};
use binnacle_shared::model::landscape::activity::Activity;
use sea_query::{Expr, ExprTrait};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::fixture::Fixture,
    support::{clock::SeededRandom, database::Flavor},
};

pub const KEY: &str = "open sesame";
const NOW: &str = "2031-05-01T10:00:00Z";

pub struct Server {
    pub fixture: Fixture,
    pub address: SocketAddr,
    pub stop: CancellationToken,
    http: reqwest::Client,
}

impl Server {
    /// A server whose account takes computers with [`KEY`] at once.
    pub async fn start(flavor: Flavor) -> Option<Self> {
        let fixture = Fixture::new(flavor, NOW).await?;
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let keys = Keys::generate(random.as_ref());
        let mut conn = fixture.db.write().await.unwrap();
        let mut account = account::by_name(&mut conn, "standalone").await.unwrap().unwrap();
        let sealed = keys.encrypt(random.as_ref(), &registration_key_context("standalone"), KEY).unwrap();
        account.registration_key = Some(sealed);
        account.max_pending = 2;
        account::update(&mut conn, &account).await.unwrap();
        conn.commit().await.unwrap();

        let stop = CancellationToken::new();
        let api = AgentApi {
            db: fixture.db.clone(),
            engine: fixture.engine.clone(),
            keys,
            clock: Arc::clone(&fixture.clock) as Arc<dyn Clock>,
            random,
            server_uuid: "the-server".into(),
            stop: stop.clone(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router(api)).await });
        Some(Self { fixture, address, stop, http: reqwest::Client::builder().no_proxy().build().unwrap() })
    }

    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> (StatusCode, Vec<u8>) {
        let mut request = self.http.post(format!("http://{}{path}", self.address)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Vec<u8>) {
        let mut request = self.http.get(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    }

    pub async fn ping(&self, form: &str) -> bool {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let (status, body) = self.post("/ping", &headers, form.to_owned()).await;
        assert_eq!(status, StatusCode::OK);
        ping_says_messages(&body).unwrap()
    }

    /// Orders the fixture's script on some computers; gives the children.
    pub async fn order(&self, computers: &[i64]) -> Vec<Activity> {
        self.order_by(None, computers).await
    }

    /// The same, by somebody.
    pub async fn order_by(&self, creator_id: Option<i64>, computers: &[i64]) -> Vec<Activity> {
        let f = &self.fixture;
        let run = NewRun {
            account_id: f.scope.account_id(),
            access_group_id: f.root.id,
            summary: "Run script: hello".into(),
            creator_id,
            script_profile_id: None,
            script_id: f.script_id,
            script_version: 1,
            username: "root".into(),
            time_limit: 60,
            deliver_after: None,
        };
        let chosen = enrolled().add(Expr::col((Computer::Table, Computer::Id)).is_in(computers.iter().copied()));
        let mut conn = f.db.write().await.unwrap();
        let group = activity::create_run(&mut conn, &run, chosen, f.clock.now()).await.unwrap().unwrap();
        conn.commit().await.unwrap();
        let effects = binnacle::engine::Effects { new_groups: vec![group], ..Default::default() };
        f.engine.publish(effects).await.unwrap();
        let mut children = f.children(group).await;
        children.reverse();
        children
    }

    pub async fn activity(&self, id: i64) -> Activity {
        self.fixture.activities(activity::with_ids(&[id])).await.remove(0)
    }

    pub async fn output(&self, id: i64) -> String {
        let mut conn = self.fixture.db.read().await.unwrap();
        let pieces = activity_output::read(&mut conn, id, 0).await.unwrap();
        pieces.into_iter().map(|piece| piece.text).collect()
    }

    pub async fn computers(&self) -> Vec<binnacle_shared::model::landscape::computer::Computer> {
        let mut conn = self.fixture.db.read().await.unwrap();
        let params = binnacle_shared::list::ListParams { limit: 1000, ..Default::default() };
        binnacle::store::list::page(&mut conn, &self.fixture.scope, &params, sea_query::Condition::all())
            .await
            .unwrap()
            .items
    }
}

/// A client's memory.
#[derive(Clone, Default)]
pub struct Client {
    pub secure_id: Option<String>,
    pub insecure_id: String,
    pub token: Option<String>,
    pub sequence: i64,
    pub next_expected: i64,
    pub accepted: Vec<String>,
    pub types: Vec<&'static str>,
}

impl Client {
    pub fn new() -> Self {
        Self { types: vec!["execute-script", "operation-output", "set-id"], ..Self::default() }
    }

    pub fn payload(&self, messages: Vec<Message>) -> ClientPayload {
        ClientPayload {
            server_api: Some("3.3".into()),
            client_api: Some("3.8".into()),
            sequence: self.sequence,
            next_expected_sequence: self.next_expected,
            accepted_types: Some(type_digest(&self.accepted).to_vec()),
            total_messages: i64::try_from(messages.len()).unwrap(),
            messages,
            client_accepted_types: Some(self.types.iter().map(|name| (*name).to_owned()).collect()),
        }
    }

    /// Sends and does not look at the answer, as if it got lost.
    pub async fn send(&self, server: &Server, messages: Vec<Message>) -> ServerPayload {
        let mut headers = vec![("content-type", "application/octet-stream")];
        headers.extend(self.secure_id.as_deref().map(|id| ("x-computer-id", id)));
        headers.extend(self.token.as_deref().map(|token| ("x-exchange-token", token)));
        let (status, body) = server.post("/message-system", &headers, self.payload(messages).encode()).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        ServerPayload::decode(&body).unwrap()
    }

    pub async fn exchange(&mut self, server: &Server, messages: Vec<Message>) -> Vec<Message> {
        let sent = i64::try_from(messages.len()).unwrap();
        let answer = self.send(server, messages).await;
        self.take(sent, answer)
    }

    /// Remembers what an answer says, as every client does.
    pub fn take(&mut self, sent: i64, answer: ServerPayload) -> Vec<Message> {
        self.sequence = answer.next_expected_sequence.unwrap_or(self.sequence + sent);
        self.token = answer.next_exchange_token.map(|token| String::from_utf8(token).unwrap());
        for message in &answer.messages {
            self.next_expected += 1;
            match message.kind() {
                "set-id" => {
                    self.secure_id = message.text("id").map(str::to_owned);
                    message.text("insecure-id").unwrap().clone_into(&mut self.insecure_id);
                }
                "accepted-types" => self.accepted = message.texts("types").unwrap(),
                "unknown-id" => self.secure_id = None,
                _ => {}
            }
        }
        answer.messages
    }

    pub fn wish(key: Option<&str>) -> Message {
        Register {
            account_name: "standalone".into(),
            computer_title: "Box".into(),
            registration_key: key.map(str::to_owned),
            hostname: "box.example".into(),
            tags: ["web".to_owned()].into(),
            ..Register::default()
        }
        .to_message()
    }

    /// A client that was taken up, and its computer's number.
    pub async fn enrolled(server: &Server) -> (Self, i64) {
        let mut client = Self::new();
        client.exchange(server, vec![]).await;
        client.exchange(server, vec![Self::wish(Some(KEY))]).await;
        let answer = client.exchange(server, vec![]).await;
        assert_eq!(kinds(&answer), ["accepted-types"]);
        assert_eq!(client.exchange(server, vec![]).await, []);
        let id = server.computers().await.iter().map(|computer| computer.id).max().unwrap();
        (client, id)
    }
}

pub fn kinds(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(Message::kind).collect()
}
