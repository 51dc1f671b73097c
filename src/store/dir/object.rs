//! The file of one recording: what is known about it, then its bytes, compressed.
//!
//! The first part is a zstd frame that decoders skip, so that `zstd -dc` on the file prints the recording. Standard
//! error follows standard output in the same compressed frame; the first part says where one ends.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::files::Temporary;
use crate::store::{Meta, Size, StoreError};

/// Fast enough for output of 100 MB, and close to the higher levels on what tools print.
pub(super) const LEVEL: i32 = 1;
/// How a frame starts that zstd decoders skip; its length follows in four bytes.
const SKIPPED: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];

/// What a recording's file says before the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// How much follows.
    pub(super) size: Size,
    /// What else is known.
    pub(super) meta: Meta,
}

/// Spells data as a frame that zstd decoders skip.
pub(super) fn to_skipped<T: Serialize>(data: &T) -> io::Result<Vec<u8>> {
    padded(data, 0)
}

/// The same with room for as many bytes more.
pub(super) fn padded<T: Serialize>(data: &T, room: usize) -> io::Result<Vec<u8>> {
    let mut json = serde_json::to_vec(data)?;
    json.resize(json.len() + room, b' ');
    let length = u32::try_from(json.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    Ok([&SKIPPED[..], &length.to_le_bytes(), &json].concat())
}

/// Reads such a frame; `None` when it is not there in full.
pub(super) fn read_skipped<T: DeserializeOwned>(reader: &mut impl Read) -> io::Result<Option<T>> {
    let mut start = [0; 8];
    if let Err(error) = reader.read_exact(&mut start) {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let [magic @ .., a, b, c, d] = start;
    if magic != SKIPPED {
        return Ok(None);
    }
    let mut json = Vec::new();
    reader.take(u32::from_le_bytes([a, b, c, d]).into()).read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json).ok())
}

/// Writes one recording's file, under a passing name.
pub(super) struct Writer {
    encoder: zstd::Encoder<'static, Capped>,
    path: PathBuf,
    cap: u64,
}

/// Writes to a file until it is too large.
struct Capped {
    temporary: Temporary,
    written: u64,
    cap: u64,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.temporary.file.write(bytes)?;
        self.written += written as u64;
        if self.written > self.cap { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.file.flush()
    }
}

impl Writer {
    /// Starts a file that must not get larger than `cap`.
    pub(super) fn create(folder: &Path, header: &Header, cap: u64) -> Result<Self, StoreError> {
        let mut capped = Capped { temporary: Temporary::create(folder)?, written: 0, cap };
        let path = capped.temporary.path().to_owned();
        let started = to_skipped(header).and_then(|start| capped.write_all(&start)).and_then(|()| {
            let mut encoder = zstd::Encoder::new(capped, LEVEL)?;
            encoder.set_pledged_src_size(Some(header.size.bytes()))?;
            Ok(encoder)
        });
        match started {
            Ok(encoder) => Ok(Self { encoder, path, cap }),
            Err(error) => Err(refused(error, path, cap)),
        }
    }

    /// Adds bytes of the recording, in order; as many in all as the header says.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.encoder.write_all(bytes).map_err(|error| refused(error, self.path.clone(), self.cap))
    }

    /// Completes the file and returns it with its size.
    pub(super) fn finish(self, modified: SystemTime) -> Result<(Temporary, u64), StoreError> {
        let finished = self.encoder.finish().and_then(|capped| {
            capped.temporary.file.set_modified(modified)?;
            Ok((capped.temporary, capped.written))
        });
        finished.map_err(|error| refused(error, self.path, self.cap))
    }
}

fn refused(error: io::Error, path: PathBuf, cap: u64) -> StoreError {
    if error.kind() == io::ErrorKind::FileTooLarge {
        return StoreError::TooLarge { cap };
    }
    StoreError::io("write", path, error)
}

/// One recording's file, opened.
pub(super) struct Object {
    /// What it says about itself.
    pub(super) header: Header,
    reader: BufReader<File>,
    path: PathBuf,
}

impl Object {
    /// Opens a file and reads what it says about itself.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| StoreError::io("read", path, error);
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let header = read_skipped(&mut reader).map_err(failed)?;
        let header = header.ok_or_else(|| damaged(path, "its beginning is not a recording's"))?;
        Ok(Self { header, reader, path: path.to_owned() })
    }

    /// Passes the bytes on, piece by piece, in order, until the sink has enough of them.
    pub(super) fn read<E>(self, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<Result<(), E>, StoreError> {
        let broken = |_| damaged(&self.path, "it does not decompress");
        let mut decoder = zstd::Decoder::with_buffer(self.reader).map_err(broken)?;
        let mut piece = vec![0; zstd::Decoder::<BufReader<File>>::recommended_output_size()];
        loop {
            let length = decoder.read(&mut piece).map_err(broken)?;
            if length == 0 {
                return Ok(Ok(()));
            }
            if let Err(enough) = sink(&piece[..length]) {
                return Ok(Err(enough));
            }
        }
    }
}

/// The error for a file that does not hold what was put.
pub(super) fn damaged(path: &Path, why: &'static str) -> StoreError {
    StoreError::Corrupt { path: path.to_owned(), why }
}
