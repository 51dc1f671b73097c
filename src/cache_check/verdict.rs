//! Whether a prompt is stable, by the thresholds of the known detector: what the gateway says in its headers.

use std::fmt;
use std::rc::Rc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::finding::Severity;
use super::look::{Beginning, Options};
use super::prompt::{BEGINNING, Prompt, Role};
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

impl Verdict {
    /// Counts the findings of a prompt that are more than notes.
    pub fn of(prompt: &Prompt<'_>, findings: &[Finding], thresholds: &Thresholds) -> Self {
        let counted = findings.iter().filter(|finding| finding.severity > Severity::Note);
        Self::counted(prompt, counted.map(|finding| (finding.check, finding.times)), thresholds)
    }

    /// The same without findings, which takes less time. `recall` gives the verdict of a hash: what it remembers of the
    /// same options, or what the function makes.
    pub fn alone(
        prompt: &Prompt<'_>,
        options: &Options,
        recall: impl FnOnce([u8; 32], &dyn Fn() -> Self) -> Rc<Self>,
    ) -> Rc<Self> {
        let beginning = Beginning::of(prompt);
        let mut hash = blake3::Hasher::new();
        beginning.add_to(&mut hash);
        prefix(prompt).for_each(|piece| _ = hash.update(piece));
        recall(*hash.finalize().as_bytes(), &|| Self::counted(prompt, beginning.tally(options), &options.thresholds))
    }

    /// Of how often which check found something.
    fn counted(
        prompt: &Prompt<'_>,
        found: impl IntoIterator<Item = (&'static str, usize)>,
        thresholds: &Thresholds,
    ) -> Self {
        let found = found.into_iter().map(|(name, times)| (Check::named(name).and_then(|check| check.counted), times));
        let found = found.collect::<Vec<_>>();
        let count =
            |what: Counted| found.iter().filter(|(counted, _)| *counted == Some(what)).map(|(_, times)| times).sum();
        let (uuids, timestamps): (usize, usize) = (count(Counted::Uuid), count(Counted::Timestamp));
        let (jwts, hashes): (usize, usize) = (count(Counted::Jwt), count(Counted::Hash));
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

/// The beginning of the system text; of a request without one, of its first part.
fn prefix<'p>(prompt: &'p Prompt<'_>) -> impl Iterator<Item = &'p [u8]> {
    let has_system = prompt.parts.iter().any(|part| part.role == Role::System);
    let parts = prompt.parts.iter().filter(move |part| part.role == Role::System || !has_system);
    parts.scan(BEGINNING, |left, part| {
        let piece = &part.text.as_bytes()[..part.text.len().min(*left)];
        *left -= piece.len();
        Some(piece)
    })
}

fn prefix_hash(prompt: &Prompt<'_>) -> String {
    let mut hash = Sha256::new();
    prefix(prompt).for_each(|piece| hash.update(piece));
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cache_check::{Form, check};
    use crate::json::Tape;

    #[test]
    fn a_verdict_without_findings_is_the_same() {
        let uuid = "6f1c7f0e-5a4b-4f3a-9d2e-0b1c2d3e4f50";
        let breakpoint = r#","cache_control":{"type":"ephemeral"}"#;
        let text = |text: &str, more: &str| format!(r#"[{{"type":"text","text":"{text}"{more}}}]"#);
        let filler = "x \\n ".repeat(500);
        // What one prompt is remembered by must not be what another one is.
        let mut remembered = BTreeMap::new();
        let mut recall =
            |hash, make: &dyn Fn() -> Verdict| Rc::clone(remembered.entry(hash).or_insert_with(|| Rc::new(make())));
        for system in [String::new(), uuid.into(), format!("{filler} 2025-09-24T07:34:55Z {uuid}")] {
            for (first, later) in [("", ""), (breakpoint, ""), ("", breakpoint), (breakpoint, breakpoint)] {
                for role in ["assistant", "user"] {
                    let request = format!(
                        r#"{{"model":"claude","system":{},"messages":[{{"role":"user","content":{}}},
                        {{"role":"{role}","content":"\u00e9 {uuid}"}},{{"role":"user","content":{}}}]}}"#,
                        text(&system, first),
                        text(&format!("Now: 2025-09-24 {uuid}"), ""),
                        text(&format!("a\\tb {uuid}"), later),
                    );
                    let options = Options::default();
                    let prompt = Prompt::read(&request, Form::Json).unwrap().remove(0);
                    let expected = Verdict::of(&prompt, &check(&prompt, &options), &options.thresholds);
                    let tape = Rc::new(Tape::read(request.as_bytes()).unwrap());
                    let beginning = Prompt::beginning(&request, &tape).unwrap();
                    assert_eq!(*Verdict::alone(&beginning, &options, &mut recall), expected, "{request}");
                }
            }
        }
    }
}
