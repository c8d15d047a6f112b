//! Every endpoint that the API's document names for identity and catalogue is there.

use axum::http::Method;
use binnacle::api::routes;
use serde_json::Value;

use super::client::admin;
use crate::app;
use crate::on_both_databases;

/// Method and path, as the document names them.
fn documented() -> Vec<(Method, &'static str)> {
    let lines = include_str!("documented.tsv").lines();
    lines.map(|line| line.split_once('\t').unwrap()).map(|(method, path)| (method.parse().unwrap(), path)).collect()
}

/// Whether a template is of that form; names of parameters do not count.
fn same(ours: &str, documented: &str) -> bool {
    let fits = |(ours, theirs): (&str, &str)| {
        // The document leaves open which resources have filters and labels; we name them.
        let parameter =
            theirs.starts_with('{') && (ours.starts_with('{') || matches!(ours, "deployments" | "blueprints"));
        ours == theirs || parameter
    };
    ours.split('/').count() == documented.split('/').count() && ours.split('/').zip(documented.split('/')).all(fits)
}

#[test]
fn each_documented_endpoint_has_a_row() {
    let table = routes::conductor::table();
    assert_eq!(documented().len(), 63);
    for (method, path) in documented() {
        let found = table.iter().any(|route| route.method == method && same(&route.path, path));
        assert!(found, "{method} {path} is not routed");
    }
}

on_both_databases! {
    async fn each_documented_endpoint_answers(flavor) {
        let app = app!(flavor);
        for (method, path) in documented() {
            let asked = path.replace("{resource}", "deployments").replace(['{', '}'], "");
            let reply = app.conduct(&admin(), method.clone(), asked.trim_start_matches('/'), Value::Null).await;
            let status = reply.status.as_u16();
            assert!(status < 500, "{method} {path}: {reply:?}");
            // What is not routed has no body of the API's form.
            assert!(status != 405 && (status != 404 || reply.text.starts_with('{')), "{method} {path}: {reply:?}");
        }
    }
}
