//! The compressor for search results: every file is named once, its matches stand below with their numbers.
//!
//! Two forms are weighed against each other. The exact one only takes the path out of the lines; nobody needs the original
//! back. The short one also shrinks indentation to one blank, prints a line that many files share once with its places, cuts
//! very long lines around the match, names a folder once where very many files match, and leaves out what goes beyond the
//! budget, counted under its file.

mod choose;
mod json;
mod layout;
mod read;
mod shared;
mod width;

use std::ops::Range;

use self::layout::{Layout, Written};
use self::read::Item;
use super::Skip;
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::tokens;

/// What the footer of a text costs that lost something, about, in tokens.
const FOOTER: usize = 16;

/// A gain of fewer tokens is not worth another layout.
const LEAST: usize = 12;

/// Results of this many lines that cannot be read are shortened as text.
const LONG: usize = 300;

/// Groups matches under their files, in the form that is shorter.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    let live = draft.live_in(lines);
    // What a step wrote as several lines is no match.
    let text = |line| if draft.text(line).contains(&b'\n') { &b"\n"[..] } else { draft.text(line) };
    let texts = live.iter().map(|&line| (line, text(line))).collect::<Vec<_>>();
    let Some(items) = read::read(&texts) else {
        return Err(if plan.budget.is_some() || live.len() > LONG { Skip::NotMine } else { Skip::Nothing });
    };
    let layout = Layout::new(&items);
    if layout.is_messages() {
        return Err(if plan.budget.is_some() { Skip::NotMine } else { Skip::Nothing });
    }
    let exact = layout.exact();
    let short = layout.short(plan, draft.doc().origin().command.as_deref());
    let notes = items.iter().map(|item| match item {
        Item::Note(line, _) => tokens::estimate(draft.text(*line)) + 1,
        Item::Row(_) | Item::Layout(_) | Item::Event(_) | Item::Other(_) => 0,
    });
    let notes = notes.sum::<usize>();
    let is_short = exact.as_ref().is_none_or(|exact| short.cost + short.cost / 50 + FOOTER < exact.cost + notes);
    let before = layout.rows().iter().map(|row| tokens::estimate(draft.text(row.line)) + 1).sum::<usize>();
    if exact.as_ref().is_some_and(|exact| !is_short && exact.cost + LEAST > before) {
        return Err(Skip::Nothing);
    }
    let (written, reason) = match exact {
        Some(exact) if !is_short => (exact, Reason::layout("search")),
        Some(_) | None => (short, Reason::dropped("search", "matches").covered()),
    };
    let quiet = layout.is_numbered();
    let apart = items.iter().filter_map(|item| match item {
        Item::Layout(line) if quiet => Some((*line, None)),
        Item::Event(line) => Some((*line, Some("events without matches"))),
        Item::Note(line, label) if is_short => Some((*line, Some(*label))),
        Item::Row(_) | Item::Layout(_) | Item::Note(..) | Item::Other(_) => None,
    });
    let apart = apart.collect::<Vec<_>>();
    write(draft, written, reason);
    let layout = draft.because(Reason::layout("search"));
    for (line, label) in apart {
        match label {
            None => draft.merge(line, layout),
            Some(label) => {
                let reason = draft.because(Reason::dropped("search", label).once());
                draft.drop(line, reason);
            }
        }
    }
    Ok(())
}

/// Writes the rows: the texts stand where their first rows were, the rest are parts of them or gone.
fn write(draft: &mut Draft<'_>, written: Written, reason: Reason) {
    let moved = draft.because(Reason { label: "lines".into(), ..reason.clone() });
    let cut = draft.because(reason);
    for line in written.cut {
        draft.drop(line, cut);
    }
    for (line, text) in written.texts {
        if draft.text(line) != &*text {
            draft.rewrite(line, text, moved);
        }
    }
    for line in written.merged {
        draft.merge(line, moved);
    }
}
