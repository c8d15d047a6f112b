use std::time::Duration;

use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{basic_auth, header, method, path},
};

use super::*;
use crate::{config, outbound::Limits};

fn outbound() -> Outbound {
    let config = config::Outbound { allow: vec!["127.0.0.0/8".parse().unwrap()] };
    Outbound::with_limits(&config, Limits { whole: Duration::from_millis(500), ..Limits::default() }).unwrap()
}

const TOKEN: &str = "hvs.very-secret-token";

fn vault_at(server: &MockServer, folder: &str) -> Provider {
    let parameters = json!({"url": server.uri(), "token": TOKEN, "path": folder});
    Provider::parse("vault", Some(&parameters)).unwrap()
}

fn remote_at(server: &MockServer) -> Provider {
    let address = server.address();
    let parameters = json!({"host": address.ip().to_string(), "port": address.port(), "protocol": "http",
        "username": "admin", "password": "very-secret-password", "tenant": "t1"});
    Provider::parse("cloudify", Some(&parameters)).unwrap()
}

/// Answers when the token is right, and says 403 to everything else.
async fn vault(answers: &[(&str, u16, Value)]) -> MockServer {
    let server = MockServer::start().await;
    for (at, status, body) in answers {
        Mock::given(method("GET"))
            .and(path(format!("/v1/{at}")))
            .and(header("x-vault-token", TOKEN))
            .respond_with(ResponseTemplate::new(*status).set_body_json(body))
            .mount(&server)
            .await;
    }
    let refusal = ResponseTemplate::new(403).set_body_json(json!({"errors": ["permission denied"]}));
    Mock::given(method("GET")).respond_with(refusal).with_priority(9).mount(&server).await;
    server
}

fn mount(version: Option<&str>) -> Value {
    json!({"data": {"path": "team/kv/", "type": "kv", "options": version.map(|version| json!({"version": version}))}})
}

async fn value(provider: &Provider, key: &str, options: Value) -> Result<String, ProviderError> {
    read(&outbound(), provider, key, Some(&options)).await.map(Option::unwrap)
}

#[tokio::test]
async fn vault_with_version_one() {
    for options in [None, Some("1")] {
        let server = vault(&[
            ("sys/internal/ui/mounts/team/kv/web", 200, mount(options)),
            ("team/kv/web/db", 200, json!({"data": {"value": "open sesame"}})),
        ])
        .await;
        assert_eq!(value(&vault_at(&server, "team/kv/web"), "db", Value::Null).await.unwrap(), "open sesame");
    }
}

#[tokio::test]
async fn vault_with_version_two_is_asked_below_data_however_the_path_is_written() {
    let server = vault(&[
        ("sys/internal/ui/mounts/team/kv/web", 200, mount(Some("2"))),
        ("sys/internal/ui/mounts/team/kv/data/web", 200, mount(Some("2"))),
        ("team/kv/data/web/db", 200, json!({"data": {"data": {"value": "open sesame"}, "metadata": {"version": 3}}})),
    ])
    .await;
    for folder in ["team/kv/web", "/team/kv/web/", "team/kv/data/web"] {
        assert_eq!(value(&vault_at(&server, folder), "db", Value::Null).await.unwrap(), "open sesame", "{folder}");
    }
    let elsewhere = vault_at(&server, "nowhere");
    assert_eq!(value(&elsewhere, "db", json!({"path": "team/kv/web"})).await.unwrap(), "open sesame");
}

#[tokio::test]
async fn who_may_not_ask_for_the_version_is_guessed_by_the_path() {
    let server = vault(&[
        ("kv/data/web/db", 200, json!({"data": {"data": {"value": "two"}}})),
        ("old/web/db", 200, json!({"data": {"value": "one"}})),
    ])
    .await;
    assert_eq!(value(&vault_at(&server, "kv/data/web"), "db", Value::Null).await.unwrap(), "two");
    assert_eq!(value(&vault_at(&server, "old/web"), "db", Value::Null).await.unwrap(), "one");
}

