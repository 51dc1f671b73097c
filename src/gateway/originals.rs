//! Posts originals to stores, each one once: results come again in every turn.
//!
//! A store may lose what it has, so after a while an original is posted again. What a store did not take is posted in the
//! next turn. No request waits for any of this.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::host::{Host, Refused};
use super::part::Kept;
use super::request::Text;

/// A store, as the configuration names it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Store {
    /// The cluster of the gateway that leads there.
    pub cluster: String,
    /// What it wants to be told.
    pub token: Option<String>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}

type Name = (Rc<Store>, String);

/// Which originals are at which store.
#[derive(Debug, Default)]
pub(super) struct Originals {
    /// Until when they need not be posted.
    known: BTreeMap<Name, u64>,
    /// Which one each call posts.
    calls: BTreeMap<u32, Name>,
}

/// How long a store may take, in milliseconds.
const TIMEOUT: u32 = 5_000;
/// How long nothing is posted again, in nanoseconds: while its call may be under way, and when the store has it.
const UNDER_WAY: u64 = 10_000_000_000;
const STORED: u64 = 3_600_000_000_000;
/// How many are known, and how many calls; beyond it all are forgotten.
const MOST: usize = 4096;

impl Originals {
    /// Posts an original unless the store has it.
    pub(super) fn post(&mut self, host: &dyn Host, kept: Kept, text: &Text<'_>) -> Result<(), Refused> {
        let (now, name) = (host.now(), (kept.store, kept.hash));
        if self.known.get(&name).is_some_and(|until| now < *until) {
            return Ok(());
        }
        let (path, token) = (format!("/objects/{}", name.1), name.0.token.as_ref());
        let token = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![
            (":method", "PUT"),
            (":path", &*path),
            (":authority", &*name.0.cluster),
            ("content-type", "text/plain"),
        ];
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        let call = host.call(&name.0.cluster, &headers, text.plain().as_bytes(), TIMEOUT)?;
        if self.known.len() >= MOST || self.calls.len() >= MOST {
            *self = Self::default();
        }
        self.known.insert(name.clone(), now + UNDER_WAY);
        self.calls.insert(call, name);
        Ok(())
    }

    /// Takes the answer to a call: a status, unless there was none. Says whether the original is kept.
    pub(super) fn answered(&mut self, call: u32, status: Option<u32>, now: u64) -> bool {
        let is_kept = status.is_some_and(|status| (200..300).contains(&status));
        if let Some(name) = self.calls.remove(&call) {
            if is_kept {
                self.known.insert(name, now + STORED);
            } else {
                self.known.remove(&name);
            }
        }
        is_kept
    }
}

#[cfg(test)]
mod tests {
    use super::super::mock::Mock;
    use super::*;

    #[test]
    fn each_is_posted_once_unless_the_store_fails_or_forgets() {
        let (host, mut originals) = (Mock::default(), Originals::default());
        let store = Rc::new(Store { cluster: "store".into(), token: Some("opensesame".into()) });
        assert!(!format!("{store:?}").contains("opensesame"));
        let mut posts = |seconds: u64, hash: &str, status: Option<u32>| {
            host.now.set(seconds * 1_000_000_000);
            let before = host.calls.borrow().len();
            let kept = Kept { store: Rc::clone(&store), hash: hash.into(), span: 0..0 };
            originals.post(&host, kept, &Text::new("text", 0..4)).unwrap();
            let calls = host.calls.borrow().len();
            if status.is_some() {
                assert_eq!(originals.answered(calls as u32, status, host.now.get()), status == Some(201));
            }
            calls > before
        };
        for (seconds, hash, status, posted) in [
            (0, "a", None, true),
            (1, "a", None, false),
            (1, "b", Some(500), true),
            (2, "b", Some(201), true),
            (3000, "b", None, false),
            (3000, "a", Some(401), true),
            (3001, "a", Some(201), true),
            (3700, "b", Some(201), true),
            (3700, "a", None, false),
        ] {
            assert_eq!(posts(seconds, hash, status), posted, "{hash} after {seconds} s");
        }
        assert_eq!(host.calls.borrow()[0].0, "store Bearer opensesame");
    }
}
