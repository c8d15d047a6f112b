//! Request bodies: whatever was taken is read the same by another reader, and the rules of every
//! kind of body answer without failing.

#![no_main]

use binnacle::api::body::parse;
use binnacle_shared::model::landscape::script_profile::{NewScriptProfile, ScriptProfilePatch};
use binnacle_shared::model::landscape::session::{MyselfPatch, NewAccessKey, PasswordChange};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = parse(bytes) else { return };
    assert_eq!(serde_json::from_slice::<serde_json::Value>(bytes).ok(), Some(value.clone()));
    let _ = NewScriptProfile::parse(&value);
    let _ = ScriptProfilePatch::parse(&value);
    let _ = MyselfPatch::parse(&value);
    let _ = NewAccessKey::parse(&value);
    let _ = PasswordChange::parse(&value);
});
