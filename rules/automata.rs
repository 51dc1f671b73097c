//! Turns the patterns of the built-in rules into automata when the program is built, so that no call has to.
//!
//! An automaton that would be large is left out: its pattern is compiled when it is used, like those of other rules.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};
use toml::Value;

use crate::literals;

#[allow(dead_code, unreachable_pub, reason = "the library uses more of it")]
#[path = "../src/rule/automaton.rs"]
mod ready;

/// How large an automaton may get while it is made, and when it is ready, in bytes.
const LARGEST: usize = 1 << 20;
const LARGE: usize = 20 << 10;

/// How many columns of a row may differ from the others before it has an entry for each.
const SPARSE: usize = 8;

/// Keys of patterns for one line at a time.
const FOR_LINES: &[&str] = &[
    "protect",
    "unprotect",
    "lines",
    "unless",
    "only",
    "pattern",
    "enter",
    "leave",
    "key",
    "drop-if",
    "keep-if",
    "header",
    "place",
    "tag",
    "shared",
    "join",
    "advice",
    "when",
];

/// Keys of lists whose patterns are for one line at a time and each for itself.
const EACH_FOR_LINES: &[&str] = &["when-single"];

/// Keys of patterns for whole texts.
const FOR_TEXTS: &[&str] = &["failure", "output", "output-any", "fingerprint", "command-regex"];

/// What a pattern is matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// One line.
    Line,
    /// A text of many lines, one after the other, since no match of it goes beyond one.
    EachLine,
    /// A text of many lines as a whole.
    Text,
}

/// The automata of rules, by what they are for and their pattern.
#[derive(Debug, Default)]
pub struct Automata {
    made: BTreeMap<(Scope, String), Option<Vec<u8>>>,
}

impl Automata {
    /// Adds the patterns of a rule file, or of a part of one.
    pub fn add(&mut self, part: &toml::Table) {
        for (key, value) in part {
            match value {
                Value::Table(table) => self.add(table),
                Value::Array(parts) if parts.iter().all(Value::is_table) => {
                    parts.iter().filter_map(Value::as_table).for_each(|part| self.add(part));
                }
                Value::String(_) | Value::Array(_) => self.add_patterns(key, value),
                _ => {}
            }
        }
    }

    fn add_patterns(&mut self, key: &str, value: &Value) {
        let is_for_text = FOR_TEXTS.contains(&key);
        let is_each = EACH_FOR_LINES.contains(&key);
        if !is_for_text && !is_each && !FOR_LINES.contains(&key) {
            return;
        }
        let sources: Vec<&str> = match value {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        // Fingerprints are tried one by one; elsewhere the parts of an alternation stand in when it is large as a whole.
        if is_for_text {
            for source in sources {
                self.make(if literals::is_in_line(source) { Scope::EachLine } else { Scope::Text }, source);
            }
        } else if is_each || !self.make(Scope::Line, &joined(&sources)) {
            sources.iter().for_each(|source| _ = self.make(Scope::Line, source));
        }
    }

    /// Makes the automaton of a pattern; says whether there is one.
    fn make(&mut self, scope: Scope, source: &str) -> bool {
        let made = self.made.entry((scope, source.to_string()));
        made.or_insert_with(|| automaton(source, scope == Scope::Text)).is_some()
    }

    /// Rust source for the automata of each scope, and the two files it embeds: the patterns, and the automata.
    pub fn embedded(&self) -> (String, String, Vec<u8>) {
        let (mut tables, mut sources, mut automata) = (String::new(), String::new(), Vec::new());
        for (name, scope) in
            [("FOR_A_LINE", Scope::Line), ("FOR_EACH_LINE", Scope::EachLine), ("FOR_TEXTS", Scope::Text)]
        {
            writeln!(tables, "static {name}: &[[u32; 4]] = &[").expect("writing to a string");
            for ((made_for, source), made) in &self.made {
                let Some(made) = made.as_ref().filter(|_| *made_for == scope) else { continue };
                let at = [sources.len(), source.len(), automata.len(), made.len()];
                writeln!(tables, "    {at:?},").expect("writing to a string");
                sources.push_str(source);
                automata.extend_from_slice(made);
            }
            tables.push_str("];\n");
        }
        (tables, sources, automata)
    }
}

/// Several patterns as one, the way the program joins them.
fn joined(sources: &[&str]) -> String {
    match sources {
        [one] => (*one).to_string(),
        many => many.iter().map(|source| format!("(?:{source})")).collect::<Vec<_>>().join("|"),
    }
}

/// The automaton of a pattern as `src/rule/ready.rs` reads it; `None` when it would be large.
fn automaton(source: &str, across_lines: bool) -> Option<Vec<u8>> {
    let syntax = syntax::Config::new().unicode(false).utf8(false).multi_line(across_lines);
    let nfa = thompson::Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(LARGEST));
    let config = dense::Config::new()
        .match_kind(MatchKind::LeftmostFirst)
        .start_kind(StartKind::Unanchored)
        .accelerate(false)
        .minimize(true)
        .dfa_size_limit(Some(LARGEST))
        .determinize_size_limit(Some(LARGEST));
    let dfa = dense::Builder::new().configure(config).syntax(syntax).thompson(nfa).build(source).ok()?;
    Some(table(&rows(&dfa)?)).filter(|table| table.len() <= LARGE)
}

