//! How many tests passed and failed, read from what the runners print.

use std::ops::AddAssign;

/// Tests that passed and tests that did not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// `Summary [ 1.2s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped`
pub fn nextest(output: &str) -> Counts {
    let plain = without_colours(output);
    let Some(summary) = plain.lines().rfind(|line| line.trim_start().starts_with("Summary [")) else {
        return Counts::default();
    };
    let results = summary.split_once("run:").map_or("", |(_, results)| results);
    let mut counts = Counts::default();
    for part in results.split(',') {
        let Some((number, word)) = number_and_word(part) else {
            continue;
        };
        if word.starts_with("passed") {
            counts.passed += number;
        } else if !word.starts_with("skipped") {
            counts.failed += number;
        }
    }
    counts
}

/// `test result: ok. 3 passed; 0 failed; 0 ignored; …`, once for each test binary.
pub fn libtest(output: &str) -> Counts {
    let plain = without_colours(output);
    let mut counts = Counts::default();
    for line in plain.lines() {
        let Some((_, results)) = line.split_once("test result: ") else {
            continue;
        };
        let results = results.split_once(". ").map_or(results, |(_, results)| results);
        for part in results.split(';') {
            match number_and_word(part) {
                Some((number, "passed")) => counts.passed += number,
                Some((number, "failed")) => counts.failed += number,
                _ => {}
            }
        }
    }
    counts
}

/// The last lines of Playwright's list: `  1 failed`, `  5 passed (3.2s)`.
pub fn playwright(output: &str) -> Counts {
    let plain = without_colours(output);
    let mut counts = Counts::default();
    for line in plain.lines() {
        let Some((number, word)) = number_and_word(line) else {
            continue;
        };
        match word {
            "failed" | "interrupted" | "did not run" | "flaky" => counts.failed += number,
            _ if word.starts_with("passed") => counts.passed += number,
            _ => {}
        }
    }
    counts
}

fn number_and_word(text: &str) -> Option<(u32, &str)> {
    let (number, word) = text.trim().split_once(' ')?;
    Some((number.parse().ok()?, word))
}

/// Terminal colours stand between escape and `m`.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_nextest() {
        let output = "   PASS [ 0.1s] a b\n\u{1b}[1mSummary [\u{1b}[0m   3.0s] 6 tests run: \
                      3 passed (1 slow), 1 failed, 1 timed out, 1 exec failed, 4 skipped\n";
        assert_eq!(nextest(output), Counts { passed: 3, failed: 3 });
        assert_eq!(nextest("error: could not compile"), Counts::default());
    }

    #[test]
    fn adds_up_the_test_binaries() {
        let output = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured\n\
                      test result: FAILED. 1 passed; 2 failed; 5 ignored; 0 measured\n";
        assert_eq!(libtest(output), Counts { passed: 4, failed: 2 });
    }

    #[test]
    fn reads_playwright() {
        let output = "  ok 1 sign-in.spec.ts:4:1 signs in (1.2s)\n\n  1 failed\n    a.spec.ts:3\n  2 did not run\n  12 passed (9.1s)\n";
        assert_eq!(playwright(output), Counts { passed: 12, failed: 3 });
    }
}
