//! What happens at the right border of a screen whose width is known.
//!
//! Text wraps there as in a terminal: when the next character comes, not before. A row that was entered like this
//! remembers it, so that a long line is one line again in the end.

use super::super::row::{Joint, Row, UNLIMITED};
use super::{Buffer, Fuel};

impl Buffer {
    /// Writes text into the cells of the cursor's row and of those below it that it wraps into.
    pub(super) fn write_cells(&mut self, mut text: &[u8], line: u32, fuel: &mut Fuel) {
        let limit = self.width.unwrap_or(UNLIMITED);
        let mut column = self.measure();
        loop {
            let row = &mut self.rows[self.row - self.top];
            let end = row.split();
            if column > end {
                if fuel.spend(column - end) { row.pad(column) } else { column = end }
            }
            let piece = piece(text, limit);
            let (behind, written) = row.write(column, piece, limit);
            self.column = Some(behind);
            text = &text[written..];
            if text.is_empty() {
                return;
            }
            column = behind;
            if written < piece.len() {
                self.wrap(line, fuel);
                column = 0;
            }
        }
    }

    /// Goes on in the row below.
    fn wrap(&mut self, line: u32, fuel: &mut Fuel) {
        self.row += 1;
        self.reach_row(line, fuel);
        let joint = if self.drawn { Joint::Drawn } else { Joint::Wrapped };
        let row = &mut self.rows[self.row - self.top];
        row.source = line;
        row.joint = joint;
    }

    /// Notes that the cursor goes up: what was written since the line end may be the lines of a progress bar.
    pub(super) fn mark_drawn(&mut self) {
        self.drawn = true;
        if self.width.is_none() {
            return;
        }
        for row in self.stretch.max(self.top)..(self.row + 1).min(self.end()) {
            let row = &mut self.rows[row - self.top];
            if row.joint == Joint::Wrapped {
                row.joint = Joint::Drawn;
            }
        }
        self.stretch = self.stretch.max(self.row + 1);
    }

    /// Makes a row that was taken out from the top a finished line, or a part of one.
    pub(super) fn emit_row(&mut self, row: &Row) {
        self.part_from(row);
        if !self.open {
            self.sources.push(row.source);
        }
        let below = self.rows.front().map_or(Joint::Apart, |below| below.joint);
        self.open = self.width.is_some_and(|width| row.runs_into(below, width));
        if self.open {
            row.emit_whole(&mut self.done);
        } else {
            row.emit(&mut self.done);
            self.done.push(b'\n');
        }
    }

    /// Ends the line of the last finished row when this one, which was to continue it, is another line by now.
    pub(super) fn part_from(&mut self, row: &Row) {
        if self.open && row.joint == Joint::Apart {
            self.done.push(b'\n');
            self.open = false;
        }
    }
}

/// As much of a text as may fit in a row, and no character in two: looking at all of it for every row takes too long.
fn piece(text: &[u8], limit: usize) -> &[u8] {
    const LONGEST: usize = 4;
    let end = limit.saturating_mul(LONGEST);
    if end >= text.len() {
        return text;
    }
    let begins_character = |&at: &usize| text[at] & 0xC0 != 0x80;
    let end = (end + 1 - LONGEST..=end).rev().find(begins_character).unwrap_or(end);
    &text[..end]
}
