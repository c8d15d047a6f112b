//! Stores elsewhere that hold the values of secrets: Vault, and other managers.

use std::fmt;

use binnacle_shared::problem::{FieldError, Problems};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use reqwest::header::HeaderValue;
use serde_json::{Map, Value};

pub use super::{remote::Remote, vault::Vault};
use crate::outbound::{Outbound, OutboundError, Trust};

/// The words for the types.
pub const TYPES: [&str; 3] = ["local", "vault", "cloudify"];

/// What may stand in a path as it is.
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Where values are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Here, as those of secrets without a provider.
    Local,
    Vault(Vault),
    Cloudify(Remote),
}

/// Why a provider did not give a value. The texts name host and cause, never a token, a password
/// or a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The token or the password is wrong, or does not reach that far.
    #[error("{host} refused the credentials ({status})")]
    Denied { host: String, status: u16 },
    #[error("{host} has no secret “{key}” at “{place}”")]
    Missing { host: String, key: String, place: String },
    #[error("{host} answered {status}")]
    Status { host: String, status: u16 },
    #[error("{host} answered with something else than {expected}")]
    Answer { host: String, expected: &'static str },
    #[error("{0}")]
    Options(String),
}

impl Provider {
    /// Reads type and connection parameters as users send them. Pointers are into the body that
    /// holds `type` and `connection_parameters`.
    pub fn parse(kind: &str, parameters: Option<&Value>) -> Result<Self, Problems> {
        let none = Map::new();
        let members = match parameters {
            None | Some(Value::Null) => &none,
            Some(Value::Object(members)) => members,
            Some(_) => return Err(Problems::one("/connection_parameters", "type", "must be an object")),
        };
        let mut parameters = Parameters { members, problems: Problems::default() };
        let provider = match kind {
            "local" => Self::Local,
            "vault" => Self::Vault(Vault::parse(&mut parameters)),
            "cloudify" => Self::Cloudify(Remote::parse(&mut parameters)),
            _ => {
                let message = format!("must be one of {}", TYPES.join(", "));
                return Err(Problems::one("/type", "choice", message));
            }
        };
        parameters.problems.or(provider)
    }

    /// The word for its type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Local => TYPES[0],
            Self::Vault(_) => TYPES[1],
            Self::Cloudify(_) => TYPES[2],
        }
    }
}

/// Whether the provider answers and takes the credentials.
pub async fn test(outbound: &Outbound, provider: &Provider) -> Result<(), ProviderError> {
    match provider {
        Provider::Local => Ok(()),
        Provider::Vault(vault) => vault.test(outbound).await,
        Provider::Cloudify(remote) => remote.test(outbound).await,
    }
}

/// The value of a secret; none where it is kept here.
pub async fn read(
    outbound: &Outbound,
    provider: &Provider,
    key: &str,
    options: Option<&Value>,
) -> Result<Option<String>, ProviderError> {
    let options = Options::new(options)?;
    match provider {
        Provider::Local => Ok(None),
        Provider::Vault(vault) => vault.read(outbound, key, options).await.map(Some),
        Provider::Cloudify(remote) => remote.read(outbound, key, options).await.map(Some),
    }
}

/// Text that nobody shall see in a log or an error.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Hidden(pub(super) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Connection parameters while they are read; collects what is wrong with them.
pub(super) struct Parameters<'a> {
    members: &'a Map<String, Value>,
    problems: Problems,
}

impl Parameters<'_> {
    fn present(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn problem(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.problems.push(FieldError::new(format!("/connection_parameters/{name}"), code, message));
    }

    /// A text without spaces around it; none if it is absent, null or empty.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let Value::String(text) = self.present(name)? else {
            self.problem(name, "type", "must be a text");
            return None;
        };
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, name: &str) -> String {
        let known = self.problems.0.len();
        let text = self.text(name);
        if text.is_none() && self.problems.0.len() == known {
            self.problem(name, "required", "must be given");
        }
        text.unwrap_or_default()
    }

    /// A password or token, which is taken as it is.
    pub(super) fn hidden(&mut self, name: &str) -> Option<Hidden> {
        match self.present(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) if text.chars().any(char::is_control) => {
                self.problem(name, "format", "must not hold control characters");
                None
            }
            Value::String(text) => Some(Hidden(text.clone())),
            _ => {
                self.problem(name, "type", "must be a text");
                None
            }
        }
    }

    pub(super) fn port(&mut self) -> Option<u16> {
        let port = match self.present("port")? {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|port| u16::try_from(port).ok()),
        };
        if port.is_none_or(|port| port == 0) {
            self.problem("port", "range", "must be a number from 1 to 65535");
            return None;
        }
        port
    }

    /// Which certificates are taken: `cert` holds authorities as PEM, `trust_all` takes any.
    pub(super) fn trust(&mut self) -> Trust {
        let all = match self.present("trust_all") {
            None => false,
            Some(Value::Bool(all)) => *all,
            Some(_) => {
                self.problem("trust_all", "type", "must be true or false");
                false
            }
        };
        match self.text("cert") {
            Some(_) if all => {
                self.problem("cert", "conflict", "must be left out when trust_all is set");
                Trust::System
            }
            Some(pem) if !pem.contains("-----BEGIN CERTIFICATE-----") => {
                self.problem("cert", "format", "must hold the certificates themselves, as PEM");
                Trust::System
            }
            Some(pem) => Trust::Authorities(pem),
            None if all => Trust::Anything,
            None => Trust::System,
        }
    }
}

/// What a secret says about where its value is.
#[derive(Clone, Copy)]
pub(super) struct Options<'a>(Option<&'a Map<String, Value>>);

impl<'a> Options<'a> {
    fn new(options: Option<&'a Value>) -> Result<Self, ProviderError> {
        match options {
            None | Some(Value::Null) => Ok(Self(None)),
            Some(Value::Object(members)) => Ok(Self(Some(members))),
            Some(_) => Err(ProviderError::Options("provider_options must be an object".into())),
        }
    }

    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, ProviderError> {
        match self.0.and_then(|members| members.get(name)) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(ProviderError::Options(format!("provider_options.{name} must be a text"))),
        }
    }
}

/// A text as the value of a header that is kept out of logs.
pub(super) fn header(text: &str) -> Result<HeaderValue, ProviderError> {
    let mut value = HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| ProviderError::Options("the credentials hold characters that cannot be sent".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The secret's text: texts as they are, anything else as JSON.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
