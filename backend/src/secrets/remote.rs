//! Secrets of another manager, read through its API.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::utf8_percent_encode;
use reqwest::{Url, header::HeaderMap};
use serde_json::Value;

use super::provider::{Hidden, Options, Parameters, ProviderError, SEGMENT, header, text_of};
use crate::outbound::{Outbound, Trust, host_of};

const TENANT: &str = "default_tenant";

/// Another manager, and who we are there. The names of the parameters are those that the
/// managers' client takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    base: String,
    credentials: Credentials,
    tenant: String,
    trust: Trust,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Credentials {
    Password { username: String, password: Hidden },
    Token(Hidden),
}

impl Remote {
    pub(super) fn parse(parameters: &mut Parameters<'_>) -> Self {
        let host = parameters.required("host");
        let port = parameters.port();
        let protocol = parameters.text("protocol").unwrap_or_else(|| "https".into());
        if !matches!(protocol.as_str(), "http" | "https") {
            parameters.problem("protocol", "choice", "must be http or https");
        }
        // IPv6 addresses are written without brackets here.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let host = if bare.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{bare}]") } else { host };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        let base = port.map_or_else(|| format!("{protocol}://{host}"), |port| format!("{protocol}://{host}:{port}"));
        if !host.is_empty()
            && (!host.chars().all(plain)
                || (host.contains(':') && !host.starts_with('['))
                || Url::parse(&base).is_err())
        {
            parameters.problem("host", "format", "must be the name or address of a host, without port and path");
        }
        let credentials = if let Some(token) = parameters.hidden("token") {
            Credentials::Token(token)
        } else {
            let username = parameters.required("username");
            if username.contains(':') {
                parameters.problem("username", "format", "must not hold a colon");
            }
            let password = parameters.hidden("password");
            if password.is_none() {
                parameters.problem("password", "required", "must be given");
            }
            Credentials::Password { username, password: password.unwrap_or_default() }
        };
        let tenant = parameters.text("tenant").unwrap_or_else(|| TENANT.into());
        Self { base, credentials, tenant, trust: parameters.trust() }
    }

    /// Lists one secret, which shows that tenant and credentials are right.
    pub(super) async fn test(&self, outbound: &Outbound) -> Result<(), ProviderError> {
        let (host, status, body) = self.get(outbound, "secrets?_size=1&_include=key", &self.tenant).await?;
        match status {
            200 if json(&host, &body)?["items"].is_array() => Ok(()),
            200 => Err(ProviderError::Answer { host, expected: "a list of secrets" }),
            401 | 403 => Err(ProviderError::Denied { host, status }),
            status => Err(ProviderError::Status { host, status }),
        }
    }

    /// Reads a secret of the same key, or of `provider_options.key`.
    pub(super) async fn read(
        &self,
        outbound: &Outbound,
        key: &str,
        options: Options<'_>,
    ) -> Result<String, ProviderError> {
        let key = options.text("key")?.unwrap_or(key);
        let tenant = options.text("tenant")?.unwrap_or(&self.tenant);
        if matches!(key, "." | "..") {
            return Err(ProviderError::Options("the key must not be “.” or “..”".into()));
        }
        let path = format!("secrets/{}", utf8_percent_encode(key, SEGMENT));
        let (host, status, body) = self.get(outbound, &path, tenant).await?;
        match status {
            200 => {}
            404 => {
                return Err(ProviderError::Missing { host, key: key.to_owned(), place: tenant.to_owned() });
            }
            401 | 403 => return Err(ProviderError::Denied { host, status }),
            status => return Err(ProviderError::Status { host, status }),
        }
        match &json(&host, &body)?["value"] {
            // That is how a manager answers who may not see the value.
            Value::String(value) if value.is_empty() => Err(ProviderError::Denied { host, status }),
            Value::Null => Err(ProviderError::Answer { host, expected: "a secret" }),
            value => Ok(text_of(value)),
        }
    }

    async fn get(
        &self,
        outbound: &Outbound,
        path: &str,
        tenant: &str,
    ) -> Result<(String, u16, Vec<u8>), ProviderError> {
        let url = outbound.url(&format!("{}/api/v3.1/{path}", self.base))?;
        let mut headers = HeaderMap::new();
        match &self.credentials {
            Credentials::Password { username, password } => {
                let pair = STANDARD.encode(format!("{username}:{}", password.0));
                headers.insert("authorization", header(&format!("Basic {pair}"))?);
            }
            Credentials::Token(token) => {
                headers.insert("authentication-token", header(&token.0)?);
            }
        }
        headers.insert("tenant", header(tenant)?);
        let host = host_of(&url);
        let answer = outbound.trusting(&self.trust)?.get(&url, headers).await?;
        Ok((host, answer.status, answer.body))
    }
}

fn json(host: &str, body: &[u8]) -> Result<Value, ProviderError> {
    serde_json::from_slice(body)
        .map_err(|_| ProviderError::Answer { host: host.to_owned(), expected: "a manager's JSON" })
}
