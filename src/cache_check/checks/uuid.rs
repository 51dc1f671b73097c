//! A UUID in the prefix.
//!
//! A UUID made for a request or a session differs in every one, and the cached prefix ends in front of it. Found are UUIDs
//! of any version and of Microsoft's variant, with or without braces, a `urn:uuid:` in front, or capitals. The nil UUID
//! and digits that only count up are placeholders and pass.
//!
//! Example: `Session: 0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e` as the second line of a system prompt makes every request pay
//! for the whole prompt.
//!
//! What to do: move it behind the last cache breakpoint, into the first user message, or leave it out. An identifier that
//! never changes is allowed with `hr-allow: uuid` on its line.

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Counted, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "uuid",
    severity: Severity::Error,
    advice: "move it below the cache breakpoint, into a user message, or leave it out",
    counted: Some(Counted::Uuid),
    is_secret: false,
    source: documented!("uuid.rs"),
    look: Look::Text(look),
};

/// How long the plain form is, and where its first dash stands.
const LENGTH: usize = 36;
const DASH: usize = 8;

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    let bytes = text.bytes();
    let mut free = 0;
    for dash in memchr::memchr_iter(b'-', bytes) {
        let Some(start) = dash.checked_sub(DASH).filter(|start| *start >= free) else { continue };
        let end = start + LENGTH;
        let is_edge = |byte: Option<u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if end > bytes.len() || bytes[end - 13] != b'-' || !is_edge(text.left(start)) || !is_edge(text.right(end)) {
            continue;
        }
        let parsed = text.text.get(start..end).and_then(|form| uuid::Uuid::try_parse(form).ok());
        if parsed.is_some_and(|uuid| !is_placeholder(uuid.as_bytes())) {
            spots.push(Spot::at(start..end));
            free = end;
        }
    }
}

/// Whether it is made of few different digits, or counts.
fn is_placeholder(bytes: &[u8; 16]) -> bool {
    let mut digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect::<Vec<_>>();
    let counts = digits.windows(2).filter(|two| two[1] == (two[0] + 1) % 10 || two[1] == two[0] + 1).count();
    if counts >= 24 {
        return true;
    }
    digits.sort_unstable();
    digits.dedup();
    digits.len() < 5
}
