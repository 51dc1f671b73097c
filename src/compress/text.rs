//! The compressor for text of no other kind: prose, help pages, tables, lists.
//!
//! Lists of paths become a tree by folder, which loses nothing. Of what is longer than the budget, failures, headings and
//! the beginnings of sections stay, and the beginning and the end.

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
    let paths = live.iter().filter(|&&line| is_listed_path(draft.text(line))).count();
    if paths >= PATHS && paths * 10 >= live.len() * 9 {
        by_folder(draft, live, usize::MAX, |text| is_listed_path(text).then_some(text));
    }
    salience::compress(Kind::Text, draft, lines, plan);
    Ok(())
}
