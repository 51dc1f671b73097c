//! Compacts a text that is too long to hold: it is sieved while it is read, and kept in the store on the way.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::args::HowArgs;
use super::error::CliError;
use super::output;
use super::settings::Settings;
use crate::detect::Kind;
use crate::document::Document;
use crate::document::sieve::{HEAD, Sieve};
use crate::pipeline::{Compaction, Request, compact_document, decide};
use crate::rule::RuleSet;
use crate::store::dir::{Growing, Shrinker};
use crate::store::{Fingerprint, Meta, StoreError, Stream};

/// Longer texts are not held in memory, in bytes.
pub const LIMIT: usize = 16 << 20;

/// How much is read and compressed at once, in bytes.
const CHUNK: usize = 1 << 20;
/// How many threads compress what is kept, which takes longer than all else.
const SHRINKERS: usize = 2;
/// How many chunks may be with each of them.
const WAITING: usize = 2;

/// What became of a long text.
#[derive(Debug)]
pub enum Outcome {
    /// It was compacted and is kept.
    Compacted(Box<Compaction>),
    /// It was printed as it came.
    Printed,
    /// It has a structure that must be seen as a whole: here is all of it.
    Whole(Vec<u8>),
}

/// Reads on behind `first`, the beginning of the text.
pub fn compact(
    first: Vec<u8>,
    rest: &mut dyn Read,
    mut request: Request,
    how: &HowArgs,
    rules: &RuleSet,
    settings: &Settings,
) -> Result<Outcome, CliError> {
    let head = Document::new(&first[..HEAD.min(first.len())], request.origin.clone());
    let decision = decide(&head, &request, rules);
    if decision.leave.is_some() {
        copy(&first, rest)?;
        return Ok(Outcome::Printed);
    }
    let store = if how.no_store { None } else { settings.store().ok() };
    let (true, Some(store)) = (is_sievable(decision.plan.detection.kind, &first), store) else {
        let mut whole = first;
        rest.read_to_end(&mut whole).map_err(|error| unreadable(&error))?;
        return Ok(Outcome::Whole(whole));
    };
    let meta = Meta { command: request.origin.command.clone(), exit_code: request.origin.exit_code, ..Meta::default() };
    let mut text = io::Cursor::new(first).chain(rest);
    let mut growing = match store.grow(&meta) {
        Ok(growing) => growing,
        Err(error) => {
            complain(&error);
            return copy(&[], &mut text).map(|()| Outcome::Printed);
        }
    };
    let mut reading = Reading { fingerprint: Fingerprint::new(false), sieve: Sieve::new() };
    let mut unkept = Vec::new();
    let read = reading.read(&mut text, &mut growing, &mut unkept);
    let (handle, size) = reading.fingerprint.finish();
    if let Err(error) = read.and_then(|()| growing.keep(handle, size)) {
        return give_back(growing, &error, &unkept, &mut text).map(|()| Outcome::Printed);
    }
    request.handle = Some(handle.to_string());
    let sieved = reading.sieve.finish();
    let doc = Document::sieved(&sieved, request.origin.clone());
    Ok(Outcome::Compacted(Box::new(compact_document(&doc, &request, rules))))
}

/// Whether lines stand for themselves: a log or text with line ends, not one long document.
pub fn is_sievable(kind: Kind, first: &[u8]) -> bool {
    let structured = first.trim_ascii_start().starts_with(b"{") || first.trim_ascii_start().starts_with(b"[{");
    let has_lines = first.chunks(HEAD).all(|part| memchr::memchr(b'\n', part).is_some());
    match kind {
        Kind::Log | Kind::Text => has_lines && !structured,
        Kind::Json | Kind::Search | Kind::Diff | Kind::Html | Kind::Code => false,
    }
}

/// What is learned from a text while it is read.
struct Reading {
    fingerprint: Fingerprint,
    sieve: Sieve,
}

