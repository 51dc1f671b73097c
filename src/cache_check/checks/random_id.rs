//! An identifier that is drawn anew for each request or session.
//!
//! Found by structure: ULIDs, KSUIDs and CUIDs whose time of birth is plausible, identifiers with the marks of providers
//! (`req_…`, `chatcmpl-…`, `msg_…`), and what stands behind the words request id, session id, trace id and the like when
//! it is mixed as chance mixes letters and digits (nanoids among them).
//!
//! Example: `Conversation id: V1StGXR8_Z5jdHi6B-myT`.
//!
//! What to do: move it behind the last cache breakpoint, into metadata of the request, or leave it out.

use crate::cache_check::finding::Spot;
use crate::cache_check::survey::Word;
use crate::cache_check::{Check, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "random-id",
    severity: Severity::Error,
    advice: "move it below the cache breakpoint, or into the metadata of the request",
    counted: None,
    is_secret: false,
    source: documented!("random_id.rs"),
    look: Look::Text(look),
};

/// What identifiers of providers begin with.
const MARKS: [&str; 14] = [
    "req", "sess", "session", "chatcmpl", "resp", "msg", "run", "thread", "conv", "trace", "gen", "toolu", "call",
    "usr",
];

/// What is drawn anew: the words before `id`.
const DRAWN: [&str; 13] = [
    "request",
    "session",
    "trace",
    "correlation",
    "conversation",
    "run",
    "transaction",
    "thread",
    "chat",
    "job",
    "execution",
    "invocation",
    "instance",
];

/// From 2010 to 2040, in seconds.
const BORN: std::ops::Range<u64> = 1_262_000_000..2_209_000_000;

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    let mut free = 0;
    for word in &text.words {
        if word.start < free {
            continue;
        }
        let found = marked(text, *word).or_else(|| named(text, *word)).or_else(|| {
            let form = text.word(*word);
            (is_ulid(form) || is_ksuid(form) || is_cuid(form)).then(|| Spot::at(word.range()))
        });
        if let Some(spot) = found {
            free = spot.range.end;
            spots.push(spot);
        }
    }
}

/// `req_011CSHoEeqs5C35K2UUqR7Fy`, `chatcmpl-9nZ3bJk2hQw8xY7vT6sR5qP4oN3mL`.
fn marked(text: &Text<'_>, word: Word) -> Option<Spot> {
    text.left(word.start).filter(|byte| b"_-".contains(byte))?;
    let mark_end = word.start - 1;
    let start = mark_end - text.run_before(mark_end, |byte| byte.is_ascii_alphabetic());
    let is_mark = MARKS.contains(&&text.text[start..mark_end]);
    let edge = text.left(start).is_none_or(|byte| !b"_-./".contains(&byte) && !byte.is_ascii_alphanumeric());
    (is_mark && edge && word.len() >= 16 && is_mixed(text.word(word))).then(|| Spot::at(start..word.end))
}

/// What stands behind `session id:` or `"trace_id": "`.
fn named(text: &Text<'_>, word: Word) -> Option<Spot> {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let start = word.start - text.run_before(word.start, is_inside);
    let end = word.end + text.run_from(word.end, is_inside);
    let before = text.before(start, 40);
    let label = before.trim_end_matches([' ', ':', '=', '"', '\'', '`', '*', '#', '(', '<', '>']);
    if label.len() == before.len() || end - start < 8 || !is_mixed(&text.text[start..end]) {
        return None;
    }
    let label = label.strip_suffix(" is").unwrap_or(label);
    let label = label.strip_suffix("id")?.trim_end_matches([' ', '_', '-']);
    DRAWN.iter().any(|drawn| label.ends_with(drawn)).then(|| Spot::at(start..end))
}

/// Whether letters and digits are mixed as chance mixes them.
fn is_mixed(id: &str) -> bool {
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let letters = id.bytes().filter(u8::is_ascii_alphabetic).count();
    let mut kinds = id.bytes().collect::<Vec<_>>();
    kinds.sort_unstable();
    kinds.dedup();
    digits >= 2 && letters >= 2 && kinds.len() * 2 >= id.len().min(14) && !id.contains("123")
}

/// 26 digits of Crockford's base 32, the first ten of which are a plausible time in milliseconds.
fn is_ulid(word: &str) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let value = |byte: &u8| DIGITS.iter().position(|digit| digit == byte).map(|at| at as u64);
    let values = word.bytes().map(|byte| value(&byte)).collect::<Option<Vec<_>>>();
    values.filter(|values| values.len() == 26).is_some_and(|values| {
        let time = values[..10].iter().fold(0, |time, value| time << 5 | value);
        BORN.contains(&(time / 1000)) && is_mixed(word)
    })
}

/// 27 digits of base 62 that hold 20 bytes, the first four of which are seconds since May 2014.
fn is_ksuid(word: &str) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if word.len() != 27 || !is_mixed(word) {
        return false;
    }
    // The number in base 62 as twenty bytes.
    let mut bytes = [0u8; 20];
    for digit in word.bytes() {
        let Some(value) = DIGITS.iter().position(|known| *known == digit) else { return false };
        let mut carry = value as u32;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 62;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return false;
        }
    }
    let seconds = u64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])) + 1_400_000_000;
    (1_400_000_000 + 31_536_000..BORN.end).contains(&seconds)
}

/// `c` and 24 digits of base 36, of which the first eight are a plausible time in milliseconds.
fn is_cuid(word: &str) -> bool {
    let body = word.strip_prefix('c').filter(|body| body.len() == 24 && is_mixed(body));
    let time = body.and_then(|body| u64::from_str_radix(&body[..8], 36).ok());
    let is_small = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    is_small && time.is_some_and(|time| BORN.contains(&(time / 1000)))
}
