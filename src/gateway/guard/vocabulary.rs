//! The words that patterns name, and how a word of a text is found among them.
//!
//! Words are kept without plural ending and apostrophe. A word with letters of several scripts, with digits for letters
//! or made of several words run together is what it stands for, as far as the words are known.

use super::normal::look_alike;

/// A word of the vocabulary; [`UNKNOWN`] is any other.
pub(super) type Id = u16;
/// A word that no pattern names.
pub(super) const UNKNOWN: Id = 0;

/// The longest run of letters that is tried as several words, in bytes.
pub(super) const LONGEST_RUN: usize = 80;
/// The longest word that is looked for in a run of letters.
const LONGEST: usize = 14;
/// The longest word whose disguise is undone, in bytes.
const MOST: usize = 64;
/// What of an entry is the word.
const ID: u64 = 0xffff;
/// How many bits the filter has: most words of a text are not known, and are told by one of them.
const FILTER: usize = 1 << 15;
/// The bit in which small and capital ASCII letters differ; digits have it anyway.
const SMALL: u8 = 0x20;

/// The words that patterns name.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// All words, one behind the other, and where each ends.
    text: String,
    ends: Vec<u32>,
    /// A hash table of them without links: a word is at the place of its hash, or behind it. An entry is the word and
    /// what of the hash is above that.
    slots: Vec<u64>,
    filter: Vec<u64>,
    /// By the first two letters the lengths that words have, as bits.
    lengths: Vec<u16>,
}

/// A word to be looked up: its first eight bytes and its last eight, in small letters, and its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    front: u64,
    back: u64,
    length: usize,
}

const SMALL_LETTERS: u64 = u64::from_ne_bytes([SMALL; 8]);

impl Key {
    /// Of the bytes that stand at a place of a text.
    #[inline(always)]
    pub(super) fn of(text: &[u8], at: usize, length: usize) -> Self {
        let back = if length > 8 { load(text, at + length - 8) | SMALL_LETTERS } else { 0 };
        Self::cut(load(text, at), back, length)
    }

    /// Of the first bytes and the last.
    #[inline(always)]
    fn cut(front: u64, back: u64, length: usize) -> Self {
        let front = front | SMALL_LETTERS;
        let rest = 64 - 8 * length.clamp(1, 8);
        Self { front: front << rest >> rest, back, length }
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        let mixed = self.front.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.back.rotate_left(29) ^ self.length as u64;
        let mixed = mixed.wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ mixed >> 32
    }
}

/// Eight bytes of a text, zeros behind its end.
#[inline(always)]
pub(super) fn load(text: &[u8], at: usize) -> u64 {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => load_end(text, at),
    }
}

#[inline(never)]
fn load_end(text: &[u8], at: usize) -> u64 {
    text.iter().skip(at).rev().fold(0, |bytes, byte| bytes << 8 | u64::from(*byte))
}

impl Vocabulary {
    /// The word of the vocabulary, which is added when it is new.
    pub(super) fn learn(&mut self, word: &str) -> Id {
        let word = word.to_ascii_lowercase().replace(['\'', '’'], "");
        let bytes = word.as_bytes();
        let length = stem(bytes, 0, bytes.len());
        let known = self.find(bytes);
        if known != UNKNOWN {
            return known;
        }
        // What is left out is an ASCII letter.
        self.text.push_str(&word[..length]);
        self.ends.push(self.text.len() as u32);
        if self.slots.len() < self.ends.len() * 2 {
            self.grow();
        } else {
            self.place(self.ends.len() as Id);
        }
        self.ends.len() as Id
    }

    /// How many there are, with the unknown one.
    pub(super) fn len(&self) -> usize {
        self.ends.len() + 1
    }

