//! Compacts a text that is too long to hold: it is sieved while it is read, and kept in the store on the way.

use std::io::{self, Read, Write};
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
use crate::store::dir::Spool;
use crate::store::{Handle, Meta, StoreError, Stream};

/// Longer texts are not held in memory, in bytes.
pub const LIMIT: usize = 16 << 20;

/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;

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
    let spool = store.spool(false, &meta);
    let mut reading = Reading { spool: &spool, hash: blake3::Hasher::new(), sieve: Sieve::new() };
    if let Err((error, unread)) = reading.read(&first, rest) {
        return give_back(&spool, &error, &unread, rest).map(|()| Outcome::Printed);
    }
    request.handle = Some(Handle::new(*reading.hash.finalize().as_bytes()).to_string());
    let sieved = reading.sieve.finish();
    let (compaction, kept) = thread::scope(|scope| {
        let keeping = scope.spawn(|| spool.keep(&meta));
        let doc = Document::sieved(&sieved, request.origin.clone());
        let compaction = compact_document(&doc, &request, rules);
        (compaction, keeping.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    match kept {
        Ok(_) => {
            spool.discard();
            Ok(Outcome::Compacted(Box::new(compaction)))
        }
        Err(error) => give_back(&spool, &error, &[], &mut io::empty()).map(|()| Outcome::Printed),
    }
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

struct Reading<'s> {
    spool: &'s Spool,
    hash: blake3::Hasher,
    sieve: Sieve,
}

impl Reading<'_> {
    /// Reads to the end. When the text cannot be kept: why, and the bytes that are not in the spool.
    fn read(&mut self, first: &[u8], rest: &mut dyn Read) -> Result<(), (StoreError, Vec<u8>)> {
        for (at, chunk) in first.chunks(CHUNK).enumerate() {
            self.take(chunk).map_err(|error| (error, first[at * CHUNK..].to_vec()))?;
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            match rest.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(len) => self.take(&chunk[..len]).map_err(|error| (error, chunk[..len].to_vec()))?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err((StoreError::io("read", "standard input", source), Vec::new())),
            }
        }
    }

    fn take(&mut self, chunk: &[u8]) -> Result<(), StoreError> {
        self.spool.append(Stream::Stdout, chunk)?;
        self.hash.update(chunk);
        self.sieve.push(chunk);
        Ok(())
    }
}

/// The text cannot be kept, so all of it is printed: what is in the spool, what was read since, and the rest.
fn give_back(spool: &Spool, error: &StoreError, unread: &[u8], rest: &mut dyn Read) -> Result<(), CliError> {
    output::complain(&format!("hr: nothing is left out, since the original cannot be kept: {error}"));
    let mut out = io::stdout().lock();
    let mut written = Ok(());
    let replayed = spool.replay(Stream::Stdout, |bytes| {
        if written.is_ok() {
            written = out.write_all(bytes);
        }
    });
    drop(out);
    output::forgive(written)?;
    replayed.map_err(CliError::from)?;
    copy(unread, rest)
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
