//! Automata of the patterns of built-in rules, made when the program was built and embedded in it.
//!
//! The tables have no pointers in them, so that starting the program costs nothing for patterns that are not used.

use std::cmp::Ordering;

use super::automaton::Automaton;
use super::pattern::Lines;

// For each pattern, in order: where it begins among `SOURCES` and its length, the same for its automaton.
include!(concat!(env!("OUT_DIR"), "/automata.rs"));

static SOURCES: &str = include_str!(concat!(env!("OUT_DIR"), "/automata.txt"));
static AUTOMATA: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/automata.bin"));

/// The automaton of a pattern that a built-in rule has, unless it would be a large one.
pub(super) fn find(source: &str, lines: Lines) -> Option<Ready> {
    let find = |table: &[[u32; 4]]| {
        let of =
            |entry: &[u32; 4]| -> Ordering { slice(SOURCES.as_bytes(), entry[0], entry[1]).cmp(source.as_bytes()) };
        let [.., start, len] = table[table.binary_search_by(of).ok()?];
        Automaton::new(slice(AUTOMATA, start, len))
    };
    match lines {
        Lines::One => find(FOR_A_LINE).map(Ready::Whole),
        Lines::Many => find(FOR_EACH_LINE).map(Ready::EachLine).or_else(|| find(FOR_TEXTS).map(Ready::Whole)),
    }
}

/// An automaton, and what it reads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ready {
    /// All of a text.
    Whole(Automaton),
    /// One line of it after the other: what no match goes beyond is given up where a line cannot match.
    EachLine(Automaton),
}

impl Ready {
    /// Whether the pattern matches anywhere in a text.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        match self {
            Self::Whole(automaton) => automaton.is_match(text),
            Self::EachLine(automaton) => text.split(|byte| *byte == b'\n').any(|line| automaton.is_match(line)),
        }
    }
}

fn slice(bytes: &[u8], start: u32, len: u32) -> &[u8] {
    &bytes[start as usize..][..len as usize]
}
