//! `hr cache-check`: lints prompts for what breaks a provider's prompt cache.

mod fix;
mod inputs;
mod report;

use std::process::ExitCode;

use clap::ValueEnum;
use regex::Regex;

use self::inputs::{Input, Unread};
use self::report::Report;
use crate::cache_check::{
    CHECKS, Check, Finding, Form, Options, Prompt, Provider, Severity, Thresholds, Verdict, check, compare,
    compare_pair,
};
use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::output;
use crate::cli::project_file::{self, CacheCheckFile};

/// Lints prompts and requests for what breaks a provider's prompt cache: times, identifiers, unstable order.
///
/// Reads text, Markdown, requests to OpenAI, Anthropic and Gemini, and lines of requests. Of several requests it says as
/// well where each parts from the one before it, and what that costs. Settings are in `hr.toml`, `[cache-check]`; a line
/// is allowed with `hr-allow: CHECK` on it or above it. Exit status: 0 when nothing is found, 1 when an error is, or more
/// warnings than `--max-warnings`, 2 when a file cannot be read.
#[derive(Debug, clap::Args)]
pub struct CacheCheckArgs {
    /// Files, or patterns such as `prompts/**/*.md`; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present_any = ["list", "explain"])]
    files: Vec<String>,
    /// How to read them: as requests when they are, as text, as one request (`.json` is), as a request a line (`.jsonl`).
    #[arg(long, value_enum, default_value_t)]
    input: InputForm,
    /// Whose requests they are, when they do not tell: anthropic, openai or gemini.
    #[arg(long, value_name = "NAME")]
    provider: Option<Provider>,
    /// How to report.
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// How bad a check's findings are: off, note, warning or error.
    #[arg(long, value_name = "CHECK=LEVEL")]
    severity: Vec<String>,
    /// Values that are allowed: a regular expression.
    #[arg(long, value_name = "PATTERN")]
    allow: Vec<String>,
    /// From how many on a prompt is unstable: uuid (3), timestamp (3), jwt (1) or hash (3).
    #[arg(long, value_name = "KIND=N")]
    threshold: Vec<String>,
    /// How many warnings are too few to fail.
    #[arg(long, value_name = "N")]
    max_warnings: Option<usize>,
    /// Exit with 0 whatever is found.
    #[arg(long)]
    exit_zero: bool,
    /// Sort the tools of requests by name, and the keys in them; shows the difference and asks first.
    #[arg(long, conflicts_with = "format")]
    fix: bool,
    /// With `--fix`: do not ask.
    #[arg(long, requires = "fix")]
    yes: bool,
    /// Print what a check is about.
    #[arg(long, value_name = "CHECK", conflicts_with_all = ["files", "list"])]
    explain: Option<String>,
    /// List the checks.
    #[arg(long, conflicts_with = "files")]
    list: bool,
}

/// How to read a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum InputForm {
    #[default]
    Auto,
    Text,
    Json,
    Jsonl,
}

/// How to report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people: each finding with its line.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// A prompt, checked.
struct Checked<'i> {
    input: &'i Input,
    prompt: Prompt<'i>,
    findings: Vec<Finding>,
    verdict: Verdict,
    /// What it has in common with the request before it.
    common: Option<compare::Common>,
}

/// Checks what is named, and reports.
pub fn run(args: &CacheCheckArgs) -> CliResult {
    if args.list {
        return list();
    }
    if let Some(name) = &args.explain {
        return explain(name);
    }
    let options = args.options(&project_file::find()?.cache_check)?;
    let (inputs, mut unread) = inputs::read(&args.files, args.input.into());
    let mut prompts = Vec::new();
    for input in &inputs {
        match Prompt::read(&input.text, input.form) {
            Ok(read) => prompts.extend(read.into_iter().map(|prompt| (input, prompt))),
            Err(error) => unread.push(Unread { name: input.name.clone(), why: error.to_string() }),
        }
    }
    unread.iter().for_each(|unread| output::complain(&format!("hr: {}: {}", unread.name, unread.why)));
    if args.fix {
        return fix::run(&prompts, args.yes, !unread.is_empty());
    }
    let checked = checked(prompts, args.provider, &options);
    let report = Report { checked: &checked, unread: &unread };
    output::print(report.written(args.format).as_bytes())?;
    let count = |severity: Severity| {
        checked.iter().flat_map(|checked| &checked.findings).filter(|finding| finding.severity == severity).count()
    };
    let too_many = args.max_warnings.is_some_and(|most| count(Severity::Warning) > most);
    let failed = !args.exit_zero && (count(Severity::Error) > 0 || too_many);
    Ok(ExitCode::from(if unread.is_empty() { u8::from(failed) } else { 2 }))
}

