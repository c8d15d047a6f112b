//! The digest by which both ends check that they hold the same list of message types.

use md5::{Digest as _, Md5};

/// The 16 bytes that stand for a set of message types: their sorted names, joined, hashed.
/// MD5 guards against nothing here; it is what the protocol compares.
pub fn type_digest<T: AsRef<str>>(types: impl IntoIterator<Item = T>) -> [u8; 16] {
    let mut names: Vec<String> = types.into_iter().map(|name| name.as_ref().to_owned()).collect();
    names.sort_unstable();
    Md5::digest(names.join(";").as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_the_empty_set_has_a_digest() {
        assert_eq!(type_digest(["users", "register"]), type_digest(["register", "users"]));
        assert_ne!(type_digest(["users"]), type_digest(["register"]));
        assert_eq!(type_digest::<&str>([]).first(), Some(&0xd4));
    }
}
