//! The rules of a change to a script profile: what is left out or null stays as it is.

use binnacle_shared::model::landscape::script_profile::{
    EventType, NewScriptProfile, ScriptProfilePatch, TriggerPatch, TriggerType,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::script_profiles::{body, faults, recurring, with, wrong_values};

#[wasm_bindgen_test(unsupported = test)]
fn wrong_values_of_a_change() {
    for (pointer, value, code) in wrong_values() {
        let problems = ScriptProfilePatch::parse(&with(pointer, value.clone())).expect_err(pointer);
        assert_eq!(faults(&problems), [(pointer, code)], "{value}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn unknown_fields_are_ignored() {
    let plain = NewScriptProfile::parse(&body()).unwrap();
    let mut given = body();
    given["id"] = json!({});
    given["archived"] = json!("maybe");
    // The public console sends these two empty.
    given["trigger"]["last_run"] = json!("");
    given["trigger"]["next_run"] = json!("");
    given["trigger"]["timestamp"] = json!("");
    assert_eq!(NewScriptProfile::parse(&given).unwrap(), plain);

    let patch = ScriptProfilePatch::parse(&given).unwrap();
    assert_eq!(patch, ScriptProfilePatch::parse(&body()).unwrap());
    // The script of a profile cannot change, so a change does not even look at it.
    assert_eq!(ScriptProfilePatch::parse(&with("/script_id", json!("x"))).unwrap(), patch);
}

#[wasm_bindgen_test(unsupported = test)]
fn null_changes_nothing() {
    let nothing = ScriptProfilePatch::default();
    assert_eq!(ScriptProfilePatch::parse(&json!({})).unwrap(), nothing);
    let nulls = json!({
        "title": null, "username": null, "time_limit": null, "all_computers": null, "tags": null, "trigger": null,
    });
    assert_eq!(ScriptProfilePatch::parse(&nulls).unwrap(), nothing);
    let cleared = ScriptProfilePatch::parse(&json!({"tags": []})).unwrap();
    assert_eq!(cleared.tags.as_deref(), Some(&[][..]), "an empty list is a value");

    let half = json!({"trigger": {"trigger_type": "recurring", "interval": null, "start_after": "2025-04-23"}});
    let Some(TriggerPatch::Recurring { interval: None, start_after: Some(start), zone: None, catch_up: None }) =
        ScriptProfilePatch::parse(&half).unwrap().trigger
    else {
        panic!("an interval of null is no interval")
    };
    assert_eq!(start.to_string(), "2025-04-23T00:00:00Z");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_trigger_changes_in_parts() {
    let read = |trigger: Value| ScriptProfilePatch::parse(&json!({"trigger": trigger})).map(|p| p.trigger.unwrap());
    let TriggerPatch::Recurring { interval: Some(interval), start_after: None, zone: None, catch_up: None } =
        read(json!({"trigger_type": "recurring", "interval": "0 9 * * *"})).unwrap()
    else {
        panic!("only the interval was given")
    };
    assert_eq!(interval.source(), "0 9 * * *");
    assert_eq!(
        read(json!({"trigger_type": "recurring"})).unwrap(),
        TriggerPatch::Recurring { interval: None, start_after: None, zone: None, catch_up: None }
    );
    assert_eq!(read(json!({"trigger_type": "event"})).unwrap(), TriggerPatch::Event(EventType::PostEnrollment));
    // One part is always needed: which trigger it is; and a single run has no other part.
    assert_eq!(faults(&read(json!({"interval": "0 9 * * *"})).unwrap_err()), [("/trigger/trigger_type", "required")]);
    for timestamp in [json!({"trigger_type": "one_time"}), json!({"trigger_type": "one_time", "timestamp": null})] {
        assert_eq!(faults(&read(timestamp).unwrap_err()), [("/trigger/timestamp", "required")]);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_trigger_stays_of_its_type() {
    let triggers = [
        (TriggerType::Event, json!({"trigger_type": "event", "event_type": "post_enrollment"})),
        (TriggerType::OneTime, json!({"trigger_type": "one_time", "timestamp": "2025-04-04T02:10:41Z"})),
        (TriggerType::Recurring, recurring()),
    ];
    for (given, trigger) in &triggers {
        let patch = ScriptProfilePatch::parse(&json!({"trigger": trigger})).unwrap();
        for present in TriggerType::ALL {
            let answer = patch.check_trigger_type(*present);
            if given == present {
                assert_eq!(answer, Ok(()));
            } else {
                let problems = answer.unwrap_err();
                assert_eq!(faults(&problems), [("/trigger/trigger_type", "immutable")]);
                assert!(problems.0[0].message.contains(present.name()), "{problems}");
                assert!(problems.0[0].message.contains(given.name()), "{problems}");
            }
        }
    }
    for present in TriggerType::ALL {
        assert_eq!(ScriptProfilePatch::default().check_trigger_type(*present), Ok(()));
        assert_eq!(TriggerType::from_name(present.name()), Some(*present));
    }
}
