//! Records what a command prints while it still runs, so that a killed `hr` leaves what there was.
//!
//! A spool is a plain file of pieces as they came, locked for as long as its process lives. The lock ends with the
//! process, however that ends: a spool without one is an orphan and becomes a recording marked as interrupted.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::files::{Temporary, passing_name};
use super::object::{Header, Writer, read_skipped, to_skipped};
use super::{DirStore, dated, read_folder};
use crate::store::{Fingerprint, Handle, Meta, Recording, Size, Store, StoreError, Stream};

/// How many times the size cap a spool may take: what tools print shrinks well.
const CAPS: u64 = 16;
/// How large pieces are read.
const PIECE: usize = 64 << 10;
/// What a piece has in front: its stream in one byte, its length in four.
const PIECE_START: usize = 5;
/// How old a spool is that has no process, where files cannot be locked.
const UNLOCKED: Duration = Duration::from_secs(24 * 60 * 60);

/// What a spool says before its pieces.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Start {
    two_streams: bool,
    /// Whether compressed frames follow instead of pieces.
    #[serde(default)]
    frames: bool,
    /// How much follows, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<Size>,
    meta: Meta,
}

impl Start {
    /// The beginning of a recording that grows, which with a size is the beginning of a recording too.
    pub(super) fn growing(meta: Meta, size: Option<Size>) -> Self {
        Self { two_streams: false, frames: true, size, meta }
    }
}

/// A recording in the making.
///
/// It is shared by the threads that read a command's two outputs. Dropped without [`finish`](Self::finish) or
/// [`discard`](Self::discard), for example by a panic, it stays as an orphan.
pub struct Spool {
    store: DirStore,
    start: Start,
    state: Mutex<State>,
}

enum State {
    /// Nothing was printed yet.
    Unmade,
    Open(OpenSpool),
    /// It could not be written on; what was written before is there, and can only be replayed.
    Cut(OpenSpool),
    /// It could not be made.
    Broken,
}

/// A spool's file, locked.
struct OpenSpool {
    file: File,
    path: PathBuf,
    written: u64,
}

impl Spool {
    pub(super) fn new(store: DirStore, two_streams: bool, meta: &Meta) -> Self {
        let start = Start { two_streams, frames: false, size: None, meta: meta.clone() };
        Self { store, start, state: Mutex::new(State::Unmade) }
    }

    /// Adds what was printed.
    ///
    /// After a failure the spool is given up: it takes nothing more and cannot be finished.
    pub fn append(&self, stream: Stream, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match std::mem::replace(&mut *state, State::Broken) {
            State::Unmade => OpenSpool::make(&self.store, &self.start)?,
            State::Open(open) => open,
            given_up @ (State::Cut(_) | State::Broken) => {
                *state = given_up;
                return Ok(());
            }
        };
        let appended = open.append(stream, bytes, self.store.limits.bytes.saturating_mul(CAPS));
        match appended {
            Ok(()) => *state = State::Open(open),
            Err(_) => *state = State::Cut(open),
        }
        appended
    }

