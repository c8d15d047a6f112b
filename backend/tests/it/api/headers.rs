//! What every answer says to browsers, beside what it is about.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};

use super::app::{App, Client, OTHER_ORIGIN, Reply};
use crate::support::database::Flavor;

async fn app() -> App {
    App::new(Flavor::Sqlite).await.unwrap()
}

async fn send(app: &App, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

/// A way to each kind of answer there is.
const KINDS: [(&str, u16); 6] = [
    ("/api/v2/about", 200),
    ("/api/v2/computers", 401),
    ("/api/v2/nowhere", 404),
    ("/api/?action=GetComputers&version=2011-08-01", 403),
    ("/gone-3f2a9c1b7d8e0f12.js", 404),
    ("/ping", 405),
];

#[tokio::test]
async fn no_answer_is_taken_for_something_else_or_put_in_a_frame() {
    let app = app().await;
    for (path, status) in KINDS {
        let reply = send(&app, Method::GET, path, &[]).await;
        if status != 403 && status != 405 {
            assert_eq!(reply.status.as_u16(), status, "{path}: {}", reply.text);
        }
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!reply.header("content-security-policy").contains("unsafe"), "{path}");
        assert!(reply.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(!reply.headers.contains_key("strict-transport-security"), "{path}");
    }
}

#[tokio::test]
async fn tls_is_insisted_on_where_a_trusted_proxy_says_that_there_is_some() {
    let app = app().await;
    for (peer, said) in [("10.0.0.1:1", "max-age=31536000"), ("192.0.2.1:1", "")] {
        let mut request =
            Request::get("/api/v2/about").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(peer.parse::<std::net::SocketAddr>().unwrap()));
        let reply = app.send(request).await;
        assert_eq!(reply.header("strict-transport-security"), said, "{peer}");
    }
}

#[tokio::test]
async fn an_allowed_origin_is_told_so_and_may_send_a_token() {
    let app = app().await;
    let asks = [
        ("origin", OTHER_ORIGIN),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    let preflight = send(&app, Method::OPTIONS, "/api/v2/computers/1", &asks).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(preflight.header("access-control-allow-origin"), OTHER_ORIGIN);
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    for name in ["authorization", "content-type", "last-event-id"] {
        assert!(preflight.header("access-control-allow-headers").contains(name), "{name}");
    }

    // Also what went wrong is for the page to read, and what nothing handles.
    for (path, status) in [("/api/v2/about", 200), ("/api/v2/computers", 401), ("/api/v2/nowhere", 404)] {
        let reply = send(&app, Method::GET, path, &[("origin", OTHER_ORIGIN)]).await;
        assert_eq!(reply.status.as_u16(), status, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), OTHER_ORIGIN, "{path}");
        assert!(reply.header("access-control-expose-headers").contains("x-request-id"), "{path}");
        assert!(varies(&reply), "{path}");
        assert!(!reply.headers.contains_key("access-control-allow-credentials"), "{path}");
    }
}

#[tokio::test]
async fn any_other_origin_is_told_nothing() {
    let app = app().await;
    let close = [
        "https://console.example.evil.example",
        "http://console.example",
        "https://console.example:444",
        "https://Console.example",
        "null",
        "*",
    ];
    for origin in close {
        let asks = [("origin", origin), ("access-control-request-method", "GET")];
        for (method, path) in [(Method::OPTIONS, "/api/v2/computers"), (Method::GET, "/api/v2/about")] {
            let reply = send(&app, method, path, &asks).await;
            let said: Vec<_> =
                reply.headers.keys().filter(|name| name.as_str().starts_with("access-control")).collect();
            assert!(said.is_empty(), "{origin}: {said:?}");
            assert!(varies(&reply), "{origin}");
        }
    }
    // The console's own files are for its own origin, and agents are no browsers.
    for path in ["/ping", "/gone-3f2a9c1b7d8e0f12.js"] {
        let reply = send(&app, Method::GET, path, &[("origin", OTHER_ORIGIN)]).await;
        assert_eq!(reply.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_works_with_the_token_alone() {
    let app = app().await;
    let admin: Client = app.admin().await;
    let mut client = admin.clone();
    client.headers.push(("origin", OTHER_ORIGIN.to_owned()));
    let reply = app.ask(&client, Method::GET, "/api/v2/me", "").await;
    assert_eq!(reply.expect(200)["current_account"], "standalone", "{}", reply.text);
    assert_eq!(reply.header("access-control-allow-origin"), OTHER_ORIGIN);
}

fn varies(reply: &Reply) -> bool {
    reply.headers.get_all("vary").iter().any(|value| value.to_str().unwrap().to_ascii_lowercase().contains("origin"))
}
