//! What texts became: agents send all results of a conversation again in every turn, and only a hash is due then.
//!
//! Whether something is remembered changes no byte, only the time it takes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::request::{Text, ToolCall};

/// What a text and its call are known by.
pub(super) type Key = [u8; 32];

/// What may be remembered of texts, in bytes of what was made; the older half goes first.
pub(super) const TEXTS: usize = 8 << 20;

/// What one costs besides its text.
const EACH: usize = 128;

/// What texts became.
#[derive(Debug)]
pub(super) struct Remembered<T> {
    most: usize,
    both: RefCell<Generations<T>>,
}

/// Two generations: what is asked for in the old one becomes young again, and a full young one becomes old.
#[derive(Debug)]
struct Generations<T> {
    young: BTreeMap<Key, T>,
    old: BTreeMap<Key, T>,
    /// Of the young one.
    bytes: usize,
}

/// What takes memory.
pub(super) trait Weighed {
    /// In bytes.
    fn size(&self) -> usize;
}

impl<T: Weighed> Weighed for Rc<T> {
    fn size(&self) -> usize {
        (**self).size()
    }
}

impl<T: Weighed> Weighed for Option<T> {
    fn size(&self) -> usize {
        self.as_ref().map_or(0, T::size)
    }
}

/// The key of a text that answers a call.
pub(super) fn key(text: &Text<'_>, call: Option<&ToolCall<'_>>) -> Key {
    let mut key = blake3::Hasher::new();
    if let Some(call) = call {
        let end = call.name.len() as u64;
        key.update(&end.to_le_bytes()).update(call.name.as_bytes()).update(call.arguments.as_bytes());
    }
    *key.update(&text.hash()).finalize().as_bytes()
}

impl<T: Weighed + Clone> Remembered<T> {
    /// Remembers so many bytes at most.
    pub(super) fn of(most: usize) -> Self {
        Self { most, both: RefCell::new(Generations { young: BTreeMap::new(), old: BTreeMap::new(), bytes: 0 }) }
    }

    /// What a text became, or becomes now.
    pub(super) fn or_made(&self, key: Key, make: impl FnOnce() -> T) -> T {
        let known = self.both.borrow_mut().find(&key, self.most);
        known.unwrap_or_else(|| {
            let made = make();
            self.both.borrow_mut().add(key, made.clone(), self.most);
            made
        })
    }
}

impl<T: Weighed + Clone> Generations<T> {
    fn find(&mut self, key: &Key, most: usize) -> Option<T> {
        if let Some(known) = self.young.get(key) {
            return Some(known.clone());
        }
        let known = self.old.remove(key)?;
        self.add(*key, known.clone(), most);
        Some(known)
    }

    fn add(&mut self, key: Key, made: T, most: usize) {
        let size = EACH + made.size();
        if self.bytes + size > most / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += size;
        self.young.insert(key, made);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weighed for usize {
        fn size(&self) -> usize {
            *self
        }
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let remembered = Remembered::of(TEXTS);
        let made = |number: u8, size: usize| {
            let mut anew = false;
            let got = remembered.or_made([number; 32], || {
                anew = true;
                size
            });
            assert_eq!(got, size);
            anew
        };
        assert!(made(0, 0) && made(1, TEXTS / 4));
        assert!(!made(0, 0) && !made(1, TEXTS / 4));
        // Each round fills a generation; the first is asked for in each.
        for number in 2..20 {
            assert!(made(number, TEXTS / 3) && !made(1, TEXTS / 4), "{number}");
        }
        assert!(made(0, 0) && made(2, TEXTS / 3));
        let both = remembered.both.borrow();
        assert!(both.young.len() + both.old.len() < 6);
    }
}