    /// Passes on what was added so far, for a caller that cannot keep it after all.
    pub fn replay(&self, stream: Stream, mut sink: impl FnMut(&[u8])) -> Result<(), StoreError> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Open(open) | State::Cut(open) => read_pieces(&open.file, &open.path, stream, |bytes| {
                sink(bytes);
                Ok(())
            }),
            State::Unmade | State::Broken => Ok(()),
        }
    }

    /// Makes it a recording like [`finish`](Self::finish), but leaves the spool to the caller, to replay or discard.
    pub fn keep(&self, meta: &Meta) -> Result<Handle, StoreError> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Open(open) => {
                let (handle, bytes) = keep(&self.store, &open.file, &open.path, meta, SystemTime::now())?;
                Ok(self.store.swept_if_due(handle, bytes))
            }
            State::Unmade | State::Cut(_) | State::Broken => {
                let source = io::Error::other("there is nothing to keep");
                Err(StoreError::io("keep", self.store.spools(), source))
            }
        }
    }

    /// Makes it a recording; an output without a single byte is one too.
    ///
    /// Fails when a part is missing because adding failed; then nothing is left of it.
    pub fn finish(self, meta: &Meta) -> Result<Handle, StoreError> {
        match self.state.into_inner().unwrap_or_else(PoisonError::into_inner) {
            State::Open(open) => {
                let kept = keep(&self.store, &open.file, &open.path, meta, SystemTime::now());
                open.remove();
                kept.map(|(handle, bytes)| self.store.swept_if_due(handle, bytes))
            }
            State::Unmade => {
                self.store.put(&Recording { stdout: b"", stderr: self.start.two_streams.then_some(b"") }, meta)
            }
            given_up @ (State::Cut(_) | State::Broken) => {
                if let State::Cut(open) = given_up {
                    open.remove();
                }
                let source = io::Error::other("a part of the output could not be written");
                Err(StoreError::io("keep", self.store.spools(), source))
            }
        }
    }

    /// Throws it away.
    pub fn discard(self) {
        match self.state.into_inner().unwrap_or_else(PoisonError::into_inner) {
            State::Open(open) | State::Cut(open) => open.remove(),
            State::Unmade | State::Broken => {}
        }
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("start", &self.start).finish_non_exhaustive()
    }
}

impl OpenSpool {
    /// Makes the file; it gets its place among the spools when it is locked.
    fn make(store: &DirStore, start: &Start) -> Result<Self, StoreError> {
        let mut temporary = Temporary::create(&store.making())?;
        // Where files cannot be locked, an orphan is told by its age.
        let _ = temporary.file.try_lock();
        let dated = Start {
            meta: dated(&start.meta, SystemTime::now()),
            two_streams: start.two_streams,
            frames: false,
            size: None,
        };
        let written = to_skipped(&dated).and_then(|start| {
            temporary.file.write_all(&start)?;
            temporary.file.try_clone()
        });
        let file = written.map_err(|error| StoreError::io("write", temporary.path(), error))?;
        let path = store.spools().join(passing_name());
        temporary.move_to(&path)?;
        Ok(Self { file, path, written: 0 })
    }

