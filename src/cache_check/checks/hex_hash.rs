//! A hash in hexadecimal digits.
//!
//! Commits, digests and checksums (32, 40 or 64 digits: MD5, SHA-1, SHA-256) follow what they are taken of: a commit of
//! the working tree changes with every commit. Digits of one kind or that only count up are placeholders and pass.
//!
//! Example: `Workspace HEAD: c692a6ce67e62c088a7c801c7e1cd68971caf84a`.
//!
//! What to do: move it behind the last cache breakpoint; allow what is pinned with `hr-allow: hex-hash`.

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Counted, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "hex-hash",
    severity: Severity::Error,
    advice: "move it below the cache breakpoint, or allow it when it is pinned",
    counted: Some(Counted::Hash),
    is_secret: false,
    source: documented!("hex_hash.rs"),
    look: Look::Text(look),
};

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    for word in text.words.iter().filter(|word| matches!(word.len(), 32 | 40 | 64)) {
        // What is pinned by its hash, or linked to, does not move.
        let before = text.before(word.start, 8);
        let is_link = before.ends_with(['@', '/']);
        if !is_link && is_hexadecimal(text.word(*word)) {
            let spot = Spot::at(word.range());
            spots.push(if before.ends_with("sha256:") { spot.with(Severity::Note) } else { spot });
        }
    }
}

/// Whether it is made of many hexadecimal digits, letters among them, all small or all capital.
pub(super) fn is_hexadecimal(word: &str) -> bool {
    let bytes = word.as_bytes();
    let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
    let of_one_case = !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase));
    let mut kinds = bytes.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let counts = bytes.windows(2).filter(|two| two[1] == two[0] + 1).count() * 2 > bytes.len();
    bytes.iter().all(u8::is_ascii_hexdigit)
        && of_one_case
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && kinds.len() >= 6
        && !counts
}
