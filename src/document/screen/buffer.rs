//! The rows of a screen, the cursor, and the lines that are done.
//!
//! Only the last rows can still change; what scrolls above them becomes finished text. Everything that costs more than
//! the bytes that ask for it is paid from a `Fuel` in proportion to the input, and left undone when that is used up.

mod wrap;

use std::collections::VecDeque;

use super::row::{Joint, Row};
use super::sources::Sources;

/// How many rows can still be reached by cursor movement.
pub(crate) const MAX_ROWS: usize = 1000;
/// The farthest that one sequence moves into nothing; more is how programs ask for the border of the screen.
pub(crate) const FAR: usize = 500;
/// A page with more rows than this cannot be redrawn from its top: that has scrolled out of every real screen.
const PAGE_ROWS: usize = 200;

/// What may still be spent on padding and on shifting text.
#[derive(Debug)]
pub(super) struct Fuel(pub(super) usize);

impl Fuel {
    /// Spends an amount; false when there is not enough left.
    pub(super) fn spend(&mut self, amount: usize) -> bool {
        let enough = amount <= self.0;
        if enough {
            self.0 -= amount;
        }
        enough
    }
}

/// What happens to the rows when the screen is cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clearing {
    /// They stay as scrollback, and a new page begins below.
    Keeps,
    /// They are gone: the alternate screen has no scrollback.
    Erases,
}

/// Rows and cursor. Row numbers count from the first row of all, also the finished ones.
#[derive(Debug)]
pub(super) struct Buffer {
    clearing: Clearing,
    done: Vec<u8>,
    sources: Sources,
    rows: VecDeque<Row>,
    /// The number of the first row in `rows`.
    top: usize,
    row: usize,
    /// The cursor's column; `None` is the end of a row that is not split.
    column: Option<usize>,
    saved: (usize, usize),
    /// Where the current page and the page before it begin; the part before the first clearing is no page.
    page: Option<usize>,
    previous_page: Option<usize>,
    /// The last row of the scrolling region.
    margin: Option<usize>,
    /// The cursor is below the scrolling region, in a status line that is not part of the text.
    parked: bool,
    /// How many columns the screen has; text wraps there.
    width: Option<usize>,
    /// Where the rows begin that were written since the last line end or cursor-up.
    stretch: usize,
    /// The cursor went up since the last line end.
    drawn: bool,
    /// The last finished row goes on in the first of `rows`.
    open: bool,
}

impl Buffer {
    /// The main screen below finished lines; how many those are is the number of its first row.
    pub(super) fn main(finished: &[u8], width: Option<usize>) -> Self {
        let top = memchr::memchr_iter(b'\n', finished).count();
        let sources = Sources::unchanged(top);
        let first = Row::new(top as u32);
        Self {
            clearing: Clearing::Keeps,
            done: finished.to_vec(),
            sources,
            rows: VecDeque::from([first]),
            top,
            row: top,
            column: None,
            saved: (top, 0),
            page: None,
            previous_page: None,
            margin: None,
            parked: false,
            width,
            stretch: top,
            drawn: false,
            open: false,
        }
    }

    /// The alternate screen, shown since raw line `line`.
    pub(super) fn alternate(line: u32, width: Option<usize>) -> Self {
        let mut buffer = Self::main(b"", width);
        buffer.clearing = Clearing::Erases;
        buffer.page = Some(0);
        buffer.rows[0].source = line;
        buffer
    }

    /// The number of the cursor's row.
    pub(super) fn row(&self) -> usize {
        self.row
    }

    /// Writes plain text of raw line `line` at the cursor.
    pub(super) fn write(&mut self, text: &[u8], line: u32, fuel: &mut Fuel) {
        if self.parked || text.is_empty() {
            return;
        }
        self.reach_row(line, fuel);
        let row = &mut self.rows[self.row - self.top];
        if row.is_empty() || self.column == Some(0) {
            row.source = line;
            row.joint = Joint::Apart;
        }
        if self.column == Some(0) && row.is_empty() {
            self.column = None;
        }
        if self.column.is_none() && row.has_room(text, self.width) {
            return self.rows[self.row - self.top].append(text);
        }
        self.write_cells(text, line, fuel);
    }

    /// Goes to the start of the next row, which is a new one at the end.
    pub(super) fn newline(&mut self, line: u32, fuel: &mut Fuel) {
        self.parked = false;
        self.drawn = false;
        self.row += 1;
        self.column = Some(0);
        self.reach_row(line, fuel);
        self.stretch = self.row;
        let row = &mut self.rows[self.row - self.top];
        if row.is_empty() {
            row.source = line;
        }
    }

