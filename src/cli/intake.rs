//! Takes in what a command prints, in bounded memory: a long text is sieved while it comes, and all of it is in the store.
//!
//! What is short stays in memory as it is, and has a file only when the command runs long enough to be killed.

use std::thread;
use std::time::{Duration, Instant};

use super::args::HowArgs;
use super::guarded::{compact, compact_document, decide};
use super::large::{self, LIMIT};
use super::output;
use super::process::{self, Sink, Stream};
use super::recorder::{CHUNK, Recorder};
use super::settings::Settings;
use crate::compress::row_signal;
use crate::document::sieve::{HEAD, Sieve, Sieved};
use crate::document::{Document, Origin};
use crate::pipeline::{Compaction, Request};
use crate::rule::RuleSet;
use crate::store::dir::{DirStore, Spool};
use crate::store::{self, Fingerprint, Handle, Meta, Size, StoreError};

/// A command that ends sooner than this has nothing on disk when `hr` is killed.
const AGE: Duration = Duration::from_millis(200);
/// What is held in memory until then, in bytes.
const SIZE: usize = 64 << 10;
/// How much of a sieved text is compacted when `hr` is told to stop and there is no time for more, in bytes.
const IN_A_HURRY: usize = 128 << 10;

/// What a command has printed so far.
pub struct Intake<'s> {
    how: &'s HowArgs,
    settings: &'s Settings,
    store: Option<DirStore>,
    meta: Meta,
    started: Instant,
    pending: Vec<(store::Stream, Vec<u8>)>,
    size: usize,
    spool: Option<Spool>,
    long: Option<Long>,
}

/// A recording that is too long to be held.
struct Long {
    rules: RuleSet,
    request: Request,
    fingerprint: Fingerprint,
    /// Standard output first.
    ways: [Way; 2],
    /// What is made of standard output meanwhile; without it, the recording is made of the spool in the end.
    recorder: Option<Recorder>,
    /// What of it was not handed over.
    chunk: Vec<u8>,
}

/// What happens to a stream of a long recording.
enum Way {
    /// It is held in memory: it is short, or has not been looked at.
    Held,
    /// It is held because it has a structure that must be seen as a whole.
    Whole,
    /// What matters is taken out of it.
    Sieved(Box<Sieve>),
    /// It goes out as it comes: it is to be left as it is, or it cannot be kept.
    Passed,
}

impl Way {
    /// Whether the stream is not held any more.
    fn has_let_go(&self) -> bool {
        matches!(self, Self::Sieved(_) | Self::Passed)
    }
}

/// What is to be printed of a long recording, for both streams; nothing for what went out as it came.
#[derive(Debug, Default)]
pub struct Rest {
    /// Standard output, or both streams when they were one.
    pub stdout: Option<Compaction>,
    /// Standard error, when it came apart.
    pub stderr: Option<Compaction>,
}

impl<'s> Intake<'s> {
    /// Nothing was printed yet.
    pub fn new(command: String, how: &'s HowArgs, settings: &'s Settings) -> Self {
        let store = if how.no_store { None } else { settings.store().ok() };
        let meta = Meta { command: Some(command), ..Meta::default() };
        let (started, pending) = (Instant::now(), Vec::new());
        Self { how, settings, store, meta, started, pending, size: 0, spool: None, long: None }
    }

    /// Whether a part of the recording is not held in memory any more.
    pub fn is_long(&self) -> bool {
        self.long.as_ref().is_some_and(Long::has_let_go)
    }

