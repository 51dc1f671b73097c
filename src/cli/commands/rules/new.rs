//! `hr rules new`: a rule, a golden case and a test, proposed from a recorded output.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use super::eject::{folder, write_new};
use crate::cli::cases::{self, CaseFolder};
use crate::cli::commands::filter;
use crate::cli::error::{CliError, CliResult};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::command::{Invocation, who_printed};
use crate::document::{Document, Origin};
use crate::golden;
use crate::render::marker::counted;
use crate::rule::{Layer, Proposal, RuleSet, Source, propose};
use crate::tokens;

/// Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// The command line that printed it.
    #[arg(long, short, value_name = "LINE")]
    command: String,
    /// Its exit status.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    exit_code: Option<i32>,
    /// The rule's id; `own/TOOL` when it is left out.
    #[arg(long, value_name = "GROUP/TOOL")]
    id: Option<String>,
    /// Among the rules of the project, `.hr/rules`, instead of the user's.
    #[arg(long)]
    project: bool,
    /// Write over files that are there.
    #[arg(long, short)]
    force: bool,
    /// The recorded output; standard input when it is left out or `-`.
    file: Option<PathBuf>,
}

/// Writes rule and case, runs both, and says what to do next.
pub(super) fn run(args: &NewArgs, settings: &Settings) -> CliResult {
    let call = call(&args.command)?;
    let raw = filter::read(args.file.as_deref())?.filter(|raw| !raw.is_empty());
    let raw =
        raw.ok_or_else(|| CliError::usage("there is no output to learn from").hint("name a file, or pipe it in"))?;
    let id = args.id.clone().unwrap_or_else(|| format!("own/{}", call.tool));
    let is_path = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', ' ']);
    if !id.split('/').all(is_path) {
        return Err(
            CliError::usage(format!("`{id}` is no id")).hint("an id is `group/tool`, in letters, digits and dashes")
        );
    }
    let doc = Document::new(&raw, Origin { command: Some(args.command.clone()), exit_code: args.exit_code });
    let proposal = propose(&id, &call, &doc);
    let rules = folder(args.project, settings)?;
    let rule = rules.join(format!("{id}.toml"));
    let name = if args.exit_code.unwrap_or(0) == 0 { "success" } else { "failure" };
    let case = rules.with_file_name("fixtures").join(id.rsplit('/').next().unwrap_or(&id)).join(name);
    write_new(&rule, proposal.rule.as_bytes(), args.force)?;
    write_case(args, &proposal, &raw, &case)?;
    let report = tried(&rule, &proposal, &case)?;
    let next = format!(
        "edit the rule, then: hr test {} {}\nwhat must survive is yours to say: {}\n",
        rule.display(),
        case.display(),
        case.join("keep").display()
    );
    output::print(format!("{}\n{}\n{report}{next}", rule.display(), case.display()).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The one program whose output it is.
fn call(line: &str) -> Result<Invocation, CliError> {
    let printed = who_printed(line).map(|printed| printed.candidates).unwrap_or_default();
    let [call] = &printed[..] else {
        let message = format!("`{line}` does not say which program printed the output");
        return Err(CliError::usage(message).hint("name the one command, such as `--command 'cargo test'`"));
    };
    Ok(call.clone())
}

fn write_case(args: &NewArgs, proposal: &Proposal, raw: &[u8], case: &Path) -> Result<(), CliError> {
    let exit = args.exit_code.map_or_else(String::new, |code| format!("# exit {code}\n"));
    let cmd = format!("{}\n{exit}# say here which version printed it, and how it was recorded\n", args.command);
    let keep = proposal.keep.iter().fold(String::new(), |keep, line| keep + line + "\n");
    write_new(&case.join("cmd"), cmd.as_bytes(), args.force)?;
    write_new(&case.join("input"), raw, args.force)?;
    write_new(&case.join("keep"), keep.as_bytes(), args.force)
}

/// Runs the rule on its case and its own test, and records what comes out.
fn tried(rule: &Path, proposal: &Proposal, case: &Path) -> Result<String, CliError> {
    let file = rule.display().to_string();
    let rules = RuleSet::with(&[Source { file, text: proposal.rule.clone(), layer: Layer::User }]);
    if let Some(error) = rules.errors().first() {
        return Err(CliError::input(format!("the proposed rule cannot be used: {error}")));
    }
    let mut report = String::new();
    for folder in cases::load(case).map_err(CliError::input)? {
        report += &recorded(&folder, &rules)?;
    }
    let own = rules.all().into_iter().filter(|rule| rule.layer == Layer::User);
    let failed =
        own.flat_map(|rule: Arc<_>| golden::run_inline(&rule, &rules)).filter(|(_, failures)| !failures.is_empty());
    let failed = failed.map(|(name, _)| format!("its test fails: {name}\n")).collect::<String>();
    Ok(report + &failed)
}

fn recorded(folder: &CaseFolder, rules: &RuleSet) -> Result<String, CliError> {
    let verdict = golden::run(&folder.case, rules);
    let failed = |error| CliError::input(format!("cannot write `{}`: {error}", folder.path.display()));
    cases::bless(folder, &verdict).map_err(failed)?;
    let (before, after) = (tokens::estimate(&folder.case.input), tokens::estimate(&verdict.text));
    let lost =
        if verdict.failures.is_empty() { String::new() } else { counted(verdict.failures.len(), "checks fail") + "\n" };
    Ok(format!("about {before} -> {after} tokens\n{lost}"))
}
