//! A store in files: one compressed file for each recording, named by its content.
//!
//! Many processes use the folder at once and any of them may be killed at any time: files get their name when they are
//! complete, nothing waits for a lock, and what is not the store's own is left alone. This module and those below it are
//! the only ones outside of the command line that touch files and the clock.
#![allow(clippy::disallowed_methods, reason = "the core is pure so that this module can do the I/O")]

mod files;
mod growing;
mod history;
mod object;
mod spool;
mod sweep;

use std::convert::Infallible;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use growing::{Growing, Shrinker};
pub use spool::Spool;
pub use sweep::Swept;

use super::{Entry, Fingerprint, Handle, Meta, Recording, Reference, Size, Store, StoreError, Stored, Stream};
use files::Temporary;
use object::{Header, Object, Writer, damaged};

/// How much a store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The size of all files together, in bytes.
    pub bytes: u64,
    /// How long a recording stays.
    pub age: Duration,
}

impl Default for Limits {
    /// 256 MiB and 7 days.
    fn default() -> Self {
        Self { bytes: 256 << 20, age: Duration::from_secs(7 * 24 * 60 * 60) }
    }
}

/// Keeps recordings in a folder.
#[derive(Debug, Clone)]
pub struct DirStore {
    root: PathBuf,
    limits: Limits,
}

/// A recording's file as the folder lists it.
#[derive(Debug, Clone)]
struct Found {
    handle: Handle,
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
}

impl DirStore {
    /// Names a folder for recordings; nothing is read or made until there is something to keep.
    pub fn open(folder: impl Into<PathBuf>, limits: Limits) -> Self {
        Self { root: folder.into(), limits }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// How much it keeps.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Starts a recording of what a command is about to print; no file is made before the first byte.
    pub fn spool(&self, two_streams: bool, meta: &Meta) -> Spool {
        Spool::new(self.clone(), two_streams, meta)
    }

    /// Starts a recording of one stream that may be very long.
    pub fn grow(&self, meta: &Meta) -> Result<Growing, StoreError> {
        Growing::new(self.clone(), meta)
    }

    /// The same for one that is spooled as well: when its process is killed, only the spool counts.
    pub fn grow_beside_spool(&self, meta: &Meta) -> Result<Growing, StoreError> {
        Growing::beside(self.clone(), meta)
    }

    /// Passes a recording on, piece by piece, until the sink has enough of it.
    ///
    /// A damaged recording is noticed at its end at the latest, when the pieces before are already passed on.
    pub fn read<E>(
        &self,
        handle: &Handle,
        mut sink: impl FnMut(Stream, &[u8]) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreError> {
        let (object, path) = self.object(handle)?;
        let size = object.header.size;
        let mut fingerprint = Fingerprint::new(size.stderr.is_some());
        let mut left = size.stdout;
        let passed_on = object.read(|piece| {
            let (stdout, stderr) = piece.split_at(piece.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
            left -= stdout.len() as u64;
            for (stream, bytes) in [(Stream::Stdout, stdout), (Stream::Stderr, stderr)] {
                fingerprint.read(stream, bytes);
                if !bytes.is_empty() {
                    sink(stream, bytes)?;
                }
            }
            Ok(())
        })?;
        if passed_on.is_ok() && fingerprint.finish().0 != *handle {
            return Err(damaged(&path, "its content does not have its name"));
        }
        Ok(passed_on)
    }

    /// Removes a recording; `false` when it is not there.
    pub fn remove(&self, handle: &Handle) -> Result<bool, StoreError> {
        let path = self.place(handle);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::io("remove", path, error)),
        }
    }

    /// Opens a recording's file, or finds out why it is not there.
    fn object(&self, handle: &Handle) -> Result<(Object, PathBuf), StoreError> {
        let path = self.place(handle);
        match Object::open(&path) {
            Ok(object) => Ok((object, path)),
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let unknown = StoreError::Unknown { asked: handle.to_string(), nearest: Vec::new() };
                Err(self.gone(&handle.to_hex(), handle.to_string()).unwrap_or(unknown))
            }
            Err(error) => Err(error),
        }
    }

    /// The error for a recording that was here once.
    fn gone(&self, digits: &str, asked: String) -> Option<StoreError> {
        let command = history::find(&self.root, digits)?;
        Some(StoreError::Gone { asked, command })
    }

    /// Gives a complete file its name and returns it, with as many digits as it needs here.
    fn admit(&self, handle: Handle, file: &mut Temporary, meta: &Meta) -> Result<Handle, StoreError> {
        file.move_to(&self.place(&handle))?;
        // The recording is safe from here on: what else can fail makes it harder to find, not less true.
        history::append(&self.root, &handle, meta);
        let siblings = self.siblings(&handle.to_string()).unwrap_or_default();
        Ok(handle.apart_from(siblings.iter().map(|found| &found.handle)))
    }

    /// Makes room now and then, after so many bytes were added.
    fn swept_if_due(&self, handle: Handle, added: u64) -> Handle {
        if sweep::is_due(self, added) {
            // What does not work now is tried again later.
            let _ = self.sweep();
        }
        handle
    }

