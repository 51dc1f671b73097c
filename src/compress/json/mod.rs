//! The compressor for JSON: one document, several after each other, or lines of them.
//!
//! What loses nothing comes first: no blanks, tables for arrays of like objects, equal objects said once. If that is more
//! than may stay, rows, fields and the middles of long strings are left out, the least telling first, and counted in place.
//! Bytes that stay are the bytes that came: numbers and strings are never read and printed again.

mod columns;
#[cfg(test)]
mod laws;
mod links;
mod rank;
mod same;
mod status;
mod strings;
mod table;
mod unfold;
mod write;

use std::ops::Range;

use self::rank::Ranks;
use self::write::{Cut, Written, write};
use super::Skip;
use crate::compaction::{Draft, Fate, Loss, Reason};
use crate::json::{self, Tape};
use crate::plan::Plan;
use crate::render::marker;
use crate::signal::Signal;
use crate::tokens;

/// A text with more than this many bytes for a token of the budget is far too long, and not written to the end.
const BYTES_A_TOKEN: usize = 12;

/// How many rows of a list there should be, and how many steps the rows may be cut for that; then fewer rows have to do.
const ROWS: [(usize, usize); 5] = [(16, 3), (8, 5), (4, 6), (2, 7), (1, 8)];

/// What a loss must save at least, in tokens: about what telling it costs.
const LOSS: usize = 40;

/// How many times the budget the different failures of a list may take, when nobody asked for a budget.
const FAILURES: usize = 2;

/// What may stay of rows, from all to hardly anything; the number of rows is found for the budget.
const STEPS: [Cut; 8] = [
    step(200, 200, 1500, 64, false),
    step(40, 100, 800, 24, true),
    step(12, 60, 500, 12, true),
    step(6, 40, 320, 9, true),
    step(4, 24, 240, 7, true),
    step(2, 14, 160, 5, true),
    step(1, 8, 80, 4, true),
    step(0, 4, 40, 2, true),
];

const fn step(nested: usize, members: usize, string: usize, depth: usize, hollow: bool) -> Cut {
    Cut { rows: usize::MAX, nested, members, string, depth, tidy: true, hollow }
}

/// Writes the documents of a stretch shorter.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    let Some((lines, text)) = text_of(draft, lines) else {
        return Err(if plan.budget.is_some() { Skip::NotMine } else { Skip::Nothing });
    };
    let tape = Tape::read(&text).ok_or(Skip::NotMine)?;
    let doc = draft.doc();
    let tape = if doc.whole().is_some() { tape.behind(doc.source_line(lines.start) - 1) } else { tape };
    let before = tokens::estimate(&text);
    let written = shortest(&tape, before, plan);
    if tokens::estimate(&written.text) + 4 >= before {
        return Err(Skip::Nothing);
    }
    let reason = if written.lost { Reason::dropped("json", "JSON") } else { Reason::layout("json") };
    let reason = draft.because(reason);
    draft.rewrite_block(lines, written.text, reason);
    Ok(())
}

/// The rows of a list, the most telling first, and how many of these are its ends and different failures.
#[cfg(feature = "gateway")]
pub(crate) fn telling(tape: &Tape<'_>, rows: &[json::Value]) -> (Vec<usize>, usize) {
    Ranks::new(tape, None, 0).order(rows)
}

/// What one line of JSON tells, for callers that cannot see all lines at once.
pub(super) fn row_signal(line: &[u8]) -> Signal {
    let failure = |tape: Tape<'_>| tape.roots().iter().any(|root| status::has_failure(&tape, *root));
    if Tape::read(line).is_some_and(failure) { Signal::Failure } else { Signal::None }
}

/// The lines of a stretch between what went at its ends, and their text, if all of it is there.
fn text_of(draft: &Draft<'_>, lines: Range<usize>) -> Option<(Range<usize>, Vec<u8>)> {
    let is_gone = |line: usize| match draft.fate(line) {
        Fate::Drop(reason) | Fate::Merge(reason) => draft.reason(reason).loss == Loss::Some,
        Fate::Keep | Fate::Rewrite { .. } => false,
    };
    let live = draft.live_in(lines);
    let lines = *live.first()?..live.last()? + 1;
    let mut text = Vec::new();
    for line in live {
        text.extend_from_slice(draft.text(line));
        text.push(b'\n');
    }
    // What looks like a marker could not be told from ours.
    let is_whole = !lines.clone().any(is_gone) && !marker::imitates(&text);
    is_whole.then_some((lines, text))
}

