//! Agent messages: what was read can be written, and reads back as it was written.

#![no_main]

use binnacle::protocol::bpickle::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = decode(bytes) {
        let written = encode(&value);
        // Compared as bytes: a float that is no number differs from itself.
        let again = decode(&written).map(|value| encode(&value));
        assert_eq!(again.as_ref(), Ok(&written));
    }
});
