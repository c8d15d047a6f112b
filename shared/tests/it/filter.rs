//! Filter rules: reading, meaning, wording.

use binnacle_shared::filter::parse::{self, RULES_MAX, VALUES_MAX};
use binnacle_shared::filter::words::sentence;
use binnacle_shared::filter::{Attribute, Found, Invalid, Operator, Row, Rule, RuleType, Target, builtin, matches};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use Attribute as A;
use Operator as O;

const AT: &str = "/filter_rules";

fn read(target: Target, rules: &Value) -> Result<Vec<Rule>, Invalid> {
    parse::rules(target, rules, AT)
}

/// Pointers, below the list, and codes of all faults.
fn faults(target: Target, rules: &Value) -> Vec<(String, String)> {
    let invalid = read(target, rules).unwrap_err();
    let place = |pointer: &str| pointer.strip_prefix(AT).unwrap().to_owned();
    invalid.problems.0.iter().map(|fault| (place(&fault.pointer), fault.code.to_string())).collect()
}

fn fault(target: Target, rule: &Value) -> (String, String, String) {
    let invalid = read(target, &json!([rule])).unwrap_err();
    let [fault] = invalid.problems.0.as_slice() else { panic!("{invalid:?}") };
    (fault.pointer.strip_prefix("/filter_rules/0").unwrap().to_owned(), fault.code.to_string(), fault.message.clone())
}

fn rule(kind: &str, key: &str, operator: &str, values: &[&str]) -> Value {
    json!({"key": key, "values": values, "operator": operator, "type": kind})
}

#[wasm_bindgen_test(unsupported = test)]
fn rules_are_read_as_they_will_be_compared() {
    let rules = read(
        Target::Deployments,
        &json!([
            rule("label", "Env", "any_of", &["ﬁn", "e\u{301}"]),
            rule("label", "csys-obj-type", "is_not", &["Environment"]),
            rule("label", "env", "is_null", &[]),
            rule("attribute", "display_name", "contains", &["Ｗeb \"1\""]),
            rule("attribute", "schedules", "is_not_empty", &[]),
        ]),
    );
    let expected = [
        Rule::label("env", O::AnyOf, &["fin", "é"]),
        Rule::label("csys-obj-type", O::IsNot, &["environment"]),
        Rule::label("env", O::IsNull, &[]),
        Rule::attribute(A::DisplayName, O::Contains, &["Web \"1\""]),
        Rule::attribute(A::Schedules, O::IsNotEmpty, &[]),
    ];
    assert_eq!(rules.unwrap(), expected);
    assert_eq!(read(Target::Secrets, &json!([])).unwrap(), []);
}

