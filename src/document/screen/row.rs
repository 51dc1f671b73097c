//! One row of the screen.
//!
//! A row that is only ever appended to stays the bytes that were written. The first time something moves within it, it
//! is split into cells, one a column, and bytes are made of these at the end.

use unicode_width::UnicodeWidthChar;

/// What stands in one column: a character, or one of the values below.
type Cell = u32;

/// A byte that is no UTF-8, added to its value.
const RAW: Cell = 0x11_0000;
/// A character with combining marks, added to its index in `Row::marked`.
const MARKED: Cell = 0x20_0000;
/// A column that the tab or wide character before it covers.
const COVERED: Cell = Cell::MAX;
const BLANK: Cell = b' ' as Cell;
const TAB: Cell = b'\t' as Cell;
const TAB_WIDTH: usize = 8;
/// The limit of a row that is not cut.
pub(super) const UNLIMITED: usize = usize::MAX;

/// How a row belongs to the one above it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Joint {
    /// It is a line of its own.
    #[default]
    Apart,
    /// Text wrapped into it.
    Wrapped,
    /// Something that moves the cursor up wrapped into it: blanks up to the border are how such programs end a line.
    Drawn,
}

/// A row of text.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The raw line where the content was started.
    pub(super) source: u32,
    /// How it belongs to the row above.
    pub(super) joint: Joint,
    text: Vec<u8>,
    cells: Vec<Cell>,
    marked: Vec<Vec<u8>>,
}

impl Row {
    /// An empty row for the content of a raw line.
    pub(super) fn new(source: u32) -> Self {
        Self { source, ..Self::default() }
    }

    /// Empties the row for the content of another raw line.
    pub(super) fn reset(&mut self, source: u32) {
        self.clear();
        self.source = source;
    }

