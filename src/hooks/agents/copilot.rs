//! GitHub Copilot, on the command line and in the cloud: `postToolUse` replaces what a successful command printed.
//!
//! `preToolUse` rewrites when it is asked for: what Copilot may run is told on its command line (`--deny-tool`), where it
//! cannot be read, and would see `hr run`. A hook of that event that fails forbids the tool, so the answer is always 0.

use serde_json::{Map, Value, json};

use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::{Payload, need};
use crate::hooks::setup::{Change, Edit, Place, Scope, Wanted};
use crate::hooks::{Did, Leave, Output, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "copilot",
    title: "GitHub Copilot",
    rewrites: Rewrites::WhenAsked,
    replaces: true,
    program: Some("copilot"),
    marks: &[Place::moved("COPILOT_HOME", ".copilot", "")],
    answering: Some(answer),
    owns: |payload| payload.has("toolName") && payload.has("toolArgs"),
    setup,
    afterwards: "hooks of a repository run after you trusted its folder; those of `.github/hooks` on the default branch run in the cloud",
    probes: &[
        r#"{"sessionId":"hr-doctor","timestamp":1,"cwd":"/","toolName":"bash","toolArgs":{"command":"echo hi"},"toolResult":{"resultType":"success","textResultForLlm":"hi\n<exited with exit code 0>"}}"#,
    ],
};

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    if payload.need("toolName")? != "bash" {
        return Err(Leave::alone("it is no shell command"));
    }
    let arguments = arguments(payload)?;
    match payload.get("toolResult") {
        None => before(&arguments, around),
        Some(_) => after(payload.object("toolResult")?, need(&arguments, "command")?, around),
    }
}

/// The arguments, which some versions send as a string of JSON.
fn arguments(payload: &Payload) -> Result<Map<String, Value>, Leave> {
    let read = |text: &str| serde_json::from_str(text).ok();
    let arguments = match payload.get("toolArgs") {
        Some(Value::Object(arguments)) => Some(arguments.clone()),
        Some(Value::String(text)) => read(text),
        Some(_) | None => None,
    };
    arguments.ok_or_else(|| Leave::puzzled("`toolArgs` is no object"))
}

fn before(arguments: &Map<String, Value>, around: &dyn Surroundings) -> Decided {
    if arguments.get("mode").is_some_and(|mode| mode != "sync") || arguments.get("async") == Some(&Value::Bool(true)) {
        return Err(Leave::alone("it runs in the background"));
    }
    let line = shapes::rewritten(shapes::command(arguments)?, around)?;
    Ok((json!({ "modifiedArgs": shapes::with_command(arguments, &line) }), Did::Rewritten(line)))
}

fn after(result: &Map<String, Value>, command: &str, around: &dyn Surroundings) -> Decided {
    if need(result, "resultType")? != "success" {
        return Err(Leave::alone("another result than success cannot be replaced"));
    }
    let (text, exit_code, last) = ending(need(result, "textResultForLlm")?);
    let compacted =
        shapes::compacted(&Output { command, exit_code, stdout: text, stderr: None, session: None }, around)?;
    let did = shapes::did(&compacted);
    let text = compacted.stdout + last;
    Ok((json!({"modifiedResult": {"resultType": "success", "textResultForLlm": text}}), did))
}

/// The text, the exit status, and the line in which Copilot tells it.
fn ending(text: &str) -> (&str, Option<i32>, &str) {
    let at = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let told = text[at..].trim_end().strip_prefix("<exited with exit code ").and_then(|rest| rest.strip_suffix('>'));
    match told.and_then(|code| code.parse().ok()) {
        Some(code) => (&text[..at], Some(code), &text[at..]),
        None => (text, None, ""),
    }
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let command = wanted.quoted_command("copilot");
    let value =
        format!(r#"{{"type":"command","matcher":"bash","bash":{command},"powershell":{command},"timeoutSec":10}}"#);
    let own = || {
        wanted.place(Place::moved("COPILOT_HOME", ".copilot", "hooks/hr.json"), Place::project(".github/hooks/hr.json"))
    };
    let entry = |at| Edit { place: own(), change: Change::Entry { at, value: value.clone() } };
    let mut edits = vec![Edit { place: own(), change: Change::Given { key: "version", value: "1" } }];
    if wanted.rewrite {
        edits.push(entry(&["hooks", "preToolUse"]));
    }
    edits.push(entry(&["hooks", "postToolUse"]));
    if wanted.mcp {
        let value = format!(
            r#"{{"type":"local","command":{},"args":[{}],"tools":["*"]}}"#,
            wanted.program(),
            wanted.mcp_args()
        );
        edits.push(match wanted.scope {
            Scope::User => Edit {
                place: Place::moved("COPILOT_HOME", ".copilot", "mcp-config.json"),
                change: Change::Member { at: &["mcpServers", "hr"], value },
            },
            Scope::Project => Edit {
                place: Place::project(".github"),
                change: Change::Shown {
                    why: "servers for the cloud are set in the settings of the repository",
                    text: value,
                },
            },
        });
    }
    edits
}
