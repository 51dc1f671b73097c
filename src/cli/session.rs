//! What conversations were shown, kept between calls: a file for each, with a hash of every line that was printed.
//!
//! Nothing but hashes is kept. Whatever goes wrong here, lines are shown once more than needed.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::home::home;
use super::journal::open;
use crate::shown::Shown;

/// Agents cut results from 30,000 characters on, in bytes with room for what they add: nobody knows what was shown of those.
const LONGEST: usize = 24_000;
/// How much of a file is read, in bytes: its end, which is enough for what was printed lately.
const READ: u64 = 1 << 20;
/// A file that is longer is begun anew.
const LIMIT: u64 = 4 << 20;
/// Files that nothing was added to for so long are deleted.
const AGE: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// A conversation.
#[derive(Debug)]
pub struct Session {
    path: PathBuf,
}

impl Session {
    /// The conversation of a name; nothing when there is no folder for what `hr` keeps.
    pub fn named(name: &str) -> Option<Self> {
        let hash = blake3::hash(name.as_bytes()).to_hex();
        Some(Self { path: home().ok()?.join("sessions").join(&hash[..16]) })
    }

    /// Whether it was begun, and not long ago.
    pub fn is_known(&self) -> bool {
        self.path.is_file()
    }

    /// Begins it anew: nothing was shown.
    pub fn begin(&self) {
        let Some(folder) = self.path.parent() else { return };
        let is_old = |entry: &fs::DirEntry| {
            let changed = entry.metadata().and_then(|file| file.modified());
            changed.is_ok_and(|time| SystemTime::now().duration_since(time).is_ok_and(|age| age > AGE))
        };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(is_old) {
            let _ = fs::remove_file(entry.path());
        }
        let _ = fs::remove_file(&self.path);
        let _ = self.open();
    }

    fn open(&self) -> io::Result<fs::File> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        open(self.path.parent().unwrap_or(&self.path), &name)
    }

    /// What it was shown lately.
    pub fn shown(&self) -> Shown {
        let read = || {
            let mut file = fs::File::open(&self.path)?;
            let length = file.metadata()?.len();
            // Every number has eight bytes.
            file.seek(SeekFrom::Start(length.saturating_sub(READ).next_multiple_of(8)))?;
            let mut records = Vec::new();
            file.read_to_end(&mut records)?;
            io::Result::Ok(Shown::read(&records))
        };
        read().unwrap_or_default()
    }

    /// Notes what it is shown now: the streams of one result.
    pub fn note(&self, texts: &[&[u8]]) {
        if !(1..=LONGEST).contains(&texts.iter().map(|text| text.len()).sum::<usize>()) {
            return;
        }
        if fs::metadata(&self.path).map_or(true, |file| file.len() > LIMIT || file.len() % 8 != 0) {
            self.begin();
        }
        if let Ok(mut file) = self.open() {
            // One write, so that what other processes add does not come in between.
            let _ = file.write_all(
                &texts.iter().filter(|text| !text.is_empty()).flat_map(|text| Shown::record(text)).collect::<Vec<_>>(),
            );
        }
    }
}
