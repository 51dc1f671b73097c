//! Cursor: `preToolUse` rewrites when it is asked for; what a command printed cannot be replaced.
//!
//! Cursor's lists of commands that run without a question see the rewritten command, and are partly in a database. An
//! answer with a permission would approve on the user's behalf, so there is none; one that Cursor cannot read blocks the
//! tool.

use serde_json::json;

use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::Payload;
use crate::hooks::setup::{Change, Edit, INSTRUCTIONS, OWN_INSTRUCTIONS, Place, Scope, Wanted};
use crate::hooks::{Did, Leave, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "cursor",
    title: "Cursor",
    rewrites: Rewrites::WhenAsked,
    replaces: false,
    program: Some("cursor-agent"),
    marks: &[Place::home(".cursor")],
    answering: Some(answer),
    owns: |payload| payload.has("cursor_version") || payload.has("conversation_id") && payload.has("generation_id"),
    setup,
    afterwards: "",
    probes: &[
        r#"{"conversation_id":"hr-doctor","generation_id":"hr-doctor","model":"","hook_event_name":"preToolUse","cursor_version":"2.0.0","workspace_roots":["/"],"tool_name":"Shell","tool_input":{"command":"env","cwd":"/"},"tool_use_id":"hr-doctor"}"#,
    ],
};

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    if payload.need("hook_event_name")? != "preToolUse" {
        return Err(Leave::alone("only `preToolUse` is answered"));
    }
    if payload.need("tool_name")? != "Shell" {
        return Err(Leave::alone("it is no shell command"));
    }
    let input = payload.object("tool_input")?;
    let line = shapes::rewritten(shapes::command(input)?, around)?;
    Ok((json!({ "updated_input": shapes::with_command(input, &line) }), Did::Rewritten(line)))
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    if wanted.rewrite {
        let hooks = || wanted.place(Place::home(".cursor/hooks.json"), Place::project(".cursor/hooks.json"));
        let command = wanted.quoted_command("cursor");
        let value = format!(r#"{{"command":{command},"matcher":"Shell","timeout":10}}"#);
        edits.push(Edit { place: hooks(), change: Change::Given { key: "version", value: "1" } });
        edits.push(Edit { place: hooks(), change: Change::Entry { at: &["hooks", "preToolUse"], value } });
    }
    edits.push(match wanted.scope {
        Scope::Project => Edit {
            place: Place::project(".cursor/rules/hr.mdc"),
            change: Change::Own(format!(
                "---\ndescription: what hr leaves out, and how to get it\nalwaysApply: true\n---\n{OWN_INSTRUCTIONS}"
            )),
        },
        Scope::User => Edit {
            place: Place::home(".cursor"),
            change: Change::Shown {
                why: "Cursor keeps the user's own rules in its settings (`Rules`)",
                text: INSTRUCTIONS.into(),
            },
        },
    });
    edits.extend(wanted.mcp_in(
        wanted.place(Place::home(".cursor/mcp.json"), Place::project(".cursor/mcp.json")),
        &["mcpServers", "hr"],
    ));
    edits
}
