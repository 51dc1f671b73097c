//! `hr init [AGENT]`: sets an agent up so that it calls `hr`, and takes that back.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind as IoError, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use similar::TextDiff;

use crate::cli::agent_files::{self, find_program};
use crate::cli::config_text::{self, Changed};
use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::output;
use crate::hooks::agents::{AGENTS, Agent, Rewrites};
use crate::hooks::setup::{Change, Edit, Scope, Wanted};

/// Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes.
///
/// What others wrote in the files stays as it is; the file as it was is kept beside it as `FILE.hr-backup`. A file that
/// cannot be changed safely is left alone, and what belongs there is printed. Without AGENT it finds the agents of this
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
    #[arg(long, conflicts_with_all = ["mcp", "rewrite"])]
    uninstall: bool,
    /// Register the MCP server as well.
    #[arg(long)]
    mcp: bool,
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

/// A file with what becomes of it.
struct Planned {
    /// The text as it is; nothing when there is no file.
    old: Option<String>,
    /// The text as it is to be; nothing when the file goes.
    new: Option<String>,
    /// Whether something of ours was in it.
    had_ours: bool,
}

fn set_up(agent: &Agent, args: &InitArgs) -> CliResult {
    let scope = if args.project { Scope::Project } else { Scope::User };
    let hr = calling(scope);
    let all = args.uninstall;
    let wanted = Wanted { scope, hr: &hr, rewrite: args.rewrite || all, mcp: args.mcp || all };
    let (plan, refused) = plan(agent, &(agent.setup)(&wanted), args.uninstall)?;
    let mut report = format!("{}\n", agent.title);
    let mut changed = false;
    for (path, planned) in &plan {
        if planned.old == planned.new {
            continue;
        }
        changed = true;
        if args.dry_run {
            report += &difference(path, planned);
        } else {
            let backup = write(path, planned, args.uninstall)?;
            let did = if planned.new.is_some() { "written" } else { "removed" };
            report += &format!("  {did}: {}\n", path.display());
            if let Some(backup) = backup {
                report += &format!("  as it was: {}\n", backup.display());
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
        report += &notes(agent, args);
    }
    output::print(report.as_bytes())?;
    let failed = refused.iter().any(|refusal| !refusal.is_expected);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A file that is left alone.
struct Refused {
    path: PathBuf,
    why: String,
    snippet: String,
    is_expected: bool,
}

impl Refused {
    fn told(&self) -> String {
        let snippet = self.snippet.lines().map(|line| format!("      {line}\n")).collect::<String>();
        let put = if snippet.is_empty() { "" } else { "; this belongs there:" };
        format!("  left as it is: {} ({}){put}\n{snippet}", self.path.display(), self.why)
    }
}

/// What becomes of each file.
fn plan(
    agent: &Agent,
    edits: &[Edit],
    uninstall: bool,
) -> Result<(BTreeMap<PathBuf, Planned>, Vec<Refused>), CliError> {
    let project = agent_files::project();
    let mut plan: BTreeMap<PathBuf, Planned> = BTreeMap::new();
    let mut refused = Vec::new();
    for Edit { place, change } in edits {
        let path = agent_files::path(place, &project)
            .ok_or_else(|| CliError::new(ErrorKind::Config, "there is no home folder").hint("set `HOME`"))?;
        let is_expected = matches!(change, Change::Shown { .. });
        if is_expected && uninstall {
            continue;
        }
        let old = if is_expected || plan.contains_key(&path) { None } else { read(&path)? };
        let planned = plan.entry(path.clone()).or_insert_with(|| Planned { new: old.clone(), old, had_ours: false });
        planned.had_ours |= planned.old.as_ref().is_some_and(|old| config_text::is_in(old, change, agent.name));
        let text = planned.new.clone().unwrap_or_default();
        let become_ = match uninstall {
            true => config_text::take(&text, change, agent.name),
            false => config_text::put(&text, change, agent.name),
        };
        match become_ {
            Changed::Same => {}
            Changed::Into(text) => planned.new = Some(text),
            Changed::Gone => planned.new = None,
            Changed::Refused(why, snippet) => refused.push(Refused { path, why, snippet, is_expected }),
        }
    }
    // A file is changed as a whole or not at all.
    for refusal in refused.iter().filter(|refusal| !refusal.is_expected) {
        plan.remove(&refusal.path);
    }
    Ok((plan, refused))
}

fn read(path: &Path) -> Result<Option<String>, CliError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), IoError::NotFound | IoError::NotADirectory) => Ok(None),
        Err(error) => Err(CliError::input(format!("cannot read `{}`: {error}", path.display()))),
    }
}

fn difference(path: &Path, planned: &Planned) -> String {
    let (old, new) = (planned.old.as_deref().unwrap_or_default(), planned.new.as_deref().unwrap_or_default());
    let name = path.display().to_string();
    let after = if planned.new.is_some() { name.as_str() } else { "/dev/null" };
    let before = if planned.old.is_some() { name.as_str() } else { "/dev/null" };
    TextDiff::from_lines(old, new).unified_diff().header(before, after).to_string()
}

/// Writes a file whole or not at all, with the old one beside it; after the last change is taken back, that goes too.
fn write(path: &Path, planned: &Planned, uninstall: bool) -> Result<Option<PathBuf>, CliError> {
    // A link stays a link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let failed = |error: io::Error| CliError::input(format!("cannot write `{}`: {error}", path.display()));
    if read(&path)? != planned.old {
        return Err(CliError::input(format!("`{}` changed in the meantime", path.display())).hint("try again"));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".hr-backup");
    let backup = path.with_file_name(name);
    let Some(new) = &planned.new else {
        fs::remove_file(&path).map_err(failed)?;
        let _ = fs::remove_file(&backup);
        remove_empty_folders(&path);
        return Ok(None);
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(new.as_bytes()).map_err(failed)?;
    match fs::metadata(&path) {
        Ok(old) => file.as_file().set_permissions(old.permissions()).map_err(failed)?,
        Err(_) => readable(file.as_file()).map_err(failed)?,
    }
    let is_back = fs::read_to_string(&backup).is_ok_and(|before| uninstall && before == *new);
    let kept = if is_back {
        let _ = fs::remove_file(&backup);
        None
    } else if planned.old.is_some() && !(planned.had_ours && backup.exists()) {
        fs::copy(&path, &backup).map_err(failed)?;
        Some(backup)
    } else {
        None
    };
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(kept)
}

/// A new file is readable as other new files are.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Folders that were made for the file: those named after what was in them.
fn remove_empty_folders(path: &Path) {
    let ours = ["hr", "hooks", "plugins", "rules", "steering"];
    for folder in path.ancestors().skip(1) {
        let is_ours = folder.file_name().is_some_and(|name| ours.iter().any(|ours| name == *ours));
        // A folder that is not empty cannot be removed.
        if !is_ours || fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// What the user has to know.
fn notes(agent: &Agent, args: &InitArgs) -> String {
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
    if args.project {
        note("whoever works on this project needs `hr` in `PATH`; without it nothing changes for them");
    }
    notes += &format!("  `hr doctor {}` tries it\n", agent.name);
    notes
}
