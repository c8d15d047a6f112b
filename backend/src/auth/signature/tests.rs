use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::btree_map;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, prop_assume, proptest};

use super::{Fault, Signed, canonical_query, is_claimed, read, sign, string_to_sign};

const SECRET: &str = "not a secret";
const HOST: &str = "landscape.canonical.com";

fn parameters(more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let common = [
        ("access_key_id", "not a key"),
        ("action", "GetComputers"),
        ("signature_method", "HmacSHA256"),
        ("signature_version", "2"),
        ("timestamp", "2012-09-14T17:12:12Z"),
        ("version", "2011-08-01"),
    ];
    common.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn check(parameters: &BTreeMap<String, String>, hosts: &[&str], path: &str) -> Result<(), Fault> {
    let claim = read(parameters, time("2012-09-14T17:12:12Z"))?;
    Signed { method: "POST", hosts, path, parameters }.check(&claim, SECRET)
}

/// The two signatures that clients of this API publish in their own tests.
#[test]
fn the_published_signatures_fit() {
    let query = "access_key_id=not%20a%20key&action=GetComputers&signature_method=HmacSHA256&signature_version=2\
                 &timestamp=2012-09-14T17%3A12%3A12Z&version=2011-08-01";
    let tagged = query.replace("&timestamp", "&tags.1=web&tags.2=server&timestamp");
    for (more, query, signature) in [
        (&[][..], query, "lBTA+RRW1zf4HDEZpMY88h8viNdN2rSupTxPicyqSuc="),
        (&[("tags.1", "web"), ("tags.2", "server")][..], &tagged, "NQmtWOtLQTqawygcrD9sDP24s3KVOASLOUVn0tumdkE="),
    ] {
        let mut parameters = parameters(more);
        assert_eq!(canonical_query(&parameters), query);
        let text = string_to_sign("POST", HOST, "/api/", query);
        assert_eq!(sign(SECRET, &text).as_deref(), Some(signature));
        parameters.insert("signature".into(), signature.into());
        assert_eq!(check(&parameters, &[HOST], "/api/"), Ok(()));
        assert_eq!(check(&parameters, &["LANDSCAPE.Canonical.com"], "/api/"), Ok(()));
        assert_eq!(check(&parameters, &["127.0.0.1:8080", HOST], "/api/"), Ok(()));
        assert_eq!(check(&parameters, &["127.0.0.1:8080"], "/api/"), Err(Fault::Mismatch));
        assert_eq!(check(&parameters, &[HOST], "/api"), Err(Fault::Mismatch));
        assert_eq!(check(&parameters, &[], "/api/"), Err(Fault::Mismatch));
        parameters.insert("extra".into(), "x".into());
        assert_eq!(check(&parameters, &[HOST], "/api/"), Err(Fault::Mismatch));
    }
}

#[test]
fn names_and_values_are_encoded_strictly() {
    let of = |pairs: &[(&str, &str)]| {
        canonical_query(&pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    };
    assert_eq!(
        of(&[("name2", "value2 has spaces"), ("name1", "value1"), ("name3", "value3~")]),
        "name1=value1&name2=value2%20has%20spaces&name3=value3~"
    );
    assert_eq!(of(&[("tags.2", "b"), ("tags.10", ""), ("tags.1", "a/b")]), "tags.1=a%2Fb&tags.10=&tags.2=b");
    assert_eq!(of(&[("é*", "+&=")]), "%C3%A9%2A=%2B%26%3D");
    assert_eq!(of(&[("signature", "x")]), "");
}

#[test]
fn what_a_signature_lacks_is_named() {
    let now = time("2012-09-14T17:12:12Z");
    let whole = parameters(&[("signature", "bm90aGluZw==")]);
    assert!(read(&whole, now).is_ok());
    for name in ["access_key_id", "signature", "timestamp", "signature_method", "signature_version"] {
        let mut without = whole.clone();
        without.remove(name);
        assert_eq!(read(&without, now), Err(Fault::Missing(name)));
    }
    for (name, value, fault) in [
        ("signature_method", "HmacSHA1", Fault::Method),
        ("signature_version", "1", Fault::Method),
        ("timestamp", "yesterday", Fault::Timestamp),
        ("signature", "%%%", Fault::Mismatch),
    ] {
        let mut other = whole.clone();
        other.insert(name.into(), value.into());
        assert_eq!(read(&other, now), Err(fault));
    }
    assert!(!is_claimed(&BTreeMap::from([("action".into(), "x".into())])));
    for minutes in [-15, 15] {
        assert!(read(&whole, now + SignedDuration::from_mins(minutes)).is_ok());
        let late = now + SignedDuration::from_mins(minutes) + SignedDuration::from_secs(minutes.signum());
        assert_eq!(read(&whole, late), Err(Fault::Stale));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// What the query's text says is what was put in, whatever the names and values are.
    #[test]
    fn the_canonical_query_reads_back(parameters in btree_map(any::<String>(), any::<String>(), 0..8)) {
        let mut parameters = parameters;
        parameters.remove("signature");
        let query = canonical_query(&parameters);
        prop_assert!(query.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%=&".contains(&b)), "{query}");
        let read: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        prop_assert_eq!(read, parameters);
    }

    #[test]
    fn a_request_fits_its_own_signature_and_no_other(
        more in btree_map("[a-z.0-9]{1,8}", any::<String>(), 0..6),
        host in "[a-zA-Z0-9.-]{1,20}(:[0-9]{1,5})?",
        path in "/[a-z/]{0,8}",
        name in "[a-z]{9}",
        value in any::<String>(),
        secret in "[A-Za-z0-9]{40}",
    ) {
        let mut parameters = parameters(&[]);
        parameters.extend(more);
        let text = string_to_sign("GET", &host, &path, &canonical_query(&parameters));
        parameters.insert("signature".into(), sign(&secret, &text).unwrap());
        prop_assume!(!parameters.contains_key(&name));
        let now = time("2012-09-14T17:12:12Z");
        let claim = read(&parameters, now);
        // A generated name may have replaced one of the signature's own.
        prop_assume!(claim.is_ok());
        let claim = claim.unwrap();
        let hosts = [host.as_str()];
        let signed = Signed { method: "GET", hosts: &hosts, path: &path, parameters: &parameters };
        prop_assert_eq!(signed.check(&claim, &secret), Ok(()));
        prop_assert_eq!(signed.check(&claim, "other"), Err(Fault::Mismatch));
        prop_assert_eq!(Signed { method: "POST", ..signed }.check(&claim, &secret), Err(Fault::Mismatch));
        let mut changed = parameters.clone();
        changed.insert(name, value);
        prop_assert_eq!(Signed { parameters: &changed, ..signed }.check(&claim, &secret), Err(Fault::Mismatch));
    }

    #[test]
    fn whatever_a_request_claims_is_read_or_refused(
        parameters in btree_map(
            "access_key_id|signature|timestamp|signature_method|signature_version|[a-z]{1,3}", any::<String>(), 0..8,
        ),
    ) {
        let _ = read(&parameters, time("2012-09-14T17:12:12Z"));
    }
}
