//! `hr rules import`: the rules of other programs as rules of the user.
//!
//! Everything is read and converted before anything is written; a file that is there already stops it all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::render::marker::counted;
use crate::rule::import::{self, Fate, Imported, NoRule, Note, Peer};

/// The largest file that is read as a rule.
const LARGEST: u64 = 4 << 20;

/// Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over.
///
/// Exit status: 0 when every file is read, 1 with `--strict` when something is not carried over, 2 when a file cannot be
/// read or would be overwritten.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// Rule files, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Whose rules they are; without it every file is told by its shape.
    #[arg(long, value_enum)]
    from: Option<PeerArg>,
    /// The rules folder to write to, below `imported/`; default: yours.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Only report, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Overwrite rules that are there.
    #[arg(long)]
    force: bool,
    /// End with 1 when something is not carried over.
    #[arg(long)]
    strict: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

/// Whose rules they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PeerArg {
    /// JSON files, one rule in each.
    Tokenjuice,
    /// TOML files, one filter in each.
    Tokf,
    /// TOML files with any number of filters.
    Rtk,
}

impl PeerArg {
    fn peer(self) -> Peer {
        match self {
            Self::Tokenjuice => Peer::Tokenjuice,
            Self::Tokf => Peer::Tokf,
            Self::Rtk => Peer::Rtk,
        }
    }
}

/// How to report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// What is left out of each rule, what is changed and in how many, and a summary.
    #[default]
    Text,
    /// One JSON object with the fate of every key.
    Json,
}

/// What was found in the paths.
#[derive(Debug, Default)]
struct Found {
    /// Rules, with the file each came from.
    rules: Vec<(PathBuf, Imported)>,
    /// Files that cannot be used, and why.
    broken: Vec<(PathBuf, String)>,
    /// Test cases, schemas and files of no known shape, in folders.
    others: usize,
}

/// Reads, converts, writes and reports.
pub fn run(args: &ImportArgs, settings: &Settings) -> CliResult {
    let found = find(args)?;
    if found.rules.is_empty() && found.broken.is_empty() {
        let message = format!("there is no rule of tokenjuice, tokf or RTK in {}", named(&args.paths));
        return Err(config(message).hint("name a rule file or a folder of them; `--from` says whose they are"));
    }
    let folder = args.out.clone().or_else(|| settings.user_rules.clone());
    let folder =
        folder.ok_or_else(|| config("there is no folder for your rules".into()).hint("name one with `--out`"))?;
    if !args.dry_run {
        write(&found.rules, &folder, args.force)?;
    }
    let report = match args.format {
        ReportFormat::Text => text(args, &found, &folder),
        ReportFormat::Json => json(args, &found, &folder),
    };
    output::print(report.as_bytes())?;
    for (path, why) in &found.broken {
        output::complain(&format!("hr: `{}` is left out: {why}", path.display()));
    }
    let is_partial = found.rules.iter().any(|(_, rule)| rule.notes.iter().any(|note| note.fate == Fate::Left));
    Ok(match (found.broken.is_empty(), args.strict && is_partial) {
        (false, _) => ExitCode::from(2),
        (true, is_wrong) => ExitCode::from(u8::from(is_wrong)),
    })
}

fn config(message: String) -> CliError {
    CliError::new(ErrorKind::Config, message)
}

fn named(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}

/// Reads every file that is named, or is in a folder that is named.
fn find(args: &ImportArgs) -> Result<Found, CliError> {
    let mut found = Found::default();
    let mut ids = BTreeSet::new();
    for root in &args.paths {
        let unreadable = |error| config(format!("cannot read `{}`: {error}", root.display()));
        let mut files = Vec::new();
        if fs::metadata(root).map_err(unreadable)?.is_dir() {
            collect(root, &mut files).map_err(unreadable)?;
            files.sort();
        } else {
            files.push(root.clone());
        }
        for file in files {
            let name = if file == *root {
                file.file_name().map(PathBuf::from)
            } else {
                file.strip_prefix(root).ok().map(Path::to_path_buf)
            };
            read(&file, &name.unwrap_or_default(), file == *root, args, &mut found);
        }
    }
    // A second rule of a name would be written over the first.
    for (path, rule) in std::mem::take(&mut found.rules) {
        if ids.insert(rule.id.clone()) {
            found.rules.push((path, rule));
        } else {
            found
                .broken
                .push((path, format!("there is another rule with the name `{}`; import it on its own", rule.id)));
        }
    }
    Ok(found)
}

