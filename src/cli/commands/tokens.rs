//! `hr tokens`: how many tokens texts cost a model.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::tokens;

/// What `hr tokens` takes.
#[derive(Debug, clap::Args)]
pub struct TokensArgs {
    /// Count exactly, with the vocabulary o200k_base
    ///
    /// Needs a program that was built with the feature `tokens-exact`. Without this option tokens are estimated, which
    /// is off by a few percent.
    #[arg(long)]
    pub exact: bool,
    /// Files to count; none or `-` is standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Prints the tokens of each file, and the total when there are several.
pub fn run(args: &TokensArgs) -> CliResult {
    let count = counter(args.exact)?;
    let mut out = std::io::stdout().lock();
    if args.files.is_empty() {
        print(&mut out, count(&read(Path::new("-"))?), None)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut total = 0;
    for file in &args.files {
        let tokens = count(&read(file)?);
        total += tokens;
        print(&mut out, tokens, Some(&file.display().to_string()))?;
    }
    if args.files.len() > 1 {
        print(&mut out, total, Some("total"))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "tokens-exact")]
fn counter(exact: bool) -> Result<fn(&[u8]) -> usize, CliError> {
    Ok(if exact { tokens::exact::count } else { tokens::estimate })
}

#[cfg(not(feature = "tokens-exact"))]
fn counter(exact: bool) -> Result<fn(&[u8]) -> usize, CliError> {
    if exact {
        return Err(CliError::usage("`--exact` needs a vocabulary that this `hr` was built without")
            .hint("`cargo build --release --features tokens-exact` builds one with it")
            .hint("without `--exact` the tokens are estimated, a few percent off"));
    }
    Ok(tokens::estimate)
}

/// Reads a file, or standard input for `-`.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    if path == Path::new("-") {
        let mut text = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut text);
        return read.map(|_| text).map_err(|error| CliError::input(format!("cannot read standard input: {error}")));
    }
    std::fs::read(path).map_err(|error| CliError::input(format!("cannot read `{}`: {error}", path.display())))
}

/// Prints one line; a reader that has gone away is no failure.
fn print(out: &mut impl Write, tokens: usize, name: Option<&str>) -> Result<(), CliError> {
    let written = match name {
        Some(name) => writeln!(out, "{tokens:>9} {name}"),
        None => writeln!(out, "{tokens}"),
    };
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::new(ErrorKind::Internal, format!("cannot write: {error}")))
        }
        _ => Ok(()),
    }
}
