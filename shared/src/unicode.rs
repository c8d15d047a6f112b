//! Texts that look alike made alike: composed in one way, and without regard to case.

use std::borrow::Cow;

/// The compatibility composition (NFKC) of a text: what looks alike is stored alike.
///
/// The browser brings the tables along, so the console does not have to.
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(composed(text)) }
}

#[cfg(not(target_arch = "wasm32"))]
fn composed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().collect()
}

#[cfg(target_arch = "wasm32")]
fn composed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFKC").into()
}

/// A text as it is compared where case does not matter: every letter by itself in lower case, so
/// that a part of a folded text is the folded part. (`str::to_lowercase` looks at what stands
/// around a letter.) Databases cannot do this alike, so they store what this gives.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{fold, nfkc};

    #[test]
    fn what_looks_alike_becomes_alike() {
        assert_eq!(nfkc("e\u{301}"), "é");
        assert_eq!(nfkc("ﬁ Ⅳ １"), "fi IV 1");
        assert_eq!(nfkc("plain"), "plain");
    }

    #[test]
    fn a_part_of_a_folded_text_is_the_folded_part() {
        assert_eq!(fold("ÉCOLE"), "école");
        assert!(fold("ΟΔΟΣ").contains(&fold("Σ")));
        assert_eq!(fold("ΟΔΟΣ"), format!("{}{}", fold("ΟΔΟ"), fold("Σ")));
    }
}
