//! The compressors: what shortens a kind of content without any rule, one file or folder each.
//!
//! They speak through the [`Draft`] only, so that whatever they leave out is in the ledger. Each works on a stretch of
//! lines, since a text may have several kinds in it, and never looks at lines outside of it.

mod code;
mod diff;
mod excess;
mod html;
mod json;
mod log;
mod salience;
mod search;
mod sections;
mod text;

use std::borrow::Cow;
use std::ops::Range;

#[cfg(feature = "gateway")]
pub(crate) use self::json::telling;
pub use self::log::{is_logged, lines_of_traces};
use crate::compaction::{Draft, Reason};
use crate::detect::{Kind, Part};
use crate::plan::{Plan, share};
use crate::render::marker;
use crate::signal::Signal;
use crate::tokens;

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

/// A line between parts that is no longer than this many tokens names what stands below it.
const NAME: usize = 40;

/// What stays at most of a line that came without its middle, in bytes.
const CUT: usize = 4096;

/// A stretch of fewer lines between others that are missing may stay as it is.
const TORN: usize = 50;

/// Runs the compressor of each part; they share what may stay by their size, and the lines between them stay.
pub fn compress_parts(parts: &[Part], draft: &mut Draft<'_>, plan: &Plan) {
    let stretches = draft.doc().whole().map(|_| unbroken(parts, draft));
    let parts = stretches.as_deref().unwrap_or(parts);
    let sizes = parts.iter().map(|part| size(draft, part.lines.clone())).collect::<Vec<_>>();
    let is_name = |part: &Part, size: usize| parts.len() > 1 && part.lines.len() == 1 && size <= NAME;
    let names =
        parts.iter().zip(&sizes).filter(|(part, size)| is_name(part, **size)).map(|(_, size)| size).sum::<usize>();
    // A budget that the names would eat up is shared by all.
    let names_stay = plan.budget.is_none_or(|budget| names <= budget / 4);
    let treated = || parts.iter().zip(&sizes).filter(|(part, size)| !names_stay || !is_name(part, **size));
    let all: usize = treated().map(|(_, size)| size).sum();
    let mut of_kinds = [0; Kind::ALL.len()];
    for (part, size) in treated() {
        of_kinds[part.detection.kind as usize] += size;
    }
    let budget = plan.budget.map(|budget| if names_stay { budget - names } else { budget });
    for (part, &own) in treated() {
        let kind = part.detection.kind;
        let of_kind = of_kinds[kind as usize];
        let plan = Plan {
            budget: budget.map(|budget| share(budget, own, all)),
            limits: plan.limits.share(own, of_kind),
            ..plan.clone()
        };
        compress(kind, draft, part.lines.clone(), &plan);
    }
}

/// The parts of a text of which only a part is here, cut where lines are missing: rows are numbered, hunks are counted,
/// and matches stand below their file as far as they follow each other.
fn unbroken(parts: &[Part], draft: &Draft<'_>) -> Vec<Part> {
    let doc = draft.doc();
    let mut stretches = Vec::new();
    for part in parts {
        let mut start = part.lines.start;
        let breaks = (start + 1..part.lines.end).filter(|line| {
            let is_one_text = matches!(part.detection.kind, Kind::Log | Kind::Text | Kind::Html | Kind::Code);
            !is_one_text && doc.missing_before(*line) > 0
        });
        for end in breaks.chain([part.lines.end]) {
            stretches.push(Part { lines: start..end, detection: part.detection.clone() });
            start = end;
        }
    }
    stretches
}

/// What a row of JSON tells.
pub fn row_signal(line: &[u8]) -> Signal {
    json::row_signal(line)
}

/// The tokens of the live lines of a stretch.
fn size(draft: &Draft<'_>, lines: Range<usize>) -> usize {
    draft.live_in(lines).into_iter().map(|line| tokens::estimate(draft.text(line)) + 1).sum()
}

