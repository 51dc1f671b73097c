//! The compressor for text of no other kind: prose, help pages, tables, lists.
//!
//! Lists of paths become a tree by folder, which loses nothing. Of what is longer than the budget, failures, headings and
//! the beginnings of sections stay, and the beginning and the end.

use std::ops::Range;

use super::{Skip, salience};
use crate::compaction::Draft;
use crate::detect::Kind;
use crate::plan::Plan;
use crate::rule::step::by_folder;

/// So many paths make a list.
const PATHS: usize = 12;

/// Keeps what matters within the budget.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    let live = draft.live_in(lines.clone());
    let paths = live.iter().filter(|&&line| path(draft.text(line)).is_some()).count();
    if paths >= PATHS && paths * 10 >= live.len() * 9 {
        by_folder(draft, live, usize::MAX, path);
    }
    salience::compress(Kind::Text, draft, lines, plan);
    Ok(())
}

/// The path that a line consists of: a name with a folder, without blanks.
fn path(text: &[u8]) -> Option<&[u8]> {
    let slashes = memchr::memchr_iter(b'/', text).count();
    let plain = text.iter().all(|byte| byte.is_ascii_graphic() && !b"\"'`<>|;:,()[]{}=".contains(byte));
    (slashes > 0 && plain && text.len() > 2).then_some(text)
}
