//! The query language takes whatever people type.

use binnacle_shared::query::{Expr, LENGTH_MAX, Subject, parse};
use wasm_bindgen_test::wasm_bindgen_test;

const SUBJECTS: [Subject; 2] = [Subject::Computer, Subject::Activity];

#[wasm_bindgen_test(unsupported = test)]
fn odd_texts_get_an_answer() {
    for text in [
        "",
        " ",
        "\"",
        "\"\"",
        "\"\"\"",
        ":",
        "::",
        ":x",
        "tag::",
        "tag:\"",
        "tag:\"\"",
        "tag: ",
        "NOT",
        "NOT NOT",
        "NOT OR",
        "OR",
        "a OR NOT b",
        "NOT NOT a",
        "computer:",
        "computer:\"\"",
        "computer:\"computer:\"",
        "computer:\"tag:\\\"a\"",
        "ä:ö",
        "\u{0}",
        "\u{2003}tag:x\u{2003}",
        "tag:💡",
    ] {
        for subject in SUBJECTS {
            if let Err(violation) = parse(subject, text) {
                assert_eq!(violation.code, "query", "{text:?}");
                assert!(!violation.message.is_empty(), "{text:?}");
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_doubled_not_is_none() {
    assert_eq!(parse(Subject::Computer, "NOT NOT a").unwrap(), Expr::Word("a".into()));
}

#[wasm_bindgen_test(unsupported = test)]
fn length_is_limited() {
    assert!(parse(Subject::Computer, &"a ".repeat(LENGTH_MAX / 2)).is_ok());
    let refusal = parse(Subject::Computer, &"a".repeat(LENGTH_MAX + 1)).unwrap_err();
    assert!(refusal.message.contains("16384"), "{}", refusal.message);
}

#[cfg(not(target_family = "wasm"))]
mod properties {
    use proptest::prelude::{ProptestConfig, any, prop_assert, prop_oneof, proptest};
    use proptest::strategy::{Just, Strategy};

    use super::{Expr, SUBJECTS, Subject, parse};

    /// Text made of the language's own pieces, which gets deeper than plain noise.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("tag:".to_owned()),
            Just("id:5".to_owned()),
            Just("computer:".to_owned()),
            Just("parent-id:".to_owned()),
            Just("OR".to_owned()),
            Just("NOT".to_owned()),
            Just("\"".to_owned()),
            Just(":".to_owned()),
            Just(" ".to_owned()),
            "[a-zä \u{0}-]{0,4}",
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    fn selectors_are_known(subject: Subject, expr: &Expr) -> bool {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().all(|part| selectors_are_known(subject, part)),
            Expr::Not(part) => selectors_are_known(subject, part),
            Expr::Word(_) => true,
            Expr::Term { selector, value } => subject.selectors().contains(selector) && !value.is_empty(),
            Expr::Computer(part) => subject == Subject::Activity && selectors_are_known(Subject::Computer, part),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn any_text_gets_an_answer(noise in any::<String>(), pieces in pieces()) {
            for subject in SUBJECTS {
                for text in [&noise, &pieces] {
                    if let Ok(expr) = parse(subject, text) {
                        prop_assert!(selectors_are_known(subject, &expr), "{text:?}: {expr:?}");
                    }
                }
            }
        }
    }
}
