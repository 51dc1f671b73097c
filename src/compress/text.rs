//! The compressor for text of no other kind: prose, help pages, tables, lists.
//!
//! What fits the budget stays. Of what does not, lists of paths become a tree by folder first, which loses nothing but the
//! form in which a path can be copied; then failures, headings and the beginnings of sections stay, and the two ends.

use std::ops::Range;

use super::{Skip, salience};
use crate::compaction::Draft;
use crate::detect::{Kind, is_listed_path};
use crate::plan::Plan;
use crate::rule::step::by_folder;

/// So many paths make a list.
const PATHS: usize = 12;

/// Keeps what matters within the budget.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    let live = draft.live_in(lines.clone());
    let size: usize = salience::costs(draft, &live).iter().sum();
    let paths = live.iter().filter(|&&line| is_listed_path(draft.text(line))).count();
    let is_large = size > plan.budget.unwrap_or(plan.limits.text);
    if is_large && paths >= PATHS && paths * 10 >= live.len() * 9 {
        by_folder(draft, live, usize::MAX, |text| is_listed_path(text).then_some(text));
    }
    salience::compress(Kind::Text, draft, lines, &[], plan);
    Ok(())
}
