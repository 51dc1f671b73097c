//! Objects that came before in the same document: the second one is named by the place of the first.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use crate::json::{Tape, Value, minify};

/// Shorter objects cost less than the name of their place; longer ones are not looked up, so that time stays linear.
const BYTES: std::ops::RangeInclusive<usize> = 60..=16_384;

/// A step from a container to a value in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Key(Value),
    Index(usize),
}

/// The objects written so far, and where the writer is.
#[derive(Debug, Default)]
pub(super) struct Same {
    path: Vec<Step>,
    seen: HashMap<u64, (Value, String)>,
    /// The keys of `seen` in the order they came.
    log: Vec<u64>,
}

impl Same {
    pub(super) fn enter(&mut self, step: Step) {
        self.path.push(step);
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// How many containers there are around.
    pub(super) fn depth(&self) -> usize {
        self.path.len()
    }

    /// A point to come back to with [`Self::forget_since`].
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    /// Forgets the objects that came after a mark.
    pub(super) fn forget_since(&mut self, mark: usize) {
        for key in self.log.drain(mark..) {
            self.seen.remove(&key);
        }
    }

    /// The place of an equal object that came before; otherwise remembers this one.
    pub(super) fn seen(&mut self, tape: &Tape<'_>, object: Value) -> Option<&str> {
        let raw = tape.raw(object);
        if !BYTES.contains(&raw.len()) {
            return None;
        }
        let mut text = Vec::with_capacity(raw.len());
        minify(raw, &mut text);
        // The hasher has fixed keys: the same text has the same hash everywhere.
        let mut hasher = DefaultHasher::new();
        hasher.write(&text);
        let key = hasher.finish();
        if text.len() < *BYTES.start() {
            return None;
        }
        if let Some((first, _)) = self.seen.get(&key) {
            let mut other = Vec::with_capacity(text.len());
            minify(tape.raw(*first), &mut other);
            // Infallible: it was just found.
            return (other == text).then(|| &*self.seen[&key].1);
        }
        if let Some(place) = self.place(tape) {
            self.seen.insert(key, (object, place));
            self.log.push(key);
        }
        None
    }

    /// Where the writer is, as `.items[3].owner`; keys that would need quotes have no place.
    fn place(&self, tape: &Tape<'_>) -> Option<String> {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Index(index) => place.push_str(&format!("[{index}]")),
                Step::Key(key) => {
                    let name = tape.inside(*key);
                    let plain = !name.is_empty() && name.iter().all(|byte| is_plain(*byte));
                    place.push('.');
                    place.push_str(std::str::from_utf8(name).ok().filter(|_| plain)?);
                }
            }
        }
        (!place.is_empty()).then_some(place)
    }
}

/// Whether a byte can stand in a key of a place.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
