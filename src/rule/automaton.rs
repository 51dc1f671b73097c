//! Automata that are ready to run: tables of bytes, made from the patterns of built-in rules when the program is built.
//!
//! A table begins with the size of its entries in bytes, and whether the line end has a column of its own, and says for
//! each of the 256 bytes in which column it is. Then
//! comes for each state where its row begins, in two bytes, and then the rows. A row says what comes after the end of the
//! text and after most columns, how many columns differ, and for each of them which it is and what comes after it; where
//! many differ, what comes after every column. The build script uses this file too.

/// No match can follow.
#[allow(dead_code, reason = "only the build script writes it")]
pub const DEAD: u16 = 0;
/// There is a match.
pub const MATCH: u16 = 1;
/// The first state that has a row: where a text begins.
pub const START: u16 = 2;

/// The count of a row that has an entry for every column.
pub const DENSE: u8 = 255;

/// Stands in the first byte of a table when no other byte is in the column of the line end.
pub const LINE_END: u8 = 0x80;

/// Finds out whether a pattern matches.
#[derive(Debug, Clone, Copy)]
pub struct Automaton {
    /// Whether entries have two bytes.
    wide: bool,
    /// The column of the line end, when that is its own.
    line_end: Option<u8>,
    columns: &'static [u8; 256],
    /// Where rows begin, then the rows.
    rows: &'static [u8],
}

impl Automaton {
    /// Reads a table; `None` for what is none.
    pub fn new(table: &'static [u8]) -> Option<Self> {
        let (size, rest) = table.split_first()?;
        let (columns, rows) = rest.split_first_chunk::<256>()?;
        let line_end = (size & LINE_END != 0).then_some(columns[usize::from(b'\n')]);
        Some(Self { wide: size & !LINE_END == 2, line_end, columns, rows })
    }

    /// Whether the pattern matches anywhere in a text; a text begins and ends a line.
    pub fn is_match(&self, text: &[u8]) -> bool {
        if self.wide {
            self.run::<2>(text, |entry| u16::from_le_bytes([entry[0], entry[1]]))
        } else {
            self.run::<1>(text, |entry| u16::from(entry[0]))
        }
    }

    #[inline]
    fn run<const SIZE: usize>(&self, text: &[u8], entry: impl Fn(&[u8]) -> u16) -> bool {
        let (mut state, mut row, mut at) = (START, self.row(START), 0);
        while let Some(byte) = text.get(at) {
            let column = self.columns[usize::from(*byte)];
            let (count, cells) = (row[2 * SIZE], &row[2 * SIZE + 1..]);
            let mut next = &row[SIZE..];
            if count == DENSE {
                next = &cells[usize::from(column) * SIZE..];
            } else {
                for cell in cells[..usize::from(count) * (SIZE + 1)].chunks_exact(SIZE + 1) {
                    if cell[0] == column {
                        next = &cell[1..];
                        break;
                    }
                }
            }
            let next = entry(next);
            if next < START {
                return next == MATCH;
            }
            at += 1;
            if next != state {
                (state, row) = (next, self.row(next));
            } else if count == 1 && self.line_end == Some(cells[0]) && *byte != b'\n' {
                // Only a line end leads on from here.
                at = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
            }
        }
        entry(row) == MATCH
    }

    /// The row of a state, and those behind it.
    #[inline]
    fn row(&self, state: u16) -> &'static [u8] {
        let at = usize::from(state - START) * 2;
        &self.rows[usize::from(u16::from_le_bytes([self.rows[at], self.rows[at + 1]]))..]
    }
}
