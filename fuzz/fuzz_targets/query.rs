//! The query language: whatever people type is understood or refused, and what was understood is
//! understood again when it is written out.

#![no_main]

use binnacle_shared::query::{ActivityQuery, ComputerQuery};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(query) = ComputerQuery::parse(text) {
        assert_eq!(ComputerQuery::parse(&query.to_string()).as_ref(), Ok(&query));
    }
    if let Ok(query) = ActivityQuery::parse(text) {
        assert_eq!(ActivityQuery::parse(&query.to_string()).as_ref(), Ok(&query));
    }
});
