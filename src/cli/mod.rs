//! The command line: dispatch, and everything that touches files, environment, clock and processes.
#![allow(clippy::disallowed_methods, reason = "the core is pure so that this module can do the I/O")]

pub mod commands;
pub mod error;
pub mod process;

use std::process::ExitCode;

use clap::Parser;

/// Makes the output of tools small enough for an AI agent's context.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Run(commands::run::RunArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let Command::Run(args) = Cli::parse().command;
    commands::run::run(&args).unwrap_or_else(|error| {
        process::write_all(process::Stream::Stderr, format!("{error}\n").as_bytes());
        error.exit_code()
    })
}
