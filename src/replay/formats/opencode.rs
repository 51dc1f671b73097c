//! OpenCode and Kilo: what `opencode export` writes: a session with its messages and their parts.

use serde_json::Value;

use super::Format;
use super::transcript::{Transcript, content, exit_code, text};
use crate::replay::Session;

pub(super) const FORMAT: Format = Format {
    name: "opencode",
    summary: "exports of OpenCode (`opencode export`), and its messages with parts",
    is: |document| messages(document).is_some_and(|messages| messages.iter().any(is_message)),
    read,
};

fn is_message(value: &Value) -> bool {
    value["info"]["role"].is_string() && value["parts"].is_array()
}

fn messages(document: &Value) -> Option<&Vec<Value>> {
    document.as_array().or_else(|| document["messages"].as_array())
}

fn read(documents: &[Value], name: &str) -> Vec<Session> {
    let mut transcript = Transcript::new(name, FORMAT.name);
    for message in documents.iter().filter_map(messages).flatten().filter(|message| is_message(message)) {
        let by_agent = text(&message["info"], "role") == "assistant";
        for part in message["parts"].as_array().into_iter().flatten() {
            match text(part, "type") {
                "tool" => tool(&mut transcript, part),
                "text" | "reasoning" => transcript.said(by_agent, text(part, "text")),
                _ => {}
            }
        }
    }
    vec![transcript.finish()]
}

fn tool(transcript: &mut Transcript, part: &Value) {
    let (id, state) = (text(part, "callID"), &part["state"]);
    transcript.called(id, text(part, "tool"), &state["input"]);
    let given = ["output", "error"].iter().map(|key| content(&state[*key])).find(|text| !text.is_empty());
    if matches!(text(state, "status"), "completed" | "error") {
        transcript.returned(id, exit_code(&state["metadata"]["exit"]), &given.unwrap_or_default());
    }
}
