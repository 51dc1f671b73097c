//! `hr run`: runs a command, compacts what it printed, and ends as it ended.

use std::ffi::OsString;
use std::io::{IsTerminal, stdin, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::args::{FactsPlace, Format, HowArgs};
use crate::cli::error::{CliError, CliResult};
use crate::cli::keep::{self, Compacted, Printed};
use crate::cli::process::{self, Captured, End, Program, Sink, StartError, Stdin, Stream};
use crate::cli::settings::Settings;
use crate::command::who_printed;
use crate::document::{MAX_BYTES, Origin};
use crate::render::{json, marker};
use crate::store::dir::{DirStore, Spool};
use crate::store::{self, Meta, Recording};

/// How long a command that was told to stop may take to end after its partial result is out.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Runs a command and compacts what it prints.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub how: HowArgs,

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

/// A word as a shell would need it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
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
    let mut sink = LateSpool::new(args, settings);
    Ok(match process::capture(args.program(), &mut sink) {
        Ok(captured) => finish(captured, sink.spool, args, settings),
        Err(error) => not_started(&error),
    })
}

/// Whether the command runs as if `hr` were not there.
fn stays_out_of_the_way(args: &RunArgs) -> bool {
    let is_nested = std::env::var_os(process::ACTIVE).is_some_and(|value| !value.is_empty());
    is_nested || stdout().is_terminal() || {
        let stdin = if stdin().is_terminal() { Stdin::Terminal } else { Stdin::Other };
        process::is_interactive(&args.words(), stdin)
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
    let Compacted { stdout, stderr } = keep::compact_and_keep(printed, &args.how, &rules, settings);
    let mut notes = stderr.map_or_else(Vec::new, |stderr| stderr.text);
    if let (FactsPlace::Stderr, Some(footer)) = (args.how.facts, &stdout.footer) {
        notes.extend_from_slice(format!("{footer}\n").as_bytes());
    }
    match args.how.format {
        Format::Json => (json::render(&stdout), notes),
        Format::Text => (stdout.text, notes),
    }
}

/// Writes to the store's files what a command prints, once it runs long enough or prints enough to be worth a file.
struct LateSpool {
    store: Option<DirStore>,
    meta: Meta,
    started: Instant,
    pending: Vec<(store::Stream, Vec<u8>)>,
    size: usize,
    spool: Option<Spool>,
}

impl LateSpool {
    /// A command that ends sooner than this has nothing on disk when `hr` is killed.
    const AGE: Duration = Duration::from_millis(200);
    /// What is held in memory until then, in bytes.
    const SIZE: usize = 64 << 10;

    fn new(args: &RunArgs, settings: &Settings) -> Self {
        let store = if args.how.no_store { None } else { settings.store().ok() };
        let meta = Meta { command: Some(args.typed()), ..Meta::default() };
        Self { store, meta, started: Instant::now(), pending: Vec::new(), size: 0, spool: None }
    }

    /// A store that cannot be written now may be later: the whole is put there when the command has ended.
    fn give_up(&mut self) {
        self.store = None;
        if let Some(spool) = self.spool.take() {
            spool.discard();
        }
    }
}

impl Sink for LateSpool {
    fn chunk(&mut self, stream: Stream, bytes: &[u8]) {
        let Some(dir) = &self.store else { return };
        let one_pipe = stream == Stream::Both;
        let stream = match stream {
            Stream::Both | Stream::Stdout => store::Stream::Stdout,
            Stream::Stderr => store::Stream::Stderr,
        };
        self.size += bytes.len();
        match &self.spool {
            Some(spool) if spool.append(stream, bytes).is_err() => self.give_up(),
            Some(_) => {}
            None => {
                self.pending.push((stream, bytes.to_vec()));
                if self.size > Self::SIZE || self.started.elapsed() > Self::AGE {
                    let spool = dir.spool(!one_pipe, &self.meta);
                    let appended = self.pending.drain(..).try_for_each(|(stream, bytes)| spool.append(stream, &bytes));
                    self.spool = Some(spool);
                    if appended.is_err() {
                        self.give_up();
                    }
                }
            }
        }
    }
}
