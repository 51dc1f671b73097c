//! Runs the wrapped command: starts it, takes in what it prints while it runs, passes signals on, and ends as it ended.
//!
//! The command notices nothing but pipes where its output went and `HR_ACTIVE` in its environment: its arguments, standard
//! input, folder, process group and ignored signals are those `hr` was started with. What to make of the bytes is left to
//! the caller.

mod end;
#[cfg(not(unix))]
mod portable;
mod start;
#[cfg(unix)]
mod unix;
mod write;

use std::ffi::{OsStr, OsString};

pub use end::{End, end_like};
#[cfg(not(unix))]
pub use portable::{Left, capture, pass_through};
pub use start::StartError;
#[cfg(unix)]
pub use unix::{Left, capture, pass_through};
pub use write::write_all;

/// The variable that tells an `hr` that another one already takes in what it prints.
pub const ACTIVE: &str = "HR_ACTIVE";

/// What to run.
#[derive(Debug, Clone, Copy)]
pub enum Program<'a> {
    /// A program and its arguments, as they are.
    Argv(&'a [OsString]),
    /// A shell line, whatever `$SHELL` says.
    Line {
        /// The line.
        line: &'a OsStr,
        /// The shell that runs it, by name or path; `/bin/sh` without one.
        shell: Option<&'a OsStr>,
    },
}

/// Where bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The one pipe that carries standard output and standard error in the order written.
    Both,
    /// Standard output alone.
    Stdout,
    /// Standard error alone.
    Stderr,
}

/// Is told what happens while it happens, so that a run that is killed can still be shown.
pub trait Sink {
    /// The command runs under this process id.
    fn started(&mut self, _pid: u32) {}

    /// Bytes have just arrived: they stand from `new` on behind those that are held. What the sink takes out of `held` is
    /// its own, and not in [`Captured`].
    fn chunk(&mut self, stream: Stream, held: &mut Vec<u8>, new: usize);
}

/// Keeps nothing.
impl Sink for () {
    fn chunk(&mut self, _: Stream, held: &mut Vec<u8>, _: usize) {
        held.clear();
    }
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Captured {
    /// What it wrote to standard output, or to both when `stderr` is `None`.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error; `None` when one pipe carried both.
    pub stderr: Option<Vec<u8>>,
    /// How it ended; `None` when it still runs, which happens only after an interruption.
    pub end: Option<End>,
    /// The signal by which `hr` was told to stop before the command had ended.
    pub interrupted: Option<i32>,
    /// Whether another process kept the pipe open after the command's end: it may print more, which is not in here.
    pub still_open: bool,
    /// The command itself, when it still runs.
    pub left: Option<Left>,
}

impl Captured {
    /// How `hr` has to end: of the signal it was told to stop by, else as the command ended.
    pub fn ending(&self) -> End {
        let interrupted = self.interrupted.map(End::Signaled);
        interrupted.or(self.end).unwrap_or(End::Exited(start::FAILED.into()))
    }
}
