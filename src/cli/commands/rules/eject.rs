//! `hr rules eject`: copies a built-in rule to where it can be edited.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::error::{CliError, CliResult};
use crate::cli::output;
use crate::cli::settings::Settings;

/// Copies a built-in rule into the user's rules, where it takes its place and can be edited.
#[derive(Debug, clap::Args)]
pub struct EjectArgs {
    /// The rule's id.
    id: String,
    /// Into the rules of the project, `.hr/rules`, instead.
    #[arg(long)]
    project: bool,
    /// Write over a file that is there.
    #[arg(long, short)]
    force: bool,
}

/// Copies the rule and says where it is.
pub(super) fn run(args: &EjectArgs, settings: &Settings) -> CliResult {
    let text = super::built_in(&args.id)?;
    let folder = folder(args.project, settings)?;
    let path = folder.join(format!("{}.toml", args.id));
    write_new(&path, text.as_bytes(), args.force)?;
    output::print(format!("{}\n", path.display()).as_bytes())?;
    if args.project {
        output::complain("hr: a project rule takes the place of a built-in one once it is trusted: `hr rules trust`");
    }
    Ok(ExitCode::SUCCESS)
}

/// Where rules of the user or of the project are written.
pub(super) fn folder(project: bool, settings: &Settings) -> Result<PathBuf, CliError> {
    if project {
        return Ok(settings.project_rules.clone().unwrap_or_else(|| PathBuf::from(".hr/rules")));
    }
    settings.user_rules.clone().ok_or_else(|| {
        CliError::input("there is no folder for the user's rules")
            .hint("set `XDG_CONFIG_HOME` or `HOME`, or say `--project`")
    })
}

/// Writes a file that must not be there yet, and the folders above it.
pub(super) fn write_new(path: &Path, bytes: &[u8], force: bool) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::input(format!("cannot write `{}`: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let opened = OpenOptions::new().write(true).create(true).truncate(force).create_new(!force).open(path);
    let mut file = opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            CliError::usage(format!("`{}` is there already", path.display())).hint("`--force` writes over it")
        }
        _ => failed(error),
    })?;
    file.write_all(bytes).map_err(failed)
}