    /// Adds a piece: which stream, how many bytes, the bytes.
    fn append(&mut self, stream: Stream, bytes: &[u8], cap: u64) -> Result<(), StoreError> {
        if self.written + bytes.len() as u64 > cap {
            return Err(StoreError::TooLarge { cap });
        }
        let end = self.file.stream_position().map_err(|error| StoreError::io("write", &self.path, error))?;
        // A length has four bytes.
        for part in bytes.chunks(u32::MAX as usize) {
            let mut piece = [0; PIECE_START];
            piece[0] = tag(stream);
            piece[1..].copy_from_slice(&(part.len() as u32).to_le_bytes());
            let written = if part.len() <= PIECE {
                self.file.write_all(&[&piece, part].concat())
            } else {
                self.file.write_all(&piece).and_then(|()| self.file.write_all(part))
            };
            written.map_err(|error| {
                // Half a piece is none: what is replayed ends where the last addition did.
                let _ = self.file.set_len(end);
                StoreError::io("write", &self.path, error)
            })?;
        }
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Deletes the file; one that cannot be deleted now is an orphan later.
    fn remove(self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn tag(stream: Stream) -> u8 {
    match stream {
        Stream::Stdout => b'o',
        Stream::Stderr => b'e',
    }
}

/// Makes a recording of a spool's file and returns its name and what it takes.
fn keep(
    store: &DirStore,
    file: &File,
    path: &Path,
    meta: &Meta,
    modified: SystemTime,
) -> Result<(Handle, u64), StoreError> {
    let failed = |error| StoreError::io("read", path, error);
    let start = read_start(&mut rewound(file).map_err(failed)?).map_err(failed)?;
    let streams: &[Stream] = if start.is_some_and(|start| start.two_streams) {
        &[Stream::Stdout, Stream::Stderr]
    } else {
        &[Stream::Stdout]
    };
    let mut fingerprint = Fingerprint::new(streams.len() == 2);
    for stream in streams {
        read_pieces(file, path, *stream, |bytes| {
            fingerprint.read(*stream, bytes);
            Ok(())
        })?;
    }
    let (handle, size) = fingerprint.finish();
    let header = Header { size, meta: dated(meta, modified) };
    let mut writer = Writer::create(&store.making(), &header, store.limits.bytes)?;
    for stream in streams {
        read_pieces(file, path, *stream, |bytes| writer.write(bytes))?;
    }
    let (mut object, bytes) = writer.finish(modified)?;
    Ok((store.admit(handle, &mut object, &header.meta)?, bytes))
}

fn rewound(file: &File) -> io::Result<BufReader<&File>> {
    let mut reader = BufReader::with_capacity(PIECE, file);
    reader.rewind()?;
    Ok(reader)
}

fn read_start(reader: &mut BufReader<&File>) -> io::Result<Option<Start>> {
    read_skipped(reader)
}

/// Passes on what one stream printed; the last piece may be there in part.
pub(super) fn read_pieces(
    file: &File,
    path: &Path,
    wanted: Stream,
    mut sink: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let failed = |error| StoreError::io("read", path, error);
    let mut reader = rewound(file).map_err(failed)?;
    if read_start(&mut reader).map_err(failed)?.is_some_and(|start| start.frames) {
        return if wanted == Stream::Stdout { read_frames(reader, sink).map_err(failed)? } else { Ok(()) };
    }
    loop {
        let mut start = Vec::with_capacity(PIECE_START);
        reader.by_ref().take(PIECE_START as u64).read_to_end(&mut start).map_err(failed)?;
        let [stream, a, b, c, d] = start[..] else { return Ok(()) };
        let mut left = u32::from_le_bytes([a, b, c, d]) as usize;
        if stream != tag(wanted) {
            reader.seek_relative(left as i64).map_err(failed)?;
            continue;
        }
        while left > 0 {
            let bytes = reader.fill_buf().map_err(failed)?;
            let length = bytes.len().min(left);
            if length == 0 {
                return Ok(());
            }
            sink(&bytes[..length])?;
            reader.consume(length);
            left -= length;
        }
    }
}

/// Passes on what compressed frames hold; the last one may be there in part.
fn read_frames(
    reader: BufReader<&File>,
    mut sink: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> io::Result<Result<(), StoreError>> {
    let mut decoder = zstd::Decoder::with_buffer(reader)?;
    let mut piece = vec![0; PIECE];
    loop {
        match decoder.read(&mut piece) {
            Ok(0) => return Ok(Ok(())),
            Ok(length) => {
                if let Err(refused) = sink(&piece[..length]) {
                    return Ok(Err(refused));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Ok(())),
            Err(error) => return Err(error),
        }
    }
}

impl DirStore {
    pub(super) fn spools(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Makes recordings of what killed processes left; what cannot be kept now stays as it is.
    pub(super) fn adopt_orphans(&self) {
        for entry in read_folder(&self.spools()).unwrap_or_default() {
            let _ = self.adopt(&entry.path());
        }
    }

    fn adopt(&self, path: &Path) -> io::Result<()> {
        let Some(file) = lock_orphan(path)? else { return Ok(()) };
        let modified = file.metadata()?.modified()?;
        if let Some(Start { meta, .. }) = read_start(&mut rewound(&file)?)? {
            let meta = Meta { interrupted: true, ..meta };
            keep(self, &file, path, &meta, modified).map_err(io::Error::other)?;
        }
        fs::remove_file(path)
    }
}

/// Whether no process is writing the file.
pub(super) fn is_orphan(path: &Path) -> bool {
    lock_orphan(path).is_ok_and(|file| file.is_some())
}

/// Takes the lock of a file whose process is gone.
fn lock_orphan(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    match file.try_lock() {
        // Its process may have finished it between the two calls.
        Ok(()) => Ok(path.exists().then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(_)) => {
            let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
            Ok((age > UNLOCKED).then_some(file))
        }
    }
}
