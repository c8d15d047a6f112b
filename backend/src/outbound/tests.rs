use std::sync::atomic::{AtomicUsize, Ordering};

use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path},
};

use super::*;

fn allowing(networks: &[&str]) -> config::Outbound {
    config::Outbound { allow: networks.iter().map(|network| network.parse().unwrap()).collect() }
}

fn here() -> Outbound {
    Outbound::new(&allowing(&["127.0.0.0/8"])).unwrap()
}

/// Names resolve to these addresses, and how often one was asked for is counted.
fn resolving(networks: &[&str], addresses: &[&str]) -> (Outbound, Arc<AtomicUsize>) {
    let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let lookup: Lookup = Arc::new(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        let addresses = addresses.clone();
        Box::pin(async move { Ok(addresses) })
    });
    (Outbound::with(&allowing(networks), Limits::default(), lookup).unwrap(), asked)
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/x")).respond_with(answer).mount(&server).await;
    server
}

async fn get(outbound: &Outbound, text: &str) -> Result<Answer, OutboundError> {
    outbound.get(&outbound.url(text)?, HeaderMap::new()).await
}

#[tokio::test]
async fn an_allowed_network_is_called() {
    let server = server(ResponseTemplate::new(418).set_body_string("hello")).await;
    let answer = get(&here(), &format!("{}/x", server.uri())).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (418, b"hello".as_slice()));
    assert_eq!(format!("{answer:?}"), "Answer(418, 5 bytes)");
}

#[tokio::test]
async fn documents_and_headers_are_sent() {
    let server = MockServer::start().await;
    let body = serde_json::json!({"a": 1});
    Mock::given(method("POST"))
        .and(path("/x"))
        .and(header("x-word", "y"))
        .and(header("content-type", "application/json"))
        .and(body_json(&body))
        .respond_with(ResponseTemplate::new(201))
        .mount(&server)
        .await;
    let outbound = here();
    let mut headers = HeaderMap::new();
    headers.insert("x-word", "y".parse().unwrap());
    let url = outbound.url(&format!("{}/x", server.uri())).unwrap();
    assert_eq!(outbound.post(&url, headers, &body).await.unwrap().status, 201);
}

