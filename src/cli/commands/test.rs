//! `hr test`: runs the golden cases of rules, for people and for CI.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use similar::TextDiff;

use crate::cli::annotation;
use crate::cli::args::HowArgs;
use crate::cli::cases::{self, CaseFolder};
use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::golden::{self, Failure};
use crate::rule::{Layer, RuleSet, Source};

/// Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files.
///
/// Without a path, the tests inside every rule in force and the cases in `.hr/fixtures`. Exit status: 0 when all pass, 1
/// when one fails, 2 when a case or a rule cannot be read.
#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Folders of cases, or rule files whose inline tests are run.
    paths: Vec<PathBuf>,
    /// Write what came out as what is expected (never `keep`).
    #[arg(long)]
    bless: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// Only cases whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Leave out the rules of the project (`.hr/rules`).
    #[arg(long)]
    no_project: bool,
}

/// How to report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// A line for each failing case with its difference, and a summary.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// JUnit XML.
    Junit,
    /// Workflow commands that annotate files.
    Github,
}

/// One case that ran.
struct Ran {
    name: String,
    file: String,
    failures: Vec<Failure>,
}

/// Runs the cases and reports.
pub fn run(args: &TestArgs, settings: &Settings) -> CliResult {
    let how = HowArgs { no_project: args.no_project, ..HowArgs::default() };
    let Gathered { rules, folders, ids } = gather(args, settings, &how)?;
    let mut ran = Vec::new();
    for folder in folders.iter().filter(|folder| args.wants(&folder.case.name)) {
        ran.push(run_folder(args, folder, &rules)?);
    }
    let inline = args.paths.is_empty() || args.paths.iter().any(|path| path.is_file());
    for rule in if inline { rules.all() } else { Vec::new() } {
        let wanted = args.paths.is_empty() || ids.contains(&rule.id);
        for (name, failures) in if wanted { golden::run_inline(&rule, &rules) } else { Vec::new() } {
            let name = format!("{}: {name}", rule.id);
            if args.wants(&name) {
                ran.push(Ran { name, file: format!("{}.toml", rule.id), failures });
            }
        }
    }
    let report = match args.format {
        ReportFormat::Text => text(&ran),
        ReportFormat::Json => json(&ran),
        ReportFormat::Junit => junit(&ran),
        ReportFormat::Github => github(&ran),
    };
    output::print(report.as_bytes())?;
    Ok(ExitCode::from(u8::from(ran.iter().any(|ran| !ran.failures.is_empty()))))
}

impl TestArgs {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }
}

/// What is tested.
struct Gathered {
    rules: RuleSet,
    folders: Vec<CaseFolder>,
    /// The rules in the files that were named.
    ids: Vec<String>,
}

/// The rules in force and the case folders. Rule files that are named stand as user rules, in place of those of their id.
fn gather(args: &TestArgs, settings: &Settings, how: &HowArgs) -> Result<Gathered, CliError> {
    let config = |message: String| CliError::new(ErrorKind::Config, message);
    let mut folders = Vec::new();
    let mut named = Vec::new();
    for path in &args.paths {
        if path.is_file() {
            let text = std::fs::read_to_string(path).map_err(|error| config(format!("{}: {error}", path.display())))?;
            named.push(Source { file: path.display().to_string(), text, layer: Layer::User });
        } else {
            folders.extend(cases::load(path).map_err(config)?);
        }
    }
    let ids = named.iter().filter_map(id_of).collect::<Vec<_>>();
    let mut sources = settings.rule_sources(how);
    sources.retain(|source| id_of(source).is_none_or(|id| !ids.contains(&id)));
    sources.append(&mut named);
    if args.paths.is_empty() {
        let fixtures = settings.project_rules.as_ref().and_then(|rules| rules.parent()).map(|hr| hr.join("fixtures"));
        if let Some(fixtures) = fixtures.filter(|fixtures| fixtures.is_dir() && !args.no_project) {
            folders.extend(cases::load(&fixtures).map_err(config)?);
        }
    }
    let rules = RuleSet::with(&sources);
    if let Some(error) = rules.errors().first() {
        return Err(config(error.to_string()));
    }
    Ok(Gathered { rules, folders, ids })
}

/// The id that a rule file gives itself.
fn id_of(source: &Source) -> Option<String> {
    let rule: toml::Table = source.text.parse().ok()?;
    rule.get("id")?.as_str().map(ToString::to_string)
}

