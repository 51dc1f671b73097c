//! `hr rules`.

use crate::cli::error::CliResult;
use crate::cli::settings::Settings;

/// X.
#[derive(Debug, clap::Args)]
pub struct RulesArgs {}

/// X.
pub fn run(_: &RulesArgs, _: &Settings) -> CliResult {
    Ok(std::process::ExitCode::SUCCESS)
}
