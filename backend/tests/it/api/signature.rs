//! Signed requests of the query API, as unmodified clients make them.

use std::collections::BTreeMap;

use axum::http::Method;
use binnacle::auth::signature::{canonical_query, sign, string_to_sign};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::app::{App, Client, Reply};
use crate::{app, on_both_databases};

/// What a client signs with.
struct Signer {
    access_key: String,
    secret: String,
    host: &'static str,
    path: &'static str,
}

impl Signer {
    async fn new(app: &App, client: &Client) -> Self {
        let made = app.post(client, "access-keys", json!({"title": "script"})).await.expect(201);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self { access_key: text("access_key"), secret: text("secret_key"), host: "fleet.example:8080", path: "/api/" }
    }

    /// The encoded parameters, signature and all.
    fn parameters(&self, app: &App, method: &Method, action: &str, more: &[(&str, &str)]) -> String {
        let now = binnacle_shared::time::Seconds(app.services.clock.now()).to_string();
        let common = [
            ("access_key_id", self.access_key.as_str()),
            ("action", action),
            ("signature_method", "HmacSHA256"),
            ("signature_version", "2"),
            ("timestamp", now.as_str()),
            ("version", "2011-08-01"),
        ];
        let all: BTreeMap<String, String> =
            common.iter().chain(more).map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let query = canonical_query(&all);
        let signature = sign(&self.secret, &string_to_sign(method.as_str(), self.host, self.path, &query)).unwrap();
        // The public library leaves the slash of the signature as it is.
        format!("{query}&signature={}", signature.replace('+', "%2B").replace('=', "%3D"))
    }

    async fn send(&self, app: &App, method: Method, path: &str, sent: &str, host: &str) -> Reply {
        let client = Client { headers: vec![("host", host.to_owned())] };
        if method == Method::GET {
            app.ask(&client, method, &format!("{path}?{sent}"), "").await
        } else {
            app.ask(&client, method, path, sent).await
        }
    }

    async fn ask(&self, app: &App, method: Method, action: &str, more: &[(&str, &str)]) -> Reply {
        let sent = self.parameters(app, &method, action, more);
        self.send(app, method, self.path, &sent, self.host).await
    }
}

fn error(reply: &Reply, status: u16) -> Value {
    reply.expect(status)["error"].clone()
}

