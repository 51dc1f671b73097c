//! Claude Code: `PreToolUse` rewrites, `PostToolUse` replaces what a successful command printed.
//!
//! Claude Code checks the rewritten command against the user's rules, so these are evaluated here on the original: what
//! `deny` and `ask` rules hold stays, what `allow` rules cover runs without a question as before, and what would be asked
//! about stays, so that the question shows the command itself. In auto mode everything else is rewritten, and decided by
//! Claude Code. What Claude Code has an understanding of its own of stays: commands that read files, change the folder, or
//! end with 1 when they found nothing. Their output is replaced afterwards.

use std::cell::OnceCell;

use serde_json::{Value, json};

use super::{Agent, Decided, Rewrites, Surroundings, snapshot};
use crate::hooks::payload::{Payload, is_set, need};
use crate::hooks::permission::{Pattern, UserRules, Verdict, words};
use crate::hooks::setup::{Change, Edit, Place, Scope, Wanted};
use crate::hooks::{Leave, Output, shapes};

pub(super) const AGENT: Agent = Agent {
    name: "claude-code",
    title: "Claude Code",
    rewrites: Rewrites::ByTheUsersRules,
    replaces: true,
    program: Some("claude"),
    marks: &[Place::moved("CLAUDE_CONFIG_DIR", ".claude", "")],
    answering: Some(answer),
    owns: is_like,
    setup,
    afterwards: "hooks are read when a session starts; `/hooks` lists them",
    probes: &[
        r#"{"session_id":"hr-doctor","transcript_path":"/dev/null","cwd":"/","permission_mode":"auto","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"env"},"tool_use_id":"hr-doctor"}"#,
        r#"{"session_id":"hr-doctor","transcript_path":"/dev/null","cwd":"/","permission_mode":"default","hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"command":"echo hi"},"tool_response":{"stdout":"hi","stderr":"","interrupted":false,"isImage":false},"tool_use_id":"hr-doctor"}"#,
    ],
};

/// Whether a payload has the shape of Claude Code's, and no mark of those who took it over.
pub(super) fn is_like(payload: &Payload) -> bool {
    let others = ["turn_id", "timestamp", "cursor_version", "plugin"];
    payload.has("transcript_path") && payload.has("hook_event_name") && !others.iter().any(|key| payload.has(key))
}

/// Where rules about commands are: user, project, project of this user only, administrator. The last one is no JSON:
/// where it is, the administrator's rules cannot be read.
const SETTINGS: &[Place] = &[
    Place::moved("CLAUDE_CONFIG_DIR", ".claude", "settings.json"),
    Place::project(".claude/settings.json"),
    Place::project(".claude/settings.local.json"),
    Place::moved("CLAUDE_CONFIG_DIR", ".claude", "remote-settings.json"),
    Place::root("/etc/claude-code/managed-settings.json"),
    Place::root("/Library/Application Support/ClaudeCode/managed-settings.json"),
    Place::root("C:/Program Files/ClaudeCode/managed-settings.json"),
    Place::root("/Library/Managed Preferences/com.anthropic.claudecode.plist"),
];

/// Folders with more settings of the administrator.
const DROP_INS: &[Place] = &[
    Place::root("/etc/claude-code/managed-settings.d"),
    Place::root("/Library/Application Support/ClaudeCode/managed-settings.d"),
    Place::root("C:/Program Files/ClaudeCode/managed-settings.d"),
];

/// What Claude Code looks into itself, by the name of the program: for `Read` and `Edit` rules, for paths outside of the
/// project, or for what an exit status means.
const LOOKED_INTO: &[&str] = &[
    "ack",
    "ag",
    "awk",
    "base64",
    "bat",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cmp",
    "column",
    "comm",
    "cp",
    "cut",
    "diff",
    "du",
    "egrep",
    "fd",
    "fgrep",
    "file",
    "find",
    "gawk",
    "grep",
    "head",
    "hexdump",
    "jq",
    "less",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "more",
    "mv",
    "nl",
    "od",
    "paste",
    "popd",
    "pushd",
    "readlink",
    "rg",
    "rm",
    "rmdir",
    "sdiff",
    "sed",
    "sha1sum",
    "sha256sum",
    "sort",
    "stat",
    "strings",
    "tac",
    "tail",
    "tee",
    "touch",
    "tr",
    "tree",
    "uniq",
    "wc",
    "xxd",
    "yq",
    "zcat",
    "zgrep",
];

