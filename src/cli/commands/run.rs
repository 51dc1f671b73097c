//! `hr run`: runs a command, compacts what it printed, and ends as it ended.

use std::ffi::OsString;
use std::io::{IsTerminal, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use crate::cli::args::{FactsPlace, Format, HowArgs};
use crate::cli::error::{CliError, CliResult};
use crate::cli::intake::{Intake, Rest};
use crate::cli::journal::{self, Call};
use crate::cli::keep::{self, Compacted, Printed};
use crate::cli::process::{self, Captured, End, Program, StartError, Stream};
use crate::cli::settings::Settings;
use crate::command::{Stdin, is_interactive, quoted, who_printed};
use crate::document::{MAX_BYTES, Origin};
use crate::pipeline::Compaction;
use crate::render::{json, marker};
use crate::store::Recording;
use crate::store::dir::Spool;

/// How long a command that was told to stop may take to end after its partial result is out.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Runs a command and compacts what it prints.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub how: HowArgs,

    /// For `hr mcp`: what is longer than so many tokens is fitted into them, and the command ends with who called.
    #[arg(long, value_name = "TOKENS", hide = true)]
    pub served: Option<usize>,

    /// Run LINE with a shell, `/bin/sh` unless `--shell` names another, instead of a command with its arguments.
    #[arg(short = 'c', value_name = "LINE", allow_hyphen_values = true, conflicts_with = "command")]
    pub line: Option<OsString>,

    /// Compact also what goes to a terminal; hooks say so, for some agents read commands through one.
    #[arg(short = 't', long)]
    pub terminal: bool,

    /// The shell that runs LINE, by name or path.
    #[arg(long, value_name = "SHELL", allow_hyphen_values = true, conflicts_with = "command")]
    pub shell: Option<OsString>,

    /// The command and its arguments, passed on as they are.
    #[arg(value_name = "CMD", trailing_var_arg = true, required_unless_present = "line")]
    pub command: Vec<OsString>,
}

