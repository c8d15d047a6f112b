//! Output as numbered lines, each with the time at which it began.

use binnacle_shared::model::landscape::activity::OutputChunk;
use jiff::Timestamp;

use super::ansi::{Event, Parser, Style};

/// Tabs reach to the next multiple of this.
const TAB: usize = 8;

/// A stretch of a line that looks the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Where it ends, in bytes; it begins where the one before ends.
    pub end: usize,
    pub style: Style,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// When the server got its beginning.
    pub at: Option<Timestamp>,
    /// Without escape sequences, tabs as blanks.
    pub text: String,
    pub runs: Vec<Run>,
    /// Width in cells of the fixed font.
    pub cells: usize,
}

impl Line {
    fn print(&mut self, c: char, style: Style) {
        self.text.push(c);
        self.cells += width(c);
        match self.runs.last_mut() {
            Some(run) if run.style == style => run.end = self.text.len(),
            _ => self.runs.push(Run { end: self.text.len(), style }),
        }
    }

    fn back(&mut self) {
        if let Some(c) = self.text.pop() {
            self.cells -= width(c);
            let end = self.text.len();
            while self.runs.last().is_some_and(|run| run.end > end) {
                let before = self.runs.iter().rev().nth(1).map_or(0, |run| run.end);
                match self.runs.last_mut() {
                    Some(run) if before < end => run.end = end,
                    _ => {
                        self.runs.pop();
                    }
                }
            }
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.runs.clear();
        self.cells = 0;
    }
}

/// Cells that a character takes in a fixed font: none for marks on the one before, two for the
/// ideographs. Near enough to foresee where a line breaks.
fn width(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0x20d0..=0x20f0 | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// A script's output so far.
#[derive(Clone, Debug, Default)]
pub struct LogText {
    pub lines: Vec<Line>,
    /// Size of the output as it came, escape sequences included.
    pub bytes: usize,
    /// Cells of the longest line.
    pub widest: usize,
    /// Something was cut off on the way.
    pub truncated: bool,
    parser: Parser,
    /// The last line has not ended.
    open: bool,
    /// A carriage return stands at its end.
    returned: bool,
    /// Number of the last piece that was taken.
    last: Option<i64>,
}

impl LogText {
    /// Takes a piece of output; one that was taken before is left out, so that a stream that
    /// starts anew does no harm. Says whether there was anything new.
    pub fn push(&mut self, chunk: &OutputChunk) -> bool {
        if self.last.is_some_and(|last| chunk.seq <= last) {
            return false;
        }
        self.last = Some(chunk.seq);
        self.bytes += chunk.text.len();
        let at = binnacle_shared::time::parse(&chunk.at).ok();
        for c in chunk.text.chars() {
            self.take(c, at);
        }
        true
    }

    fn take(&mut self, c: char, at: Option<Timestamp>) {
        let Some(event) = self.parser.next(c) else { return };
        match event {
            Event::NewLine => {
                let _ = self.line(at);
                self.open = false;
                self.returned = false;
            }
            Event::Return => self.returned = self.open,
            Event::Print(c) => {
                let style = self.parser.style;
                let line = self.fresh_line(at);
                line.print(c, style);
                self.widest = line.cells.max(self.widest);
            }
            Event::Tab => {
                let style = self.parser.style;
                let line = self.fresh_line(at);
                for _ in 0..TAB - line.cells % TAB {
                    line.print(' ', style);
                }
                self.widest = line.cells.max(self.widest);
            }
            Event::Back => {
                if self.open {
                    self.line(at).back();
                }
            }
        }
    }

    /// The line that is being written, empty again if a carriage return came before.
    fn fresh_line(&mut self, at: Option<Timestamp>) -> &mut Line {
        let again = std::mem::take(&mut self.returned);
        let line = self.line(at);
        if again {
            line.clear();
        }
        line
    }

    fn line(&mut self, at: Option<Timestamp>) -> &mut Line {
        if !self.open || self.lines.is_empty() {
            self.lines.push(Line { at, ..Line::default() });
            self.open = true;
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    /// The whole text as it is shown, to copy or to keep.
    pub fn plain(&self) -> String {
        let mut text = String::with_capacity(self.bytes);
        for line in &self.lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        if self.open {
            text.pop();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use binnacle_shared::model::landscape::activity::OutputChunk;

    use super::super::ansi::Color;
    use super::{LogText, Run};

    fn chunk(seq: i64, text: &str) -> OutputChunk {
        let at = format!("2026-11-21T08:00:0{seq}.114Z");
        OutputChunk { activity_id: 1, seq, at, text: text.to_owned() }
    }

    fn log(texts: &[&str]) -> LogText {
        let mut log = LogText::default();
        for (seq, text) in (0..).zip(texts) {
            assert!(log.push(&chunk(seq, text)));
        }
        log
    }

    fn lines(log: &LogText) -> Vec<&str> {
        log.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_go_on_across_pieces_and_keep_the_time_of_their_beginning() {
        let log = log(&["one\ntw", "o\n\nthree"]);
        assert_eq!(lines(&log), ["one", "two", "", "three"]);
        let times: Vec<_> = log.lines.iter().map(|line| line.at.unwrap().to_string()).collect();
        assert_eq!(times[1], "2026-11-21T08:00:00.114Z");
        assert_eq!(times[3], "2026-11-21T08:00:01.114Z");
        assert_eq!(log.plain(), "one\ntwo\n\nthree");
        assert_eq!(log.bytes, 14);
    }

    #[test]
    fn a_last_newline_opens_no_line() {
        let log = log(&["one\r\n", "two\n"]);
        assert_eq!(lines(&log), ["one", "two"]);
        assert_eq!(log.plain(), "one\ntwo\n");
    }

    #[test]
    fn progress_replaces_itself() {
        let log = log(&["10 %\r", "50 %\r\x1b[K100 %\ndone", "!\x08."]);
        assert_eq!(lines(&log), ["100 %", "done."]);
    }

    #[test]
    fn pieces_are_taken_once() {
        let mut log = log(&["a", "b"]);
        assert!(!log.push(&chunk(0, "a")));
        assert!(!log.push(&chunk(1, "b")));
        assert!(log.push(&chunk(2, "c")));
        assert_eq!(lines(&log), ["abc"]);
    }

    #[test]
    fn colours_go_on_across_pieces_and_lines() {
        let log = log(&["x\x1b[3", "1mred\nstill\x1b[0m not"]);
        let first = &log.lines[0];
        assert_eq!(first.text, "xred");
        assert_eq!(first.runs.iter().map(|run| run.end).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(first.runs[1].style.text, Some(Color::Indexed(1)));
        assert_eq!(log.lines[1].runs[0].style.text, Some(Color::Indexed(1)));
        assert_eq!(log.lines[1].runs[1], Run { end: 9, style: super::Style::default() });
    }

    #[test]
    fn going_back_keeps_stretches_whole() {
        let log = log(&["ab\x1b[1mc\x08\x08d"]);
        assert_eq!(log.lines[0].text, "ad");
        assert_eq!(log.lines[0].runs.iter().map(|run| run.end).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn widths_are_counted_in_cells() {
        let log = log(&["a\tb\n日本\ne\u{301}"]);
        let cells: Vec<_> = log.lines.iter().map(|line| line.cells).collect();
        assert_eq!(cells, [9, 4, 1]);
        assert_eq!(log.widest, 9);
    }
}
