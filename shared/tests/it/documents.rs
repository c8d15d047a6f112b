//! What the script profile API shows must pass through our types unchanged, and what it asks
//! for must be understood.

use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script_profile::{
    NewScriptProfile, NewTrigger, ScriptProfile, ScriptProfilePatch, Trigger,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

/// What our answers hold beyond the documented ones.
const OURS: [&str; 7] = [
    "adjusted_interval",
    "approval_time",
    "catch_up",
    "children_count",
    "children_statuses",
    "last_planned_run",
    "time_zone",
];

/// Reads a documented answer, writes it again and compares.
fn round_trip<T: Serialize + DeserializeOwned>(documented: &Value) -> T {
    let read: T = serde_json::from_value(documented.clone()).unwrap_or_else(|e| panic!("{e}: {documented:#}"));
    let mut written = serde_json::to_value(&read).unwrap();
    drop_ours(&mut written, documented);
    assert_eq!(&written, documented);
    read
}

/// Removes our additions wherever the documented answer does not have them.
fn drop_ours(written: &mut Value, documented: &Value) {
    match (written, documented) {
        (Value::Object(written), Value::Object(documented)) => {
            written.retain(|name, _| documented.contains_key(name) || !OURS.contains(&name.as_str()));
            for (name, value) in written {
                if let Some(documented) = documented.get(name) {
                    drop_ours(value, documented);
                }
            }
        }
        (Value::Array(written), Value::Array(documented)) => {
            for (value, documented) in written.iter_mut().zip(documented) {
                drop_ours(value, documented);
            }
        }
        _ => {}
    }
}

fn profile(changes: &Value) -> Value {
    let mut profile = json!({
        "id": 12,
        "title": "Rotate logs",
        "script_id": 3,
        "access_group": "edge",
        "created_by": {"name": "Ada Quill", "id": 2},
        "created_at": "2026-01-02T03:04:05.000607",
        "last_edited_at": "2026-01-02T03:04:05.600000",
        "trigger": {"trigger_type": "event", "event_type": "post_enrollment"},
        "all_computers": true,
        "tags": [],
        "time_limit": 90,
        "username": "nobody",
        "computers": {"num_associated_computers": 4},
        "activities": {"last_activity": null},
        "archived": false,
    });
    let changes: &Map<String, Value> = changes.as_object().unwrap();
    for (name, value) in changes {
        profile[name] = value.clone();
    }
    profile
}

fn group() -> Value {
    json!({
        "id": 77,
        "creation_time": "2026-01-02T03:04:05Z",
        "creator": {"name": "Ada Quill", "email": "ada@example.org", "id": 2},
        "type": "ActivityGroup",
        "summary": "Run script",
        "completion_time": null,
        "parent_id": null,
        "deliver_delay_window": 0,
        "result_text": null,
        "result_code": null,
        "activity_status": "undelivered",
    })
}

#[wasm_bindgen_test(unsupported = test)]
fn profiles_with_each_trigger() {
    for (trigger, next_run) in [
        (json!({"trigger_type": "event", "event_type": "post_enrollment"}), None),
        (
            json!({
                "trigger_type": "one_time", "timestamp": "2026-02-03T04:05:06Z",
                "is_finished": true, "next_run": null, "last_run": "2026-02-03T04:05:08Z",
            }),
            None,
        ),
        (
            json!({
                "trigger_type": "recurring", "interval": "15 6 * * SUN", "start_after": "2026-02-03T04:05:06Z",
                "last_run": null, "next_run": "2026-02-08T06:15:00Z",
            }),
            Some("2026-02-08T06:15:00Z"),
        ),
    ] {
        let read: ScriptProfile = round_trip(&profile(&json!({"trigger": trigger})));
        assert_eq!(read.trigger.trigger_type().name(), trigger["trigger_type"]);
        assert_eq!(read.trigger.next_run().map(|t| t.to_string()).as_deref(), next_run);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn profiles_with_tags_activity_and_without_a_creator() {
    let read: ScriptProfile = round_trip(&profile(&json!({
        "all_computers": false,
        "tags": ["server", "laptop"],
        "activities": {"last_activity": group()},
        "archived": true,
        "created_by": null,
    })));
    assert_eq!(read.activities.last_activity.map(|a| a.id), Some(77));
}

#[wasm_bindgen_test(unsupported = test)]
fn lists_of_profiles_and_of_activities() {
    let list = |results: Value| json!({"count": 2, "next": null, "previous": null, "results": results});
    let profiles = list(json!([profile(&json!({})), profile(&json!({"id": 11}))]));
    let read: Envelope<ScriptProfile> = round_trip(&profiles);
    assert_eq!(read.results.iter().map(|p| p.id).collect::<Vec<_>>(), [12, 11]);
    let mut activities = list(json!([group()]));
    activities["next"] = json!("/api/v2/script-profiles/12/activities?limit=1&offset=1");
    let read: Envelope<Activity> = round_trip(&activities);
    assert!(read.results[0].is_group());
}

#[wasm_bindgen_test(unsupported = test)]
fn single_activities_keep_their_own_fields() {
    let read: Activity = round_trip(&json!({
        "id": 78,
        "creation_time": "2026-01-02T03:04:05Z",
        "creator": {"name": "Ada Quill", "email": "ada@example.org", "id": 2},
        "type": "ExecuteScriptRequest",
        "summary": "Run script: Rotate logs",
        "completion_time": "2026-01-02T03:04:09Z",
        "approval_time": null,
        "parent_id": 77,
        "result_text": "rotated\n",
        "result_code": 0,
        "activity_status": "succeeded",
        "actions": {"approvable": false, "cancelable": false, "reappliable": true},
        "computer_id": 5,
        "computer": {"id": 5, "title": "edge-5"},
        "delivery_time": "2026-01-02T03:04:06Z",
        "deliver_after_time": null,
        "deliver_before_time": null,
        "schedule_after_time": null,
        "schedule_before_time": null,
        "modification_time": "2026-01-02T03:04:09Z",
        "children": [],
    }));
    assert!(read.group.is_none());
    assert_eq!(read.single.and_then(|s| s.computer_id), Some(5));
}

#[wasm_bindgen_test(unsupported = test)]
fn limits_are_those_documented() {
    let documented = json!({"max_num_computers": 5000, "max_num_profiles": 10, "min_interval": 360});
    let read: ScriptProfileLimits = round_trip(&documented);
    assert_eq!(read, ScriptProfileLimits::default());
}

#[wasm_bindgen_test(unsupported = test)]
fn request_bodies() {
    let new = NewScriptProfile::parse(&json!({
        "title": "Greet", "username": "root", "time_limit": 60, "script_id": 3, "tags": [], "all_computers": true,
        "trigger": {"trigger_type": "event", "event_type": "post_enrollment"},
    }))
    .unwrap();
    assert!(matches!(new.trigger, NewTrigger::Event(_)));
    let patch = ScriptProfilePatch::parse(&json!({
        "title": "Greet all", "username": "nobody", "time_limit": 61, "tags": ["edge"], "all_computers": false,
    }))
    .unwrap();
    assert_eq!((patch.title.as_deref(), patch.time_limit, patch.trigger), (Some("Greet all"), Some(61), None));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_profile_can_be_sent_back_as_a_change() {
    // Forms read a profile and send it again; times that only answers have do no harm.
    let shown = profile(&json!({"trigger": {
        "trigger_type": "recurring", "interval": "15 6 * * SUN", "start_after": "2026-02-03T04:05:06Z",
        "last_run": null, "next_run": "2026-02-08T06:15:00Z",
    }}));
    let read: ScriptProfile = round_trip(&shown);
    assert!(matches!(read.trigger, Trigger::Recurring { .. }));
    assert!(ScriptProfilePatch::parse(&shown).unwrap().trigger.is_some());
    assert!(NewScriptProfile::parse(&shown).is_ok());
}

/// The document itself, where it lies beside the workspace.
#[cfg(not(target_family = "wasm"))]
mod source {
    use std::path::Path;

    use super::*;

    fn document() -> Option<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/source-documents");
        let files = std::fs::read_dir(folder).ok()?;
        files
            .filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok())
            .find(|text| text.starts_with("# Script Profiles"))
    }

    /// The texts between two marks.
    fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
        text.split(open).skip(1).filter_map(|rest| Some(rest.split_once(close)?.0.trim())).collect()
    }

    /// Reads an example in spite of its misprints: an object in a second pair of braces, a
    /// comma behind the last field, a missing brace at the end.
    fn read(example: &str) -> Value {
        let mut text = example.to_owned();
        if let Some(inner) = text.strip_prefix('{').map(str::trim).filter(|inner| inner.starts_with('{')) {
            text = inner.trim_end_matches('}').trim_end().trim_end_matches(',').to_owned();
        }
        let opened = text.matches('{').count();
        let closed = text.matches('}').count();
        text.push_str(&"}".repeat(opened.saturating_sub(closed)));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    #[test]
    fn every_example_of_the_document() {
        let Some(document) = document() else {
            println!("skipped: the source document does not lie beside the workspace");
            return;
        };
        let (mut profiles, mut activities, mut limits) = (0, 0, 0);
        for answer in between(&document, "```json", "```").into_iter().map(read) {
            if answer["results"][0]["trigger"].is_object() {
                profiles += round_trip::<Envelope<ScriptProfile>>(&answer).results.len();
            } else if answer["results"].is_array() {
                activities += round_trip::<Envelope<Activity>>(&answer).results.len();
            } else if answer["trigger"].is_object() {
                round_trip::<ScriptProfile>(&answer);
                profiles += 1;
            } else {
                assert_eq!(round_trip::<ScriptProfileLimits>(&answer), ScriptProfileLimits::default());
                limits += 1;
            }
        }
        assert_eq!((profiles, activities, limits), (6, 1, 1), "examples of answers");

        let (mut new, mut changes) = (0, 0);
        for request in between(&document, "```bash", "```") {
            for body in between(request, "-d '", "'") {
                let body = read(body);
                if request.contains("-X PATCH") {
                    let change = ScriptProfilePatch::parse(&body).unwrap();
                    assert!(change.title.is_some() && change.tags.is_some() && change.trigger.is_none());
                    changes += 1;
                } else {
                    let profile = NewScriptProfile::parse(&body).unwrap();
                    assert!(matches!(profile.trigger, NewTrigger::Event(_)));
                    new += 1;
                }
            }
        }
        assert_eq!((new, changes), (1, 1), "examples of requests");
    }
}
