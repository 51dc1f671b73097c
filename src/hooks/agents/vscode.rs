//! VS Code with its own agent: `PreToolUse` rewrites when it is asked for; an output cannot be replaced.
//!
//! VS Code approves terminal commands by rules in its settings, which see the rewritten command and cannot be read here.

use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::Payload;
use crate::hooks::setup::{Change, Edit, INSTRUCTIONS, Place, Scope, Wanted};
use crate::hooks::{Leave, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "vscode",
    title: "VS Code",
    rewrites: Rewrites::WhenAsked,
    replaces: false,
    program: Some("code"),
    marks: &[Place::home(".vscode"), Place::config("Code")],
    answering: Some(answer),
    owns: |payload| {
        let is_of_shape = payload.has("timestamp") && payload.has("tool_name") && payload.has("hook_event_name");
        payload.has("hookEventName") || is_of_shape && payload.text("tool_name") != Some("run_shell_command")
    },
    setup,
    afterwards: "hooks need the setting `chat.useHooks`; the Copilot harness of VS Code takes those of `hr init copilot`",
    probes: &[
        r#"{"timestamp":"2026-01-01T00:00:00.000Z","cwd":"/","sessionId":"hr-doctor","hookEventName":"PreToolUse","tool_name":"run_in_terminal","tool_input":{"command":"env","explanation":"","isBackground":false},"tool_use_id":"hr-doctor"}"#,
    ],
};

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    let event = payload.text("hookEventName").or_else(|| payload.text("hook_event_name"));
    match event {
        Some("PreToolUse") => {}
        Some(_) => return Err(Leave::alone("VS Code lets no output be replaced")),
        None => return Err(Leave::puzzled("the payload names no event")),
    }
    if payload.need("tool_name")? != "run_in_terminal" {
        return Err(Leave::alone("it is no shell command"));
    }
    let input = payload.object("tool_input")?;
    if input.get("mode").is_some_and(|mode| mode == "async") {
        return Err(Leave::alone("it runs in the background"));
    }
    let line = shapes::rewritten(shapes::command(input)?, around)?;
    shapes::updated_input(input, line, None)
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    if wanted.rewrite {
        let command = wanted.quoted_command("vscode");
        let value = format!(r#"{{"type":"command","command":{command},"timeout":10}}"#);
        let own = wanted.place(
            Place::moved("COPILOT_HOME", ".copilot", "hooks/hr-vscode.json"),
            Place::project(".github/hooks/hr-vscode.json"),
        );
        edits.push(Edit { place: own, change: Change::Entry { at: &["hooks", "PreToolUse"], value } });
    }
    edits.push(match wanted.scope {
        Scope::Project => {
            Edit { place: Place::project(".github/copilot-instructions.md"), change: Change::Block(INSTRUCTIONS) }
        }
        Scope::User => Edit {
            place: Place::config("Code/User"),
            change: Change::Shown {
                why: "each profile of VS Code has a folder for instructions of its own",
                text: INSTRUCTIONS.into(),
            },
        },
    });
    if wanted.mcp {
        let value = format!(r#"{{"type":"stdio","command":{},"args":[{}]}}"#, wanted.program(), wanted.mcp_args());
        edits.push(match wanted.scope {
            Scope::Project => Edit {
                place: Place::project(".vscode/mcp.json"),
                change: Change::Member { at: &["servers", "hr"], value },
            },
            Scope::User => Edit {
                place: Place::config("Code/User/mcp.json"),
                change: Change::Shown {
                    why: "each profile of VS Code has its own; `MCP: Add Server` writes it",
                    text: value,
                },
            },
        });
    }
    edits
}
