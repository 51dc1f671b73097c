//! A text as the checks see it: with its words that may be values already found, in one pass.

use std::ops::Range;

use super::prompt::Role;

/// A run of ASCII letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
    /// How many of its bytes are digits.
    pub digits: usize,
}

impl Word {
    /// How many bytes it has.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it has no letter.
    pub fn is_number(self) -> bool {
        self.digits == self.len()
    }

    /// Its bytes.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A text of a prompt, surveyed.
#[derive(Debug)]
pub struct Text<'t> {
    /// The text, escapes resolved.
    pub text: &'t str,
    /// Whose text it is.
    pub role: Role,
    /// The words in it that have a digit, and those of at least twenty letters.
    pub words: Vec<Word>,
}

/// From how many letters on a word without a digit may be a value.
const LONG: usize = 20;
/// How long a name, a path or a key is at most.
const NAME: usize = 256;

impl<'t> Text<'t> {
    /// Finds the words.
    pub fn new(text: &'t str, role: Role) -> Self {
        let mut words = Vec::new();
        let mut open: Option<Word> = None;
        for (at, byte) in text.bytes().enumerate() {
            if byte.is_ascii_alphanumeric() {
                let word = open.get_or_insert(Word { start: at, end: at, digits: 0 });
                word.end = at + 1;
                word.digits += usize::from(byte.is_ascii_digit());
            } else if let Some(word) = open.take() {
                words.extend((word.digits > 0 || word.len() >= LONG).then_some(word));
            }
        }
        words.extend(open.filter(|word| word.digits > 0 || word.len() >= LONG));
        Self { text, role, words }
    }

    /// The text as bytes.
    pub fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The bytes of a word.
    pub fn word(&self, word: Word) -> &'t str {
        &self.text[word.range()]
    }

    /// The line that a place is in.
    pub fn line(&self, at: usize) -> Range<usize> {
        let bytes = self.bytes();
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        start..end
    }

    /// What stands before a place on its line, at most so many bytes of it, in small letters.
    pub fn before(&self, at: usize, most: usize) -> String {
        let mut start = at.saturating_sub(most);
        start += memchr::memrchr(b'\n', &self.bytes()[start..at]).map_or(0, |end| end + 1);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        self.text[start..at].to_ascii_lowercase()
    }

    /// How many of the bytes before a place are all of a kind, at most as many as a name has.
    pub fn run_before(&self, at: usize, is: impl Fn(u8) -> bool) -> usize {
        let bytes = &self.bytes()[at.saturating_sub(NAME)..at];
        bytes.iter().rev().take_while(|byte| is(**byte)).count()
    }

    /// How many of the bytes from a place on are all of a kind, at most as many as a name has.
    pub fn run_from(&self, at: usize, is: impl Fn(u8) -> bool) -> usize {
        let bytes = &self.bytes()[at..self.text.len().min(at + NAME)];
        bytes.iter().take_while(|byte| is(**byte)).count()
    }

    /// The byte before a place.
    pub fn left(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).map(|at| self.bytes()[at])
    }

    /// The byte at a place.
    pub fn right(&self, at: usize) -> Option<u8> {
        self.bytes().get(at).copied()
    }
}

/// Whether a text has one of some words, as a word of its own.
pub(super) fn has_word(text: &str, words: &[&str]) -> bool {
    let mut found = text.split(|letter: char| !letter.is_alphanumeric());
    found.any(|word| words.contains(&word))
}
