//! Factory Droid: `PreToolUse` rewrites; an output cannot be replaced.
//!
//! Droid checks the rewritten command, so its lists are evaluated here on the original: what the deny list names stays,
//! what the allow list names runs without a question as before. Everything else is rewritten only where Droid asks nothing.

use serde_json::Value;

use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::Payload;
use crate::hooks::permission::{Pattern, UserRules, Verdict};
use crate::hooks::setup::{Change, Edit, Place, Wanted};
use crate::hooks::{Leave, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "droid",
    title: "Factory Droid",
    rewrites: Rewrites::ByTheUsersRules,
    replaces: false,
    program: Some("droid"),
    marks: &[Place::home(".factory")],
    answering: Some(answer),
    owns: |payload| payload.text("tool_name") == Some("Execute"),
    setup,
    afterwards: "",
    probes: &[
        r#"{"session_id":"hr-doctor","transcript_path":"","cwd":"/","permission_mode":"auto-high","hook_event_name":"PreToolUse","tool_name":"Execute","tool_input":{"command":"env"}}"#,
    ],
};

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    match payload.need("hook_event_name")? {
        "PreToolUse" => {}
        "PostToolUse" => return Err(Leave::alone("Droid lets no output be replaced")),
        other => return Err(Leave::puzzled(format!("the event `{other}` is not known"))),
    }
    if payload.need("tool_name")? != "Execute" {
        return Err(Leave::alone("it is no shell command"));
    }
    let input = payload.object("tool_input")?;
    let line = shapes::command(input)?;
    let rewritten = shapes::rewritten(line, around)?;
    let decision = match (user_rules(around)?.verdict(line), payload.text("permission_mode")) {
        (Verdict::Held, _) => return Err(Leave::alone("a rule of the user is about it")),
        (Verdict::Allowed, _) => Some("allow"),
        (Verdict::Open, Some("auto-high" | "bypassPermissions")) => None,
        (Verdict::Open, _) => return Err(Leave::alone("the user may be asked about it, and is to see it as it is")),
    };
    shapes::updated_input(input, rewritten, decision)
}

fn user_rules(around: &dyn Surroundings) -> Result<UserRules, Leave> {
    let mut rules = UserRules::default();
    for place in [Place::home(".factory/settings.json"), Place::project(".factory/settings.json")] {
        let unreadable = |why: String| Leave::puzzled(format!("the user's rules cannot be read: {why}"));
        let Some(text) = around.file(&place).map_err(unreadable)? else { continue };
        let settings: Value = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        let list = |key: &str| {
            let commands = settings[key].as_array().into_iter().flatten().filter_map(Value::as_str);
            commands.map(Pattern::read).collect::<Vec<_>>()
        };
        rules.allow.extend(list("commandAllowlist"));
        rules.hold.extend(list("commandDenylist"));
    }
    Ok(rules)
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let hooks = wanted.place(Place::home(".factory/hooks.json"), Place::project(".factory/hooks.json"));
    let value = format!(
        r#"{{"matcher":"Execute","hooks":[{{"type":"command","command":{},"timeout":10}}]}}"#,
        wanted.quoted_command("droid")
    );
    let mut edits = vec![Edit { place: hooks, change: Change::Entry { at: &["PreToolUse"], value } }];
    edits.extend(wanted.mcp_in(
        wanted.place(Place::home(".factory/mcp.json"), Place::project(".factory/mcp.json")),
        &["mcpServers", "hr"],
    ));
    edits
}