/// The JSON and TOML files below a folder; links are not followed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            collect(&path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "json" || extension == "toml")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Reads one file. What is no rule matters only when somebody named the file.
fn read(file: &Path, name: &Path, is_named: bool, args: &ImportArgs, found: &mut Found) {
    let text = match fs::metadata(file).map(|data| data.len()) {
        Ok(size) if size > LARGEST => Err(format!("it has {size} bytes, which no rule has")),
        _ => fs::read_to_string(file).map_err(|error| format!("it cannot be read: {error}")),
    };
    let rules = text.map(|text| import::read(&name.to_string_lossy(), &text, args.from.map(PeerArg::peer)));
    match rules {
        Ok(Ok(rules)) => found.rules.extend(rules.into_iter().map(|rule| (file.to_path_buf(), rule))),
        Ok(Err(NoRule::Unknown | NoRule::Beside)) if !is_named => found.others += 1,
        Ok(Err(NoRule::Broken(error))) => found.broken.push((file.to_path_buf(), error)),
        Ok(Err(NoRule::Unknown)) => {
            let whose = args.from.map_or("tokenjuice, tokf or RTK", |peer| peer.peer().name());
            let needs = "it needs `match` and `family` (tokenjuice), `command` (tokf) or `filters` (RTK)";
            found.broken.push((file.to_path_buf(), format!("it is no rule of {whose}: {needs}")));
        }
        Ok(Err(NoRule::Beside)) => {
            found.broken.push((file.to_path_buf(), "it is a test case or a schema, not a rule".into()));
        }
        Err(error) => found.broken.push((file.to_path_buf(), error)),
    }
}

fn target(folder: &Path, rule: &Imported) -> PathBuf {
    folder.join(format!("{}.toml", rule.id))
}

/// Writes the rules, all or, when one is there already, none.
fn write(rules: &[(PathBuf, Imported)], folder: &Path, force: bool) -> Result<(), CliError> {
    let texts = rules.iter().filter_map(|(_, rule)| Some((target(folder, rule), rule.text.as_ref()?)));
    let texts = texts.collect::<Vec<_>>();
    let there = texts.iter().filter(|(path, _)| !force && fs::symlink_metadata(path).is_ok()).collect::<Vec<_>>();
    if let Some((first, _)) = there.first() {
        let more = if there.len() > 1 { format!(" and {} more", there.len() - 1) } else { String::new() };
        let message = format!("`{}`{more} would be overwritten; nothing is written", first.display());
        return Err(config(message).hint("`--force` overwrites; `--out` writes elsewhere"));
    }
    for (path, text) in texts {
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = parent.and_then(|()| fs::write(&path, text));
        written.map_err(|error| config(format!("cannot write `{}`: {error}", path.display())))?;
    }
    Ok(())
}

/// What is left out by rule; what is changed by reason, since many rules share it.
fn text(args: &ImportArgs, found: &Found, folder: &Path) -> String {
    let mut report = String::new();
    let mut reasons: Vec<(&str, &str, usize)> = Vec::new();
    for (_, rule) in &found.rules {
        let notes = |fate: Fate| rule.notes.iter().filter(move |note| note.fate == fate);
        if notes(Fate::Left).next().is_some() {
            let what = if rule.text.is_some() { "left out of" } else { "not imported:" };
            let _ = writeln!(report, "{what} {}", rule.id);
        }
        for note in notes(Fate::Left) {
            let colon = if note.key.is_empty() { "" } else { ": " };
            let _ = writeln!(report, "  {}{colon}{}", note.key, note.why);
        }
        for Note { key, why, .. } in notes(Fate::Changed).filter(|_| rule.text.is_some()) {
            let key = key.split('[').next().unwrap_or(key);
            match reasons.iter_mut().find(|(known, reason, _)| (*known, *reason) == (key, why)) {
                Some((_, _, count)) => *count += 1,
                None => reasons.push((key, why, 1)),
            }
        }
    }
    if !reasons.is_empty() {
        report.push_str("means something else here\n");
    }
    reasons.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    for (key, why, count) in reasons {
        let _ = writeln!(report, "  {key} ({}): {why}", counted(count, "times"));
    }
    report + &summary(args, found, folder)
}

fn summary(args: &ImportArgs, found: &Found, folder: &Path) -> String {
    let written = found.rules.iter().filter(|(_, rule)| rule.text.is_some());
    let (whole, partial): (Vec<_>, Vec<_>) =
        written.partition(|(_, rule)| rule.notes.iter().all(|note| note.fate != Fate::Left));
    let total = whole.len() + partial.len();
    let verb = if args.dry_run { "would be written" } else { "written" };
    let mut line = format!("{} {verb} below `{}`", counted(total, "rules"), folder.join("imported").display());
    let lost = [
        (partial.len(), "not whole"),
        (found.rules.len() - total, "not imported"),
        (found.broken.len(), "not read"),
        (found.others, "other files"),
    ];
    for (count, what) in lost.into_iter().filter(|(count, _)| *count > 0) {
        let _ = write!(line, ", {count} {what}");
    }
    line + "\n"
}

fn json(args: &ImportArgs, found: &Found, folder: &Path) -> String {
    let rules = found.rules.iter().map(|(path, rule)| {
        let notes = rule
            .notes
            .iter()
            .map(|note| serde_json::json!({ "key": note.key, "fate": note.fate.name(), "why": note.why }));
        let target = rule.text.as_ref().map(|_| target(folder, rule).display().to_string());
        serde_json::json!({
            "id": rule.id,
            "peer": rule.peer.name(),
            "from": path.display().to_string(),
            "file": target,
            "keys": notes.collect::<Vec<_>>(),
        })
    });
    let broken =
        found.broken.iter().map(|(path, why)| serde_json::json!({ "file": path.display().to_string(), "why": why }));
    serde_json::json!({
        "schema": 1,
        "dry_run": args.dry_run,
        "rules": rules.collect::<Vec<_>>(),
        "broken": broken.collect::<Vec<_>>(),
        "other_files": found.others,
    })
    .to_string()
        + "\n"
}