/// Bounds what is left of an output of this kind, protected lines included, whatever the compressor had to keep.
pub fn bound(kind: Kind, draft: &mut Draft<'_>, plan: &Plan) {
    if matches!(kind, Kind::Log | Kind::Text) || draft.doc().whole().is_some() {
        excess::bound(draft, plan.budget.unwrap_or(0).max(plan.limits.most));
    }
}

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
    let is_part = draft.doc().whole().is_some();
    // A page or a program of which only a part is here has no structure.
    let skipped = if is_part && matches!(kind, Kind::Html | Kind::Code) {
        Some(Skip::NotMine)
    } else {
        compress(draft, lines.clone(), plan).err()
    };
    // A stretch of a text that is too long to be seen whole may have lost what shows its kind.
    let is_torn = is_part && lines.len() > TORN && skipped.is_some();
    if (skipped == Some(Skip::NotMine) || is_torn) && kind != Kind::Text {
        // Infallible: text is everybody's kind.
        let _ = text::compress(draft, lines, plan);
    }
}

/// Says of lines that came without their middle how much is missing, where it was not said yet.
pub fn shorten_cut_lines(draft: &mut Draft<'_>) {
    let cuts = draft.doc().cuts().collect::<Vec<_>>();
    for (line, _) in cuts {
        if draft.is_live(line) {
            shorten_line(draft, line, CUT);
        }
    }
}

/// Cuts the middle out of a line that is longer than `width` bytes, at character boundaries; of a text that stands for
/// several lines each on its own.
pub fn shorten_line(draft: &mut Draft<'_>, line: usize, width: usize) {
    let text = draft.text(line);
    if text.len() <= width {
        return;
    }
    let missing = draft.doc().cuts().find(|(cut, _)| *cut == line).map_or(0, |(_, bytes)| bytes);
    let cut = text.split(|byte| *byte == b'\n').map(|part| shortened(part, width, missing)).collect::<Vec<_>>();
    if cut.iter().all(|part| matches!(part, Cow::Borrowed(_))) {
        return;
    }
    let short = cut.join(&b'\n');
    let reason = draft.because(Reason::dropped("truncate", "long lines"));
    draft.rewrite(line, short, reason);
}

/// A line without its middle when it is too long; so many bytes of it have been missing before.
fn shortened(text: &[u8], width: usize, missing: usize) -> Cow<'_, [u8]> {
    let head = char_boundary(text, width * 2 / 3);
    let tail = char_boundary(text, text.len().saturating_sub(width / 4));
    if text.len() <= width || tail <= head + 40 {
        return Cow::Borrowed(text);
    }
    let mut short = text[..head].to_vec();
    short.extend_from_slice(format!(" {} ", marker::bytes_left_out(tail - head + missing)).as_bytes());
    short.extend_from_slice(&text[tail..]);
    Cow::Owned(short)
}

/// The nearest place at or before `at` that does not split a UTF-8 character.
pub(crate) fn char_boundary(text: &[u8], at: usize) -> usize {
    (0..4)
        .filter_map(|back| at.checked_sub(back))
        .find(|&at| text.get(at).is_none_or(|byte| byte & 0xC0 != 0x80))
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Origin};

    #[test]
    fn each_line_of_a_text_is_cut_on_its_own() {
        let doc = Document::new(b"head\n", Origin::default());
        for (lines, is_cut) in [(["x"; 9].map(|x| x.repeat(90)), false), (["x"; 9].map(|x| x.repeat(200)), true)] {
            let mut draft = Draft::new(&doc);
            let reason = draft.because(Reason::layout("places"));
            let text = lines.join("\n");
            draft.rewrite(0, text.as_bytes(), reason);
            shorten_line(&mut draft, 0, 100);
            let short = String::from_utf8_lossy(draft.text(0)).into_owned();
            assert_eq!(short.lines().count(), 9);
            assert_eq!(short.lines().all(|line| line.contains("bytes left out")), is_cut);
        }
    }
}
