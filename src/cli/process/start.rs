//! From a program to the command that starts it, and from a failed start to the status and message a shell would give.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::Program;

/// The status that says that `hr` itself failed before the command started.
pub(super) const FAILED: u8 = 125;
/// The status of a command that was found and cannot be executed.
const NOT_EXECUTABLE: u8 = 126;
/// The status of a command that was not found.
const NOT_FOUND: u8 = 127;

/// Why a command did not start.
#[derive(Debug)]
pub struct StartError {
    code: u8,
    message: String,
}

impl StartError {
    /// 127 when the command was not found, 126 when it cannot be executed, 125 when `hr` failed.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// A failure of `hr` itself.
    pub(super) fn own(what: &str, error: &io::Error) -> Self {
        Self { code: FAILED, message: format!("{what}: {}", reason(error)) }
    }

    fn of_program(name: &OsStr, error: &io::Error) -> Self {
        let path = Path::new(name);
        let is_path = path.components().count() > 1 || name.to_string_lossy().contains('/');
        let (code, why) = match error.kind() {
            ErrorKind::NotFound if !is_path => (NOT_FOUND, "command not found".to_owned()),
            // The file is there, so it is its interpreter that is not.
            ErrorKind::NotFound if path.exists() => (NOT_EXECUTABLE, format!("bad interpreter: {}", reason(error))),
            ErrorKind::NotFound => (NOT_FOUND, reason(error)),
            ErrorKind::PermissionDenied if path.is_dir() => (NOT_EXECUTABLE, "Is a directory".to_owned()),
            ErrorKind::OutOfMemory | ErrorKind::WouldBlock => (FAILED, reason(error)),
            _ => (NOT_EXECUTABLE, reason(error)),
        };
        Self { code, message: format!("{}: {why}", name.to_string_lossy()) }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hr: {}", self.message)
    }
}

impl std::error::Error for StartError {}

/// The system's words for an error, without the number that Rust adds.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Starts a program with the streams and variables that `prepare` sets.
pub(super) fn spawn(
    program: Program<'_>,
    prepare: impl Fn(&mut Command) -> io::Result<()>,
) -> Result<Child, StartError> {
    start(program, |command| {
        prepare(command)?;
        command.spawn()
    })
}

/// Hands the command for a program to `begin`, and once more as a shell script when the system does not know its format.
pub(super) fn start<T>(program: Program<'_>, begin: impl Fn(&mut Command) -> io::Result<T>) -> Result<T, StartError> {
    let (mut command, name, arguments) = match program {
        Program::Argv([]) => return Err(StartError { code: FAILED, message: "no command given".to_owned() }),
        Program::Argv([name, arguments @ ..]) => {
            let mut command = Command::new(name);
            command.args(arguments);
            (command, name.as_os_str(), arguments)
        }
        Program::Line { line, shell } => {
            let shell = shell.map_or(OsStr::new(SHELL), without_hyphen);
            (shell_line(shell, line), shell, [].as_slice())
        }
    };
    let error = match begin(&mut command) {
        Ok(started) => return Ok(started),
        Err(error) => error,
    };
    match is_unknown_format(&error).then(|| script(name)).flatten() {
        Some(path) => {
            let mut command = Command::new(SHELL);
            begin(command.arg(path).args(arguments)).map_err(|error| StartError::of_program(name, &error))
        }
        None => Err(StartError::of_program(name, &error)),
    }
}

#[cfg(unix)]
const SHELL: &str = "/bin/sh";
#[cfg(not(unix))]
const SHELL: &str = "sh";

fn shell_line(shell: &OsStr, line: &OsStr) -> Command {
    let mut command = Command::new(shell);
    command.arg("-c");
    // Not every shell takes `--` behind `-c`.
    if line.as_encoded_bytes().starts_with(b"-") || line.as_encoded_bytes().starts_with(b"+") {
        command.arg("--");
    }
    command.arg(line);
    command
}

/// A shell's name as `$0` of a login shell has it, `-bash`, is `bash`.
fn without_hyphen(shell: &OsStr) -> &OsStr {
    shell.to_str().and_then(|name| name.strip_prefix('-')).map_or(shell, OsStr::new)
}

#[cfg(unix)]
fn is_unknown_format(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error())
}

#[cfg(not(unix))]
fn is_unknown_format(_: &io::Error) -> bool {
    false
}

/// The file that a name stands for, when it is text: shells run a file of unknown format as a script of theirs.
fn script(name: &OsStr) -> Option<PathBuf> {
    let path = if name.as_encoded_bytes().contains(&b'/') { PathBuf::from(name) } else { search(name)? };
    let mut head = Vec::new();
    std::fs::File::open(&path).ok()?.take(256).read_to_end(&mut head).ok()?;
    (!head.contains(&0)).then_some(path)
}

fn search(name: &OsStr) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