fn run_folder(args: &TestArgs, folder: &CaseFolder, rules: &RuleSet) -> Result<Ran, CliError> {
    let mut verdict = golden::run(&folder.case, rules);
    if args.bless {
        cases::bless(folder, &verdict)
            .map_err(|error| CliError::input(format!("cannot write in `{}`: {error}", folder.path.display())))?;
        verdict.failures.retain(|failure| matches!(failure, Failure::Lost(_) | Failure::Law(_)));
    } else if folder.case.expected.is_none() {
        verdict.failures.push(Failure::Law("there is no `expected`; `hr test --bless` writes it"));
    }
    let file = folder.path.join("expected").display().to_string();
    Ok(Ran { name: folder.case.name.clone(), file, failures: verdict.failures })
}

/// What is wrong, in words, with a difference where texts differ.
pub fn describe(failure: &Failure) -> String {
    match failure {
        Failure::Law(law) => format!("law broken: {law}"),
        Failure::Lost(texts) => texts.iter().map(|text| format!("lost: {text}")).collect::<Vec<_>>().join("\n"),
        Failure::Facts { expected, actual } => difference(expected.as_bytes(), actual.as_bytes(), "facts"),
        Failure::Differs { expected, actual } => difference(expected, actual, "text"),
    }
}

fn difference(expected: &[u8], actual: &[u8], what: &str) -> String {
    let (expected, actual) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(actual));
    let diff = TextDiff::from_lines(expected.as_ref(), actual.as_ref());
    diff.unified_diff().context_radius(2).header(&format!("expected {what}"), &format!("actual {what}")).to_string()
}

fn text(ran: &[Ran]) -> String {
    let mut report = String::new();
    for ran in ran.iter().filter(|ran| !ran.failures.is_empty()) {
        let _ = writeln!(report, "FAILED {} ({})", ran.name, ran.file);
        for failure in &ran.failures {
            let _ = writeln!(report, "{}", describe(failure).trim_end());
        }
    }
    let failed = ran.iter().filter(|ran| !ran.failures.is_empty()).count();
    let _ = writeln!(report, "{} passed, {failed} failed", ran.len() - failed);
    report
}

fn json(ran: &[Ran]) -> String {
    let cases = ran.iter().map(|ran| {
        let failures = ran.failures.iter().map(describe).collect::<Vec<_>>();
        serde_json::json!({ "name": ran.name, "file": ran.file, "passed": failures.is_empty(), "failures": failures })
    });
    let failed = ran.iter().filter(|ran| !ran.failures.is_empty()).count();
    let cases = cases.collect::<Vec<_>>();
    serde_json::json!({ "schema": 1, "passed": ran.len() - failed, "failed": failed, "cases": cases }).to_string()
        + "\n"
}

fn junit(ran: &[Ran]) -> String {
    let failed = ran.iter().filter(|ran| !ran.failures.is_empty()).count();
    let mut report = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(report, "<testsuites><testsuite name=\"hr test\" tests=\"{}\" failures=\"{failed}\">", ran.len());
    for ran in ran {
        let name = xml(&ran.name);
        if ran.failures.is_empty() {
            let _ = writeln!(report, "  <testcase name=\"{name}\"/>");
        } else {
            let text = ran.failures.iter().map(describe).collect::<Vec<_>>().join("\n");
            let text = xml(&text);
            let _ = writeln!(
                report,
                "  <testcase name=\"{name}\"><failure message=\"differs\">{text}</failure></testcase>"
            );
        }
    }
    report + "</testsuite></testsuites>\n"
}

/// Escapes a text for XML; control characters, which XML 1.0 cannot hold, become U+FFFD.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() => escaped.push('\u{FFFD}'),
            other => escaped.push(other),
        }
    }
    escaped
}

fn github(ran: &[Ran]) -> String {
    let mut report = String::new();
    for ran in ran.iter().filter(|ran| !ran.failures.is_empty()) {
        let text = ran.failures.iter().map(describe).collect::<Vec<_>>().join("\n");
        let (text, file) = (annotation::message(&text), annotation::property(&ran.file));
        let _ = writeln!(report, "::error file={file},title=hr test::{}: {text}", ran.name);
    }
    report
}