#[tokio::test]
async fn the_field_that_is_the_value() {
    let two = json!({"user": "u", "password": "p"});
    let server = vault(&[
        ("kv/a/only", 200, json!({"data": {"x": "1"}})),
        ("kv/a/two", 200, json!({"data": two})),
        ("kv/a/named", 200, json!({"data": {"named": "n", "other": "o"}})),
        ("kv/a/number", 200, json!({"data": {"value": 5}})),
        ("kv/a/none", 200, json!({"data": {}})),
        ("kv/a/inside", 404, json!({"errors": []})),
        // Of “closed” the token may read the secret at the path and nothing below it.
        ("kv/a", 200, json!({"data": {"inside": "i", "closed": "c"}})),
    ])
    .await;
    let provider = vault_at(&server, "kv/a");
    for (key, expected) in [("only", "1"), ("named", "n"), ("number", "5"), ("inside", "i"), ("closed", "c")] {
        assert_eq!(value(&provider, key, Value::Null).await.unwrap(), expected, "{key}");
    }
    assert_eq!(serde_json::from_str::<Value>(&value(&provider, "two", Value::Null).await.unwrap()).unwrap(), two);
    assert_eq!(value(&provider, "two", json!({"field": "user"})).await.unwrap(), "u");
    for (key, options) in [("two", json!({"field": "x"})), ("none", Value::Null)] {
        let error = value(&provider, key, options).await.unwrap_err();
        assert!(matches!(error, ProviderError::Missing { .. }), "{error}");
    }
}

#[tokio::test]
async fn vault_without_the_secret() {
    let server = vault(&[
        ("sys/internal/ui/mounts/team/kv/web", 200, mount(Some("2"))),
        ("team/kv/data/web/db", 404, json!({"errors": []})),
        ("team/kv/data/web", 404, json!({"errors": []})),
        ("team/kv/data/web/gone", 404, json!({"data": {"data": null, "metadata": {"deletion_time": "2024"}}})),
    ])
    .await;
    let provider = vault_at(&server, "team/kv/web");
    for key in ["db", "gone"] {
        let error = value(&provider, key, Value::Null).await.unwrap_err();
        let host = server.address();
        assert_eq!(error.to_string(), format!("{host} has no secret “{key}” at “team/kv/web”"));
    }
    // What lies directly in a mount.
    let server = vault(&[
        ("sys/internal/ui/mounts/team/kv", 200, mount(Some("2"))),
        ("team/kv/data/db", 404, json!({"errors": []})),
    ])
    .await;
    let error = value(&vault_at(&server, "team/kv"), "db", Value::Null).await.unwrap_err();
    assert!(matches!(error, ProviderError::Missing { .. }), "{error}");
}

#[tokio::test]
async fn vault_with_a_wrong_token() {
    let server = vault(&[("auth/token/lookup-self", 200, json!({"data": {}}))]).await;
    let wrong = json!({"url": server.uri(), "token": "hvs.wrong-token", "path": "kv/web"});
    let wrong = Provider::parse("vault", Some(&wrong)).unwrap();
    for error in [value(&wrong, "db", Value::Null).await.unwrap_err(), test(&outbound(), &wrong).await.unwrap_err()] {
        assert_eq!(error, ProviderError::Denied { host: server.address().to_string(), status: 403 });
        assert!(!format!("{error} {error:?}").contains("wrong-token"));
    }
    assert_eq!(test(&outbound(), &vault_at(&server, "kv/web")).await, Ok(()));
}

#[tokio::test]
async fn vault_that_is_sealed_and_answers_that_are_none() {
    let sealed = vault(&[("sys/internal/ui/mounts/kv", 503, json!({"errors": ["Vault is sealed"]}))]).await;
    let error = value(&vault_at(&sealed, "kv"), "db", Value::Null).await.unwrap_err();
    assert!(matches!(error, ProviderError::Status { status: 503, .. }), "{error}");

    let server = vault(&[("kv/list", 200, json!({"data": [1]})), ("kv/none", 200, json!({}))]).await;
    let error = value(&vault_at(&server, "kv"), "list", Value::Null).await.unwrap_err();
    assert!(matches!(error, ProviderError::Answer { .. }), "{error}");

    let strange = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_string("<html>")).mount(&strange).await;
    let error = value(&vault_at(&strange, "kv"), "db", Value::Null).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{} answered with something else than Vault's JSON", strange.address()));
}

