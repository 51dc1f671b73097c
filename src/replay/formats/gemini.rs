//! Gemini: chats that Gemini CLI records (`tmp/*/chats/*.json`), and arrays of contents as its API takes them.

use serde_json::Value;

use super::Format;
use super::transcript::{Transcript, content, text};
use crate::replay::Session;

pub(super) const FORMAT: Format = Format {
    name: "gemini",
    summary: "chats of Gemini CLI, and contents of the Gemini API",
    is: |document| is_turn(document) || turns(document).is_some_and(|turns| turns.iter().any(is_turn)),
    read,
};

fn is_turn(value: &Value) -> bool {
    value["parts"].is_array() && value["info"].is_null()
        || text(value, "type") == "gemini" && !value["content"].is_null()
}

/// The turns of a document: itself, or what a chat has under `messages`, a checkpoint under `history`, a request under `contents`.
fn turns(document: &Value) -> Option<&Vec<Value>> {
    let of = |key: &str| document[key].as_array();
    document.as_array().or_else(|| of("messages")).or_else(|| of("history")).or_else(|| of("contents"))
}

fn read(documents: &[Value], name: &str) -> Vec<Session> {
    let mut transcript = Transcript::new(name, FORMAT.name);
    for document in documents {
        match turns(document) {
            Some(turns) => turns.iter().for_each(|turn| one(&mut transcript, turn)),
            None => one(&mut transcript, document),
        }
    }
    vec![transcript.finish()]
}

fn one(transcript: &mut Transcript, turn: &Value) {
    if let Some(parts) = turn["parts"].as_array() {
        parts.iter().for_each(|each| part(transcript, text(turn, "role") == "model", each));
        return;
    }
    let by_agent = text(turn, "type") == "gemini";
    for thought in turn["thoughts"].as_array().into_iter().flatten() {
        transcript.said(by_agent, text(thought, "description"));
    }
    transcript.said(by_agent, &content(&turn["content"]));
    for call in turn["toolCalls"].as_array().into_iter().flatten() {
        let id = text(call, "id");
        transcript.called(id, text(call, "name"), &call["args"]);
        let results = call["result"].as_array().into_iter().flatten();
        let response = results.map(|result| &result["functionResponse"]["response"]).find(|value| !value.is_null());
        returned(transcript, id, response.unwrap_or(&call["resultDisplay"]));
    }
}

fn part(transcript: &mut Transcript, by_agent: bool, part: &Value) {
    let id = |call: &Value| [text(call, "id"), text(call, "name")].into_iter().find(|id| !id.is_empty()).map(str::to_owned);
    let (call, response) = (&part["functionCall"], &part["functionResponse"]);
    if call.is_object() {
        transcript.called(&id(call).unwrap_or_default(), text(call, "name"), &call["args"]);
    } else if response.is_object() {
        returned(transcript, &id(response).unwrap_or_default(), &response["response"]);
    } else {
        transcript.said(by_agent, text(part, "text"));
    }
}

/// What a tool gave back: its output, behind the lines that the CLI puts around that of a command.
fn returned(transcript: &mut Transcript, id: &str, response: &Value) {
    let whole = ["output", "error", "content"].iter().map(|key| &response[*key]).find(|value| !value.is_null());
    let whole = content(whole.unwrap_or(response));
    let line = |key: &str| whole.lines().find_map(|line| line.strip_prefix(key));
    let code = line("Exit Code: ").and_then(|code| code.trim().parse().ok());
    let output = whole.split_once("\nOutput: ").or_else(|| whole.split_once("\nStdout: "));
    let Some((head, output)) = output.filter(|(head, _)| head.starts_with("Command: ") && !head.contains("\n\n")) else {
        return transcript.returned(id, code, &whole);
    };
    debug_assert!(head.len() < whole.len());
    const BEHIND: [&str; 5] = ["\nStderr: ", "\nError: ", "\nExit Code: ", "\nSignal: ", "\nBackground PIDs: "];
    let end = BEHIND.iter().filter_map(|key| output.rfind(key)).min().unwrap_or(output.len());
    transcript.returned(id, code, &output[..end]);
}
