//! Where a request comes from, also when a proxy stands in between.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use crate::config::Http;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What is known of a request's sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// None in tests without a network.
    pub address: Option<IpAddr>,
    /// Whether the browser speaks TLS with the proxy before us.
    pub secure: bool,
    /// The host that a proxy was asked for.
    pub host: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The settings, and whether the administrator was told of a proxy that they do not name.
#[derive(Clone, Debug)]
pub struct Proxies(Arc<(Http, AtomicBool)>);

impl Proxies {
    pub fn new(http: Http) -> Self {
        Self(Arc::new((http, AtomicBool::new(false))))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.0.trusted_proxies.iter().any(|network| network.contains(&address))
    }

    /// Reads what proxies say, as far as they are trusted.
    pub fn origin(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Origin {
        let Some(peer) = peer.map(|peer| peer.to_canonical()) else { return Origin::default() };
        if !self.trusts(peer) {
            let first = headers.contains_key(FOR) && !self.0.1.swap(true, Ordering::Relaxed);
            if first {
                tracing::warn!(
                    %peer,
                    "a request came with X-Forwarded-For and from no trusted proxy; if it is yours, name it in \
                     http.trusted_proxies"
                );
            }
            return Origin { address: Some(peer), ..Origin::default() };
        }
        let first = |name: &HeaderName| {
            let value = headers.get(name)?.to_str().ok()?;
            value.split(',').next().map(|item| item.trim().to_owned())
        };
        Origin {
            address: Some(self.client(peer, headers)),
            secure: first(&PROTO).is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            host: first(&HOST).filter(|host| !host.is_empty()),
        }
    }

    /// Each proxy adds at the end whom it heard from. The last that is no proxy of ours is the
    /// client; what stands before it the client may have made up.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let values: Vec<&str> = headers.get_all(FOR).iter().filter_map(|value| value.to_str().ok()).collect();
        let mut client = peer;
        for item in values.iter().flat_map(|value| value.split(',')).rev() {
            let Some(address) = address(item.trim()) else { break };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        client
    }
}

/// An address, also with a port behind it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().ok();
    let bracketed = || text.strip_prefix('[')?.split_once(']')?.0.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

/// Puts the origin beside every request, before anything else looks at it.
pub async fn attach(State(proxies): State<Proxies>, mut request: Request) -> Request {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let origin = proxies.origin(peer, request.headers());
    request.extensions_mut().insert(origin);
    request
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::HeaderMap;

    use super::{Origin, Proxies};
    use crate::config::Http;

    fn origin(peer: &str, headers: &[(&'static str, &str)]) -> Origin {
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let proxies = Proxies::new(Http { trusted_proxies, ..Http::default() });
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        proxies.origin(Some(peer.parse().unwrap()), &map)
    }

    fn client(peer: &str, forwarded: &[(&'static str, &str)]) -> IpAddr {
        origin(peer, forwarded).address.unwrap()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let headers =
            [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "a.example")];
        let direct = origin("192.0.2.1", &headers);
        assert_eq!(direct, Origin { address: Some("192.0.2.1".parse().unwrap()), secure: false, host: None });
        for proxy in ["10.1.1.1", "::ffff:10.1.1.1", "::1"] {
            let by_proxy = origin(proxy, &headers);
            assert_eq!(by_proxy.address.unwrap().to_string(), "1.2.3.4");
            assert!(by_proxy.secure);
            assert_eq!(by_proxy.host.as_deref(), Some("a.example"));
        }
        assert_eq!(origin("10.1.1.1", &[]).address.unwrap().to_string(), "10.1.1.1");
    }

    #[test]
    fn what_a_client_makes_up_stands_before_what_a_proxy_adds() {
        let of = |value: &str| client("10.0.0.1", &[("x-forwarded-for", value)]).to_string();
        assert_eq!(of("9.9.9.9, 1.2.3.4"), "1.2.3.4");
        assert_eq!(of("9.9.9.9, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
        assert_eq!(of("1.2.3.4:5678"), "1.2.3.4");
        assert_eq!(of("[2001:db8::1]:5678"), "2001:db8::1");
        assert_eq!(of("[2001:db8::1]"), "2001:db8::1");
        assert_eq!(of("1.2.3.4, unknown"), "10.0.0.1");
        assert_eq!(of("10.0.0.3, 10.0.0.2"), "10.0.0.3");
        let two = [("x-forwarded-for", "9.9.9.9"), ("x-forwarded-for", "1.2.3.4")];
        assert_eq!(client("10.0.0.1", &two).to_string(), "1.2.3.4");
    }
}
