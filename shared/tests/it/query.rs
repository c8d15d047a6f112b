//! The query language: precedence, quotes, every selector; and whatever people type.

use binnacle_shared::model::landscape::activity::ActivityStatus;
use binnacle_shared::model::landscape::alert::AlertType;
use binnacle_shared::query::computer::{LicenseType, ProfileKind};
use binnacle_shared::query::{
    ActivityQuery, ActivityTerm, ComputerQuery, ComputerTerm, Expr, LENGTH_MAX, Subject, TERMS_MAX, check,
};
use wasm_bindgen_test::wasm_bindgen_test;

const SUBJECTS: [Subject; 2] = [Subject::Computer, Subject::Activity];

fn computers(text: &str) -> ComputerQuery {
    ComputerQuery::parse(text).unwrap_or_else(|v| panic!("{text}: {}", v.message))
}

fn activities(text: &str) -> ActivityQuery {
    ActivityQuery::parse(text).unwrap_or_else(|v| panic!("{text}: {}", v.message))
}

fn word(word: &str) -> ComputerQuery {
    Expr::Is(ComputerTerm::Word(word.into()))
}

fn tag(tag: &str) -> ComputerQuery {
    Expr::Is(ComputerTerm::Tag(tag.into()))
}

#[wasm_bindgen_test(unsupported = test)]
fn or_binds_tighter_than_and() {
    assert_eq!(
        computers("appserver tag:server OR distribution:jammy"),
        Expr::All(vec![
            word("appserver"),
            Expr::Any(vec![tag("server"), Expr::Is(ComputerTerm::Distribution("jammy".into()))]),
        ])
    );
    assert_eq!(
        computers("a OR b c OR d"),
        Expr::All(vec![Expr::Any(vec![word("a"), word("b")]), Expr::Any(vec![word("c"), word("d")])])
    );
    // Only capitals are operators.
    assert_eq!(computers("a or b"), Expr::All(vec![word("a"), word("or"), word("b")]));
}

#[wasm_bindgen_test(unsupported = test)]
fn not_takes_the_next_term() {
    assert_eq!(computers("NOT tag:a b"), Expr::All(vec![Expr::Not(Box::new(tag("a"))), word("b")]));
    assert_eq!(computers("NOT tag:a OR b"), Expr::Any(vec![Expr::Not(Box::new(tag("a"))), word("b")]));
    assert_eq!(computers("a OR NOT b"), Expr::Any(vec![word("a"), Expr::Not(Box::new(word("b")))]));
    assert_eq!(computers("NOT NOT a"), word("a"));
}

#[wasm_bindgen_test(unsupported = test)]
fn values_may_be_quoted_or_follow_a_blank() {
    assert_eq!(computers("tag:\"web server\""), tag("web server"));
    assert_eq!(computers("tag: \"web server\""), tag("web server"));
    assert_eq!(computers("access-group: server"), Expr::Is(ComputerTerm::AccessGroup("server".into())));
    assert_eq!(computers("tag: a b"), Expr::All(vec![tag("a"), word("b")]));
    assert_eq!(computers("\"OR\""), word("OR"));
    assert_eq!(computers("\"tag:a\""), word("tag:a"));
    assert_eq!(computers("größe\u{2003}b"), Expr::All(vec![word("größe"), word("b")]));
    assert_eq!(computers(" "), Expr::All(vec![]));
}

