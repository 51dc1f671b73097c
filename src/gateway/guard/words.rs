//! A text as words of a vocabulary: what patterns are compared with.
//!
//! Words are letters and digits; each character of Chinese, Japanese and Korean is a word. Words that are spelled out
//! letter by letter are put together again.

use std::ops::{Range, RangeInclusive};

use super::codes::SHORTEST_BASE64;
use super::vocabulary::{Id, LONGEST_RUN, UNKNOWN, Vocabulary, load};

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

/// The pieces of a text between separators.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    Pieces::new(text).map(move |piece| &text[piece.at..piece.end])
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

/// What a piece has in it.
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const OTHER_LETTER: u8 = 4;
const JOINED: u8 = 8;
const IDEOGRAPH: u8 = 0x10;

/// What a byte is: what ends nothing, and a clause.
const NOTHING: u8 = 0;
const CLAUSE: u8 = 1;
const LINE_END: u8 = 2;
const MARK: u8 = 3;
/// What is in the alphabets of base64 and no letter or digit.
const CODE: u8 = 4;
/// The first byte of a character that is not ASCII.
const WIDE: u8 = 5;
/// ASCII letters and digits.
const WORD: u8 = 6;

/// What each byte is.
const CLASSES: [u8; 256] = {
    let mut classes = [NOTHING; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => WORD,
            b'\n' => LINE_END,
            b'.' | b'!' | b'?' => MARK,
            b':' | b';' | b',' | b'"' | b'(' | b'[' | b'{' | b'<' | b'>' | b'|' | b'*' | b'#' => CLAUSE,
            b'+' | b'-' | b'/' | b'_' => CODE,
            0x80.. => WIDE,
            _ => NOTHING,
        };
        byte += 1;
    }
    classes
};

/// A piece of text between separators.
#[derive(Debug, Clone, Copy)]
struct Piece {
    at: usize,
    end: usize,
    begins: Begins,
    has: u8,
}

impl Piece {
    #[inline(always)]
    fn is_letter(&self, text: &str) -> bool {
        match self.end - self.at {
            1 => self.has == LETTER,
            2 if self.has == OTHER_LETTER => text[self.at..self.end].chars().all(char::is_alphabetic),
            _ => false,
        }
    }
}

/// Cuts a text into pieces.
struct Pieces<'t> {
    text: &'t str,
    at: usize,
    /// Where the characters begin that can be one run of base64.
    code: usize,
    codes: Vec<Range<usize>>,
}

