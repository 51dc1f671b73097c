//! The text form: kept lines, markers in place, one footer line.

use std::ops::Range;

use super::marker;
use crate::compaction::{Draft, Fate, Loss, Place, ReasonId};

/// Renders the lines of a draft with the markers that cover what is gone; ends with a line end unless empty.
pub fn body(draft: &Draft<'_>) -> Vec<u8> {
    render(draft, Gaps::new(draft))
}

/// The same without the markers that stand once: what they count is returned, for the footer.
pub fn body_and_counts(draft: &Draft<'_>) -> (Vec<u8>, Vec<(usize, String)>) {
    let mut gaps = Gaps::new(draft);
    let mut counts: Vec<(usize, String)> = Vec::new();
    for (id, total) in gaps.totals.iter_mut().enumerate().filter(|(_, total)| **total > 0) {
        let reason = &draft.reasons()[id];
        if reason.loss == Loss::Some && reason.place == Place::Once {
            // The other lines of units are counted by their label, not as lines.
            match counts.iter_mut().find(|(_, label)| *label == reason.label) {
                Some((count, _)) => *count += *total,
                None => counts.push((*total, reason.label.clone())),
            }
            *total = 0;
        }
    }
    (render(draft, gaps), counts)
}

fn render(draft: &Draft<'_>, mut gaps: Gaps<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(draft.doc().text().len().min(1 << 20));
    for (lines, fate) in draft.runs() {
        match fate {
            Fate::Keep | Fate::Rewrite { .. } => {
                for line in lines {
                    gaps.add_missing(line);
                    gaps.close(&mut out);
                    out.extend_from_slice(draft.text(line));
                    out.push(b'\n');
                }
            }
            Fate::Drop(reason) => gaps.add(lines, reason),
            Fate::Merge(_) if draft.doc().whole().is_some() => lines.for_each(|line| gaps.add_missing(line)),
            Fate::Merge(_) => {}
        }
    }
    gaps.close(&mut out);
    out
}

/// Collects dropped lines until the next line that stays, and writes the marker.
struct Gaps<'d> {
    draft: &'d Draft<'d>,
    /// For each reason that is marked once: how many lines it dropped, until its marker is written.
    totals: Vec<usize>,
    open: Vec<(ReasonId, Range<usize>, usize)>,
    /// Lines that never were in the document, since the last line that stayed.
    missing: usize,
}

impl<'d> Gaps<'d> {
    fn new(draft: &'d Draft<'d>) -> Self {
        let mut totals = Vec::new();
        for (lines, fate) in draft.runs() {
            if let Fate::Drop(id) = fate {
                if totals.len() <= id.index() {
                    totals.resize(id.index() + 1, 0);
                }
                totals[id.index()] += lines.len();
            }
        }
        Self { draft, totals, open: Vec::new(), missing: 0 }
    }

    /// Counts the lines that are not in the document before a line.
    fn add_missing(&mut self, line: usize) {
        self.missing += self.draft.doc().missing_before(line);
    }

    fn add(&mut self, lines: Range<usize>, id: ReasonId) {
        if self.draft.doc().whole().is_some() {
            lines.clone().for_each(|line| self.add_missing(line));
        }
        match self.open.iter_mut().find(|(open, ..)| *open == id) {
            Some((_, range, count)) => {
                *count += lines.len();
                range.end = lines.end;
            }
            None => self.open.push((id, lines.clone(), lines.len())),
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let mut parts: Vec<(usize, &str)> = Vec::new();
        let mut range = None;
        for (id, lines, count) in std::mem::take(&mut self.open) {
            let reason = self.draft.reason(id);
            let count = match (reason.loss, reason.place) {
                (Loss::None, _) | (Loss::Some, Place::Covered) => 0,
                (Loss::Some, Place::EachGap) => count,
                (Loss::Some, Place::Once) => std::mem::take(&mut self.totals[id.index()]),
            };
            if count > 0 {
                range = (reason.place == Place::EachGap && count == lines.len() && count >= 10).then(|| {
                    let doc = self.draft.doc();
                    (doc.source_line(lines.start), doc.source_line(lines.end - 1))
                });
                match parts.iter_mut().find(|(_, label)| *label == reason.label) {
                    Some(part) => part.0 += count,
                    None => parts.push((count, &reason.label)),
                }
            }
        }
        let missing = std::mem::take(&mut self.missing);
        if missing > 0 {
            match parts.iter_mut().find(|(_, label)| *label == "lines") {
                Some(part) => part.0 += missing,
                None => parts.push((missing, "lines")),
            }
            range = None;
        }
        let text = match parts[..] {
            [] => return,
            [(count, label)] => marker::left_out(count, label, range),
            _ => marker::left_out_many(&parts),
        };
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }
}
