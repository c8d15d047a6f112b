//! The encoding and the payloads against recorded traffic of the real client. The recordings are
//! not part of the repository; where they are absent the tests say so and pass.

use std::{fs, path::Path};

use serde_json::Value as Json;

use super::{
    bpickle::{Dict, Key, Value, decode, encode},
    digest::type_digest,
    message::Message,
    package::{Description, numbers, ranges},
    payload::{ClientPayload, ServerPayload, ping_answer, ping_says_messages},
    registration::Register,
    script::{ExecuteScript, OperationResult},
    shutdown::Shutdown,
};

fn vectors() -> Option<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec/landscape/agent-vectors.json");
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: no agent-vectors.json beside the workspace");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn hex(json: &Json) -> Vec<u8> {
    unhex(json.as_str().unwrap())
}

/// The value that a vector states in JSON.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::Int(number.as_i64().unwrap()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(members) => {
            if let Some((tag, content)) = members.iter().next().filter(|(tag, _)| tag.starts_with('$')) {
                return match tag.as_str() {
                    "$bytes" => Value::Bytes(hex(content)),
                    "$float" => Value::Float(content.as_str().unwrap().parse().unwrap()),
                    "$tuple" => Value::Tuple(content.as_array().unwrap().iter().map(value).collect()),
                    "$int" => decode(format!("i{};", content.as_str().unwrap()).as_bytes()).unwrap(),
                    "$dict" => Value::Dict(content.as_array().unwrap().iter().map(pair).collect::<Dict>()),
                    other => panic!("unknown tag {other}"),
                };
            }
            Value::Dict(members.iter().map(|(key, item)| (Key::from(key.as_str()), value(item))).collect())
        }
    }
}

fn pair(json: &Json) -> (Key, Value) {
    let key = match value(&json[0]) {
        Value::Int(number) => Key::Int(number),
        Value::Bytes(bytes) => Key::Text(String::from_utf8(bytes).unwrap()),
        Value::Text(text) => Key::Text(text),
        other => panic!("unusual key {other:?}"),
    };
    (key, value(&json[1]))
}

#[test]
fn the_encoding_agrees() {
    let Some(vectors) = vectors() else { return };
    for case in vectors["bpickle"]["encode_and_decode"].as_array().unwrap() {
        let expected = value(&case["value"]);
        let wire = hex(&case["hex"]);
        assert_eq!(decode(&wire).as_ref(), Ok(&expected), "{case}");
        assert_eq!(encode(&expected), wire, "{case}");
    }
    for case in vectors["bpickle"]["decode_errors"].as_array().unwrap() {
        assert!(decode(&hex(&case["hex"])).is_err(), "{case}");
    }
    for case in vectors["bpickle"]["decode_only_lenient"].as_array().unwrap() {
        // Stricter than the recorded reader: short strings and trailing bytes are refused.
        if let Ok(read) = decode(&hex(&case["hex"])) {
            assert_eq!(read, value(&case["value"]), "{case}");
        }
    }
}

#[test]
fn the_type_digest_agrees() {
    let Some(vectors) = vectors() else { return };
    for case in vectors["type_digest"].as_array().unwrap() {
        let types = case["types"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        assert_eq!(type_digest(types).to_vec(), hex(&case["md5"]), "{case}");
    }
}

#[test]
fn every_message_agrees() {
    let Some(vectors) = vectors() else { return };
    for list in ["client_messages", "server_messages"] {
        for case in vectors[list].as_array().unwrap() {
            let wire = hex(&case["hex"]);
            let message = Message::decode(&wire).unwrap();
            assert_eq!(message.kind(), case["type"].as_str().unwrap());
            assert_eq!(message.clone().into_value(), value(&case["value"]));
            assert_eq!(message.clone().encode(), wire);
            match message.kind() {
                "execute-script" => {
                    let order = ExecuteScript::from_message(&message).unwrap();
                    assert_eq!(order.to_message(), message);
                }
                "shutdown" => {
                    let operation_id = message.operation_id().unwrap();
                    let reboot = message.get("reboot") == Some(&Value::Bool(true));
                    assert_eq!(Shutdown { operation_id, reboot }.to_message(), message);
                }
                "operation-result" => {
                    OperationResult::from_message(&message).unwrap();
                }
                "add-packages" => {
                    for package in message.get("packages").and_then(Value::as_items).unwrap() {
                        assert_eq!(&Description::from_value(package).unwrap().to_value(), package);
                    }
                }
                "register" => {
                    Register::from_message(&message).unwrap();
                }
                _ => {}
            }
        }
    }
}

#[test]
fn package_hashes_and_ranges_agree() {
    let Some(vectors) = vectors() else { return };
    for case in vectors["package_hash"].as_array().unwrap() {
        let relations = case["relations"].as_array().unwrap().iter();
        let relations = relations.map(|pair| (pair[0].as_i64().unwrap(), pair[1].as_str().unwrap().to_owned()));
        let package = Description {
            kind: case["type"].as_i64().unwrap(),
            name: case["name"].as_str().unwrap().into(),
            version: case["version"].as_str().unwrap().into(),
            section: String::new(),
            summary: String::new(),
            description: String::new(),
            size: None,
            installed_size: None,
            relations: relations.collect(),
        };
        assert_eq!(package.hash().to_vec(), hex(&case["sha1"]), "{case}");
    }
    for case in vectors["ranges"].as_array().unwrap() {
        let ids = case["ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
        let wire = value(&case["ranges"]);
        assert_eq!(ranges(&ids), wire, "{case}");
        assert_eq!(numbers(&wire, 1000), Ok(ids));
    }
}

#[test]
fn every_exchange_agrees() {
    let Some(vectors) = vectors() else { return };
    let scenarios = vectors.as_object().unwrap().iter();
    let steps = scenarios.filter(|(name, _)| name.starts_with("scenario") || name.starts_with("exchange"));
    for step in steps.flat_map(|(_, steps)| steps.as_array().unwrap()) {
        match step["path"].as_str().unwrap() {
            "/message-system" => {
                let request = hex(&step["request_hex"]);
                assert_eq!(ClientPayload::decode(&request).unwrap().encode(), request, "{}", step["note"]);
                let answer = hex(&step["response_hex"]);
                assert_eq!(ServerPayload::decode(&answer).unwrap().encode(), answer, "{}", step["note"]);
            }
            "/ping" => {
                let waits = step["response"]["messages"].as_bool().unwrap();
                let body = hex(&step["response_hex"]);
                assert_eq!(ping_says_messages(&body), Ok(waits));
                assert_eq!(ping_answer(waits), body);
            }
            _ => {}
        }
    }
}

#[test]
fn the_configuration_tool_is_understood() {
    let Some(vectors) = vectors() else { return };
    for (_, case) in vectors["registration_by_configuration_tool"].as_object().unwrap() {
        let Some(request) = case["request_hex"].as_str() else { continue };
        let request = ClientPayload::decode(&unhex(request)).unwrap();
        let wish = Register::from_message(&request.messages[0]).unwrap();
        assert_eq!(wish.vm_info, "kvm");
        ServerPayload::decode(&hex(&case["response_hex"])).unwrap();
    }
}
