use proptest::prelude::*;
use serde_json::json;

use super::*;

fn schema_error(schema: &Value) -> String {
    match check_schema(schema) {
        Err(SchemaError::Schema(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn value_error(schema: &Value, text: &str) -> String {
    match check_value(schema, text) {
        Err(SchemaError::Value(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_text_of_a_string_is_that_string() {
    let schema = json!({"type": "string", "minLength": 3});
    assert_eq!(check_value(&schema, "123"), Ok(json!("123")));
    assert_eq!(check_value(&schema, "\"a\""), Ok(json!("\"a\"")));
    assert!(check_value(&schema, "12").is_err());
}

#[test]
fn other_values_are_json() {
    let port = json!({"type": "integer", "minimum": 1, "maximum": 65535});
    assert_eq!(check_value(&port, "8080"), Ok(json!(8080)));
    assert!(value_error(&port, "0").contains("minimum"), "{}", value_error(&port, "0"));
    assert!(value_error(&port, "a secret").contains("no JSON (line 1, column 1)"));
    assert!(!value_error(&port, "\"a secret\"").contains("secret"));
    let account = json!({
        "type": "object",
        "properties": {"user": {"type": "string"}, "ports": {"type": "array", "items": {"$ref": "#/$defs/port"}}},
        "required": ["user"],
        "additionalProperties": false,
        "$defs": {"port": port},
    });
    let text = r#"{"user": "a", "ports": [1, 2]}"#;
    assert_eq!(check_value(&account, text), Ok(serde_json::from_str(text).unwrap()));
    assert!(value_error(&account, r#"{"user": "a", "ports": [1, 0]}"#).starts_with("/ports/1: "));
    assert!(value_error(&account, "{}").contains("user"));
    assert_eq!(check_json(&account, &json!({"user": "a"})), Ok(()));
    assert!(check_json(&account, &json!([])).is_err());
}

#[test]
fn a_value_that_may_be_a_string_too_is_json_if_it_can_be() {
    for schema in [json!({"type": ["string", "integer"]}), json!({}), json!({"enum": ["a", 5]}), json!(true)] {
        assert_eq!(check_value(&schema, "5"), Ok(json!(5)), "{schema}");
        assert_eq!(check_value(&schema, "a"), Ok(json!("a")), "{schema}");
    }
}

#[test]
fn nothing_of_the_value_is_told() {
    for schema in [
        json!({"type": "string", "pattern": "^[0-9]+$"}),
        json!({"const": "x"}),
        json!({"enum": ["x", "y"]}),
        json!({"type": "string", "maxLength": 2}),
        json!({"type": "string", "not": {}}),
        json!({"anyOf": [{"type": "integer"}, {"const": "x"}]}),
    ] {
        let message = value_error(&schema, "hunter2");
        assert!(!message.contains("hunter2"), "{schema}: {message}");
    }
}

#[test]
fn what_is_no_schema_is_refused() {
    for schema in [
        json!([]),
        json!("string"),
        json!(null),
        json!({"type": "text"}),
        json!({"type": 5}),
        json!({"required": "a"}),
        json!({"properties": []}),
        json!({"minLength": -1}),
        json!({"pattern": "("}),
        json!({"patternProperties": {"[": {}}}),
        json!({"$ref": 5}),
    ] {
        schema_error(&schema);
    }
    assert!(schema_error(&json!({"properties": {"a": {"type": "text"}}})).starts_with("/properties/a/type: "));
}

#[test]
fn nothing_is_fetched() {
    for reference in [
        "https://schemas.example/a.json",
        "http://127.0.0.1:1/a.json",
        "file:///etc/passwd",
        "other.json",
        "//host/a",
        "#name",
        "urn:a:b",
    ] {
        assert!(schema_error(&json!({"$ref": reference})).contains("is no part of it"), "{reference}");
        assert!(schema_error(&json!({"items": [{"properties": {"a": {"$ref": reference}}}]})).contains("no part"));
    }
    // A metaschema is a reference too.
    schema_error(&json!({"$schema": "https://schemas.example/meta"}));
    // With another base “#/…” would mean another document.
    assert!(schema_error(&json!({"items": {"$id": "https://schemas.example/b", "$ref": "#/items"}})).contains("$id"));
    assert!(
        check_schema(&json!({"$id": "https://schemas.example/a", "$defs": {"b": {}}, "$ref": "#/$defs/b"})).is_ok()
    );
}

#[test]
fn references_lead_to_something_and_never_back() {
    assert!(schema_error(&json!({"$ref": "#/$defs/none"})).contains("there is nothing"));
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"items": {"$ref": "#"}}),
        json!({"properties": {"a": {"$ref": "#/properties/a"}}}),
        json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}}),
        json!({"$defs": {"a b": {"$ref": "#/$defs/a%20b"}}}),
        json!({"$defs": {"a/b": {"$ref": "#/$defs/a~1b"}}}),
    ] {
        assert!(schema_error(&schema).contains("refers to itself"), "{schema}: {}", schema_error(&schema));
    }
    for moving in ["$dynamicRef", "$recursiveRef"] {
        assert!(schema_error(&json!({moving: "#"})).contains("not supported"));
    }
}

#[test]
fn schemas_that_unfold_without_bounds_are_refused() {
    // Each level refers twice to the next: 2^20 subschemas.
    let mut definitions = serde_json::Map::new();
    for level in 0..20 {
        let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
        definitions.insert(level.to_string(), json!({"allOf": [next, next]}));
    }
    definitions.insert("20".into(), json!({}));
    assert!(schema_error(&json!({"$defs": definitions, "$ref": "#/$defs/0"})).contains("unfolds"));

    let mut deep = json!({});
    for _ in 0..60 {
        deep = json!({"items": deep});
    }
    assert!(check_schema(&deep).is_ok());
    for _ in 0..10 {
        deep = json!({"items": deep});
    }
    assert!(schema_error(&deep).contains("levels"));

    // A chain that is measured from its end, so that no single step is deep.
    let mut chain = serde_json::Map::new();
    chain.insert("000".into(), json!({}));
    for level in 1..200 {
        chain.insert(format!("{level:03}"), json!({"$ref": format!("#/$defs/{:03}", level - 1)}));
    }
    assert!(schema_error(&json!({"$defs": chain})).contains("levels"));

    let many: Vec<Value> = (0..1000).map(|n| json!({"const": n})).collect();
    assert!(check_schema(&json!({"anyOf": many})).is_ok());
    let constants: Vec<usize> = (0..6000).collect();
    assert!(schema_error(&json!({"enum": constants})).contains("unfolds"));
    assert!(schema_error(&json!({"description": "a".repeat(MAX_SCHEMA)})).contains("longer than"));
    let greedy = (0..20).fold(json!({}), |inner, _| json!({"allOf": [inner], "unevaluatedProperties": false}));
    assert!(schema_error(&greedy).contains("unevaluated"));
}

#[test]
fn patterns_are_bounded() {
    assert!(schema_error(&json!({"pattern": "a".repeat(1001)})).contains("longer"));
    schema_error(&json!({"pattern": "((a{100}){100}){100}"}));
    let patterns: serde_json::Map<String, Value> = (0..101).map(|n| (format!("^{n}$"), json!({}))).collect();
    assert!(schema_error(&json!({"patternProperties": patterns})).contains("more than 100 patterns"));

    assert!(check_schema(&json!({"pattern": "^.{0,128}$"})).is_ok());
    // What is usual for passwords works.
    let strong = json!({"type": "string", "pattern": "^(?=.*[A-Z])(?=.*[0-9]).{8,}$"});
    assert!(check_value(&strong, "Abcdefg1").is_ok());
    assert!(check_value(&strong, "abcdefg1").is_err());
    assert!(value_error(&strong, &"a".repeat(20_000)).contains("too large"));
    // Without looking around a pattern takes a time that grows with the text only.
    let plain = json!({"type": "string", "pattern": "^(a+)+$"});
    assert!(check_value(&plain, &format!("{}b", "a".repeat(100_000))).is_err());
    // Here it would take 2^40 steps.
    let slow = json!({"type": "string", "pattern": "^(?=(a|a|aa)+$)(a|a|aa)+\\1$"});
    assert!(check_value(&slow, &format!("{}b", "a".repeat(40))).is_err());
}

#[test]
fn large_values_with_large_schemas_are_refused() {
    let items: Vec<Value> = (0..1000).map(|n| json!({"not": {"const": n + 10}})).collect();
    let schema = json!({"type": "array", "items": {"allOf": items}});
    assert_eq!(check_value(&schema, "[1, 2, 3]"), Ok(json!([1, 2, 3])));
    let value = Value::Array(vec![json!(1); 5000]).to_string();
    assert!(value_error(&schema, &value).contains("too large"));
    let patterned =
        json!({"items": {"pattern": "a"}, "allOf": [{"items": {"pattern": "b"}}, {"items": {"pattern": "c"}}]});
    let value = Value::Array(vec![json!("a".repeat(1_000_000)); 2]).to_string();
    assert!(value_error(&patterned, &value).contains("too large"));
    assert!(value_error(&schema, &"[".repeat(10_000)).contains("no JSON"));
}

#[test]
fn members_that_are_names_of_keywords_are_members() {
    let schema = json!({
        "type": "object",
        "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}, "pattern": {"type": "string"}},
        "enum": [{"$ref": "#", "pattern": "("}, {"$id": "x"}],
    });
    assert_eq!(check_value(&schema, r#"{"$id": "x"}"#), Ok(json!({"$id": "x"})));
}

/// The worst that stays within the bounds; a run without optimisation takes some seconds.
#[test]
fn the_largest_work_ends() {
    let nfa = json!({"type": "string", "pattern": "^(x{0,9}y?x{0,9}){9}z$"});
    assert!(check_value(&nfa, &"x".repeat(100_000)).is_err());
    let look = json!({"type": "string", "pattern": "(?=x*y)(?=x*z)(?=x*a)q"});
    assert!(check_value(&look, &"x".repeat(9_000)).is_err());
    let back = json!({"type": "string", "pattern": "(x*)(x*)(x*)\\1\\2\\3y"});
    assert!(check_value(&back, &"x".repeat(9_000)).is_err());
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "type",
        "string",
        "object",
        "items",
        "allOf",
        "not",
        "$ref",
        "#",
        "#/$defs/a",
        "$defs",
        "a",
        "pattern",
        "(",
        "[a-z]+",
        "(?=a)",
        "properties",
        "patternProperties",
        "minLength",
        "enum",
        "if",
        "then",
        "dependencies",
        "unevaluatedItems",
        "additionalProperties",
        "$id",
        "$schema",
        "http://json-schema.org/draft-04/schema#",
        "required",
        "id",
        "format",
        "contains",
        "prefixItems",
        "uniqueItems",
        "multipleOf",
        "propertyNames",
        "$anchor",
        "$vocabulary",
        "const",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_schema_and_value_are_taken_without_a_panic(schema in any_json(), value in any_json()) {
        if check_schema(&schema).is_ok() {
            let _ = check_json(&schema, &value);
            let _ = check_value(&schema, &value.to_string());
        } else {
            prop_assert!(matches!(check_json(&schema, &value), Err(SchemaError::Schema(_))));
        }
    }
}
