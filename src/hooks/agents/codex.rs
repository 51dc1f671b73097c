//! Codex: `PostToolUse` replaces what any command printed, in the way that leaves the call a success. It runs outside of
//! the sandbox, in which `hr run` could not keep originals, so it is what is set up.
//!
//! `PreToolUse` rewrites when it is asked for. Codex takes a rewritten command only beside `allow`, which waives nothing:
//! its own approval follows. That approval sees `hr run`, so commands that the user's `.rules` name stay.

use serde_json::{Value, json};

use super::{Agent, Decided, Rewrites, Surroundings};
use crate::hooks::payload::{Payload, need};
use crate::hooks::permission::words;
use crate::hooks::setup::{Change, Edit, Place, Scope, Wanted};
use crate::hooks::{Leave, Output, shapes};
use crate::tokens;

pub(super) const AGENT: Agent = Agent {
    name: "codex",
    title: "Codex",
    rewrites: Rewrites::WhenAsked,
    replaces: true,
    program: Some("codex"),
    marks: &[Place::moved("CODEX_HOME", ".codex", "")],
    answering: Some(answer),
    owns: |payload| payload.has("turn_id") && payload.has("model") && payload.has("hook_event_name"),
    setup,
    afterwards: "Codex runs a hook only after you trusted it: start `codex` and enter `/hooks`",
    probes: &[
        r#"{"session_id":"hr-doctor","turn_id":"hr-doctor","transcript_path":null,"cwd":"/","hook_event_name":"PostToolUse","model":"hr-doctor","permission_mode":"default","tool_name":"Bash","tool_input":{"command":"echo hi"},"tool_response":"hi","tool_use_id":"hr-doctor"}"#,
    ],
};

/// What is longer is cut by Codex to its head and tail, without a word about what was in between.
const MOST_TOKENS: usize = 2300;

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    let event = payload.need("hook_event_name")?;
    if payload.need("tool_name")? != "Bash" {
        return Err(Leave::alone("it is no shell command"));
    }
    match event {
        "PreToolUse" => before(payload, around),
        "PostToolUse" => after(payload, around),
        other => Err(Leave::puzzled(format!("the event `{other}` is not known"))),
    }
}

fn before(payload: &Payload, around: &dyn Surroundings) -> Decided {
    let input = payload.object("tool_input")?;
    let line = shapes::command(input)?;
    let rewritten = shapes::rewritten(line, around)?;
    if payload.text("permission_mode") != Some("bypassPermissions") {
        shapes::unless_it_only_reads(line)?;
    }
    if rules(around)?.iter().any(|rules| is_named(line, rules)) {
        return Err(Leave::alone("a rule of the user is about it"));
    }
    shapes::updated_input(input, rewritten, Some("allow"))
}

/// The rules of the user, of the project and of the administrator.
fn rules(around: &dyn Surroundings) -> Result<Vec<String>, Leave> {
    let unreadable = |why| Leave::puzzled(format!("the user's rules cannot be read: {why}"));
    let mut rules = Vec::new();
    for folder in
        [Place::moved("CODEX_HOME", ".codex", "rules"), Place::project(".codex/rules"), Place::root("/etc/codex/rules")]
    {
        rules.extend(around.files(&folder, ".rules", usize::MAX).map_err(unreadable)?);
    }
    rules.extend(around.file(&Place::root("/etc/codex/requirements.toml")).map_err(unreadable)?);
    Ok(rules)
}

/// Whether rules name a word of the line, in whatever way: in doubt they do.
fn is_named(line: &str, rules: &str) -> bool {
    let names = |word: &String| rules.contains(&format!("\"{word}\"")) || rules.contains(&format!("'{word}'"));
    words(line).is_none_or(|words| words.iter().any(names))
}

fn after(payload: &Payload, around: &dyn Surroundings) -> Decided {
    let command = need(payload.object("tool_input")?, "command")?;
    let Some(text) = payload.get("tool_response").and_then(Value::as_str) else {
        return Err(Leave::puzzled("the payload has no string `tool_response`"));
    };
    // What Codex cut already keeps the line that says so.
    let (warning, rest) = cut_by_codex(text);
    let compacted =
        shapes::compacted(&Output { command, exit_code: None, stdout: rest, stderr: None, session: None }, around)?;
    if tokens::estimate(compacted.stdout.as_bytes()) > MOST_TOKENS {
        return Err(Leave::alone("what is left is longer than Codex shows whole"));
    }
    let did = shapes::did(&compacted);
    let reason = format!("{warning}{}", compacted.stdout);
    Ok((json!({"continue": false, "stopReason": "output compacted by hr", "reason": reason}), did))
}

/// The lines at the beginning with which Codex says that it cut the output, and the rest.
fn cut_by_codex(text: &str) -> (&str, &str) {
    let line = text.find('\n').map_or(text.len(), |end| end + 1);
    let is_warning =
        |line: &str| line.starts_with("Warning: truncated output") || line.starts_with("Total output lines:");
    if !is_warning(&text[..line]) {
        return ("", text);
    }
    let second = text[line..].find('\n').map_or(line, |end| line + end + 1);
    let end = if is_warning(&text[line..second]) { second } else { line };
    text.split_at(end)
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let hooks =
        || wanted.place(Place::moved("CODEX_HOME", ".codex", "hooks.json"), Place::project(".codex/hooks.json"));
    let hook = format!(
        r#"{{"matcher":"^Bash$","hooks":[{{"type":"command","command":{},"timeout":10}}]}}"#,
        wanted.quoted_command("codex")
    );
    let entry = |at| Edit { place: hooks(), change: Change::Entry { at, value: hook.clone() } };
    let mut edits = Vec::new();
    if wanted.rewrite {
        edits.push(entry(&["hooks", "PreToolUse"]));
    }
    edits.push(entry(&["hooks", "PostToolUse"]));
    if wanted.mcp {
        let config = match wanted.scope {
            Scope::User => Place::moved("CODEX_HOME", ".codex", "config.toml"),
            Scope::Project => Place::project(".codex/config.toml"),
        };
        let value = format!("command = {}\nargs = [{}]\n", wanted.program(), wanted.mcp_args());
        edits.push(Edit { place: config, change: Change::Table { at: &["mcp_servers", "hr"], value } });
    }
    edits
}
