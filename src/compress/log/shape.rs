//! The shape of a message: its words with their variable parts masked, as the template miner compares them.
//!
//! Numbers, hashes, addresses, uuids, times and paths are masked before anything is compared. In a failure only the digits
//! are: which file, which code and which name failed is what the reader wants to know.

use super::header::{Header, Level};

/// How many words of a message are compared one by one; the rest counts as one word.
pub const WORDS: usize = 96;

/// How much of a line has a shape, in bytes.
const REACH: usize = 4096;

/// The masked words of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shape {
    /// A hash of each word.
    pub words: Vec<u64>,
    /// How many of them stand before the message: component, process, level.
    pub lead: usize,
    /// Whether the event is a failure.
    pub failure: bool,
    /// The level, as a part of the shape.
    pub level: Option<Level>,
}

impl Shape {
    /// The shape of a line.
    pub fn of(line: &[u8], header: &Header, failure: bool) -> Self {
        let line = &line[..line.len().min(REACH)];
        let mut words = Vec::with_capacity(24);
        let mut lead = 0;
        let thread = header.thread.start.min(line.len())..header.thread.end.min(line.len());
        let parts = [(header.time.end.min(line.len()), thread.start), (thread.end, line.len())];
        // Before the time stands who wrote it.
        mask_words(&line[..header.time.start.min(line.len())], failure, &mut words);
        let parts = if thread.is_empty() { [(parts[0].0, line.len()), (0, 0)] } else { parts };
        for (start, end) in parts {
            let message = header.message.clamp(start.min(end), end.max(start));
            if start < message {
                mask_words(&line[start..message], failure, &mut words);
                lead = words.len();
            }
            if message < end {
                mask_words(&line[message..end], failure, &mut words);
            }
        }
        if words.len() > WORDS {
            let rest = words.drain(WORDS - 1..).fold(BASIS, mix);
            words.push(rest);
        }
        Self { lead: lead.min(words.len()), words, failure, level: header.level }
    }

    /// A hash of all of it.
    pub fn hash(&self) -> u64 {
        self.words.iter().fold(mix(BASIS, self.level.map_or(9, |level| level as u64)), |hash, word| mix(hash, *word))
    }
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// Adds a value to a hash (FNV-1a over words, with a shift so that high bits count).
pub fn mix(hash: u64, value: u64) -> u64 {
    let hash = (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3);
    hash ^ (hash >> 29)
}

/// Splits a text into words and adds the hash of each, masked.
fn mask_words(text: &[u8], failure: bool, words: &mut Vec<u64>) {
    let ends = |byte: u8| matches!(byte, b' ' | b'\t' | b',' | b';' | b'{' | b'}' | b'|' | b'=');
    for chunk in text.split(|byte| ends(*byte)) {
        if !chunk.is_empty() {
            words.push(mask_chunk(chunk, failure));
        }
    }
}

/// The hash of a word with everything that varies masked.
fn mask_chunk(chunk: &[u8], failure: bool) -> u64 {
    let mut hash = BASIS;
    let mut at = 0;
    while at < chunk.len() {
        let len = chunk[at..].iter().take_while(|byte| is_word(**byte)).count();
        if len == 0 {
            hash = mix(hash, u64::from(chunk[at]));
            at += 1;
            continue;
        }
        let word = &chunk[at..at + len];
        let port = chunk.get(at + len) == Some(&b':') && chunk.get(at + len + 1).is_some_and(u8::is_ascii_digit);
        hash = if port && !failure && word.contains(&b'.') { mix(hash, HOST) } else { mask_word(word, failure, hash) };
        at += len;
    }
    hash
}

/// Whether a byte belongs to a word that is masked as one: words, numbers, paths, versions, uuids.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'/' | b'-' | b'.' | b'+' | b'@' | b'%' | b'~')
        || byte >= 0x80
}

const NUMBER: u64 = 0x100;
const PATH: u64 = 0x101;
/// A host before its port.
const HOST: u64 = 0x102;

fn mask_word(word: &[u8], failure: bool, hash: u64) -> u64 {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let slashes = word.iter().filter(|byte| **byte == b'/').count();
    if !failure && slashes > 0 && (slashes > 1 || digits > 0 || matches!(word[0], b'/' | b'.' | b'~')) && word.len() > 1
    {
        return mix(hash, PATH);
    }
    let hex = word.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'.' | b'x' | b'+' | b'%'));
    let numbers = word.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty()).count();
    let id =
        numbers > 1 && !word.contains(&b'.') && slashes == 0 && word.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let random =
        id || digits * 2 >= word.len() || word.len() >= 12 && digits >= 3 && slashes == 0 || word[0].is_ascii_digit();
    // `E404` and `TS2304` are names.
    let code = failure
        && word[0].is_ascii_uppercase()
        && word.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
    if digits > 0 && (hex || random) && !(code && word.len() <= 10) {
        return mix(hash, NUMBER);
    }
    let mut hash = hash;
    let mut in_number = false;
    for &byte in word {
        let digit = byte.is_ascii_digit() && !code;
        if !(digit && in_number) {
            hash = mix(hash, if digit { NUMBER } else { u64::from(byte) });
        }
        in_number = digit;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_masked_and_what_names_a_failure_is_not() {
        for (one, other, failure, same) in [
            ("worker-12 took 3.5ms", "worker-7 took 13.25ms", false, true),
            ("read /a/b 200", "read /c 404", false, true),
            ("cannot read /a/b", "cannot read /c", true, false),
            ("cannot read /a/b1", "cannot read /a/b2", true, true),
            ("failed with E404", "failed with E500", true, false),
            ("id 3f9a1c2b-0000-4000-8000-000000000000", "id 11111111-2222-3333-4444-555555555555", false, true),
            ("user alice", "user bob", false, false),
            ("flags=0x1,uid=12", "flags=0xff, uid=9", false, true),
        ] {
            let shape = |line: &str| Shape::of(line.as_bytes(), &Header::default(), failure);
            assert_eq!(shape(one) == shape(other), same, "{one} / {other}");
        }
    }
}
