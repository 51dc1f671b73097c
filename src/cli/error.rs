//! Why a command of the program failed: what happened, what to do about it, and the exit code that says so.

use std::fmt;
use std::process::ExitCode;

/// What a failure is about; it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The command line is wrong.
    Usage,
    /// A rule or a setting is wrong.
    Config,
    /// The input cannot be read, or what was asked for is not there.
    Input,
    /// `hr` itself failed.
    Internal,
}

/// A failure as the user sees it: `hr: MESSAGE`, then one `hint: ...` line for each hint.
#[derive(Debug)]
pub struct CliError {
    kind: ErrorKind,
    message: String,
    hints: Vec<String>,
}

/// What a command returns.
pub type CliResult = Result<ExitCode, CliError>;

impl CliError {
    /// A failure with a message: lower case, names in backticks, no full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new() }
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// The input cannot be read, or what was asked for is not there.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// 2 for wrong usage and configuration, 1 for the rest.
    pub fn exit_code(&self) -> ExitCode {
        match self.kind {
            ErrorKind::Usage | ErrorKind::Config => ExitCode::from(2),
            ErrorKind::Input | ErrorKind::Internal => ExitCode::from(1),
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hr: {}", self.message)?;
        self.hints.iter().try_for_each(|hint| write!(f, "\n  hint: {hint}"))
    }
}

impl std::error::Error for CliError {}
