//! How many tests passed and failed, read from what the runners print.

use std::collections::BTreeSet;
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

/// `Ran 12 tests in 3.4s`, then `OK` or `FAILED (failures=1, errors=2)`, as Python's own runner
/// says it. A sub-test that fails is a failure of its own.
pub fn unittest(output: &str) -> Counts {
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    let ran = output.lines().filter_map(|line| line.strip_prefix("Ran ")).map(number).sum();
    let failed: u32 = output
        .lines()
        .filter_map(|line| line.strip_prefix("FAILED ("))
        .flat_map(|list| list.trim_end_matches(')').split(", "))
        .filter_map(|part| part.strip_prefix("failures=").or_else(|| part.strip_prefix("errors=")))
        .map(number)
        .sum();
    Counts { passed: u32::saturating_sub(ran, failed), failed }
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

/// Operations that were tried (`  Tested: 90`), and the headings of those that failed
/// (`____ GET /api/v2/scripts ____`).
pub fn schemathesis(output: &str) -> Counts {
    let plain = without_colours(output);
    let tried = plain.lines().rev().find_map(|line| line.trim().strip_prefix("Tested: ")?.parse().ok());
    let headings = plain.lines().filter(|line| line.starts_with("__") && line.ends_with("__"));
    let failed: BTreeSet<&str> = headings.map(|line| line.trim_matches('_').trim()).collect();
    let failed = u32::try_from(failed.len()).unwrap_or(u32::MAX);
    Counts { passed: tried.unwrap_or(0_u32).saturating_sub(failed), failed }
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
    fn reads_what_unittest_says() {
        assert_eq!(unittest("..\nRan 12 tests in 3.4s\n\nOK\n"), Counts { passed: 12, failed: 0 });
        let failed = "Ran 12 tests in 3.4s\n\nFAILED (failures=1, errors=2, skipped=1)\n";
        assert_eq!(unittest(failed), Counts { passed: 9, failed: 3 });
        assert_eq!(unittest("Traceback"), Counts::default());
    }

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
    fn reads_schemathesis() {
        let output = "____ GET /b ____\n1. Test Case ID: x\n____ GET /b ____\n____ POST /a:b ____\n\nAPI Operations:\n  \
                      Selected: 9/9\n  Tested: 9\n";
        assert_eq!(schemathesis(output), Counts { passed: 7, failed: 2 });
        assert_eq!(schemathesis("Usage: schemathesis"), Counts::default());
    }

    #[test]
    fn reads_playwright() {
        let output = "  ok 1 sign-in.spec.ts:4:1 signs in (1.2s)\n\n  1 failed\n    a.spec.ts:3\n  2 did not run\n  12 passed (9.1s)\n";
        assert_eq!(playwright(output), Counts { passed: 12, failed: 3 });
    }
}
