//! What a tool printed: the raw bytes, their clean view as a table of lines, and where they came from.

mod clean;
mod screen;
pub mod sieve;

use std::borrow::Cow;

pub use clean::{Cleaned, clean};
pub use sieve::{Sieved, Whole};

/// Where an output came from, as far as the caller knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The command line as a shell would read it.
    pub command: Option<String>,
    /// The command's exit status; a death by signal N is 128 + N.
    pub exit_code: Option<i32>,
}

/// One tool output: raw bytes and the clean lines in them.
///
/// Lines are counted from 0 in the code and from 1 in everything a user sees. A clean line has no colour codes, no
/// progress frames and no trailing blanks; tabs and invalid UTF-8 stay.
#[derive(Debug)]
pub struct Document<'a> {
    raw: &'a [u8],
    text: Cow<'a, [u8]>,
    lines: Vec<Span>,
    sources: Option<Vec<u32>>,
    /// What is known of the whole, when only a part of the text is here.
    sieved: Option<&'a Sieved>,
    origin: Origin,
}

/// A clean line: byte offsets into the clean text, without line end and trailing blanks.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

/// The largest input a document takes, in bytes: offsets are 32 bits wide.
pub const MAX_BYTES: usize = u32::MAX as usize;

impl<'a> Document<'a> {
    /// Cleans the bytes and finds their lines.
    ///
    /// # Panics
    /// When `raw` is longer than [`MAX_BYTES`]; callers pass longer input through untouched.
    pub fn new(raw: &'a [u8], origin: Origin) -> Self {
        assert!(raw.len() <= MAX_BYTES, "a document takes at most {MAX_BYTES} bytes");
        let Cleaned { text, sources } = clean(raw);
        let lines = line_spans(&text, <[u8]>::trim_ascii_end);
        Self { raw, text, lines, sources, sieved: None, origin }
    }

    /// The bytes as they came, by their lines: nothing is cleaned.
    ///
    /// # Panics
    /// As [`Self::new`] does.
    pub fn verbatim(raw: &'a [u8], origin: Origin) -> Self {
        assert!(raw.len() <= MAX_BYTES, "a document takes at most {MAX_BYTES} bytes");
        let lines = line_spans(raw, |line| line);
        Self { raw, text: Cow::Borrowed(raw), lines, sources: None, sieved: None, origin }
    }

    /// A document of which only a part is here; the lines between are counted as left out.
    pub fn sieved(sieved: &'a Sieved, origin: Origin) -> Self {
        let mut doc = Self::new(&sieved.text, origin);
        doc.sieved = Some(sieved);
        doc
    }

    /// The size of the whole text, when only a part of it is here.
    pub fn whole(&self) -> Option<Whole> {
        self.sieved.map(|sieved| sieved.whole)
    }

    /// How many raw lines are not here right before line `index`.
    pub fn missing_before(&self, index: usize) -> usize {
        let Some(Sieved { numbers, .. }) = self.sieved else { return 0 };
        let place = |index: usize| self.raw_line(index);
        let here = place(index);
        let before = if index == 0 { return 0 } else { place(index - 1) };
        match (numbers.get(here), numbers.get(before)) {
            (Some(here_at), Some(before_at)) => {
                (here_at.saturating_sub(*before_at) as usize).saturating_sub(here.saturating_sub(before))
            }
            _ => 0,
        }
    }

    /// Which lines have lost their middle, and how many bytes of it.
    pub fn cuts(&self) -> impl Iterator<Item = (usize, usize)> {
        let cuts = self.sieved.map_or(&[][..], |sieved| &sieved.cuts);
        cuts.iter().filter_map(|(raw, bytes)| {
            let raw = *raw as usize;
            let line = self.sources.as_ref().map_or(raw, |sources| sources.partition_point(|at| (*at as usize) < raw));
            (line < self.len() && self.raw_line(line) == raw).then_some((line, *bytes))
        })
    }

    /// The raw line that a line came from, of those that are here.
    fn raw_line(&self, index: usize) -> usize {
        self.sources.as_ref().map_or(index, |sources| sources[index] as usize)
    }

    /// The bytes as they came.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where the bytes came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How many clean lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no line at all.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The clean line `index`, counted from 0, without its line end.
    pub fn line(&self, index: usize) -> &[u8] {
        let span = self.lines[index];
        &self.text[span.start as usize..span.end as usize]
    }

    /// All clean lines in order.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.lines.iter().map(|span| &self.text[span.start as usize..span.end as usize])
    }

    /// The clean text as one piece: line ends may still be CRLF and trailing blanks may still be there.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The 1-based number that line `index` has in the raw input; progress frames and cursor movement shift it.
    pub fn source_line(&self, index: usize) -> usize {
        let line = self.raw_line(index);
        self.sieved.and_then(|sieved| sieved.numbers.get(line)).map_or(line, |number| *number as usize) + 1
    }
}

/// Finds the lines of a text, each without what `trimmed` takes off its end; a last line without line end counts.
fn line_spans(text: &[u8], trimmed: fn(&[u8]) -> &[u8]) -> Vec<Span> {
    let mut lines = Vec::with_capacity(text.len() / 48 + 1);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text).chain((!text.ends_with(b"\n")).then_some(text.len())) {
        let line = trimmed(&text[start..end]);
        if end > start || end < text.len() {
            lines.push(Span { start: start as u32, end: (start + line.len()) as u32 });
        }
        start = end + 1;
    }
    lines
}