on_both_databases! {
    async fn a_signed_request_acts_for_the_owner_of_the_key(flavor) {
        let app = app!(flavor);
        let signer = Signer::new(&app, &app.admin().await).await;
        app.script("hello", &[]).await;
        for path in ["/api/", "/api", "/"] {
            let signer = Signer { path, access_key: signer.access_key.clone(), secret: signer.secret.clone(), ..signer };
            for method in [Method::POST, Method::GET] {
                let scripts = signer.ask(&app, method, "GetScripts", &[]).await.expect(200);
                assert_eq!(scripts[0]["title"], "hello");
            }
        }
        // State is changed by GET as well: nobody else can make such a request.
        let made = signer.ask(&app, Method::GET, "CreateAccessGroup", &[("title", "Größe & Web/1")]).await.expect(200);
        assert_eq!(made["title"], "Größe & Web/1");
        let key = &app.get(&app.admin().await, "access-keys").await.expect(200)["results"][0];
        assert_eq!(key["last_used_at"], "2026-11-21T08:00:00Z");
        assert!(key.get("secret_key").is_none());
    }

    async fn host_and_path_are_those_of_the_request(flavor) {
        let app = app!(flavor);
        let signer = Signer::new(&app, &app.admin().await).await;
        let sent = signer.parameters(&app, &Method::POST, "GetScripts", &[]);
        signer.send(&app, Method::POST, "/api/", &sent, "FLEET.example:8080").await.expect(200);
        for (path, host) in [("/api", "fleet.example:8080"), ("/api/", "fleet.example"), ("/api/", "other:8080")] {
            let reply = signer.send(&app, Method::POST, path, &sent, host).await;
            assert_eq!(error(&reply, 403), "SignatureDoesNotMatch", "{path} {host}");
        }
        // Somebody signs what they type, in capitals.
        let capitals = Signer { host: "FLEET.Example", access_key: signer.access_key.clone(), secret: signer.secret.clone(), ..signer };
        let sent = capitals.parameters(&app, &Method::POST, "GetScripts", &[]);
        capitals.send(&app, Method::POST, "/api/", &sent, "FLEET.Example").await.expect(200);
        // A header that anybody can send does not stand for the host.
        let sent = signer.parameters(&app, &Method::POST, "GetScripts", &[]);
        let headers = vec![("host", "inside:80".to_owned()), ("x-forwarded-host", signer.host.to_owned())];
        app.ask(&Client { headers: headers.clone() }, Method::POST, "/api/", sent.clone()).await.expect(403);
        let proxied = app.from("10.0.0.1", &Client { headers }, Method::POST, "/api/", sent).await;
        proxied.expect(200);
    }

    async fn what_does_not_fit_is_refused_by_name(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        let signer = Signer::new(&app, &admin).await;
        let good = signer.parameters(&app, &Method::POST, "GetScripts", &[]);
        let send = async |sent: &str| signer.send(&app, Method::POST, "/api/", sent, signer.host).await;
        send(&good).await.expect(200);
        let (head, _) = good.rsplit_once("&signature=").unwrap();
        for (sent, status, code) in [
            (good.replace("GetScripts", "GetComputers"), 403, "SignatureDoesNotMatch"),
            (format!("{good}&limit=1"), 403, "SignatureDoesNotMatch"),
            (format!("{head}&signature=bm8%3D"), 403, "SignatureDoesNotMatch"),
            (format!("{head}&signature=%25"), 403, "SignatureDoesNotMatch"),
            (head.to_owned(), 400, "MissingParameter"),
            (good.replace("HmacSHA256", "HmacSHA1"), 400, "InvalidParameter"),
            (good.replace("signature_version=2", "signature_version=1"), 400, "InvalidParameter"),
            (good.replace("2026-11-21T08", "yesterday"), 400, "InvalidParameter"),
            (good.replace(&signer.access_key, "AAAAAAAAAAAAAAAAAAAA"), 401, "AuthFailure"),
            (good.replace(&signer.access_key, "%00"), 400, "InvalidParameter"),
            (good.replace(&signer.access_key, "%FF"), 400, "InvalidParameter"),
        ] {
            assert_eq!(error(&send(&sent).await, status), code, "{sent}");
        }
        let unknown = signer.ask(&app, Method::POST, "Nope", &[]).await;
        assert_eq!(error(&unknown, 404), "UnknownAction");
        let early = signer.parameters(&app, &Method::POST, "GetScripts", &[]);
        app.clock.advance(SignedDuration::from_mins(15));
        send(&early).await.expect(200);
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(error(&send(&early).await, 403), "SignatureDoesNotMatch");
        // A revoked key, and the key of somebody who was locked out.
        let id = app.get(&admin, "access-keys").await.expect(200)["results"][0]["id"].clone();
        app.ask(&admin, Method::DELETE, &format!("/api/v2/access-keys/{id}"), "").await.expect(204);
        assert_eq!(error(&signer.ask(&app, Method::POST, "GetScripts", &[]).await, 401), "AuthFailure");
    }

    async fn keys_end_with_their_owner(flavor) {
        let app = app!(flavor);
        let id = app.person("kim", binnacle_shared::permission::Role::SupportAnalyst, &["global"]).await;
        let signer = Signer::new(&app, &app.client("kim").await).await;
        signer.ask(&app, Method::POST, "GetScripts", &[]).await.expect(200);
        let refused = signer.ask(&app, Method::POST, "CreateAccessGroup", &[("title", "x")]).await;
        assert_eq!(error(&refused, 403), "Unauthorised");
        let mut conn = app.services.db.write().await.unwrap();
        binnacle::store::person::set_disabled(&mut conn, id, true).await.unwrap();
        conn.commit().await.unwrap();
        assert_eq!(error(&signer.ask(&app, Method::POST, "GetScripts", &[]).await, 401), "AuthFailure");
    }

    /// Equal commands within one second have equal signatures, so a change is taken again for a
    /// few seconds; what comes later is a copy.
    async fn a_copied_change_is_not_taken_again(flavor) {
        let app = app!(flavor);
        let signer = Signer::new(&app, &app.admin().await).await;
        app.computer("web-1", "").await;
        let sent = signer.parameters(&app, &Method::POST, "AddTagsToComputers", &[("query", "id:1"), ("tags.1", "web")]);
        let send = async || signer.send(&app, Method::POST, "/api/", &sent, signer.host).await;
        send().await.expect(200);
        app.clock.advance(SignedDuration::from_secs(5));
        send().await.expect(200);
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(error(&send().await, 403), "SignatureDoesNotMatch");
        assert!(send().await.text.contains("used before"));
        let fresh = signer.ask(&app, Method::POST, "AddTagsToComputers", &[("query", "id:1"), ("tags.1", "web")]).await;
        fresh.expect(200);
        // Reading is no harm.
        let sent = signer.parameters(&app, &Method::POST, "GetScripts", &[]);
        app.clock.advance(SignedDuration::from_mins(10));
        for _ in 0..2 {
            signer.send(&app, Method::POST, "/api/", &sent, signer.host).await.expect(200);
        }
    }
}
