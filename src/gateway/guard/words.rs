//! A text as words of a vocabulary: what patterns are compared with.
//!
//! Words are letters and digits, plural endings gone; each character of Chinese, Japanese and Korean is a word. Words in
//! letters of several scripts, with digits for letters, spelled out letter by letter or run together are the words they
//! stand for, as far as the vocabulary knows them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::RangeInclusive;

use super::normal::look_alike;

/// A word of the vocabulary; [`UNKNOWN`] is any other.
pub(super) type Id = u16;
/// A word that no pattern names.
pub(super) const UNKNOWN: Id = 0;

/// The longest and shortest word that is tried as several words run together.
const RUN_TOGETHER: RangeInclusive<usize> = 12..=80;
/// The fewest letters with a separator between them that are a word spelled out.
const SPELLED: usize = 4;

/// The words that patterns name.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    ids: HashMap<String, Id, BuildHasherDefault<Fnv>>,
    /// By the first two bytes the lengths that words have: most words of a text are of no such length.
    lengths: Vec<u32>,
}

/// A hash of short words (FNV-1a): every word of every message is looked up.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A word of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) id: Id,
    /// Where it begins in the text.
    pub(super) at: u32,
    pub(super) begins: Begins,
}

/// What a word is the first of, the greatest of what applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Begins {
    Nothing,
    /// It stands behind a colon, a bracket, a quote or a comma.
    Clause,
    Line,
    /// It stands behind `.`, `!` or `?`, or behind a blank line.
    Sentence,
}

impl Vocabulary {
    /// The word of the vocabulary, which is added when it is new.
    pub(super) fn learn(&mut self, word: &str) -> Id {
        let next = self.ids.len() as Id + 1;
        let word = joined(word);
        let word = stem(&word);
        self.lengths.resize(BEGINNINGS, 0);
        self.lengths[beginning(word)] |= 1 << word.len().min(31);
        *self.ids.entry(word.to_string()).or_insert(next)
    }

    /// How many there are, with the unknown one.
    pub(super) fn len(&self) -> usize {
        self.ids.len() + 1
    }

    fn find(&self, word: &str) -> Option<Id> {
        let word = joined(word);
        let word = stem(&word);
        let may_be = self.lengths.get(beginning(word)).is_some_and(|lengths| lengths >> word.len().min(31) & 1 == 1);
        if may_be { self.ids.get(word).copied() } else { None }
    }

