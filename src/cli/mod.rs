//! The command line: dispatch, and everything that touches files, environment, clock and processes.
#![allow(clippy::disallowed_methods, reason = "the core is pure so that this module can do the I/O")]

pub mod agent_files;
mod annotation;
mod args;
pub mod cases;
pub mod commands;
pub mod config_text;
pub mod error;
mod guarded;
pub mod home;
mod intake;
mod journal;
mod keep;
mod large;
mod output;
mod page;
pub mod process;
pub mod project_file;
mod recorder;
pub mod recordings;
mod session;
mod settings;
mod trust;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
pub use error::{CliError, CliResult, ErrorKind};
use settings::Settings;

/// Runs the program.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let settings = Settings::from_env();
    dispatch(args, &settings).unwrap_or_else(|error| {
        output::complain(&error.to_string());
        error.exit_code()
    })
}

/// The whole program: one function a subcommand.
fn dispatch(args: Args, settings: &Settings) -> CliResult {
    match args.command {
        None => commands::filter::run(&args.filter, args.file.as_deref(), settings),
        Some(Command::Explain(args)) => commands::explain::run(&args, settings),
        Some(Command::Run(args)) => commands::run::run(&args, settings),
        Some(Command::Show(args)) => commands::show::run(&args, &settings.store()?),
        Some(Command::Store(args)) => commands::store::run(&args, settings.store()?),
        Some(Command::Rules(args)) => commands::rules::run(&args, settings),
        Some(Command::Test(args)) => commands::test::run(&args, settings),
        Some(Command::CacheCheck(args)) => commands::cache_check::run(&args),
        Some(Command::Replay(args)) => commands::replay::run(&args, settings),
        Some(Command::Stats(args)) => commands::stats::run(&args, settings),
        Some(Command::Hook(args)) => commands::hook::run(&args, settings),
        Some(Command::Init(args)) => commands::init::run(&args),
        Some(Command::Doctor(args)) => commands::doctor::run(&args, settings),
        Some(Command::Tokens(args)) => commands::tokens::run(&args),
        Some(Command::Completions(args)) => commands::completions::run(&args),
        Some(Command::Mcp(args)) => commands::mcp::run(&args, settings),
        Some(Command::Man(args)) => commands::man::run(&args),
    }
}

/// The command line as clap knows it, for completions and man pages.
pub fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}
