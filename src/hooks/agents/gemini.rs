//! Gemini CLI: `BeforeTool` rewrites. It runs after Gemini CLI checked the command and asked the user, so their rules
//! and questions are about the original.
//!
//! An output could only be replaced by an error, which would make a failure of a success, so it stays.

use serde_json::json;

use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::Payload;
use crate::hooks::setup::{Change, Edit, Place, Wanted};
use crate::hooks::{Did, Leave, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "gemini",
    title: "Gemini CLI",
    rewrites: Rewrites::AfterTheCheck,
    replaces: false,
    program: Some("gemini"),
    marks: &[Place::home(".gemini")],
    answering: Some(answer),
    owns: |payload| matches!(payload.text("hook_event_name"), Some("BeforeTool" | "AfterTool")),
    setup,
    afterwards: "Gemini CLI runs no hooks in a folder that you did not trust (`/permissions`)",
    probes: &[
        r#"{"session_id":"hr-doctor","transcript_path":"","cwd":"/","hook_event_name":"BeforeTool","timestamp":"2026-01-01T00:00:00.000Z","tool_name":"run_shell_command","tool_input":{"command":"env"}}"#,
    ],
};

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    match payload.need("hook_event_name")? {
        "BeforeTool" => {}
        "AfterTool" => return Err(Leave::alone("Gemini CLI lets an output only be replaced by an error")),
        other => return Err(Leave::puzzled(format!("the event `{other}` is not known"))),
    }
    if payload.need("tool_name")? != "run_shell_command" {
        return Err(Leave::alone("it is no shell command"));
    }
    let line = shapes::rewritten(shapes::command(payload.object("tool_input")?)?, around)?;
    // What is here is merged into the arguments.
    let output = json!({"hookEventName": "BeforeTool", "tool_input": {"command": line.as_str()}});
    Ok((json!({ "hookSpecificOutput": output }), Did::Rewritten(line)))
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let settings = || wanted.place(Place::home(".gemini/settings.json"), Place::project(".gemini/settings.json"));
    let value = format!(
        r#"{{"matcher":"^run_shell_command$","hooks":[{{"name":"hr","type":"command","command":{},"timeout":10000}}]}}"#,
        wanted.quoted_command("gemini")
    );
    let mut edits = vec![Edit { place: settings(), change: Change::Entry { at: &["hooks", "BeforeTool"], value } }];
    edits.extend(wanted.mcp_in(settings(), &["mcpServers", "hr"]));
    edits
}
