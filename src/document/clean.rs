//! The clean view of a text: what a person would see on the final screen.
//!
//! This module finds what is not plain text and feeds it to the screen; the screen decides what stays. Text that has
//! nothing to clean is recognised in one pass and never copied.

mod escape;
mod width;

use std::borrow::Cow;

use self::escape::Escape;
use super::screen::{MAX_ROWS, Screen, Terminal};

/// A cleaned text.
#[derive(Debug)]
pub struct Cleaned<'a> {
    /// The text without escape sequences and overwritten characters; borrowed when there was nothing to clean.
    pub text: Cow<'a, [u8]>,
    /// For each line of `text` the 0-based raw line it came from; `None` when they are the same.
    pub sources: Option<Vec<u32>>,
}

/// Cleans a text.
///
/// Tabs, NUL bytes, form feeds, field separators (0x1C to 0x1F) and invalid UTF-8 stay; a tab goes only where something
/// was written over it. A cleared screen ends a page and the page stays, as in a terminal's scrollback, unless the next
/// page begins with the same line and so is a later frame of the same display. The alternate screen leaves nothing
/// behind. Time and memory are linear in the length of `raw`, whatever its control sequences ask for.
pub fn clean(raw: &[u8]) -> Cleaned<'_> {
    let Some(first) = find_control(raw) else {
        return Cleaned { text: Cow::Borrowed(raw), sources: None };
    };
    if ends_lines_with_cr(raw) {
        let text = raw.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect::<Vec<_>>();
        let lines = memchr::memchr_iter(b'\n', &text).count() + 1;
        return Cleaned { text: Cow::Owned(text), sources: Some(vec![0; lines]) };
    }
    let start = reachable(&raw[..first]);
    let mut screen = Screen::new(&raw[..start], raw.len(), width::infer(&raw[start..]));
    replay(raw, start, &mut screen);
    let (mut text, sources) = screen.finish();
    if raw.ends_with(b"\n") && text.last().is_some_and(|&last| last != b'\n') {
        text.push(b'\n');
    }
    Cleaned { text: Cow::Owned(text), sources }
}

/// Whether carriage returns end the lines of a text, as on the first Macs: there are several, and nothing else that could
/// end a line or move a cursor. Progress that is printed to the last byte without a line end counts too: as lines, nothing
/// of it is lost.
pub(super) fn ends_lines_with_cr(raw: &[u8]) -> bool {
    memchr::memchr2(b'\n', 0x1B, raw).is_none() && memchr::memchr_iter(b'\r', raw).nth(2).is_some()
}

/// Tells a terminal everything from `at` on.
fn replay(raw: &[u8], mut at: usize, terminal: &mut impl Terminal) {
    while at < raw.len() {
        let end = plain_end(raw, at);
        terminal.write(&raw[at..end]);
        at = end + control(terminal, &raw[end..]);
    }
}

/// Where the last lines begin that cursor movement after `prefix` can still reach.
fn reachable(prefix: &[u8]) -> usize {
    memchr::memrchr_iter(b'\n', prefix).nth(MAX_ROWS - 1).map_or(0, |end| end + 1)
}

/// Carries out the control character or sequence that `rest` begins with; its length in bytes.
fn control(terminal: &mut impl Terminal, rest: &[u8]) -> usize {
    match rest.first() {
        None => return 0,
        Some(b'\n') => terminal.newline(),
        Some(b'\r') => terminal.carriage_return(),
        Some(0x08) => terminal.backspace(),
        Some(0x1B | 0x90..=0x9F) => {
            let (escape, length) = escape::parse(rest);
            match escape {
                Escape::Csi { params, action } => terminal.csi(params, action),
                Escape::Short(action) => terminal.short(action),
                Escape::Ignored => {}
                Escape::Byte => terminal.write(&rest[..length]),
            }
            return length;
        }
        Some(_) => {}
    }
    1
}

/// What a byte is to the search for control characters.
const PLAIN: u8 = 0;
const STOP: u8 = 1;
const INTRODUCER: u8 = 2;

/// The class of every byte value.
static CLASS: [u8; 256] = {
    let mut class = [PLAIN; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = if is_control(byte as u8) || byte == b'\n' as usize || byte == b'\r' as usize {
            STOP
        } else if is_introducer(byte as u8) {
            INTRODUCER
        } else {
            PLAIN
        };
        byte += 1;
    }
    class
};

/// Whether a byte is acted on or invisible on a terminal, wherever it stands; line ends and carriage returns aside.
const fn is_control(byte: u8) -> bool {
    matches!(byte, 0x01..=0x08 | 0x0E..=0x1B | 0x7F)
}

/// Whether a byte, when it follows ASCII, may begin an 8-bit control sequence: CSI, DCS, SOS, OSC, PM, APC.
const fn is_introducer(byte: u8) -> bool {
    matches!(byte, 0x90 | 0x98 | 0x9B | 0x9D | 0x9E | 0x9F)
}

/// Where the plain text of one line ends that begins at `at`.
fn plain_end(text: &[u8], mut at: usize) -> usize {
    while at < text.len() {
        match CLASS[usize::from(text[at])] {
            STOP => break,
            INTRODUCER if at == 0 || text[at - 1].is_ascii() => break,
            _ => at += 1,
        }
    }
    at
}

/// Where the first byte is that needs cleaning; a carriage return before a line end does not.
fn find_control(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 4096;
    let mut start = 0;
    if text.first().is_some_and(|&first| is_introducer(first)) {
        return Some(0);
    }
    while start < text.len() {
        let end = (start + BLOCK).min(text.len());
        // The neighbours of the block's first and last byte are part of what is looked at.
        let from = start.saturating_sub(1);
        let to = (end + 1).min(text.len());
        if block_has_control(&text[from..to])
            && let Some(at) = (start..end).find(|&at| needs_cleaning(text, at))
        {
            return Some(at);
        }
        start = end;
    }
    None
}

/// Whether a block may hold a byte that needs cleaning; without branches, so that it compiles to vector code.
fn block_has_control(block: &[u8]) -> bool {
    let Some(rest) = block.get(1..) else { return false };
    let mut found = 0u8;
    for (&byte, &next) in block.iter().zip(rest) {
        let lone_return = (byte == b'\r') & (next != b'\n');
        let introducer = byte.is_ascii() & (next & 0xF0 == 0x90);
        found |= u8::from(is_control(byte) | lone_return | introducer);
    }
    found != 0 || block.last().is_some_and(|&last| is_control(last) | (last == b'\r'))
}

/// Whether the byte at `at` needs cleaning.
fn needs_cleaning(text: &[u8], at: usize) -> bool {
    let byte = text[at];
    is_control(byte)
        || (byte == b'\r' && text.get(at + 1) != Some(&b'\n'))
        || (is_introducer(byte) && (at == 0 || text[at - 1].is_ascii()))
}
