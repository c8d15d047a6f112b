//! Labels as people give them.

use binnacle_shared::label::{CONSUMER_ID, KEY_MAX, LABELS_MAX, Label, RESERVED, VALUE_MAX, parse};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

fn read(labels: &Value) -> Vec<(String, String)> {
    parse(labels, "/labels").unwrap().into_iter().map(|label| (label.key, label.value)).collect()
}

/// Pointers, below the list, and codes of all faults.
fn faults(labels: &Value) -> Vec<(String, String)> {
    let problems = parse(labels, "/labels").unwrap_err();
    let place = |pointer: &str| pointer.strip_prefix("/labels").unwrap().to_owned();
    problems.0.iter().map(|fault| (place(&fault.pointer), fault.code.to_string())).collect()
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[wasm_bindgen_test(unsupported = test)]
fn labels_are_read_in_each_of_their_forms() {
    let labels = json!([
        {"Env": "prod"},
        {"arch": ["k8s", "docker"]},
        {"key": "OS", "value": "Débian"},
        {"key": "tier", "value": ["a", "b"]},
        {"key": "a label named key"},
    ]);
    assert_eq!(
        read(&labels),
        [
            pair("env", "prod"),
            pair("arch", "k8s"),
            pair("arch", "docker"),
            pair("os", "Débian"),
            pair("tier", "a"),
            pair("tier", "b"),
            pair("key", "a label named key"),
        ]
    );
    assert_eq!(read(&json!([])), []);
}

#[wasm_bindgen_test(unsupported = test)]
fn values_are_stored_so_that_they_are_found() {
    assert_eq!(read(&json!([{"name": "e\u{301}ﬁ"}])), [pair("name", "éfi")]);
    assert_eq!(read(&json!([{"csys-obj-type": "Environment"}])), [pair("csys-obj-type", "environment")]);
    assert_eq!(read(&json!([{"csys-env-type": "Kube"}])), [pair("csys-env-type", "Kube")]);
}

#[wasm_bindgen_test(unsupported = test)]
fn faults_are_told_at_their_places() {
    let labels = json!([
        5,
        {},
        {"a": "1", "b": "2"},
        {"a b": "x"},
        {"": "x"},
        {"größe": "x"},
        {"\u{212A}": "kelvin"},
        {"env": 5},
        {"env": []},
        {"env": ["ok", "", null, "line\nbreak", "say \"x\"", "\u{FF02}"]},
        {"key": 7, "value": "x"},
        {"key": "a/b", "value": "x"},
        {"csys-nope": "x"},
    ]);
    let expected = [
        ("/0", "type"),
        ("/1", "format"),
        ("/2", "format"),
        ("/3/a b", "format"),
        ("/4/", "blank"),
        ("/5/größe", "format"),
        ("/6/\u{212A}", "format"),
        ("/7/env", "type"),
        ("/8/env", "blank"),
        ("/9/env/1", "blank"),
        ("/9/env/2", "type"),
        ("/9/env/3", "format"),
        ("/9/env/4", "format"),
        ("/9/env/5", "format"),
        ("/10/key", "type"),
        ("/11/key", "format"),
        ("/12/csys-nope", "reserved"),
    ];
    assert_eq!(faults(&labels), expected.map(|(at, code)| pair(at, code)));
    for no_list in [json!(null), json!({"env": "prod"}), json!("env=prod")] {
        assert_eq!(faults(&no_list), [pair("", "type")]);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_same_label_cannot_be_given_twice() {
    assert_eq!(faults(&json!([{"env": "prod"}, {"ENV": "prod"}])), [pair("/1/ENV", "duplicate")]);
    assert_eq!(faults(&json!([{"env": ["é", "e\u{301}"]}])), [pair("/0/env/1", "duplicate")]);
    assert_eq!(read(&json!([{"env": "prod"}, {"env": "dev"}])).len(), 2);
}

#[wasm_bindgen_test(unsupported = test)]
fn reserved_keys_have_rules_of_their_own() {
    assert_eq!(RESERVED.len(), 11);
    for key in RESERVED {
        assert_eq!(read(&json!([{*key: "12.5"}])), [pair(key, "12.5")]);
    }
    assert!(RESERVED.contains(&CONSUMER_ID));
    for (key, good, bad) in [
        ("csys-location-lat", ["-90", "90.0", "0"], ["90.01", "-91", "north"]),
        ("csys-location-long", ["-180", "180", "1e2"], ["180.5", "NaN", "inf"]),
    ] {
        for value in good {
            assert_eq!(read(&json!([{key: value}])), [pair(key, value)]);
        }
        for value in bad {
            assert_eq!(faults(&json!([{key: value}])), [pair(&format!("/0/{key}"), "range")]);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn too_much_is_refused() {
    assert!(parse(&json!([{"k".repeat(KEY_MAX): "é".repeat(VALUE_MAX)}]), "").is_ok());
    let long_key = "k".repeat(KEY_MAX + 1);
    assert_eq!(faults(&json!([{&long_key: "v"}])), [pair(&format!("/0/{long_key}"), "length")]);
    assert_eq!(faults(&json!([{"k": "v".repeat(VALUE_MAX + 1)}])), [pair("/0/k", "length")]);
    assert_eq!(faults(&json!([{"csys-obj-type": "İ".repeat(VALUE_MAX)}])), [pair("/0/csys-obj-type", "length")]);

    let values: Vec<String> = (0..=LABELS_MAX).map(|number| number.to_string()).collect();
    assert_eq!(read(&json!([{"k": &values[1..]}])).len(), LABELS_MAX);
    let labels: Vec<Value> = values.iter().map(|value| json!({"k": value})).collect();
    for many in [json!([{"k": &values}]), json!(labels), json!(vec![json!({"k": vec![5; 100_000]}); 3])] {
        assert_eq!(faults(&many), [pair("", "length")]);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn on_the_wire_a_label_is_a_key_and_a_value() {
    let label = Label { key: "env".into(), value: "prod".into() };
    assert_eq!(serde_json::to_value(label).unwrap(), json!({"key": "env", "value": "prod"}));
}