    /// A word as it is written.
    pub(super) fn word(&self, id: Id) -> &str {
        let Some(before) = usize::from(id).checked_sub(1) else { return "" };
        let start = before.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[before] as usize]
    }

    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 2).max(1 << 10)];
        self.filter = vec![0; FILTER / 64];
        self.lengths = vec![0; BEGINNINGS];
        for id in 1..=self.ends.len() as Id {
            self.place(id);
        }
    }

    fn place(&mut self, id: Id) {
        let word = self.word(id).as_bytes();
        let (hash, beginning, length) = (Key::of(word, 0, word.len()).hash(), beginning(word), word.len());
        self.lengths[beginning] |= 1 << length.min(LONGEST);
        self.filter[bit(hash) / 64] |= 1 << (bit(hash) % 64);
        let last = self.slots.len() - 1;
        let mut slot = hash as usize & last;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & last;
        }
        self.slots[slot] = hash & !ID | u64::from(id);
    }

    /// The word of a key, which has no plural ending and no apostrophe.
    #[inline(always)]
    fn look_up(&self, key: Key, text: &[u8], at: usize) -> Id {
        let hash = key.hash();
        match self.filter.get(bit(hash) / 64) {
            Some(bits) if bits >> (bit(hash) % 64) & 1 == 1 => self.at(hash, key, text, at),
            _ => UNKNOWN,
        }
    }

    fn at(&self, hash: u64, key: Key, text: &[u8], at: usize) -> Id {
        let last = self.slots.len() - 1;
        let mut slot = hash as usize & last;
        loop {
            let entry = self.slots[slot];
            if entry == 0 {
                return UNKNOWN;
            }
            let id = (entry & ID) as Id;
            // Other letters than ASCII are not the same when one bit differs, and hashes may be the same by accident.
            if (entry ^ hash) & !ID == 0 && self.word(id).as_bytes().eq_ignore_ascii_case(&text[at..at + key.length]) {
                return id;
            }
            slot = (slot + 1) & last;
        }
    }

    /// A word as it stands in a text, without an apostrophe.
    #[inline(always)]
    pub(super) fn find_at(&self, text: &[u8], at: usize, length: usize) -> Id {
        let length = stem(text, at, length);
        self.look_up(Key::of(text, at, length), text, at)
    }

    /// A word without an apostrophe.
    pub(super) fn find(&self, word: &[u8]) -> Id {
        self.find_at(word, 0, word.len())
    }

    /// A word with an apostrophe in it.
    pub(super) fn find_joined(&self, word: &str) -> Id {
        self.find_changed(word, |c| c)
    }

    /// The word that look-alikes of its letters spell.
    pub(super) fn find_look_alike(&self, word: &str) -> Id {
        self.find_changed(word, |c| look_alike(c).unwrap_or(c))
    }

    /// The word that digits for letters spell.
    pub(super) fn find_digits(&self, word: &str) -> Id {
        match self.find_changed(word, |c| letter(c, 'i')) {
            UNKNOWN if word.contains('1') => self.find_changed(word, |c| letter(c, 'l')),
            id => id,
        }
    }

    /// The word that others of its letters spell, its apostrophe left out.
    fn find_changed(&self, word: &str, change: impl Fn(char) -> char) -> Id {
        let mut bytes = [0; MOST];
        let mut end = 0;
        for c in word.chars().filter(|c| !matches!(c, '\'' | '’')).map(change) {
            let Some(place) = bytes.get_mut(end..end + c.len_utf8()) else { return UNKNOWN };
            c.encode_utf8(place);
            end += c.len_utf8();
        }
        self.find(&bytes[..end])
    }

    /// The words that a run of ASCII letters consists of, none if it does not consist of words entirely.
    pub(super) fn parts(&self, run: &[u8]) -> Vec<Id> {
        // For each end that words reach: where the last of them begins, the longest first, and which it is.
        let mut reached = [(0_u8, UNKNOWN); LONGEST_RUN + 1];
        let mut last = 0;
        for start in 0..run.len().min(LONGEST_RUN).saturating_sub(1) {
            if start > last {
                return Vec::new();
            }
            if start > 0 && reached[start].1 == UNKNOWN {
                continue;
            }
            // With and without a plural ending.
            let lengths = self.lengths.get(beginning(&run[start..])).copied().unwrap_or(0);
            let lengths = lengths | (lengths << 1);
            for length in (2..=LONGEST.min(run.len() - start)).filter(|length| lengths >> length & 1 == 1) {
                let end = start + length;
                let id = if reached[end].1 == UNKNOWN { self.find_at(run, start, length) } else { UNKNOWN };
                if id != UNKNOWN {
                    reached[end] = (start as u8, id);
                    last = last.max(end);
                }
            }
        }
        let mut parts = Vec::new();
        let mut end = run.len();
        while reached[end].1 != UNKNOWN {
            parts.push(reached[end].1);
            end = usize::from(reached[end].0);
        }
        parts.reverse();
        parts
    }
}

#[inline(always)]
fn bit(hash: u64) -> usize {
    (hash >> 40) as usize % FILTER
}

/// How many beginnings of words are told apart.
const BEGINNINGS: usize = 1 << 10;

/// The first two letters as a number.
fn beginning(word: &[u8]) -> usize {
    let letter = |at: usize| usize::from(word.get(at).copied().unwrap_or(0) & 0x1f);
    letter(0) << 5 | letter(1)
}

/// How long a word is without its plural ending.
#[inline(always)]
fn stem(text: &[u8], at: usize, length: usize) -> usize {
    let is_s = |at: usize| text[at] | SMALL == b's';
    let is_plural = length > 3 && is_s(at + length - 1) & !is_s(at + length - 2);
    length - usize::from(is_plural)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        let mut vocabulary = Vocabulary::default();
        let many = (0..3000).map(|number| format!("word{number}x")).collect::<Vec<_>>();
        let ids = many.iter().map(|word| vocabulary.learn(word)).collect::<Vec<_>>();
        assert!(many.iter().zip(&ids).all(|(word, id)| vocabulary.find(word.as_bytes()) == *id));
        let [dont, rule, ill] = ["don't", "rules", "ill"].map(|word| vocabulary.learn(word));
        assert_eq!(vocabulary.learn("Rule"), rule);
        assert_eq!(vocabulary.word(rule), "rule");
        assert_eq!([vocabulary.find(b"RULES"), vocabulary.find(b"ruless")], [rule, UNKNOWN]);
        assert_eq!(vocabulary.find_joined("Don’t"), dont);
        assert_eq!(vocabulary.find_digits("1ll"), ill);
        assert_eq!(vocabulary.find_look_alike("ruӏе"), UNKNOWN);
        assert_eq!(vocabulary.find_look_alike("rulе"), rule);
        assert_eq!(vocabulary.parts(b"illRulesdont"), [ill, rule, dont]);
        assert_eq!(vocabulary.parts(b"illrulesdonto"), [UNKNOWN; 0]);
        let long = "ill".repeat(40);
        assert_eq!([vocabulary.find_joined(&long), vocabulary.find_look_alike(&long)], [UNKNOWN; 2]);
    }
}
