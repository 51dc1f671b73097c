//! `hr explain`: what was detected, which rule and why, and what became of every line.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::args::FilterArgs;
use crate::cli::commands::filter;
use crate::cli::error::{CliError, CliResult};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::compaction::{Draft, Fate};
use crate::document::{Document, Origin};
use crate::pipeline::{self, Decision};
use crate::rule::RuleSet;
use crate::tokens;

/// Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// Leave out the fates of the lines.
    #[arg(long)]
    brief: bool,
    /// The file to look at; standard input when it is left out or `-`.
    file: Option<PathBuf>,
}

/// Reads the text and explains.
pub fn run(args: &ExplainArgs, settings: &Settings) -> CliResult {
    let raw = filter::read(args.file.as_deref())?
        .ok_or_else(|| CliError::usage("there is nothing to explain").hint("pipe a text in, or name a file"))?;
    let rules = settings.rules(&args.filter.how);
    let mut request = settings.request(&args.filter.how, &rules)?;
    request.origin = Origin { command: args.filter.command.clone(), exit_code: args.filter.exit_code };
    request.handle = Some(blake3::hash(&raw).to_hex()[..8].to_string());
    let doc = Document::new(&raw, request.origin.clone());
    let decision = pipeline::decide(&doc, &request, &rules);
    let (draft, compaction) = pipeline::carried_out(&doc, &decision, &request);
    let mut report = decided(&doc, &decision, &rules);
    let (before, after) = compaction.tokens;
    let _ = writeln!(report, "form: {}; about {before} -> {after} tokens", compaction.form.name());
    for (name, value) in &compaction.facts {
        let _ = writeln!(report, "fact: {name}={value}");
    }
    let mut report = report.into_bytes();
    if !args.brief {
        fates(&draft, &mut report);
    }
    output::print(&report)?;
    Ok(ExitCode::SUCCESS)
}

/// Kind, command, rules in the race.
fn decided(doc: &Document<'_>, decision: &Decision, rules: &RuleSet) -> String {
    let mut report = String::new();
    let origin = doc.origin();
    let size = doc.raw().len();
    let _ = writeln!(report, "input: {size} bytes, {} lines, about {} tokens", doc.len(), tokens::estimate(doc.raw()));
    match (&origin.command, &decision.printed) {
        (None, _) => report.push_str("command: not told\n"),
        (Some(line), None) => {
            let _ = writeln!(report, "command: `{line}`, not understood");
        }
        (Some(line), Some(printed)) => {
            let tools = printed.candidates.iter().map(|call| call.words.join(" ")).collect::<Vec<_>>().join(" | ");
            let certain = if printed.certain { "certain" } else { "the output must confirm it" };
            let _ = writeln!(report, "command: `{line}`, printed by `{tools}` ({certain})");
        }
    }
    let _ = writeln!(report, "plan: {}", decision.plan);
    if let [_, _, ..] = &decision.parts[..] {
        for part in &decision.parts {
            let (first, last) = (doc.source_line(part.lines.start), doc.source_line(part.lines.end - 1));
            let _ = writeln!(report, "part: lines {first}-{last}, {} ({})", part.detection.kind, part.detection.why);
        }
    }
    match &decision.rule {
        Some(found) => {
            let by = if found.claim.by_command { "the command" } else { "the output" };
            let _ = writeln!(
                report,
                "rule: {} ({}), told by {by}, score {}",
                found.rule.id, found.rule.layer, found.claim.score
            );
        }
        None => report.push_str("rule: none\n"),
    }
    if let Some(leave) = decision.leave {
        let _ = writeln!(report, "left as it is: {leave}");
    }
    for error in rules.errors() {
        let _ = writeln!(report, "broken rule: {error}");
    }
    report
}

/// One line for every input line: number, fate, step, text.
fn fates(draft: &Draft<'_>, report: &mut Vec<u8>) {
    for line in 0..draft.len() {
        let (fate, reason) = match draft.fate(line) {
            Fate::Keep => ("keep", None),
            Fate::Rewrite { reason, .. } => ("rewrite", Some(reason)),
            Fate::Merge(reason) => ("merge", Some(reason)),
            Fate::Drop(reason) => ("drop", Some(reason)),
        };
        let reason = reason.map_or(String::new(), |id| {
            let reason = draft.reason(id);
            format!("{}: {}", reason.step, reason.label)
        });
        let mark = if draft.is_protected(line) { '!' } else { ' ' };
        let number = draft.doc().source_line(line);
        report.extend_from_slice(format!("{number:>6}{mark} {fate:<8}{reason:<28} ").as_bytes());
        report.extend_from_slice(draft.doc().line(line));
        report.push(b'\n');
    }
}
