//! The width of the terminal that a recording was made in, as far as its progress bars tell.
//!
//! Some programs end no line of a group of progress bars but fill it with blanks up to the border, where the terminal
//! wraps, and go up again over the whole group. Where a cursor-up goes higher than line ends have led down before, only
//! wrapping can have made the rows, and all these places together tell the width. Without a width nothing wraps.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use unicode_width::UnicodeWidthChar;

use super::super::screen::{FAR, Params, Terminal};
use super::{escape, replay};

/// What a terminal may be wide.
const WIDTHS: RangeInclusive<usize> = 20..=1000;
/// How many groups must agree when none of them shows where its rows end.
const ENOUGH: usize = 3;
/// How many lines that stay may stand above the bars in a group that shows where its rows end.
const LINES_ABOVE: usize = 8;
/// How many groups are looked at.
const MAX_GROUPS: usize = 1000;

/// The width of the terminal, when the text relies on it.
pub(super) fn infer(raw: &[u8]) -> Option<usize> {
    if !has_cursor_up(raw) {
        return None;
    }
    let mut ruler = Ruler::default();
    replay(raw, 0, &mut ruler);
    ruler.width()
}

/// Whether there is a sequence that moves the cursor up.
fn has_cursor_up(raw: &[u8]) -> bool {
    memchr::memchr_iter(0x1B, raw)
        .any(|at| matches!(escape::parse(&raw[at..]), (escape::Escape::Csi { action: b'A' | b'F', .. }, _)))
}

/// A group of lines that was written without line ends.
#[derive(Debug)]
struct Group {
    /// How many rows the cursor goes up behind it.
    up: usize,
    columns: usize,
    /// How many rows it has, when each of them visibly begins with text and ends in blanks.
    rows: Option<usize>,
    /// Line ends before it led down as many rows as the cursor goes up: they may be lines as well.
    explained: bool,
}

impl Group {
    /// The group that ends in front of a cursor-up; `written` tells which columns have text.
    fn new(written: &[bool], up: usize, explained: bool) -> Self {
        let columns = written.len();
        let rows = (up + 1..=up + 1 + LINES_ABOVE).find(|&rows| {
            width_of(columns, rows).is_some_and(|width| {
                let padded = |row: &[bool]| row.contains(&true) && row.ends_with(&[false, false]);
                written.chunks(width).all(padded) && written.chunks(width).skip(1).all(|row| row[0])
            })
        });
        Self { up, columns, rows, explained }
    }

    /// The width of the terminal, if the group is all that the cursor goes up over.
    fn width(&self) -> Option<usize> {
        width_of(self.columns, self.up + 1)
    }

    /// The width of the terminal that the text of the group shows.
    fn visible_width(&self) -> Option<usize> {
        width_of(self.columns, self.rows?)
    }

    /// Whether it fits on a terminal so wide and fills its rows.
    fn fills(&self, width: usize) -> bool {
        self.columns.is_multiple_of(width) && self.columns / width > self.up
    }
}

/// The width of a terminal where so many columns of text fill so many rows.
fn width_of(columns: usize, rows: usize) -> Option<usize> {
    columns.is_multiple_of(rows).then_some(columns / rows).filter(|width| WIDTHS.contains(width))
}

/// Looks for groups of lines without line ends.
#[derive(Debug)]
struct Ruler {
    /// Which columns before the cursor have text; nothing when the cursor was moved within the row.
    written: Option<Vec<bool>>,
    /// How many rows line ends and downward movement led down since the last cursor-up.
    down: usize,
    /// The farthest column that was asked for by its number.
    far: usize,
    groups: Vec<Group>,
}

impl Default for Ruler {
    fn default() -> Self {
        Self { written: Some(Vec::new()), down: 0, far: 0, groups: Vec::new() }
    }
}

impl Ruler {
    /// The width that the groups agree on: the smallest, as lines that stay above a group make it look wider.
    fn width(&self) -> Option<usize> {
        if self.groups.len() > 1 && self.groups.iter().all(|group| group.explained) {
            return None;
        }
        let bars_only = |group: &&Group| !group.explained || group.rows == Some(group.up + 1);
        let likely = self.groups.iter().filter(bars_only).filter_map(Group::width).collect();
        let visible = self.groups.iter().filter_map(Group::visible_width).collect();
        self.smallest(&likely).or_else(|| self.smallest(&visible))
    }

    /// The smallest of these widths that the text can come from.
    fn smallest(&self, widths: &BTreeSet<usize>) -> Option<usize> {
        widths.iter().copied().find(|&width| self.agrees_with(width))
    }

    /// Whether the text can come from a terminal so wide.
    fn agrees_with(&self, width: usize) -> bool {
        let certain = || self.groups.iter().filter(|group| !group.explained);
        let votes = certain().filter(|group| group.width() == Some(width)).count();
        let visible = self.groups.iter().any(|group| group.visible_width() == Some(width));
        let filling = certain().filter(|group| group.fills(width)).count();
        (votes >= ENOUGH || (visible && width >= self.far)) && filling * 4 >= certain().count() * 3
    }

    /// Looks at what was written before the cursor goes up.
    fn up(&mut self, rows: usize) {
        let down = std::mem::take(&mut self.down);
        let Some(written) = self.written.take_if(|written| !written.is_empty()) else { return };
        if rows > FAR || self.groups.len() >= MAX_GROUPS {
            return;
        }
        self.groups.push(Group::new(&written, rows, down >= rows));
    }

    /// The cursor is at the start of a row.
    fn start(&mut self) {
        self.written.get_or_insert_default().clear();
    }
}

impl Terminal for Ruler {
    fn write(&mut self, text: &[u8]) {
        let Some(written) = &mut self.written else { return };
        if text.contains(&b'\t') {
            self.written = None;
        } else if text.is_ascii() {
            written.extend(text.iter().map(|&byte| byte != b' '));
        } else {
            for char in String::from_utf8_lossy(text).chars() {
                written.extend(std::iter::repeat_n(char != ' ', char.width().unwrap_or(1)));
            }
        }
    }

    fn newline(&mut self) {
        self.down += 1;
        self.start();
    }

    fn carriage_return(&mut self) {
        self.start();
    }

    fn backspace(&mut self) {
        self.written = None;
    }

    fn short(&mut self, action: u8) {
        match action {
            b'8' | b'M' | b'c' => self.written = None,
            b'D' => self.down += 1,
            b'E' => self.newline(),
            _ => {}
        }
    }

    fn csi(&mut self, params: &[u8], action: u8) {
        if params.first().is_some_and(|&first| first >= b'<') {
            return;
        }
        let count = Params::new(params).or_one(0);
        match action {
            b'A' => self.up(count),
            b'F' => {
                self.up(count);
                self.start();
            }
            b'B' | b'e' => self.down += count,
            b'E' => {
                self.down += count;
                self.start();
            }
            b'G' | b'`' if count == 1 => self.start(),
            b'G' | b'`' => {
                self.written = None;
                self.far = self.far.max(if count > FAR { 0 } else { count });
            }
            b'C' | b'a' | b'D' | b'H' | b'f' | b'd' | b's' | b'u' | b'@' | b'P' => self.written = None,
            _ => {}
        }
    }
}
