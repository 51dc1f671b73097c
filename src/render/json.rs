//! The JSON form: one object on one line.

use serde::Serialize;

use crate::compaction::Dropped;
use crate::pipeline::Compaction;

/// What a program reads. Lines are 1-based ranges of the raw input, tokens are estimates.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: u32,
    text: String,
    facts: serde_json::Map<String, serde_json::Value>,
    kind: &'a str,
    rule: Option<&'a str>,
    exit_code: Option<i32>,
    handle: Option<&'a str>,
    dropped: &'a [Dropped],
    lines: Counts,
    bytes: Counts,
    tokens: Counts,
    form: &'a str,
}

#[derive(Debug, Serialize)]
struct Counts {
    before: usize,
    after: usize,
}

/// Renders a compaction as one JSON object and a line end. Bytes that are not UTF-8 become U+FFFD in `text`.
pub fn render(compaction: &Compaction) -> Vec<u8> {
    let facts = compaction.facts.iter().map(|(name, value)| {
        let number = value.parse::<i64>().map(serde_json::Value::from);
        (name.clone(), number.unwrap_or_else(|_| value.clone().into()))
    });
    let answer = Answer {
        schema: 1,
        text: String::from_utf8_lossy(&compaction.text).into_owned(),
        facts: facts.collect(),
        kind: compaction.kind.name(),
        rule: compaction.rule.as_deref(),
        exit_code: compaction.exit_code,
        handle: compaction.handle.as_deref(),
        dropped: &compaction.dropped,
        lines: Counts { before: compaction.lines.0, after: compaction.lines.1 },
        bytes: Counts { before: compaction.bytes.0, after: compaction.bytes.1 },
        tokens: Counts { before: compaction.tokens.0, after: compaction.tokens.1 },
        form: compaction.form.name(),
    };
    // The answer holds only strings and numbers, which always serialise.
    let mut out = serde_json::to_vec(&answer).unwrap_or_default();
    out.push(b'\n');
    out
}
