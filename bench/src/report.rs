//! Figures as tables that can be read as they are and pasted into a document.

use std::time::Duration;

use crate::measure::Figures;

/// A table whose columns are as wide as they have to be.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|cell| (*cell).to_owned()).collect()] }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub fn print(&self) {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}", width = *width)).collect();
            println!("| {} |", cells.join(" | "));
            if index == 0 {
                let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                println!("| {} |", lines.join(" | "));
            }
        }
        println!();
    }
}

/// `0.42 ms`, `12.3 ms`.
pub fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 { format!("{milliseconds:.2} ms") } else { format!("{milliseconds:.1} ms") }
}

pub fn rate(per_second: f64) -> String {
    format!("{per_second:.0}/s")
}

/// Median, 99th percentile and rate, as three cells.
pub fn cells(figures: &Figures) -> [String; 3] {
    [
        milliseconds(figures.alone.percentile(50)),
        milliseconds(figures.alone.percentile(99)),
        rate(figures.together.per_second()),
    ]
}

/// What this was measured on.
pub fn machine() -> String {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let value = |text: &str, name: &str| -> Option<String> {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once([':', '='])?.1.trim().trim_matches('"').to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".into());
    let system = value(&read("/etc/os-release"), "PRETTY_NAME").unwrap_or_else(|| "unknown".into());
    let memory = value(&read("/proc/meminfo"), "MemTotal").unwrap_or_else(|| "unknown".into());
    let memory =
        memory.trim_end_matches(" kB").parse::<u64>().map_or(memory.clone(), |kib| format!("{} GiB", kib >> 20));
    format!("{cores} cores of {processor}, {memory} of memory, {system}")
}