/// Runs the checks over each prompt, and over each request and the one before it.
fn checked<'i>(
    prompts: Vec<(&'i Input, Prompt<'i>)>,
    provider: Option<Provider>,
    options: &Options,
) -> Vec<Checked<'i>> {
    let mut checked: Vec<Checked<'i>> = Vec::new();
    for (input, mut prompt) in prompts {
        prompt.provider = prompt.provider.or(provider.filter(|_| prompt.request.is_some()));
        let mut findings = check(&prompt, options);
        let mut common = None;
        let before = checked.last().filter(|before| before.prompt.request.is_some() && prompt.request.is_some());
        if let Some(before) = before {
            common = Some(compare::Common::of(&before.prompt, &prompt));
            findings.extend(compare_pair(&before.prompt, &prompt, options));
        }
        let verdict = Verdict::of(&prompt, &findings, &options.thresholds);
        checked.push(Checked { input, prompt, findings, verdict, common });
    }
    checked
}

fn list() -> CliResult {
    let width = CHECKS.iter().map(|check| check.name.len()).max().unwrap_or_default();
    let lines = CHECKS.iter().map(|check| {
        let severity = check.severity.name();
        format!("{:width$}  {severity:7}  {}\n", check.name, check.summary())
    });
    output::print(lines.collect::<String>().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn explain(name: &str) -> CliResult {
    output::print(named(name)?.documentation().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The check of a name, or the nearest one in the hint.
fn named(name: &str) -> Result<&'static Check, CliError> {
    Check::named(name).ok_or_else(|| {
        let near = CHECKS.iter().min_by_key(|check| strsim::damerau_levenshtein(check.name, name));
        let near = near.map_or(String::new(), |check| format!("the nearest is `{}`; ", check.name));
        CliError::usage(format!("there is no check `{name}`")).hint(format!("{near}`hr cache-check --list` lists them"))
    })
}

impl From<InputForm> for Form {
    fn from(form: InputForm) -> Self {
        match form {
            InputForm::Auto => Self::Auto,
            InputForm::Text => Self::Text,
            InputForm::Json => Self::Json,
            InputForm::Jsonl => Self::Lines,
        }
    }
}

impl CacheCheckArgs {
    /// What the project's file says, and what was typed on top of it.
    fn options(&self, file: &CacheCheckFile) -> Result<Options, CliError> {
        let mut options = Options::default();
        let pairs = |pairs: &[String], what: &str| -> Result<Vec<(String, String)>, CliError> {
            let split = |pair: &String| {
                let split = pair.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
                split.ok_or_else(|| CliError::usage(format!("`{pair}` is not `{what}`")))
            };
            pairs.iter().map(split).collect()
        };
        let thresholds = file.thresholds.iter().map(|(kind, number)| (kind.clone(), number.to_string()));
        let written = Said {
            severity: file.severity.clone().into_iter().collect(),
            allow: file.allow.clone(),
            thresholds: thresholds.collect(),
        };
        written.add_to(&mut options).map_err(|error| error.hint("it stands in `hr.toml`, `[cache-check]`"))?;
        let typed = Said {
            severity: pairs(&self.severity, "CHECK=LEVEL")?,
            allow: self.allow.clone(),
            thresholds: pairs(&self.threshold, "KIND=N")?,
        };
        typed.add_to(&mut options)?;
        Ok(options)
    }
}

/// Settings as they are written or typed.
struct Said {
    severity: Vec<(String, String)>,
    allow: Vec<String>,
    thresholds: Vec<(String, String)>,
}

impl Said {
    fn add_to(self, options: &mut Options) -> Result<(), CliError> {
        for (name, level) in self.severity {
            let severity = if level == "off" { None } else { Some(level.parse().map_err(CliError::usage)?) };
            options.severity.insert(named(&name)?.name, severity);
        }
        for pattern in self.allow {
            let regex = Regex::new(&pattern);
            options.allow.push(regex.map_err(|error| CliError::usage(format!("`{pattern}` is no pattern: {error}")))?);
        }
        self.thresholds.iter().try_for_each(|(kind, number)| set(&mut options.thresholds, kind, number))
    }
}

fn set(thresholds: &mut Thresholds, kind: &str, number: &str) -> Result<(), CliError> {
    let threshold = match kind {
        "uuid" => &mut thresholds.uuid,
        "timestamp" => &mut thresholds.timestamp,
        "jwt" => &mut thresholds.jwt,
        "hash" => &mut thresholds.hash,
        _ => {
            return Err(CliError::usage(format!("`{kind}` has no threshold; `uuid`, `timestamp`, `jwt`, `hash` have")));
        }
    };
    let parsed = number.parse().ok().filter(|number| *number > 0);
    *threshold = parsed.ok_or_else(|| CliError::new(ErrorKind::Usage, format!("`{number}` is no threshold")))?;
    Ok(())
}