#[tokio::test]
async fn answers_that_are_too_large_too_slow_or_elsewhere() {
    let answers = [
        ResponseTemplate::new(200).set_body_bytes(vec![b' '; 2 * 1024 * 1024]),
        ResponseTemplate::new(307).insert_header("location", "http://127.0.0.1:1/"),
        ResponseTemplate::new(200).set_delay(Duration::from_mins(1)),
    ];
    for (answer, expected) in answers.into_iter().zip(["more than", "redirect", "in time"]) {
        let server = MockServer::start().await;
        Mock::given(method("GET")).respond_with(answer).mount(&server).await;
        for provider in [vault_at(&server, "kv"), remote_at(&server)] {
            let error = value(&provider, "db", Value::Null).await.unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(&server.address().to_string()), "{error}");
            assert!(!error.contains("very-secret"), "{error}");
            assert_eq!(test(&outbound(), &provider).await.unwrap_err().to_string(), error);
        }
    }
}

#[tokio::test]
async fn keys_and_paths_stay_where_they_belong() {
    let server = vault(&[]).await;
    let provider = vault_at(&server, "kv/a b");
    assert!(value(&provider, "x?y#z%", Value::Null).await.is_err());
    let sent = server.received_requests().await.unwrap();
    assert!(sent.iter().any(|request| request.url.path() == "/v1/kv/a%20b/x%3Fy%23z%25"), "{sent:?}");
    assert!(sent.iter().all(|request| request.url.query().is_none()));
    let before = sent.len();
    for (key, options) in [
        ("../sys", Value::Null),
        ("a/./b", Value::Null),
        ("..", Value::Null),
        ("", Value::Null),
        ("a", json!({"path": "kv/../sys"})),
        ("a", json!({"path": "/"})),
        ("a", json!({"path": 5})),
        ("a", json!([])),
    ] {
        let error = value(&provider, key, options).await.unwrap_err();
        assert!(matches!(error, ProviderError::Options(_)), "{key}: {error}");
    }
    let pathless = json!({"url": server.uri(), "token": TOKEN});
    let pathless = Provider::parse("vault", Some(&pathless)).unwrap();
    assert!(value(&pathless, "a", Value::Null).await.unwrap_err().to_string().contains("names no path"));
    assert_eq!(server.received_requests().await.unwrap().len(), before);
}