    /// Sieves what is held when `hr` is told to stop: to compact many megabytes as a whole takes too long then.
    pub fn hurry(&mut self, stdout: &[u8], stderr: Option<&[u8]>) {
        let first = if stderr.is_some() { Stream::Stdout } else { Stream::Both };
        let is_large = |held: &&[u8]| held.len() > IN_A_HURRY * 2;
        for (stream, held) in [(first, Some(stdout)), (Stream::Stderr, stderr)] {
            let Some(held) = held.filter(is_large).filter(|_| self.spool.is_some()) else { continue };
            let is_held = |long: &Long| matches!(long.ways[place(stream)], Way::Held);
            if !self.long.as_ref().is_none_or(is_held) {
                continue;
            }
            self.decide(stream, held);
            let Some(long) = &mut self.long else { return };
            if let Way::Sieved(sieve) = &mut long.ways[place(stream)] {
                sieve.push(held);
                // The spool becomes the recording when the result is out.
                long.drop_recorder();
            }
            if long.ways[place(stream)].has_let_go() {
                long.fingerprint.read(stored(stream), held);
            }
        }
    }

    /// The spool of a recording that is held, as far as there is one.
    pub fn into_spool(self) -> Option<Spool> {
        self.spool
    }

    /// Writes to the spool. `false` when there is none, or none any more.
    fn keep(&mut self, stream: store::Stream, bytes: &[u8], one_pipe: bool) -> bool {
        let Some(dir) = &self.store else { return false };
        self.size += bytes.len();
        if let Some(spool) = &self.spool {
            return spool.append(stream, bytes).is_ok();
        }
        self.pending.push((stream, bytes.to_vec()));
        if self.size <= SIZE && self.started.elapsed() <= AGE {
            return true;
        }
        let spool = dir.spool(!one_pipe, &self.meta);
        let appended = self.pending.drain(..).try_for_each(|(stream, bytes)| spool.append(stream, &bytes));
        self.spool = Some(spool);
        appended.is_ok()
    }

    /// A store that cannot be written now may be later: what is held is put there when the command has ended. What is not
    /// held is printed, with all that comes.
    fn give_up(&mut self, unkept: (Stream, &[u8])) {
        self.store = None;
        let Some(spool) = self.spool.take() else { return };
        if let Some(long) = self.long.as_mut().filter(|long| long.has_let_go()) {
            output::complain("hr: nothing is left out, since the original cannot be kept");
            long.print(&spool);
            if !matches!(long.ways[place(unkept.0)], Way::Passed) {
                process::write_all(unkept.0, unkept.1);
            }
            long.ways = [Way::Passed, Way::Passed];
            long.drop_recorder();
        }
        spool.discard();
    }

    /// Decides what happens to a stream that has become long.
    fn decide(&mut self, stream: Stream, held: &[u8]) {
        if self.long.is_none() {
            let rules = self.settings.rules(self.how);
            let Ok(request) = self.settings.request(self.how, &rules) else {
                // Wrong options are reported in the end, and lose no text.
                self.store = None;
                return;
            };
            let request = Request { origin: Origin { command: self.meta.command.clone(), exit_code: None }, ..request };
            let fingerprint = Fingerprint::new(stream != Stream::Both);
            let (ways, chunk) = ([Way::Held, Way::Held], Vec::new());
            self.long = Some(Long { rules, request, fingerprint, ways, recorder: None, chunk });
        }
        let Some(long) = self.long.as_mut().filter(|long| matches!(long.ways[place(stream)], Way::Held)) else {
            return;
        };
        let head = Document::new(&held[..HEAD.min(held.len())], long.request.origin.clone());
        let decision = decide(&head, &long.request, &long.rules).filter(|decision| decision.leave.is_none());
        let Some(decision) = decision else {
            process::write_all(stream, held);
            long.ways[place(stream)] = Way::Passed;
            return;
        };
        long.ways[place(stream)] = if large::is_sievable(&long.request) {
            let store = self.store.as_ref().filter(|_| stream != Stream::Stderr && !long.ways[1].has_let_go());
            long.recorder = store.and_then(|store| store.grow_beside_spool(&self.meta).and_then(Recorder::new).ok());
            Way::Sieved(Box::new(Sieve::new(decision.plan.detection.kind, row_signal)))
        } else {
            Way::Whole
        };
    }
}

