//! `hr rules trust`: lets rules of a project do all that rules can do, by the hash of their text.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::output;
use crate::cli::settings::{Settings, read_rules};
use crate::cli::trust::{Entry, Trusted, hash};
use crate::rule::file::RuleFile;
use crate::rule::{self, Layer, Source};

/// How many digits of a hash are shown.
const DIGITS: usize = 12;

/// Trusts rules of the project, so that they may do all that rules can do.
///
/// A rule that is not trusted comes after all others and can only leave out and fold lines that are no failures. Trust is
/// for the text as it is now: a file that changes must be trusted again.
#[derive(Debug, clap::Args)]
pub struct TrustArgs {
    /// Rule files, or folders of them; all of the project's when there are none. With `--revoke` also hashes.
    paths: Vec<PathBuf>,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Print what is trusted and change nothing.
    #[arg(long, conflicts_with_all = ["revoke", "paths", "yes"])]
    list: bool,
    /// Trust them no longer.
    #[arg(long, conflicts_with = "yes")]
    revoke: bool,
}

/// Lists, trusts or revokes.
pub(super) fn run(args: &TrustArgs, settings: &Settings) -> CliResult {
    let mut trusted = Trusted::read()?;
    if args.list {
        return list(&trusted);
    }
    if args.revoke {
        return revoke(args, settings, &mut trusted);
    }
    let mut sources = named(&args.paths, settings)?;
    sources.retain(|source| !trusted.has(&source.text));
    if sources.is_empty() {
        output::print(b"nothing to trust: every rule named is trusted as it is\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = sources.iter().map(told).collect::<Result<String, CliError>>()?;
    output::print(report.as_bytes())?;
    if !args.yes && !confirmed(sources.len())? {
        return Err(CliError::input("nothing is trusted"));
    }
    trusted.entries.extend(sources.iter().map(|source| Entry { hash: hash(&source.text), file: source.file.clone() }));
    trusted.write()?;
    let count = crate::render::marker::counted(sources.len(), "rules");
    output::print(format!("{count} trusted; `hr rules trust --revoke` takes it back\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// What a rule does that it may not do yet.
fn told(source: &Source) -> Result<String, CliError> {
    if let Some(error) = rule::check(source) {
        return Err(CliError::new(ErrorKind::Config, error.to_string()).hint("a broken rule is not trusted"));
    }
    let file: RuleFile = toml::from_str(&source.text)
        .map_err(|error| CliError::new(ErrorKind::Config, format!("{}: {}", source.file, error.message())))?;
    let powers = rule::powers(&file);
    let may =
        if powers.is_empty() { "comes before built-in rules".into() } else { format!("uses {}", powers.join(", ")) };
    Ok(format!("{}\n  {}: {}\n  {may}; {}\n", source.file, file.id, file.summary, &hash(&source.text)[..DIGITS]))
}

/// Asks on the terminal.
fn confirmed(count: usize) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() {
        return Err(
            CliError::usage("trust is given on a terminal, by somebody who read the rules").hint("or say `--yes`")
        );
    }
    output::complain(&format!("trust {}? [y/N]", crate::render::marker::counted(count, "rules")));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CliError::input(format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The rule files that were named, or all of the project.
fn named(paths: &[PathBuf], settings: &Settings) -> Result<Vec<Source>, CliError> {
    if paths.is_empty() {
        let folder = settings.project_rules.as_ref().ok_or_else(|| {
            CliError::usage("there are no project rules here").hint("they are in `.hr/rules`, here or above")
        })?;
        return Ok(read_rules(&absolute(folder), Layer::Project));
    }
    let mut sources = Vec::new();
    for path in paths {
        if path.is_dir() {
            sources.extend(read_rules(&absolute(path), Layer::Project));
        } else {
            let text = fs::read_to_string(path)
                .map_err(|error| CliError::input(format!("cannot read `{}`: {error}", path.display())))?;
            sources.push(Source { file: absolute(path).display().to_string(), text, layer: Layer::Project });
        }
    }
    Ok(sources)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

fn list(trusted: &Trusted) -> CliResult {
    let mut report = String::new();
    for Entry { hash: known, file } in &trusted.entries {
        let state = match fs::read_to_string(file) {
            Ok(text) if hash(&text) == *known => "as trusted",
            Ok(_) => "changed",
            Err(_) => "gone",
        };
        let _ = writeln!(report, "{}  {state:<10}  {file}", &known[..DIGITS.min(known.len())]);
    }
    output::print(report.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Takes trust back from files, by name or by what they have in them, and from hashes.
fn revoke(args: &TrustArgs, settings: &Settings, trusted: &mut Trusted) -> CliResult {
    let is_hash = |path: &Path| {
        path.to_str().is_some_and(|text| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let (hashes, paths): (Vec<PathBuf>, Vec<PathBuf>) = args.paths.iter().cloned().partition(|path| is_hash(path));
    let gone =
        paths.iter().filter(|path| !path.exists()).map(|path| absolute(path).display().to_string()).collect::<Vec<_>>();
    let there = paths.into_iter().filter(|path| path.exists()).collect::<Vec<_>>();
    let sources = if there.is_empty() && !args.paths.is_empty() { Vec::new() } else { named(&there, settings)? };
    let before = trusted.entries.len();
    trusted.entries.retain(|entry| {
        let by_hash = hashes.iter().any(|hash| hash.to_str().is_some_and(|hash| entry.hash.starts_with(hash)));
        let by_file = sources.iter().any(|source| source.file == entry.file || hash(&source.text) == entry.hash);
        !by_hash && !by_file && !gone.contains(&entry.file)
    });
    if trusted.entries.len() == before {
        return Err(CliError::input("none of them is trusted").hint("`hr rules trust --list` lists what is"));
    }
    trusted.write()?;
    let count = crate::render::marker::counted(before - trusted.entries.len(), "rules");
    output::print(format!("{count} trusted no longer\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