/// A thread that compresses chunks, and gives them back with what became of them.
struct Worker {
    chunks: SyncSender<Vec<u8>>,
    done: Receiver<(Vec<u8>, io::Result<Vec<u8>>)>,
}

impl Reading {
    /// Reads to the end. When the text cannot be kept, what was read and is not in the store is in `unkept`.
    fn read(&mut self, text: &mut dyn Read, growing: &mut Growing, unkept: &mut Vec<u8>) -> Result<(), StoreError> {
        thread::scope(|scope| {
            let workers = (0..SHRINKERS).map(|_| Worker::start(scope)).collect::<Vec<_>>();
            let mut turns = workers.iter().cycle();
            let mut waiting: VecDeque<&Worker> = VecDeque::new();
            let (mut spare, mut kept, mut ended) = (Vec::new(), Ok(()), false);
            while !ended || !waiting.is_empty() {
                if !ended && waiting.len() < SHRINKERS * WAITING {
                    let (chunk, read) = fill(spare.pop().unwrap_or_default(), text);
                    ended = chunk.len() < CHUNK;
                    kept = read.map_err(|source| StoreError::io("read", "standard input", source));
                    self.fingerprint.read(Stream::Stdout, &chunk);
                    self.sieve.push(&chunk);
                    waiting.extend(turns.next().filter(|worker| worker.chunks.send(chunk).is_ok()));
                    continue;
                }
                let Some((chunk, shrunk)) = waiting.pop_front().and_then(|worker| worker.done.recv().ok()) else {
                    break;
                };
                if kept.is_ok() {
                    let shrunk = shrunk.map_err(|source| StoreError::io("compress", "standard input", source));
                    kept = shrunk.and_then(|shrunk| growing.append(&shrunk));
                }
                if kept.is_err() {
                    ended = true;
                    unkept.extend_from_slice(&chunk);
                }
                spare.push(chunk);
            }
            kept
        })
    }
}

impl Worker {
    fn start<'s>(scope: &'s thread::Scope<'s, '_>) -> Self {
        let (chunks, to_do) = sync_channel::<Vec<u8>>(WAITING);
        let (give, done) = sync_channel(WAITING);
        scope.spawn(move || {
            let mut shrinker = Shrinker::new();
            for chunk in to_do {
                let shrunk = match &mut shrinker {
                    Ok(shrinker) => shrinker.shrink(&chunk),
                    Err(error) => Err(error.kind().into()),
                };
                if give.send((chunk, shrunk)).is_err() {
                    return;
                }
            }
        });
        Self { chunks, done }
    }
}

/// Reads a chunk; one that is not full is the last.
fn fill(mut chunk: Vec<u8>, text: &mut dyn Read) -> (Vec<u8>, io::Result<()>) {
    chunk.clear();
    chunk.reserve_exact(CHUNK);
    let read = text.take(CHUNK as u64).read_to_end(&mut chunk);
    (chunk, read.map(|_| ()))
}

/// The text cannot be kept, so all of it is printed: what is in the store's file, what was read since, and the rest.
fn give_back(growing: Growing, error: &StoreError, unkept: &[u8], rest: &mut dyn Read) -> Result<(), CliError> {
    complain(error);
    let mut out = io::stdout().lock();
    let mut written = Ok(());
    let replayed = growing.replay(|bytes| {
        if written.is_ok() {
            written = out.write_all(bytes);
        }
    });
    drop(out);
    growing.discard();
    output::forgive(written)?;
    replayed.map_err(CliError::from)?;
    copy(unkept, rest)
}

fn complain(error: &StoreError) {
    output::complain(&format!("hr: nothing is left out, since the original cannot be kept: {error}"));
}

/// Prints a text as it came.
pub fn copy(first: &[u8], rest: &mut dyn Read) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    output::forgive(out.write_all(first).and_then(|()| io::copy(rest, &mut out)).and_then(|_| out.flush()))
}

/// What to say when the text cannot be read.
pub fn unreadable(error: &io::Error) -> CliError {
    CliError::input(format!("cannot read the text: {error}"))
}
