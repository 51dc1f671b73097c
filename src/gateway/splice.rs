//! Changes of a body: spans of it, and what stands there instead.

use std::ops::Range;

/// Replacements in a body. Spans never overlap: of two that would, the first to be added stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Splices {
    /// By where they begin.
    edits: Vec<(Range<usize>, Vec<u8>)>,
}

impl Splices {
    /// Replaces a span; says whether it could.
    pub fn replace(&mut self, span: Range<usize>, with: impl Into<Vec<u8>>) -> bool {
        let at = self.edits.partition_point(|(edit, _)| edit.start < span.start);
        let after_last = at.checked_sub(1).is_none_or(|before| self.edits[before].0.end <= span.start);
        let before_next = self.edits.get(at).is_none_or(|(next, _)| span.end <= next.start && *next != span);
        let is_free = span.start <= span.end && after_last && before_next;
        if is_free {
            self.edits.insert(at, (span, with.into()));
        }
        is_free
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The spans that change, in order.
    pub fn spans(&self) -> impl Iterator<Item = &Range<usize>> {
        self.edits.iter().map(|(span, _)| span)
    }

    /// The body with the replacements in it; `None` if a span is not in the body.
    pub fn applied(&self, body: &[u8]) -> Option<Vec<u8>> {
        let grown: usize = self.edits.iter().map(|(_, with)| with.len()).sum();
        let mut out = Vec::with_capacity(body.len() + grown);
        let mut at = 0;
        for (span, with) in &self.edits {
            out.extend_from_slice(body.get(at..span.start)?);
            out.extend_from_slice(with);
            at = span.end;
        }
        out.extend_from_slice(body.get(at..)?);
        Some(out)
    }
}
