//! `hr doctor [AGENT]`: looks whether agents really call `hr`, and tries it.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::hook::Fired;
use super::init::{is_here, named};
use super::show::unix_now;
use crate::cli::agent_files::{self, Machine};
use crate::cli::args::HowArgs;
use crate::cli::config_text;
use crate::cli::error::CliResult;
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::hooks::agents::{AGENTS, Agent};
use crate::hooks::setup::{Change, Scope, Wanted};
use crate::hooks::{Did, answer};
use crate::render::measure::age;

/// Looks whether agents really call `hr`, and tries their hooks.
///
/// Says of each agent its version, where its hook is, when it was called last and what it did, and feeds it a payload
/// through the command line that is set up. Exit status: 0 when all is well, 1 when something is not.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// The agent, as `hr init` names it; without it, all that are found.
    agent: Option<String>,
}

/// How long a program may take to tell its version, or to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is said, and whether something is wrong.
#[derive(Default)]
struct Report {
    text: String,
    is_ill: bool,
}

impl Report {
    fn head(&mut self, title: &str) {
        let _ = writeln!(self.text, "{title}");
    }

    fn ok(&mut self, what: &str) {
        let _ = writeln!(self.text, "  ok    {what}");
    }

    fn note(&mut self, what: &str) {
        let _ = writeln!(self.text, "  note  {what}");
    }

    fn ill(&mut self, what: &str) {
        self.is_ill = true;
        let _ = writeln!(self.text, "  ILL   {what}");
    }
}

