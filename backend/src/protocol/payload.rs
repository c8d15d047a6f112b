//! The bodies of an exchange, in both directions.

use super::{
    bpickle::{self, Dict, Key, Value},
    message::{Message, MessageError},
};

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientPayload {
    /// The protocol level the messages are written for.
    pub server_api: Option<String>,
    /// The level of the client's own behaviour.
    pub client_api: Option<String>,
    /// The number of the first message.
    pub sequence: i64,
    /// The number of the server message the client wants next.
    pub next_expected_sequence: i64,
    /// The digest of the types the client believes the server accepts.
    pub accepted_types: Option<Vec<u8>>,
    pub messages: Vec<Message>,
    /// How many messages wait at the client, those sent included.
    pub total_messages: i64,
    /// The types the client can take, when the server does not know them yet.
    pub client_accepted_types: Option<Vec<String>>,
}

impl ClientPayload {
    /// Reads a request. Absent keys get the values they have at a first contact: the client's
    /// configuration tool sends nothing but `messages`.
    pub fn decode(body: &[u8]) -> Result<Self, MessageError> {
        let mut dict = dict(body)?;
        Ok(Self {
            server_api: text(&dict, "server-api"),
            client_api: text(&dict, "client-api"),
            sequence: counter(&dict, "sequence")?.unwrap_or(0),
            next_expected_sequence: counter(&dict, "next-expected-sequence")?.unwrap_or(0),
            accepted_types: bytes(&dict, "accepted-types"),
            total_messages: counter(&dict, "total-messages")?.unwrap_or(0),
            client_accepted_types: dict.get(&Key::from("client-accepted-types")).and_then(|value| {
                Some(value.as_items()?.iter().filter_map(Value::as_text).map(str::to_owned).collect())
            }),
            messages: messages(&mut dict)?.unwrap_or_default(),
        })
    }

    /// The wire form.
    pub fn encode(self) -> Vec<u8> {
        let mut dict = Dict::new();
        let level = self.server_api.as_deref().unwrap_or(super::FIRST_API);
        dict.insert("server-api".into(), Value::bytes(level));
        dict.insert("client-api".into(), Value::bytes(self.client_api.as_deref().unwrap_or(super::CLIENT_API)));
        dict.insert("sequence".into(), Value::Int(self.sequence));
        dict.insert("next-expected-sequence".into(), Value::Int(self.next_expected_sequence));
        dict.insert("total-messages".into(), Value::Int(self.total_messages));
        dict.insert("messages".into(), Value::List(self.messages.into_iter().map(Message::into_value).collect()));
        if let Some(digest) = self.accepted_types {
            dict.insert("accepted-types".into(), Value::Bytes(digest));
        }
        if let Some(mut types) = self.client_accepted_types {
            types.sort_unstable();
            dict.insert("client-accepted-types".into(), Value::texts(types));
        }
        bpickle::encode(&Value::Dict(dict))
    }
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServerPayload {
    /// Constant for a server; a client that sees another one knows it changed servers.
    pub server_uuid: String,
    /// The highest level the server speaks.
    pub server_api: String,
    pub messages: Vec<Message>,
    /// The number of the client message wanted next; absent for clients without an id.
    pub next_expected_sequence: Option<i64>,
    /// Sent back by the client in the header of its next exchange.
    pub next_exchange_token: Option<Vec<u8>>,
    /// The digest of the types the client told last.
    pub client_accepted_types_hash: Option<Vec<u8>>,
}

impl ServerPayload {
    /// Reads an answer.
    pub fn decode(body: &[u8]) -> Result<Self, MessageError> {
        let mut dict = dict(body)?;
        Ok(Self {
            server_uuid: text(&dict, "server-uuid").ok_or(MessageError::Field("server-uuid"))?,
            server_api: text(&dict, "server-api").ok_or(MessageError::Field("server-api"))?,
            next_expected_sequence: counter(&dict, "next-expected-sequence")?,
            next_exchange_token: bytes(&dict, "next-exchange-token"),
            client_accepted_types_hash: bytes(&dict, "client-accepted-types-hash"),
            messages: messages(&mut dict)?.ok_or(MessageError::Field("messages"))?,
        })
    }

