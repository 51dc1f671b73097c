//! What agents record, read into [`Session`]s: one file a format, one table.

mod calls;
mod claude_code;
mod codex;
mod gemini;
mod messages;
mod opencode;
mod steps;
mod transcript;

use std::fmt;

#[cfg(feature = "gateway")]
pub(crate) use calls::command;
use serde_json::Value;

use super::Session;

/// A way to record sessions.
#[derive(Debug)]
pub struct Format {
    /// Its name, which is the agent's where one agent has it.
    pub name: &'static str,
    /// What it is, on one line.
    pub summary: &'static str,
    /// Whether a document, or a line of several, is of this format.
    pub is: fn(&Value) -> bool,
    /// Reads the documents of a file.
    pub read: fn(&[Value], &str) -> Vec<Session>,
}

/// The formats; the first that knows a line of a file reads it, so those with more to tell them by come first.
pub static FORMATS: &[Format] =
    &[claude_code::FORMAT, codex::FORMAT, opencode::FORMAT, gemini::FORMAT, steps::FORMAT, messages::FORMAT];

/// Why a file gave no session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no JSON and no lines of JSON.
    NotJson,
    /// It is JSON of another shape.
    Unknown,
    /// It has no tool result.
    Empty,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJson => "neither JSON nor lines of JSON",
            Self::Unknown => "JSON, but no session of a known format",
            Self::Empty => "a session without tool results",
        })
    }
}

/// How many documents of a file are looked at to tell its format: headers and settings come first.
const LOOKED_AT: usize = 50;

/// Reads the sessions of a file, those without a tool result left out.
pub fn read(text: &str, name: &str) -> Result<Vec<Session>, Unreadable> {
    let documents = documents(text);
    if documents.is_empty() {
        return Err(Unreadable::NotJson);
    }
    let head = &documents[..documents.len().min(LOOKED_AT)];
    let format = FORMATS.iter().find(|format| head.iter().any(format.is)).ok_or(Unreadable::Unknown)?;
    let mut sessions = (format.read)(&documents, name);
    sessions.retain(|session| session.outputs().next().is_some());
    if sessions.is_empty() { Err(Unreadable::Empty) } else { Ok(sessions) }
}

/// The documents of a text: one, or one a line. A line that is cut off, as of a session that still runs, is left out.
fn documents(text: &str) -> Vec<Value> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Ok(whole) = serde_json::from_str::<Value>(text) {
        return if whole.is_object() || whole.is_array() { vec![whole] } else { Vec::new() };
    }
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(Value::is_object).collect()
}
