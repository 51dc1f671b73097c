//! The live lines of a stretch as one text, as a parser wants it, and the way back from its bytes to the lines.

use std::ops::Range;

use super::fold::{Edit, edited};
use crate::compaction::Draft;

/// The text that is parsed.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) text: Vec<u8>,
    /// The lines of the draft, in order.
    pub(super) live: Vec<usize>,
    /// Where each of them begins in the text.
    starts: Vec<usize>,
    /// The number in front of each line, in a view with numbers; it is not in the text.
    prefixes: Option<Vec<Box<[u8]>>>,
}

impl Source {
    /// Joins the live lines of a stretch; the numbers of `cat -n` and the like are put aside.
    pub(super) fn new(draft: &Draft<'_>, lines: Range<usize>) -> Self {
        let live = draft.live_in(lines);
        let numbered = numbered(&live.iter().map(|&line| draft.text(line)).collect::<Vec<_>>());
        let mut source =
            Self { text: Vec::new(), live, starts: Vec::new(), prefixes: numbered.is_some().then(Vec::new) };
        for (index, &line) in source.live.iter().enumerate() {
            let text = draft.text(line);
            let cut = numbered.as_ref().map_or(0, |cuts| cuts[index]);
            source.starts.push(source.text.len());
            source.text.extend_from_slice(&text[cut..]);
            source.text.push(b'\n');
            if let Some(prefixes) = &mut source.prefixes {
                prefixes.push(text[..cut].into());
            }
        }
        source
    }

    /// The line that a byte is in.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The numbers that the first and the last line with text of a stretch have in the input.
    pub(super) fn numbers(&self, draft: &Draft<'_>, range: Range<usize>) -> (usize, usize) {
        let bytes = &self.text[range.clone()];
        let lead =
            bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count().min(bytes.len().saturating_sub(1));
        let first = self.line_of(range.start + lead);
        let last = self.line_of(range.start + bytes.trim_ascii_end().len().max(lead + 1) - 1);
        let number = |line: usize| draft.doc().source_line(self.live[line]);
        (number(first), number(last))
    }

    /// Where the last line ends that a stretch has for itself: before the line that has what follows it, if only blanks
    /// are between.
    pub(super) fn last_line_end(&self, range: Range<usize>) -> usize {
        let line = self.line_of(range.end);
        let start = self.starts[line];
        let own = start > range.start && self.text[start..range.end].trim_ascii().is_empty();
        if own { start - 1 } else { range.end }
    }

    /// Whether a line ends at a byte.
    pub(super) fn ends_line(&self, at: usize) -> bool {
        self.text.get(at).is_none_or(|byte| *byte == b'\n')
    }

    /// The indentation of the line that a byte is in, if nothing else is before the byte.
    pub(super) fn indentation(&self, at: usize) -> Option<&[u8]> {
        let lead = &self.text[self.starts[self.line_of(at)]..at];
        lead.trim_ascii().is_empty().then_some(lead)
    }

    /// What follows a byte in its line.
    pub(super) fn rest_of_line(&self, at: usize) -> &[u8] {
        let end = memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |length| at + length);
        &self.text[at..end]
    }

    /// The text of some lines with the edits in it, without the last line end; numbers stand where they stood.
    pub(super) fn block(&self, first: usize, last: usize, edits: &[Edit]) -> Vec<u8> {
        let start = self.starts[first];
        let end = self.starts.get(last + 1).map_or(self.text.len(), |next| *next) - 1;
        let mut edits = edits
            .iter()
            .map(|edit| Edit { range: edit.range.start - start..edit.range.end - start, ..edit.clone() })
            .collect::<Vec<_>>();
        if let Some(prefixes) = &self.prefixes {
            for (line, prefix) in prefixes.iter().enumerate().take(last + 1).skip(first) {
                let at = self.starts[line] - start;
                if !edits.iter().any(|edit| edit.range.start < at && at <= edit.range.end) {
                    let text = String::from_utf8_lossy(prefix).into_owned();
                    let place = edits.partition_point(|edit| edit.range.start < at);
                    edits.insert(place, Edit { range: at..at, text });
                }
            }
        }
        edited(&self.text[start..end], &edits).trim_ascii_end().to_vec()
    }
}

/// How long the number in front of each line is, when all lines have one and they count up.
fn numbered(lines: &[&[u8]]) -> Option<Vec<usize>> {
    let mut last = None;
    let mut cuts = Vec::with_capacity(lines.len());
    for line in lines {
        let blank = line.iter().take_while(|byte| **byte == b' ').count();
        let digits = line[blank..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = blank + digits;
        let number = std::str::from_utf8(&line[blank..end]).ok()?.parse::<u64>().ok()?;
        // A line without text has lost the blank behind its number.
        let sign = match &line[end..] {
            [] => 0,
            [b'\t' | b':' | b'|' | b' ', ..] => 1,
            [0xE2, 0x86, 0x92, ..] => 3,
            _ => return None,
        };
        if last.is_some_and(|last| number <= last) {
            return None;
        }
        last = Some(number);
        cuts.push(end + sign);
    }
    (lines.len() >= 3).then_some(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_lines_are_told_from_numbers_in_text() {
        let cuts = |text: &str| numbered(&text.lines().map(str::as_bytes).collect::<Vec<_>>());
        assert_eq!(cuts("     1\tfn a() {\n     2\t    b\n     3\n     4\t}"), Some(vec![7, 7, 6, 7]));
        assert_eq!(cuts("9:a\n10:b\n11:c"), Some(vec![2, 3, 3]));
        assert_eq!(cuts("1 a\n1 b\n2 c"), None);
        assert_eq!(cuts("fn a()\n2\n3"), None);
    }
}
