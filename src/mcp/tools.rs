//! The table of tools: names, descriptions and parameters, as the model reads them.
//!
//! The order is that of the names, and every schema is made of the table in the order in which it is written, so that the
//! bytes are the same in every process.

use serde_json::{Map, Value, json};

use super::{Answer, Arguments, CAPS, Refusal, search, show, stats};
use crate::store::Store;

/// A tool as it is offered.
#[derive(Debug)]
pub struct Tool {
    /// What it is called by.
    pub name: &'static str,
    /// What it does, in one or two sentences.
    pub description: &'static str,
    /// What can be said, in the order of the names.
    pub parameters: &'static [Parameter],
    /// Whether it changes nothing but what `hr` itself keeps.
    pub is_read_only: bool,
    pub(super) answer: Answering,
}

/// How a tool comes to its answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answering {
    /// From what is stored.
    FromStore(fn(&Arguments<'_>, &dyn Store, u64) -> Result<Answer, Refusal>),
    /// By running a command.
    ByRunning,
}

/// What can be said in a call.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether a call without it has no answer.
    pub is_required: bool,
    /// What it is for, in a few words.
    pub description: &'static str,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A text.
    Text,
    /// A whole number within a range.
    Number(usize, usize),
    /// Yes or no.
    Flag,
}

/// All tools.
pub static TOOLS: &[Tool] = &[
    Tool {
        name: "hr_run",
        description: "Run a shell command and get its output compacted, with the exit status. What is left out stays \
                      available to hr_show.",
        parameters: &[
            Parameter { is_required: true, ..text("command", "Shell command line") },
            text("cwd", "Folder to run it in"),
            number("max_tokens", CAPS, "Longest answer; default 2000"),
            text("query", "Words you look for; lines about them stay"),
            number("timeout", super::run::TIMEOUTS, "Seconds until it is stopped; default 120"),
        ],
        is_read_only: false,
        answer: Answering::ByRunning,
    },
    Tool {
        name: "hr_search",
        description: "Search the originals of all compacted outputs, newest first. Give query or grep.",
        parameters: &[
            text("command", "Only outputs of commands that contain this"),
            text("grep", "Regular expression"),
            number("limit", (1, 50), "Most outputs to show; default 5"),
            number("max_tokens", CAPS, "Longest answer; default 2000"),
            text("query", "Words; ranked by how many are found together"),
        ],
        is_read_only: true,
        answer: Answering::FromStore(search::answer),
    },
    Tool {
        name: "hr_show",
        description: "Get the original of a compacted output, or parts of it. The handle stands in its last line, \
                      `[hr show HANDLE: ...]`; without one, recent outputs are listed.",
        parameters: &[
            number("context", (0, 100), "Lines around each match of grep; default 0"),
            text("grep", "Only lines that match this regular expression, with line numbers"),
            text("handle", "Handle, its first digits, or `last`"),
            text("lines", "Only these lines: 40-171, 40-, -20 (last 20), 1-3,9"),
            number("max_tokens", CAPS, "Longest answer; default 2000"),
            number("page", (1, 1_000_000), "Page of a long result, from 1"),
            text("query", "Only the parts most about these words, with line numbers"),
            flag("stderr", "Standard error, when it was recorded apart"),
        ],
        is_read_only: true,
        answer: Answering::FromStore(show::answer),
    },
    Tool {
        name: "hr_stats",
        description: "How many outputs are kept, how large and old they are, and how many tokens were saved.",
        parameters: &[],
        is_read_only: true,
        answer: Answering::FromStore(stats::answer),
    },
];

const fn text(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, takes: Takes::Text, is_required: false, description }
}

const fn number(name: &'static str, range: (usize, usize), description: &'static str) -> Parameter {
    Parameter { name, takes: Takes::Number(range.0, range.1), is_required: false, description }
}

const fn flag(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, takes: Takes::Flag, is_required: false, description }
}

impl Tool {
    /// The JSON Schema of its arguments; keys are sorted.
    pub fn schema(&self) -> Map<String, Value> {
        let properties: Map<String, Value> =
            self.parameters.iter().map(|parameter| (parameter.name.to_owned(), parameter.schema())).collect();
        let required: Vec<&str> =
            self.parameters.iter().filter(|parameter| parameter.is_required).map(|parameter| parameter.name).collect();
        let mut schema = Map::new();
        schema.insert("additionalProperties".to_owned(), json!(false));
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        schema.insert("type".to_owned(), json!("object"));
        schema
    }
}

impl Parameter {
    fn schema(&self) -> Value {
        let description = self.description;
        match self.takes {
            Takes::Text => json!({ "description": description, "type": "string" }),
            Takes::Number(least, most) => {
                json!({ "description": description, "maximum": most, "minimum": least, "type": "integer" })
            }
            Takes::Flag => json!({ "description": description, "type": "boolean" }),
        }
    }
}
