//! A text as pieces between separators, and what each is the first of.

use std::ops::Range;

use super::codes::SHORTEST_BASE64;
use super::vocabulary::load;

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

/// The pieces of a text between separators.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    Pieces::new(text).map(move |piece| &text[piece.at..piece.end])
}

/// What a piece has in it.
pub(super) const LETTER: u8 = 1;
pub(super) const DIGIT: u8 = 2;
pub(super) const OTHER_LETTER: u8 = 4;
pub(super) const JOINED: u8 = 8;
pub(super) const IDEOGRAPH: u8 = 0x10;

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
pub(super) struct Piece {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) begins: Begins,
    pub(super) has: u8,
}

impl Piece {
    #[inline(always)]
    pub(super) fn is_letter(&self, text: &str) -> bool {
        match self.end - self.at {
            1 => self.has == LETTER,
            2 if self.has == OTHER_LETTER => text[self.at..self.end].chars().all(char::is_alphabetic),
            _ => false,
        }
    }
}

/// Cuts a text into pieces.
pub(super) struct Pieces<'t> {
    text: &'t str,
    at: usize,
    /// Where the characters begin that can be one run of base64.
    code: usize,
    pub(super) codes: Vec<Range<usize>>,
}

impl<'t> Pieces<'t> {
    pub(super) fn new(text: &'t str) -> Self {
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
    pub(super) fn end_code(&mut self, at: usize) {
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

    #[test]
    fn letters_are_what_unicode_says() {
        assert_eq!(('\u{80}'..=char::MAX).find(|c| is_word(*c) != c.is_alphanumeric()), None);
    }
}
