//! Computers that are nothing but their exchanges.

use anyhow::{Context, Result};
use binnacle::protocol::registration::Register;
use binnacle::protocol::{ClientPayload, Message, ServerPayload, kind};

use crate::http::{Connection, request};
use crate::measure::Worker;

/// A computer that has registered.
#[derive(Debug)]
pub struct Agent {
    connection: Connection,
    id: String,
    token: Option<String>,
    sequence: i64,
    expected: i64,
}

impl Agent {
    /// Registers with the key, which lets it in at once.
    pub async fn register(address: &str, number: usize, key: &str) -> Result<Self> {
        let title = format!("machine-{number:05}");
        let tag = ["web", "database", "mail", "build"].get(number % 4).copied().unwrap_or("web");
        let register = Register {
            account_name: "standalone".into(),
            hostname: format!("{title}.example.com"),
            computer_title: title,
            registration_key: Some(key.to_owned()),
            tags: [tag.to_owned(), format!("rack-{}", number % 40)].into(),
            ..Register::default()
        };
        let mut agent = Self {
            connection: Connection::open(address).await?,
            id: String::new(),
            token: None,
            sequence: 0,
            expected: 0,
        };
        let answer = agent.exchange(vec![register.to_message()]).await?;
        let id = answer.messages.iter().find(|message| message.kind() == kind::SET_ID);
        id.and_then(|message| message.text("id")).context("no id was given")?.clone_into(&mut agent.id);
        // With the id the counting begins anew.
        agent.sequence = 0;
        agent.expected = 0;
        Ok(agent)
    }

    /// Tells what kind of machine it is.
    pub async fn introduce(&mut self) -> Result<()> {
        let info = Message::new(kind::COMPUTER_INFO)
            .with("hostname", self.id.as_str())
            .with("total-memory", 8192)
            .with("total-swap", 2048);
        let distribution = Message::new(kind::DISTRIBUTION_INFO)
            .with("distributor-id", "Debian")
            .with("description", "Debian GNU/Linux 12 (bookworm)")
            .with("release", "12")
            .with("code-name", "bookworm");
        self.exchange(vec![info, distribution]).await.map(drop)
    }

    /// The same computer at a server that has started anew.
    pub async fn reconnect(self, address: &str) -> Result<Self> {
        Ok(Self { connection: Connection::open(address).await?, ..self })
    }

    /// One exchange; what the server says is confirmed with the next and not acted upon.
    async fn exchange(&mut self, messages: Vec<Message>) -> Result<ServerPayload> {
        let sent = i64::try_from(messages.len())?;
        let payload = ClientPayload {
            server_api: Some("3.3".into()),
            client_api: Some("3.8".into()),
            sequence: self.sequence,
            next_expected_sequence: self.expected,
            total_messages: sent,
            messages,
            ..ClientPayload::default()
        };
        let mut headers = vec![("content-type", "application/octet-stream"), ("x-message-api", "3.3")];
        if !self.id.is_empty() {
            headers.push(("x-computer-id", self.id.as_str()));
        }
        if let Some(token) = &self.token {
            headers.push(("x-exchange-token", token.as_str()));
        }
        let bytes = request("POST", "/message-system", &headers, &payload.encode());
        let answer = ServerPayload::decode(self.connection.succeed(&bytes).await?)?;
        if let Some(token) = &answer.next_exchange_token {
            self.token = Some(String::from_utf8(token.clone())?);
        }
        self.sequence = answer.next_expected_sequence.unwrap_or(self.sequence + sent);
        self.expected += i64::try_from(answer.messages.len())?;
        Ok(answer)
    }
}

impl Worker for Agent {
    async fn once(&mut self) -> Result<()> {
        self.exchange(Vec::new()).await.map(drop)
    }
}