/// How many snapshots of the user's shell are looked at: several sessions have one each.
const SNAPSHOTS: usize = 4;

fn answer(payload: &Payload, around: &dyn Surroundings) -> Decided {
    match payload.need("hook_event_name")? {
        "PreToolUse" => before(payload, around),
        "PostToolUse" => after(payload, around),
        // It comes when a session starts, is resumed or cleared, and when its context was compacted.
        "SessionStart" => {
            payload.session().inspect(|session| around.begin(session));
            Err(Leave::alone("a session begins"))
        }
        other => Err(Leave::puzzled(format!("the event `{other}` is not known"))),
    }
}

fn before(payload: &Payload, around: &dyn Surroundings) -> Decided {
    if payload.need("tool_name")? != "Bash" {
        return Err(Leave::alone("it is no shell command"));
    }
    let input = payload.object("tool_input")?;
    let line = shapes::command(input)?;
    let mode = payload.text("permission_mode");
    if mode == Some("plan") {
        return Err(Leave::alone("in plan mode commands stay"));
    }
    unless_it_is_looked_into(line, payload.text("cwd"))?;
    let snapshots = OnceCell::new();
    let is_program = |name: &str| {
        let folder = Place::moved("CLAUDE_CONFIG_DIR", ".claude", "shell-snapshots");
        let snapshots = snapshots.get_or_init(|| around.files(&folder, ".sh", SNAPSHOTS));
        let is_free = |snapshots: &Vec<String>| !snapshots.iter().any(|text| snapshot::defines(text, name));
        snapshots.as_ref().is_ok_and(is_free) && around.is_program(name)
    };
    let rewritten = shapes::rewritten_in(line, around, &is_program, payload.session())?;
    let decision = match (user_rules(around)?.verdict(line), mode) {
        (Verdict::Held, _) => return Err(Leave::alone("a rule of the user is about it")),
        // Broad rules do not hold there, and what the others say is for Claude Code to know.
        (Verdict::Allowed | Verdict::Open, Some("auto")) => {
            shapes::unless_it_only_reads(line)?;
            None
        }
        (Verdict::Allowed, Some("default" | "acceptEdits" | "dontAsk" | "bypassPermissions")) => Some("allow"),
        // A rule that was given to the agent on its command line cannot be read, and nobody would be asked.
        (Verdict::Open, Some("bypassPermissions")) => {
            return Err(Leave::alone("rules on the agent's command line cannot be read"));
        }
        (Verdict::Allowed | Verdict::Open, _) => {
            return Err(Leave::alone("the user may be asked about it, and is to see it as it is"));
        }
    };
    shapes::updated_input(input, rewritten, decision)
}

/// Leaves a line that Claude Code looks into itself, for it sees less of it behind `hr run`.
fn unless_it_is_looked_into(line: &str, folder: Option<&str>) -> Result<(), Leave> {
    let words = words(line).unwrap_or_default();
    let base = |word: &str| LOOKED_INTO.contains(&word.rsplit('/').next().unwrap_or(word));
    match words.iter().find(|word| base(word) || leads_outside(word, folder)) {
        Some(word) => Err(Leave::alone(format!("Claude Code looks itself into commands with `{word}`"))),
        None => Ok(()),
    }
}

/// Whether a word, or the value of an option, is a path that may lead out of the folder.
fn leads_outside(word: &str, folder: Option<&str>) -> bool {
    let path = word.split_once('=').map_or(word, |(_, value)| value);
    let is_inside =
        |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    path.split('/').any(|part| part == "..")
        || path.starts_with('~')
        || path.starts_with('/') && !folder.is_some_and(is_inside)
}

fn after(payload: &Payload, around: &dyn Surroundings) -> Decided {
    if payload.need("tool_name")? != "Bash" {
        return Err(Leave::alone("it is no shell command"));
    }
    let command = need(payload.object("tool_input")?, "command")?;
    let response = payload.object("tool_response")?;
    let (stdout, stderr) = (need(response, "stdout")?, need(response, "stderr")?);
    if is_set(response, "isImage") {
        return Err(Leave::alone("the output is an image"));
    }
    let of_file = ["persistedOutputPath", "backgroundTaskId"];
    if let Some(key) = of_file.iter().find(|key| response.get(**key).is_some_and(|value| !value.is_null())) {
        return Err(Leave::alone(format!("the output is in a file (`{key}`)")));
    }
    // The event is only for commands that did not fail; what the exit status was instead of 0 is told in words.
    let sure = !is_set(response, "interrupted")
        && ["returnCodeInterpretation", "timedOutAfterMs"]
            .iter()
            .all(|key| response.get(*key).is_none_or(Value::is_null));
    let output = Output {
        command,
        exit_code: sure.then_some(0),
        stdout,
        stderr: (!stderr.is_empty()).then_some(stderr),
        session: payload.session(),
    };
    let compacted = shapes::compacted(&output, around)?;
    let did = shapes::did(&compacted);
    let mut response = response.clone();
    response.insert("stdout".into(), compacted.stdout.into());
    if let Some(stderr) = compacted.stderr {
        response.insert("stderr".into(), stderr.into());
    }
    Ok((json!({"hookSpecificOutput": {"hookEventName": "PostToolUse", "updatedToolOutput": response}}), did))
}