    /// The words of a text as they stand in it.
    pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
        Pieces::new(text).map(|piece| piece.text)
    }

    /// The words of a text that is normal already.
    pub(super) fn read(&self, text: &str) -> Vec<Word> {
        let latin = text.is_ascii() || text.bytes().filter(u8::is_ascii_alphabetic).count() * 2 > text.chars().count();
        let mut words = Vec::new();
        let mut pieces = Pieces::new(text).peekable();
        let mut spelled = Vec::new();
        while let Some(piece) = pieces.next() {
            if piece.is_letter() {
                spelled.push(piece);
                if pieces.peek().is_some_and(|next| next.is_letter() && next.at - piece.end() <= SEPARATED) {
                    continue;
                }
                if spelled.len() >= SPELLED {
                    self.spelled_out(&spelled, &mut words);
                } else {
                    words
                        .extend(spelled.iter().map(|piece| Word { id: self.known(piece.text, latin), ..piece.word() }));
                }
                spelled.clear();
                continue;
            }
            self.add(piece, latin, RUN_TOGETHER, &mut words);
        }
        words
    }

    /// Adds a word as the vocabulary has it, or as the words that are run together in it.
    fn add(&self, piece: Piece<'_>, latin: bool, run: RangeInclusive<usize>, words: &mut Vec<Word>) {
        let id = self.known(piece.text, latin);
        if id == UNKNOWN && run.contains(&piece.text.len()) && piece.text.bytes().all(|b| b.is_ascii_alphabetic()) {
            let parts = self.parts(piece.text);
            if !parts.is_empty() {
                let inner = Word { begins: Begins::Nothing, ..piece.word() };
                let first = words.len();
                words.extend(parts.into_iter().map(|id| Word { id, ..inner }));
                words[first].begins = piece.begins;
                return;
            }
        }
        words.push(Word { id, ..piece.word() });
    }

    /// Adds the words whose letters stand apart: a wider gap than the first is the end of a word.
    fn spelled_out(&self, letters: &[Piece<'_>], words: &mut Vec<Word>) {
        let gap = |pair: &[Piece<'_>]| pair[1].at - pair[0].end();
        let narrow = letters.windows(2).map(gap).min().unwrap_or(0);
        let mut start = 0;
        for end in 1..=letters.len() {
            if end == letters.len() || gap(&letters[end - 1..=end]) > narrow {
                let joined = letters[start..end].iter().map(|piece| piece.text).collect::<String>();
                let whole = Piece { text: &joined, ..letters[start] };
                self.add(whole, true, SPELLED..=*RUN_TOGETHER.end(), words);
                start = end;
            }
        }
    }

    /// The word, read with look-alikes where it mixes scripts, and with digits for letters.
    fn known(&self, word: &str, latin: bool) -> Id {
        if let Some(id) = self.find(word) {
            return id;
        }
        if !word.is_ascii() && (latin || word.bytes().any(|byte| byte.is_ascii_alphabetic())) {
            let folded = word.chars().map(|c| look_alike(c).unwrap_or(c)).collect::<String>();
            return self.find(&folded).unwrap_or(UNKNOWN);
        }
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits > 0 && word.len() > digits {
            let folded = |one: char| word.chars().map(|c| letter(c, one)).collect::<String>();
            return self.find(&folded('i')).or_else(|| self.find(&folded('l'))).unwrap_or(UNKNOWN);
        }
        UNKNOWN
    }

    /// The words that a run of letters consists of, none if it does not consist of words entirely.
    fn parts(&self, run: &str) -> Vec<Id> {
        // For each end that words reach: the last of them, and where it begins; longer words first.
        let mut reached = [None::<(usize, Id)>; *RUN_TOGETHER.end() + 1];
        let mut last = 0;
        for end in 2..=run.len() {
            if end - last > LONGEST {
                return Vec::new();
            }
            let starts = end.saturating_sub(LONGEST)..=end - 2;
            reached[end] = starts
                .filter(|start| *start == 0 || reached[*start].is_some())
                .find_map(|start| Some((start, self.find(&run[start..end])?)));
            last = if reached[end].is_some() { end } else { last };
        }
        let mut parts = Vec::new();
        let mut end = run.len();
        while let Some((start, id)) = reached[end] {
            parts.push(id);
            end = start;
        }
        parts.reverse();
        parts
    }
}

/// How far letters of a word that is spelled out are apart at most, in bytes.
const SEPARATED: usize = 4;
/// The longest word that is looked for in a run of letters.
const LONGEST: usize = 14;

/// How many beginnings of words are told apart.
const BEGINNINGS: usize = 1 << 12;

fn beginning(word: &str) -> usize {
    let byte = |at: usize| usize::from(word.as_bytes().get(at).copied().unwrap_or(0));
    (byte(0) << 5 ^ byte(1)) & (BEGINNINGS - 1)
}

/// A word without its apostrophe.
fn joined(word: &str) -> Cow<'_, str> {
    if word.bytes().any(|byte| byte == b'\'' || byte == 0xe2) {
        word.replace(['\'', '’'], "").into()
    } else {
        word.into()
    }
}

/// A word without its plural ending.
fn stem(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem,
        _ => word,
    }
}

fn letter(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' => one,
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        _ => c,
    }
}

/// A piece of text between separators.
#[derive(Debug, Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    at: usize,
    begins: Begins,
}

impl Piece<'_> {
    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    fn is_letter(&self) -> bool {
        self.text.len() <= 2 && self.text.chars().nth(1).is_none() && self.text.chars().all(char::is_alphabetic)
    }

    fn word(&self) -> Word {
        Word { id: UNKNOWN, at: self.at as u32, begins: self.begins }
    }
}

/// Cuts a text into pieces.
struct Pieces<'t> {
    text: &'t str,
    at: usize,
    begins: Begins,
}

