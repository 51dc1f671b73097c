//! `hr [FILE]`: compacts a text that a tool printed.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::args::{Args, FilterArgs};
use crate::cli::error::{CliError, CliResult};
use crate::cli::keep::{self, Printed};
use crate::cli::large::{self, Outcome};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::document::{MAX_BYTES, Origin};
use crate::store::Recording;

/// Reads the text, compacts it, prints it.
pub fn run(args: &FilterArgs, file: Option<&Path>, settings: &Settings) -> CliResult {
    let Some(mut input) = open(file)? else {
        output::complain(&Args::command().render_help().to_string());
        return Ok(ExitCode::from(2));
    };
    if settings.off || args.how.raw {
        large::copy(&[], &mut input)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rules = settings.rules(&args.how);
    let mut request = match settings.request(&args.how, &rules) {
        Ok(request) => request,
        Err(error) => {
            // Wrong options lose no text.
            large::copy(&[], &mut input)?;
            return Err(error);
        }
    };
    request.origin = Origin { command: args.command.clone(), exit_code: args.exit_code };
    let mut raw = Vec::new();
    input.by_ref().take(large::LIMIT as u64).read_to_end(&mut raw).map_err(|error| large::unreadable(&error))?;
    if raw.len() == large::LIMIT {
        match large::compact(raw, &mut input, request.clone(), &args.how, &rules, settings)? {
            Outcome::Compacted(compaction) => {
                keep::print(&compaction, args)?;
                return Ok(ExitCode::SUCCESS);
            }
            Outcome::Printed => return Ok(ExitCode::SUCCESS),
            Outcome::Whole(whole) => raw = whole,
        }
    }
    if raw.len() > MAX_BYTES {
        output::print(&raw)?;
        return Ok(ExitCode::SUCCESS);
    }
    let printed = Printed { recording: Recording::merged(&raw), request, spool: None, interrupted: false };
    let compacted = keep::compact_and_keep(printed, &args.how, &rules, settings);
    keep::print(&compacted.stdout, args)?;
    Ok(ExitCode::SUCCESS)
}

/// The text to read; `None` when there is none and a person sits at the terminal.
fn open(file: Option<&Path>) -> Result<Option<Box<dyn Read>>, CliError> {
    match file {
        Some(path) if path != Path::new("-") => {
            let cannot = |error| CliError::input(format!("cannot read `{}`: {error}", path.display()));
            let file = File::open(path).map_err(cannot)?;
            if file.metadata().is_ok_and(|file| file.is_dir()) {
                return Err(CliError::input(format!("cannot read `{}`: it is a folder", path.display())));
            }
            Ok(Some(Box::new(file)))
        }
        None if io::stdin().is_terminal() => Ok(None),
        Some(_) | None => Ok(Some(Box::new(io::stdin().lock()))),
    }
}

/// The whole text; `None` when there is none and a person sits at the terminal.
pub fn read(file: Option<&Path>) -> Result<Option<Vec<u8>>, CliError> {
    let Some(mut input) = open(file)? else { return Ok(None) };
    let mut raw = Vec::new();
    input.read_to_end(&mut raw).map_err(|error| large::unreadable(&error))?;
    Ok(Some(raw))
}
