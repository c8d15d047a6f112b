//! Files beside scripts, as a script finds them: whatever their names and sizes.

use std::collections::BTreeMap;

use axum::{Router, body::Bytes, http::StatusCode, routing::get};
use binnacle::protocol::script::{Attachment, ExecuteScript};

use super::scripts::{order, run_with};
use super::stub::Stub;

#[tokio::test]
async fn odd_names_are_kept_as_they_are() {
    let names = ["two words", "größe 日本.txt", "a.b..c", "-rf", "$(id)", "quote'\"", ".hidden", "tab\there", "*"];
    let long = "x".repeat(255);
    let names: Vec<&str> = names.into_iter().chain([long.as_str()]).collect();
    let files = names.iter().map(|name| ((*name).to_owned(), format!("in {name}\n").into_bytes())).collect();
    let shown = order(
        "cd \"$LANDSCAPE_ATTACHMENTS\" && find . -type f | LC_ALL=C sort | while IFS= read -r f; do cat \"$f\"; done",
    );
    let result = run_with(&[], &shown, files).await;
    assert!(result.succeeded, "{}", result.result_text);
    let mut sorted = names.clone();
    sorted.sort_unstable();
    let expected: Vec<String> = sorted.iter().map(|name| format!("in {name}")).collect();
    assert_eq!(result.result_text, format!("{}\n", expected.join("\n")));
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_refused() {
    for name in ["", ".", "..", "../evil", "/etc/evil", "a/b", "nul\0"] {
        let result = run_with(&[], &order("echo ran"), BTreeMap::from([(name.to_owned(), Vec::new())])).await;
        let expected = format!("An attachment cannot have the name {name:?}.");
        assert_eq!((result.succeeded, result.result_text), (false, expected));
    }
    // Longer than a file system takes.
    let result = run_with(&[], &order("echo ran"), BTreeMap::from([("x".repeat(256), Vec::new())])).await;
    assert!(result.result_text.starts_with("The script's files could not be written: "), "{}", result.result_text);
}

/// What the agent downloads: two files at once, one of them large, and one that is not there.
#[tokio::test]
async fn files_are_downloaded_byte_by_byte_or_the_script_does_not_run() {
    const LARGE: usize = 20 * 1024 * 1024;
    let files = Router::new()
        .route("/attachment/1", get(|| async { Bytes::from_static(b"\x00\xff\r\n") }))
        .route("/attachment/2", get(|| async { Bytes::from(vec![b'y'; LARGE]) }))
        .route("/attachment/3", get(|| async { StatusCode::NOT_FOUND }));
    let mut stub = Stub::start_with(files).await;
    let directory = tempfile::tempdir().unwrap();
    let _agent = stub.agent(&directory.path().join("data"), &[]);
    stub.register().await;
    stub.pings.recv().await.unwrap().send(true).unwrap();
    let attachments = |ids: &[i64]| ids.iter().map(|id| (format!("file {id}"), Attachment::Id(*id))).collect();
    let code =
        "cd \"$LANDSCAPE_ATTACHMENTS\"; od -An -tx1 'file 1'; wc -c < 'file 2'; tr -d y < 'file 2' | wc -c; cat old";
    let mut both = ExecuteScript { operation_id: 1, attachments: attachments(&[1, 2]), ..order(code) };
    both.attachments.insert("old".to_owned(), Attachment::Inline("inline\n".to_owned()));
    let missing = ExecuteScript { operation_id: 2, attachments: attachments(&[1, 3]), ..order("echo ran") };
    stub.next().await.answer(vec![both.to_message(), missing.to_message()]);
    let results = stub.results(2).await;
    assert_eq!(results[&1].result_text, format!(" 00 ff 0d 0a\n{LARGE}\n0\ninline\n"));
    let missing = &results[&2];
    assert_eq!((missing.succeeded, missing.result_code), (false, Some(104)));
    assert_eq!(missing.result_text, "Server returned HTTP code 404");
}
