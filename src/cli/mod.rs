//! The command line: dispatch, and everything that touches files, environment, clock and processes.
#![allow(clippy::disallowed_methods, reason = "the core is pure so that this module can do the I/O")]

pub mod commands;
pub mod error;
pub mod home;
pub mod recordings;

use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
