//! Qwen Code: `PreToolUse` rewrites. It runs after Qwen Code checked the command and asked the user, so their rules and
//! questions are about the original. Versions that take no changed input run the original.

use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::Payload;
use crate::hooks::setup::{Change, Edit, Place, Wanted};
use crate::hooks::{Leave, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "qwen",
    title: "Qwen Code",
    rewrites: Rewrites::AfterTheCheck,
    replaces: false,
    program: Some("qwen"),
    marks: &[Place::home(".qwen")],
    answering: Some(answer),
    owns: |payload| {
        payload.text("tool_name") == Some("run_shell_command")
            && matches!(payload.text("hook_event_name"), Some("PreToolUse" | "PostToolUse"))
    },
    setup,
    afterwards: "",
    probes: &[
        r#"{"session_id":"hr-doctor","transcript_path":"","cwd":"/","hook_event_name":"PreToolUse","timestamp":"2026-01-01T00:00:00.000Z","permission_mode":"default","tool_name":"run_shell_command","tool_input":{"command":"env","is_background":false},"tool_use_id":"hr-doctor"}"#,
    ],
};

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    match payload.need("hook_event_name")? {
        "PreToolUse" => {}
        "PostToolUse" => return Err(Leave::alone("Qwen Code lets no output be replaced")),
        other => return Err(Leave::puzzled(format!("the event `{other}` is not known"))),
    }
    if payload.need("tool_name")? != "run_shell_command" {
        return Err(Leave::alone("it is no shell command"));
    }
    let input = payload.object("tool_input")?;
    let line = shapes::rewritten(shapes::command(input)?, around)?;
    shapes::updated_input(input, line, None)
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let settings = || wanted.place(Place::home(".qwen/settings.json"), Place::project(".qwen/settings.json"));
    let value = format!(
        r#"{{"matcher":"^(run_shell_command|Shell|Bash)$","hooks":[{{"name":"hr","type":"command","command":{},"timeout":10000}}]}}"#,
        wanted.quoted_command("qwen")
    );
    let mut edits = vec![Edit { place: settings(), change: Change::Entry { at: &["hooks", "PreToolUse"], value } }];
    edits.extend(wanted.mcp_in(settings(), &["mcpServers", "hr"]));
    edits
}
