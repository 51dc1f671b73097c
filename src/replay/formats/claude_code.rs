//! Claude Code: a file of lines a session (`projects/*/*.jsonl`), subagents within it or in files of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Format;
use super::messages::anthropic;
use super::transcript::{Transcript, text};
use crate::replay::Session;

pub(super) const FORMAT: Format = Format {
    name: "claude-code",
    summary: "transcripts of Claude Code, JSON lines",
    is: |line| matches!(text(line, "type"), "user" | "assistant") && !line["message"]["content"].is_null(),
    read,
};

fn read(lines: &[Value], name: &str) -> Vec<Session> {
    // A subagent has a context of its own; a resumed session repeats lines.
    let mut contexts: BTreeMap<String, Transcript> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut is_new = |line: &Value| line["uuid"].as_str().is_none_or(|id| seen.insert(id.to_owned()));
    for line in lines.iter().filter(|line| (FORMAT.is)(line) && is_new(line)) {
        let side = line["isSidechain"].as_bool().unwrap_or_default();
        let key = if side { format!("{name}#{}", side_name(line)) } else { name.to_owned() };
        let transcript = contexts.entry(key.clone()).or_insert_with(|| Transcript::new(&key, FORMAT.name));
        let message = &line["message"];
        anthropic(transcript, text(message, "role") == "assistant", &message["content"]);
    }
    contexts.into_values().map(Transcript::finish).collect()
}

fn side_name(line: &Value) -> &str {
    match text(line, "agentId") {
        "" => "sidechain",
        id => id,
    }
}