#[tokio::test]
async fn this_machine_is_not_called_unless_allowed() {
    let server = server(ResponseTemplate::new(200)).await;
    let port = server.address().port();
    let nobody = Outbound::new(&config::Outbound::default()).unwrap();
    // Each of these is 127.0.0.1, or a name for it.
    for host in
        ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "localhost"]
    {
        let error = get(&nobody, &format!("http://{host}:{port}/x")).await.unwrap_err();
        assert!(matches!(error, OutboundError::Refused { .. }), "{host}: {error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_literal_address_is_refused_before_anything_is_sent() {
    let nobody = Outbound::new(&config::Outbound::default()).unwrap();
    for text in
        ["http://169.254.169.254/latest/meta-data", "https://[fe80::1]/", "http://10.0.0.1", "http://192.168.1.1:8200"]
    {
        assert!(matches!(nobody.url(text), Err(OutboundError::Refused { .. })), "{text}");
        let url = Url::parse(text).unwrap();
        assert!(matches!(nobody.get(&url, HeaderMap::new()).await, Err(OutboundError::Refused { .. })), "{text}");
    }
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_that_address_is_called() {
    let server = server(ResponseTemplate::new(200)).await;
    // The first address is not allowed; would it be called, nothing would answer there.
    let (outbound, asked) = resolving(&["127.0.0.1/32"], &["10.255.255.1", "127.0.0.1"]);
    let url = format!("http://vault.example:{}/x", server.address().port());
    assert_eq!(get(&outbound, &url).await.unwrap().status, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let seen = &server.received_requests().await.unwrap()[0];
    assert!(seen.headers["host"].to_str().unwrap().starts_with("vault.example:"));
}

#[tokio::test]
async fn a_name_with_no_allowed_address_is_refused_and_its_addresses_are_not_told() {
    let (outbound, _) = resolving(&[], &["10.1.2.3", "::1"]);
    let error = get(&outbound, "https://vault.example/x").await.unwrap_err();
    assert_eq!(error, OutboundError::Refused { host: "vault.example".into() });
    assert!(!error.to_string().contains("10.1.2.3"));
}

#[tokio::test]
async fn a_name_that_nobody_has_is_said_to_be_unknown() {
    let lookup: Lookup = Arc::new(|_| Box::pin(async { Err(io::Error::other("no such name")) }));
    let outbound = Outbound::with(&allowing(&[]), Limits::default(), lookup).unwrap();
    let error = get(&outbound, "https://vault.example/x").await.unwrap_err();
    assert_eq!(error.to_string(), "vault.example could not be reached: no such name");
    let (outbound, _) = resolving(&[], &[]);
    let error = get(&outbound, "https://vault.example/x").await.unwrap_err();
    assert!(matches!(error, OutboundError::Unreachable { .. }), "{error}");
}

#[test]
fn addresses_are_plain_urls_of_the_web() {
    let outbound = here();
    for (text, what) in [
        ("ftp://files.example/", "must begin with"),
        ("file:///etc/passwd", "must begin with"),
        ("gopher://x.example", "must begin with"),
        ("https://user:pa55@vault.example/", "must not hold"),
        ("https://user@vault.example/", "must not hold"),
        ("vault.example", "is no URL"),
        ("http://", "is no URL"),
        ("", "is no URL"),
    ] {
        let message = outbound.url(text).unwrap_err().to_string();
        assert!(message.contains(what), "{text}: {message}");
        assert!(!message.contains("pa55"), "{message}");
    }
    let long = format!("https://vault.example/{}", "a".repeat(LONGEST_URL));
    assert_eq!(outbound.url(&long), Err(OutboundError::Url("is too long")));
    assert_eq!(host_of(&outbound.url("https://Vault.example:443/a?b").unwrap()), "vault.example");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = server(ResponseTemplate::new(200)).await;
    let there = format!("{}/x", target.uri());
    let server = server(ResponseTemplate::new(302).insert_header("location", there.as_str())).await;
    let error = get(&here(), &format!("{}/x", server.uri())).await.unwrap_err();
    assert!(matches!(error, OutboundError::Redirect { status: 302, .. }), "{error}");
    assert!(target.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_large_answer_is_cut_off() {
    let limits = Limits { body: 1000, ..Limits::default() };
    let outbound = Outbound::with_limits(&allowing(&["127.0.0.0/8"]), limits).unwrap();
    let fits = server(ResponseTemplate::new(200).set_body_bytes(vec![b'a'; 1000])).await;
    assert_eq!(get(&outbound, &format!("{}/x", fits.uri())).await.unwrap().body.len(), 1000);
    let large = server(ResponseTemplate::new(200).set_body_bytes(vec![b'a'; 1001])).await;
    let error = get(&outbound, &format!("{}/x", large.uri())).await.unwrap_err();
    assert!(matches!(error, OutboundError::TooLarge { limit: 1000, .. }), "{error}");
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_cut_off() {
    // 20,000 zero bytes, packed with gzip.
    let packed = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        "H4sIAAAAAAACA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAB4MAJTL5cgTgAA",
    )
    .unwrap();
    let limits = Limits { body: 10_000, ..Limits::default() };
    let outbound = Outbound::with_limits(&allowing(&["127.0.0.0/8"]), limits).unwrap();
    let answer = ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(packed);
    let server = server(answer).await;
    let error = get(&outbound, &format!("{}/x", server.uri())).await.unwrap_err();
    assert!(matches!(error, OutboundError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    let limits = Limits { whole: Duration::from_millis(50), ..Limits::default() };
    let outbound = Outbound::with_limits(&allowing(&["127.0.0.0/8"]), limits).unwrap();
    let server = server(ResponseTemplate::new(200).set_delay(Duration::from_secs(30))).await;
    let error = get(&outbound, &format!("{}/x", server.uri())).await.unwrap_err();
    assert!(matches!(error, OutboundError::Timeout { .. }), "{error}");
}

#[tokio::test]
async fn a_closed_port_is_named_with_its_cause() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = get(&here(), &format!("http://127.0.0.1:{port}/a-path")).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("127.0.0.1:{port} could not be reached: Connection refused")), "{error}");
    assert!(!error.contains("a-path"), "{error}");
}

#[test]
fn what_is_no_certificate_is_refused() {
    let outbound = here();
    for text in ["", "abc", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let error = outbound.trusting(&Trust::Authorities(text.into())).unwrap_err();
        assert_eq!(error, OutboundError::Certificate, "{text}");
    }
    outbound.trusting(&Trust::Anything).unwrap();
    outbound.trusting(&Trust::System).unwrap();
}