impl RunArgs {
    fn program(&self) -> Program<'_> {
        match &self.line {
            Some(line) => Program::Line { line, shell: self.shell.as_deref() },
            None => Program::Argv(&self.command),
        }
    }

    /// The command line, as somebody would have typed it.
    fn typed(&self) -> String {
        match &self.line {
            Some(line) => line.to_string_lossy().into_owned(),
            None => {
                let words = self.command.iter().map(|word| quoted(&word.to_string_lossy()));
                words.collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The words of the command, when it is one program call.
    fn words(&self) -> Vec<String> {
        match &self.line {
            Some(line) => match who_printed(&line.to_string_lossy()).map(|printed| printed.candidates) {
                Some(mut calls) if calls.len() == 1 => calls.remove(0).words,
                Some(_) | None => Vec::new(),
            },
            None => self.command.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        }
    }
}

/// Runs the command; the exit status is the command's own.
pub fn run(args: &RunArgs, settings: &Settings) -> CliResult {
    if args.line.is_none() && args.command.is_empty() {
        return Err(CliError::usage("no command given").hint("`hr run -- CMD ARGS` or `hr run -c 'LINE'`"));
    }
    if settings.off || args.how.raw || stays_out_of_the_way(args) {
        return Ok(match process::pass_through(args.program()) {
            Ok(end) => process::end_like(end),
            Err(error) => not_started(&error),
        });
    }
    #[cfg(unix)]
    if args.served.is_some() {
        std::thread::spawn(end_with_parent);
    }
    let mut intake = Intake::new(args.typed(), &args.how, settings);
    Ok(match process::capture(args.program(), &mut intake) {
        Ok(captured) => {
            if captured.interrupted.is_some() {
                intake.hurry(&captured.stdout, captured.stderr.as_deref());
            }
            if intake.is_long() {
                finish_long(captured, intake, args)
            } else {
                finish(captured, intake.into_spool(), args, settings)
            }
        }
        Err(error) => not_started(&error),
    })
}

/// How often to look whether the one who called is still there.
#[cfg(unix)]
const LOOK: Duration = Duration::from_millis(250);

/// Ends everything in the process group, which is that of this command alone, when the server that called is gone.
#[cfg(unix)]
fn end_with_parent() {
    use rustix::process::{Signal, getppid, kill_current_process_group};

    let parent = getppid();
    while getppid() == parent {
        std::thread::sleep(LOOK);
    }
    for signal in [Signal::TERM, Signal::KILL] {
        // There is always somebody in the group: this process.
        let _ = kill_current_process_group(signal);
        std::thread::sleep(LAST_WORDS);
    }
}

/// Whether the command runs as if `hr` were not there.
fn stays_out_of_the_way(args: &RunArgs) -> bool {
    let is_nested = std::env::var_os(process::ACTIVE).is_some_and(|value| !value.is_empty());
    is_nested || (stdout().is_terminal() && !args.terminal) || {
        let stdin = if stdin().is_terminal() { Stdin::Terminal } else { Stdin::Other };
        is_interactive(&args.words(), stdin)
    }
}

fn not_started(error: &StartError) -> ExitCode {
    process::write_all(Stream::Stderr, format!("{error}\n").as_bytes());
    ExitCode::from(error.code())
}

/// Prints the result, gives an interrupted command time to end, and ends as it ended.
fn finish(mut captured: Captured, spool: Option<Spool>, args: &RunArgs, settings: &Settings) -> ExitCode {
    let ending = captured.ending();
    let left = captured.left.take();
    let (stdout, stderr) = compacted(&captured, ending, spool, args, settings);
    process::write_all(Stream::Stdout, &stdout);
    process::write_all(Stream::Stderr, &stderr);
    if let Some(left) = left {
        left.wait(LAST_WORDS, &mut ());
    }
    process::end_like(ending)
}

/// The same for what was too long to be held.
fn finish_long(mut captured: Captured, intake: Intake<'_>, args: &RunArgs) -> ExitCode {
    let ending = captured.ending();
    let left = captured.left.take();
    let print = |rest: Rest| {
        let (stdout, stderr) = rendered(rest.stdout, rest.stderr, args);
        process::write_all(Stream::Stdout, &stdout);
        process::write_all(Stream::Stderr, &stderr);
    };
    let held = (&captured.stdout[..], captured.stderr.as_deref());
    print(intake.finish(held, ending.code(), captured.interrupted.is_some(), print));
    if let Some(left) = left {
        left.wait(LAST_WORDS, &mut ());
    }
    process::end_like(ending)
}

/// What goes to standard output and to standard error.
fn compacted(
    captured: &Captured,
    ending: End,
    spool: Option<Spool>,
    args: &RunArgs,
    settings: &Settings,
) -> (Vec<u8>, Vec<u8>) {
    let raw = || (captured.stdout.clone(), captured.stderr.clone().unwrap_or_default());
    let recording = Recording { stdout: &captured.stdout, stderr: captured.stderr.as_deref() };
    let is_silent = captured.stdout.is_empty() && captured.stderr.as_ref().is_none_or(Vec::is_empty);
    if is_silent {
        let told = (ending.code() != 0).then(|| marker::exit(ending.code()) + "\n");
        journal::silent(&args.typed(), told.as_deref());
        return (Vec::new(), told.unwrap_or_default().into_bytes());
    }
    if captured.stdout.len().max(captured.stderr.as_ref().map_or(0, Vec::len)) > MAX_BYTES {
        return raw();
    }
    let rules = settings.rules(&args.how);
    let mut request = match settings.request(&args.how, &rules) {
        Ok(request) => request,
        Err(error) => {
            let (stdout, mut stderr) = raw();
            stderr.extend_from_slice(format!("{error}\n").as_bytes());
            return (stdout, stderr);
        }
    };
    request.origin = Origin { command: Some(args.typed()), exit_code: Some(ending.code()) };
    let printed = Printed { recording, request, spool, interrupted: captured.interrupted.is_some() };
    let how = HowArgs { most: args.served, ..args.how.clone() };
    let Compacted { stdout, stderr } = keep::compact_and_keep(printed, &how, &rules, settings);
    rendered(Some(stdout), stderr, args)
}

/// The result in the form that the options ask for.
fn rendered(stdout: Option<Compaction>, stderr: Option<Compaction>, args: &RunArgs) -> (Vec<u8>, Vec<u8>) {
    journal::compacted(Call::run(&args.typed()), stdout.as_ref(), stderr.as_ref());
    let mut notes = stderr.map_or_else(Vec::new, |stderr| stderr.text);
    let Some(stdout) = stdout else { return (Vec::new(), notes) };
    if let (FactsPlace::Stderr, Some(footer)) = (args.how.facts, &stdout.footer) {
        notes.extend_from_slice(format!("{footer}\n").as_bytes());
    }
    match args.how.format {
        Format::Json => (json::render(&stdout), notes),
        Format::Text => (stdout.text, notes),
    }
}
