//! Makes room: removes what is too old or too much, oldest first, and what killed processes left behind.
//!
//! It runs as a part of storing, but rarely: when the last time is ten minutes ago, or when what was added since then
//! goes over the cap. One process sweeps at a time and the others go on without waiting.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::files::Temporary;
use super::{DirStore, Found, files, history, read_folder, unix_seconds};
use crate::store::{Handle, StoreError};

/// How long a sweep lasts.
const PAUSE: u64 = 10 * 60;
/// How old a file is that nobody is still writing.
const ABANDONED: Duration = Duration::from_secs(60 * 60);
/// How long the record of additions gets before a sweep starts it anew, in bytes.
const LONGEST_TALLY: usize = 64 << 10;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// How many recordings it removed.
    pub removed: usize,
    /// How many bytes they took.
    pub removed_bytes: u64,
    /// How many recordings are left.
    pub kept: usize,
    /// How many bytes they take.
    pub kept_bytes: u64,
}

/// Notes that so many bytes were added, and says whether it is time to sweep.
///
/// The record is a line with the time and total of the last sweep and a line for each addition since.
pub(super) fn is_due(store: &DirStore, added: u64) -> bool {
    let Ok(mut file) = files::appendable(&tally(store)) else { return false };
    let mut text = String::new();
    if file.read_to_string(&mut text).is_err() || text.len() > LONGEST_TALLY {
        return true;
    }
    let _ = file.write(format!("{added}\n").as_bytes());
    is_due_by(&text, added, store.limits.bytes, unix_seconds(SystemTime::now()))
}

fn is_due_by(tally: &str, added: u64, cap: u64, now: u64) -> bool {
    let mut lines = tally.lines();
    let last = lines.next().and_then(|line| line.split_once(' '));
    let last = last.and_then(|(time, total)| Some((time.parse::<u64>().ok()?, total.parse::<u64>().ok()?)));
    let Some((time, total)) = last else { return true };
    let since: u64 = lines.filter_map(|line| line.parse::<u64>().ok()).sum();
    now.abs_diff(time) >= PAUSE || total.saturating_add(since).saturating_add(added) > cap
}

fn tally(store: &DirStore) -> PathBuf {
    store.root.join("tally")
}

impl DirStore {
    /// Makes room now; `None` when another process is just doing that.
    pub fn sweep(&self) -> Result<Option<Swept>, StoreError> {
        self.sweep_at(SystemTime::now())
    }

    /// Makes room as if it were another time.
    pub fn sweep_at(&self, now: SystemTime) -> Result<Option<Swept>, StoreError> {
        if !self.root.exists() {
            return Ok(Some(Swept::default()));
        }
        let Some(_lock) = self.sweep_lock()? else { return Ok(None) };
        self.adopt_orphans();
        let found = self.scan()?;
        let mut swept = Swept::default();
        for (found, stays) in found.iter().zip(staying(&found, now, self.limits)) {
            if !stays && remove_unless_renewed(self, found) {
                swept.removed += 1;
                swept.removed_bytes += found.bytes;
            } else {
                swept.kept += 1;
                swept.kept_bytes += found.bytes;
            }
        }
        remove_abandoned(&self.making(), now, ABANDONED);
        remove_abandoned(&self.spools(), now, self.limits.age);
        history::shorten(&self.root);
        self.start_tally(now, swept.kept_bytes);
        Ok(Some(swept))
    }

    /// Removes all recordings, also the memory of what there was, and returns the names; what is being recorded stays.
    pub fn clear(&self) -> Result<Vec<Handle>, StoreError> {
        self.adopt_orphans();
        let mut removed = Vec::new();
        for found in self.scan()? {
            if self.remove(&found.handle)? {
                removed.push(found.handle);
            }
        }
        history::forget(&self.root);
        self.start_tally(SystemTime::now(), 0);
        Ok(removed)
    }

    /// Becomes the one process that sweeps, until the file is closed.
    fn sweep_lock(&self) -> Result<Option<File>, StoreError> {
        let path = self.root.join("lock");
        let file = files::appendable(&path).map_err(|error| StoreError::io("write", path, error))?;
        Ok(match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => None,
            // Where files cannot be locked, two sweeps at once only do the same work twice.
            Ok(()) | Err(fs::TryLockError::Error(_)) => Some(file),
        })
    }

    fn start_tally(&self, now: SystemTime, total: u64) {
        let Ok(mut temporary) = Temporary::create(&self.making()) else { return };
        if temporary.file.write_all(format!("{} {total}\n", unix_seconds(now)).as_bytes()).is_ok() {
            let _ = temporary.move_to(&tally(self));
        }
    }
}

