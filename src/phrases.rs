//! Finds which of some fixed phrases are in a text, and where.
//!
//! A table of the phrases by a hash of their first three bytes is ready in microseconds, where an automaton for some
//! hundred phrases takes longer to build than a text of usual length takes to read.

use std::ops::ControlFlow;

/// Whether capitals and small letters of ASCII are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// They are not.
    Matters,
    /// They are.
    Ignored,
}

/// The shortest phrase that can be looked for, in bytes; a shorter one is never found.
const SHORTEST: usize = 3;
/// How many buckets the table has, as a power of two.
const BUCKETS: u32 = 12;
/// The end of a bucket's chain.
const NONE: u16 = u16::MAX;

/// Phrases, ready to be looked for.
#[derive(Debug)]
pub struct Phrases<'p> {
    phrases: Vec<&'p [u8]>,
    case: Case,
    /// For each bucket its first phrase, and for each phrase the next of its bucket.
    heads: Vec<u16>,
    next: Vec<u16>,
}

impl<'p> Phrases<'p> {
    /// Makes the table.
    ///
    /// # Panics
    /// With more than 65534 phrases.
    pub fn new(phrases: impl IntoIterator<Item = &'p [u8]>, case: Case) -> Self {
        let phrases = phrases.into_iter().collect::<Vec<_>>();
        assert!(phrases.len() < usize::from(NONE), "the table counts phrases in two bytes");
        let mut made = Self { phrases: Vec::new(), case, heads: vec![NONE; 1 << BUCKETS], next: Vec::new() };
        for (at, phrase) in phrases.iter().enumerate() {
            let Some(first) = phrase.first_chunk::<SHORTEST>() else {
                made.next.push(NONE);
                continue;
            };
            let bucket = made.bucket(first.iter().fold(0, |key, byte| after(key, *byte)));
            made.next.push(made.heads[bucket]);
            made.heads[bucket] = at as u16;
        }
        made.phrases = phrases;
        made
    }

    /// Reports every occurrence, overlapping ones too, by its phrase's index and where it begins, in order of the places,
    /// until `found` has enough.
    #[inline]
    pub fn each(&self, text: &[u8], mut found: impl FnMut(usize, usize) -> ControlFlow<()>) {
        let mut key = 0;
        for (end, byte) in text.iter().enumerate() {
            key = after(key, *byte);
            let mut phrase = self.heads[self.bucket(key)];
            while phrase != NONE {
                let at = usize::from(phrase);
                if let Some(start) = (end + 1).checked_sub(SHORTEST)
                    && self.begins(&text[start..], self.phrases[at])
                    && found(at, start).is_break()
                {
                    return;
                }
                phrase = self.next[at];
            }
        }
    }

    fn begins(&self, text: &[u8], phrase: &[u8]) -> bool {
        text.get(..phrase.len()).is_some_and(|text| match self.case {
            Case::Matters => text == phrase,
            Case::Ignored => text.eq_ignore_ascii_case(phrase),
        })
    }

    fn bucket(&self, key: u32) -> usize {
        let key = match self.case {
            Case::Matters => key,
            Case::Ignored => key | 0x20_20_20,
        };
        (key.wrapping_mul(0x9E37_79B1) >> (u32::BITS - BUCKETS)) as usize
    }
}

/// The last three bytes when another one follows.
fn after(key: u32, byte: u8) -> u32 {
    key >> 8 | u32::from(byte) << 16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[&str], case: Case, text: &str) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        Phrases::new(phrases.iter().map(|phrase| phrase.as_bytes()), case).each(text.as_bytes(), |phrase, start| {
            all.push((start, phrase));
            ControlFlow::Continue(())
        });
        all.sort_unstable();
        all
    }

    #[test]
    fn every_occurrence_is_found() {
        let phrases = ["error", "err!", "no such ", "no such file", "her"];
        assert_eq!(found(&phrases, Case::Ignored, "NO SUCH file: Error"), [(0, 2), (0, 3), (14, 0)]);
        assert_eq!(found(&phrases, Case::Matters, "NO SUCH file: error her"), [(14, 0), (20, 4)]);
        assert_eq!(found(&phrases, Case::Ignored, "erro"), []);
    }
}
