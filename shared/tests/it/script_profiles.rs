//! The rules of script profiles' request bodies: each refusal, and its place.

use binnacle_shared::Problems;
use binnacle_shared::model::landscape::script_profile::{
    ArchivedFilter, CatchUp, EventType, NewScriptProfile, NewTrigger, PreviewRequest, ScriptProfilePatch, TriggerType,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

/// A body that is accepted.
pub fn body() -> Value {
    json!({
        "title": "Renew certificates",
        "script_id": 7,
        "username": "root",
        "time_limit": 300,
        "all_computers": false,
        "tags": ["web", "edge-1"],
        "trigger": recurring(),
    })
}

pub fn recurring() -> Value {
    json!({"trigger_type": "recurring", "interval": "0 8 * * 1-5", "start_after": "2025-04-23T02:10:41Z"})
}

/// The body with a field put to another value.
pub fn with(pointer: &str, value: Value) -> Value {
    let mut body = body();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

/// The body without a field.
fn without(pointer: &str) -> Value {
    let mut body = body();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    body
}

pub fn faults(problems: &Problems) -> Vec<(&str, &str)> {
    for problem in &problems.0 {
        assert!(problem.message.ends_with('.'), "not a sentence: {}", problem.message);
    }
    problems.0.iter().map(|e| (e.pointer.as_str(), e.code.as_ref())).collect()
}

/// Fields that both bodies judge alike.
pub fn wrong_values() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/title", json!(5), "type"),
        ("/title", json!("  "), "blank"),
        ("/title", json!("two\nlines"), "format"),
        ("/title", json!("x".repeat(201)), "length"),
        ("/username", json!([]), "type"),
        ("/username", json!(""), "blank"),
        ("/username", json!("a b"), "format"),
        ("/username", json!("-x"), "format"),
        ("/time_limit", json!("300"), "type"),
        ("/time_limit", json!(1.5), "type"),
        ("/time_limit", json!(18_446_744_073_709_551_615_u64), "type"),
        ("/time_limit", json!(0), "range"),
        ("/time_limit", json!(-1), "range"),
        ("/time_limit", json!(86_401), "range"),
        ("/all_computers", json!("true"), "type"),
        ("/all_computers", json!(1), "type"),
        ("/tags", json!("web"), "type"),
        ("/tags", json!({"0": "web"}), "type"),
        ("/trigger", json!("recurring"), "type"),
        ("/trigger", json!([recurring()]), "type"),
        ("/trigger/trigger_type", json!(null), "required"),
        ("/trigger/trigger_type", json!(1), "type"),
        ("/trigger/trigger_type", json!("weekly"), "unknown"),
        ("/trigger/trigger_type", json!("Recurring"), "unknown"),
        ("/trigger/interval", json!(5), "type"),
        ("/trigger/interval", json!(""), "format"),
        ("/trigger/interval", json!("@daily"), "format"),
        ("/trigger/interval", json!("0 0 8 * * *"), "format"),
        ("/trigger/interval", json!("0 0 31 2 *"), "never"),
        ("/trigger/start_after", json!(1_745_373_041), "type"),
        ("/trigger/start_after", json!(""), "format"),
        ("/trigger/start_after", json!("soon"), "format"),
        ("/trigger/start_after", json!("2025-02-30T00:00:00Z"), "format"),
        ("/trigger/time_zone", json!(1), "type"),
        ("/trigger/time_zone", json!(""), "unknown"),
        ("/trigger/time_zone", json!("Middle/Earth"), "unknown"),
        ("/trigger/time_zone", json!("+02:00"), "unknown"),
        ("/trigger/time_zone", json!("../../etc/passwd"), "unknown"),
        ("/trigger/catch_up", json!(true), "type"),
        ("/trigger/catch_up", json!("First"), "unknown"),
    ]
}

