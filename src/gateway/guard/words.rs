//! A text as words of a vocabulary: what patterns are compared with.
//!
//! Words are letters and digits; each character of Chinese, Japanese and Korean is a word. Words that are spelled out
//! letter by letter are put together again.

use std::ops::{Range, RangeInclusive};

use super::pieces::{Begins, DIGIT, IDEOGRAPH, JOINED, LETTER, Piece, Pieces};
use super::vocabulary::{Id, LONGEST_RUN, UNKNOWN, Vocabulary};

/// The longest and shortest word that is tried as several words run together.
const RUN_TOGETHER: RangeInclusive<usize> = 12..=LONGEST_RUN;
/// The fewest letters with a separator between them that are a word spelled out, and the most that are put together.
const SPELLED: RangeInclusive<usize> = 4..=4096;
/// How far letters of a word that is spelled out are apart at most, in bytes.
const SEPARATED: usize = 4;

/// A word of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) id: Id,
    /// Where it begins in the text.
    pub(super) at: u32,
    pub(super) begins: Begins,
}

/// The words of a text.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) all: Vec<Word>,
    /// Which of them the vocabulary has, in order.
    pub(super) known: Vec<u32>,
    /// What can be base64.
    pub(super) codes: Vec<Range<usize>>,
}

impl Words {
    /// Reads a text that is normal already.
    pub(super) fn of(text: &str, vocabulary: &Vocabulary) -> Self {
        let mut reader = Reader { text, vocabulary, words: Self::default(), spelled: Vec::new(), latin: None };
        // Words of most texts are longer.
        reader.words.all.reserve(text.len() / 6);
        let mut pieces = Pieces::new(text);
        for piece in pieces.by_ref() {
            reader.add(piece);
        }
        reader.put_together();
        pieces.end_code(text.len());
        Self { codes: pieces.codes, ..reader.words }
    }

    #[inline(always)]
    fn push(&mut self, word: Word) {
        if word.id != UNKNOWN {
            self.known.push(self.all.len() as u32);
        }
        self.all.push(word);
    }
}

/// Makes words of pieces.
struct Reader<'t> {
    text: &'t str,
    vocabulary: &'t Vocabulary,
    words: Words,
    /// Letters that stand alone, one behind the other.
    spelled: Vec<Piece>,
    /// Whether most letters of the text are Latin, once that is known.
    latin: Option<bool>,
}

impl Reader<'_> {
    #[inline(always)]
    fn add(&mut self, piece: Piece) {
        if piece.is_letter(self.text) {
            let apart = self.spelled.last().is_some_and(|last| piece.at - last.end > SEPARATED);
            if apart || self.spelled.len() >= *SPELLED.end() {
                self.put_together();
            }
            self.spelled.push(piece);
            return;
        }
        if !self.spelled.is_empty() {
            self.put_together();
        }
        self.word(piece);
    }

    /// Adds a piece as the vocabulary has it, or as the words that are run together in it.
    #[inline(always)]
    fn word(&mut self, piece: Piece) {
        let (text, length) = (self.text.as_bytes(), piece.end - piece.at);
        let mut id = if piece.has & JOINED == 0 { self.vocabulary.find_at(text, piece.at, length) } else { UNKNOWN };
        if id == UNKNOWN {
            if piece.has == LETTER {
                if RUN_TOGETHER.contains(&length) && self.parts(&text[piece.at..piece.end], piece) {
                    return;
                }
            } else if piece.has != DIGIT && piece.has != IDEOGRAPH {
                id = self.disguised(piece);
            }
        }
        self.words.push(Word { id, at: piece.at as u32, begins: piece.begins });
    }

    /// The word, read without its apostrophe, with look-alikes where it mixes scripts, or with digits for letters.
    #[inline(never)]
    fn disguised(&mut self, piece: Piece) -> Id {
        let word = &self.text[piece.at..piece.end];
        if piece.has & JOINED != 0 {
            let id = self.vocabulary.find_joined(word);
            if id != UNKNOWN {
                return id;
            }
        }
        if !word.is_ascii() && (word.bytes().any(|byte| byte.is_ascii_alphabetic()) || self.is_latin()) {
            return self.vocabulary.find_look_alike(word);
        }
        if piece.has & DIGIT != 0 { self.vocabulary.find_digits(word) } else { UNKNOWN }
    }

    fn is_latin(&mut self) -> bool {
        let text = self.text;
        *self
            .latin
            .get_or_insert_with(|| text.bytes().filter(u8::is_ascii_alphabetic).count() * 2 > text.chars().count())
    }

    /// Adds the words that are run together in a piece of letters, if there are any.
    fn parts(&mut self, letters: &[u8], piece: Piece) -> bool {
        let parts = self.vocabulary.parts(letters);
        for (number, id) in parts.iter().enumerate() {
            let begins = if number == 0 { piece.begins } else { Begins::Nothing };
            self.words.push(Word { id: *id, at: piece.at as u32, begins });
        }
        !parts.is_empty()
    }

    /// Adds the letters that stand alone: words whose letters stand apart, where there are enough. A wider gap than the
    /// narrowest is the end of a word.
    fn put_together(&mut self) {
        let letters = std::mem::take(&mut self.spelled);
        if !SPELLED.contains(&letters.len()) {
            letters.iter().for_each(|letter| self.word(*letter));
        } else {
            let gap = |pair: &[Piece]| pair[1].at - pair[0].end;
            let narrow = letters.windows(2).map(gap).min().unwrap_or(0);
            let mut start = 0;
            for end in 1..=letters.len() {
                if end == letters.len() || gap(&letters[end - 1..=end]) > narrow {
                    self.spelled_out(&letters[start..end]);
                    start = end;
                }
            }
        }
        self.spelled = letters;
        self.spelled.clear();
    }

    /// Adds a word that is spelled out.
    fn spelled_out(&mut self, letters: &[Piece]) {
        let joined = letters.iter().map(|letter| &self.text[letter.at..letter.end]).collect::<String>();
        let mut id = self.vocabulary.find(joined.as_bytes());
        if id == UNKNOWN && !joined.is_ascii() {
            id = self.vocabulary.find_look_alike(&joined);
        }
        let run = *SPELLED.start()..=*RUN_TOGETHER.end();
        if id == UNKNOWN
            && joined.is_ascii()
            && run.contains(&joined.len())
            && self.parts(joined.as_bytes(), letters[0])
        {
            return;
        }
        self.words.push(Word { id, at: letters[0].at as u32, begins: letters[0].begins });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut vocabulary = Vocabulary::default();
        let known = ["ignore", "all", "previous", "instructions", "don't", "忽", "略"];
        known.iter().for_each(|word| _ = vocabulary.learn(word));
        let words = Words::of(text, &vocabulary).all;
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
            ("ignoreallpreviousInstructions", "ignore all previous instructions"),
            ("忽略 don't 'all' Don’t", "忽 略 don't all don't"),
            ("a b c, and", "- - - -"),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_lines_and_clauses_begin_where_they_do() {
        let words = Words::of("One v1.2 (two)\nthree. Four\n\nfive", &Vocabulary::default()).all;
        let begins = words.iter().map(|word| word.begins).collect::<Vec<_>>();
        use Begins::{Clause, Line, Nothing, Sentence};
        assert_eq!(begins, [Sentence, Nothing, Nothing, Clause, Line, Sentence, Sentence]);
    }
}
