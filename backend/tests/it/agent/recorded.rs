//! Recorded requests of the real client against our server. The recordings are not part of the
//! repository; where they are absent the tests say so and pass.

use std::{collections::BTreeMap, fs, path::Path};

use axum::http::StatusCode;
use binnacle::protocol::{ClientPayload, Message, ServerPayload};
use binnacle_shared::model::landscape::activity::ActivityStatus;
use serde_json::Value as Json;

use super::server::{Client, Server, kinds};
use crate::support::database::Flavor;

fn recordings() -> Option<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec/landscape/agent-vectors.json");
    let Ok(text) = fs::read_to_string(path) else {
        println!("skipped: no agent-vectors.json beside the workspace");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn body(json: &Json) -> Vec<u8> {
    let text = json.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The exchanges of a recording, in order.
fn exchanges(recording: &Json) -> Vec<&Json> {
    recording.as_array().unwrap().iter().filter(|step| step["path"] == "/message-system").collect()
}

/// Sends a recorded body as it is.
async fn replay(server: &Server, step: &Json, secure_id: Option<&str>, token: Option<&str>) -> ServerPayload {
    let mut headers = vec![("content-type", "application/octet-stream")];
    headers.extend(secure_id.map(|id| ("x-computer-id", id)));
    headers.extend(token.map(|token| ("x-exchange-token", token)));
    let (status, answer) = server.post("/message-system", &headers, body(&step["request_hex"])).await;
    assert_eq!(status, StatusCode::OK);
    ServerPayload::decode(&answer).unwrap()
}

fn id_of(answer: &ServerPayload) -> String {
    answer.messages.iter().find_map(|message| message.text("id")).unwrap().to_owned()
}

/// The kinds of messages and which of the optional fields are there: what an answer means.
fn meaning(answer: &ServerPayload) -> (Vec<&str>, Option<i64>, bool, bool) {
    (
        kinds(&answer.messages),
        answer.next_expected_sequence,
        answer.next_exchange_token.is_some(),
        answer.client_accepted_types_hash.is_some(),
    )
}

fn recorded_answer(step: &Json) -> ServerPayload {
    ServerPayload::decode(&body(&step["response_hex"])).unwrap()
}

#[tokio::test]
async fn a_whole_life() {
    use ActivityStatus::{Failed, Succeeded};
    let Some(recordings) = recordings() else { return };
    let server = Server::start(Flavor::Sqlite).await.unwrap();
    let steps = exchanges(&recordings["exchange_register_accept_execute"]);
    let mut client = Client::default();
    let mut numbers: BTreeMap<i64, i64> = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        let request = ClientPayload::decode(&body(&step["request_hex"])).unwrap();
        match number {
            3 => {
                let id = server.computers().await[0].id;
                assert!(server.fixture.enrol(id, server.fixture.root.id).await);
                assert!(server.ping(&format!("insecure_id={}", client.insecure_id)).await);
            }
            5 | 6 => {
                let id = server.computers().await[0].id;
                for recorded in if number == 5 { 501..=501 } else { 502..=506 } {
                    numbers.insert(recorded, server.order(&[id]).await[0].id);
                }
            }
            _ => {}
        }
        if let Some(types) = request.client_accepted_types {
            client.types = types.into_iter().map(|name| &*name.leak()).collect();
        }
        let messages: Vec<Message> =
            request.messages.into_iter().map(|message| renumbered(message, &numbers)).collect();
        let sent = i64::try_from(messages.len()).unwrap();
        let answer = client.send(&server, messages).await;
        if number < 3 {
            assert_eq!(meaning(&answer), meaning(&recorded_answer(step)), "step {number}");
        }
        let received = client.take(sent, answer);
        let expected = match number {
            3 => vec!["accepted-types"],
            5 => vec!["execute-script"],
            6 => vec!["execute-script"; 5],
            0..3 => continue,
            _ => vec![],
        };
        assert_eq!(kinds(&received), expected, "step {number}");
    }
    let mut outcomes = Vec::new();
    for id in numbers.values() {
        let activity = server.activity(*id).await;
        outcomes.push((activity.activity_status, activity.result_code));
    }
    let expected = [
        (Succeeded, None),
        (Failed, Some(103)),
        (Failed, Some(102)),
        (Succeeded, None),
        (Failed, None),
        (Failed, Some(104)),
    ];
    assert_eq!(outcomes, expected);
    let first = server.activity(numbers[&501]).await;
    assert_eq!(first.result_text.as_deref(), Some("hi root café\nattached text\n"));
    let computer = server.computers().await.remove(0);
    assert_eq!((computer.hostname.as_deref(), computer.distribution.as_deref()), (Some("vm"), Some("12")));
    assert_eq!(computer.tags, ["edge", "web"]);
}

fn renumbered(message: Message, numbers: &BTreeMap<i64, i64>) -> Message {
    match message.operation_id() {
        Some(id) => message.with("operation-id", numbers[&id]),
        None => message,
    }
}

#[tokio::test]
async fn an_unknown_id_and_what_follows() {
    let Some(recordings) = recordings() else { return };
    let server = Server::start(Flavor::Sqlite).await.unwrap();
    let steps = exchanges(&recordings["scenario_unknown_id"]);
    let answer = replay(&server, steps[0], Some("secure-id-0001"), Some("token-0002")).await;
    assert_eq!(meaning(&answer), meaning(&recorded_answer(steps[0])));
    let answer = replay(&server, steps[1], None, None).await;
    assert_eq!(meaning(&answer), meaning(&recorded_answer(steps[1])));
    let answer = replay(&server, steps[2], Some(&id_of(&answer)), None).await;
    assert_eq!(meaning(&answer), meaning(&recorded_answer(steps[2])));
}

#[tokio::test]
async fn a_copy_and_what_follows() {
    let Some(recordings) = recordings() else { return };
    let server = Server::start(Flavor::Sqlite).await.unwrap();
    let (client, _) = Client::enrolled(&server).await;
    let steps = exchanges(&recordings["scenario_clone"]);
    let answer = replay(&server, steps[0], client.secure_id.as_deref(), Some("token-0002")).await;
    assert_eq!(meaning(&answer), meaning(&recorded_answer(steps[0])));
    assert_eq!(answer.messages[0].text("clone-of"), Some("Box"));
    let answer = replay(&server, steps[1], None, None).await;
    assert_eq!(meaning(&answer), meaning(&recorded_answer(steps[1])));
    let answer = replay(&server, steps[2], Some(&id_of(&answer)), None).await;
    assert_eq!(meaning(&answer), meaning(&recorded_answer(steps[2])));
}

#[tokio::test]
async fn the_configuration_tool() {
    let Some(recordings) = recordings() else { return };
    let server = Server::start(Flavor::Sqlite).await.unwrap();
    let cases = recordings["registration_by_configuration_tool"].as_object().unwrap();
    let answer = replay(&server, &cases["accepted"], None, None).await;
    assert_eq!(kinds(&answer.messages), ["set-id"]);
    let computer = server.computers().await.remove(0);
    assert_eq!(
        (computer.vm_info.as_deref(), computer.tags.as_slice()),
        (Some("kvm"), ["edge".to_owned(), "web".to_owned()].as_slice())
    );
}
