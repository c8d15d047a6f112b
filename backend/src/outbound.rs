//! Calls to addresses that users name.
//!
//! Whoever may name an address could otherwise reach everything this server reaches: its own
//! other ports, the network behind it, the metadata service of a cloud. So each call goes to
//! the public internet or to a network that `outbound.allow` names, follows no redirect, and is
//! bounded in time and size.

mod address;

use std::{
    error::Error as StdError,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures::future::BoxFuture;
use ipnet::IpNet;
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::HeaderMap,
    redirect,
};
use serde_json::Value;

pub use self::address::may_be_called;
use crate::config;

/// The longest address that is taken.
const LONGEST_URL: usize = 2048;

/// How long and how much a call may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// Until the last byte of the answer.
    pub whole: Duration,
    /// The most bytes of an answer, after decompression.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), whole: Duration::from_secs(15), body: 1024 * 1024 }
    }
}

/// Which certificates a server may show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those that the system trusts.
    #[default]
    System,
    /// Those signed by the authorities in this PEM text, and no others.
    Authorities(String),
    /// Any at all; then whoever is on the way can read along.
    Anything,
}

/// What a server answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    /// The body may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why a call did not get an answer. The texts are for the user who named the address: they name
/// its host, and neither what it resolves to nor what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("the address {0}")]
    Url(&'static str),
    #[error(
        "{host} is not in the public internet; an administrator of this server can allow its network (outbound.allow)"
    )]
    Refused { host: String },
    #[error("{host} answered with a redirect ({status}), and redirects are not followed")]
    Redirect { host: String, status: u16 },
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    #[error("{host} did not answer in time")]
    Timeout { host: String },
    #[error("{host} could not be reached: {cause}")]
    Unreachable { host: String, cause: String },
    #[error("the certificate that shall be trusted is no PEM text")]
    Certificate,
    #[error("calls cannot be made: {0}")]
    Client(String),
}

/// Finds the addresses of a name.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Makes calls. Clones share their connections.
#[derive(Clone)]
pub struct Outbound {
    client: Client,
    allow: Arc<[IpNet]>,
    limits: Limits,
    lookup: Lookup,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("allow", &self.allow).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Outbound {
    /// Prepares calls under the settings.
    pub fn new(config: &config::Outbound) -> Result<Self, OutboundError> {
        Self::with(config, Limits::default(), Arc::new(|host| Box::pin(system_lookup(host))))
    }

    /// As [`Self::new`], with other limits.
    pub fn with_limits(config: &config::Outbound, limits: Limits) -> Result<Self, OutboundError> {
        Self::with(config, limits, Arc::new(|host| Box::pin(system_lookup(host))))
    }

    fn with(config: &config::Outbound, limits: Limits, lookup: Lookup) -> Result<Self, OutboundError> {
        let allow: Arc<[IpNet]> = config.allow.clone().into();
        let client = client(&allow, limits, &lookup, &Trust::System)?;
        Ok(Self { client, allow, limits, lookup })
    }

    /// The same rules, but other certificates.
    pub fn trusting(&self, trust: &Trust) -> Result<Self, OutboundError> {
        if *trust == Trust::System {
            return Ok(self.clone());
        }
        let client = client(&self.allow, self.limits, &self.lookup, trust)?;
        Ok(Self { client, ..self.clone() })
    }

    /// Reads an address that a user gave, and refuses what can be refused without asking the
    /// network. A name is judged by its addresses when it is called, each time.
    pub fn url(&self, text: &str) -> Result<Url, OutboundError> {
        if text.len() > LONGEST_URL {
            return Err(OutboundError::Url("is too long"));
        }
        let url = Url::parse(text).map_err(|_| OutboundError::Url("is no URL, such as https://vault.example:8200"))?;
        self.check(&url)?;
        Ok(url)
    }

    fn check(&self, url: &Url) -> Result<(), OutboundError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OutboundError::Url("must begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Url("must not hold a user name or password"));
        }
        let host = url.host_str().ok_or(OutboundError::Url("names no host"))?;
        // Connections to literal addresses are made without the resolver.
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) if !may_be_called(address, &self.allow) => Err(OutboundError::Refused { host: host_of(url) }),
            _ => Ok(()),
        }
    }

    /// Asks for something.
    pub async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Answer, OutboundError> {
        self.check(url)?;
        self.send(url, self.client.get(url.clone()).headers(headers)).await
    }

    /// Sends a JSON document.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: &Value) -> Result<Answer, OutboundError> {
        self.check(url)?;
        let request = self.client.post(url.clone()).headers(headers);
        let request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body.to_string());
        self.send(url, request).await
    }

    async fn send(&self, url: &Url, request: reqwest::RequestBuilder) -> Result<Answer, OutboundError> {
        let host = host_of(url);
        let limit = self.limits.body;
        let failed = |error: reqwest::Error| explain(host.clone(), error);
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        if status.is_redirection() {
            return Err(OutboundError::Redirect { host, status: status.as_u16() });
        }
        let too_large = || OutboundError::TooLarge { host: host.clone(), limit };
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: status.as_u16(), body })
    }
}

/// Host and port as a user would write them.
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn client(allow: &Arc<[IpNet]>, limits: Limits, lookup: &Lookup, trust: &Trust) -> Result<Client, OutboundError> {
    let builder = Client::builder()
        .user_agent(concat!("binnacle/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        // A proxy would resolve names itself, so what was checked would not be what is called.
        .no_proxy()
        .dns_resolver(Guard { allow: allow.clone(), lookup: lookup.clone() })
        .connect_timeout(limits.connect)
        .timeout(limits.whole)
        .pool_max_idle_per_host(2)
        .pool_idle_timeout(Duration::from_secs(30));
    let builder = match trust {
        Trust::System => builder,
        Trust::Anything => builder.tls_danger_accept_invalid_certs(true),
        Trust::Authorities(pem) => {
            let authorities = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
                .ok()
                .filter(|authorities| !authorities.is_empty())
                .ok_or(OutboundError::Certificate)?;
            builder.tls_certs_only(authorities)
        }
    };
    builder.build().map_err(|error| match trust {
        Trust::Authorities(_) => OutboundError::Certificate,
        _ => OutboundError::Client(causes(&error)),
    })
}

async fn system_lookup(host: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
}

/// Resolves names for the client, which connects to what this returns and to nothing else: a
/// name cannot mean one address when it is judged and another when it is called.
struct Guard {
    allow: Arc<[IpNet]>,
    lookup: Lookup,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, lookup) = (self.allow.clone(), self.lookup.clone());
        Box::pin(async move {
            let found = lookup(name.as_str().to_owned()).await?;
            let some = !found.is_empty();
            let good: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| may_be_called(*address, &allow))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if some && good.is_empty() {
                return Err(NotAllowed.into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

/// Every address of a name is one that must not be called.
#[derive(Debug, thiserror::Error)]
#[error("its addresses may not be called")]
struct NotAllowed;

fn explain(host: String, error: reqwest::Error) -> OutboundError {
    let error = error.without_url();
    let mut source: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(cause) = source {
        if cause.is::<NotAllowed>() {
            return OutboundError::Refused { host };
        }
        source = cause.source();
    }
    if error.is_timeout() {
        return OutboundError::Timeout { host };
    }
    OutboundError::Unreachable { host, cause: causes(&error) }
}

/// The client's own text stops at “error sending request”; the causes are what a reader needs.
fn causes(error: &dyn StdError) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests;
