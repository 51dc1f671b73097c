//! `hr man`: prints the manual page, or writes one page for each subcommand.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap_mangen::Man;

use crate::cli::error::{CliError, CliResult};
use crate::cli::output;

/// Prints the manual page, or writes all of them
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write `hr.1` and a page for each subcommand into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints or writes.
pub fn run(args: &ManArgs) -> CliResult {
    match &args.out {
        None => output::print(&page()?)?,
        Some(folder) => write(folder)
            .map_err(|error| CliError::input(format!("cannot write the pages to `{}`: {error}", folder.display())))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The page of the program itself, as roff.
fn page() -> Result<Vec<u8>, CliError> {
    let mut page = Vec::new();
    output::forgive(Man::new(crate::cli::command()).render(&mut page))?;
    Ok(page)
}

/// Writes every page; the folder is made when it is missing.
fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    // Without the subcommand `help` there is a page for what somebody would look up, and no other.
    clap_mangen::generate_to(crate::cli::command().disable_help_subcommand(true), folder)
}