    /// The cursor's column as a number; behind the last one of the screen nothing can stand.
    pub(super) fn column(&mut self) -> usize {
        let column = self.measure();
        self.width.map_or(column, |width| column.min(width - 1))
    }

    /// The column behind the text that was written last.
    fn measure(&mut self) -> usize {
        let column = match (self.column, self.current()) {
            (Some(column), _) => column,
            (None, Some(row)) => row.split(),
            (None, None) => 0,
        };
        self.column = Some(column);
        column
    }

    /// Moves the cursor within its row: far behind the end only as far as a screen may be wide.
    pub(super) fn set_column(&mut self, column: usize) {
        let limit = match self.width {
            Some(width) => width - 1,
            None if column > FAR => self.current().map_or(0, Row::split).max(FAR),
            None => FAR,
        };
        self.column = Some(column.min(limit));
    }

    /// Moves the cursor up; asked for more than any screen has, to the top of the page.
    pub(super) fn up(&mut self, rows: usize, line: u32) {
        let column = self.column();
        self.column = Some(column);
        self.mark_drawn();
        if rows > FAR {
            self.position(1, column + 1, line);
        } else {
            let floor = self.page.filter(|&page| page >= self.top && page <= self.row).unwrap_or(self.top);
            self.row = self.row.saturating_sub(rows).max(floor);
        }
    }

    /// Moves the cursor down; asked for more than any screen has, to the last row.
    pub(super) fn down(&mut self, rows: usize) {
        self.column = Some(self.column());
        let last = self.end().saturating_sub(1);
        self.row = if rows > FAR { last.max(self.row) } else { (self.row + rows).min(last + FAR) };
    }

    /// Moves the cursor to a row and column of the page, both counted from 1.
    pub(super) fn position(&mut self, row: usize, column: usize, line: u32) {
        self.parked = self.margin.is_some_and(|margin| row > margin);
        if self.parked {
            return;
        }
        let page = self.redrawable_page().unwrap_or_else(|| self.begin_page(line));
        self.row = page + (row.max(1) - 1).min(FAR);
        self.column = Some(0);
        self.set_column(column.max(1) - 1);
    }

    /// Moves the cursor to a row of the page and leaves the column.
    pub(super) fn position_row(&mut self, row: usize, line: u32) {
        let column = self.column();
        self.position(row, column + 1, line);
    }

    /// The current page, when it still fits on a screen.
    fn redrawable_page(&self) -> Option<usize> {
        if self.clearing == Clearing::Erases {
            return self.page.map(|page| page.max(self.top));
        }
        self.page.filter(|&page| page >= self.top && self.end() <= page + PAGE_ROWS)
    }

    pub(super) fn save_cursor(&mut self) {
        self.saved = (self.row, self.measure());
    }

    pub(super) fn restore_cursor(&mut self) {
        self.parked = false;
        self.row = self.saved.0.max(self.top);
        self.column = Some(self.saved.1);
    }

    /// Sets the last row of the scrolling region, or the whole screen.
    pub(super) fn set_margin(&mut self, margin: Option<usize>) {
        self.margin = margin;
    }

    /// Erases in the cursor's row: to its end (0), up to the cursor (1), all (2).
    pub(super) fn erase_line(&mut self, mode: usize, fuel: &mut Fuel) {
        if self.parked || (mode == 0 && self.column.is_none()) {
            return;
        }
        let column = self.measure();
        let Some(row) = self.current() else { return };
        match mode {
            2 => row.clear(),
            0 if column == 0 => row.clear(),
            1 if column + 1 >= row.split() => row.clear(),
            0 => {
                row.split();
                row.truncate(column);
            }
            1 if fuel.spend(column + 1) => row.blank(0, column + 1),
            _ => {}
        }
    }

    /// Erases on the page: from the cursor on (0), up to the cursor (1), all (2).
    pub(super) fn erase_display(&mut self, mode: usize, line: u32, fuel: &mut Fuel) {
        if self.parked {
            return;
        }
        let at_home = self.page == Some(self.row) && self.column() == 0;
        match mode {
            2 => self.clear(line),
            0 if at_home => self.clear(line),
            0 => {
                self.rows.truncate((self.row + 1).saturating_sub(self.top));
                self.erase_line(0, fuel);
            }
            1 => {
                let page = self.page.unwrap_or(self.top).max(self.top);
                for row in page..self.row.min(self.end()) {
                    if fuel.spend(1) {
                        self.rows[row - self.top].clear();
                    }
                }
                self.erase_line(1, fuel);
            }
            _ => {}
        }
    }

