//! Codex: a file of lines a session (`sessions/*/*/*/rollout-*.jsonl`), each an item of OpenAI's responses in a wrapper.

use serde_json::Value;

use super::Format;
use super::calls::line;
use super::messages::function;
use super::transcript::{Transcript, content, exit_code, text};
use crate::replay::Session;

pub(super) const FORMAT: Format = Format {
    name: "codex",
    summary: "rollouts of Codex, JSON lines",
    is: |line| {
        let of_items = |kind: &str| kind.starts_with("function_call") || kind.starts_with("local_shell_call");
        matches!(text(line, "type"), "session_meta" | "response_item" | "turn_context") && line["payload"].is_object()
            || of_items(text(line, "type")) && line["call_id"].is_string()
    },
    read,
};

fn read(lines: &[Value], name: &str) -> Vec<Session> {
    let mut transcript = Transcript::new(name, FORMAT.name);
    for line in lines {
        match text(line, "type") {
            "response_item" => item(&mut transcript, &line["payload"]),
            "session_meta" => transcript.told(&content(&line["payload"]["instructions"])),
            "compacted" => transcript.told(text(&line["payload"], "message")),
            // Events repeat what items say, for the screen.
            _ if line["payload"].is_object() => {}
            // Early rollouts have the items without a wrapper.
            _ => item(&mut transcript, line),
        }
    }
    vec![transcript.finish()]
}

/// An item of a response or of its input.
pub(super) fn item(transcript: &mut Transcript, item: &Value) {
    let id = text(item, "call_id");
    match text(item, "type") {
        "message" => transcript.said(text(item, "role") == "assistant", &content(&item["content"])),
        "reasoning" => {
            transcript.wrote(&content(&item["summary"]));
            transcript.wrote(&content(&item["content"]));
        }
        "function_call" => function(transcript, id, item),
        "custom_tool_call" => transcript.called(id, text(item, "name"), &item["input"]),
        "local_shell_call" => {
            let command = line(&item["action"]["command"]).unwrap_or_default();
            transcript.called(id, "shell", &serde_json::json!({ "command": command }));
        }
        "function_call_output" | "custom_tool_call_output" | "local_shell_call_output" => {
            let (code, output) = output(&item["output"]);
            transcript.returned(id, code, &output);
        }
        _ => {}
    }
}

/// What a tool gave back: a text, parts, JSON in a string with the output and the exit status, or a heading and the output.
fn output(value: &Value) -> (Option<i32>, String) {
    let written = match value {
        Value::Object(fields) if fields.contains_key("content") => content(&value["content"]),
        _ => content(value),
    };
    if let Ok(told @ Value::Object(_)) = serde_json::from_str::<Value>(&written)
        && told["output"].is_string()
    {
        return (exit_code(&told["metadata"]["exit_code"]), text(&told, "output").to_owned());
    }
    match headed(&written) {
        Some((code, output)) => (code, output.to_owned()),
        None => (None, written),
    }
}

/// Takes off the heading: lines such as `Exit code: 0` and `Wall time: 0.1 seconds` up to `Output:`.
fn headed(text: &str) -> Option<(Option<i32>, &str)> {
    const KEYS: [&str; 6] = [
        "Exit code: ",
        "Wall time: ",
        "Total output lines: ",
        "Chunk ID: ",
        "Process exited with code ",
        "Original token count: ",
    ];
    let mut code = None;
    let mut rest = text;
    loop {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        if line == "Output:" {
            return Some((code, behind));
        }
        let key = KEYS.iter().find(|key| line.starts_with(**key))?;
        if key.contains("code") {
            code = line[key.len()..].trim().parse().ok();
        }
        rest = behind;
    }
}
