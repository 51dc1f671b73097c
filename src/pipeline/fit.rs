//! Corrects the aim of a budget until what comes out fits it.

use super::{Compaction, Decision, Form, Request, draft, finish};
use crate::compaction::Draft;
use crate::document::Document;

/// How often the aim is corrected until a text fits its budget.
const TRIES: usize = 8;

/// Compacts so that the text has at most `budget` tokens, markers and footer included, and not much less.
///
/// Compressors aim at a budget and cannot know what markers will cost, so their aim is corrected by what came out.
pub(super) fn fitted<'d>(
    doc: &'d Document<'d>,
    decision: &Decision,
    request: &Request,
    budget: usize,
) -> (Draft<'d>, Compaction) {
    let mut decision = decision.clone();
    let (mut low, mut high) = (0, budget.saturating_mul(2));
    let mut aim = budget;
    let mut best: Option<(Draft<'d>, Compaction)> = None;
    for _ in 0..TRIES {
        decision.plan.budget = Some(aim);
        let draft = draft(doc, &decision);
        let found = finish(&draft, &decision, request);
        let size = found.tokens.1;
        let fits = size <= budget;
        let better = best.as_ref().is_none_or(|(_, best)| {
            if fits { best.tokens.1 > budget || size > best.tokens.1 } else { size < best.tokens.1 }
        });
        let whole = found.form != Form::Compacted;
        if better {
            best = Some((draft, found));
        }
        if fits && (whole || size + budget / 33 >= budget) {
            break;
        }
        if fits {
            low = aim;
        } else {
            high = aim;
        }
        if high <= low + 1 {
            break;
        }
        // What came out for the aim says where to aim next; the middle is tried where that leaves the range.
        let guess = aim.saturating_mul(budget) / size.max(1);
        aim = if (low + 1..high).contains(&guess) { guess } else { low.midpoint(high) };
    }
    best.expect("a budget is tried at least once")
}
