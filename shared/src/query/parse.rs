//! The grammar: tokens, operators, selectors.

use super::{Expr, Term, refuse};
use crate::problem::Violation;

/// Longest query that is read.
pub const LENGTH_MAX: usize = 16 * 1024;

/// Most terms of a query: each is a part of one statement, and databases do not read any depth.
pub const TERMS_MAX: usize = 200;

/// Reads a query.
pub(super) fn expression<T: Term>(text: &str) -> Result<Expr<T>, Violation> {
    if text.len() > LENGTH_MAX {
        return Err(refuse(format!("A query has at most {LENGTH_MAX} bytes.")));
    }
    if text.contains('\0') {
        return Err(refuse("A query must not hold NUL characters."));
    }
    let mut groups: Vec<Vec<Expr<T>>> = Vec::new();
    // Of the NOTs before a term: whether there are any, and whether they are odd in number.
    let (mut not, mut negate) = (false, false);
    let mut join = false;
    let tokens = tokens(text)?;
    if tokens.iter().filter(|token| !token.is_operator()).count() > TERMS_MAX {
        return Err(refuse(format!("A query has at most {TERMS_MAX} terms.")));
    }
    let mut rest = tokens.into_iter();
    while let Some(token) = rest.next() {
        if token.raw == "OR" {
            if join || not || groups.is_empty() {
                return Err(refuse("OR stands between two terms."));
            }
            join = true;
            continue;
        }
        if token.raw == "NOT" {
            not = true;
            negate = !negate;
            continue;
        }
        let mut expr = Expr::Is(term(token, &mut rest)?);
        not = false;
        if std::mem::take(&mut negate) {
            expr = Expr::Not(Box::new(expr));
        }
        match groups.last_mut() {
            Some(group) if std::mem::take(&mut join) => group.push(expr),
            _ => groups.push(vec![expr]),
        }
    }
    if not || join {
        return Err(refuse(format!("The query ends after {}.", if not { "NOT" } else { "OR" })));
    }
    let mut parts: Vec<Expr<T>> =
        groups.into_iter().map(|mut group| if group.len() == 1 { group.remove(0) } else { Expr::Any(group) }).collect();
    Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
}

fn term<T: Term>(token: Token, rest: &mut impl Iterator<Item = Token>) -> Result<T, Violation> {
    // A word in quotes is a word, also with a colon in it.
    if token.raw.starts_with('"') {
        return Ok(T::word(token.text));
    }
    let Some((name, raw)) = token.raw.split_once(':') else {
        return Ok(T::word(token.text));
    };
    if !T::SELECTORS.contains(&name) {
        let name = name.replace('"', "");
        return Err(refuse(format!("There is no selector “{name}:”; known are {}.", T::SELECTORS.join(", "))));
    }
    // A selector with nothing behind its colon takes the next word.
    let following = if raw.is_empty() { rest.next() } else { None };
    let (value, raw) = match &following {
        Some(next) => (next.text.as_str(), next.raw.as_str()),
        None => (token.text.split_once(':').map(|(_, value)| value).unwrap_or_default(), raw),
    };
    if value.is_empty() {
        return Err(refuse(format!("The selector “{name}:” needs a value.")));
    }
    T::select(name, value.to_owned(), raw)
}

struct Token {
    /// As it was typed, with its quotes.
    raw: String,
    /// Without them.
    text: String,
}

impl Token {
    fn is_operator(&self) -> bool {
        matches!(self.raw.as_str(), "OR" | "NOT")
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Violation> {
    let mut tokens = Vec::new();
    let mut raw = String::new();
    let mut open = false;
    let mut end = |raw: &mut String| {
        if !raw.is_empty() {
            let raw = std::mem::take(raw);
            tokens.push(Token { text: raw.replace('"', ""), raw });
        }
    };
    for c in text.chars() {
        if c.is_whitespace() && !open {
            end(&mut raw);
            continue;
        }
        open ^= c == '"';
        raw.push(c);
    }
    if open {
        return Err(refuse("A quote is opened and not closed."));
    }
    end(&mut raw);
    Ok(tokens)
}

/// A value as it has to be typed: in quotes, where blanks or the language's own signs make it
/// necessary. A quote itself cannot stand in a value and is left out.
pub fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && c != '"';
    if !value.is_empty() && value.chars().all(plain) && !matches!(value, "OR" | "NOT") {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('"', ""))
}