/// The place of a stream among two.
fn place(stream: Stream) -> usize {
    usize::from(stream == Stream::Stderr)
}

/// The stream as the store knows it.
fn stored(stream: Stream) -> store::Stream {
    match stream {
        Stream::Both | Stream::Stdout => store::Stream::Stdout,
        Stream::Stderr => store::Stream::Stderr,
    }
}

impl Long {
    /// Whether a stream is not held any more.
    fn has_let_go(&self) -> bool {
        self.ways.iter().any(Way::has_let_go)
    }

    /// Hands over what is not held any more. What does not work is no harm: all of it is in the spool.
    fn record(&mut self, stream: Stream, mut bytes: &[u8]) {
        // In a recording standard error stands behind all of standard output.
        if stream == Stream::Stderr {
            self.drop_recorder();
        }
        while let Some(recorder) = self.recorder.as_mut().filter(|_| !bytes.is_empty()) {
            let (fits, rest) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(fits);
            bytes = rest;
            if self.chunk.len() == CHUNK {
                let mut spare = recorder.spare();
                spare.clear();
                if recorder.add(std::mem::replace(&mut self.chunk, spare)).is_err() {
                    self.drop_recorder();
                }
            }
        }
    }

    fn drop_recorder(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            recorder.discard();
        }
    }

    /// Prints what is in the spool and was not printed as it came.
    fn print(&self, spool: &Spool) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            if !matches!(self.ways[place(stream)], Way::Passed) {
                // What cannot be read back is lost with the disk it was on.
                let _ = spool.replay(stored(stream), |bytes| process::write_all(stream, bytes));
            }
        }
    }
}

impl Sink for Intake<'_> {
    fn chunk(&mut self, stream: Stream, held: &mut Vec<u8>, new: usize) {
        let bytes = &held[new..];
        if self.long.as_ref().is_some_and(|long| matches!(long.ways[place(stream)], Way::Passed)) {
            process::write_all(stream, bytes);
        }
        if self.store.is_some() && !self.keep(stored(stream), bytes, stream == Stream::Both) {
            self.give_up((stream, bytes));
        }
        if held.len() >= LIMIT && self.spool.is_some() {
            self.decide(stream, held);
        }
        let Some(long) = &mut self.long else { return };
        match &mut long.ways[place(stream)] {
            Way::Held | Way::Whole => return,
            Way::Sieved(sieve) => held.chunks(SIZE).for_each(|piece| sieve.push(piece)),
            Way::Passed => {}
        }
        long.fingerprint.read(stored(stream), held);
        long.record(stream, held);
        if held.capacity() > SIZE * 4 { *held = Vec::new() } else { held.clear() }
    }
}

impl Long {
    /// What was handed over, with all that is held of standard error behind it.
    fn recorded(&mut self, stderr: Option<&[u8]>) -> Option<Recorder> {
        let mut recorder = self.recorder.take()?;
        for part in std::iter::once(&self.chunk[..]).chain(stderr.unwrap_or_default().chunks(CHUNK)) {
            if recorder.add(part.to_vec()).is_err() {
                recorder.discard();
                return None;
            }
        }
        Some(recorder)
    }
}

/// Keeps what was recorded, or makes a recording of the spool.
fn keep(
    recorded: Option<Recorder>,
    handle: Handle,
    size: Size,
    spool: &Spool,
    meta: &Meta,
) -> Result<Handle, StoreError> {
    if let Some(mut recorder) = recorded {
        match recorder.keep(handle, size, meta) {
            Ok(handle) => return Ok(handle),
            Err(_) => recorder.discard(),
        }
    }
    spool.keep(meta)
}

/// The text of one stream of a long recording.
enum Text<'t> {
    Held(&'t [u8]),
    Sieved(Sieved),
    Printed,
}

