//! The query language of computers and activities: words and `selector:value` terms.
//!
//! Neighbours are ANDed, `OR` binds tighter than that, `NOT` takes the next term. What a
//! selector means is said where the query becomes SQL; which ones exist is said here.

use crate::problem::Violation;

/// Longest query that is read.
pub const LENGTH_MAX: usize = 16 * 1024;
/// Deepest nesting of one query in another (`computer:`).
const DEPTH_MAX: usize = 4;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Computer,
    Activity,
}

impl Subject {
    /// The selectors that can be asked of the subject.
    pub const fn selectors(self) -> &'static [&'static str] {
        match self {
            Self::Computer => &["tag", "hostname", "title", "id", "distribution", "access-group", "ip", "mac"],
            Self::Activity => {
                &["id", "parent-id", "status", "created-after", "created-before", "creator", "computer", "type"]
            }
        }
    }
}

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Every part; none: everything.
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    /// A bare word.
    Word(String),
    Term {
        selector: &'static str,
        value: String,
    },
    /// `computer:…` inside an activity query.
    Computer(Box<Self>),
}

/// Reads a query. The message says what is wrong and what is known.
pub fn parse(subject: Subject, text: &str) -> Result<Expr, Violation> {
    parse_nested(subject, text, 0)
}

fn parse_nested(subject: Subject, text: &str, depth: usize) -> Result<Expr, Violation> {
    if text.len() > LENGTH_MAX {
        return Err(refuse(format!("A query has at most {LENGTH_MAX} bytes.")));
    }
    if depth > DEPTH_MAX {
        return Err(refuse("The query nests too deep."));
    }
    if text.contains('\0') {
        return Err(refuse("A query must not hold NUL characters."));
    }
    let tokens = tokens(text)?;
    let mut groups: Vec<Vec<Expr>> = Vec::new();
    let mut negate = false;
    let mut join = false;
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        if !token.quoted && token.text == "OR" {
            if join || negate || groups.is_empty() {
                return Err(refuse("OR stands between two terms."));
            }
            join = true;
            continue;
        }
        if !token.quoted && token.text == "NOT" {
            negate = !negate;
            continue;
        }
        // A selector with nothing behind its colon takes the next word.
        let value_follows = !token.quoted && token.text.ends_with(':');
        let value = if value_follows { rest.next().map(|t| t.text) } else { None };
        let mut expr = term(subject, token, value, depth)?;
        if std::mem::take(&mut negate) {
            expr = Expr::Not(Box::new(expr));
        }
        match groups.last_mut() {
            Some(group) if std::mem::take(&mut join) => group.push(expr),
            _ => groups.push(vec![expr]),
        }
    }
    if negate || join {
        return Err(refuse(format!("The query ends after {}.", if negate { "NOT" } else { "OR" })));
    }
    let mut parts: Vec<Expr> =
        groups.into_iter().map(|mut group| if group.len() == 1 { group.remove(0) } else { Expr::Any(group) }).collect();
    Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
}

fn term(subject: Subject, token: Token, following: Option<String>, depth: usize) -> Result<Expr, Violation> {
    if token.quoted {
        return Ok(Expr::Word(token.text));
    }
    let Some((name, value)) = token.text.split_once(':') else {
        return Ok(Expr::Word(token.text));
    };
    let value = following.unwrap_or_else(|| value.to_owned());
    let Some(selector) = subject.selectors().iter().find(|s| **s == name) else {
        return Err(refuse(format!("There is no selector “{name}:”; known are {}.", subject.selectors().join(", "))));
    };
    if value.is_empty() {
        return Err(refuse(format!("The selector “{name}:” needs a value.")));
    }
    if subject == Subject::Activity && *selector == "computer" {
        let inner = parse_nested(Subject::Computer, &value, depth + 1)?;
        return Ok(Expr::Computer(Box::new(inner)));
    }
    Ok(Expr::Term { selector, value })
}

struct Token {
    text: String,
    /// The whole token stood in quotes, so it is a plain word.
    quoted: bool,
}

fn tokens(text: &str) -> Result<Vec<Token>, Violation> {
    let mut tokens = Vec::new();
    let mut current = String::new();
    let (mut open, mut quoted) = (false, false);
    for c in text.chars() {
        match c {
            '"' => {
                if !open && current.is_empty() {
                    quoted = true;
                }
                open = !open;
            }
            c if c.is_whitespace() && !open => {
                if !current.is_empty() || quoted {
                    tokens.push(Token { text: std::mem::take(&mut current), quoted });
                }
                quoted = false;
            }
            c => current.push(c),
        }
    }
    if open {
        return Err(refuse("A quote is opened and not closed."));
    }
    if !current.is_empty() || quoted {
        tokens.push(Token { text: current, quoted });
    }
    Ok(tokens)
}

fn refuse(message: impl Into<String>) -> Violation {
    Violation::new("query", message)
}

#[cfg(test)]
mod tests {
    use super::{Expr, Subject, parse};

    fn term(selector: &'static str, value: &str) -> Expr {
        Expr::Term { selector, value: value.into() }
    }

    #[test]
    fn or_binds_tighter_than_and() {
        assert_eq!(
            parse(Subject::Computer, "appserver tag:server OR distribution:jammy").unwrap(),
            Expr::All(vec![
                Expr::Word("appserver".into()),
                Expr::Any(vec![term("tag", "server"), term("distribution", "jammy")]),
            ])
        );
    }

    #[test]
    fn values_may_be_quoted_or_follow_a_blank() {
        assert_eq!(parse(Subject::Computer, "tag:\"web server\"").unwrap(), term("tag", "web server"));
        assert_eq!(parse(Subject::Computer, "access-group: server").unwrap(), term("access-group", "server"));
        assert_eq!(parse(Subject::Computer, "\"OR\"").unwrap(), Expr::Word("OR".into()));
        assert_eq!(parse(Subject::Computer, " ").unwrap(), Expr::All(vec![]));
    }

    #[test]
    fn not_takes_the_next_term() {
        assert_eq!(
            parse(Subject::Computer, "NOT tag:a b").unwrap(),
            Expr::All(vec![Expr::Not(Box::new(term("tag", "a"))), Expr::Word("b".into())])
        );
    }

    #[test]
    fn activities_ask_for_computers() {
        assert_eq!(
            parse(Subject::Activity, "computer:id:5 status:failed").unwrap(),
            Expr::All(vec![Expr::Computer(Box::new(term("id", "5"))), term("status", "failed")])
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["foo:bar", "\"x", "tag:", "OR tag:a", "tag:a OR", "NOT", "tag:a OR OR tag:b", "a\0"] {
            assert_eq!(parse(Subject::Computer, text).unwrap_err().code, "query", "{text:?}");
        }
    }
}