#[tokio::test]
async fn another_manager() {
    let server = MockServer::start().await;
    for (at, tenant, status, body) in [
        ("secrets/db", "t1", 200, json!({"key": "db", "value": "open sesame"})),
        ("secrets/port", "t1", 200, json!({"key": "port", "value": 5432})),
        ("secrets/hidden", "t1", 200, json!({"key": "hidden", "value": ""})),
        ("secrets/strange", "t1", 200, json!([1])),
        ("secrets/none", "t1", 404, json!({"error_code": "not_found_error"})),
        ("secrets/broken", "t1", 500, json!({})),
        ("secrets/db", "t2", 200, json!({"key": "db", "value": "second"})),
        ("secrets", "t1", 200, json!({"items": []})),
    ] {
        Mock::given(method("GET"))
            .and(path(format!("/api/v3.1/{at}")))
            .and(header("tenant", tenant))
            .and(basic_auth("admin", "very-secret-password"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&server)
            .await;
    }
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(401)).with_priority(9).mount(&server).await;

    let provider = remote_at(&server);
    assert_eq!(test(&outbound(), &provider).await, Ok(()));
    assert_eq!(value(&provider, "db", Value::Null).await.unwrap(), "open sesame");
    assert_eq!(value(&provider, "port", Value::Null).await.unwrap(), "5432");
    assert_eq!(value(&provider, "x", json!({"key": "db", "tenant": "t2"})).await.unwrap(), "second");
    let host = server.address().to_string();
    for (key, expected) in [
        ("none", ProviderError::Missing { host: host.clone(), key: "none".into(), place: "t1".into() }),
        ("hidden", ProviderError::Denied { host: host.clone(), status: 200 }),
        ("strange", ProviderError::Answer { host: host.clone(), expected: "a secret" }),
        ("broken", ProviderError::Status { host: host.clone(), status: 500 }),
        ("other", ProviderError::Denied { host, status: 401 }),
        ("..", ProviderError::Options("the key must not be “.” or “..”".into())),
    ] {
        assert_eq!(value(&provider, key, Value::Null).await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn another_manager_by_token() {
    let server = MockServer::start().await;
    Mock::given(path("/api/v3.1/secrets/a%2Fb"))
        .and(header("authentication-token", "ctok-very-secret"))
        .and(header("tenant", "default_tenant"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"value": "v"})))
        .mount(&server)
        .await;
    let parameters = json!({"host": "127.0.0.1", "port": server.address().port().to_string(), "protocol": "http",
        "token": "ctok-very-secret"});
    let provider = Provider::parse("cloudify", Some(&parameters)).unwrap();
    assert_eq!(value(&provider, "a/b", Value::Null).await.unwrap(), "v");
}

#[tokio::test]
async fn a_network_that_is_not_allowed_is_not_called() {
    let server = MockServer::start().await;
    let nobody = Outbound::new(&config::Outbound::default()).unwrap();
    for provider in [vault_at(&server, "kv"), remote_at(&server)] {
        let error = test(&nobody, &provider).await.unwrap_err();
        assert!(matches!(error, ProviderError::Outbound(OutboundError::Refused { .. })), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_kept_here_is_not_asked_for() {
    let local = Provider::parse("local", None).unwrap();
    assert_eq!(test(&outbound(), &local).await, Ok(()));
    assert_eq!(read(&outbound(), &local, "a", None).await, Ok(None));
}

#[test]
fn credentials_are_not_shown() {
    let vault = json!({"url": "https://vault.example", "token": "hvs.very-secret"});
    let remote = json!({"host": "manager.example", "username": "admin", "password": "very-secret"});
    let token = json!({"host": "manager.example", "token": "very-secret"});
    for (kind, parameters) in [("vault", vault), ("cloudify", remote), ("cloudify", token)] {
        let provider = Provider::parse(kind, Some(&parameters)).unwrap();
        assert_eq!(provider.kind(), kind);
        let shown = format!("{provider:?}");
        assert!(shown.contains(".example") && !shown.contains("very-secret"), "{shown}");
    }
}

#[test]
fn parameters_are_judged_with_their_places() {
    let problems = |kind: &str, parameters: Value| {
        let problems = Provider::parse(kind, Some(&parameters)).unwrap_err();
        let place = |pointer: &str| pointer.trim_start_matches("/connection_parameters/").to_owned();
        let found: Vec<String> = problems.0.iter().map(|p| format!("{} {}", place(&p.pointer), p.code)).collect();
        found.join(", ")
    };
    assert_eq!(problems("vault", json!({})), "url required, token required");
    assert_eq!(problems("vault", Value::Null), "url required, token required");
    assert_eq!(problems("vault", json!([])), "/connection_parameters type");
    assert_eq!(problems("vault", json!({"url": 5, "token": "a\nb"})), "url type, token format, token required");
    assert_eq!(problems("vault", json!({"url": "vault", "token": "t", "path": "a/.."})), "path format, url format");
    assert_eq!(problems("cloudify", json!({})), "host required, username required, password required");
    let odd = json!({"host": "h/x", "port": 0, "protocol": "ftp", "username": "a:b", "password": 5, "trust_all": "y"});
    assert_eq!(
        problems("cloudify", odd),
        "port range, protocol choice, host format, username format, password type, password required, trust_all type"
    );
    for host in ["a b", "h:80", "user@h", "h?x", "h#x", "http://h"] {
        assert_eq!(problems("cloudify", json!({"host": host, "token": "t"})), "host format", "{host}");
    }
    let both = json!({"host": "h", "token": "t", "trust_all": true, "cert": "-----BEGIN CERTIFICATE-----"});
    assert_eq!(problems("cloudify", both), "cert conflict");
    assert_eq!(problems("cloudify", json!({"host": "h", "token": "t", "cert": "/etc/ca.pem"})), "cert format");
    assert_eq!(problems("aws", json!({})), "/type choice");
    for host in ["h.example", "::1", "[::1]", "10.0.0.1", "grüße.example"] {
        assert!(Provider::parse("cloudify", Some(&json!({"host": host, "token": "t"}))).is_ok(), "{host}");
    }
}