    /// The wire form. Which fields are bytes matters to clients: a token sent as text breaks them.
    pub fn encode(self) -> Vec<u8> {
        let mut dict = Dict::new();
        dict.insert("server-uuid".into(), Value::bytes(&self.server_uuid));
        dict.insert("server-api".into(), Value::bytes(&self.server_api));
        dict.insert("messages".into(), Value::List(self.messages.into_iter().map(Message::into_value).collect()));
        if let Some(number) = self.next_expected_sequence {
            dict.insert("next-expected-sequence".into(), Value::Int(number));
        }
        if let Some(token) = self.next_exchange_token {
            dict.insert("next-exchange-token".into(), Value::Bytes(token));
        }
        if let Some(digest) = self.client_accepted_types_hash {
            dict.insert("client-accepted-types-hash".into(), Value::Bytes(digest));
        }
        bpickle::encode(&Value::Dict(dict))
    }
}

/// The answer to a ping: whether messages wait.
pub fn ping_answer(messages: bool) -> Vec<u8> {
    bpickle::encode(&Value::Dict(Dict::from([("messages".into(), Value::Bool(messages))])))
}

/// Whether a ping was answered with the news that messages wait.
pub fn ping_says_messages(body: &[u8]) -> Result<bool, MessageError> {
    let value = bpickle::decode(body)?;
    let flag = value.as_dict().and_then(|dict| dict.get(&Key::from("messages")));
    Ok(matches!(flag, Some(Value::Bool(true))))
}

fn dict(body: &[u8]) -> Result<Dict, MessageError> {
    match bpickle::decode(body)? {
        Value::Dict(dict) => Ok(dict),
        _ => Err(MessageError::NotADict),
    }
}

fn text(dict: &Dict, key: &str) -> Option<String> {
    dict.get(&Key::from(key)).and_then(Value::as_text).map(str::to_owned)
}

fn bytes(dict: &Dict, key: &str) -> Option<Vec<u8>> {
    dict.get(&Key::from(key)).and_then(Value::as_bytes).map(<[u8]>::to_vec)
}

/// A sequence number: absent, or a number that leaves room to count on from it.
fn counter(dict: &Dict, key: &'static str) -> Result<Option<i64>, MessageError> {
    match dict.get(&Key::from(key)) {
        None | Some(Value::None) => Ok(None),
        Some(value) => match value.as_int() {
            Some(number) if (0..=i64::MAX / 2).contains(&number) => Ok(Some(number)),
            _ => Err(MessageError::Field(key)),
        },
    }
}

fn messages(dict: &mut Dict) -> Result<Option<Vec<Message>>, MessageError> {
    match dict.remove(&Key::from("messages")) {
        None | Some(Value::None) => Ok(None),
        Some(Value::List(items) | Value::Tuple(items)) => {
            items.into_iter().map(Message::from_value).collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(MessageError::Field("messages")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_survive_the_wire() {
        let sent = ClientPayload {
            server_api: Some("3.3".into()),
            client_api: Some("3.8".into()),
            sequence: 4,
            next_expected_sequence: 9,
            accepted_types: Some(vec![1; 16]),
            messages: vec![Message::new("users").with("delete-users", Value::texts(["mallory"]))],
            total_messages: 12,
            client_accepted_types: Some(vec!["set-id".into()]),
        };
        assert_eq!(ClientPayload::decode(&sent.clone().encode()), Ok(sent));
        let answer = ServerPayload {
            server_uuid: "one".into(),
            server_api: "3.3".into(),
            messages: vec![Message::new("set-intervals").with("ping", 5)],
            next_expected_sequence: Some(5),
            next_exchange_token: Some(b"token".to_vec()),
            client_accepted_types_hash: Some(vec![2; 16]),
        };
        assert_eq!(ServerPayload::decode(&answer.clone().encode()), Ok(answer));
    }

    #[test]
    fn a_bare_list_of_messages_is_a_request_but_no_answer() {
        let bare = b"du8:messagesldu4:typeu8:register;;;";
        let request = ClientPayload::decode(bare).unwrap();
        assert_eq!((request.sequence, request.next_expected_sequence, request.messages.len()), (0, 0, 1));
        assert_eq!(ServerPayload::decode(bare), Err(MessageError::Field("server-uuid")));
    }

    #[test]
    fn impossible_counters_are_refused() {
        for number in ["i-1;", "i9223372036854775807;", "u1:a", "i99999999999999999999;"] {
            let body = format!("du8:messagesl;u8:sequence{number};");
            assert_eq!(ClientPayload::decode(body.as_bytes()), Err(MessageError::Field("sequence")));
        }
    }

    #[test]
    fn only_a_plain_true_says_that_messages_wait() {
        assert_eq!(ping_says_messages(&ping_answer(true)), Ok(true));
        assert_eq!(ping_says_messages(&ping_answer(false)), Ok(false));
        assert_eq!(ping_says_messages(b"d;"), Ok(false));
    }
}
