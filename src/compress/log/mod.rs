//! The compressor for logs of builds, tests, services and CI.
//!
//! A log whose lines tell when and how severe is shortened to its templates, one example each with a count. Any other is
//! a list of lines that are weighed one by one, as text is.

mod events;
mod header;
mod miner;
mod shape;
mod templates;
mod trace;

use std::ops::Range;

use self::events::Events;
use super::{Skip, salience, shorten_line};
use crate::compaction::Draft;
use crate::detect::Kind;
use crate::plan::Plan;

/// Keeps what matters within the budget.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    for line in draft.live_in(lines.clone()) {
        shorten_line(draft, line, plan.limits.line_width);
    }
    let live = draft.live_in(lines.clone());
    let events = Events::read(draft, &live);
    if events.is_some_and(|events| templates::compress(draft, &live, &events, plan)) {
        trace::fold(draft, lines);
    } else {
        trace::fold(draft, lines.clone());
        salience::compress(Kind::Log, draft, lines, plan);
    }
    Ok(())
}