#[wasm_bindgen_test(unsupported = test)]
fn on_the_wire_a_rule_is_as_it_was_given() {
    let given = rule("attribute", "created_by", "starts_with", &["alice", "bob"]);
    let rules = read(Target::Blueprints, &json!([given])).unwrap();
    assert_eq!(serde_json::to_value(&rules).unwrap(), json!([given]));
    let text = serde_json::to_string(&rules[0]).unwrap();
    assert_eq!(text, r#"{"key":"created_by","values":["alice","bob"],"operator":"starts_with","type":"attribute"}"#);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_fault_is_found_at_its_place() {
    let invalid = json!([
        rule("label", "env", "any_of", &["prod"]),
        {"key": 3, "values": "prod", "operator": null, "type": "labels", "a/b": 1},
        "env=prod",
        rule("label", "a b", "contains", &["x"]),
        {"key": "env", "values": ["", 5, "a\u{0}b", "say \"x\"", "fine"], "operator": "any_of", "type": "label"},
    ]);
    let at = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        faults(Target::Deployments, &invalid),
        [
            at("/1/key", "type"),
            at("/1/values", "type"),
            at("/1/operator", "required"),
            at("/1/type", "unknown"),
            at("/1/a~1b", "unknown"),
            at("/2", "type"),
            at("/3/key", "format"),
            at("/3/operator", "unknown"),
            at("/4/values/0", "blank"),
            at("/4/values/1", "type"),
            at("/4/values/2", "format"),
            at("/4/values/3", "format"),
        ]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn an_answer_can_show_the_first_faulty_rule() {
    let wrong = rule("label", "env", "contains", &[]);
    let invalid = read(Target::Blueprints, &json!([rule("label", "a", "is_null", &[]), wrong, 5])).unwrap_err();
    assert_eq!(invalid.rule, Some(wrong));
    assert_eq!(invalid.problems.0.len(), 2);
    assert_eq!(
        invalid.reason,
        "Label rules do not have the operator “contains”; it is any_of, not_any_of, is_not, is_null or is_not_null."
    );
    for no_list in [json!(null), json!({}), json!("x"), json!(1)] {
        let invalid = read(Target::Blueprints, &no_list).unwrap_err();
        assert_eq!((invalid.rule, invalid.problems.0[0].pointer.as_str()), (None, AT));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn messages_say_what_would_be_right() {
    let said = |target, rule: &Value| fault(target, rule).2;
    let rule = |kind: &str, key: &str, operator: &str| rule(kind, key, operator, &["x"]);
    assert_eq!(
        said(Target::Deployments, &rule("attribute", "created_by", "starts-with")),
        "Attribute rules have no operator “starts-with”; “starts_with” may be meant; it is any_of, not_any_of, \
         contains, not_contains, starts_with, ends_with or is_not_empty."
    );
    assert_eq!(
        said(Target::Blueprints, &rule("attribute", "Created by", "any_of")),
        "Blueprints have no attribute “Created by”; “created_by” may be meant; it is id, state, tenant_name or \
         created_by."
    );
    assert_eq!(
        said(Target::Secrets, &rule("label", "env", "any_of")),
        "Secrets have no labels; the type of a rule is attribute."
    );
    assert_eq!(
        said(Target::Deployments, &rule("attribute", "schedules", "any_of")),
        "Rules about schedules do not have the operator “any_of”; it is is_not_empty."
    );
    assert_eq!(
        said(Target::Deployments, &rule("label", "env", "is_null")),
        "is_null takes no values; the list is empty."
    );
    let without = json!({"key": "env", "values": [], "operator": "is_not", "type": "label"});
    assert_eq!(said(Target::Deployments, &without), "is_not compares with a value at least.");
    let long = said(Target::Nodes, &rule("attribute", &"k".repeat(100_000), "any_of"));
    assert!(long.len() < 200, "{long}");
}

/// Which keys and operators go together, as a table of what is taken.
#[wasm_bindgen_test(unsupported = test)]
fn each_list_takes_its_own_keys_and_operators() {
    let keys = A::ALL.iter().map(|attribute| ("attribute", attribute.name())).chain([("label", "env")]);
    let mut taken = Vec::new();
    for target in Target::ALL.iter().copied() {
        for (kind, key) in keys.clone() {
            let operators: Vec<&str> = O::ALL
                .iter()
                .filter(|operator| {
                    let values: &[&str] = if operator.takes_values() { &["x"] } else { &[] };
                    let read = read(target, &json!([rule(kind, key, operator.name(), values)])).is_ok();
                    let kind = RuleType::of(kind).unwrap();
                    assert_eq!(read, target.operators(kind, key).contains(operator), "{target:?} {key} {operator:?}");
                    read
                })
                .map(|operator| operator.name())
                .collect();
            if !operators.is_empty() {
                taken.push(format!("{} {key}: {}\n", target.name(), operators.join(" ")));
            }
        }
    }
    let attribute = "any_of not_any_of contains not_contains starts_with ends_with is_not_empty";
    let label = "any_of not_any_of is_not is_null is_not_null";
    let expected = format!(
        "deployments id: {attribute}\ndeployments blueprint_id: {attribute}\ndeployments created_by: {attribute}\n\
         deployments site_name: {attribute}\ndeployments schedules: is_not_empty\n\
         deployments tenant_name: {attribute}\ndeployments display_name: {attribute}\n\
         deployments installation_status: {attribute}\ndeployments env: {label}\n\
         blueprints id: {attribute}\nblueprints created_by: {attribute}\nblueprints tenant_name: {attribute}\n\
         blueprints state: {attribute}\nblueprints env: {label}\n\
         nodes id: {attribute}\nnodes type: {attribute}\n\
         node-instances id: {attribute}\n\
         secrets key: {attribute}\nsecrets provider_name: {attribute}\n"
    );
    assert_eq!(taken.concat(), expected);
}

#[wasm_bindgen_test(unsupported = test)]
fn too_much_is_refused_before_it_is_looked_at() {
    let one = rule("label", "env", "is_null", &[]);
    assert!(read(Target::Deployments, &json!(vec![one.clone(); RULES_MAX])).is_ok());
    let many = read(Target::Deployments, &json!(vec![json!("faulty"); 100_000])).unwrap_err();
    assert_eq!((many.problems.0.len(), many.problems.0[0].pointer.as_str()), (1, AT));
    assert_eq!(many.problems.0[0].message, "A filter has at most 100 rules; this has 100000.");
    assert_eq!(many.rule, Some(json!("faulty")));

    let full = vec!["v"; VALUES_MAX];
    assert!(read(Target::Deployments, &json!([rule("label", "env", "any_of", &full)])).is_ok());
    let over = json!([one, rule("label", "env", "any_of", &full), rule("label", "env", "any_of", &["v"])]);
    assert_eq!(faults(Target::Deployments, &over), [("/2/values".to_owned(), "length".to_owned())]);

    for (key, value) in [("k".repeat(257), "v".to_owned()), ("k".to_owned(), "é".repeat(257))] {
        assert_eq!(fault(Target::Deployments, &rule("label", &key, "any_of", &[&value])).1, "length");
    }
    let at_most = rule("label", &"k".repeat(256), "any_of", &[&"é".repeat(256)]);
    assert!(read(Target::Deployments, &json!([at_most])).is_ok());
    // One character that stands for eighteen.
    assert_eq!(fault(Target::Nodes, &rule("attribute", "id", "any_of", &[&"\u{FDFA}".repeat(256)])).1, "length");
    let huge = "x".repeat(10_000_000);
    assert_eq!(fault(Target::Nodes, &rule("attribute", "id", "any_of", &[&huge])).1, "length");
}

/// A deployment to filter.
#[derive(Default)]
struct Subject {
    texts: Vec<(A, &'static str)>,
    schedules: usize,
    labels: Vec<(&'static str, &'static str)>,
}

impl Row for Subject {
    fn attribute(&self, attribute: A) -> Found<'_> {
        match attribute {
            A::Schedules => Found::List(self.schedules),
            other => self.texts.iter().find(|(a, _)| *a == other).map_or(Found::Nothing, |(_, t)| Found::Text(t)),
        }
    }

    fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().copied()
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn what_the_operators_of_labels_mean() {
    let with = |labels: &[(&'static str, &'static str)]| Subject { labels: labels.to_vec(), ..Subject::default() };
    let rows = [
        with(&[]),
        with(&[("env", "prod")]),
        with(&[("env", "dev")]),
        with(&[("env", "prod"), ("env", "dev")]),
        with(&[("team", "prod")]),
        with(&[("env", "Prod")]),
    ];
    let fits = |operator, values: &[&str]| -> Vec<usize> {
        let rules = [Rule::label("env", operator, values)];
        (0..rows.len()).filter(|index| matches(&rules, &rows[*index])).collect()
    };
    assert_eq!(fits(O::AnyOf, &["prod"]), [1, 3]);
    assert_eq!(fits(O::AnyOf, &["prod", "dev"]), [1, 2, 3]);
    assert_eq!(fits(O::NotAnyOf, &["prod"]), [2, 5]);
    assert_eq!(fits(O::IsNot, &["prod"]), [0, 2, 4, 5]);
    assert_eq!(fits(O::IsNull, &[]), [0, 4]);
    assert_eq!(fits(O::IsNotNull, &[]), [1, 2, 3, 5]);
    assert_eq!(fits(O::Contains, &["prod"]), [0_usize; 0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_the_operators_of_attributes_mean() {
    let named = |name: &'static str| Subject { texts: vec![(A::DisplayName, name)], ..Subject::default() };
    let rows = [Subject::default(), named(""), named("Web Büro"), named("web"), named("50%_\\")];
    let fits = |operator, values: &[&str]| -> Vec<usize> {
        let rules = [Rule::attribute(A::DisplayName, operator, values)];
        (0..rows.len()).filter(|index| matches(&rules, &rows[*index])).collect()
    };
    assert_eq!(fits(O::AnyOf, &["web", "db"]), [3]);
    assert_eq!(fits(O::NotAnyOf, &["web", "db"]), [1, 2, 4]);
    assert_eq!(fits(O::Contains, &["BÜRO"]), [2]);
    assert_eq!(fits(O::Contains, &["EB", "%"]), [2, 3, 4]);
    assert_eq!(fits(O::NotContains, &["EB", "_"]), [1]);
    assert_eq!(fits(O::StartsWith, &["WEB"]), [2, 3]);
    assert_eq!(fits(O::EndsWith, &["eb", "\\"]), [3, 4]);
    assert_eq!(fits(O::IsNotEmpty, &[]), [2, 3, 4]);
    assert_eq!(fits(O::IsNull, &[]), [0_usize; 0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn lists_are_only_asked_whether_something_is_in_them() {
    let of = |schedules| Subject { schedules, ..Subject::default() };
    let filled = [Rule::attribute(A::Schedules, O::IsNotEmpty, &[])];
    assert!(matches(&filled, &of(1)) && !matches(&filled, &of(0)));
    assert!(!matches(&[Rule::attribute(A::Schedules, O::NotAnyOf, &["x"])], &of(1)));
}

#[wasm_bindgen_test(unsupported = test)]
fn all_rules_have_to_fit() {
    let row = Subject { texts: vec![(A::Id, "web")], labels: vec![("env", "prod")], schedules: 0 };
    let id = Rule::attribute(A::Id, O::AnyOf, &["web"]);
    let env = Rule::label("env", O::AnyOf, &["prod"]);
    let unknown = Rule::new(RuleType::Attribute, "nope", O::NotAnyOf, &["x"]);
    assert!(matches(&[], &row) && matches(&[id.clone(), env.clone()], &row));
    assert!(!matches(&[id.clone(), Rule::label("env", O::IsNull, &[])], &row));
    assert!(!matches(&[id, env, unknown], &row));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_filter_is_said_in_words() {
    let said = |rules: &[Rule]| sentence(Target::Deployments, rules);
    assert_eq!(said(&[]), "All deployments.");
    assert_eq!(
        said(&[
            Rule::label("env", O::AnyOf, &["prod", "test"]),
            Rule::attribute(A::BlueprintId, O::NotAnyOf, &["web"]),
        ]),
        "Deployments whose label env is prod or test, and whose blueprint is not web."
    );
    assert_eq!(
        said(&[
            Rule::label("os", O::NotAnyOf, &["a", "b", "c"]),
            Rule::label("csys-obj-parent", O::IsNull, &[]),
            Rule::attribute(A::Schedules, O::IsNotEmpty, &[]),
            Rule::attribute(A::SiteName, O::IsNotEmpty, &[]),
        ]),
        "Deployments whose label os is set but is neither a, b nor c, without the label csys-obj-parent, with a \
         schedule, and whose site is not empty."
    );
    let one = |rule: Rule| sentence(Target::Blueprints, &[rule]);
    let name = |operator, values: &[&str]| one(Rule::attribute(A::Id, operator, values));
    assert_eq!(name(O::Contains, &["a b", "or"]), "Blueprints whose ID contains “a b” or “or”.");
    assert_eq!(name(O::NotContains, &["a"]), "Blueprints whose ID does not contain a.");
    assert_eq!(name(O::NotContains, &["a", "b."]), "Blueprints whose ID contains neither a nor “b.”.");
    assert_eq!(name(O::StartsWith, &["a", "b", "c"]), "Blueprints whose ID starts with a, b or c.");
    assert_eq!(name(O::EndsWith, &["1.2"]), "Blueprints whose ID ends with 1.2.");
    assert_eq!(one(Rule::label("env", O::IsNot, &["dev"])), "Blueprints whose label env is not set or is not dev.");
    assert_eq!(one(Rule::label("env", O::IsNotNull, &[])), "Blueprints with the label env.");
}

#[wasm_bindgen_test(unsupported = test)]
fn built_in_filters_are_filters() {
    let filters = builtin::deployments();
    assert_eq!(filters.len(), 22);
    let rules_of = |id: &str| filters.iter().find(|f| f.id == id).map(|f| sentence(Target::Deployments, &f.rules));
    assert_eq!(
        rules_of("csys-environment-filter").unwrap(),
        "Deployments whose label csys-obj-type is environment, and without the label csys-obj-parent."
    );
    assert_eq!(
        rules_of("csys-service-filter").unwrap(),
        "Deployments whose label csys-obj-type is not set or is not environment, and without the label \
         csys-obj-parent."
    );
    assert_eq!(rules_of("csys-k8s-filter").unwrap(), "Deployments whose label obj-type is k8s.");
    assert_eq!(rules_of("openstack-v3-deployments").unwrap(), "Deployments whose label obj-type is openstack-v3.");
    for filter in &filters {
        let wire = serde_json::to_value(&filter.rules).unwrap();
        assert_eq!(read(Target::Deployments, &wire).unwrap(), filter.rules, "{}", filter.id);
    }
    let mut ids: Vec<&str> = filters.iter().map(|f| f.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), filters.len());
}

#[cfg(not(target_family = "wasm"))]
mod properties {
    use binnacle_shared::filter::words::sentence;
    use binnacle_shared::filter::{Operator, Rule, RuleType, Target};
    use binnacle_shared::label;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
    use proptest::sample::select;
    use serde_json::{Value, json};

    use super::{AT, read};

    /// Any JSON, made of the words of rules so that it gets deep into the reading.
    fn json() -> impl Strategy<Value = Value> {
        let word =
            select(vec!["key", "values", "operator", "type", "label", "attribute", "id", "any_of", "is_null", ""]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            word.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..5).prop_map(Value::from),
                btree_map(word.clone().prop_map(str::to_owned), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn target() -> impl Strategy<Value = Target> {
        select(Target::ALL)
    }

    /// What may be written for a rule: of the right form, and not always valid.
    fn written() -> impl Strategy<Value = Value> {
        let value = prop_oneof!["[a-zA-Z0-9 %_é\\\\\"]{0,6}", "\\PC{0,4}", any::<String>()];
        let key = prop_oneof![
            select(vec!["id", "created_by", "schedules", "display_name", "csys-obj-type"]).prop_map(str::to_owned),
            "[a-zA-Z0-9._~-]{1,8}",
        ];
        (key, vec(value, 0..4), select(Operator::ALL), select(RuleType::ALL)).prop_map(
            |(key, values, operator, kind)| {
                json!({"key": key, "values": values, "operator": operator.name(), "type": kind.name()})
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn anything_gets_an_answer(target in target(), rules in json(), list in vec(json(), 0..4)) {
            for given in [rules, Value::from(list)] {
                if let Err(invalid) = read(target, &given) {
                    prop_assert!(!invalid.problems.is_empty() && !invalid.reason.is_empty());
                    prop_assert!(invalid.problems.0.iter().all(|fault| fault.pointer.starts_with(AT)));
                    prop_assert_eq!(invalid.rule.is_none(), !given.is_array());
                }
            }
        }

        #[test]
        fn what_was_read_reads_the_same_again(target in target(), written in vec(written(), 1..4)) {
            let Ok(rules) = read(target, &Value::from(written)) else { return Ok(()) };
            let wire = serde_json::to_value(&rules).unwrap();
            prop_assert_eq!(&read(target, &wire).unwrap(), &rules);
            prop_assert_eq!(&serde_json::from_value::<Vec<Rule>>(wire).unwrap(), &rules);
            prop_assert!(sentence(target, &rules).ends_with('.'));
        }

        #[test]
        fn labels_are_stored_as_they_would_be_stored_again(values in vec(any::<String>(), 1..4), kind in any::<bool>()) {
            let key = if kind { label::OBJECT_TYPE } else { "env" };
            let Ok(labels) = label::parse(&json!([{key: values}]), "/labels") else { return Ok(()) };
            prop_assert_eq!(label::parse(&json!(labels), "/labels").unwrap(), labels);
        }
    }
}
