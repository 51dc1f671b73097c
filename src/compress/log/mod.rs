//! The compressor for logs of builds, tests, services and CI.
//!
//! A log whose lines tell when and how severe is shortened to its templates, one example each with a count. Any other is
//! a list of lines that are weighed one by one, as text is.

mod events;
mod header;
mod miner;
mod noise;
mod progress;
mod shape;
mod templates;
mod trace;

use std::ops::Range;

use self::events::Events;
use super::{Skip, salience, shorten_line};
use crate::compaction::Draft;
use crate::detect::Kind;
use crate::plan::Plan;
use crate::tokens;

/// Whether a line begins as a logger writes it, with a time and a message.
pub fn is_logged(line: &[u8]) -> bool {
    header::read(line).is_some_and(|header| {
        let message = &line[header.message.max(header.time.end).min(line.len())..];
        let words = message.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| word.len() >= 3);
        !header.time.is_empty() && words.take(2).count() == 2
    })
}

/// How many lines belong to the frames of stack traces.
pub fn lines_of_traces(lines: &[&[u8]]) -> usize {
    trace::count(lines)
}

/// Keeps what matters within the budget.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    noise::drop_machine(draft, lines.clone());
    for line in draft.live_in(lines.clone()) {
        shorten_line(draft, line, plan.limits.line_width);
    }
    let live = draft.live_in(lines.clone());
    let events = Events::read(draft, &live);
    if events.is_some_and(|events| templates::compress(draft, &live, &events, plan)) {
        trace::fold(draft, lines);
    } else {
        let total: usize = live.iter().map(|&line| tokens::estimate(draft.text(line)) + 1).sum();
        // Who looks for something may look for a package.
        let cut = plan.query.is_none() && total > salience::budget(Kind::Log, total, plan);
        noise::drop(draft, lines.clone(), cut);
        let telling = trace::fold(draft, lines.clone());
        salience::compress(Kind::Log, draft, lines, &telling, &as_before(draft, &live, total, plan));
    }
    Ok(())
}

/// The plan with the budget that the lines had before noise was taken out: what is left has more room, not less.
fn as_before(draft: &Draft<'_>, before: &[usize], total: usize, plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    if before.iter().all(|&line| draft.is_live(line)) {
        return plan;
    }
    let limits = &mut plan.limits;
    limits.log_least = (total * limits.log_percent / 100).clamp(limits.log_least, limits.log_most);
    limits.ruled_least = (total * limits.ruled_percent / 100).clamp(limits.ruled_least, limits.ruled_most);
    plan
}
