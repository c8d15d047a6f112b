//! Signed requests: the canonical form of any parameters reads back as them, and a claim that
//! nobody signed fits nothing.

#![no_main]

use std::collections::BTreeMap;

use binnacle::auth::signature::{Signed, canonical_query, read};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|encoded: &[u8]| {
    let mut parameters: BTreeMap<String, String> = form_urlencoded::parse(encoded).into_owned().collect();
    let signature = parameters.remove("signature");
    let query = canonical_query(&parameters);
    let again: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(again, parameters);
    parameters.extend(signature.map(|signature| ("signature".to_owned(), signature)));
    if let Ok(claim) = read(&parameters, Timestamp::UNIX_EPOCH) {
        let signed = Signed { method: "POST", hosts: &["host"], path: "/api/", parameters: &parameters };
        assert!(signed.check(&claim, "a secret that the input does not know").is_err());
    }
});