#[wasm_bindgen_test(unsupported = test)]
fn every_selector_of_computers_is_read() {
    use ComputerTerm as T;
    let cases = [
        ("hostname:a.b", T::Hostname("a.b".into())),
        ("title:x", T::Title("x".into())),
        ("id:5", T::Id(5)),
        ("mac:00:1a", T::Mac("00:1a".into())),
        ("ip:10.0.", T::Ip("10.0.".into())),
        ("search:mine", T::Search("mine".into())),
        ("needs:reboot", T::NeedsReboot),
        ("needs:license", T::NeedsLicense),
        ("license-id:none", T::LicenseId(None)),
        ("license-id:3", T::LicenseId(Some(3))),
        ("license-type:free_pro", T::LicenseType(LicenseType::FreePro)),
        ("license-expires-within-days:30", T::LicenseExpiresWithin(30)),
        ("contract:abc", T::Contract("abc".into())),
        ("contract-expires-within-days:7", T::ContractExpiresWithin(7)),
        ("has-pro-management:TRUE", T::HasProManagement(true)),
        ("annotation:site", T::Annotation { key: "site".into(), value: None }),
        ("annotation:site:ams", T::Annotation { key: "site".into(), value: Some("ams".into()) }),
        ("profile:script:4", T::Profile { kind: ProfileKind::Script, id: 4, state: None }),
        ("profile:usg:4:in-progress", T::Profile { kind: ProfileKind::Usg, id: 4, state: Some("in-progress") }),
        ("profile:wsl:4:compliant", T::Profile { kind: ProfileKind::Wsl, id: 4, state: Some("compliant") }),
        ("availability-zone:eu-1", T::AvailabilityZone("eu-1".into())),
        ("release-upgrade:available", T::ReleaseUpgrade),
    ];
    for (text, term) in cases {
        assert_eq!(computers(text), Expr::Is(term), "{text}");
    }
    for alert in AlertType::ALL.iter().copied() {
        if let Some(word) = alert.word() {
            assert_eq!(computers(&format!("alert:{word}")), Expr::Is(T::Alert(alert)));
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn every_selector_of_activities_is_read() {
    use ActivityTerm as T;
    assert_eq!(activities("id:5"), Expr::Is(T::Id(5)));
    assert_eq!(activities("parent-id:5"), Expr::Is(T::ParentId(5)));
    assert_eq!(activities("creator:a@b.c"), Expr::Is(T::Creator("a@b.c".into())));
    assert_eq!(activities("type:RestartRequest"), Expr::Is(T::Type("RestartRequest".into())));
    for status in ActivityStatus::ALL.iter().copied() {
        assert_eq!(activities(&format!("status:{}", status.name())), Expr::Is(T::Status(status)));
    }
    let computer = |query: ComputerQuery| Expr::Is(T::Computer(Box::new(query)));
    assert_eq!(activities("computer:id:5"), computer(Expr::Is(ComputerTerm::Id(5))));
    assert_eq!(activities("computer:web"), computer(word("web")));
    assert_eq!(activities("computer:tag:\"web server\""), computer(tag("web server")));
    assert_eq!(activities("computer:\"tag:a OR tag:b\""), computer(Expr::Any(vec![tag("a"), tag("b")])));
    assert_eq!(activities("computer: \"tag:a b\""), computer(Expr::All(vec![tag("a"), word("b")])));
}

#[wasm_bindgen_test(unsupported = test)]
fn dates_are_as_precise_as_one_likes() {
    for (text, expected) in [
        ("2011", "2011-01-01T00:00:00Z"),
        ("2011-02", "2011-02-01T00:00:00Z"),
        ("2011-02-03", "2011-02-03T00:00:00Z"),
        ("2011-02-03T04", "2011-02-03T04:00:00Z"),
        ("2011-02-03T04:05", "2011-02-03T04:05:00Z"),
        ("2011-02-03T04:05:06", "2011-02-03T04:05:06Z"),
        ("2011-02-03T04:05:06Z", "2011-02-03T04:05:06Z"),
        ("2011-02-03T04:05:06+01:00", "2011-02-03T03:05:06Z"),
    ] {
        let at = expected.parse().unwrap();
        assert_eq!(activities(&format!("created-after:{text}")), Expr::Is(ActivityTerm::CreatedAfter(at)), "{text}");
        assert_eq!(activities(&format!("created-before:{text}")), Expr::Is(ActivityTerm::CreatedBefore(at)), "{text}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn what_cannot_be_read_is_refused() {
    for text in [
        "foo:bar",
        "Tag:a",
        "tag:",
        "tag:\"\"",
        "\"x",
        "x\"",
        ":x",
        "::",
        "OR tag:a",
        "tag:a OR",
        "NOT",
        "NOT OR a",
        "NOT NOT",
        "a NOT NOT OR b",
        "tag:a OR OR tag:b",
        "a\0",
        "id:x",
        "id:-1",
        "id:1.5",
        "id:99999999999999999999",
        "alert:none",
        "needs:help",
        "license-id:x",
        "license-type:gold",
        "license-expires-within-days:soon",
        "contract-expires-within-days:x",
        "has-pro-management:maybe",
        "annotation::x",
        "profile:script",
        "profile:script:x",
        "profile:what:1",
        "profile:script:1:pass",
        "profile:usg:1:compliant",
        "profile:usg:1:pass:more",
        "release-upgrade:maybe",
    ] {
        let refusal = ComputerQuery::parse(text).unwrap_err();
        assert_eq!(refusal.code, "query", "{text:?}");
        assert!(!refusal.message.is_empty(), "{text:?}");
    }
    for text in [
        "tag:a",
        "status:done",
        "created-after:yesterday",
        "created-before:2011-13",
        "created-after:20111",
        "parent-id:x",
        "computer:",
        "computer:foo:1",
        "computer:\"tag:\"",
        "computer:id:x",
    ] {
        assert_eq!(ActivityQuery::parse(text).unwrap_err().code, "query", "{text:?}");
    }
    let refusal = ComputerQuery::parse("foo:bar").unwrap_err();
    assert!(refusal.message.contains("access-group"), "{}", refusal.message);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_criterion_of_computers_is_written_so_that_it_reads_the_same() {
    for text in [
        "computer:\"a \u{fc}\"",
        "computer:\u{fc}",
        "computer:x\"y z\"",
        "computer:tag:\"web server\"",
        "computer:\" \"",
        "NOT computer:\"tag:a OR NOT \u{fc}\" b",
    ] {
        let query = activities(text);
        assert_eq!(activities(&query.to_string()), query, "{text} became {query}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn length_is_limited() {
    for subject in SUBJECTS {
        assert!(check(subject, &"a".repeat(LENGTH_MAX)).is_ok());
        assert!(check(subject, &"a ".repeat(TERMS_MAX)).is_ok());
        let refusal = check(subject, &"a OR ".repeat(TERMS_MAX + 1)).unwrap_err();
        assert!(refusal.message.contains("200 terms"), "{}", refusal.message);
        let refusal = check(subject, &"a".repeat(LENGTH_MAX + 1)).unwrap_err();
        assert!(refusal.message.contains("16384"), "{}", refusal.message);
    }
    // Nothing nests, so nothing gets deep.
    assert!(check(Subject::Activity, &"computer:".repeat(1000)).is_err());
    assert!(check(Subject::Computer, &"NOT ".repeat(4000)).is_err());
}

#[cfg(not(target_family = "wasm"))]
mod properties {
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, prop_oneof, proptest};
    use proptest::strategy::{Just, Strategy};

    use super::{
        ActivityQuery, ActivityStatus, ActivityTerm, AlertType, ComputerQuery, ComputerTerm, Expr, ProfileKind,
        SUBJECTS, check,
    };

    /// Text made of the language's own pieces, which gets deeper than plain noise.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("tag:".to_owned()),
            Just("id:5".to_owned()),
            Just("computer:".to_owned()),
            Just("parent-id:".to_owned()),
            Just("profile:usg:1:".to_owned()),
            Just("annotation:a:".to_owned()),
            Just("OR".to_owned()),
            Just("NOT".to_owned()),
            Just("\"".to_owned()),
            Just(":".to_owned()),
            Just(" ".to_owned()),
            "[a-zä \u{0}-]{0,4}",
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    /// A value: anything that can be typed, blanks and the operators included.
    fn value() -> impl Strategy<Value = String> {
        prop_oneof!["[a-zA-Z0-9:.é -]{0,6}[a-z]", Just("OR".to_owned()), Just("NOT".to_owned())]
    }

    fn computer_term() -> impl Strategy<Value = ComputerTerm> {
        let alerts: Vec<AlertType> = AlertType::ALL.iter().copied().filter(|a| a.word().is_some()).collect();
        prop_oneof![
            value().prop_map(ComputerTerm::Word),
            value().prop_map(ComputerTerm::Tag),
            value().prop_map(ComputerTerm::Hostname),
            value().prop_map(ComputerTerm::AccessGroup),
            value().prop_map(ComputerTerm::Search),
            (0..i64::MAX).prop_map(ComputerTerm::Id),
            proptest::sample::select(alerts).prop_map(ComputerTerm::Alert),
            ("[a-z]{1,3}", value()).prop_map(|(key, part)| ComputerTerm::Annotation { key, value: Some(part) }),
            (0_i64..9).prop_map(|id| ComputerTerm::Profile { kind: ProfileKind::Usg, id, state: Some("pass") }),
            any::<bool>().prop_map(ComputerTerm::HasProManagement),
            Just(ComputerTerm::NeedsReboot),
        ]
    }

    /// Conjunctions of disjunctions of terms that may be negated: all that can be typed.
    fn query<T: Clone + std::fmt::Debug>(term: impl Strategy<Value = T> + Clone) -> impl Strategy<Value = Expr<T>> {
        let maybe_not = (term, any::<bool>()).prop_map(|(term, negated)| {
            let is = Expr::Is(term);
            if negated { Expr::Not(Box::new(is)) } else { is }
        });
        let any_of = proptest::collection::vec(maybe_not, 1..4)
            .prop_map(|mut parts| if parts.len() == 1 { parts.remove(0) } else { Expr::Any(parts) });
        proptest::collection::vec(any_of, 0..4)
            .prop_map(|mut parts| if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
    }

    fn activity_term() -> impl Strategy<Value = ActivityTerm> {
        let inner = computer_term().prop_filter("quotes do not nest", |term| !term.to_string().contains('"'));
        prop_oneof![
            value().prop_map(ActivityTerm::Word),
            value().prop_map(ActivityTerm::Creator),
            (0..i64::MAX).prop_map(ActivityTerm::ParentId),
            proptest::sample::select(ActivityStatus::ALL).prop_map(ActivityTerm::Status),
            proptest::collection::vec(inner.prop_map(Expr::Is), 2..4)
                .prop_map(|parts| ActivityTerm::Computer(Box::new(Expr::Any(parts)))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn any_text_gets_an_answer(noise in any::<String>(), pieces in pieces()) {
            for subject in SUBJECTS {
                for text in [&noise, &pieces] {
                    if let Err(violation) = check(subject, text) {
                        prop_assert_eq!(violation.code, "query");
                    }
                }
            }
        }

        #[test]
        fn a_query_about_computers_is_read_as_it_was_written(query in query(computer_term().boxed())) {
            let text = query.to_string();
            prop_assert_eq!(ComputerQuery::parse(&text).map_err(|v| v.message), Ok(query), "{}", text);
        }

        #[test]
        fn a_query_about_activities_is_read_as_it_was_written(query in query(activity_term().boxed())) {
            let text = query.to_string();
            prop_assert_eq!(ActivityQuery::parse(&text).map_err(|v| v.message), Ok(query), "{}", text);
        }

        #[test]
        fn reading_twice_gives_the_same(pieces in pieces()) {
            if let Ok(query) = ComputerQuery::parse(&pieces) {
                let again = ComputerQuery::parse(&query.to_string());
                prop_assert_eq!(again.map_err(|v| v.message), Ok(query));
            }
        }
    }
}