impl<'t> Text<'t> {
    fn new(way: Way, held: &'t [u8], interrupted: bool) -> Self {
        match way {
            Way::Held | Way::Whole => Self::Held(held),
            Way::Sieved(sieve) if interrupted => Self::Sieved(sieve.finish().shortened(IN_A_HURRY)),
            Way::Sieved(sieve) => Self::Sieved(sieve.finish()),
            Way::Passed => Self::Printed,
        }
    }

    fn is_printed(&self) -> bool {
        matches!(self, Self::Printed)
    }

    /// The way of a stream whose text this is, as far as it matters for printing all of it.
    fn way(&self) -> Way {
        if self.is_printed() { Way::Passed } else { Way::Held }
    }

    fn compact(&self, request: &Request, rules: &RuleSet) -> Option<Compaction> {
        match self {
            Self::Held(bytes) => Some(compact(bytes, request, rules)),
            Self::Sieved(sieved) => compact_document(&Document::sieved(sieved, request.origin.clone()), request, rules),
            Self::Printed => None,
        }
    }
}

impl Intake<'_> {
    /// Compacts a long recording, of which `held` was not let go, and keeps it.
    ///
    /// The result of a recording that was interrupted is printed by `print` before it is kept: whoever told `hr` to stop
    /// does not wait. Any other is returned.
    pub fn finish(
        mut self,
        held: (&[u8], Option<&[u8]>),
        exit_code: i32,
        interrupted: bool,
        print: impl FnOnce(Rest),
    ) -> Rest {
        let (Some(mut long), Some(spool)) = (self.long.take(), self.spool.take()) else { return Rest::default() };
        for (stream, held) in [(Stream::Stdout, Some(held.0)), (Stream::Stderr, held.1)] {
            if let (Way::Held | Way::Whole, Some(held)) = (&long.ways[place(stream)], held) {
                long.fingerprint.read(stored(stream), held);
            }
        }
        let mut request = long.request.clone();
        request.origin.exit_code = Some(exit_code);
        let (handle, size) = std::mem::take(&mut long.fingerprint).finish();
        request.handle = Some(handle.to_string());
        let [stdout, stderr] = std::mem::replace(&mut long.ways, [Way::Held, Way::Held]);
        let stdout = Text::new(stdout, held.0, interrupted);
        let stderr = held.1.map(|held| Text::new(stderr, held, interrupted));
        if !interrupted && stdout.is_printed() && stderr.as_ref().is_none_or(Text::is_printed) {
            spool.discard();
            long.drop_recorder();
            return Rest::default();
        }
        let recorded = long.recorded(held.1);
        long.ways = [stdout.way(), stderr.as_ref().map_or(Way::Held, Text::way)];
        let both = || Rest {
            stdout: stdout.compact(&request, &long.rules),
            stderr: stderr.as_ref().and_then(|stderr| stderr.compact(&request, &long.rules)),
        };
        // What cannot be compacted is printed as it came.
        let breaks = |text: &Text<'_>, compaction: &Option<Compaction>| !text.is_printed() && compaction.is_none();
        let broke = |rest: &Rest| {
            breaks(&stdout, &rest.stdout) || stderr.as_ref().is_some_and(|text| breaks(text, &rest.stderr))
        };
        let meta = Meta { exit_code: Some(exit_code), interrupted, ..self.meta };
        if interrupted {
            let rest = both();
            if broke(&rest) {
                long.print(&spool);
            } else {
                print(rest);
            }
            // Not kept now, it is made a recording later.
            if keep(recorded, handle, size, &spool, &meta).is_ok() {
                spool.discard();
            }
            return Rest::default();
        }
        let (mut rest, kept) = thread::scope(|scope| {
            let keeping = scope.spawn(|| keep(recorded, handle, size, &spool, &meta));
            (both(), keeping.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        if let Err(error) = kept {
            output::complain(&format!("hr: nothing is left out, since the original cannot be kept: {error}"));
            long.print(&spool);
            rest = Rest::default();
        } else if broke(&rest) {
            long.print(&spool);
            rest = Rest::default();
        }
        spool.discard();
        rest
    }
}
