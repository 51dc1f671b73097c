//! The grammar of escape sequences: where one ends, and whether it moves anything.
//!
//! Control strings (titles, links, device strings) end at their terminator and at the end of the line at the latest,
//! so that a broken one costs one line and not the rest of the text.

/// One escape sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape<'a> {
    /// A control sequence: its parameter bytes and its final byte.
    Csi { params: &'a [u8], action: u8 },
    /// A two-byte escape such as `ESC 7`.
    Short(u8),
    /// Something that changes nothing on the screen but colours, titles, modes and character sets.
    Ignored,
    /// Not a sequence: a byte that belongs to the text.
    Byte,
}

/// The longest control string behind an 8-bit introducer; the bound keeps a text full of such bytes linear.
const MAX_BYTE_STRING: usize = 128;

/// Reads the sequence that `text` begins with and its length, at least 1.
///
/// `text` begins with ESC or with an 8-bit introducer. The latter are also letters of legacy encodings: they count
/// only as the start of something complete.
pub(super) fn parse(text: &[u8]) -> (Escape<'_>, usize) {
    match text {
        [0x1B, b'[', ..] => csi(text, 2),
        [0x1B, b']' | b'P' | b'X' | b'^' | b'_', ..] => {
            (Escape::Ignored, string_end(text, 2).unwrap_or_else(|end| end))
        }
        [0x1B, 0x20..=0x2F, ..] => (Escape::Ignored, charset_end(text)),
        [0x1B, action @ 0x30..=0x7E, ..] => (Escape::Short(*action), 2),
        [0x1B, ..] => (Escape::Ignored, 1),
        [0x9B, b'0'..=b'?', ..] => match csi(text, 1) {
            (Escape::Csi { params, action }, length) => (Escape::Csi { params, action }, length),
            _ => (Escape::Byte, 1),
        },
        [0x90 | 0x98 | 0x9D | 0x9E | 0x9F, ..] => match string_end(&text[..text.len().min(MAX_BYTE_STRING)], 1) {
            Ok(length) => (Escape::Ignored, length),
            Err(_) => (Escape::Byte, 1),
        },
        _ => (Escape::Byte, 1),
    }
}

/// Reads a control sequence whose parameters begin at `start`; a broken one is ignored up to where it breaks.
fn csi(text: &[u8], start: usize) -> (Escape<'_>, usize) {
    let params = start + count(&text[start..], 0x30, 0x3F);
    let end = params + count(&text[params..], 0x20, 0x2F);
    match text.get(end) {
        Some(&action @ 0x40..=0x7E) if end == params => (Escape::Csi { params: &text[start..params], action }, end + 1),
        Some(0x40..=0x7E) => (Escape::Ignored, end + 1),
        _ => (Escape::Ignored, end),
    }
}

/// Where a control string ends with its terminator (BEL, `ESC \` or 8-bit ST), else where it breaks off.
fn string_end(text: &[u8], start: usize) -> Result<usize, usize> {
    for (at, &byte) in text.iter().enumerate().skip(start) {
        match byte {
            0x07 => return Ok(at + 1),
            0x1B if text.get(at + 1) == Some(&b'\\') => return Ok(at + 2),
            0x9C if text[at - 1].is_ascii() => return Ok(at + 1),
            0x1B | b'\n' | 0x18 | 0x1A => return Err(at),
            _ => {}
        }
    }
    Err(text.len())
}

/// Where a character set switch such as `ESC ( B` ends.
fn charset_end(text: &[u8]) -> usize {
    let end = 1 + count(&text[1..], 0x20, 0x2F);
    end + usize::from(matches!(text.get(end), Some(0x30..=0x7E)))
}

/// How many bytes from the start lie in a range.
fn count(text: &[u8], low: u8, high: u8) -> usize {
    text.iter().take_while(|&&byte| (low..=high).contains(&byte)).count()
}