/// The rules in all settings; an error when they cannot be told.
fn user_rules(around: &dyn Surroundings) -> Result<UserRules, Leave> {
    let unreadable = |why: String| Leave::puzzled(format!("the user's rules cannot be read: {why}"));
    let mut rules = UserRules::default();
    for place in SETTINGS {
        if let Some(text) = around.file(place).map_err(unreadable)? {
            read_settings(&text, &mut rules).map_err(|why| unreadable(format!("{}: {why}", place.path)))?;
        }
    }
    for folder in DROP_INS {
        for text in around.files(folder, ".json", usize::MAX).map_err(unreadable)? {
            read_settings(&text, &mut rules).map_err(|why| unreadable(format!("{}: {why}", folder.path)))?;
        }
    }
    Ok(rules)
}

/// Reads `permissions` and what else is about commands in settings.
fn read_settings(text: &str, rules: &mut UserRules) -> Result<(), String> {
    let settings: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let about = |list: &str| {
        let rules = settings["permissions"][list].as_array().into_iter().flatten().filter_map(Value::as_str);
        rules.filter_map(pattern).collect::<Vec<_>>()
    };
    rules.allow.extend(about("allow"));
    rules.hold.extend(about("deny"));
    rules.hold.extend(about("ask"));
    // Such commands run outside of the sandbox, which `hr run` would not.
    let excluded = settings["sandbox"]["excludedCommands"].as_array().into_iter().flatten().filter_map(Value::as_str);
    rules.hold.extend(excluded.map(Pattern::read));
    Ok(())
}

/// The pattern of a rule such as `Bash(git push:*)`; nothing when it is about another tool.
fn pattern(rule: &str) -> Option<Pattern> {
    let rest = rule.trim().strip_prefix("Bash")?;
    if rest.is_empty() {
        return Some(Pattern::Any);
    }
    Some(Pattern::read(rest.strip_prefix('(')?.strip_suffix(')')?))
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let settings = || {
        wanted.place(
            Place::moved("CLAUDE_CONFIG_DIR", ".claude", "settings.json"),
            Place::project(".claude/settings.json"),
        )
    };
    let mut edits = entries(wanted, "claude-code", settings);
    let begins = format!(
        r#"{{"hooks":[{{"type":"command","command":{},"timeout":10}}]}}"#,
        wanted.quoted_command("claude-code")
    );
    edits.push(Edit { place: settings(), change: Change::Entry { at: &["hooks", "SessionStart"], value: begins } });
    edits.extend(match wanted.scope {
        Scope::Project => wanted.mcp_in(Place::project(".mcp.json"), &["mcpServers", "hr"]),
        Scope::User => wanted.mcp.then(|| Edit {
            place: Place::home(".claude.json"),
            change: Change::Shown {
                why: "Claude Code writes that file itself, all the time",
                text: format!(
                    "claude mcp add --scope user hr -- {} {}",
                    wanted.hr,
                    wanted.mcp_args().replace(['"', ','], "")
                ),
            },
        }),
    });
    edits
}

/// The two entries in a settings file that has the shape of Claude Code's.
pub(super) fn entries(wanted: &Wanted<'_>, agent: &str, place: impl Fn() -> Place) -> Vec<Edit> {
    let hook = format!(
        r#"{{"matcher":"Bash","hooks":[{{"type":"command","command":{},"timeout":10}}]}}"#,
        wanted.quoted_command(agent)
    );
    let at: [&'static [&'static str]; 2] = [&["hooks", "PreToolUse"], &["hooks", "PostToolUse"]];
    at.map(|at| Edit { place: place(), change: Change::Entry { at, value: hook.clone() } }).into()
}
