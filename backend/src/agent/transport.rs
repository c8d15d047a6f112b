//! The agent's calls over HTTP.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, Response, StatusCode, Url, header};

use super::AgentError;
use crate::protocol::{
    header as protocol_header,
    message::MessageError,
    payload::{ClientPayload, ServerPayload, ping_says_messages},
};

/// The most an answer or an attachment may hold.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// How long the line may be silent in the middle of an exchange.
const SILENCE: Duration = Duration::from_mins(2);

/// How long the server is asked to hold a ping, in seconds.
pub(super) const PING_WAIT: u64 = 25;

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransportError {
    #[error("{}", causes(.0))]
    Http(#[from] reqwest::Error),
    #[error("the server answered {0}")]
    Status(StatusCode),
    #[error("the answer is larger than {MAX_BODY} bytes")]
    TooLarge,
    #[error("the answer is unreadable: {0}")]
    Message(#[from] MessageError),
}

/// The client's own text stops at "error sending request"; the cause is what a reader needs.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// The ids that an exchange is sent under.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    pub(super) secure_id: Option<String>,
    pub(super) exchange_token: Option<Vec<u8>>,
}

/// A connection to one server.
#[derive(Debug)]
pub(super) struct Transport {
    client: Client,
    messages: Url,
    ping: Url,
}

impl Transport {
    /// Prepares calls to the server at this address, which may have a path of its own.
    pub(super) fn new(server: &str) -> Result<Self, AgentError> {
        let bad = || AgentError::BadServer(server.to_owned());
        let base = Url::parse(&format!("{}/", server.trim_end_matches('/'))).map_err(|_| bad())?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(bad());
        }
        let mut client = Client::builder()
            .user_agent(concat!("binnacle-agent/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(30))
            .read_timeout(SILENCE)
            .tcp_keepalive(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::limited(5));
        // A proxy that the environment names is for the world outside.
        if is_this_machine(&base) {
            client = client.no_proxy();
        }
        let client = client.build()?;
        Ok(Self {
            client,
            messages: base.join("message-system").map_err(|_| bad())?,
            ping: base.join("ping").map_err(|_| bad())?,
        })
    }

    /// Sends a payload and reads the answer.
    pub(super) async fn exchange(
        &self,
        payload: ClientPayload,
        credentials: Credentials,
    ) -> Result<ServerPayload, TransportError> {
        let level = payload.server_api.clone().unwrap_or_default();
        let mut request = self
            .client
            .post(self.messages.clone())
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(protocol_header::MESSAGE_API, level);
        if let Some(id) = credentials.secure_id {
            request = request.header(protocol_header::COMPUTER_ID, id);
        }
        if let Some(token) = credentials.exchange_token {
            request = request.header(protocol_header::EXCHANGE_TOKEN, token);
        }
        let answer = request.body(payload.encode()).send().await?;
        Ok(ServerPayload::decode(&body(answer).await?)?)
    }

    /// Asks whether messages wait, and the server to take its time with a no.
    pub(super) async fn ping(&self, insecure_id: &str) -> Result<bool, TransportError> {
        let wait = PING_WAIT.to_string();
        let answer = self
            .client
            .post(self.ping.clone())
            .timeout(Duration::from_secs(PING_WAIT + 30))
            .form(&[("insecure_id", insecure_id), ("wait", &wait)])
            .send()
            .await?;
        Ok(ping_says_messages(&body(answer).await?)?)
    }

    /// Downloads a script's attachment. Any status but success is handed back as such.
    pub(super) async fn attachment(&self, id: i64, secure_id: &str) -> Result<Vec<u8>, TransportError> {
        let mut url = self.messages.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop().push("attachment").push(&id.to_string());
        }
        let answer = self
            .client
            .get(url)
            .header(protocol_header::COMPUTER_ID, secure_id)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .send()
            .await?;
        body(answer).await
    }
}

/// Whether a server runs on the machine that the agent runs on.
fn is_this_machine(server: &Url) -> bool {
    let host = server.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn body(mut answer: Response) -> Result<Vec<u8>, TransportError> {
    if answer.status() != StatusCode::OK {
        return Err(TransportError::Status(answer.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_with_and_without_a_path() {
        let transport = Transport::new("http://127.0.0.1:8080").unwrap();
        assert_eq!(transport.messages.as_str(), "http://127.0.0.1:8080/message-system");
        let transport = Transport::new("https://example.org/fleet/").unwrap();
        assert_eq!(transport.ping.as_str(), "https://example.org/fleet/ping");
        for wrong in ["", "binnacle", "ftp://example.org", "example.org:8080"] {
            assert!(matches!(Transport::new(wrong), Err(AgentError::BadServer(_))), "{wrong}");
        }
    }

    #[test]
    fn this_machine_has_several_names() {
        let is_this = |url| is_this_machine(&Url::parse(url).unwrap());
        assert!(is_this("http://localhost:1") && is_this("http://127.0.0.2/") && is_this("http://[::1]:8080"));
        assert!(!is_this("http://192.0.2.1"));
    }
}