    /// Clears the screen and goes to its start: a terminal's full reset does too.
    pub(super) fn clear(&mut self, line: u32) {
        self.begin_page(line);
    }

    /// Changes the cells at the cursor: inserts blanks (`@`), deletes (`P`) or erases (`X`) so many columns.
    pub(super) fn edit(&mut self, action: u8, count: usize, fuel: &mut Fuel) {
        let column = self.measure();
        let count = count.min(FAR);
        let Some(row) = self.current() else { return };
        let behind = row.split().saturating_sub(column);
        if behind == 0 || !fuel.spend(behind + count) {
            return;
        }
        match action {
            b'@' => row.insert(column, count),
            b'P' => row.delete(column, column + count),
            _ => row.blank(column, column + count),
        }
    }

    /// Ends the buffer: appends its lines to finished ones.
    pub(super) fn finish(mut self, into: Option<(Vec<u8>, Sources)>) -> (Vec<u8>, Sources) {
        self.drop_earlier_frame();
        while self.end() > self.row + 1 && self.rows.back().is_some_and(Row::is_empty) {
            self.rows.pop_back();
        }
        while self.rows.len() > 1 {
            self.finish_row();
        }
        if let Some(last) = self.rows.pop_front() {
            self.part_from(&last);
            let before = self.done.len();
            last.emit(&mut self.done);
            if self.done.len() > before && !self.open {
                self.sources.push(last.source);
            }
        }
        let Some((mut text, mut sources)) = into else { return (self.done, self.sources) };
        if !text.is_empty() && !text.ends_with(b"\n") && !self.done.is_empty() {
            text.push(b'\n');
        }
        text.extend_from_slice(&self.done);
        self.sources.append_to(&mut sources);
        (text, sources)
    }

    /// The number of the row behind the last one.
    fn end(&self) -> usize {
        self.top + self.rows.len()
    }

    fn current(&mut self) -> Option<&mut Row> {
        self.rows.get_mut(self.row.checked_sub(self.top)?)
    }

    /// Adds blank rows until the cursor's row is there.
    fn reach_row(&mut self, line: u32, fuel: &mut Fuel) {
        let missing = (self.row + 1).saturating_sub(self.end());
        if missing > 1 && !fuel.spend(missing) {
            self.row = self.end();
        }
        while self.end() <= self.row {
            self.push_row(line);
        }
    }

    /// Adds a blank row; finishes the first when there are too many.
    fn push_row(&mut self, line: u32) {
        let spare = if self.rows.len() >= MAX_ROWS { self.finish_row() } else { None };
        let mut row = spare.unwrap_or_default();
        row.reset(line);
        self.rows.push_back(row);
    }

    /// Takes the first row out and makes it a finished line.
    fn finish_row(&mut self) -> Option<Row> {
        let row = self.rows.pop_front()?;
        self.top += 1;
        self.emit_row(&row);
        Some(row)
    }

    /// Begins a new page below everything written so far; its first row.
    fn begin_page(&mut self, line: u32) -> usize {
        self.parked = false;
        self.drop_earlier_frame();
        if self.clearing == Clearing::Erases {
            self.rows.clear();
        }
        while self.rows.back().is_some_and(Row::is_empty) {
            self.rows.pop_back();
        }
        let start = self.end();
        if self.page != Some(start) {
            self.previous_page = self.page;
            self.page = Some(start);
        }
        self.row = start;
        self.column = Some(0);
        self.push_row(line);
        start
    }

    /// Removes the page before the current one when both begin with the same line: it is an earlier frame.
    fn drop_earlier_frame(&mut self) {
        let (Some(earlier), Some(page)) = (self.previous_page, self.page) else { return };
        if earlier < self.top || page >= self.end() || earlier >= page {
            return;
        }
        let first_line = |from: usize, to: usize| {
            let mut text = Vec::new();
            let row = self.rows.range(from - self.top..to - self.top).find(|row| !row.is_empty())?;
            row.emit(&mut text);
            Some(text)
        };
        let first = first_line(page, self.end());
        if first.is_some() && first == first_line(earlier, page) {
            self.rows.drain(earlier - self.top..page - self.top);
            self.row = self.row.saturating_sub(page - earlier).max(earlier);
            self.page = Some(earlier);
            self.previous_page = None;
        }
    }
}
