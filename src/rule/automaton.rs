//! Automata that are ready to run: tables of bytes, made from the patterns of built-in rules when the program is built.
//!
//! A table begins with the size of its entries in bytes, says for each of the 256 bytes in which column it is, then for
//! each state what comes after every column, and after the end of the text. The build script uses this file too.

/// No match can follow.
#[allow(dead_code, reason = "only the build script writes it")]
pub const DEAD: u16 = 0;
/// There is a match.
pub const MATCH: u16 = 1;
/// The first state that has a row: where a text begins.
pub const START: u16 = 2;

/// Finds out whether a pattern matches.
#[derive(Debug, Clone, Copy)]
pub struct Automaton {
    /// Whether entries have two bytes.
    wide: bool,
    columns: &'static [u8; 256],
    rows: &'static [u8],
    /// How many entries a row has; the last one is for the end of the text.
    width: usize,
}

impl Automaton {
    /// Reads a table; `None` for what is none.
    pub fn new(table: &'static [u8]) -> Option<Self> {
        let (size, rest) = table.split_first()?;
        let (columns, rows) = rest.split_first_chunk()?;
        let width = usize::from(*columns.iter().max()?) + 2;
        Some(Self { wide: *size == 2, columns, rows, width })
    }

    /// Whether the pattern matches anywhere in a text; a text begins and ends a line.
    pub fn is_match(&self, text: &[u8]) -> bool {
        if self.wide {
            self.run(text, |at| u16::from_le_bytes([self.rows[2 * at], self.rows[2 * at + 1]]))
        } else {
            self.run(text, |at| u16::from(self.rows[at]))
        }
    }

    #[inline]
    fn run(&self, text: &[u8], entry: impl Fn(usize) -> u16) -> bool {
        let mut row = 0;
        for byte in text {
            let next = entry(row + usize::from(self.columns[usize::from(*byte)]));
            if next < START {
                return next == MATCH;
            }
            row = usize::from(next - START) * self.width;
        }
        entry(row + self.width - 1) == MATCH
    }
}
