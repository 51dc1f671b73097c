//! A message that was edited in the middle of a conversation.
//!
//! A conversation grows at its end; what was sent stays cached. A message in the middle that is cut, summarised or stamped
//! anew costs everything behind it. Found between a request and the one before it.
//!
//! Example: old tool results are replaced by `[removed]` in every turn.
//!
//! What to do: leave what was sent as it is; compact where the conversation is long anyway, in one go.

use crate::cache_check::compare::parting;
use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Prompt, Role, Severity};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "message-edited",
    severity: Severity::Error,
    advice: "leave messages that were sent as they are",
    counted: None,
    is_secret: false,
    source: documented!("message_edited.rs"),
    look: Look::Pair(look),
};

fn look(before: &Prompt<'_>, prompt: &Prompt<'_>, spots: &mut Vec<Spot>) {
    let Some(parting) = parting(before, prompt) else { return };
    let (Some(old), Some(new)) = (before.parts.get(parting.part), prompt.parts.get(parting.part)) else { return };
    let is_message = |role: Role| matches!(role, Role::Early | Role::Later);
    // A first message that differs begins another conversation, and the last one of the earlier request may be replaced
    // by another question: neither is an edit.
    let is_first = !before.parts[..parting.part].iter().any(|part| is_message(part.role));
    let is_last = !before.parts[parting.part + 1..].iter().any(|part| !part.text.is_empty());
    let is_same_place = old.pointer == new.pointer && is_message(old.role) && is_message(new.role);
    let is_drift = old.text.split_whitespace().eq(new.text.split_whitespace());
    if is_same_place && !is_first && !is_last && !is_drift {
        let end = new.text[parting.at..].find('\n').map_or(new.text.len(), |length| parting.at + length);
        spots.push(Spot::at(new.place(parting.at)..new.place(end)));
    }
}
