//! Keeps originals, so that whatever was left out can be given back.
//!
//! A recording is what a command printed, named by its content. This module says what a store promises and holds the
//! pure parts: names, selections and search. [`memory`] keeps recordings for one process, `dir` keeps them in files.

#[cfg(feature = "cli")]
pub mod dir;
mod error;
pub mod find;
mod handle;
pub mod memory;
pub mod query;
pub mod select;

use serde::{Deserialize, Serialize};

pub use error::StoreError;
pub use handle::{Handle, Reference};

/// Which of a command's two outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stream {
    /// Standard output, or both when they were recorded as one.
    #[default]
    Stdout,
    /// Standard error, when it was recorded on its own.
    Stderr,
}

/// What a command printed, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recording<'a> {
    /// Standard output, or the one merged stream.
    pub stdout: &'a [u8],
    /// Standard error, when it was recorded on its own.
    pub stderr: Option<&'a [u8]>,
}

impl<'a> Recording<'a> {
    /// A recording of one stream.
    pub fn merged(bytes: &'a [u8]) -> Self {
        Self { stdout: bytes, stderr: None }
    }

    /// Computes the name of this content; it is the same before and after storing, and in every store.
    pub fn handle(&self) -> Handle {
        self.fingerprint().0
    }

    /// Measures the recording.
    pub fn size(&self) -> Size {
        self.fingerprint().1
    }

    /// Names and measures it in one go.
    pub(crate) fn fingerprint(&self) -> (Handle, Size) {
        let mut fingerprint = Fingerprint::new(self.stderr.is_some());
        fingerprint.read(Stream::Stdout, self.stdout);
        fingerprint.read(Stream::Stderr, self.stderr.unwrap_or_default());
        fingerprint.finish()
    }
}

/// What is known about a recording besides its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// The command line as a shell would read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The command's exit status; a death by signal N is 128 + N.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// When it was recorded, in seconds since 1970; a store in files replaces 0 by the time of storing.
    pub unix_time: u64,
    /// Estimated tokens of the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_before: Option<u64>,
    /// Estimated tokens of what was shown instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_after: Option<u64>,
    /// Whether the recording ends where `hr` was killed, not where the command ended.
    pub interrupted: bool,
}

/// How much a recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Size {
    /// Bytes of standard output, or of the merged stream.
    pub stdout: u64,
    /// Bytes of standard error, when it was recorded on its own.
    pub stderr: Option<u64>,
    /// Lines of both together.
    pub lines: u64,
}

impl Size {
    /// Bytes of both streams together.
    pub fn bytes(&self) -> u64 {
        self.stdout.saturating_add(self.stderr.unwrap_or(0))
    }
}

/// A recording as a store gives it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Standard output, or the one merged stream.
    pub stdout: Vec<u8>,
    /// Standard error, when it was recorded on its own.
    pub stderr: Option<Vec<u8>>,
    /// How much that is.
    pub size: Size,
    /// What else is known about it.
    pub meta: Meta,
}

impl Stored {
    /// The bytes as a recording.
    pub fn recording(&self) -> Recording<'_> {
        Recording { stdout: &self.stdout, stderr: self.stderr.as_deref() }
    }
}

/// One line of a store's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as short as the store's other names allow.
    pub handle: Handle,
    /// How much it holds.
    pub size: Size,
    /// What it takes in the store, in bytes.
    pub stored_bytes: u64,
    /// What else is known about it.
    pub meta: Meta,
}

/// A place that keeps recordings by their content.
pub trait Store {
    /// Keeps a recording and returns its name, made longer when the usual eight digits would be ambiguous here.
    ///
    /// The same content is kept once: what is known about it is replaced, and it becomes the newest.
    fn put(&self, recording: &Recording<'_>, meta: &Meta) -> Result<Handle, StoreError>;

    /// Gives a recording back, exactly as it was put.
    fn get(&self, handle: &Handle) -> Result<Stored, StoreError>;

    /// Says what is known about a recording besides its bytes.
    fn describe(&self, handle: &Handle) -> Result<(Size, Meta), StoreError>;

    /// Resolves what a user typed.
    fn find(&self, reference: &Reference) -> Result<Handle, StoreError>;

    /// Lists at most `limit` recordings, newest first.
    fn list(&self, limit: usize) -> Result<Vec<Entry>, StoreError>;
}

/// Computes a content's name and size while it is read, each stream in order.
///
/// One stream has the plain blake3 hash of its bytes. Two streams are hashed in a domain of their own, standard error
/// followed by the hash of standard output, so that no two recordings share a name by where they are cut.
#[derive(Debug, Default)]
pub(crate) struct Fingerprint {
    stdout: blake3::Hasher,
    stderr: Option<blake3::Hasher>,
    size: Size,
    unended: [bool; 2],
}

impl Fingerprint {
    const TWO_STREAMS: &str = "hr store: standard error, then the hash of standard output";

    /// Starts with nothing read.
    pub(crate) fn new(two_streams: bool) -> Self {
        Self {
            stderr: two_streams.then(|| blake3::Hasher::new_derive_key(Self::TWO_STREAMS)),
            size: Size { stderr: two_streams.then_some(0), ..Size::default() },
            ..Self::default()
        }
    }

    /// Reads on; bytes of standard error count only when there are two streams.
    pub(crate) fn read(&mut self, stream: Stream, bytes: &[u8]) {
        let (hasher, length, unended) = match (stream, &mut self.stderr, &mut self.size.stderr) {
            (Stream::Stdout, ..) => (&mut self.stdout, &mut self.size.stdout, &mut self.unended[0]),
            (Stream::Stderr, Some(hasher), Some(length)) => (hasher, length, &mut self.unended[1]),
            (Stream::Stderr, ..) => return,
        };
        hasher.update(bytes);
        *length += bytes.len() as u64;
        self.size.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        *unended = bytes.last().map_or(*unended, |last| *last != b'\n');
    }

    /// Names and measures what was read.
    pub(crate) fn finish(self) -> (Handle, Size) {
        let stdout = self.stdout.finalize();
        let hash = match self.stderr {
            None => stdout,
            Some(mut stderr) => stderr.update(stdout.as_bytes()).finalize(),
        };
        let lines = self.size.lines + self.unended.iter().filter(|unended| **unended).count() as u64;
        (Handle::new(*hash.as_bytes()), Size { lines, ..self.size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_one_stream_is_its_blake3_hash() {
        assert_eq!(Recording::merged(b"abc").handle().to_hex(), blake3::hash(b"abc").to_hex().as_str());
    }

    #[test]
    fn where_the_streams_are_cut_is_part_of_the_name() {
        let names = [
            Recording::merged(b"abc"),
            Recording { stdout: b"abc", stderr: Some(b"") },
            Recording { stdout: b"ab", stderr: Some(b"c") },
            Recording { stdout: b"", stderr: Some(b"abc") },
        ]
        .map(|recording| recording.handle().to_hex());
        for (index, name) in names.iter().enumerate() {
            assert!(!names[index + 1..].contains(name), "{name} twice");
        }
    }

    #[test]
    fn size_counts_both_streams() {
        let size = Recording { stdout: b"a\nb", stderr: Some(b"c\n") }.size();
        assert_eq!(size, Size { stdout: 3, stderr: Some(2), lines: 3 });
        assert_eq!(size.bytes(), 5);
    }
}
