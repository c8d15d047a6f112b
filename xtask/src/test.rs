//! Runs stages one after the other and counts.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::counts::Counts;
use crate::paths::Workspace;
use crate::stages::{self, Outcome, Stage};
use crate::timing::{Stopwatch, short};

/// The stages that `--only` names, with those they need, in their usual order.
pub fn selection(arguments: &[String]) -> Result<Vec<&'static Stage>> {
    let names: Vec<&str> = match arguments.split_first() {
        None => return Ok(stages::ALL.iter().collect()),
        Some((first, rest)) if first == "--only" => {
            rest.iter().flat_map(|word| word.split(',')).filter(|name| !name.is_empty()).collect()
        }
        Some((other, _)) => bail!("`test` does not know `{other}`; try `test --only STAGE…`"),
    };
    if names.is_empty() {
        bail!("`--only` needs a stage: {}", stages::names().join(", "));
    }
    for name in &names {
        if !stages::names().contains(name) {
            bail!("there is no stage `{name}`; there are {}", stages::names().join(", "));
        }
    }
    let wanted = |stage: &&Stage| names.contains(&stage.name);
    let needed = |stage: &&Stage| stages::ALL.iter().filter(wanted).any(|wanted| wanted.needs == Some(stage.name));
    Ok(stages::ALL.iter().filter(|stage| wanted(stage) || needed(stage)).collect())
}

/// Runs the stages; a failed one stops only those that need it.
pub fn run(workspace: &Workspace, selected: &[&Stage]) -> ExitCode {
    let mut results: Vec<(&Stage, Verdict, Duration)> = Vec::new();
    for stage in selected {
        println!("\n━━ {}: {}", stage.name, stage.title);
        let watch = Stopwatch::start();
        let broken = results.iter().any(|(earlier, verdict, _)| stage.needs == Some(earlier.name) && verdict.failed());
        let verdict = if broken {
            Verdict::Error(format!("not run, since {} failed", stage.needs.unwrap_or_default()))
        } else {
            Verdict::of((stage.work)(workspace))
        };
        println!("━━ {}: {} ({})", stage.name, verdict.text(), short(watch.elapsed()));
        results.push((stage, verdict, watch.elapsed()));
    }

    println!("\n━━ Stages");
    let mut total = Counts::default();
    for (stage, verdict, time) in &results {
        println!("   {:12} {:>13}  {}", stage.name, short(*time), verdict.text().lines().next().unwrap_or_default());
        total += verdict.counts();
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

enum Verdict {
    Done(Outcome),
    Error(String),
}

impl Verdict {
    fn of(result: Result<Outcome>) -> Self {
        match result {
            Ok(outcome) => Self::Done(outcome),
            Err(error) => Self::Error(format!("{error:#}")),
        }
    }

    fn failed(&self) -> bool {
        self.counts().failed > 0
    }

    /// A stage without tests of its own counts as one.
    fn counts(&self) -> Counts {
        match self {
            Self::Done(Outcome::Passed) => Counts { passed: 1, failed: 0 },
            Self::Done(Outcome::Counted(counts)) => *counts,
            Self::Error(_) => Counts { passed: 0, failed: 1 },
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Done(Outcome::Passed) => "passed".to_owned(),
            Self::Done(Outcome::Counted(counts)) => {
                format!("{} passed, {} failed", counts.passed, counts.failed)
            }
            Self::Error(error) => format!("FAILED: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Result<Vec<&'static str>> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Ok(selection(&words)?.iter().map(|stage| stage.name).collect())
    }

    #[test]
    fn takes_the_named_stages_and_what_they_need() -> Result<()> {
        assert_eq!(names("")?, stages::names());
        assert_eq!(names("--only wasm,format")?, ["format", "wasm"]);
        assert_eq!(names("--only e2e format")?, ["format", "build", "e2e"]);
        Ok(())
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(names("--only nothing").is_err());
        assert!(names("--only").is_err());
        assert!(names("fast").is_err());
    }
}
