//! `hr stats`: what the journal says that was saved, less what was read after all.

mod exact;
mod forms;
pub mod sums;

use std::process::ExitCode;

use clap::ValueEnum;

use self::forms::Told;
use self::sums::{By, Projects};
use super::show::unix_now;
use crate::cli::error::{CliError, CliResult};
use crate::cli::home::home;
use crate::cli::settings::Settings;
use crate::cli::{journal, output};

/// Says what was saved: tokens before and after, less the markers and what was read after all.
///
/// The journal has a line for every call of the filter, of `hr run` and of hooks, and for every `hr show` that a program
/// read, also over MCP. It stays on this machine, in the folder of the recordings; `HR_JOURNAL=off` keeps none.
#[derive(Debug, clap::Args)]
pub struct StatsArgs {
    /// What to list; given more than once, each. Without it: day, rule, project and agent.
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Vec<By>,
    /// Only the last so many days; 0 for all there is.
    #[arg(long, value_name = "N", default_value_t = 30)]
    days: u64,
    /// Only calls in this folder or below it.
    #[arg(long, value_name = "FOLDER")]
    project: Option<String>,
    /// Only calls of this agent.
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// How to report.
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// How many rows each list has.
    #[arg(long, value_name = "N", default_value_t = 15)]
    rows: usize,
    /// Count the tokens of calls again, exactly, where the original is still kept.
    ///
    /// Needs a program that was built with the feature `tokens-exact`.
    #[arg(long)]
    exact: bool,
}

/// How to report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people, with bars.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// A line a row, with a heading.
    Csv,
    /// A page with charts that needs nothing else.
    Html,
}

/// Reads the journal, adds it up, reports.
pub fn run(args: &StatsArgs, settings: &Settings) -> CliResult {
    let folder = home()?.join("journal");
    let since = if args.days == 0 { 0 } else { unix_now().saturating_sub(args.days.saturating_mul(86_400)) };
    let cannot = |error| CliError::input(format!("cannot read the journal in `{}`: {error}", folder.display()));
    let mut journal = journal::read(&folder, since).map_err(cannot)?;
    let mut projects = Projects::default();
    let wanted = args.project.as_ref().map(|folder| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.into()));
    journal.entries.retain(|entry| {
        let dir = entry.dir.as_deref().unwrap_or_default();
        let in_project = |wanted: &std::path::PathBuf| {
            std::path::Path::new(dir).starts_with(wanted) || projects.of(Some(dir)) == wanted.display().to_string()
        };
        wanted.as_ref().is_none_or(in_project)
            && args.agent.as_ref().is_none_or(|agent| entry.agent.as_ref() == Some(agent))
    });
    let exact = if args.exact { Some(exact::count(&mut journal.entries, settings)?) } else { None };
    let lists = match &args.by[..] {
        [] => &[By::Day, By::Rule, By::Project, By::Agent],
        asked => asked,
    };
    let told = Told {
        days: args.days,
        first: journal.entries.first().map(|entry| journal::date(entry.time).to_string()),
        last: journal.entries.last().map(|entry| journal::date(entry.time).to_string()),
        exact,
        unread: journal.unread,
        total: sums::total(&journal.entries),
        lists: lists.iter().map(|by| (*by, sums::by(*by, &journal.entries))).collect(),
    };
    let text = match args.format {
        ReportFormat::Text => forms::text(&told, args.rows),
        ReportFormat::Json => forms::json(&told)?,
        ReportFormat::Csv => forms::csv(&told),
        ReportFormat::Html => forms::html(&told, args.rows),
    };
    if journal.entries.is_empty() {
        let why = if journal::is_off() { "; HR_JOURNAL is off" } else { "" };
        output::complain(&format!("hr: nothing is in the journal for this{why}"));
    }
    output::print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
