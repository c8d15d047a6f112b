//! Rules for single values that several resources share.

use crate::problem::Violation;

/// The longest title that any of the documents' lists shows whole.
pub const TITLE_MAX: usize = 200;
/// Longest time limit: a day. Longer work belongs into a service.
pub const TIME_LIMIT_MAX: i64 = 86_400;
/// The time limit that scripts have where nobody says one.
pub const TIME_LIMIT_DEFAULT: i64 = 300;

/// A display name: one line, not blank, trimmed, at most 200 characters.
pub fn title(text: String) -> Result<String, Violation> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Violation::new("blank", "Must not be blank."));
    }
    if let Some(c) = trimmed.chars().find(|c| c.is_control()) {
        return Err(Violation::new(
            "format",
            format!("Must be one line of text; it holds the control character U+{:04X}.", u32::from(c)),
        ));
    }
    let length = trimmed.chars().count();
    if length > TITLE_MAX {
        return Err(Violation::new("length", format!("Must have at most {TITLE_MAX} characters; this has {length}.")));
    }
    Ok(if trimmed.len() == text.len() { text } else { trimmed.to_owned() })
}

/// A tag: a word character first, then word characters or `-`.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
pub fn tag(text: String) -> Result<String, Violation> {
    let trimmed = text.trim();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut chars = trimmed.chars();
    let well_formed = chars.next().is_some_and(word) && chars.all(|c| word(c) || c == '-');
    if !well_formed {
        return Err(Violation::new(
            "format",
            "A tag starts with a letter, digit or _ and goes on with those or -, without blanks, such as web-server.",
        ));
    }
    if trimmed.chars().count() > 100 {
        return Err(Violation::new("length", "A tag has at most 100 characters."));
    }
    Ok(trimmed.to_owned())
}

/// A user of the managed computer.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
pub fn username(text: String) -> Result<String, Violation> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Violation::new("blank", "Must name the user that runs the script, such as root."));
    }
    let fits = trimmed.chars().all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, ':' | '/'));
    if !fits || trimmed.starts_with('-') || trimmed.len() > 255 {
        return Err(Violation::new(
            "format",
            "A user name has no blanks, no colon, no slash and does not start with -.",
        ));
    }
    Ok(trimmed.to_owned())
}

/// Seconds after which a running script is ended.
pub fn time_limit(seconds: i64) -> Result<i64, Violation> {
    if seconds < 1 {
        return Err(Violation::new("range", format!("Must be at least 1 second; {TIME_LIMIT_DEFAULT} is usual.")));
    }
    if seconds > TIME_LIMIT_MAX {
        return Err(Violation::new("range", format!("Must be at most {TIME_LIMIT_MAX} seconds (one day).")));
    }
    Ok(seconds)
}

/// Free text of several lines; NUL has no place in a database or a file name.
pub fn comment(text: String) -> Result<String, Violation> {
    if text.contains('\0') {
        return Err(Violation::new("format", "Must not hold NUL characters."));
    }
    if text.len() > 10_000 {
        return Err(Violation::new("length", "Must have at most 10,000 bytes."));
    }
    Ok(text)
}

/// The name that a title gives: lower case, runs of other characters become one `-`.
/// `.` stays, as in access group names.
pub fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for c in title.trim().chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() || c == '.' {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{slug, tag, time_limit, title, username};

    #[test]
    fn titles_are_trimmed_one_line_and_not_blank() {
        assert_eq!(title("  Optics and Design ".into()).unwrap(), "Optics and Design");
        assert_eq!(title(" \t".into()).unwrap_err().code, "blank");
        assert_eq!(title("a\nb".into()).unwrap_err().code, "format");
        assert_eq!(title("a\0b".into()).unwrap_err().code, "format");
        assert!(title("é".repeat(200)).is_ok());
        assert_eq!(title("é".repeat(201)).unwrap_err().code, "length");
    }

    #[test]
    fn tags_are_words() {
        for good in ["server", "web-01", "_x", "größe", "1"] {
            assert!(tag(good.into()).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a b", "a,b", "a:b", "\0"] {
            assert!(tag(bad.into()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn time_limits_are_positive_and_at_most_a_day() {
        assert_eq!(time_limit(360).unwrap(), 360);
        assert!(time_limit(0).is_err());
        assert!(time_limit(-5).is_err());
        assert!(time_limit(86_401).is_err());
    }

    #[test]
    fn user_names_fit_a_passwd_file() {
        for good in ["root", "www-data", "name@domain", "a.b"] {
            assert!(username(good.into()).is_ok(), "{good}");
        }
        for bad in ["", " ", "a b", "a:b", "../x", "-x", "a\0"] {
            assert!(username(bad.into()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn slugs_are_usable_in_a_url() {
        assert_eq!(slug("New profile"), "new-profile");
        assert_eq!(slug(" Web & TLS / Ams "), "web-tls-ams");
        assert_eq!(slug("Rack 4.2"), "rack-4.2");
        assert_eq!(slug("!!!"), "");
    }
}
