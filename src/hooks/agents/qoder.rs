//! Qoder and CodeBuddy, which took the hooks of Claude Code: `PostToolUse` replaces what a command printed. An output may
//! be a plain string there.
//!
//! Whether they check a command before or after its hooks ran is not known, so nothing is rewritten.

use serde_json::{Value, json};

use super::claude_code::is_like;
use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::{Payload, need};
use crate::hooks::setup::{Change, Edit, Place, Wanted};
use crate::hooks::{Leave, Output, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "qoder",
    title: "Qoder",
    rewrites: Rewrites::Never,
    replaces: true,
    program: Some("qodercli"),
    marks: &[Place::home(".qoder")],
    answering: Some(answer),
    owns: is_like,
    setup: |wanted| {
        setup(
            wanted,
            "qoder",
            wanted.place(Place::home(".qoder/settings.json"), Place::project(".qoder/settings.json")),
        )
    },
    afterwards: "",
    probes: &[PROBE],
};

pub(super) const CODEBUDDY: Agent = Agent {
    name: "codebuddy",
    title: "CodeBuddy",
    program: Some("codebuddy"),
    marks: &[Place::home(".codebuddy")],
    setup: |wanted| {
        let place = wanted.place(Place::home(".codebuddy/settings.json"), Place::project(".codebuddy/settings.json"));
        setup(wanted, "codebuddy", place)
    },
    ..AGENT
};

const PROBE: &str = r#"{"session_id":"hr-doctor","transcript_path":"","cwd":"/","hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"command":"echo hi"},"tool_response":"hi"}"#;

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    if payload.need("hook_event_name")? != "PostToolUse" || payload.need("tool_name")? != "Bash" {
        return Err(Leave::alone("only the output of shell commands is replaced"));
    }
    let command = need(payload.object("tool_input")?, "command")?;
    let response = payload.get("tool_response");
    let stdout = match response {
        Some(Value::String(text)) => text,
        Some(Value::Object(response)) => need(response, "stdout")?,
        Some(_) | None => return Err(Leave::puzzled("`tool_response` is neither a string nor an object")),
    };
    let compacted =
        shapes::compacted(&Output { command, exit_code: None, stdout, stderr: None, session: None }, around)?;
    let did = shapes::did(&compacted);
    let output = match response {
        Some(Value::Object(response)) => {
            let mut response = response.clone();
            response.insert("stdout".into(), compacted.stdout.into());
            Value::Object(response)
        }
        Some(_) | None => compacted.stdout.into(),
    };
    Ok((json!({"hookSpecificOutput": {"hookEventName": "PostToolUse", "updatedToolOutput": output}}), did))
}

fn setup(wanted: &Wanted<'_>, agent: &str, settings: Place) -> Vec<Edit> {
    let value = format!(
        r#"{{"matcher":"Bash","hooks":[{{"type":"command","command":{},"timeout":10}}]}}"#,
        wanted.quoted_command(agent)
    );
    vec![Edit { place: settings, change: Change::Entry { at: &["hooks", "PostToolUse"], value } }]
}
