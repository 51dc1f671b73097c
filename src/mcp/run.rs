//! `hr_run`: what is to be run, and the answer made of what it printed.
//!
//! The command runs elsewhere, in the way of `hr run`, so that what comes back is compacted already and its original is
//! stored when something was left out. Here it only has to fit the cap, and to say how the command ended.

use super::pages::pages;
use super::{Answer, Arguments, Refusal, call, with_notes};
use crate::render::marker;
use crate::render::marker::counted;
use crate::store::{Meta, Recording, Reference, Store};
use crate::tokens;

/// How long a command may take, in seconds: at least, at most, and unless the call says otherwise.
pub const TIMEOUTS: (usize, usize) = (1, 3600);
const TIMEOUT: usize = 120;
/// What is left free of the cap for the lines about the end, in tokens.
const NOTES: usize = 40;
/// What such a line takes, in tokens.
const ENDING: usize = 32;

/// A command that is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// A line for the shell.
    pub command: String,
    /// The folder to run it in.
    pub cwd: Option<String>,
    /// What the reader looks for.
    pub query: Option<String>,
    /// After how many seconds it is stopped.
    pub timeout: usize,
    /// How long the answer may be, in tokens.
    pub cap: usize,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was printed, compacted.
    pub text: Vec<u8>,
    /// How many bytes were too many to be held.
    pub lost: u64,
    /// The exit status; 128 and the number of the signal for a death by signal.
    pub code: i32,
    /// Why the command was stopped, if it was.
    pub stopped: Option<Stopped>,
}

/// Why a command was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Its time was over.
    TimedOut,
    /// The client does not want the answer any more.
    Cancelled,
}

impl Run {
    /// Reads a call.
    pub(super) fn read(arguments: &Arguments<'_>) -> Result<Self, Refusal> {
        let text = |name: &str| arguments.text(name).map(str::to_owned);
        let command = text("command").filter(|command| !command.trim().is_empty());
        let command = command.ok_or_else(|| Refusal::new("`command` is empty").hint("it is a line for a shell"))?;
        if command.contains('\0') {
            return Err(Refusal::new("`command` has a NUL character in it").hint("no command line can have one"));
        }
        Ok(Self {
            command,
            cwd: text("cwd"),
            query: text("query"),
            timeout: arguments.number("timeout").unwrap_or(TIMEOUT),
            cap: arguments.cap(),
        })
    }

    /// How many tokens may come out, so that all of it is in the answer.
    pub fn room(&self) -> usize {
        self.cap.saturating_sub(NOTES + ENDING)
    }

    /// Makes the answer of what came out.
    ///
    /// Of a text that is longer than the cap both ends stay. Whatever goes is in the store, or the answer says that it is
    /// not.
    pub fn answer(&self, outcome: &Outcome, store: &dyn Store) -> Answer {
        let mut notes = Vec::new();
        if outcome.lost > 0 {
            let lost = crate::render::measure::bytes(outcome.lost);
            notes.push(format!("another {lost} were printed and are not kept; let the command write them to a file"));
        }
        notes.push(self.ending(outcome));
        let room = self.cap.saturating_sub(NOTES + tokens::estimate(with_notes(b"", &notes).as_bytes()));
        let fits = tokens::estimate(&outcome.text) <= room;
        let fitted = if fits { outcome.text.clone() } else { self.fitted(outcome, room, store) };
        // The line about the end says what `hr run` says of a command that printed nothing.
        let own = marker::exit(outcome.code);
        let rest = fitted.trim_ascii_end().strip_suffix(own.as_bytes());
        let text = with_notes(rest.unwrap_or(&fitted), &notes);
        // A command that could not even begin is the caller's mistake, not its result.
        let is_error = matches!(outcome.code, 126 | 127) && outcome.stopped.is_none();
        let hint =
            "a command was not found or cannot be run: check its spelling, PATH and cwd; `command -v NAME` tells";
        let text = if is_error { format!("{}\n{hint}", text.trim_end()) } else { text };
        Answer { text, is_error }.within(self.cap)
    }

    /// How it ended.
    fn ending(&self, outcome: &Outcome) -> String {
        let code = outcome.code;
        match outcome.stopped {
            Some(Stopped::TimedOut) => {
                let instead = "raise timeout, or run it in the background with its output in a file";
                format!("stopped after {}, exit {code}; {instead}", counted(self.timeout, "seconds"))
            }
            Some(Stopped::Cancelled) => format!("cancelled, exit {code}"),
            None => format!("exit {code}"),
        }
    }

    fn fitted(&self, outcome: &Outcome, room: usize, store: &dyn Store) -> Vec<u8> {
        let Some(handle) = self.original(outcome, store) else {
            let why = "and is not kept, since the store cannot be written; a larger max_tokens shows more";
            return both_ends(&outcome.text, room, |lines| format!("{lines} left out here {why}"));
        };
        let whole = call("hr_show", [("handle", handle.into())]);
        both_ends(&outcome.text, room, |lines| format!("{lines} left out here; all of it: {whole}"))
    }

    /// The handle of a text's original: the one that its footer names, or of the text itself, stored now.
    fn original(&self, outcome: &Outcome, store: &dyn Store) -> Option<String> {
        let last = outcome.text.trim_ascii_end();
        let last = &last[memchr::memrchr(b'\n', last).map_or(0, |end| end + 1)..];
        let named = marker::handles(last).pop().filter(|_| last.starts_with(b"[hr"));
        let stored = named.and_then(|handle| Some(store.find(&handle.parse::<Reference>().ok()?).ok()?.to_string()));
        stored.or_else(|| {
            let meta = Meta {
                command: Some(self.command.clone()),
                exit_code: Some(outcome.code),
                interrupted: outcome.stopped.is_some(),
                ..Meta::default()
            };
            Some(store.put(&Recording::merged(&outcome.text), &meta).ok()?.to_string())
        })
    }
}

/// The beginning and the end of a text, and between them what is said about the rest.
fn both_ends(text: &[u8], room: usize, said: impl Fn(String) -> String) -> Vec<u8> {
    let most = said(counted(usize::MAX >> 16, "lines"));
    let room = room.saturating_sub(tokens::estimate(marker::note(&most).as_bytes()) + 2);
    let head = pages(text, room * 2 / 3).first().cloned().unwrap_or(0..0);
    let mut start = text.len();
    let mut left = room / 3;
    for line in text[head.end..].split_inclusive(|byte| *byte == b'\n').rev() {
        match left.checked_sub(tokens::estimate(line)) {
            Some(rest) => left = rest,
            None => break,
        }
        start -= line.len();
    }
    let gone = memchr::memchr_iter(b'\n', &text[head.end..start]).count().max(1);
    let mut fitted = text[head].to_vec();
    if !fitted.ends_with(b"\n") {
        fitted.push(b'\n');
    }
    fitted.extend_from_slice(marker::note(&said(counted(gone, "lines"))).as_bytes());
    fitted.push(b'\n');
    fitted.extend_from_slice(&text[start..]);
    fitted
}
