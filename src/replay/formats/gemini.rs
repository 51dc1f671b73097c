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
    let id =
        |call: &Value| [text(call, "id"), text(call, "name")].into_iter().find(|id| !id.is_empty()).map(str::to_owned);
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
    let Some(mut output) = whole.strip_prefix("Output: ").or_else(|| behind_command(&whole)) else {
        return transcript.returned(id, None, &whole);
    };
    let mut code = None;
    while let Some((rest, line)) = output.rsplit_once('\n')
        && BEHIND.iter().any(|key| line.starts_with(key))
    {
        code = code.or_else(|| line.strip_prefix("Exit Code: ")?.trim().parse().ok());
        output = rest;
    }
    transcript.returned(id, code, output);
}

/// What the CLI says behind the output of a command.
const BEHIND: [&str; 5] = ["Error: ", "Exit Code: ", "Signal: ", "Background PIDs: ", "Process Group PGID: "];

/// What follows on the command and its folder, which earlier versions repeat.
fn behind_command(whole: &str) -> Option<&str> {
    let rest = whole.strip_prefix("Command: ")?;
    let (_, rest) = rest.split_once("\nDirectory: ")?;
    let (_, rest) = rest.split_once('\n')?;
    rest.strip_prefix("Output: ").or_else(|| rest.strip_prefix("Stdout: "))
}