/// What comes after every byte in every state that can be reached, and after the end of the text (the last column).
fn rows(dfa: &dense::DFA<Vec<u32>>) -> Option<Vec<[u16; 257]>> {
    let mut states = vec![dfa.start_state_forward(&Input::new("")).ok()?];
    let mut numbers = HashMap::from([(states[0], 0)]);
    let mut rows = Vec::new();
    while let Some(&state) = states.get(rows.len()) {
        let mut number = |next: StateID| {
            if dfa.is_dead_state(next) {
                return Some(ready::DEAD);
            } else if dfa.is_match_state(next) {
                return Some(ready::MATCH);
            } else if dfa.is_quit_state(next) {
                return None;
            }
            let known = *numbers.entry(next).or_insert_with(|| {
                states.push(next);
                states.len() - 1
            });
            u16::try_from(known + usize::from(ready::START)).ok()
        };
        let mut row = [ready::DEAD; 257];
        for byte in 0..=u8::MAX {
            row[usize::from(byte)] = number(dfa.next_state(state, byte))?;
        }
        row[256] = if dfa.is_match_state(dfa.next_eoi_state(state)) { ready::MATCH } else { ready::DEAD };
        rows.push(row);
    }
    Some(rows)
}

/// Bytes that lead to the same states share a column; a row says what comes after most columns, and then after the others.
fn table(rows: &[[u16; 257]]) -> Vec<u8> {
    let size = if rows.len() + usize::from(ready::START) > 256 { 2 } else { 1 };
    let mut columns: Vec<Vec<u16>> = Vec::new();
    let mut table = vec![size];
    for byte in 0..256 {
        let column = rows.iter().map(|row| row[byte]).collect::<Vec<_>>();
        let known = columns.iter().position(|known| *known == column).unwrap_or_else(|| {
            columns.push(column);
            columns.len() - 1
        });
        table.push(known as u8);
    }
    let line_end = table[1 + usize::from(b'\n')];
    if table[1..].iter().filter(|column| **column == line_end).count() == 1 {
        table[0] |= ready::LINE_END;
    }
    let cells = |at: usize| columns.iter().map(|column| column[at]).collect::<Vec<_>>();
    let written = (0..rows.len()).map(|at| row(&cells(at), rows[at][256], usize::from(size))).collect::<Vec<_>>();
    let mut start = 2 * rows.len();
    for row in &written {
        // A start that does not fit makes the table too large to be used.
        table.extend_from_slice(&u16::try_from(start).unwrap_or(u16::MAX).to_le_bytes());
        start += row.len();
    }
    written.iter().for_each(|row| table.extend_from_slice(row));
    table
}

/// A row: what comes after the end, after most columns, and after those that differ.
fn row(cells: &[u16], end: u16, size: usize) -> Vec<u8> {
    let mut counts = HashMap::new();
    cells.iter().for_each(|cell| *counts.entry(*cell).or_insert(0) += 1);
    let most = counts.into_iter().max_by_key(|(cell, count)| (*count, *cell)).map_or(ready::DEAD, |(cell, _)| cell);
    let differing = cells.iter().enumerate().filter(|(_, cell)| **cell != most).collect::<Vec<_>>();
    let mut row = Vec::new();
    let push = |row: &mut Vec<u8>, entry: u16| row.extend_from_slice(&entry.to_le_bytes()[..size]);
    push(&mut row, end);
    push(&mut row, most);
    if differing.len() > SPARSE {
        row.push(ready::DENSE);
        cells.iter().for_each(|cell| push(&mut row, *cell));
    } else {
        row.push(differing.len() as u8);
        for (column, cell) in differing {
            row.push(column as u8);
            push(&mut row, *cell);
        }
    }
    row
}
