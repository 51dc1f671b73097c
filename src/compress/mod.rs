//! The compressors: what shortens a kind of content without any rule, one file or folder each.
//!
//! They speak through the [`Draft`] only, so that whatever they leave out is in the ledger. Each works on a stretch of
//! lines, since a text may have several kinds in it, and never looks at lines outside of it.

mod code;
mod diff;
mod html;
mod json;
mod log;
mod salience;
mod search;
mod text;

use std::ops::Range;

pub use self::log::{is_logged, lines_of_traces};
use crate::compaction::{Draft, Reason};
use crate::detect::Kind;
use crate::plan::Plan;
use crate::render::marker;

/// Why a compressor left its lines as they are. No error: the text passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// The lines are not of its kind, or broken: they are treated as text.
    NotMine,
    /// There is nothing to gain, or nothing that may be cut: they stay.
    Nothing,
}

/// Shortens the live lines of a stretch; `plan.budget` is what may stay of this stretch, in tokens.
type Compress = fn(&mut Draft<'_>, Range<usize>, &Plan) -> Result<(), Skip>;

/// Runs the compressor of a kind on a stretch of lines.
pub fn compress(kind: Kind, draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) {
    let compress: Compress = match kind {
        Kind::Json => json::compress,
        Kind::Search => search::compress,
        Kind::Log => log::compress,
        Kind::Diff => diff::compress,
        Kind::Html => html::compress,
        Kind::Code => code::compress,
        Kind::Text => text::compress,
    };
    if compress(draft, lines.clone(), plan) == Err(Skip::NotMine) && kind != Kind::Text {
        // Infallible: text is everybody's kind.
        let _ = text::compress(draft, lines, plan);
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
