//! The compressors: what shortens a kind of content without any rule.
//!
//! They speak through the [`Draft`] only, so that whatever they leave out is in the ledger.

mod excess;
mod salience;

use crate::compaction::{Draft, Reason};
use crate::detect::Kind;
use crate::plan::Plan;
use crate::render::marker;

/// Bounds what is left of an output of this kind, protected lines included, whatever the compressor had to keep.
pub fn bound(kind: Kind, draft: &mut Draft<'_>, plan: &Plan) {
    if matches!(kind, Kind::Log | Kind::Text) {
        excess::bound(draft, plan.budget.unwrap_or(0).max(plan.limits.most));
    }
}

/// Runs the compressor of a kind; says whether there is one.
pub fn compress(kind: Kind, draft: &mut Draft<'_>, plan: &Plan) -> bool {
    match kind {
        Kind::Log | Kind::Text => {
            salience::compress(kind, draft, plan);
            true
        }
        // These kinds have a structure that cutting by lines would break; they are left whole.
        Kind::Json | Kind::Search | Kind::Diff | Kind::Html | Kind::Code => false,
    }
}

/// Cuts the middle out of a line that is longer than `width` bytes, at character boundaries.
pub fn shorten_line(draft: &mut Draft<'_>, line: usize, width: usize) {
    let text = draft.text(line);
    if text.len() <= width {
        return;
    }
    let head = char_boundary(text, width * 2 / 3);
    let tail = char_boundary(text, text.len() - width / 4);
    if tail <= head + 40 {
        return;
    }
    let mut short = text[..head].to_vec();
    short.extend_from_slice(format!(" {} ", marker::bytes_left_out(tail - head)).as_bytes());
    short.extend_from_slice(&text[tail..]);
    let reason = draft.because(Reason::dropped("truncate", "long lines"));
    draft.rewrite(line, short, reason);
}

/// The nearest place at or before `at` that does not split a UTF-8 character.
fn char_boundary(text: &[u8], at: usize) -> usize {
    (0..4)
        .filter_map(|back| at.checked_sub(back))
        .find(|&at| text.get(at).is_none_or(|byte| byte & 0xC0 != 0x80))
        .unwrap_or(at)
}
