//! Tries what an agent's files name: the hook with payloads of the agent, the MCP server with its first request.

use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Report;
use super::installed::Call;
use crate::cli::agent_files::Machine;
use crate::cli::settings::Settings;
use crate::hooks::agents::Agent;
use crate::hooks::{Did, answer};

/// How long a program may take to tell its version, or to answer.
const PATIENCE: Duration = Duration::from_secs(5);

impl Call {
    fn told(&self, agent: &Agent) -> String {
        match self {
            Self::Line(line) => line.clone(),
            Self::Program(program) => format!("{program} hook {}", agent.name),
        }
    }

    fn command(&self, agent: &Agent) -> Command {
        match self {
            Self::Line(line) => {
                let shell = if cfg!(windows) { ("powershell", "-Command") } else { ("sh", "-c") };
                let mut command = Command::new(shell.0);
                command.args([shell.1, line]);
                command
            }
            Self::Program(program) => {
                let mut command = Command::new(program);
                command.args(["hook", agent.name]);
                command
            }
        }
    }
}

/// Feeds the hook what the agent sends, in the way that is set up.
pub(super) fn hook(agent: &Agent, call: &Call, report: &mut Report, settings: &Settings) {
    let machine = Machine::new(settings);
    let told = call.told(agent);
    let mut slowest = Duration::ZERO;
    for payload in agent.probes {
        let started = Instant::now();
        let (status, printed, complaint) = match fed(call.command(agent), payload.as_bytes()) {
            Ok(ended) => ended,
            Err(why) => return report.ill(&format!("tried `{told}`: {why}")),
        };
        slowest = slowest.max(started.elapsed());
        let expected = answer(agent, payload.as_bytes(), &machine);
        match &expected.did {
            Did::Puzzled(why) => return report.ill(&format!("tried `{told}`: it changes nothing: {why}")),
            Did::Left(why) if payload.contains("cargo test") => {
                report.note(&format!("`cargo test` is left as it is: {why}"));
            }
            Did::Left(_) | Did::Rewritten(_) | Did::Compacted(..) => {}
        }
        let expected = expected.text;
        let value = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
        if status != Some(0) || value(&printed).is_none() || value(&printed) != value(expected.as_bytes()) {
            let printed = String::from_utf8_lossy(&printed);
            let complaint = String::from_utf8_lossy(&complaint);
            return report.ill(&format!(
                "tried `{told}`: it answers `{}`, not `{expected}`{}",
                printed.trim(),
                complaint.lines().next().map_or(String::new(), |line| format!(" ({line})"))
            ));
        }
    }
    report.ok(&format!("tried `{told}`: answers as it should, in {} ms at most", slowest.as_millis()));
}

/// The first request of a client.
const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"hr-doctor","version":"0"}}}"#;

/// Greets the MCP server that is registered.
pub(super) fn server(words: &[String], report: &mut Report) {
    let told = words.join(" ");
    let Some((program, arguments)) = words.split_first() else {
        return report.ill("the MCP server is registered without a command");
    };
    let is_hr = matches!(program.rsplit(['/', '\\']).next(), Some("hr" | "hr.exe"));
    if !is_hr || arguments.first().is_none_or(|first| first != "mcp") {
        return report.note(&format!("the MCP server is another command, which is not tried: {told}"));
    }
    let mut command = Command::new(program);
    command.args(arguments);
    match fed(command, format!("{HELLO}\n").as_bytes()) {
        Ok((_, printed, _)) if String::from_utf8_lossy(&printed).contains("\"serverInfo\"") => {
            report.ok(&format!("the MCP server answers: {told}"));
        }
        Ok(_) => report.ill(&format!("the MCP server does not answer: {told}")),
        Err(why) => report.ill(&format!("the MCP server `{told}`: {why}")),
    }
}

/// The first line of what `--version` prints.
pub(super) fn version(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    let (_, printed, _) = fed(command, b"").ok()?;
    String::from_utf8_lossy(&printed).lines().map(str::trim).find(|line| !line.is_empty()).map(ToString::to_string)
}

/// How a program ended, and what it printed to both streams.
type Ended = (Option<i32>, Vec<u8>, Vec<u8>);

/// Runs a program that prints little, with an input; why that did not work otherwise.
fn fed(mut command: Command, input: &[u8]) -> Result<Ended, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child = command.spawn().map_err(|error| format!("it cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Whoever does not read its input has not asked for it.
        let _ = stdin.write_all(input);
    }
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("no answer within {} seconds", PATIENCE.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let (mut printed, mut complaint) = (Vec::new(), Vec::new());
    let _ = child.stdout.take().map(|stream| stream.take(1 << 16).read_to_end(&mut printed));
    let _ = child.stderr.take().map(|stream| stream.take(1 << 16).read_to_end(&mut complaint));
    Ok((status.code(), printed, complaint))
}
