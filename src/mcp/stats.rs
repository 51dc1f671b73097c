//! `hr_stats`: what the store can tell about itself.

use super::{Answer, Arguments, Refusal};
use crate::render::marker::counted;
use crate::render::measure::{age, bytes};
use crate::store::{Entry, Store};

/// Answers a call.
pub(super) fn answer(_: &Arguments<'_>, store: &dyn Store, now: u64) -> Result<Answer, Refusal> {
    let entries = store.list(usize::MAX)?;
    Ok(Answer::of(Totals::of(&entries).spelled(now)))
}

/// Sums over the recordings there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many recordings there are.
    pub recordings: usize,
    /// How many of them are of commands that failed.
    pub failed: usize,
    /// What they hold, in bytes.
    pub bytes: u64,
    /// What they take, in bytes.
    pub stored_bytes: u64,
    /// When the oldest was made, in seconds since 1970.
    pub oldest: Option<u64>,
    /// When the newest was made.
    pub newest: Option<u64>,
    /// Estimated tokens before and after, of those where both are known.
    pub tokens: (u64, u64),
}

impl Totals {
    /// Adds up.
    pub fn of(entries: &[Entry]) -> Self {
        let mut totals = Self::default();
        for Entry { size, stored_bytes, meta, .. } in entries {
            totals.recordings += 1;
            totals.failed += usize::from(meta.exit_code.is_some_and(|code| code != 0));
            totals.bytes = totals.bytes.saturating_add(size.bytes());
            totals.stored_bytes = totals.stored_bytes.saturating_add(*stored_bytes);
            totals.oldest = Some(totals.oldest.map_or(meta.unix_time, |oldest| oldest.min(meta.unix_time)));
            totals.newest = Some(totals.newest.map_or(meta.unix_time, |newest| newest.max(meta.unix_time)));
            if let (Some(before), Some(after)) = (meta.tokens_before, meta.tokens_after) {
                totals.tokens = (totals.tokens.0.saturating_add(before), totals.tokens.1.saturating_add(after));
            }
        }
        totals
    }

    /// A few lines about it; `now` is in seconds since 1970.
    fn spelled(&self, now: u64) -> String {
        let (Some(oldest), Some(newest)) = (self.oldest, self.newest) else {
            return "nothing is recorded".to_owned();
        };
        let ago = |time: u64| age(now.saturating_sub(time));
        let (before, after) = self.tokens;
        let mut text = format!(
            "{}, {} of failed commands\n{} of output in {} of files\nthe oldest is {} old, the newest {}\n",
            counted(self.recordings, "recordings"),
            self.failed,
            bytes(self.bytes),
            bytes(self.stored_bytes),
            ago(oldest),
            ago(newest),
        );
        if before > 0 {
            let part = 100.0 * (before as f64 - after as f64) / before as f64;
            text.push_str(&format!("about {before} -> {after} tokens in these, {part:.1} % saved\n"));
        }
        text
    }
}