    /// Where a recording is kept.
    fn place(&self, handle: &Handle) -> PathBuf {
        let hex = handle.to_hex();
        let (folder, name) = hex.split_at(2);
        self.objects().join(folder).join(format!("{name}.zst"))
    }

    fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    /// Where files are made.
    fn making(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Finds the recordings in the folders of those whose names start with these digits.
    fn siblings(&self, digits: &str) -> Result<Vec<Found>, StoreError> {
        let mut found = Vec::new();
        for byte in Handle::first_bytes(digits) {
            let folder = format!("{byte:02x}");
            collect(&self.objects().join(&folder), &folder, &mut found)?;
        }
        Ok(found)
    }

    /// Finds all recordings, newest first.
    fn scan(&self) -> Result<Vec<Found>, StoreError> {
        let mut found = Vec::new();
        for folder in read_folder(&self.objects())? {
            if let Some(digits) = folder.file_name().to_str().filter(|name| name.len() == 2) {
                collect(&folder.path(), digits, &mut found)?;
            }
        }
        found.sort_by(|a, b| b.modified.cmp(&a.modified).then(a.handle.cmp(&b.handle)));
        Ok(found)
    }
}

/// Lists a folder; one that is missing is empty.
fn read_folder(path: &Path) -> Result<Vec<fs::DirEntry>, StoreError> {
    let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    match fs::read_dir(path).and_then(Iterator::collect) {
        Ok(entries) => Ok(entries),
        Err(error) if missing(&error) => Ok(Vec::new()),
        Err(error) => Err(StoreError::io("read", path, error)),
    }
}

/// Adds the recordings of one folder; whatever else is there is passed over.
fn collect(folder: &Path, digits: &str, found: &mut Vec<Found>) -> Result<(), StoreError> {
    if folder.is_file() {
        return Ok(());
    }
    for entry in read_folder(folder)? {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_suffix(".zst")).unwrap_or_default();
        let Some(handle) = Handle::from_hex(&format!("{digits}{rest}")) else { continue };
        // Another process may have removed it since.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_file() {
            let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
            found.push(Found { handle, path: entry.path(), bytes: metadata.len(), modified });
        }
    }
    Ok(())
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Fills in when something was recorded, unless the caller said so.
fn dated(meta: &Meta, time: SystemTime) -> Meta {
    let unix_time = if meta.unix_time == 0 { unix_seconds(time) } else { meta.unix_time };
    Meta { unix_time, ..meta.clone() }
}

impl Store for DirStore {
    fn put(&self, recording: &Recording<'_>, meta: &Meta) -> Result<Handle, StoreError> {
        let now = SystemTime::now();
        let (handle, size) = recording.fingerprint();
        let header = Header { size, meta: dated(meta, now) };
        let mut writer = Writer::create(&self.making(), &header, self.limits.bytes)?;
        writer.write(recording.stdout)?;
        writer.write(recording.stderr.unwrap_or_default())?;
        let (mut file, bytes) = writer.finish(now)?;
        Ok(self.swept_if_due(self.admit(handle, &mut file, &header.meta)?, bytes))
    }

    fn get(&self, handle: &Handle) -> Result<Stored, StoreError> {
        let (size, meta) = self.describe(handle)?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let all = self.read(handle, |stream, bytes| {
            match stream {
                Stream::Stdout => stdout.extend_from_slice(bytes),
                Stream::Stderr => stderr.extend_from_slice(bytes),
            }
            Ok::<(), Infallible>(())
        })?;
        match all {
            Ok(()) => Ok(Stored { stdout, stderr: size.stderr.map(|_| stderr), size, meta }),
        }
    }

    fn describe(&self, handle: &Handle) -> Result<(Size, Meta), StoreError> {
        let Header { size, meta } = self.object(handle)?.0.header;
        Ok((size, meta))
    }

    fn find(&self, reference: &Reference) -> Result<Handle, StoreError> {
        let handles = |found: Vec<Found>| found.iter().map(|found| found.handle).collect::<Vec<_>>();
        match reference {
            Reference::Last(_) => {
                self.adopt_orphans();
                reference.resolve(&handles(self.scan()?))
            }
            Reference::Digits(digits) => match reference.resolve(&handles(self.siblings(digits)?)) {
                Err(StoreError::Unknown { .. }) => match self.gone(digits, reference.to_string()) {
                    Some(gone) => Err(gone),
                    None => reference.resolve(&handles(self.scan()?)),
                },
                found => found,
            },
        }
    }

    fn list(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.adopt_orphans();
        let found = self.scan()?;
        let mut names: Vec<Handle> = found.iter().map(|found| found.handle).collect();
        names.sort();
        let entry = |found: &Found| {
            let header = match Object::open(&found.path) {
                Ok(object) => object.header,
                // Removed meanwhile.
                Err(StoreError::Io { .. }) => return None,
                Err(_) => Header { size: Size::default(), meta: dated(&Meta::default(), found.modified) },
            };
            let at = names.partition_point(|name| *name < found.handle);
            let neighbours = &names[at.saturating_sub(1)..names.len().min(at + 2)];
            let Header { size, meta } = header;
            Some(Entry { handle: found.handle.apart_from(neighbours), size, stored_bytes: found.bytes, meta })
        };
        Ok(found.iter().filter_map(entry).take(limit).collect())
    }
}