/// Looks at `hr` itself, then at agents.
pub fn run(args: &DoctorArgs, settings: &Settings) -> CliResult {
    let agent = args.agent.as_deref().map(named).transpose()?;
    let mut report = Report::default();
    look_at_hr(&mut report, settings);
    match agent {
        Some(agent) => look_at(agent, true, &mut report, settings),
        None => {
            for agent in AGENTS {
                if is_here(agent) || !installed(agent).is_empty() {
                    look_at(agent, false, &mut report, settings);
                }
            }
        }
    }
    output::print(report.text.as_bytes())?;
    Ok(if report.is_ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn look_at_hr(report: &mut Report, settings: &Settings) {
    report.head("hr");
    report.ok(concat!("version ", env!("CARGO_PKG_VERSION")));
    match agent_files::find_program("hr") {
        Some(_) if agent_files::is_in_path() => report.ok("`hr` in `PATH` is this program"),
        Some(path) => report.note(&format!("`hr` in `PATH` is another one: {}", path.display())),
        None => report.note("`hr` is not in `PATH`; agents are told its whole path"),
    }
    if settings.off {
        report.ill("`HR` is off in this environment: nothing is changed");
    }
    match settings.store() {
        Ok(store) => {
            let folder = store.folder();
            let tried = fs::create_dir_all(folder).and_then(|()| tempfile::NamedTempFile::new_in(folder));
            match tried {
                Ok(_) => report.ok(&format!("originals are kept in {}", folder.display())),
                Err(error) => report.ill(&format!("nothing can be kept in {}: {error}", folder.display())),
            }
        }
        Err(error) => report.ill(&error.to_string()),
    }
    let errors = crate::rule::RuleSet::with(&settings.rule_sources(&HowArgs::default())).errors().len();
    match errors {
        0 => report.ok("all rules are valid"),
        _ => report.ill(&format!("{errors} rules are left out; `hr rules check` says why")),
    }
}

/// A file in which something of ours is.
struct Installed {
    path: String,
    what: String,
    /// The command lines in it that call the hook.
    commands: Vec<String>,
    is_hook: bool,
}

/// What is set up for an agent, for the user and for the project.
fn installed(agent: &Agent) -> Vec<Installed> {
    let project = agent_files::project();
    let mut found: Vec<Installed> = Vec::new();
    for scope in [Scope::User, Scope::Project] {
        let wanted = Wanted { scope, hr: "hr", rewrite: true, mcp: true, mcp_run: false };
        for edit in (agent.setup)(&wanted) {
            let Some(path) = agent_files::path(&edit.place, &project) else { continue };
            let Ok(text) = fs::read_to_string(&path) else { continue };
            if !config_text::is_in(&text, &edit.change, agent.name) {
                continue;
            }
            let (what, is_hook) = match &edit.change {
                Change::Entry { at, .. } => (at.last().copied().unwrap_or("hook"), true),
                Change::Own(text) => ("a file of ours", agent.has_hooks() && text.contains("hook")),
                Change::Block(_) => ("instructions", false),
                Change::Member { .. } | Change::Table { .. } => ("the MCP server", false),
                Change::Given { .. } | Change::Shown { .. } => continue,
            };
            let path = path.display().to_string();
            let commands = config_text::commands(&text, agent.name);
            match found.iter_mut().find(|known| known.path == path) {
                Some(known) if known.what.split(", ").any(|known| known == what) => {}
                Some(known) => {
                    known.what = format!("{}, {what}", known.what);
                    known.is_hook |= is_hook;
                }
                None => found.push(Installed { path, what: what.into(), commands, is_hook }),
            }
        }
    }
    found
}

fn look_at(agent: &Agent, is_asked_for: bool, report: &mut Report, settings: &Settings) {
    report.head(&format!("{} ({})", agent.title, agent.name));
    if let Some(program) = agent.program {
        match agent_files::find_program(program) {
            Some(path) => match version(&path) {
                Some(version) => report.ok(&format!("version: {version}")),
                None => report.note(&format!("`{program} --version` says nothing")),
            },
            None => report.note(&format!("`{program}` is not in `PATH`")),
        }
    }
    let installed = installed(agent);
    for file in &installed {
        report.ok(&format!("{}: {}", file.path, file.what));
    }
    if installed.is_empty() {
        let what = format!("it is not set up: hr init {}", agent.name);
        return if is_asked_for { report.ill(&what) } else { report.note(&what) };
    }
    if !installed.iter().any(|file| file.is_hook) {
        report.note("there is no hook, only what the agent is told");
        return;
    }
    look_for_switches(agent, &installed, report);
    match Fired::read(agent.name) {
        Some(fired) => {
            let ago = |time: u64| age(unix_now().saturating_sub(time));
            report.ok(&format!("called {} ago by version {}: {}", ago(fired.unix_time), fired.version, fired.did));
            if let (Some(time), Some(changed)) = (fired.changed_unix_time, fired.changed) {
                report.ok(&format!("changed something {} ago: {changed}", ago(time)));
            }
        }
        None => report.note("the agent has not called it yet"),
    }
    let mut commands = installed.iter().flat_map(|file| file.commands.clone()).collect::<Vec<_>>();
    commands.sort();
    commands.dedup();
    if commands.is_empty() {
        // A plugin calls the program itself.
        commands.push(format!("{} hook {}", agent_files::called(), agent.name));
    }
    for command in &commands {
        probe(agent, command, report, settings);
    }
}

/// What switches hooks off although they are there.
fn look_for_switches(agent: &Agent, installed: &[Installed], report: &mut Report) {
    for file in installed {
        let text = fs::read_to_string(&file.path).unwrap_or_default();
        let squeezed = text.split_whitespace().collect::<String>();
        if squeezed.contains("\"disableAllHooks\":true") {
            report.ill(&format!("{}: `disableAllHooks` is set", file.path));
        }
        if squeezed.contains("Bash(hrrun") || squeezed.contains("Bash(hr:*)") || squeezed.contains("Bash(hr*") {
            report.ill(&format!("{}: a rule allows `hr run`, and so every command behind it", file.path));
        }
    }
    if agent.name == "codex" {
        let config = agent_files::path(
            &crate::hooks::setup::Place::moved("CODEX_HOME", ".codex", "config.toml"),
            Path::new("."),
        );
        let text = config.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
        let is_trusted = |file: &&Installed| text.contains(&file.path) && text.contains("trusted_hash");
        match installed.iter().filter(|file| file.is_hook).find(|file| !is_trusted(file)) {
            None => report.ok("Codex trusts it"),
            Some(file) => {
                report.note(&format!("Codex does not trust {} yet: start `codex` and enter `/hooks`", file.path));
            }
        }
    }
}

/// Feeds the hook what the agent sends, through the command line that is set up.
fn probe(agent: &Agent, command: &str, report: &mut Report, settings: &Settings) {
    let machine = Machine::new(settings);
    let mut slowest = Duration::ZERO;
    for payload in agent.probes {
        let started = Instant::now();
        let shell = if cfg!(windows) { ("powershell", "-Command") } else { ("sh", "-c") };
        let mut child = Command::new(shell.0);
        child.args([shell.1, command]);
        let Some((status, printed, complaint)) = fed(child, payload.as_bytes()) else {
            return report.ill(&format!("tried `{command}`: no answer within {} seconds", PATIENCE.as_secs()));
        };
        slowest = slowest.max(started.elapsed());
        let expected = answer(agent, payload.as_bytes(), &machine);
        if let Did::Puzzled(why) = &expected.did {
            return report.ill(&format!("tried `{command}`: it changes nothing: {why}"));
        }
        let expected = expected.text;
        let value = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
        if status != Some(0) || value(&printed).is_none() || value(&printed) != value(expected.as_bytes()) {
            let printed = String::from_utf8_lossy(&printed);
            let complaint = String::from_utf8_lossy(&complaint);
            return report.ill(&format!(
                "tried `{command}`: it answers `{}`, not `{expected}`{}",
                printed.trim(),
                complaint.lines().next().map_or(String::new(), |line| format!(" ({line})"))
            ));
        }
    }
    report.ok(&format!("tried `{command}`: answers as it should, in {} ms at most", slowest.as_millis()));
}

/// The first line of what `--version` prints.
fn version(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    let (_, printed, _) = fed(command, b"")?;
    String::from_utf8_lossy(&printed).lines().map(str::trim).find(|line| !line.is_empty()).map(ToString::to_string)
}

/// Runs a program that prints little, with an input: its exit status, and what it printed. Nothing when it takes too long.
fn fed(mut command: Command, input: &[u8]) -> Option<(Option<i32>, Vec<u8>, Vec<u8>)> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child = command.spawn().ok()?;
    // Whoever does not read its input has not asked for it.
    let _ = child.stdin.take()?.write_all(input);
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().ok()? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let (mut printed, mut complaint) = (Vec::new(), Vec::new());
    let _ = child.stdout.take()?.take(1 << 16).read_to_end(&mut printed);
    let _ = child.stderr.take()?.take(1 << 16).read_to_end(&mut complaint);
    Some((status.code(), printed, complaint))
}
