//! Writes a session down while a format is read: what was said, which call a result belongs to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::calls;
use crate::replay::{Event, Output, Session};

/// A session that is being read.
#[derive(Debug)]
pub(super) struct Transcript {
    session: Session,
    calls: BTreeMap<String, (String, Option<String>, bool)>,
}

impl Transcript {
    pub fn new(name: &str, agent: &'static str) -> Self {
        let session = Session { name: name.to_owned(), agent, events: Vec::new() };
        Self { session, calls: BTreeMap::new() }
    }

    /// Something the agent was told.
    pub fn told(&mut self, text: &str) {
        if !text.is_empty() {
            self.session.events.push(Event::Told(text.to_owned()));
        }
    }

    /// Something the agent wrote.
    pub fn wrote(&mut self, text: &str) {
        if !text.is_empty() {
            self.session.events.push(Event::Wrote(text.to_owned()));
        }
    }

    /// A text of either side.
    pub fn said(&mut self, by_agent: bool, text: &str) {
        if by_agent { self.wrote(text) } else { self.told(text) }
    }

    /// A call of a tool.
    pub fn called(&mut self, id: &str, tool: &str, input: &Value) {
        let command = calls::command(tool, input);
        let mut text = format!("{tool}\n");
        calls::spell(input, None, &mut text);
        self.wrote(&text);
        self.calls.insert(id.to_owned(), (tool.to_owned(), command, calls::is_shell(tool)));
    }

    /// What a call gave back; a call that was not recorded has no command.
    pub fn returned(&mut self, id: &str, exit_code: Option<i32>, text: &str) {
        let (tool, command, by_shell) = self.calls.get(id).cloned().unwrap_or_default();
        let output = Output { tool, command, by_shell, exit_code, text: text.to_owned() };
        self.session.events.push(Event::Printed(output));
    }

    pub fn finish(self) -> Session {
        self.session
    }
}

/// The string of a key; empty when there is none.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The text of a content that is a string, or parts some of which have one, joined.
pub(super) fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str().or_else(|| part.as_str()));
            texts.collect::<Vec<_>>().join("\n")
        }
        Value::Object(_) => text(value, "text").to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

/// A number as an exit status.
pub(super) fn exit_code(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|code| i32::try_from(code).ok())
}
