//! `hr init [AGENT]`: sets an agent up so that it calls `hr`, and takes that back.

mod plan;
pub mod write;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use plan::{Planned, Refused, plan};
use similar::TextDiff;

use crate::cli::agent_files::{self, find_program};
use crate::cli::error::{CliError, CliResult};
use crate::cli::output;
use crate::hooks::agents::{AGENTS, Agent, Rewrites};
use crate::hooks::setup::{Scope, Wanted};

/// Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes.
///
/// What others wrote in the files stays as it is; the file as it was before is kept beside it as `FILE.hr-backup`. A file
/// that cannot be changed safely is left alone, and what belongs there is printed. Without AGENT it finds the agents of this
/// machine and asks. Exit status: 0, 1 when a file could not be changed, 2 for wrong usage.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  hr init claude-code\n  hr init codex --mcp --dry-run\n  hr init gemini --uninstall"
)]
pub struct InitArgs {
    /// The agent; without it, the agents that are found.
    agent: Option<String>,
    /// Set it up for this project and all who work on it, not for this user.
    #[arg(long)]
    project: bool,
    /// Only show what would change.
    #[arg(long)]
    dry_run: bool,
    /// Take out what `hr init` put there.
    #[arg(long, conflicts_with_all = ["mcp", "mcp_run", "rewrite"])]
    uninstall: bool,
    /// Register the MCP server as well, which gives originals back.
    #[arg(long)]
    mcp: bool,
    /// Register the MCP server with `hr_run`, which runs commands past the agent's own rules and sandbox.
    #[arg(long)]
    mcp_run: bool,
    /// Rewrite commands before they run also where the agent's own rules then see `hr run` instead of the command.
    #[arg(long)]
    rewrite: bool,
}

/// Sets up one agent, or asks which.
pub fn run(args: &InitArgs) -> CliResult {
    match &args.agent {
        Some(name) => set_up(named(name)?, args),
        None => choose(args),
    }
}

/// The agent of a name, or the nearest one in the hint.
pub fn named(name: &str) -> Result<&'static Agent, CliError> {
    Agent::named(name).ok_or_else(|| {
        let near = AGENTS.iter().min_by_key(|agent| strsim::damerau_levenshtein(agent.name, name));
        let near = near.map_or(String::new(), |agent| format!("the nearest is `{}`; ", agent.name));
        let names = AGENTS.iter().map(|agent| agent.name).collect::<Vec<_>>().join(", ");
        CliError::usage(format!("there is no agent `{name}`")).hint(format!("{near}there are {names}"))
    })
}

/// Whether an agent is on this machine.
pub fn is_here(agent: &Agent) -> bool {
    let marked =
        agent.marks.iter().filter_map(|mark| agent_files::path(mark, Path::new("."))).any(|path| path.exists());
    marked || agent.program.is_some_and(|program| find_program(program).is_some())
}

