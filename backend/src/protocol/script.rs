//! The messages by which a script is ordered, followed and answered.

use std::collections::BTreeMap;

use super::{
    STATUS_FAILED, STATUS_SUCCEEDED,
    bpickle::{Dict, Key, Value},
    kind,
    message::{Message, MessageError},
};

/// Where the content of a script's attachment comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// To be downloaded under this id.
    Id(i64),
    /// Carried by the message itself, as old servers do.
    Inline(String),
}

/// An order to run a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecuteScript {
    /// The id of the activity.
    pub operation_id: i64,
    /// The first line of the script without `#!`.
    pub interpreter: String,
    /// The rest of the script.
    pub code: String,
    /// The system user the script runs as.
    pub username: String,
    /// Seconds until the script is killed.
    pub time_limit: Option<i64>,
    pub attachments: BTreeMap<String, Attachment>,
    /// Variables added to the script's environment.
    pub env: BTreeMap<String, String>,
}

impl ExecuteScript {
    /// Reads the order. All fields but `env` must be present.
    pub fn from_message(message: &Message) -> Result<Self, MessageError> {
        let time_limit = match message.get("time-limit") {
            None => return Err(MessageError::Field("time-limit")),
            Some(Value::None) => None,
            Some(value) => Some(value.as_int().ok_or(MessageError::Field("time-limit"))?),
        };
        let attachments = message.get("attachments").and_then(Value::as_dict);
        let attachments = attachments.ok_or(MessageError::Field("attachments"))?.iter().map(|(name, value)| {
            let source = match value {
                Value::Int(id) => Attachment::Id(*id),
                other => Attachment::Inline(other.as_text().ok_or(MessageError::Field("attachments"))?.to_owned()),
            };
            Ok((key_text(name), source))
        });
        let env = message.get("env").and_then(Value::as_dict);
        let env =
            env.into_iter().flatten().filter_map(|(name, value)| Some((key_text(name), value.as_text()?.to_owned())));
        Ok(Self {
            operation_id: message.require_int("operation-id")?,
            interpreter: message.require_text("interpreter")?.to_owned(),
            code: message.require_text("code")?.to_owned(),
            username: message.require_text("username")?.to_owned(),
            time_limit,
            attachments: attachments.collect::<Result<_, MessageError>>()?,
            env: env.collect(),
        })
    }

    /// The message that gives the order.
    pub fn to_message(&self) -> Message {
        let attachments: Dict = self
            .attachments
            .iter()
            .map(|(name, source)| {
                let value = match source {
                    Attachment::Id(id) => Value::Int(*id),
                    Attachment::Inline(content) => Value::from(content.as_str()),
                };
                (Key::from(name.as_str()), value)
            })
            .collect();
        let message = Message::new(kind::EXECUTE_SCRIPT)
            .with("operation-id", self.operation_id)
            .with("interpreter", self.interpreter.as_str())
            .with("code", self.code.as_str())
            .with("username", self.username.as_str())
            .with("time-limit", self.time_limit)
            .with("attachments", Value::Dict(attachments));
        if self.env.is_empty() {
            return message;
        }
        let env = self.env.iter().map(|(name, value)| (Key::from(name.as_str()), Value::from(value.as_str())));
        message.with("env", Value::Dict(env.collect()))
    }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Text(text) => text.clone(),
        Key::Int(number) => number.to_string(),
    }
}

/// Why an operation failed, where the protocol has a number for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureCode {
    TimeLimit,
    ExitStatus,
    Attachment,
}

impl FailureCode {
    /// The number that travels as `result-code`.
    pub fn number(self) -> i64 {
        match self {
            Self::TimeLimit => 102,
            Self::ExitStatus => 103,
            Self::Attachment => 104,
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationResult {
    pub operation_id: i64,
    pub succeeded: bool,
    pub result_code: Option<i64>,
    /// What the script's process ended with: Binnacle's own addition, told only to servers that
    /// take it.
    pub exit_code: Option<i64>,
    pub result_text: String,
}

impl OperationResult {
    /// Reads the report of an end. Absent text is empty text.
    pub fn from_message(message: &Message) -> Result<Self, MessageError> {
        Ok(Self {
            operation_id: message.require_int("operation-id")?,
            succeeded: message.require_int("status")? == STATUS_SUCCEEDED,
            result_code: message.int("result-code"),
            exit_code: message.int("exit-code"),
            result_text: message.text("result-text").unwrap_or_default().to_owned(),
        })
    }

    /// The message that reports the end.
    pub fn to_message(&self) -> Message {
        let mut message = Message::new(kind::OPERATION_RESULT)
            .with("operation-id", self.operation_id)
            .with("status", if self.succeeded { STATUS_SUCCEEDED } else { STATUS_FAILED })
            .with("result-text", self.result_text.as_str());
        for (field, code) in [("result-code", self.result_code), ("exit-code", self.exit_code)] {
            if let Some(code) = code {
                message = message.with(field, code);
            }
        }
        message
    }

    /// A failure that has no number.
    pub fn failed(operation_id: i64, text: impl Into<String>) -> Self {
        Self { operation_id, succeeded: false, result_code: None, exit_code: None, result_text: text.into() }
    }
}

/// A piece of a running script's output: Binnacle's own addition, sent only to servers that ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationOutput {
    pub operation_id: i64,
    /// How many bytes of output were sent before this piece.
    pub offset: i64,
    pub data: String,
}

impl OperationOutput {
    /// Reads a piece.
    pub fn from_message(message: &Message) -> Result<Self, MessageError> {
        Ok(Self {
            operation_id: message.require_int("operation-id")?,
            offset: message.require_int("offset")?,
            data: message.require_text("data")?.to_owned(),
        })
    }

    /// The message that carries it.
    pub fn to_message(&self) -> Message {
        Message::new(kind::OPERATION_OUTPUT)
            .with("operation-id", self.operation_id)
            .with("offset", self.offset)
            .with("data", self.data.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> ExecuteScript {
        ExecuteScript {
            operation_id: 12,
            interpreter: "/bin/sh -e".into(),
            code: "uptime\n".into(),
            username: "root".into(),
            time_limit: Some(30),
            attachments: BTreeMap::from([
                ("a.txt".into(), Attachment::Id(3)),
                ("b".into(), Attachment::Inline("x".into())),
            ]),
            env: BTreeMap::from([("WHO".into(), "me".into())]),
        }
    }

    #[test]
    fn an_order_survives_and_is_checked() {
        let order = order();
        assert_eq!(ExecuteScript::from_message(&order.to_message()), Ok(order));
        let without = Message::new("execute-script").with("operation-id", 1).with("time-limit", Value::None);
        assert_eq!(ExecuteScript::from_message(&without), Err(MessageError::Field("attachments")));
    }

    #[test]
    fn results_and_output_survive() {
        let result = OperationResult {
            operation_id: 1,
            succeeded: false,
            result_code: Some(103),
            exit_code: Some(7),
            result_text: "no".into(),
        };
        assert_eq!(OperationResult::from_message(&result.to_message()), Ok(result));
        let piece = OperationOutput { operation_id: 1, offset: 10, data: "line\n".into() };
        assert_eq!(OperationOutput::from_message(&piece.to_message()), Ok(piece));
    }
}
