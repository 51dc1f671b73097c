//! Strings that are too long, or bytes in disguise: their ends stay, the middle is counted.

use crate::render::marker;

/// Encoded bytes of this length and more say nothing to a reader.
const ENCODED: usize = 256;

/// What stays of encoded bytes, enough to know them by.
const ENCODED_HEAD: usize = 24;

/// A marker costs about this many bytes: a cut that saves less is not made.
const WORTH: usize = 40;

/// A string without its middle, when it is longer than `most` bytes, or encoded bytes that are to be left out.
pub(super) fn shortened(inside: &[u8], most: usize, encoded_too: bool) -> Option<Vec<u8>> {
    if encoded_too && let Some(head) = encoded(inside) {
        let mut short = inside[..head].to_vec();
        short.extend_from_slice(marker::encoded_left_out(inside.len() - head).as_bytes());
        return Some(short);
    }
    if inside.len() <= most.saturating_add(WORTH) {
        return None;
    }
    let (head, tail) = boundaries(inside, most * 3 / 4, inside.len() - most / 4);
    let mut short = inside[..head].to_vec();
    short.extend_from_slice(marker::bytes_left_out(tail - head).as_bytes());
    short.extend_from_slice(&inside[tail..]);
    Some(short)
}

/// How much of a string to keep when it is base64, hexadecimal digits or a data URI.
fn encoded(inside: &[u8]) -> Option<usize> {
    let head = match memchr::memmem::find(&inside[..inside.len().min(100)], b";base64,") {
        Some(at) if inside.starts_with(b"data:") => at + 8,
        _ => 0,
    };
    let body = &inside[head..];
    if body.len() < ENCODED {
        return None;
    }
    // Line ends within base64 are escapes; words of a language are not this long.
    let is_code = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'\\');
    let mixed = body[..ENCODED].iter().any(u8::is_ascii_digit) && body[..ENCODED].iter().any(u8::is_ascii_alphabetic);
    let paths = body[..ENCODED].iter().filter(|byte| matches!(byte, b'/' | b'-' | b'_')).count() > ENCODED / 8;
    (mixed && !paths && body.iter().all(is_code)).then_some(())?;
    let keep = body[..ENCODED_HEAD].iter().position(|byte| *byte == b'\\').unwrap_or(ENCODED_HEAD);
    Some(head + keep)
}

/// The last place up to `head` and the first from `tail` on that split no character and no escape.
fn boundaries(inside: &[u8], head: usize, tail: usize) -> (usize, usize) {
    let (mut at, mut before) = (0, 0);
    while at < inside.len() {
        if at <= head {
            before = at;
        }
        if at >= tail {
            return (before, at);
        }
        at += unit(&inside[at..]);
    }
    (before, inside.len())
}

/// The length of the character or escape that a text begins with; a pair of surrogates is one.
fn unit(text: &[u8]) -> usize {
    let goes_on = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    match text {
        [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _, b'\\', b'u', _, _, _, _, ..] => 12,
        [b'\\', b'u', ..] => 6,
        [b'\\', ..] => 2,
        _ => 1 + (1..4).take_while(|at| goes_on(*at)).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(inside: &str, most: usize) -> Option<String> {
        shortened(inside.as_bytes(), most, true).map(|short| String::from_utf8(short).unwrap())
    }

    #[test]
    fn ends_stay_and_nothing_is_split() {
        assert_eq!(short("short", 3), None);
        let text = "\u{e9}".repeat(50) + &r"\ud83d\ude00".repeat(20);
        for most in 0..80 {
            let short = short(&text, most).unwrap();
            let (head, tail) = short.split_once("[hr: ").unwrap();
            let (count, tail) = tail.split_once(" bytes cut]").unwrap();
            assert_eq!(head.len() + tail.len() + count.parse::<usize>().unwrap(), text.len());
            assert!(tail.len() % 12 == 0 && text.starts_with(head), "{short}");
        }
    }

    #[test]
    fn encoded_bytes_are_known_by_their_head() {
        let code = "iVBORw0KGgoAAAANSUhEUgAA".repeat(20);
        let data = format!("data:image/png;base64,{code}");
        assert_eq!(
            short(&data, 9999).unwrap(),
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA[hr: 456 encoded bytes cut]"
        );
        assert_eq!(short(&"a word and another 1 ".repeat(20), 9999), None);
        assert_eq!(short(&"/usr/lib/x86/".repeat(30), 9999), None);
    }
}
