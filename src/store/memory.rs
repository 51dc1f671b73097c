//! A store for one process: tests, and callers without files.
//!
//! It keeps the newest recordings up to a number of bytes and forgets the older ones.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Entry, Handle, Meta, Recording, Reference, Size, Store, StoreError, Stored};

/// Keeps recordings in memory, the newest last.
#[derive(Debug)]
pub struct MemoryStore {
    cap: u64,
    kept: Mutex<Vec<(Handle, Stored)>>,
}

impl MemoryStore {
    /// A store that keeps at most `cap` bytes of output.
    pub fn new(cap: u64) -> Self {
        Self { cap, kept: Mutex::default() }
    }

    /// A panic of another thread leaves a list that is complete before or after the change.
    fn kept(&self) -> MutexGuard<'_, Vec<(Handle, Stored)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

impl Store for MemoryStore {
    fn put(&self, recording: &Recording<'_>, meta: &Meta) -> Result<Handle, StoreError> {
        let (handle, size) = recording.fingerprint();
        if size.bytes() > self.cap {
            return Err(StoreError::TooLarge { cap: self.cap });
        }
        let stored = Stored {
            size,
            stdout: recording.stdout.to_vec(),
            stderr: recording.stderr.map(<[u8]>::to_vec),
            meta: meta.clone(),
        };
        let mut kept = self.kept();
        kept.retain(|(other, _)| *other != handle);
        kept.push((handle, stored));
        let mut total = 0;
        let fitting = kept.iter().rev().take_while(|(_, stored)| {
            total += stored.size.bytes();
            total <= self.cap
        });
        let surplus = kept.len() - fitting.count();
        kept.drain(..surplus);
        Ok(handle.apart_from(kept.iter().map(|(other, _)| other)))
    }

    fn get(&self, handle: &Handle) -> Result<Stored, StoreError> {
        let kept = self.kept();
        let found = kept.iter().find(|(other, _)| other == handle);
        found
            .map(|(_, stored)| stored.clone())
            .ok_or_else(|| StoreError::Unknown { asked: handle.to_string(), nearest: Vec::new() })
    }

    fn describe(&self, handle: &Handle) -> Result<(Size, Meta), StoreError> {
        self.get(handle).map(|stored| (stored.size, stored.meta))
    }

    fn find(&self, reference: &Reference) -> Result<Handle, StoreError> {
        let handles: Vec<Handle> = self.kept().iter().rev().map(|(handle, _)| *handle).collect();
        reference.resolve(&handles)
    }

    fn list(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let kept = self.kept();
        let entry = |(handle, stored): &(Handle, Stored)| {
            let size = stored.size;
            let handle = handle.apart_from(kept.iter().map(|(other, _)| other));
            Entry { handle, size, stored_bytes: size.bytes(), meta: stored.meta.clone() }
        };
        Ok(kept.iter().rev().take(limit).map(entry).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_stay_within_the_cap() {
        let store = MemoryStore::new(10);
        let handles =
            [b"aaaa", b"bbbb", b"cccc"].map(|bytes| store.put(&Recording::merged(bytes), &Meta::default()).unwrap());
        assert!(store.get(&handles[0]).is_err());
        assert_eq!(store.get(&handles[1]).unwrap().stdout, b"bbbb");
        assert_eq!(store.find(&Reference::Last(0)).unwrap(), handles[2]);
        let too_large = store.put(&Recording::merged(b"more than ten"), &Meta::default());
        assert!(matches!(too_large, Err(StoreError::TooLarge { cap: 10 })));
        assert_eq!(store.list(9).unwrap().len(), 2);
    }

    #[test]
    fn same_content_becomes_the_newest_again() {
        let store = MemoryStore::default();
        for bytes in [b"a", b"b", b"a"] {
            store.put(&Recording::merged(bytes), &Meta::default()).unwrap();
        }
        let listed: Vec<Handle> = store.list(9).unwrap().iter().map(|entry| entry.handle).collect();
        assert_eq!(listed, [Recording::merged(b"a").handle(), Recording::merged(b"b").handle()]);
    }
}
