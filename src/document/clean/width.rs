//! The width of the terminal that a recording was made in, as far as its progress bars tell.
//!
//! Some programs end no line of a group of progress bars but fill it with blanks up to the border, where the terminal
//! wraps, and go up again over the whole group. Where a cursor-up goes higher than line ends have led down before, only
//! wrapping can have made the rows, and all these places together tell the width. Without a width nothing wraps.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use unicode_width::UnicodeWidthChar;

use super::super::screen::{FAR, Params, Terminal};
use super::{escape, replay};

/// What a terminal may be wide.
const WIDTHS: RangeInclusive<usize> = 20..=1000;
/// How many groups must agree when none of them ends every line in blanks.
const ENOUGH: usize = 3;

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

/// A group of lines that was written without line ends: how many rows the cursor goes up behind it, and its columns.
#[derive(Debug)]
struct Group {
    up: usize,
    columns: usize,
    /// Cut into so many rows, each has text and ends in blanks.
    padded: bool,
    /// Line ends before it led down as many rows as the cursor goes up: they may be lines as well.
    explained: bool,
}

impl Group {
    /// The width of the terminal, if the group is all that the cursor goes up over.
    fn width(&self) -> Option<usize> {
        let rows = self.up + 1;
        self.columns.is_multiple_of(rows).then_some(self.columns / rows).filter(|width| WIDTHS.contains(width))
    }

    /// Whether it fits on a terminal so wide and fills its rows.
    fn fills(&self, width: usize) -> bool {
        self.columns.is_multiple_of(width) && self.columns / width > self.up
    }
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
    /// The width that the groups agree on.
    fn width(&self) -> Option<usize> {
        let certain = || self.groups.iter().filter(|group| !group.explained);
        if certain().next().is_none() {
            let [group] = &self.groups[..] else { return None };
            return group.width().filter(|&width| group.padded && width >= self.far);
        }
        let mut votes = BTreeMap::<usize, usize>::new();
        for width in certain().filter_map(Group::width) {
            *votes.entry(width).or_default() += 1;
        }
        let (&width, &count) = votes.iter().rev().max_by_key(|&(_, count)| count)?;
        let padded = certain().any(|group| group.padded && group.width() == Some(width));
        let filling = certain().filter(|group| group.fills(width)).count();
        let agreed = filling * 4 >= certain().count() * 3;
        (agreed && width >= self.far && (padded || count >= ENOUGH)).then_some(width)
    }

    /// Looks at what was written before the cursor goes up.
    fn up(&mut self, rows: usize) {
        let down = std::mem::take(&mut self.down);
        let Some(written) = self.written.take_if(|written| !written.is_empty()) else { return };
        if rows > FAR {
            return;
        }
        let columns = written.len();
        let mut group = Group { up: rows, columns, padded: false, explained: down >= rows };
        group.padded = group.width().is_some_and(|width| {
            written.chunks(width).all(|row| row.contains(&true) && row.ends_with(&[false, false]))
        });
        self.groups.push(group);
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
