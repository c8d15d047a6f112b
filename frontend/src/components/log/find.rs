//! Searching in lines, and cutting a line where its look or a match changes.

use super::ansi::Style;
use super::text::Line;

/// More are not counted; nobody steps through them.
pub const MATCHES_MAX: usize = 9999;

/// A place where the search text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    pub line: usize,
    /// In bytes.
    pub start: usize,
    pub end: usize,
}

/// All places where `wanted` stands, whatever the case.
pub fn find(lines: &[Line], wanted: &str) -> Vec<Match> {
    let mut found = Vec::new();
    if wanted.is_empty() {
        return found;
    }
    for (line, text) in lines.iter().enumerate() {
        let mut from = 0;
        while let Some((start, end)) = next_in(&text.text, from, wanted) {
            found.push(Match { line, start, end });
            if found.len() == MATCHES_MAX {
                return found;
            }
            from = end;
        }
    }
    found
}

/// The first place at or after a byte offset.
fn next_in(text: &str, from: usize, wanted: &str) -> Option<(usize, usize)> {
    text.get(from..)?.char_indices().find_map(|(offset, _)| {
        let start = from + offset;
        let length = starts_with(text.get(start..)?, wanted)?;
        Some((start, start + length))
    })
}

/// How many bytes of a text are `wanted`, whatever the case, if it starts with that.
fn starts_with(text: &str, wanted: &str) -> Option<usize> {
    let mut have = text.chars();
    for wish in wanted.chars() {
        if !same(have.next()?, wish) {
            return None;
        }
    }
    Some(text.len() - have.as_str().len())
}

fn same(a: char, b: char) -> bool {
    a == b
        || if a.is_ascii() && b.is_ascii() { a.eq_ignore_ascii_case(&b) } else { a.to_lowercase().eq(b.to_lowercase()) }
}

/// A part of a line that is drawn as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub text: String,
    pub style: Style,
    /// It is a match; the present one?
    pub mark: Option<bool>,
}

/// Cuts a line where its look changes and where matches begin and end. `matches` are those of
/// this line, in order; `present` is the one that one stands on.
pub fn segments(line: &Line, matches: &[Match], present: Option<Match>) -> Vec<Segment> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut matches = matches.iter().peekable();
    for run in &line.runs {
        while start < run.end {
            while matches.peek().is_some_and(|found| found.end <= start) {
                matches.next();
            }
            let (end, mark) = match matches.peek() {
                Some(found) if found.start <= start => (found.end, Some(present == Some(**found))),
                Some(found) => (found.start, None),
                None => (run.end, None),
            };
            let end = end.min(run.end);
            if let Some(text) = line.text.get(start..end) {
                parts.push(Segment { text: text.to_owned(), style: run.style, mark });
            }
            start = end;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::text::{Line, Run};
    use super::{Match, find, segments};
    use crate::components::log::ansi::Style;

    fn line(text: &str) -> Line {
        let runs = vec![Run { end: text.len(), style: Style::default() }];
        Line { text: text.to_owned(), runs, ..Line::default() }
    }

    #[test]
    fn case_does_not_matter_and_bytes_do() {
        let lines = [line("Expired: éXPIRED"), line("nothing"), line("ÉTÉ été")];
        assert_eq!(find(&lines, "EXPired"), [Match { line: 0, start: 0, end: 7 }]);
        assert_eq!(find(&lines, "éx"), [Match { line: 0, start: 9, end: 12 }]);
        assert_eq!(find(&lines, "été").len(), 2);
        assert_eq!(find(&lines, "été")[1], Match { line: 2, start: 6, end: 11 });
        assert!(find(&lines, "").is_empty());
    }

    #[test]
    fn matches_do_not_overlap() {
        assert_eq!(find(&[line("aaaa")], "aa").len(), 2);
    }

    #[test]
    fn lines_are_cut_at_looks_and_matches() {
        let bold = Style { bold: true, ..Style::default() };
        let mut line = line("one two three");
        line.runs = vec![Run { end: 5, style: Style::default() }, Run { end: 13, style: bold }];
        let found = find(std::slice::from_ref(&line), "two");
        let parts = segments(&line, &found, found.first().copied());
        let shown: Vec<_> = parts.iter().map(|p| (p.text.as_str(), p.style.bold, p.mark)).collect();
        assert_eq!(
            shown,
            [("one ", false, None), ("t", false, Some(true)), ("wo", true, Some(true)), (" three", true, None)]
        );
    }
}
