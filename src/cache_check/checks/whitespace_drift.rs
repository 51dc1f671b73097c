//! Two prompts that differ only in white space.
//!
//! Caches compare bytes: a blank at the end of a line or another line end costs as much as another text. Found between a
//! request and the one before it.
//!
//! Example: the same system prompt with `\r\n` from one machine and `\n` from the other.
//!
//! What to do: build the prefix once, from one source, with one kind of line ends.

use crate::cache_check::compare::parting;
use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Prompt, Severity};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "whitespace-drift",
    severity: Severity::Error,
    advice: "build the prefix once, so that its white space is always the same",
    counted: None,
    is_secret: false,
    source: documented!("whitespace_drift.rs"),
    look: Look::Pair(look),
};

fn look(before: &Prompt<'_>, prompt: &Prompt<'_>, spots: &mut Vec<Spot>) {
    let Some(parting) = parting(before, prompt) else { return };
    let (Some(old), Some(new)) = (before.parts.get(parting.part), prompt.parts.get(parting.part)) else { return };
    if old.text != new.text && old.text.split_whitespace().eq(new.text.split_whitespace()) {
        let end = new.text[parting.at..].chars().next().map_or(parting.at, |letter| parting.at + letter.len_utf8());
        let sample = new.text.get(parting.at..end).unwrap_or_default().escape_debug().to_string();
        spots.push(Spot::at(new.place(parting.at)..new.place(end)).reading(format!("white space: `{sample}`")));
    }
}
