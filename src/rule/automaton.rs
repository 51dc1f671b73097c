//! Automata that are ready to run: tables of bytes, made from the patterns of built-in rules when the program is built.
//!
//! A table says for each of the 256 bytes in which column it is, then for each state what comes after every column, and
//! after the end of the text. The build script uses this file too.

/// No match can follow.
#[allow(dead_code, reason = "only the build script writes it")]
pub const DEAD: u8 = 0;
/// There is a match.
pub const MATCH: u8 = 1;
/// The first state that has a row: where a text begins.
pub const START: u8 = 2;

/// Finds out whether a pattern matches.
#[derive(Debug, Clone, Copy)]
pub struct Automaton {
    columns: &'static [u8; 256],
    rows: &'static [u8],
    /// How long a row is; its last column is the end of the text.
    width: usize,
}

impl Automaton {
    /// Reads a table; `None` for what is none.
    pub fn new(table: &'static [u8]) -> Option<Self> {
        let (columns, rows) = table.split_first_chunk()?;
        let width = usize::from(*columns.iter().max()?) + 2;
        Some(Self { columns, rows, width })
    }

    /// Whether the pattern matches anywhere in a text; a text begins and ends a line.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let mut row = self.rows;
        for byte in text {
            let next = row[usize::from(self.columns[usize::from(*byte)])];
            if next < START {
                return next == MATCH;
            }
            row = self.row(next);
        }
        row[self.width - 1] == MATCH
    }

    fn row(&self, state: u8) -> &'static [u8] {
        &self.rows[usize::from(state - START) * self.width..]
    }
}
