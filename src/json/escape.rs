//! Strings of JSON as text, and the way back from a place in the text to the bytes of the string.

use std::borrow::Cow;

/// The text of a string between its quotes; what no text can be (half a surrogate pair) becomes U+FFFD.
pub(crate) fn decoded(inside: &str) -> Cow<'_, str> {
    let next = |rest: &str| memchr::memchr(b'\\', rest.as_bytes());
    if next(inside).is_none() {
        return Cow::Borrowed(inside);
    }
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = next(rest) {
        text.push_str(&rest[..at]);
        let (letter, length) = escape(&rest[at..]);
        text.push(letter);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Finds where in a string the bytes of its text stand, going on from the place before.
#[derive(Debug)]
pub(crate) struct Places<'s> {
    inside: &'s str,
    /// A byte of the string, and the byte of the text that stands there.
    raw: usize,
    text: usize,
    /// Whether backslashes are escapes.
    is_escaped: bool,
}

impl<'s> Places<'s> {
    /// For a string with escapes, or one that is its own text.
    pub(crate) fn new(inside: &'s str, is_escaped: bool) -> Self {
        Self { inside, raw: 0, text: 0, is_escaped }
    }

    /// Where a byte of the text stands; none may be asked for that is before the last.
    pub(crate) fn of(&mut self, at: usize) -> usize {
        if !self.is_escaped {
            return at;
        }
        while let Some(next) = memchr::memchr(b'\\', &self.inside.as_bytes()[self.raw..]) {
            let (letter, length) = escape(&self.inside[self.raw + next..]);
            if self.text + next + letter.len_utf8() > at {
                break;
            }
            self.raw += next + length;
            self.text += next + letter.len_utf8();
        }
        // An escape stands for all bytes of its letter.
        let plain = memchr::memchr(b'\\', &self.inside.as_bytes()[self.raw..]).unwrap_or(self.inside.len() - self.raw);
        self.raw + (at - self.text.min(at)).min(plain)
    }
}

/// The letter that an escape stands for, and how long the escape is.
fn escape(text: &str) -> (char, usize) {
    let unit = |at: usize| text.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let letter = match text.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            let Some(first) = unit(2) else { return (char::REPLACEMENT_CHARACTER, text.len().min(2)) };
            let second = if text.get(6..8) == Some("\\u") { unit(8) } else { None };
            return match (first, second) {
                (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
                    let letter = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
                    (letter.unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
                (first, _) => (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
            };
        }
        Some(other) if other.is_ascii() => char::from(*other),
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (letter, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_text_are_places_in_the_string() {
        let inside = r#"a\n\u00e9\ud83d\ude00 "b\" \ud800x\\ end"#;
        let text = decoded(inside);
        assert_eq!(text, "a\né😀 \"b\" \u{fffd}x\\ end");
        for (letter, raw) in [("a", 0), ("\n", 1), ("é", 3), ("😀", 9), (" ", 21), ("x", 33), ("end", 37)] {
            assert_eq!(Places::new(inside, true).of(text.find(letter).unwrap()), raw, "{letter}");
        }
        let mut places = Places::new(inside, true);
        assert_eq!([0, 1, 2, text.len()].map(|at| places.of(at)), [0, 1, 3, inside.len()]);
        assert_eq!((decoded("plain"), Places::new("a\\b", false).of(2)), (Cow::Borrowed("plain"), 2));
    }
}
