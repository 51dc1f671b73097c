//! Strings of JSON as text, and the way back from a place in the text to the bytes of the string.

use std::borrow::Cow;

/// The text of a string between its quotes; what no text can be (half a surrogate pair) becomes U+FFFD.
pub(super) fn decoded(inside: &str) -> Cow<'_, str> {
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (letter, length) = escape(&rest[at..]);
        text.push(letter);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Where in the string the byte of its text stands.
pub(super) fn place(inside: &str, at: usize) -> usize {
    let (mut raw, mut text) = (0, 0);
    while let Some(next) = inside[raw..].find('\\') {
        if text + next > at {
            break;
        }
        let (letter, length) = escape(&inside[raw + next..]);
        if text + next + letter.len_utf8() > at {
            return raw + next;
        }
        raw += next + length;
        text += next + letter.len_utf8();
    }
    (raw + (at - text.min(at))).min(inside.len())
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
        assert_eq!(text, "a\né😀 \"b\" \u{fffd}x\\ end".replace("\"b", "\"b"));
        for (letter, raw) in [("a", 0), ("\n", 1), ("é", 3), ("😀", 9), (" ", 21), ("x", 33), ("end", 37)] {
            assert_eq!(place(inside, text.find(letter).unwrap()), raw, "{letter}");
        }
        assert_eq!(place(inside, text.len()), inside.len());
        assert_eq!((decoded("plain"), place("plain", 3)), (Cow::Borrowed("plain"), 3));
    }
}
