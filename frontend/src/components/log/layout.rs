//! Where each line stands, in rows of one height: what scrolling computes with.

use super::text::Line;

/// The number of the last row of each line, counted from one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    ends: Vec<usize>,
}

impl Layout {
    /// `columns`: cells in a row where lines break; none where they do not.
    pub fn new(lines: &[Line], columns: Option<usize>) -> Self {
        let mut end = 0;
        let ends = lines
            .iter()
            .map(|line| {
                end += match columns {
                    Some(columns) if columns > 0 => line.cells.div_ceil(columns).max(1),
                    _ => 1,
                };
                end
            })
            .collect();
        Self { ends }
    }

    /// Rows of all lines.
    pub fn rows(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The first row of a line, counted from zero.
    pub fn top(&self, line: usize) -> usize {
        line.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }

    /// The line that a row belongs to.
    pub fn line_at(&self, row: usize) -> usize {
        self.ends.partition_point(|end| *end <= row)
    }

    /// The lines of `count` rows from `row` on, and `spare` rows around them.
    pub fn window(&self, row: usize, count: usize, spare: usize) -> (usize, usize) {
        let from = self.line_at(row.saturating_sub(spare));
        let to = self.line_at(row + count + spare) + 1;
        (from.min(self.ends.len()), to.min(self.ends.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::Line;
    use super::Layout;

    fn lines(cells: &[usize]) -> Vec<Line> {
        cells.iter().map(|cells| Line { cells: *cells, ..Line::default() }).collect()
    }

    #[test]
    fn long_lines_take_more_rows_where_they_break() {
        let lines = lines(&[0, 10, 11, 25]);
        let broken = Layout::new(&lines, Some(10));
        assert_eq!(broken.rows(), 1 + 1 + 2 + 3);
        assert_eq!((0..4).map(|line| broken.top(line)).collect::<Vec<_>>(), [0, 1, 2, 4]);
        assert_eq!((0..7).map(|row| broken.line_at(row)).collect::<Vec<_>>(), [0, 1, 2, 2, 3, 3, 3]);
        assert_eq!(Layout::new(&lines, None).rows(), 4);
    }

    #[test]
    fn windows_stay_inside() {
        let layout = Layout::new(&lines(&[1; 100]), None);
        assert_eq!(layout.window(0, 10, 5), (0, 16));
        assert_eq!(layout.window(95, 10, 5), (90, 100));
        assert_eq!(Layout::default().window(0, 10, 5), (0, 0));
    }
}
