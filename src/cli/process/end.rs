//! How a command ended, and how to end in the same way, so that whoever waits for `hr` sees what it would have seen without.

use std::io::{Write, stderr, stdout};
use std::process::{ExitCode, ExitStatus};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It exited with this status.
    Exited(i32),
    /// It died of this signal.
    Signaled(i32),
}

impl End {
    /// The status as a shell shows it: 128 and the number of the signal for a death by signal.
    pub fn code(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled(signal) => 128 + signal,
        }
    }
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signaled(signal);
        }
        Self::Exited(status.code().unwrap_or(1))
    }
}

/// Ends as a command ended: does not return when it died of a signal that can be died of here, too.
///
/// Everything that is to be seen must have been written.
pub fn end_like(end: End) -> ExitCode {
    // Nobody is left to tell about a failure.
    let _ = (stdout().flush(), stderr().flush());
    if let End::Signaled(signal) = end {
        die_of(signal);
    }
    exit_code(end.code())
}

#[cfg(unix)]
fn die_of(signal: i32) {
    // The command has left its core already; a second one, of `hr`, would only mislead.
    let no_core = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, no_core);
    // A core that goes to a program is not bound by the limit.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}

#[cfg(not(unix))]
fn die_of(_: i32) {}

#[cfg(unix)]
fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}

/// Exit codes have 32 bits here and `ExitCode` takes eight of them.
#[cfg(not(unix))]
fn exit_code(code: i32) -> ExitCode {
    std::process::exit(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_a_shell_shows() {
        assert_eq!(End::Exited(7).code(), 7);
        assert_eq!(End::Signaled(15).code(), 143);
    }
}
