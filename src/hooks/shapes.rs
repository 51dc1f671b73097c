//! What several agents have in common: the shape that Claude Code gave its payloads and answers, and that of our plugins.

use serde_json::{Map, Value, json};

use super::payload::{Payload, is_set, need};
use super::permission::{is_ours, only_reads};
use super::rewrite::{How, Outcome, rewrite};
use super::{Compacted, Decided, Did, Leave, Output, Surroundings};

/// The members of a call that say that nobody waits for its output.
const BACKGROUND: &[&str] = &["run_in_background", "is_background", "isBackground", "fireAndForget"];

/// The command of a call that may be rewritten.
pub(super) fn command(input: &Map<String, Value>) -> Result<&str, Leave> {
    if BACKGROUND.iter().any(|key| is_set(input, key)) {
        return Err(Leave::alone("it runs in the background"));
    }
    need(input, "command")
}

/// The command rewritten.
pub(super) fn rewritten(line: &str, around: &dyn Surroundings) -> Result<String, Leave> {
    rewritten_in(line, around, &|name| around.is_program(name), None)
}

/// The same in a shell in which only these names call programs, for a session that is shown what is printed.
pub(super) fn rewritten_in(
    line: &str,
    around: &dyn Surroundings,
    is_program: &dyn Fn(&str) -> bool,
    session: Option<&str>,
) -> Result<String, Leave> {
    if is_ours(line) {
        return Err(Leave::alone("`hr` is in it"));
    }
    let session = session.filter(|session| around.is_begun(session));
    let how = How { hr: around.hr(), rules: around.rules(), is_program, session };
    match rewrite(line, &how) {
        Outcome::Rewritten(line) => Ok(line),
        Outcome::Left(why) => Err(Leave::alone(why.to_string())),
    }
}

/// The input of a call with another command; all else in it stays.
pub(super) fn with_command(input: &Map<String, Value>, line: &str) -> Value {
    let mut input = input.clone();
    input.insert("command".into(), line.into());
    Value::Object(input)
}

/// Leaves a line that is only read with, for agents that run such lines without a question and others with one.
pub(super) fn unless_it_only_reads(line: &str) -> Result<(), Leave> {
    if only_reads(line) { Err(Leave::alone("it runs without a question as it is")) } else { Ok(()) }
}

/// The answer of `PreToolUse` hooks: `hookSpecificOutput.updatedInput`, with a decision only where it is given.
pub(super) fn updated_input(input: &Map<String, Value>, line: String, decision: Option<&str>) -> Decided {
    let mut output = Map::new();
    output.insert("hookEventName".into(), "PreToolUse".into());
    if let Some(decision) = decision {
        output.insert("permissionDecision".into(), decision.into());
    }
    output.insert("updatedInput".into(), with_command(input, &line));
    Ok((json!({ "hookSpecificOutput": output }), Did::Rewritten(line)))
}

/// The output compacted, unless `hr` was in the command.
pub(super) fn compacted(output: &Output<'_>, around: &dyn Surroundings) -> Result<Compacted, Leave> {
    if is_ours(output.command) {
        return Err(Leave::alone("`hr` is in the command"));
    }
    around.compact(output).ok_or_else(|| Leave::alone("the output stays as it is"))
}

/// What was done with an output.
pub(super) fn did(compacted: &Compacted) -> Did {
    Did::Compacted(compacted.tokens.0, compacted.tokens.1)
}

/// Answers a plugin of ours: `{"command", "output", "exit"}` in, `{"output"}` out.
pub(super) fn plugin(payload: &Payload, around: &dyn Surroundings) -> Decided {
    let exit_code = payload.get("exit").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
    let command = payload.need("command")?;
    let output = Output { command, exit_code, stdout: payload.need("output")?, stderr: None, session: None };
    let compacted = compacted(&output, around)?;
    let did = did(&compacted);
    Ok((json!({ "output": compacted.stdout }), did))
}