/// Decides for each recording, newest first, whether it stays: the newest always does.
///
/// Over the cap, a tenth more goes than needed, so that the next recording does not start the next sweep.
fn staying(found: &[Found], now: SystemTime, limits: super::Limits) -> Vec<bool> {
    let total: u64 = found.iter().map(|found| found.bytes).sum();
    let room = if total > limits.bytes { limits.bytes / 10 * 9 } else { limits.bytes };
    let mut taken = 0u64;
    let mut full = false;
    let stays = |(index, found): (usize, &Found)| {
        let too_old = now.duration_since(found.modified).is_ok_and(|age| age > limits.age);
        full |= taken.saturating_add(found.bytes) > room;
        let stays = index == 0 || !(too_old || full);
        taken += if stays { found.bytes } else { 0 };
        stays
    };
    found.iter().enumerate().map(stays).collect()
}

/// Removes a recording, unless another process has stored it again since it was looked at.
fn remove_unless_renewed(store: &DirStore, found: &Found) -> bool {
    let aside = store.making().join(files::passing_name());
    if files::make_folder(&store.making()).is_err() || fs::rename(&found.path, &aside).is_err() {
        return false;
    }
    let renewed = fs::metadata(&aside).and_then(|metadata| metadata.modified()).is_ok_and(|time| time > found.modified);
    if renewed {
        // Whatever takes the place meanwhile has the same content.
        return fs::rename(&aside, &found.path).is_err();
    }
    fs::remove_file(&aside).is_ok()
}

/// Removes the files of processes that were killed.
fn remove_abandoned(folder: &Path, now: SystemTime, age: Duration) {
    for entry in read_folder(folder).unwrap_or_default() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let old = modified.is_ok_and(|modified| now.duration_since(modified).is_ok_and(|passed| passed > age));
        if old && super::spool::is_orphan(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::dir::Limits;

    #[test]
    fn due_by_time_by_size_and_without_a_record() {
        for (tally, due) in [
            ("", true),
            ("nonsense\n", true),
            ("1000 50\n", false),
            ("400 50\n", true),
            ("9000 50\n", true),
            ("1000 50\n30\n10\n", false),
            ("1000 50\n30\n11\n", true),
            ("1000 18446744073709551615\n", true),
        ] {
            assert_eq!(is_due_by(tally, 10, 100, 1000), due, "{tally:?}");
        }
    }

    #[test]
    fn oldest_go_first_and_the_newest_never() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let found = |bytes, age| Found {
            handle: Handle::new([0; 32]),
            path: PathBuf::new(),
            bytes,
            modified: now - Duration::from_secs(age),
        };
        let limits = Limits { bytes: 100, age: Duration::from_secs(60) };
        for (recordings, expected) in [
            (vec![found(50, 1), found(50, 2)], vec![true, true]),
            (vec![found(50, 1), found(40, 2), found(20, 3)], vec![true, true, false]),
            (vec![found(50, 1), found(60, 2), found(10, 3)], vec![true, false, false]),
            (vec![found(200, 1), found(1, 2)], vec![true, false]),
            (vec![found(1, 61), found(1, 62)], vec![true, false]),
            (vec![found(1, 60), found(1, 60)], vec![true, true]),
        ] {
            assert_eq!(staying(&recordings, now, limits), expected, "{recordings:?}");
        }
    }

    #[test]
    fn stored_again_meanwhile_is_not_removed() {
        use crate::store::{Meta, Recording, Store};
        let folder = tempfile::tempdir().unwrap();
        let store = DirStore::open(folder.path(), Limits::default());
        let put = || store.put(&Recording::merged(b"again"), &Meta::default()).unwrap();
        let handle = put();
        let seen = store.scan().unwrap().remove(0);
        put();
        assert!(!remove_unless_renewed(&store, &seen));
        assert_eq!(store.get(&handle).unwrap().stdout, b"again");
        assert!(remove_unless_renewed(&store, &store.scan().unwrap()[0]));
        assert!(store.get(&handle).is_err());
    }
}