#[wasm_bindgen_test(unsupported = test)]
fn a_new_profile_is_read() {
    let profile = NewScriptProfile::parse(&body()).unwrap();
    assert_eq!(profile.title, "Renew certificates");
    assert_eq!((profile.script_id, profile.time_limit), (7, 300));
    assert_eq!((profile.username.as_str(), profile.all_computers), ("root", false));
    assert_eq!(profile.tags, ["web", "edge-1"]);
    let NewTrigger::Recurring { interval, start_after, zone, catch_up } = profile.trigger else { panic!() };
    assert_eq!(interval.source(), "0 8 * * 1-5");
    assert_eq!(start_after.to_string(), "2025-04-23T02:10:41Z");
    assert_eq!((zone.name(), catch_up), ("UTC", CatchUp::Last));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_three_triggers_are_read() {
    let read = |trigger: Value| NewScriptProfile::parse(&with("/trigger", trigger)).unwrap().trigger;
    assert_eq!(
        read(json!({"trigger_type": "event", "event_type": "post_enrollment"})),
        NewTrigger::Event(EventType::PostEnrollment)
    );
    let once = read(json!({"trigger_type": "one_time", "timestamp": "2025-04-04T04:10:41+02:00"}));
    assert_eq!(once, NewTrigger::OneTime { timestamp: "2025-04-04T02:10:41Z".parse().unwrap() });
    assert_eq!(once.trigger_type(), TriggerType::OneTime);
    assert_eq!(read(recurring()).trigger_type(), TriggerType::Recurring);
}

#[wasm_bindgen_test(unsupported = test)]
fn texts_are_trimmed_and_tags_stand_once() {
    let mut given = with("/title", json!("  Optics \t"));
    given["username"] = json!(" ubuntu ");
    given["tags"] = json!([" web", "web", "db"]);
    given["trigger"]["interval"] = json!(" 0  8 * * * ");
    let profile = NewScriptProfile::parse(&given).unwrap();
    assert_eq!((profile.title.as_str(), profile.username.as_str()), ("Optics", "ubuntu"));
    assert_eq!(profile.tags, ["web", "db"]);
    let NewTrigger::Recurring { interval, .. } = profile.trigger else { panic!() };
    assert_eq!(interval.source(), "0 8 * * *");
}

#[wasm_bindgen_test(unsupported = test)]
fn what_a_new_profile_needs() {
    for field in ["/title", "/script_id", "/username", "/time_limit", "/trigger"] {
        for given in [without(field), with(field, Value::Null)] {
            assert_eq!(faults(&NewScriptProfile::parse(&given).unwrap_err()), [(field, "required")]);
        }
    }
    for (trigger, field) in [
        (json!({}), "/trigger/trigger_type"),
        (json!({"trigger_type": "event"}), "/trigger/event_type"),
        (json!({"trigger_type": "one_time"}), "/trigger/timestamp"),
        (json!({"trigger_type": "recurring", "interval": "0 8 * * *"}), "/trigger/start_after"),
        (json!({"trigger_type": "recurring", "start_after": "2025-04-23"}), "/trigger/interval"),
    ] {
        let problems = NewScriptProfile::parse(&with("/trigger", trigger)).unwrap_err();
        assert_eq!(faults(&problems), [(field, "required")]);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn targets_may_be_left_out() {
    for field in ["/all_computers", "/tags"] {
        for given in [without(field), with(field, Value::Null)] {
            assert!(NewScriptProfile::parse(&given).is_ok(), "{field}");
        }
    }
    let profile = NewScriptProfile::parse(&without("/tags")).unwrap();
    assert!(profile.tags.is_empty() && !profile.all_computers);
    // Both together are fine, too.
    assert!(NewScriptProfile::parse(&with("/all_computers", json!(true))).is_ok());
}

#[wasm_bindgen_test(unsupported = test)]
fn wrong_values_of_a_new_profile() {
    for (pointer, value, code) in wrong_values() {
        let problems = NewScriptProfile::parse(&with(pointer, value.clone())).expect_err(pointer);
        assert_eq!(faults(&problems), [(pointer, code)], "{value}");
    }
    for value in [json!("7"), json!(7.5), json!({}), json!([7])] {
        let problems = NewScriptProfile::parse(&with("/script_id", value)).unwrap_err();
        assert_eq!(faults(&problems), [("/script_id", "type")]);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn wrong_triggers() {
    for (trigger, pointer, code) in [
        (json!({"trigger_type": "event", "event_type": "reboot"}), "/trigger/event_type", "unknown"),
        (json!({"trigger_type": "event", "event_type": 1}), "/trigger/event_type", "type"),
        (json!({"trigger_type": "one_time", "timestamp": ""}), "/trigger/timestamp", "format"),
        (json!({"trigger_type": "one_time", "timestamp": 5}), "/trigger/timestamp", "type"),
        (json!({"trigger_type": "one_time", "timestamp": "tomorrow"}), "/trigger/timestamp", "format"),
    ] {
        let given = with("/trigger", trigger);
        assert_eq!(faults(&NewScriptProfile::parse(&given).unwrap_err()), [(pointer, code)]);
        assert_eq!(faults(&ScriptProfilePatch::parse(&given).unwrap_err()), [(pointer, code)]);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_wrong_tag_is_named_by_its_place() {
    let given = with("/tags", json!(["web", "not ok", 5, "-x", null]));
    let expected = [("/tags/1", "format"), ("/tags/2", "type"), ("/tags/3", "format"), ("/tags/4", "type")];
    assert_eq!(faults(&NewScriptProfile::parse(&given).unwrap_err()), expected);
    assert_eq!(faults(&ScriptProfilePatch::parse(&given).unwrap_err()), expected);
}

#[wasm_bindgen_test(unsupported = test)]
fn one_answer_tells_all_faults() {
    let given = json!({
        "title": "", "script_id": "x", "username": "a/b", "time_limit": 0, "all_computers": 0, "tags": [""],
        "trigger": {"trigger_type": "recurring", "interval": "61 * * * *", "start_after": "never"},
    });
    assert_eq!(
        faults(&NewScriptProfile::parse(&given).unwrap_err()),
        [
            ("/title", "blank"),
            ("/script_id", "type"),
            ("/username", "format"),
            ("/time_limit", "range"),
            ("/all_computers", "type"),
            ("/tags/0", "format"),
            ("/trigger/interval", "format"),
            ("/trigger/start_after", "format"),
        ]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_body_must_be_an_object() {
    for given in [json!(null), json!([]), json!("x"), json!(1), json!(true)] {
        for problems in [
            NewScriptProfile::parse(&given).unwrap_err(),
            ScriptProfilePatch::parse(&given).unwrap_err(),
            PreviewRequest::parse(&given).unwrap_err(),
        ] {
            assert_eq!(faults(&problems), [("", "type")]);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_preview_asks_for_the_targets_only() {
    let given = json!({"script_id": 7, "tags": ["web"]});
    let expected = PreviewRequest { script_id: 7, all_computers: false, tags: vec!["web".into()] };
    assert_eq!(PreviewRequest::parse(&given).unwrap(), expected);
    assert_eq!(PreviewRequest::parse(&body()).unwrap().tags, ["web", "edge-1"]);
    let problems = PreviewRequest::parse(&json!({"all_computers": "x", "tags": [" "]})).unwrap_err();
    assert_eq!(faults(&problems), [("/script_id", "required"), ("/all_computers", "type"), ("/tags/0", "format")]);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_list_filter_has_three_words() {
    assert_eq!(ArchivedFilter::default(), ArchivedFilter::Active);
    for (text, expected) in
        [("active", ArchivedFilter::Active), ("archived", ArchivedFilter::Archived), ("all", ArchivedFilter::All)]
    {
        assert_eq!(ArchivedFilter::parse(text).unwrap(), expected);
    }
    for text in ["", "Active", "both"] {
        assert_eq!(ArchivedFilter::parse(text).unwrap_err().code, "unknown");
    }
}