/// Asks for each agent that is found; without a terminal it only says what is there.
fn choose(args: &InitArgs) -> CliResult {
    let here = AGENTS.iter().filter(|agent| is_here(agent)).collect::<Vec<_>>();
    if here.is_empty() {
        let names = AGENTS.iter().map(|agent| agent.name).collect::<Vec<_>>().join(", ");
        output::print(format!("no agent is found; `hr init AGENT` sets one up: {names}\n").as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    let mut all_done = true;
    for agent in here {
        if !can_ask {
            output::print(format!("{} is here: hr init {}\n", agent.title, agent.name).as_bytes())?;
            continue;
        }
        let verb = if args.uninstall { "take `hr` out of" } else { "set up" };
        let _ = write!(io::stderr(), "{verb} {}? [y/N] ", agent.title);
        let mut line = String::new();
        io::stdin()
            .read_line(&mut line)
            .map_err(|error| CliError::input(format!("cannot read the answer: {error}")))?;
        if matches!(line.trim(), "y" | "Y" | "yes") {
            all_done &= set_up(agent, args)? == ExitCode::SUCCESS;
        }
    }
    Ok(if all_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How a command line of a configuration calls `hr`.
fn calling(scope: Scope) -> String {
    match scope {
        Scope::Project => "hr".into(),
        Scope::User => agent_files::called(),
    }
}

fn set_up(agent: &Agent, args: &InitArgs) -> CliResult {
    let scope = if args.project { Scope::Project } else { Scope::User };
    let hr = calling(scope);
    let all = args.uninstall;
    let mcp = args.mcp || args.mcp_run || all;
    let wanted = Wanted { scope, hr: &hr, rewrite: args.rewrite || all, mcp, mcp_run: args.mcp_run };
    let (plan, mut refused) = plan(agent, &wanted, args.uninstall)?;
    let mut report = format!("{}\n", agent.title);
    let mut changed = refused.iter().any(|refusal| !refusal.is_expected);
    for (path, planned) in &plan {
        if planned.old == planned.new {
            continue;
        }
        changed = true;
        if args.dry_run {
            report += &difference(path, planned);
            continue;
        }
        match carry_out(path, planned) {
            Ok(told) => report += &told,
            Err(why) => {
                refused.push(Refused { path: path.clone(), why, snippet: String::new(), is_expected: false });
            }
        }
    }
    if !changed {
        report += if args.uninstall { "  nothing of `hr` is there\n" } else { "  nothing to change\n" };
    }
    for refusal in &refused {
        report += &refusal.told();
    }
    if !args.uninstall {
        report += &notes(agent, args, mcp);
    }
    output::print(report.as_bytes())?;
    let failed = refused.iter().any(|refusal| !refusal.is_expected);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn difference(path: &Path, planned: &Planned) -> String {
    let (old, new) = (planned.old.as_deref().unwrap_or_default(), planned.new.as_deref().unwrap_or_default());
    let name = path.display().to_string();
    let after = if planned.new.is_some() { name.as_str() } else { "/dev/null" };
    let before = if planned.old.is_some() { name.as_str() } else { "/dev/null" };
    TextDiff::from_lines(old, new).unified_diff().header(before, after).to_string()
}

/// Writes or removes a file; what is told about it.
fn carry_out(path: &Path, planned: &Planned) -> Result<String, String> {
    let ready = write::prepare(path, planned.old.as_deref(), planned.new.as_deref(), planned.is_kept);
    ready.and_then(write::Ready::commit).map_err(|error| error.to_string())?;
    let backup = write::backup(path);
    if planned.is_back {
        let _ = fs::remove_file(&backup);
    }
    let mut told = match &planned.new {
        Some(_) => format!("  written: {}\n", path.display()),
        None => {
            remove_empty_folders(path);
            format!("  removed: {}\n", path.display())
        }
    };
    if planned.is_kept {
        told += &format!("  as it was: {}\n", backup.display());
    }
    Ok(told)
}

/// Removes the folders around a file that was ours alone, as far as nothing else is in them.
fn remove_empty_folders(path: &Path) {
    let bases = agent_files::bases();
    let is_inside = |folder: &&Path| {
        bases.iter().any(|base| folder.starts_with(base)) && !bases.iter().any(|base| base.starts_with(folder))
    };
    // A folder that is not empty cannot be removed.
    let _ = path.ancestors().skip(1).take_while(is_inside).try_for_each(fs::remove_dir);
}

/// What the user has to know.
fn notes(agent: &Agent, args: &InitArgs, mcp: bool) -> String {
    let mut notes = String::new();
    let mut note = |text: &str| notes += &format!("  note: {text}\n");
    if !agent.afterwards.is_empty() {
        note(agent.afterwards);
    }
    if agent.rewrites == Rewrites::WhenAsked {
        note(if args.rewrite {
            "the agent's own rules and questions are about `hr run ...` now; allow `hr run` as little as `sh`"
        } else if agent.replaces {
            "failing and long commands get shorter still with `--rewrite`; the agent's rules then see `hr run`"
        } else {
            "commands are wrapped only with `--rewrite`; the agent's rules then see `hr run`"
        });
    }
    if mcp {
        note(if args.mcp_run {
            "`hr_run` of the MCP server runs commands past the agent's own rules and sandbox; let the agent ask each time"
        } else {
            "the MCP server gives originals back; with `--mcp-run` it runs commands too, past the agent's own rules"
        });
    }
    if args.project {
        note("whoever works on this project needs `hr` in `PATH`; without it nothing changes for them");
    }
    notes += &format!("  `hr doctor {}` tries it\n", agent.name);
    notes
}
