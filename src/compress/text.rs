//! The compressor for text of no other kind: prose, help pages, tables, lists.

use std::ops::Range;

use super::{Skip, salience};
use crate::compaction::Draft;
use crate::detect::Kind;
use crate::plan::Plan;

/// Keeps what matters within the budget.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    salience::compress(Kind::Text, draft, lines, plan);
    Ok(())
}
