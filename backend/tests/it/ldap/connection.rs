//! Servers that are not there, not trusted, or not LDAP.

use std::time::Duration;

use binnacle::auth::ldap::{LdapError, Tried, authenticate, test};
use binnacle_shared::model::conductor::ldap::LdapConfig;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::{config, config_at, fault, refused, tried, user, with_account};
use crate::support::slapd::{Setup, Slapd, authority, free_port};

#[tokio::test]
async fn a_configuration_can_be_tried() {
    let slapd = Slapd::start();
    assert_eq!(tried(&config(&slapd, json!({}))).await, Tried::Connection);
    assert_eq!(tried(&with_account(&slapd, json!({}))).await, Tried::Account);

    let mut wrong = with_account(&slapd, json!({}));
    wrong.password = Some("alice-secret".to_owned());
    let refusal = fault(&wrong).await;
    assert!(matches!(refusal, LdapError::AccountRefused { code: 49, .. }), "{refusal}");
    assert!(!refusal.to_string().contains("alice-secret"));

    let nowhere = with_account(&slapd, json!({"ldap_base_dn": "ou=nowhere,dc=example,dc=org"}));
    assert_eq!(test(&nowhere).await, Err(LdapError::NoBase("ou=nowhere,dc=example,dc=org".to_owned())));
}

#[tokio::test]
async fn ldaps_trusts_the_given_authority_and_no_other() {
    let (certificate, tls) = authority("127.0.0.1");
    let slapd = Slapd::with(&Setup { tls: Some(tls), ..Setup::default() });
    let trusting = |certificate: &str| {
        let config = config(&slapd, json!({"ldap_ca_cert": certificate}));
        LdapConfig {
            username: Some(super::LOOKUP.to_owned()),
            password: Some(super::LOOKUP_PASSWORD.to_owned()),
            ..config
        }
    };
    assert_eq!(tried(&trusting(&certificate)).await, Tried::Account);
    user(&trusting(&certificate), "alice", "alice-secret").await;
    refused(&trusting(&certificate), "alice", "bob-secret").await;

    let (other, _) = authority("127.0.0.1");
    assert_eq!(fault(&trusting(&other)).await.code(), "untrusted");
    // Several can be named, and one has to fit.
    user(&trusting(&format!("{other}{certificate}")), "alice", "alice-secret").await;

    // What passes for text need not be a certificate.
    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(fault(&trusting(nonsense)).await.code(), "configuration");
    // Without TLS nothing is understood there.
    let plain = config_at(&slapd.url.replace("ldaps", "ldap"), json!({}));
    let code = fault(&plain).await;
    assert!(["closed", "not_ldap"].contains(&code.code()), "{code}");
}

#[tokio::test]
async fn ldaps_wants_the_name_that_was_asked_for() {
    let (certificate, tls) = authority("ldap.example.org");
    let slapd = Slapd::with(&Setup { tls: Some(tls), ..Setup::default() });
    assert_eq!(fault(&config(&slapd, json!({"ldap_ca_cert": certificate}))).await.code(), "untrusted");
}

#[tokio::test]
async fn a_plain_server_is_no_ldaps_server() {
    let slapd = Slapd::start();
    let (certificate, _) = authority("127.0.0.1");
    let config = config_at(&slapd.url.replace("ldap:", "ldaps:"), json!({"ldap_ca_cert": certificate}));
    assert_eq!(fault(&config).await.code(), "tls");
}

#[tokio::test]
async fn a_server_that_is_down_is_unreachable() {
    let slapd = Slapd::start();
    let config = config(&slapd, json!({}));
    user(&config, "alice", "alice-secret").await;
    drop(slapd);
    assert_eq!(fault(&config).await.code(), "unreachable");
    let never = config_at(&format!("ldap://127.0.0.1:{}", free_port()), json!({}));
    assert_eq!(fault(&never).await.code(), "unreachable");
    let nameless = config_at("ldap://ldap.invalid", json!({}));
    assert_eq!(fault(&nameless).await.code(), "unreachable");
}

/// A server that does with a connection what a test wants.
async fn odd_server<F: Future<Output = ()> + Send>(
    serve: impl Fn(tokio::net::TcpStream) -> F + Send + 'static,
) -> LdapConfig {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("ldap://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream).await;
        }
    });
    config_at(&url, json!({}))
}

/// Answers every request with these bytes.
async fn answering(bytes: &'static [u8]) -> LdapConfig {
    odd_server(move |mut stream| async move {
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(bytes).await;
        // Until the other side has had enough.
        while stream.read(&mut request).await.is_ok_and(|read| read > 0) {}
    })
    .await
}

// While all tasks wait, the clock goes on by itself.
#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up() {
    let config = odd_server(|stream| async move {
        tokio::spawn(async move {
            let _stream = stream;
            std::future::pending::<()>().await;
        });
    })
    .await;
    let patience = Duration::from_secs(11);
    assert_eq!(timeout(patience, test(&config)).await, Ok(Err(LdapError::TimedOut)));
    let answer = timeout(patience, authenticate(&config, "alice", "alice-secret")).await;
    assert_eq!(answer, Ok(Err(LdapError::TimedOut)));
}

// The same when it says something now and then.
#[tokio::test(start_paused = true)]
async fn a_server_that_never_finishes_is_given_up() {
    let config = odd_server(|mut stream| async move {
        tokio::spawn(async move {
            // The beginning of a long message, byte by byte.
            let _ = stream.write_all(b"\x30\x82\x20\x00").await;
            let mut seconds = tokio::time::interval(Duration::from_secs(1));
            while stream.write_all(b"\x02").await.is_ok() {
                seconds.tick().await;
            }
        });
    })
    .await;
    let answer = timeout(Duration::from_secs(11), authenticate(&config, "alice", "alice-secret")).await;
    assert_eq!(answer, Ok(Err(LdapError::TimedOut)));
}

#[tokio::test]
async fn what_is_no_ldap_server_is_told_from_one() {
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        // Well formed, and no answer: the parser gives up on each in its own way.
        b"\x30\x00",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x05\x02\x01\x01\x61\x00",
        b"\x30\x08\x02\x01\x01\x61\x03\x0a\x01\x00",
        b"\x30\x05\x04\x01\x01\x61\x00",
        b"\x30\x05\xff\x01\x01\x61\x00",
    ] {
        let config = answering(answer).await;
        assert_eq!(authenticate(&config, "alice", "alice-secret").await, Err(LdapError::NotLdap), "{answer:?}");
    }
}

// The clock stands still, so that it is the size that ends it and never the time: it would go on
// by itself only while nothing is at work, and until the end something is.
#[tokio::test(start_paused = true)]
async fn endless_answers_end() {
    let (_until_the_end, waits) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || waits.recv());
    let config = odd_server(|mut stream| async move {
        // An answer that nobody asked for, with a text of 3 MiB in it.
        let head = b"\x30\x84\x00\x30\x00\x0f\x02\x01\x63\x61\x84\x00\x30\x00\x06\x04\x84\x00\x30\x00\x00";
        let message = [&head[..], &vec![0; 3 << 20]].concat();
        tokio::spawn(async move { while stream.write_all(&message).await.is_ok() {} });
    })
    .await;
    let fault = authenticate(&config, "alice", "alice-secret").await.unwrap_err();
    assert_eq!(fault, LdapError::TooMuch);
}

#[tokio::test]
async fn a_server_that_closes_is_told_from_one_that_is_not_there() {
    let config = odd_server(|stream| async move { drop(stream) }).await;
    assert_eq!(fault(&config).await.code(), "closed");
}
