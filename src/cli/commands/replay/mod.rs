//! `hr replay`: runs the tool results of recorded sessions through `hr`, and says what is saved and what is missed.

mod inputs;
mod page;
mod text;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::ValueEnum;

use self::inputs::{Found, Unread};
use crate::cli::args::HowArgs;
use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::settings::Settings;
use crate::cli::{guarded, output};
use crate::replay::report::Report;
use crate::replay::{How, Replayed, formats, run as replay, without_copies};
use crate::rule::RuleSet;

/// Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed.
///
/// Reads transcripts of Claude Code, Codex, Gemini CLI and OpenCode, arrays of messages of OpenAI and Anthropic, and lines
/// with `command` and `output`. Lost is what the agent wrote later (identifiers, paths, line numbers, values), had from a
/// tool result alone, and would not have seen after compaction. Nothing is changed and nothing leaves the machine. Exit
/// status: 0, 1 when a limit is missed, 2 when a file that is named cannot be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Where agents keep their sessions:\n  ~/.claude/projects  ~/.codex/sessions  ~/.gemini/tmp\n  OpenCode: `opencode export ID > session.json`"
)]
pub struct ReplayArgs {
    /// Files, or folders that are searched for them.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// How to report.
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// How many rows the lists have.
    #[arg(long, value_name = "N", default_value_t = 15)]
    rows: usize,
    /// Fail when more than so many percent of what was used is lost.
    #[arg(long, value_name = "PERCENT")]
    max_loss: Option<f64>,
    /// Fail when less than so many percent of the tokens is saved.
    #[arg(long, value_name = "PERCENT")]
    min_saved: Option<f64>,
    /// Leave out the rules of the project (`.hr/rules`).
    #[arg(long)]
    no_project: bool,
    /// Show again what the session was shown before, as with agents that do not tell which session it is.
    #[arg(long)]
    no_session: bool,
    /// Compact the results of tools that are no shell too, as a gateway does; hooks do not see them.
    #[arg(long)]
    all_tools: bool,
}

/// How to report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// A page with charts that needs nothing else.
    Html,
}

/// Replays what is named, and reports.
pub fn run(args: &ReplayArgs, settings: &Settings) -> CliResult {
    let (found, named_badly) = inputs::find(&args.paths);
    let rules = settings.rules(&HowArgs { no_project: args.no_project, ..HowArgs::default() });
    let how = How { session: !args.no_session, all_tools: args.all_tools };
    let (mut sessions, mut skipped, mut failed) = (Vec::new(), 0, !named_badly.is_empty());
    named_badly.iter().for_each(Unread::complain);
    for (file, outcome) in found.iter().zip(replayed(&found, &rules, how)) {
        match outcome {
            Ok(replayed) => sessions.extend(replayed),
            Err(_) if !file.is_named => skipped += 1,
            Err(why) => {
                Unread { name: file.name.clone(), why }.complain();
                failed = true;
            }
        }
    }
    if sessions.is_empty() && !failed {
        let kinds = formats::FORMATS.iter().map(|format| format.summary).collect::<Vec<_>>().join("; ");
        return Err(CliError::new(ErrorKind::Config, "there is no session in what is named")
            .hint(format!("known are: {kinds}")));
    }
    if skipped > 0 {
        output::complain(&format!("hr: {skipped} of {} files have no session", found.len()));
    }
    let read = sessions.len();
    let sessions = without_copies(sessions);
    if sessions.len() < read {
        output::complain(&format!("hr: {} sessions are the beginning of others and left out", read - sessions.len()));
    }
    // Programs get all of it.
    let listed = if args.format == ReportFormat::Json { usize::MAX } else { args.rows };
    let report = Report::of(&sessions, listed);
    let written = match args.format {
        ReportFormat::Text => text::written(&report, args.rows),
        ReportFormat::Html => page::written(&report, args.rows),
        ReportFormat::Json => {
            serde_json::to_string_pretty(&report).map_err(|error| CliError::input(error.to_string()))? + "\n"
        }
    };
    output::print(written.as_bytes())?;
    let missed = args.max_loss.is_some_and(|most| report.percent.loss > most)
        || args.min_saved.is_some_and(|least| report.percent.saved < least);
    Ok(ExitCode::from(if failed { 2 } else { u8::from(missed) }))
}

/// Replays each file, on as many threads as there are processors; the results are in the order of the files.
fn replayed(found: &[Found], rules: &RuleSet, how: How) -> Vec<Result<Vec<Replayed>, String>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = found.get(place) else { break done };
            done.push((place, one(file, rules, how)));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(found.len());
    let mut done = std::thread::scope(|scope| {
        let others = (1..threads).map(|_| scope.spawn(work)).collect::<Vec<_>>();
        let mut done = work();
        let join = |other: std::thread::ScopedJoinHandle<'_, _>| {
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        done.extend(others.into_iter().flat_map(join));
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn one(file: &Found, rules: &RuleSet, how: How) -> Result<Vec<Replayed>, String> {
    let text = inputs::read(file)?;
    let sessions = formats::read(&text, &file.name).map_err(|error| error.to_string())?;
    let compact = |raw: &[u8], request: &_| guarded::compact(raw, request, rules);
    Ok(sessions.iter().map(|session| replay(session, &compact, how)).collect())
}