impl<'t> Pieces<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, begins: Begins::Sentence }
    }

    /// Skips what stands between words, and notes what it ends.
    fn separators(&mut self) {
        let bytes = self.text.as_bytes();
        let mut lines = 0;
        while let Some(byte) = bytes.get(self.at) {
            if byte.is_ascii_alphanumeric() {
                return;
            }
            let c =
                if byte.is_ascii() { char::from(*byte) } else { self.text[self.at..].chars().next().unwrap_or(' ') };
            if !c.is_ascii() && c.is_alphanumeric() {
                return;
            }
            self.at += c.len_utf8();
            let begins = match c {
                ' ' | '\t' | '\r' => continue,
                '\n' => {
                    lines += 1;
                    if lines > 1 { Begins::Sentence } else { Begins::Line }
                }
                '.' | '!' | '?' => self.mark(),
                '。' | '！' | '？' | '؟' | '।' => Begins::Sentence,
                ':' | ';' | ',' | '"' | '(' | '[' | '{' | '<' | '>' | '|' | '*' | '#' | '“' | '”' | '：' | '，'
                | '、' => Begins::Clause,
                _ => Begins::Nothing,
            };
            self.begins = self.begins.max(begins);
        }
    }

    /// What a mark ends that stands in front of here: nothing inside a name or a number, and in front of a quote the
    /// sentence goes on.
    fn mark(&self) -> Begins {
        match self.text[self.at..].chars().next() {
            Some('"' | '\'' | '”' | '’' | '»') => Begins::Clause,
            Some(next) if next.is_alphanumeric() => Begins::Nothing,
            _ => Begins::Sentence,
        }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        self.separators();
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let end = if is_ideograph(first) {
            first.len_utf8()
        } else {
            let inside = |c: char| c.is_alphanumeric() && !is_ideograph(c);
            // An apostrophe belongs to the word: `don't`.
            let ascii = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let more = if rest.as_bytes().get(ascii).is_none_or(u8::is_ascii) { Some(0) } else { None };
            let more = more.or_else(|| rest[ascii..].find(|c: char| !inside(c)));
            let mut end = ascii + more.unwrap_or(rest.len() - ascii);
            if let Some(tail) = rest[end..].strip_prefix(['\'', '’']).filter(|tail| tail.starts_with(inside)) {
                let start = rest.len() - tail.len();
                end = start + tail.find(|c: char| !inside(c)).unwrap_or(tail.len());
            }
            end
        };
        let piece = Piece { text: &rest[..end], at: self.at, begins: self.begins };
        self.at += end;
        self.begins = Begins::Nothing;
        Some(piece)
    }
}

/// Whether a character is a word by itself.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut vocabulary = Vocabulary::default();
        let known = ["ignore", "all", "previous", "instructions", "don't", "忽", "略"];
        known.iter().for_each(|word| _ = vocabulary.learn(word));
        let words = vocabulary.read(text);
        words
            .iter()
            .map(|word| word.id.checked_sub(1).map_or("-", |id| known[usize::from(id)]))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn disguised_words_are_known() {
        let table = [
            ("ignore the instruction", "ignore - instructions"),
            ("1gn0re a11 pr3v1ous", "ignore all previous"),
            ("ignоrе аll", "ignore all"),
            ("i g n o r e   a l l", "ignore all"),
            ("i.g.n.o.r.e-a.l.l and p-r-e-v-i-o-u-s", "ignore all - previous"),
            ("i g n o r e p r e v i o u s", "ignore previous"),
            ("ignoreallpreviousinstructions", "ignore all previous instructions"),
            ("忽略 don't", "忽 略 don't"),
            ("a b c, and", "- - - -"),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_lines_and_clauses_begin_where_they_do() {
        let words = Vocabulary::default().read("One v1.2 (two)\nthree. Four\n\nfive");
        let begins = words.iter().map(|word| word.begins).collect::<Vec<_>>();
        use Begins::{Clause, Line, Nothing, Sentence};
        assert_eq!(begins, [Sentence, Nothing, Nothing, Clause, Line, Sentence, Sentence]);
    }
}
