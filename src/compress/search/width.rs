//! Cuts very long lines, such as those of minified files, around what was looked for.

use std::collections::HashSet;

use crate::compress::char_boundary;
use crate::plan::Plan;
use crate::render::marker;

/// How many of the matches are looked at to find what they have in common.
const SAMPLE: usize = 40;

/// The width that is allowed, and the word that lines are cut around.
pub(super) struct Width {
    most: usize,
    word: Option<Vec<u8>>,
}

impl Width {
    /// Finds the word that was looked for: one of the command that all matches have, else one that they share.
    pub fn new<'t>(texts: impl Iterator<Item = &'t [u8]> + Clone, plan: &Plan, command: Option<&str>) -> Self {
        let most = plan.limits.search_line;
        if !texts.clone().any(|text| text.len() > most) {
            return Self { most, word: None };
        }
        let sample = texts.take(SAMPLE).collect::<Vec<_>>();
        let asked = [plan.query.as_deref(), command].into_iter().flatten().flat_map(|said| words(said.as_bytes()));
        let asked = asked.filter(|word| !matches!(word, &b"grep" | &b"rg" | &b"git" | &b"ack" | &b"ag"));
        let has = |word: &&[u8]| sample.iter().filter(|text| memchr::memmem::find(text, word).is_some()).count();
        let told = asked.max_by_key(|word| (has(word), word.len())).filter(|word| has(word) * 2 > sample.len());
        Self { most, word: told.or_else(|| common(&sample)).map(<[u8]>::to_vec) }
    }

    /// The text with its far ends left out; `None` when it is short enough.
    pub fn cut(&self, text: &[u8]) -> Option<Vec<u8>> {
        if text.len() <= self.most {
            return None;
        }
        let found = self.word.as_ref().and_then(|word| memchr::memmem::find(text, word)).unwrap_or(0);
        let start = found.saturating_sub(self.most / 4);
        let start = if start < 40 { 0 } else { char_boundary(text, start) };
        let end = (start + self.most * 3 / 4).min(text.len());
        let end = if text.len() - end < 40 { text.len() } else { char_boundary(text, end) };
        if start == 0 && end == text.len() {
            return None;
        }
        let mut short = Vec::with_capacity(end - start + 60);
        if start > 0 {
            short.extend_from_slice(marker::bytes_left_out(start).as_bytes());
            short.push(b' ');
        }
        short.extend_from_slice(&text[start..end]);
        if end < text.len() {
            short.push(b' ');
            short.extend_from_slice(marker::bytes_left_out(text.len() - end).as_bytes());
        }
        Some(short)
    }
}

/// Runs of letters, digits and `_`, three at least.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').filter(|word| word.len() >= 3)
}

/// The longest word that all texts share.
fn common<'t>(texts: &[&'t [u8]]) -> Option<&'t [u8]> {
    let (first, rest) = texts.split_first()?;
    let mut shared = words(first).collect::<HashSet<_>>();
    for text in rest {
        let here = words(text).collect::<HashSet<_>>();
        shared.retain(|word| here.contains(word));
    }
    shared.into_iter().max_by_key(|word| (word.len(), *word))
}
