//! Whether a prompt is stable, by the thresholds of the known detector: what the gateway says in its headers.

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::finding::Severity;
use super::prompt::{Prompt, Role};
use super::{Check, Finding};
use crate::render::marker::counted;

/// What the verdict counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// UUIDs.
    Uuid,
    /// Dates and times of all forms.
    Timestamp,
    /// JSON web tokens.
    Jwt,
    /// Hashes in hexadecimal digits.
    Hash,
}

/// From how many on a prompt is unstable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// UUIDs; default 3.
    pub uuid: usize,
    /// Dates and times; default 3.
    pub timestamp: usize,
    /// JSON web tokens; default 1.
    pub jwt: usize,
    /// Hashes; default 3.
    pub hash: usize,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { uuid: 3, timestamp: 3, jwt: 1, hash: 3 }
    }
}

/// What was counted, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// `stable` or `unstable`.
    pub verdict: &'static str,
    /// Findings by kind.
    pub uuids: usize,
    /// Dates and times.
    pub timestamps: usize,
    /// JSON web tokens.
    pub jwts: usize,
    /// Hashes.
    pub hashes: usize,
    /// The first 2,000 bytes of the system text, as the first 16 hexadecimal digits of their SHA-256.
    pub prefix_hash: String,
}

/// How many bytes of the system text the hash of the prefix takes in.
const HASHED: usize = 2000;

impl Verdict {
    /// Counts the findings of a prompt that are more than notes.
    pub fn of(prompt: &Prompt<'_>, findings: &[Finding], thresholds: &Thresholds) -> Self {
        let count = |counted: Counted| {
            let is_counted = |finding: &&Finding| {
                finding.severity > Severity::Note
                    && Check::named(finding.check).is_some_and(|check| check.counted == Some(counted))
            };
            findings.iter().filter(is_counted).map(|finding| finding.times).sum::<usize>()
        };
        let (uuids, timestamps) = (count(Counted::Uuid), count(Counted::Timestamp));
        let (jwts, hashes) = (count(Counted::Jwt), count(Counted::Hash));
        let unstable = uuids >= thresholds.uuid
            || timestamps >= thresholds.timestamp
            || jwts >= thresholds.jwt
            || hashes >= thresholds.hash;
        let verdict = if unstable { "unstable" } else { "stable" };
        Self { verdict, uuids, timestamps, jwts, hashes, prefix_hash: prefix_hash(prompt) }
    }

    /// Whether too much of it changes.
    pub fn is_unstable(&self) -> bool {
        self.verdict == "unstable"
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verdict, uuids, timestamps, jwts, hashes, prefix_hash } = self;
        let counts = [(uuids, "uuids"), (timestamps, "timestamps"), (jwts, "jwts"), (hashes, "hashes")];
        let counts = counts.map(|(count, what)| counted(*count, what)).join(", ");
        write!(f, "{verdict}: {counts}; prefix {prefix_hash}")
    }
}

/// The hash of the beginning of the system text; of a request without one, of its first part.
fn prefix_hash(prompt: &Prompt<'_>) -> String {
    let has_system = prompt.parts.iter().any(|part| part.role == Role::System);
    let parts = prompt.parts.iter().filter(|part| part.role == Role::System || !has_system);
    let mut hash = Sha256::new();
    let mut left = HASHED;
    for part in parts {
        let bytes = &part.text.as_bytes()[..part.text.len().min(left)];
        hash.update(bytes);
        left -= bytes.len();
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
