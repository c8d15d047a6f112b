//! What two versions of a text have in common, line by line.

/// A line of a comparison, with its number before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Same(&'a str),
    Removed(&'a str),
    Added(&'a str),
}

/// Beyond this many differing lines on both sides (multiplied) the middle is shown as replaced
/// as a whole: the table would take too long.
const MOST: usize = 4_000_000;

/// The shortest way from one text to the other: common beginning and end, and the longest
/// common subsequence between them.
pub fn lines<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut found: Vec<Line<'a>> = old[..head].iter().map(|line| Line::Same(line)).collect();
    middle(left, right, &mut found);
    found.extend(old[old.len() - tail..].iter().map(|line| Line::Same(line)));
    found
}

fn middle<'a>(left: &[&'a str], right: &[&'a str], found: &mut Vec<Line<'a>>) {
    if left.len().saturating_mul(right.len()) > MOST {
        found.extend(left.iter().map(|line| Line::Removed(line)));
        found.extend(right.iter().map(|line| Line::Added(line)));
        return;
    }
    // lengths[i * width + j]: lines in common of left[i..] and right[j..].
    let width = right.len() + 1;
    let mut lengths = vec![0_u32; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            lengths[i * width + j] = if left[i] == right[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            found.push(Line::Same(left[i]));
            i += 1;
            j += 1;
        } else if j == right.len() || (i < left.len() && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
            found.push(Line::Removed(left[i]));
            i += 1;
        } else {
            found.push(Line::Added(right[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, lines};

    #[test]
    fn both_sides_are_found_again() {
        for (before, after) in [
            ("", ""),
            ("a", ""),
            ("", "a\nb"),
            ("a\nb\nc", "a\nx\nc"),
            ("a\nb\nc\nd", "b\nd\ne"),
            ("a\na\na", "a\na"),
            ("one\ntwo\nthree\nfour", "two\nthree\nzero\nfour\nfive"),
        ] {
            let found = lines(before, after);
            let side = |leave_out: fn(&Line<'_>) -> bool| {
                let kept = found.iter().filter(|line| !leave_out(line));
                kept.map(|line| match line {
                    Line::Same(t) | Line::Removed(t) | Line::Added(t) => *t,
                })
                .collect::<Vec<_>>()
                .join("\n")
            };
            assert_eq!(side(|line| matches!(line, Line::Added(_))), before);
            assert_eq!(side(|line| matches!(line, Line::Removed(_))), after);
        }
    }

    #[test]
    fn what_stayed_is_not_shown_as_changed() {
        use Line::{Added, Removed, Same};
        assert_eq!(lines("a\nb\nc", "a\nx\nc"), [Same("a"), Removed("b"), Added("x"), Same("c")]);
        assert_eq!(lines("a\nc", "a\nb\nc"), [Same("a"), Added("b"), Same("c")]);
    }
}
