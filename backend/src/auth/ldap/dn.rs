//! Distinguished names: written safely, and compared.

use std::borrow::Cow;

/// Whether two DNs name the same entry, however they are written.
pub fn same(one: &str, other: &str) -> bool {
    normalise(one) == normalise(other)
}

/// One way to write a DN: in lower case, without blanks around separators, with one kind of
/// escapes. For comparing; directories are asked with what they gave us.
pub fn normalise(dn: &str) -> String {
    let parts = split(dn, ",;");
    let name = parts.iter().map(|rdn| {
        let mut pairs: Vec<String> = split(rdn, "+").into_iter().map(pair).collect();
        pairs.sort();
        pairs.join("+")
    });
    name.collect::<Vec<_>>().join(",")
}

/// Escapes a value for its place in a DN.
pub fn escape(value: &str) -> Cow<'_, str> {
    ldap3::dn_escape(value)
}

fn pair(text: &str) -> String {
    let (attribute, value) = text.split_once('=').unwrap_or((text, ""));
    format!("{}={}", attribute.trim().to_lowercase(), escape(&unescape(value).to_lowercase()))
}

/// Cuts at separators that are not escaped.
fn split<'a>(text: &'a str, separators: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped, mut quoted) = (0, false, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        } else if !quoted && separators.contains(c) {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// The value that stands escaped or quoted in a DN, without blanks around it.
fn unescape(value: &str) -> String {
    let value = value.trim_start();
    let value = value.strip_prefix('"').and_then(|value| value.trim_end().strip_suffix('"')).unwrap_or(value);
    let mut bytes = Vec::with_capacity(value.len());
    // How much of it was escaped and so is no blank at the end.
    let mut kept = 0;
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let hex =
            rest.strip_prefix('\\').and_then(|after| after.get(..2)).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = hex {
            bytes.push(byte);
            kept = bytes.len();
            rest = rest.get(3..).unwrap_or_default();
        } else if let Some(escaped) = rest.strip_prefix('\\').and_then(|after| after.chars().next()) {
            bytes.extend(escaped.to_string().as_bytes());
            kept = bytes.len();
            rest = rest.get(1 + escaped.len_utf8()..).unwrap_or_default();
        } else {
            bytes.extend(c.to_string().as_bytes());
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    while bytes.len() > kept && bytes.last() == Some(&b' ') {
        bytes.pop();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{escape, normalise, same};

    #[test]
    fn the_same_entry_may_be_written_in_many_ways() {
        for (one, other) in [
            ("cn=Dev,ou=Groups,dc=x", "CN=dev, OU = groups ,DC=X"),
            ("cn=a\\,b,dc=x", "cn=a\\2cb,dc=x"),
            ("cn=a\\,b,dc=x", "cn=\"a,b\",dc=x"),
            ("cn=größe", "cn=GR\\c3\\b6ße"),
            ("cn=a+uid=b,dc=x", "uid=b + cn=a,dc=x"),
            ("cn=a\\ ,dc=x", "cn=a\\20,dc=x"),
        ] {
            assert!(same(one, other), "{} {}", normalise(one), normalise(other));
        }
        for (one, other) in [
            ("cn=a,dc=x", "cn=b,dc=x"),
            ("cn=a\\,ou=b,dc=x", "cn=a,ou=b,dc=x"),
            ("cn=a,dc=x", "cn=a"),
            ("cn=a\\ ,dc=x", "cn=a,dc=x"),
            ("", "cn=a"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
        for odd in ["\\", "=", ",", "cn=\\", "cn=\"", "cn=\\ü", "cn=\\c", "ü"] {
            assert!(same(odd, odd));
        }
    }

    #[test]
    fn a_value_stays_in_its_place() {
        assert_eq!(escape("admin,ou=x"), "admin\\2cou\\3dx");
        assert_eq!(escape(" #a+b\"<>;\\\0 "), "\\20#a\\2bb\\22\\3c\\3e\\3b\\5c\\00\\20");
        assert_eq!(escape("größe"), "größe");
    }
}