    /// Whether nothing is written in it.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.cells.is_empty()
    }

    /// Appends to a row that is not split.
    pub(super) fn append(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// Removes everything.
    pub(super) fn clear(&mut self) {
        self.joint = Joint::Apart;
        self.text.clear();
        self.cells.clear();
        self.marked.clear();
    }

    /// Splits the row into cells; how many columns it has.
    pub(super) fn split(&mut self) -> usize {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.cells.reserve(text.len());
            self.write(0, &text, UNLIMITED);
            self.text = text;
            self.text.clear();
        }
        self.cells.len()
    }

    /// Writes a text over the cells from `column` on, which is at most the width, as far as it fits before the column
    /// `limit`; the column behind it and how many bytes are written.
    pub(super) fn write(&mut self, mut column: usize, text: &[u8], limit: usize) -> (usize, usize) {
        let mut written = 0;
        for chunk in text.utf8_chunks() {
            let valid = self.write_valid(&mut column, chunk.valid(), limit);
            written += valid;
            if valid < chunk.valid().len() {
                break;
            }
            let raw = chunk.invalid();
            let fits = raw.len().min(limit.saturating_sub(column));
            for &byte in &raw[..fits] {
                column = self.put(column, RAW + Cell::from(byte), 1);
            }
            written += fits;
            if fits < raw.len() {
                break;
            }
        }
        (column, written)
    }

    fn write_valid(&mut self, column: &mut usize, text: &str, limit: usize) -> usize {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            let fits = text.len().min(limit.saturating_sub(*column));
            *column = self.put_ascii(*column, &text.as_bytes()[..fits]);
            return fits;
        }
        for (at, char) in text.char_indices() {
            match self.write_char(*column, char, limit) {
                Some(behind) => *column = behind,
                None => return at,
            }
        }
        text.len()
    }

    /// Writes one character; the column behind it, or nothing when it does not fit.
    fn write_char(&mut self, column: usize, char: char, limit: usize) -> Option<usize> {
        let width = if matches!(char, '\t' | ' '..='~') { 1 } else { char.width().unwrap_or(1) };
        if width == 0 && column > 0 && self.mark(column - 1, char) {
            return Some(column);
        }
        if column.saturating_add(width.max(1)) > limit {
            return None;
        }
        Some(if char == '\t' { self.tab(column, limit) } else { self.put(column, char.into(), width.max(1)) })
    }

    /// Makes the row at least this wide.
    pub(super) fn pad(&mut self, width: usize) {
        if self.cells.len() < width {
            self.cells.resize(width, BLANK);
        }
    }

    /// Removes everything from `column` on.
    pub(super) fn truncate(&mut self, column: usize) {
        if column < self.cells.len() {
            self.claim(column, column);
            self.cells.truncate(column);
        }
        if self.cells.is_empty() {
            self.clear();
        }
    }

    /// Overwrites the columns from `start` up to `end` with blanks.
    pub(super) fn blank(&mut self, start: usize, end: usize) {
        let end = end.min(self.cells.len());
        if start < end {
            self.claim(start, end);
            self.cells[start..end].fill(BLANK);
        }
    }

    /// Inserts blanks before `column`.
    pub(super) fn insert(&mut self, column: usize, blanks: usize) {
        if column < self.cells.len() {
            self.claim(column, column);
            self.cells.splice(column..column, std::iter::repeat_n(BLANK, blanks));
        }
    }

    /// Deletes the columns from `start` up to `end` and closes the gap.
    pub(super) fn delete(&mut self, start: usize, end: usize) {
        let end = end.min(self.cells.len());
        if start < end {
            self.claim(start, end);
            self.cells.drain(start..end);
        }
        if self.cells.is_empty() {
            self.clear();
        }
    }

    /// Whether a text that is appended to the row, which is not split, surely ends before the border.
    pub(super) fn has_room(&self, text: &[u8], width: Option<usize>) -> bool {
        width.is_none_or(|width| {
            self.text.len() + text.len() <= width && !self.text.contains(&b'\t') && !text.contains(&b'\t')
        })
    }

    /// Whether it is so full that text goes on in the row below, which joins it in this way.
    pub(super) fn runs_into(&self, below: Joint, limit: usize) -> bool {
        let full = self.cells.len() + 1 >= limit;
        match below {
            Joint::Apart => false,
            Joint::Wrapped => full,
            Joint::Drawn => full && !self.cells.ends_with(&[BLANK, BLANK]),
        }
    }

    /// Appends the row's bytes with all blanks: the line goes on.
    pub(super) fn emit_whole(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.text);
        self.cells.iter().for_each(|&cell| self.emit_cell(cell, out));
    }

    /// Appends the row's bytes; blanks at the end of a split row are padding and left out.
    pub(super) fn emit(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.text);
        let end = self.cells.iter().rposition(|&cell| cell != BLANK).map_or(0, |last| last + 1);
        for &cell in &self.cells[..end] {
            self.emit_cell(cell, out);
        }
    }

    fn emit_cell(&self, cell: Cell, out: &mut Vec<u8>) {
        match cell {
            0..0x80 => out.push(cell as u8),
            COVERED => {}
            MARKED.. => out.extend_from_slice(&self.marked[(cell - MARKED) as usize]),
            RAW.. => out.push((cell - RAW) as u8),
            _ => {
                let char = char::from_u32(cell).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }

    /// Writes printable ASCII.
    fn put_ascii(&mut self, column: usize, text: &[u8]) -> usize {
        let end = column + text.len();
        let covers = self.cells.len().min(end).saturating_sub(column);
        if covers > 0 {
            self.claim(column, end);
        }
        let (over, beyond) = text.split_at(covers);
        for (cell, &byte) in self.cells[column..].iter_mut().zip(over) {
            *cell = byte.into();
        }
        self.cells.extend(beyond.iter().map(|&byte| Cell::from(byte)));
        end
    }

    /// Writes one cell and the columns it covers.
    fn put(&mut self, column: usize, cell: Cell, width: usize) -> usize {
        let end = column + width;
        if column == self.cells.len() {
            self.cells.push(cell);
            self.cells.resize(end, COVERED);
        } else {
            self.pad(end);
            self.claim(column, end);
            self.cells[column] = cell;
            self.cells[column + 1..end].fill(COVERED);
        }
        end
    }

    /// Adds a combining mark to the character in `column`; not to a tab.
    fn mark(&mut self, mut column: usize, mark: char) -> bool {
        while column > 0 && self.cells[column] == COVERED {
            column -= 1;
        }
        let cell = self.cells[column];
        if cell == TAB {
            return false;
        }
        if !(MARKED..COVERED).contains(&cell) {
            let mut bytes = Vec::new();
            self.emit_cell(cell, &mut bytes);
            self.cells[column] = MARKED + self.marked.len() as Cell;
            self.marked.push(bytes);
        }
        let index = (self.cells[column] - MARKED) as usize;
        self.marked[index].extend_from_slice(mark.encode_utf8(&mut [0; 4]).as_bytes());
        true
    }

    /// Moves to the next tab stop. Where there are only blanks on the way, the tab is written; text there stays.
    fn tab(&mut self, column: usize, limit: usize) -> usize {
        let stop = ((column / TAB_WIDTH + 1) * TAB_WIDTH).min(limit);
        let end = stop.min(self.cells.len());
        if self.cells[column..end].iter().all(|&cell| cell == BLANK) {
            return self.put(column, TAB, stop - column);
        }
        if end < stop {
            self.put(end, TAB, stop - end);
        }
        stop
    }

    /// Turns tabs and wide characters that reach over the borders of a range into blanks.
    fn claim(&mut self, start: usize, end: usize) {
        for border in [start, end] {
            if self.cells.get(border) != Some(&COVERED) {
                continue;
            }
            let head = self.cells[..border].iter().rposition(|&cell| cell != COVERED).unwrap_or(0);
            let covered = self.cells[border..].iter().take_while(|&&cell| cell == COVERED).count();
            self.cells[head..border + covered].fill(BLANK);
        }
    }
}
