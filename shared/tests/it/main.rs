//! The model's tests. All but the property tests run natively and as wasm, because both the
//! server and the browser rely on the same answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test; the allowance for tests does not reach helpers"
)]

mod activities;
mod documents;
mod filter;
mod labels;
mod query;
mod recurrence;
mod script_profile_changes;
mod script_profiles;
mod zones;
