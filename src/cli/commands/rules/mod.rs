//! `hr rules`: the catalogue of rules: list, which, show, check here, what changes rules in files of its own.

mod eject;
mod import;
mod new;
mod trust;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use clap::Subcommand;

use crate::cli::args::HowArgs;
use crate::cli::commands::filter;
use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::output;
use crate::cli::settings::{Settings, read_rules};
use crate::command::{Printed, who_printed};
use crate::document::{Document, Origin};
use crate::pipeline;
use crate::rule::file::RuleFile;
use crate::rule::{self, Layer, Rule, RuleError, RuleSet, Source};

/// Lists, finds, shows, checks, copies and trusts rules.
#[derive(Debug, clap::Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    action: Action,
    /// Leave out the rules of the project (`.hr/rules`).
    #[arg(long, global = true)]
    no_project: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists every rule in force: name, where it comes from, what stays, what is lost.
    List {
        /// Only rules whose name or summary contains this.
        filter: Option<String>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Says which rule a command line or an output gets, and which others fit.
    Which {
        /// The exit status of the command.
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        exit_code: Option<i32>,
        /// The output to look at, `-` for standard input; without it only the command decides.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The command line.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Prints a rule as it is written.
    Show {
        /// The rule's id.
        id: String,
    },
    /// Checks rule files: the user's and the project's, or the files and folders named.
    ///
    /// Exit status: 0 when all is well, 1 when a rule is broken.
    Check {
        /// Rule files, or folders of them.
        paths: Vec<PathBuf>,
    },
    New(new::NewArgs),
    Eject(eject::EjectArgs),
    Trust(trust::TrustArgs),
    Import(import::ImportArgs),
}

/// Runs one of the subcommands.
pub fn run(args: &RulesArgs, settings: &Settings) -> CliResult {
    let how = HowArgs { no_project: args.no_project, ..HowArgs::default() };
    match &args.action {
        Action::List { filter, json } => list(filter.as_deref(), *json, settings, &how),
        Action::Which { exit_code, output, command } => {
            let rules = settings.rules(&how);
            which(&command.join(" "), *exit_code, output.as_deref(), &rules)
        }
        Action::Show { id } => show(id, settings, &how),
        Action::Check { paths } => check(paths, settings, &how),
        Action::New(args) => new::run(args, settings),
        Action::Eject(args) => eject::run(args, settings),
        Action::Trust(args) => trust::run(args, settings),
        Action::Import(args) => import::run(args, settings),
    }
}

fn list(filter: Option<&str>, json: bool, settings: &Settings, how: &HowArgs) -> CliResult {
    let wanted = |text: &str| filter.is_none_or(|filter| text.contains(filter));
    let rules = settings.rules(how).all();
    let rules = rules.into_iter().filter(|rule| wanted(&rule.id) || wanted(&rule.summary)).collect::<Vec<_>>();
    let own = settings.rule_sources(how).into_iter().filter_map(|source| toml::from_str(&source.text).ok());
    let built_in = rule::built_in_sources().filter_map(|(_, text)| toml::from_str(text).ok());
    // Of rules with the same id the later source is in force.
    let files = built_in.chain(own).map(|file: RuleFile| (file.id.clone(), file)).collect::<HashMap<_, _>>();
    let loses = |id: &str| files.get(id).map(RuleFile::loses).unwrap_or_default();
    let report = if json {
        let entries = rules.iter().map(|rule| {
            let Rule { id, layer, summary, .. } = &**rule;
            serde_json::json!({ "id": id, "layer": layer.to_string(), "summary": summary, "loses": loses(id) })
        });
        serde_json::json!({ "schema": 1, "rules": entries.collect::<Vec<_>>() }).to_string() + "\n"
    } else {
        let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        rules.iter().fold(String::new(), |mut report, rule| {
            let loses = loses(&rule.id).join(", ");
            let loses = if loses.is_empty() { loses } else { format!(" (without {loses})") };
            let _ = writeln!(report, "{:width$}  {:<9}  {}{loses}", rule.id, rule.layer, rule.summary);
            report
        })
    };
    output::print(report.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn which(command: &str, exit_code: Option<i32>, text: Option<&Path>, rules: &RuleSet) -> CliResult {
    let raw = match text {
        Some(path) => filter::read(Some(path))?.unwrap_or_default(),
        None => Vec::new(),
    };
    if command.is_empty() && raw.is_empty() {
        return Err(CliError::usage("there is nothing to look for").hint("name a command line, or `--output FILE`"));
    }
    let command = Some(command.to_string()).filter(|command| !command.is_empty());
    let doc = Document::new(&raw, Origin { command: command.clone(), exit_code });
    let request = pipeline::Request::default();
    let claims = pipeline::claims(&doc, &request, rules);
    let used = pipeline::decide(&doc, &request, rules).rule.map(|found| found.rule.id.clone());
    let mut report = String::new();
    for found in &claims {
        let by = if found.claim.by_command { "the command" } else { "the output" };
        let mark = if used.as_ref() == Some(&found.rule.id) { "*" } else { " " };
        let _ = writeln!(
            report,
            "{mark} {} ({}), told by {by}, score {}",
            found.rule.id, found.rule.layer, found.claim.score
        );
    }
    if used.is_none() && !claims.is_empty() {
        report.push_str("none is used: the output has another form than it knows, or is of several tools\n");
    }
    let printed = command.as_deref().and_then(who_printed);
    let maybe = if claims.is_empty() && raw.is_empty() {
        unconfirmed(printed.as_ref(), exit_code, rules)
    } else {
        String::new()
    };
    if claims.is_empty() && maybe.is_empty() {
        report.push_str("no rule\n");
        if command.is_some() && printed.is_none() {
            report.push_str("the command line is not understood\n");
        }
    }
    report += &maybe;
    output::print(report.as_bytes())?;
    Ok(ExitCode::from(u8::from(claims.is_empty() && maybe.is_empty())))
}

/// The rules of the programs that may have printed an output, where a filter or several programs make it uncertain.
fn unconfirmed(printed: Option<&Printed>, exit_code: Option<i32>, rules: &RuleSet) -> String {
    let mut report = String::new();
    for call in printed.map(|printed| &printed.candidates[..]).unwrap_or_default() {
        let line = call.words.join(" ");
        let doc = Document::new(b"", Origin { command: Some(line.clone()), exit_code });
        if let Some(found) = pipeline::claims(&doc, &pipeline::Request::default(), rules).first() {
            let Rule { id, layer, .. } = &*found.rule;
            let _ = writeln!(
                report,
                "? {id} ({layer}), told by `{line}`, if the output confirms it: `--output FILE` tells"
            );
        }
    }
    report
}

fn show(id: &str, settings: &Settings, how: &HowArgs) -> CliResult {
    let own = settings.rule_sources(how);
    let is_id = |source: &&Source| {
        let written: Option<toml::Table> = source.text.parse().ok();
        written.is_some_and(|rule| rule.get("id").and_then(toml::Value::as_str) == Some(id))
    };
    let text = match own.iter().rev().find(is_id) {
        Some(source) => &source.text,
        None => built_in(id)?,
    };
    output::print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The text of a built-in rule.
fn built_in(id: &str) -> Result<&'static str, CliError> {
    let text = rule::built_in_sources().find(|(known, _)| *known == id).map(|(_, text)| text);
    text.ok_or_else(|| {
        let known = rule::built_in_sources().map(|(known, _)| known);
        let near = known.max_by(|a, b| strsim::jaro_winkler(a, id).total_cmp(&strsim::jaro_winkler(b, id)));
        let error = CliError::new(ErrorKind::Input, format!("there is no rule `{id}`"));
        error.hint(near.map_or_else(|| "`hr rules list` lists them".into(), |near| format!("did you mean `{near}`?")))
    })
}

fn check(paths: &[PathBuf], settings: &Settings, how: &HowArgs) -> CliResult {
    let sources = if paths.is_empty() {
        settings.rule_sources(how)
    } else {
        let mut sources = Vec::new();
        for path in paths {
            if path.is_dir() {
                sources.extend(read_rules(path, Layer::User));
            } else {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| CliError::input(format!("cannot read `{}`: {error}", path.display())))?;
                sources.push(Source { file: path.display().to_string(), text, layer: Layer::User });
            }
        }
        sources
    };
    let mut broken = 0;
    for source in &sources {
        let mut errors = Vec::from_iter(rule::check(source));
        if errors.is_empty() && source.layer == Layer::Untrusted {
            errors.extend(RuleSet::with(std::slice::from_ref(source)).errors().to_vec());
        }
        broken += usize::from(!errors.is_empty());
        for error in &errors {
            output::complain(&excerpt(error, &source.text));
        }
    }
    let report = format!("{} checked, {broken} broken\n", crate::render::marker::counted(sources.len(), "rules"));
    output::print(report.as_bytes())?;
    Ok(ExitCode::from(u8::from(broken > 0)))
}

/// An error with the place in the file, drawn.
fn excerpt(error: &RuleError, source: &str) -> String {
    let end = error.span.end.min(source.len());
    let span = error.span.start.min(end)..end;
    let place = Snippet::source(source).path(&error.file).annotation(AnnotationKind::Primary.span(span));
    let mut title = vec![Level::ERROR.primary_title(&error.message).element(place)];
    if let Some(hint) = &error.hint {
        title.push(annotate_snippets::Group::with_title(Level::HELP.secondary_title(hint)));
    }
    let renderer = if std::io::stderr().is_terminal() { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&title)
}
