//! Records a text of any length in the form in which it stays: nothing is written twice, and little at all.
//!
//! The file is a spool while it grows, of compressed frames instead of pieces, and a recording when it gets its place.
//! Compressing a part needs nothing of the others, so callers do it where they have a thread to spare.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::time::SystemTime;

use super::files::{Temporary, passing_name};
use super::object::{LEVEL, padded};
use super::spool::{Start, read_pieces};
use super::{DirStore, dated};
use crate::store::{Handle, Meta, Size, StoreError, Stream};

/// What may be added to the beginning of the file when all is known, in bytes.
const ROOM: usize = 512;

/// Compresses the parts of a recording, in a thread of its own.
#[expect(missing_debug_implementations, reason = "the compressor has none")]
pub struct Shrinker(zstd::bulk::Compressor<'static>);

impl Shrinker {
    /// Makes one.
    pub fn new() -> io::Result<Self> {
        zstd::bulk::Compressor::new(LEVEL).map(Self)
    }

    /// Compresses one part.
    pub fn shrink(&mut self, part: &[u8]) -> io::Result<Vec<u8>> {
        self.0.compress(part)
    }
}

/// A recording of one stream that grows. Dropped before it is kept or discarded, it stays as an orphan.
#[derive(Debug)]
pub struct Growing {
    store: DirStore,
    file: Temporary,
    /// How long the beginning of the file is, which is written again in the end.
    start: usize,
    written: u64,
    kept: bool,
}

impl Growing {
    /// Makes the file; it gets its place among the spools when it is locked.
    pub(super) fn new(store: DirStore, meta: &Meta) -> Result<Self, StoreError> {
        let mut growing = Self::beside(store, meta)?;
        growing.file.move_to(&growing.store.spools().join(passing_name()))?;
        Ok(growing)
    }

    /// Makes the file for what a spool holds as well: it is nothing that is worth finding before it is kept.
    pub(super) fn beside(store: DirStore, meta: &Meta) -> Result<Self, StoreError> {
        let mut file = Temporary::create(&store.making())?;
        // Where files cannot be locked, an orphan is told by its age.
        let _ = file.file.try_lock();
        let start = padded(&Start::growing(dated(meta, SystemTime::now()), None), ROOM);
        let written = start.and_then(|start| file.file.write_all(&start).map(|()| start.len()));
        let start = written.map_err(|error| StoreError::io("write", file.path(), error))?;
        Ok(Self { store, file, start, written: start as u64, kept: false })
    }

    /// Adds a part as [`Shrinker`] made it; all of it or, when this fails, nothing.
    pub fn append(&mut self, shrunk: &[u8]) -> Result<(), StoreError> {
        let cap = self.store.limits.bytes;
        if self.written + shrunk.len() as u64 > cap {
            return Err(StoreError::TooLarge { cap });
        }
        if let Err(error) = self.file.file.write_all(shrunk) {
            // What cannot be taken back is a part that does not decompress, which is no part.
            let _ = self.file.file.set_len(self.written);
            return Err(StoreError::io("write", self.file.path(), error));
        }
        self.written += shrunk.len() as u64;
        Ok(())
    }

    /// Passes on what was added so far, for a caller that cannot keep it after all.
    pub fn replay(&self, mut sink: impl FnMut(&[u8])) -> Result<(), StoreError> {
        read_pieces(&self.file.file, self.file.path(), Stream::Stdout, |bytes| {
            sink(bytes);
            Ok(())
        })
    }

    /// Makes it a recording of this name and size. After a failure it can still be replayed.
    pub fn keep(&mut self, handle: Handle, size: Size, meta: &Meta) -> Result<Handle, StoreError> {
        let meta = dated(meta, SystemTime::now());
        let start = Start::growing(meta.clone(), Some(size));
        let started = padded(&start, 0).and_then(|plain| {
            let room = self.start.checked_sub(plain.len()).ok_or(io::ErrorKind::InvalidInput)?;
            write_start(&mut self.file.file, &padded(&start, room)?)
        });
        started.map_err(|error| StoreError::io("write", self.file.path(), error))?;
        let handle = self.store.admit(handle, &mut self.file, &meta)?;
        self.kept = true;
        Ok(self.store.swept_if_due(handle, self.written))
    }

    /// Throws it away, unless it is kept.
    pub fn discard(self) {
        if !self.kept {
            // One that cannot be deleted now is an orphan later.
            let _ = fs::remove_file(self.file.path());
        }
    }
}

fn write_start(file: &mut File, start: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(start)?;
    file.set_modified(SystemTime::now())
}
