//! The syntax of search filters (RFC 4515), so that a mistake is told when a directory is set up
//! and not when somebody signs in.

use crate::problem::Violation;

/// Deeper than any filter that a person writes; the check calls itself for each level.
const DEPTH_MAX: usize = 32;

/// Checks a filter whose variables have been filled in. The outer parentheses may be left out
/// around a single comparison, as the documents do.
pub fn check(text: &str) -> Result<(), Violation> {
    let mut parser = Parser { text, at: 0 };
    parser.whole().map_err(|fault| {
        let place = text.get(..parser.at).map_or(0, |read| read.chars().count()) + 1;
        Violation::new(
            "format",
            format!(
                "Must be an LDAP filter such as (&(objectClass=person)(uid={{username}})); {fault} (character {place})."
            ),
        )
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

type Checked = Result<(), &'static str>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> usize {
        let length = self.rest().find(|c| !fits(c)).unwrap_or(self.rest().len());
        self.at += length;
        length
    }

    fn whole(&mut self) -> Checked {
        if self.peek() == Some('(') {
            self.group(0)?;
        } else {
            self.comparison()?;
        }
        if self.rest().is_empty() { Ok(()) } else { Err("something follows after its end") }
    }

    /// `(…)`
    fn group(&mut self, depth: usize) -> Checked {
        if depth > DEPTH_MAX {
            return Err("it is nested too deeply");
        }
        if !self.take('(') {
            return Err("a ( is missing");
        }
        if self.take('&') || self.take('|') {
            if self.peek() != Some('(') {
                return Err("& and | need a comparison in parentheses after them");
            }
            while self.peek() == Some('(') {
                self.group(depth + 1)?;
            }
        } else if self.take('!') {
            self.group(depth + 1)?;
        } else {
            self.comparison()?;
        }
        if self.take(')') { Ok(()) } else { Err("a ) is missing") }
    }

    /// `attribute=value` and its relatives.
    fn comparison(&mut self) -> Checked {
        let named = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';')) > 0;
        let mut extended = false;
        while self.peek() == Some(':') && !self.rest().starts_with(":=") {
            self.at += 1;
            if self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')) == 0 {
                return Err("a matching rule is missing after :");
            }
            extended = true;
        }
        if !named && !extended {
            return Err("the name of an attribute is missing");
        }
        if self.rest().starts_with(":=") {
            self.at += 2;
            return self.value(false);
        }
        if extended {
            return Err("a := is missing");
        }
        let substrings = !(self.take('>') || self.take('<') || self.take('~'));
        if self.take('=') { self.value(substrings) } else { Err("an = is missing") }
    }

    fn value(&mut self, substrings: bool) -> Checked {
        loop {
            match self.peek() {
                None | Some(')') => return Ok(()),
                Some('(' | '\0') => return Err("( and NUL must be written as \\28 and \\00 in a value"),
                Some('*') if !substrings => return Err("* must be written as \\2a here"),
                Some('*') if self.rest().starts_with("**") => return Err("two * follow each other"),
                Some('\\') => {
                    let hex = self.rest().get(1..3);
                    if !hex.is_some_and(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit())) {
                        return Err("two hexadecimal digits are missing after \\");
                    }
                    self.at += 3;
                }
                Some(other) => self.at += other.len_utf8(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn filters_of_the_documents_are_taken() {
        for good in [
            "uid=x",
            "(uid=x)",
            "(|(sAMAccountName=x)(uid=x))",
            "(&(objectClass=person)(!(cn=a*b*c))(uid=x))",
            "(member:1.2.840.113556.1.4.1941:=cn=x)",
            "(cn:dn:2.5.13.5:=x)",
            "(:dn:2.5.13.5:=x)",
            "(uid;lang-de=größe)",
            "(cn=*)",
            "(n>=3)",
            "(cn=a\\28b\\29)",
            "(cn=)",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn broken_filters_are_refused_with_the_place() {
        for (bad, place) in [
            ("", "character 1"),
            ("(uid=x", "character 7"),
            ("uid=x)", "character 6"),
            ("(uid=x))", "character 8"),
            ("(uid=x)(cn=y)", "character 8"),
            ("(&)", "character 3"),
            ("(&uid=x)", "character 3"),
            ("(uid)", "character 5"),
            ("(=x)", "character 2"),
            ("(uid=a**b)", "character 7"),
            ("(uid>=a*)", "character 8"),
            ("(uid=a\\2)", "character 7"),
            ("(uid=ö\\)", "character 7"),
            ("(uid=(a)", "character 6"),
            ("('uid=x)", "character 2"),
            ("(cn:=a*)", "character 7"),
            ("(cn::=a)", "character 5"),
            ("(cn:dn=a)", "character 7"),
        ] {
            let fault = check(bad).unwrap_err();
            assert_eq!(fault.code, "format");
            assert!(fault.message.contains(&format!("({place})")), "{bad}: {}", fault.message);
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |levels: usize| format!("{}(a=b){}", "(!".repeat(levels), ")".repeat(levels));
        assert_eq!(check(&nested(32)), Ok(()));
        assert!(check(&nested(33)).is_err());
        assert!(check(&nested(100_000)).is_err());
    }
}
