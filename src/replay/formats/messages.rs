//! Arrays of messages as they go to a provider: Anthropic's, OpenAI's chat completions and responses.

use serde_json::Value;

use super::Format;
use super::codex::item;
use super::transcript::{Transcript, content, text};
use crate::replay::Session;

pub(super) const FORMAT: Format = Format {
    name: "messages",
    summary: "arrays of messages of OpenAI or Anthropic, or request bodies with them",
    is: |document| messages(document).is_some_and(|messages| messages.iter().any(is_message)),
    read,
};

fn is_message(value: &Value) -> bool {
    value["role"].is_string() || value["call_id"].is_string()
}

/// The messages of a document: itself, or what a request has under `messages` or `input`.
fn messages(document: &Value) -> Option<&Vec<Value>> {
    document.as_array().or_else(|| document["messages"].as_array()).or_else(|| document["input"].as_array())
}

fn read(documents: &[Value], name: &str) -> Vec<Session> {
    let read = |(number, document): (usize, &Value)| {
        let name = if documents.len() > 1 { format!("{name}#{}", number + 1) } else { name.to_owned() };
        let mut transcript = Transcript::new(&name, FORMAT.name);
        transcript.told(&content(&document["system"]));
        transcript.told(&content(&document["instructions"]));
        for message in messages(document)? {
            one(&mut transcript, message);
        }
        Some(transcript.finish())
    };
    documents.iter().enumerate().filter_map(read).collect()
}

fn one(transcript: &mut Transcript, message: &Value) {
    match text(message, "role") {
        // OpenAI's responses have calls and their results as items of their own.
        "" => item(transcript, message),
        "tool" | "function" => {
            let id = ["tool_call_id", "name"].into_iter().map(|key| text(message, key)).find(|id| !id.is_empty());
            transcript.returned(id.unwrap_or_default(), None, &content(&message["content"]));
        }
        role => {
            let by_agent = role == "assistant";
            transcript.said(by_agent, text(message, "reasoning_content"));
            anthropic(transcript, by_agent, &message["content"]);
            for call in message["tool_calls"].as_array().into_iter().flatten() {
                function(transcript, text(call, "id"), &call["function"]);
            }
            if message["function_call"].is_object() {
                let call = &message["function_call"];
                function(transcript, text(call, "name"), call);
            }
        }
    }
}

/// A call whose arguments are JSON in a string.
pub(super) fn function(transcript: &mut Transcript, id: &str, function: &Value) {
    let arguments = text(function, "arguments");
    let input = serde_json::from_str(arguments).unwrap_or_else(|_| Value::String(arguments.to_owned()));
    transcript.called(id, text(function, "name"), &input);
}

/// The content of a message of Anthropic's: a text, or blocks of text, thoughts, calls and results.
pub(super) fn anthropic(transcript: &mut Transcript, by_agent: bool, content: &Value) {
    let blocks = match content {
        Value::String(text) => return transcript.said(by_agent, text),
        Value::Array(blocks) => blocks,
        _ => return,
    };
    for block in blocks {
        match text(block, "type") {
            "thinking" => transcript.wrote(text(block, "thinking")),
            "tool_use" | "server_tool_use" => {
                transcript.called(text(block, "id"), text(block, "name"), &block["input"]);
            }
            "tool_result" => {
                let result = self::content(&block["content"]);
                let failed = block["is_error"].as_bool().unwrap_or_default();
                let (exit_code, result) = exit_and_text(&result, failed);
                transcript.returned(text(block, "tool_use_id"), exit_code, result);
            }
            _ => transcript.said(by_agent, text(block, "text")),
        }
    }
}

/// Claude Code tells the exit status of a failed command on a line before its output, and nothing of any other.
fn exit_and_text(result: &str, failed: bool) -> (Option<i32>, &str) {
    let told = |line: &str| line.trim_start_matches("Error: ").strip_prefix("Exit code ")?.trim().parse().ok();
    let (first, rest) = result.split_once('\n').unwrap_or((result, ""));
    match told(first).filter(|_| failed) {
        Some(code) => (Some(code), rest),
        None => (None, result),
    }
}
