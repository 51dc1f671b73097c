//! `hr run`: runs a command, compacts what it printed, and ends as it ended.

use std::ffi::OsString;
use std::io::{IsTerminal, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use crate::cli::error::{CliError, CliResult};
use crate::cli::process::{self, Captured, Program, StartError, Stdin, Stream};

/// How long a command that was told to stop may take to end after its partial result is out.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Runs a command and compacts what it prints.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Run LINE with `/bin/sh -c` instead of a command with its arguments.
    #[arg(short = 'c', value_name = "LINE", allow_hyphen_values = true, conflicts_with = "command")]
    pub line: Option<OsString>,

    /// The command and its arguments, passed on as they are.
    #[arg(value_name = "CMD", trailing_var_arg = true, required_unless_present = "line")]
    pub command: Vec<OsString>,
}

impl RunArgs {
    fn program(&self) -> Program<'_> {
        match &self.line {
            Some(line) => Program::Line(line),
            None => Program::Argv(&self.command),
        }
    }

    /// The words of the command as far as they are known without a shell.
    fn words(&self) -> Vec<String> {
        match &self.line {
            Some(line) => {
                let line = line.to_string_lossy();
                let is_plain = !line.contains(['|', '&', ';', '<', '>', '$', '`', '(', '\n']);
                let words = line.split_whitespace().filter(|_| is_plain);
                words.map(|word| word.trim_matches(['\'', '"']).to_owned()).collect()
            }
            None => self.command.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        }
    }
}

/// Runs the command; the exit status is the command's own.
pub fn run(args: &RunArgs) -> CliResult {
    if args.line.is_none() && args.command.is_empty() {
        return Err(CliError::usage("no command given").hint("`hr run -- CMD ARGS` or `hr run -c 'LINE'`"));
    }
    if stays_out_of_the_way(args) {
        return Ok(match process::pass_through(args.program()) {
            Ok(end) => process::end_like(end),
            Err(error) => not_started(&error),
        });
    }
    Ok(match process::capture(args.program(), &mut ()) {
        Ok(captured) => finish(captured),
        Err(error) => not_started(&error),
    })
}

/// Whether the command runs as if `hr` were not there.
fn stays_out_of_the_way(args: &RunArgs) -> bool {
    let is_off = std::env::var_os("HR").is_some_and(|value| value.eq_ignore_ascii_case("off"));
    let is_nested = std::env::var_os(process::ACTIVE).is_some_and(|value| !value.is_empty());
    is_off || is_nested || stdout().is_terminal() || {
        let stdin = if stdin().is_terminal() { Stdin::Terminal } else { Stdin::Other };
        process::is_interactive(&args.words(), stdin)
    }
}

fn not_started(error: &StartError) -> ExitCode {
    process::write_all(Stream::Stderr, format!("{error}\n").as_bytes());
    ExitCode::from(error.code())
}

/// Prints the result, gives an interrupted command time to end, and ends as it ended.
fn finish(mut captured: Captured) -> ExitCode {
    let ending = captured.ending();
    let left = captured.left.take();
    let (stdout, stderr) = compacted(captured);
    process::write_all(Stream::Stdout, &stdout);
    process::write_all(Stream::Stderr, &stderr);
    if let Some(left) = left {
        left.wait(LAST_WORDS, &mut ());
    }
    process::end_like(ending)
}

/// What goes to standard output and to standard error.
fn compacted(captured: Captured) -> (Vec<u8>, Vec<u8>) {
    (captured.stdout, captured.stderr.unwrap_or_default())
}
