use super::*;

const FILE: &str = "license:
  capabilities: [Mock1, Mock2]
  cloudify_version: 4.6
  customer_id: CloudifyMock
  expiration_date: 11/24/2018
  license_edition: Spire
  trial: false
signature: !!binary |
  QUJD
  REVG
";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The file with one line changed.
fn with(line: &str, other: &str) -> String {
    assert!(FILE.contains(line), "{line}");
    FILE.replace(line, other)
}

fn faults(file: &str) -> String {
    match License::read(file.as_bytes()) {
        Err(LicenseError::Fields(problems)) => {
            problems.0.iter().map(|p| format!("{} {}", p.pointer, p.code)).collect::<Vec<_>>().join(", ")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_license_is_read() {
    let license = License::read(FILE.as_bytes()).unwrap();
    assert_eq!(
        license,
        License {
            customer_id: "CloudifyMock".into(),
            expiration_date: Some(at("2018-11-24T00:00:00Z")),
            license_edition: Some("Spire".into()),
            trial: false,
            cloudify_version: Some("4.6".into()),
            capabilities: Some(vec!["Mock1".into(), "Mock2".into()]),
            signature: "QUJDREVG".into(),
        }
    );
}

#[test]
fn its_end_counts() {
    let license = License::read(FILE.as_bytes()).unwrap();
    assert!(!license.expired(at("2018-11-23T23:59:59Z")));
    assert_eq!(license.check(at("2018-11-23T23:59:59Z")), Ok(()));
    let end = at("2018-11-24T00:00:00Z");
    assert!(license.expired(end));
    assert_eq!(license.check(end), Err(LicenseError::Expired(end)));
    let endless = License::read(with("11/24/2018", "null").as_bytes()).unwrap();
    assert!(!endless.expired(at("9999-01-01T00:00:00Z")));
}

#[test]
fn dates_are_written_in_several_ways() {
    for text in ["'11/24/2018'", "2018-11-24", "2018-11-24T00:00:00.000Z", "\"2018-11-24T01:00:00+01:00\""] {
        let license = License::read(with("11/24/2018", text).as_bytes()).unwrap();
        assert_eq!(license.expiration_date, Some(at("2018-11-24T00:00:00Z")), "{text}");
    }
    for text in ["24/11/2018", "tomorrow", "2018-02-30", "5", "true", "[]", "''"] {
        assert_eq!(faults(&with("11/24/2018", text)), "/license/expiration_date format", "{text}");
    }
}

#[test]
fn numbers_stay_as_they_are_written() {
    let license = License::read(with("4.6", "4.10").as_bytes()).unwrap();
    assert_eq!(license.cloudify_version.as_deref(), Some("4.10"));
    let license = License::read(with("CloudifyMock", "00123").as_bytes()).unwrap();
    assert_eq!(license.customer_id, "00123");
}

#[test]
fn what_may_be_missing() {
    let file = with("[Mock1, Mock2]", "null").replace("  cloudify_version: 4.6\n", "").replace("Spire", "~");
    let license = License::read(file.as_bytes()).unwrap();
    assert_eq!((license.capabilities, license.cloudify_version, license.license_edition), (None, None, None));
}

#[test]
fn what_is_missing_or_mistyped_is_named() {
    assert_eq!(faults("a: 1"), "/signature required, /license required");
    assert_eq!(faults("license: {}\nsignature: a"), "/license required");
    assert_eq!(faults("license: [a]\nsignature: [a]"), "/signature type, /license type");
    assert_eq!(
        faults("license: {x: 1}\nsignature: ''"),
        [
            "/signature required",
            "/license/customer_id required",
            "/license/expiration_date required",
            "/license/trial required"
        ]
        .join(", ")
    );
    assert_eq!(faults(&with("CloudifyMock", "[a]")), "/license/customer_id type");
    assert_eq!(faults(&with("CloudifyMock", "' '")), "/license/customer_id required");
    assert_eq!(faults(&with("CloudifyMock", &"a".repeat(501))), "/license/customer_id length");
    assert_eq!(faults(&with("CloudifyMock", &format!("0.{}", "1".repeat(500)))), "/license/customer_id length");
    for text in ["\"a\\0b\"", "\"a\\nb\""] {
        assert_eq!(faults(&with("CloudifyMock", text)), "/license/customer_id format", "{text}");
        assert_eq!(faults(&with("Spire", text)), "/license/license_edition format", "{text}");
    }
    assert_eq!(faults(&with("trial: false", "trial: maybe")), "/license/trial type");
    assert_eq!(faults(&with("[Mock1, Mock2]", "Mock1")), "/license/capabilities type");
    assert_eq!(faults(&with("[Mock1, Mock2]", "[1]")), "/license/capabilities type");
    assert_eq!(faults(&with("4.6", "{}")), "/license/cloudify_version type");
    let message = License::read(with("trial: false", "x: y").as_bytes()).unwrap_err().to_string();
    assert_eq!(message, "the license is incomplete: license.trial: is missing");
}

#[test]
fn what_is_no_yaml_is_refused() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nlicense: [*b, *b, *b, *b, *b, *b, *b, *b]\n";
    let deep = "[".repeat(10_000);
    let many = format!("license: [{}]", "a, ".repeat(6_000));
    let long = "a".repeat(MAX_FILE + 1);
    for file in ["", "text", "- a", "a: [", "a: b: c", "\t", "a: 1\na: 2", "--- a\n--- b", bomb, &deep, &many, &long] {
        let error = License::read(file.as_bytes()).unwrap_err();
        assert!(matches!(error, LicenseError::InvalidYaml(_)), "{}: {error}", &file[..file.len().min(40)]);
    }
    assert!(matches!(License::read(b"license: \xff"), Err(LicenseError::InvalidYaml(_))));
    // A JSON document and an archive, where a license is expected.
    assert_eq!(faults("{\"a\": 1}"), "/signature required, /license required");
    assert!(matches!(License::read(b"PK\x03\x04\x14\x00\x00"), Err(LicenseError::InvalidYaml(_))));
}
