//! Compacts a text that is too long to hold: it is sieved while it is read, and kept in the store on the way.

use std::io::{self, Read, Write};

use super::args::HowArgs;
use super::error::CliError;
use super::guarded::{compact_document, decide};
use super::output;
use super::recorder::{CHUNK, Recorder};
use super::settings::Settings;
use crate::compress::row_signal;
use crate::detect::Kind;
use crate::document::Document;
use crate::document::sieve::{HEAD, Sieve};
use crate::pipeline::{Compaction, Request};
use crate::rule::RuleSet;
use crate::store::{Fingerprint, Meta, StoreError, Stream};

/// Longer texts are not held in memory, in bytes.
pub const LIMIT: usize = 16 << 20;

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
    let Some(decision) = decide(&head, &request, rules).filter(|decision| decision.leave.is_none()) else {
        copy(&first, rest)?;
        return Ok(Outcome::Printed);
    };
    let store = if how.no_store { None } else { settings.store().ok() };
    let (true, Some(store)) = (is_sievable(&request), store) else {
        let mut whole = first;
        rest.read_to_end(&mut whole).map_err(|error| unreadable(&error))?;
        return Ok(Outcome::Whole(whole));
    };
    let meta = Meta { command: request.origin.command.clone(), exit_code: request.origin.exit_code, ..Meta::default() };
    let mut text = Beginning(Some(io::Cursor::new(first))).chain(rest);
    let mut recorder = match store.grow(&meta).and_then(Recorder::new) {
        Ok(recorder) => recorder,
        Err(error) => {
            complain(&error);
            return copy(&[], &mut text).map(|()| Outcome::Printed);
        }
    };
    let mut fingerprint = Fingerprint::new(false);
    let mut sieve = Sieve::new(decision.plan.detection.kind, row_signal);
    let recorded = record(&mut text, &mut recorder, |chunk| {
        fingerprint.read(Stream::Stdout, chunk);
        sieve.push(chunk);
    });
    let (handle, size) = fingerprint.finish();
    if let Err(error) = recorded.and_then(|()| recorder.keep(handle, size, &meta)) {
        return give_back(recorder, &error, &mut text).map(|()| Outcome::Printed);
    }
    drop(recorder);
    request.handle = Some(handle.to_string());
    let sieved = sieve.finish();
    let doc = Document::sieved(&sieved, request.origin.clone());
    let Some(compaction) = compact_document(&doc, &request, rules) else {
        let mut out = io::stdout().lock();
        store.read(&handle, |_, bytes| output::forgive(out.write_all(bytes)))??;
        return Ok(Outcome::Printed);
    };
    Ok(Outcome::Compacted(Box::new(compaction)))
}

/// Whether a long text is sieved: unless the caller says that it has a structure that must be seen as a whole.
pub fn is_sievable(request: &Request) -> bool {
    matches!(request.kind, None | Some(Kind::Log | Kind::Text))
}

/// The beginning of a text, let go when it is read.
struct Beginning(Option<io::Cursor<Vec<u8>>>);

impl Read for Beginning {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.as_mut().map_or(Ok(0), |bytes| bytes.read(into));
        if matches!(read, Ok(0)) && !into.is_empty() {
            self.0 = None;
        }
        read
    }
}

/// Reads to the end and hands over what it has read.
fn record(text: &mut dyn Read, recorder: &mut Recorder, mut look: impl FnMut(&[u8])) -> Result<(), StoreError> {
    loop {
        let (chunk, read) = fill(recorder.spare(), text);
        let is_last = chunk.len() < CHUNK;
        look(&chunk);
        recorder.add(chunk)?;
        read.map_err(|source| StoreError::io("read", "standard input", source))?;
        if is_last {
            return Ok(());
        }
    }
}

/// Reads a chunk; one that is not full is the last.
fn fill(mut chunk: Vec<u8>, text: &mut dyn Read) -> (Vec<u8>, io::Result<()>) {
    let (mut length, mut read) = (0, Ok(()));
    // Made once for each buffer: those that come back have this length.
    chunk.resize(CHUNK, 0);
    while length < CHUNK {
        match text.read(&mut chunk[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                read = Err(error);
                break;
            }
        }
    }
    chunk.truncate(length);
    (chunk, read)
}

/// The text cannot be kept, so all of it is printed: what was read, and the rest.
fn give_back(recorder: Recorder, error: &StoreError, rest: &mut dyn Read) -> Result<(), CliError> {
    complain(error);
    let mut out = io::stdout().lock();
    let mut written = Ok(());
    let replayed = recorder.give_back(|bytes| {
        if written.is_ok() {
            written = out.write_all(bytes);
        }
    });
    drop(out);
    output::forgive(written)?;
    replayed.map_err(CliError::from)?;
    copy(&[], rest)
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
