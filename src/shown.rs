//! What a conversation has been shown: lines that it was shown before need not be shown again.
//!
//! A conversation is a sequence of printed texts, kept as a hash for each line. A stretch of lines of a new text that stood
//! together in an earlier one is dropped and counted, but for failures and for the lines next to what is new. Only what was
//! printed not long ago counts, for what an agent read long ago may have left its context.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use crate::compaction::{Draft, Reason};
use crate::render::marker;
use crate::signal::{Signal, Signals};
use crate::tokens;

/// The step that drops them, as `hr explain` and the JSON form name it.
pub const STEP: &str = "shown";
/// How many tokens may have been printed since, about.
const WINDOW: u64 = 40_000;
/// How many tokens a stretch has at least.
const LEAST: usize = 60;
/// How many lines a stretch has at least.
const FEWEST: usize = 5;
/// How many lines of a stretch stay next to what is new.
const CONTEXT: usize = 2;
/// At how many places a line is looked for, the last ones.
const PLACES: usize = 32;
/// What stands in front of every text.
const BEGIN: u64 = 0;
/// The bytes of a number.
const WIDTH: usize = 8;

/// The lines that a conversation was shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The hashes of the lines of all texts, with [`BEGIN`] and the number of tokens in front of each text.
    numbers: Vec<u64>,
    /// Where in them each line stands.
    places: HashMap<u64, Vec<usize>>,
}

impl Shown {
    /// Reads what [`Self::record`] made, one record behind the other.
    pub fn read(records: &[u8]) -> Self {
        let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        let mut shown = Self { numbers: records.chunks_exact(WIDTH).map(number).collect(), places: HashMap::new() };
        let from = shown.recent();
        shown.find_places(from);
        shown
    }

    /// What is to be kept of a text that was printed.
    pub fn record(text: &[u8]) -> Vec<u8> {
        let tokens = tokens::estimate(text) as u64;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !marker::imitates(line)).map(hash);
        [BEGIN, tokens].into_iter().chain(lines).flat_map(u64::to_le_bytes).collect()
    }

    /// Adds a text that was printed.
    pub fn add(&mut self, text: &[u8]) {
        let records = self.numbers.iter().flat_map(|number| number.to_le_bytes()).chain(Self::record(text));
        *self = Self::read(&records.collect::<Vec<_>>());
    }

    /// Where the first text begins that is recent enough.
    fn recent(&self) -> usize {
        let begins = self.numbers.iter().enumerate().filter(|(_, number)| **number == BEGIN).map(|(at, _)| at);
        let mut since = 0;
        let mut from = self.numbers.len();
        for at in begins.collect::<Vec<_>>().into_iter().rev() {
            if since >= WINDOW {
                break;
            }
            from = at;
            since = self.numbers.get(at + 1).map_or(since, |tokens| tokens.saturating_add(since));
        }
        from
    }

    fn find_places(&mut self, from: usize) {
        let mut at = from;
        while at < self.numbers.len() {
            if self.numbers[at] == BEGIN {
                at += 2;
                continue;
            }
            self.places.entry(self.numbers[at]).or_default().push(at);
            at += 1;
        }
    }

    /// How many lines from the first one on stood together before, at most.
    fn longest(&self, lines: &[(usize, u64)]) -> usize {
        let Some(places) = lines.first().and_then(|(_, hash)| self.places.get(hash)) else { return 0 };
        let together = |at: &usize| {
            let before = self.numbers[*at..].iter().take_while(|number| **number != BEGIN);
            lines.iter().zip(before).take_while(|((_, hash), before)| hash == *before).count()
        };
        places.iter().rev().take(PLACES).map(together).max().unwrap_or(0)
    }
}

fn hash(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(line.trim_ascii_end());
    hasher.finish().max(BEGIN + 1)
}

/// Drops the stretches of a text that were shown before.
pub fn drop(draft: &mut Draft<'_>, shown: &Shown) {
    if shown.places.is_empty() {
        return;
    }
    let signals = Signals::shared();
    let lines: Vec<(usize, u64)> =
        (0..draft.len()).filter(|line| draft.is_live(*line)).map(|line| (line, hash(draft.text(line)))).collect();
    let reason = draft.because(Reason::dropped(STEP, marker::SHOWN));
    let mut at = 0;
    while at < lines.len() {
        let count = shown.longest(&lines[at..]);
        let first = at + if at == 0 { 0 } else { CONTEXT };
        let last = at + count;
        let last = if last == lines.len() { last } else { last.saturating_sub(CONTEXT) };
        let stretch = lines.get(first..last).unwrap_or_default();
        let size: usize = stretch.iter().map(|(line, _)| tokens::estimate(draft.text(*line)) + 1).sum();
        if stretch.len() >= FEWEST && size >= LEAST {
            for (line, _) in stretch {
                if signals.of(draft.text(*line)) != Signal::Failure {
                    draft.drop(*line, reason);
                }
            }
        }
        // A part of a stretch that is too short is too short as well.
        at += count.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Origin};
    use crate::render::text;

    fn file(changed: usize) -> String {
        let line = |at| format!("    value_{at} = compute_value({at}){}\n", if at == changed { " + 1" } else { "" });
        (0..40).map(line).collect()
    }

    fn again(shown: &Shown, input: &str) -> String {
        let doc = Document::new(input.as_bytes(), Origin::default());
        let mut draft = Draft::new(&doc);
        drop(&mut draft, shown);
        String::from_utf8(text::body(&draft)).unwrap()
    }

    fn after(texts: &[&str]) -> Shown {
        Shown::read(&texts.iter().flat_map(|text| Shown::record(text.as_bytes())).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_new_stays_with_the_lines_around_it() {
        let shown = after(&[&file(99)]);
        assert_eq!(again(&shown, &file(99)), "[hr: lines 1-40 shown before]\n");
        let changed = again(&shown, &file(20));
        let kept: Vec<&str> = changed.lines().filter(|line| !line.starts_with('[')).collect();
        assert_eq!(kept, file(20).lines().skip(18).take(5).collect::<Vec<_>>());
        assert!(changed.starts_with("[hr: lines 1-18 shown before]\n"), "{changed}");
        assert_eq!(again(&shown, "a\nb\nc\n"), "a\nb\nc\n");
    }

    #[test]
    fn failures_stay() {
        let failing = file(99).replace("value_7 = compute_value(7)", "error: value_7 is not defined");
        assert!(again(&after(&[&failing]), &failing).contains("error: value_7 is not defined\n"));
    }

    #[test]
    fn what_was_shown_long_ago_is_shown_again() {
        let long = (0..20_000).map(|at| format!("{at} is a line of its own\n")).collect::<String>();
        assert_eq!(again(&after(&[&file(99), &long]), &file(99)), file(99));
        assert_ne!(again(&after(&[&long, &file(99)]), &file(99)), file(99));
    }

    #[test]
    fn lines_that_repeat_are_no_trap() {
        // Every line is at every place; looked at one by one, this takes hours.
        let same = "0123456789\n".repeat(200_000);
        assert!(again(&after(&[&"0123456789\n".repeat(9)]), &same) == same);
        assert!(again(&after(&[&same]), &same).len() < same.len());
    }

    #[test]
    fn damage_is_no_danger() {
        let records = Shown::record(file(99).as_bytes());
        for end in 0..records.len() {
            again(&Shown::read(&records[..end]), &file(99));
        }
    }
}