/// The form that fits what may stay and loses least.
fn shortest(tape: &Tape<'_>, before: usize, plan: &Plan) -> Written {
    let budget = plan.budget.unwrap_or_else(|| {
        (before * plan.limits.json_percent / 100).clamp(plan.limits.json_least, plan.limits.json_most)
    });
    let mut ranks = Ranks::new(tape, plan.query.as_deref(), budget / 2);
    let may_lose = before >= plan.limits.small;
    let room = if may_lose { budget.saturating_mul(4 * BYTES_A_TOKEN) } else { usize::MAX };
    let whole = write(tape, &mut ranks, Cut::NONE, room);
    debug_assert!(whole.overflowed || is_inverted(tape, &whole.text), "a folded document must unfold to itself");
    let whole_size = size(&whole);
    if !may_lose || plan.budget.is_some() && whole_size <= budget {
        return whole;
    }
    let tidy = write(tape, &mut ranks, Cut::TIDY, room);
    let tidy_size = size(&tidy);
    if whole_size <= budget && tidy_size + tidy_size / 20 + LOSS >= whole_size {
        whole
    } else if tidy_size <= budget {
        tidy
    } else {
        Fit { tape, ranks: &mut ranks }.best(budget, plan.budget.is_none())
    }
}

fn size(written: &Written) -> usize {
    if written.overflowed { usize::MAX } else { tokens::estimate(&written.text) }
}

/// Looks for the form with losses that fits a budget best.
struct Fit<'a, 'r, 't> {
    tape: &'r Tape<'t>,
    ranks: &'a mut Ranks<'r, 't>,
}

impl Fit<'_, '_, '_> {
    /// Leaves out rows, and as much of the rows as it takes to have some.
    fn best(&mut self, budget: usize, more_for_failures: bool) -> Written {
        let widest = self.tape.widest();
        let tries = ROWS.into_iter().flat_map(|(rows, steps)| (0..steps).map(move |at| (rows.min(widest), at)));
        let mut tries = tries.map(|(rows, at)| (rows, at, self.with(STEPS[at], rows, budget)));
        let Some((some, at, written)) = tries.find_map(|(rows, at, found)| Some((rows, at, found?))) else {
            return write(self.tape, self.ranks, Cut { rows: 0, ..STEPS[STEPS.len() - 1] }, usize::MAX);
        };
        let (step, written) = self.milder(at, written, some, budget);
        let (best, rows) = self.most(step, some, written, budget);
        // One row of each failure stays, if that is possible at all.
        let wanted = (self.ranks.failures() + 2).min(widest);
        let larger = (more_for_failures && wanted > rows).then(|| self.with(step, wanted, budget * FAILURES));
        larger.flatten().unwrap_or(best)
    }

    /// A step as mild as the one before it in whatever fits.
    fn milder(&mut self, at: usize, mut written: Written, rows: usize, budget: usize) -> (Cut, Written) {
        let mut step = STEPS[at];
        let Some(before) = at.checked_sub(1).map(|before| STEPS[before]) else { return (step, written) };
        for milder in [
            |step: Cut, before: Cut| Cut { depth: before.depth, ..step },
            |step: Cut, before: Cut| Cut { string: before.string, ..step },
            |step: Cut, before: Cut| Cut { members: before.members, ..step },
            |step: Cut, before: Cut| Cut { nested: before.nested, ..step },
        ] {
            if let Some(fits) = self.with(milder(step, before), rows, budget) {
                (step, written) = (milder(step, before), fits);
            }
        }
        (step, written)
    }

    /// What is written with a number of rows, if it fits.
    fn with(&mut self, step: Cut, rows: usize, budget: usize) -> Option<Written> {
        let written = write(self.tape, self.ranks, Cut { rows, ..step }, budget.saturating_mul(BYTES_A_TOKEN));
        (size(&written) <= budget).then_some(written)
    }

    /// The most rows that fit, from `low` on that do.
    fn most(&mut self, step: Cut, mut low: usize, mut best: Written, budget: usize) -> (Written, usize) {
        let mut high = self.tape.widest() + 1;
        let mut next = low * 2;
        while low + 1 < high {
            let rows = if (low + 1..high).contains(&next) { next } else { low.midpoint(high) };
            match self.with(step, rows, budget) {
                Some(written) => (best, low) = (written, rows),
                None => high = rows,
            }
            next = next.saturating_mul(2);
        }
        (best, low)
    }
}

/// Whether the lossless form gives the documents back.
fn is_inverted(tape: &Tape<'_>, text: &[u8]) -> bool {
    let mut documents = Vec::new();
    for &root in tape.roots() {
        json::minify(tape.raw(root), &mut documents);
        documents.push(b'\n');
    }
    documents.pop();
    unfold::unfold(text).is_some_and(|unfolded| unfolded == documents)
}
