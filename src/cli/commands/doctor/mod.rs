//! `hr doctor [AGENT]`: looks whether agents really call `hr`, and tries it.
//!
//! What is set up is compared with what `hr init` writes, so that an entry that is gone, one for another tool, or a plugin
//! that was changed is found; and what an agent's settings name is what is tried.

mod codex;
mod installed;
mod switches;
mod tries;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;

use super::hook::Fired;
use super::init::{is_here, named};
use super::show::unix_now;
use crate::cli::agent_files;
use crate::cli::args::HowArgs;
use crate::cli::error::CliResult;
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::hooks::agents::{AGENTS, Agent};
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
                if is_here(agent) || !installed::files(agent).is_empty() {
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

fn look_at(agent: &Agent, is_asked_for: bool, report: &mut Report, settings: &Settings) {
    report.head(&format!("{} ({})", agent.title, agent.name));
    if let Some(program) = agent.program {
        match agent_files::find_program(program) {
            Some(path) => match tries::version(&path) {
                Some(version) => report.ok(&format!("version: {version}")),
                None => report.note(&format!("`{program} --version` says nothing")),
            },
            None => report.note(&format!("`{program}` is not in `PATH`")),
        }
    }
    let files = installed::files(agent);
    for file in &files {
        if !file.what.is_empty() {
            report.ok(&format!("{}: {}", file.path, file.what.join(", ")));
        }
        file.notes.iter().for_each(|note| report.note(&format!("{}: {note}", file.path)));
        file.wrong.iter().for_each(|wrong| report.ill(&format!("{}: {wrong}", file.path)));
    }
    if files.iter().all(|file| file.what.is_empty()) {
        let what = format!("it is not set up: hr init {}", agent.name);
        return if is_asked_for { report.ill(&what) } else { report.note(&what) };
    }
    let servers = files.iter().flat_map(|file| &file.servers).collect::<BTreeSet<_>>();
    servers.into_iter().for_each(|server| tries::server(server, report));
    if !files.iter().any(|file| file.is_hook) {
        return report.note("there is no hook, only what the agent is told");
    }
    switches::look(agent, &files, report);
    match Fired::read(agent.name) {
        Some(fired) => {
            let ago = |time: u64| age(unix_now().saturating_sub(time));
            report.ok(&format!("called {} ago by version {}: {}", ago(fired.unix_time), fired.version, fired.did));
            if let (Some(time), Some(changed)) = (fired.changed_unix_time, fired.changed) {
                report.ok(&format!("changed something {} ago: {changed}", ago(time)));
            }
        }
        None if agent.afterwards.is_empty() => report.note("the agent has not called it yet"),
        None => report.note(&format!("the agent has not called it yet; {}", agent.afterwards)),
    }
    let calls = files.iter().flat_map(|file| &file.calls).collect::<BTreeSet<_>>();
    calls.into_iter().for_each(|call| tries::hook(agent, call, report, settings));
}
