//! `hr [FILE]`: compacts a text that a tool printed.

use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::args::{Args, FilterArgs};
use crate::cli::error::{CliError, CliResult};
use crate::cli::keep::{self, Printed};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::document::{MAX_BYTES, Origin};
use crate::store::Recording;

/// Reads the text, compacts it, prints it.
pub fn run(args: &FilterArgs, file: Option<&Path>, settings: &Settings) -> CliResult {
    let raw = match read(file)? {
        Some(raw) => raw,
        None => {
            let help = Args::command().render_help();
            output::complain(&help.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    if settings.off || args.how.raw || raw.len() > MAX_BYTES {
        output::print(&raw)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rules = settings.rules(&args.how);
    let mut request = settings.request(&args.how, &rules)?;
    request.origin = Origin { command: args.command.clone(), exit_code: args.exit_code };
    let printed = Printed { recording: Recording::merged(&raw), request, spool: None, interrupted: false };
    let compacted = keep::compact_and_keep(printed, &args.how, &rules, settings);
    keep::print(&compacted.stdout, &args.how)?;
    Ok(ExitCode::SUCCESS)
}

/// The whole text; `None` when there is none and a person sits at the terminal.
pub fn read(file: Option<&Path>) -> Result<Option<Vec<u8>>, CliError> {
    match file {
        Some(path) if path != Path::new("-") => std::fs::read(path)
            .map(Some)
            .map_err(|error| CliError::input(format!("cannot read `{}`: {error}", path.display()))),
        None if io::stdin().is_terminal() => Ok(None),
        Some(_) | None => {
            let mut raw = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut raw);
            read.map_err(|error| CliError::input(format!("cannot read standard input: {error}")))?;
            Ok(Some(raw))
        }
    }
}