impl<'t> Pieces<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, code: 0, codes: Vec::new() }
    }

    /// The character that begins at a place and is not ASCII.
    fn wide(&self, at: usize) -> char {
        let rest = &self.text.as_bytes()[at..];
        let low = |at: usize| u32::from(rest[at] & 0x3f);
        let code = match rest[0] {
            first @ ..0xe0 => u32::from(first & 0x1f) << 6 | low(1),
            first @ ..0xf0 => u32::from(first & 0xf) << 12 | low(1) << 6 | low(2),
            first => u32::from(first & 7) << 18 | low(1) << 12 | low(2) << 6 | low(3),
        };
        char::from_u32(code).unwrap_or(' ')
    }

    /// Notes what can be base64 and ends here.
    #[inline(always)]
    fn end_code(&mut self, at: usize) {
        if at - self.code >= SHORTEST_BASE64 {
            self.codes.push(self.code..at);
        }
    }

    /// What a separator ends that is not of the plain ones; it is left at its last byte.
    fn ends(&self, class: u8, at: &mut usize, lines: &mut u32) -> Begins {
        match class {
            LINE_END => {
                *lines += 1;
                if *lines > 1 { Begins::Sentence } else { Begins::Line }
            }
            MARK => self.mark(*at + 1),
            _ => {
                let c = self.wide(*at);
                *at += c.len_utf8() - 1;
                separator(c)
            }
        }
    }

    /// What a mark ends that stands in front of here: nothing inside a name or a number, and in front of a quote the
    /// sentence goes on.
    fn mark(&self, at: usize) -> Begins {
        match self.text.as_bytes().get(at) {
            None => Begins::Sentence,
            Some(b'"' | b'\'') => Begins::Clause,
            Some(next) if next.is_ascii() => {
                if next.is_ascii_alphanumeric() {
                    Begins::Nothing
                } else {
                    Begins::Sentence
                }
            }
            Some(_) => match self.wide(at) {
                '”' | '’' | '»' => Begins::Clause,
                next if is_word(next) => Begins::Nothing,
                _ => Begins::Sentence,
            },
        }
    }

    /// Goes on from an apostrophe or a character that is not ASCII: where the piece ends, and what it has.
    #[inline(never)]
    fn go_on(&self, at: usize, has: u8) -> (usize, u8) {
        let (end, has) = self.letters(at, has);
        let rest = &self.text[end..];
        // An apostrophe belongs to the word: `don't`.
        let tail = rest.strip_prefix(['\'', '’']);
        match tail.filter(|tail| tail.starts_with(|c| is_word(c) && !is_ideograph(c))) {
            Some(tail) => self.letters(end + rest.len() - tail.len(), has | JOINED),
            None => (end, has),
        }
    }

    /// Where the letters and digits of a piece end, which begins at a place.
    fn letters(&self, mut at: usize, mut has: u8) -> (usize, u8) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii() {
                let word = ascii_word(bytes, at);
                if word.0 == at {
                    break;
                }
                (at, has) = (word.0, has | word.1);
                continue;
            }
            let c = self.wide(at);
            if is_ideograph(c) || !is_word(c) {
                break;
            }
            has |= OTHER_LETTER;
            at += c.len_utf8();
        }
        (at, has)
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    #[inline(always)]
    fn next(&mut self) -> Option<Piece> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let mut begins = if at == 0 { Begins::Sentence } else { Begins::Nothing };
        let mut lines = 0;
        let first = loop {
            let class = CLASSES[usize::from(*bytes.get(at)?)];
            if class >= CODE {
                if class == CODE {
                    at += 1;
                    continue;
                }
                if class == WORD {
                    break class;
                }
                let c = self.wide(at);
                if is_word(c) {
                    if is_ideograph(c) {
                        self.at = at + c.len_utf8();
                        return Some(Piece { at, end: self.at, begins, has: IDEOGRAPH });
                    }
                    break class;
                }
            }
            self.end_code(at);
            let ends = match class {
                NOTHING => Begins::Nothing,
                CLAUSE => Begins::Clause,
                _ => self.ends(class, &mut at, &mut lines),
            };
            begins = begins.max(ends);
            at += 1;
            self.code = at;
        };
        let start = at;
        let mut has = 0;
        if first == WORD {
            (at, has) = ascii_word(bytes, at);
        }
        if let Some(next) = bytes.get(at)
            && (*next >= 0x80 || *next == b'\'')
        {
            (at, has) = self.go_on(at, has);
        }
        self.at = at;
        Some(Piece { at: start, end: at, begins, has })
    }
}

/// Where the ASCII letters and digits end that begin at a place, and what is among them; eight bytes at a time.
#[inline(always)]
fn ascii_word(bytes: &[u8], mut at: usize) -> (usize, u8) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // For each byte below 0x80 its high bit, where it is not less than the first and less than the second.
    let within = |bytes: u64, first: u8, end: u8| {
        (bytes + u64::from(0x80 - first) * ONES) & !(bytes + u64::from(0x80 - end) * ONES) & HIGH
    };
    let mut has = 0;
    loop {
        let eight = load(bytes, at);
        let low = eight & !HIGH;
        let ascii = !eight & HIGH;
        let letters = within(low | (0x20 * ONES), b'a', b'z' + 1) & ascii;
        let digits = within(low, b'0', b'9' + 1) & ascii;
        let others = !(letters | digits) & HIGH;
        // All below the first that is neither.
        let inside = others.wrapping_sub(1) & !others;
        has |= (u8::from(letters & inside != 0) * LETTER) | (u8::from(digits & inside != 0) * DIGIT);
        if others != 0 {
            return (at + others.trailing_zeros() as usize / 8, has);
        }
        at += 8;
    }
}

/// What a separator that is not ASCII ends.
fn separator(c: char) -> Begins {
    match c {
        '。' | '！' | '？' | '؟' | '।' => Begins::Sentence,
        '“' | '”' | '：' | '，' | '、' => Begins::Clause,
        _ => Begins::Nothing,
    }
}

/// Whether a character that is not ASCII is a letter or digit.
#[inline(always)]
fn is_word(c: char) -> bool {
    match c {
        // What most texts have needs no search in a table.
        '\u{400}'..='\u{481}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{3041}'..='\u{3096}' => true,
        '\u{2010}'..='\u{205e}' | '\u{2190}'..='\u{23ff}' | '\u{2500}'..='\u{275f}' => false,
        _ => c.is_alphanumeric(),
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

    #[test]
    fn letters_are_what_unicode_says() {
        assert_eq!(('\u{80}'..=char::MAX).find(|c| is_word(*c) != c.is_alphanumeric()), None);
    }
}
