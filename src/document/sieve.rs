//! Reads a text of any length in bounded memory: its beginning and its end whole, of the middle what matters.
//!
//! Nobody would see the middle of a text of many megabytes anyway. What is left of it depends on the kind: the failures and
//! warnings of a log with a few lines around, so many of each template; rows that tell failures; the first matches in each
//! file; the names of changed files. Everything else is only counted, and is in the ledger as lines that were left out;
//! lines, failures and warnings are counted over all of it. The caller keeps the original.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use crate::detect::Kind;
use crate::rule::step::template_hash;
use crate::signal::{LookAhead, Signal, Signals};
use crate::tokens;

/// How much of the beginning stays whole, in bytes.
pub const HEAD: usize = 512 << 10;
/// How much of the end stays whole, in bytes.
const TAIL: usize = 1 << 20;
/// How much of the middle of a log or text stays at most, in bytes.
const MIDDLE: usize = 2 << 20;
/// How much of the middle of another kind, of which a reader gets less to see.
const MIDDLE_OF_ROWS: usize = 256 << 10;
/// How many lines of one template stay of the middle.
const SAME: u32 = 12;
/// How many lines before and after a failure stay.
const AROUND: (usize, usize) = (3, 12);
/// How many lines a patch has above the first hunk of a file.
const FILE_HEADER: usize = 6;
/// How many matches in one file stay of the middle.
const MATCHES: u32 = 2;
/// A line longer than this is cut in the middle, in bytes: the rest of it would fill the memory.
const LONG: usize = TAIL * 2;
/// How much stays of the beginning and of the end of such a line, in bytes.
const LONG_ENDS: (usize, usize) = (64 << 10, 16 << 10);
/// Tokens are estimated on the first of so many blocks of this size, in bytes: the same for the same text, however it came.
const SAMPLE: usize = 16 << 10;
const SAMPLED: usize = 64;

/// What is left of a long text.
#[derive(Debug)]
pub struct Sieved {
    /// The lines that are left.
    pub text: Vec<u8>,
    /// For each of them its 0-based number in the original.
    pub numbers: Vec<u32>,
    /// Which of them have lost their middle, and how many bytes.
    pub cuts: Vec<(u32, usize)>,
    /// The size of the original.
    pub whole: Whole,
}

/// The size of a text of which only a part is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// Bytes.
    pub bytes: usize,
    /// Lines.
    pub lines: usize,
    /// Estimated tokens.
    pub tokens: usize,
    /// Lines that report a failure.
    pub failures: usize,
    /// Lines that warn and have no word of a failure or a hint.
    pub warnings: usize,
}

impl Sieved {
    /// About so many bytes of it, for a reader who cannot wait: beginning, end, and failures between.
    #[must_use]
    pub fn shortened(&self, most: usize) -> Self {
        let (head, tail) = (most / 4, self.text.len().saturating_sub(most / 2));
        let mut short = Self { text: Vec::new(), numbers: Vec::new(), cuts: Vec::new(), whole: self.whole };
        let (mut at, mut room) = (0, most / 4);
        let ahead = LookAhead::new();
        let fails = |line: &[u8]| {
            ahead.next_word(line).is_some() && Signals::shared().of(line.trim_ascii_end()) == Signal::Failure
        };
        for (index, line) in self.text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            at += line.len();
            let is_end = at <= head || at > tail;
            if is_end || room >= line.len() && fails(line) {
                room -= if is_end { 0 } else { line.len() };
                let cut = self.cuts.iter().find(|(cut, _)| *cut as usize == index);
                short.cuts.extend(cut.map(|(_, bytes)| (short.numbers.len() as u32, *bytes)));
                short.text.extend_from_slice(line);
                short.numbers.push(self.numbers[index]);
            }
        }
        short
    }
}

/// What matters in the middle of a text.
#[derive(Debug, Clone, Copy)]
enum Landmarks {
    /// Lines that report failures or warn.
    Signals,
    /// Rows that a function takes for such.
    Rows(fn(&[u8]) -> Signal),
    /// The first matches in a file.
    Matches,
    /// The names of changed files.
    Files,
    /// Nothing.
    None,
}

/// A line of the middle that matters.
struct Found {
    start: usize,
    end: usize,
    signal: Signal,
}

/// A text that is being read.
#[derive(Debug)]
pub struct Sieve {
    landmarks: Landmarks,
    ahead: LookAhead,
    text: Vec<u8>,
    numbers: Vec<u32>,
    cuts: Vec<(u32, usize)>,
    recent: Vec<u8>,
    /// The number of the first line in `recent`.
    line: u32,
    /// The line that has lost its middle, and how many bytes.
    cut: (u32, usize),
    middle: usize,
    after: usize,
    seen: HashMap<u64, u32>,
    has_head: bool,
    /// Whether carriage returns end the lines.
    returns: bool,
    failures: usize,
    warnings: usize,
    tokens: Sample,
}

impl Sieve {
    /// An empty sieve for a text of this kind; `row` says what a row of JSON tells.
    pub fn new(kind: Kind, row: fn(&[u8]) -> Signal) -> Self {
        let landmarks = match kind {
            Kind::Log | Kind::Text => Landmarks::Signals,
            Kind::Json => Landmarks::Rows(row),
            Kind::Search => Landmarks::Matches,
            Kind::Diff => Landmarks::Files,
            Kind::Html | Kind::Code => Landmarks::None,
        };
        Self {
            landmarks,
            ahead: LookAhead::new(),
            text: Vec::new(),
            numbers: Vec::new(),
            cuts: Vec::new(),
            recent: Vec::new(),
            line: 0,
            cut: (0, 0),
            middle: 0,
            after: 0,
            seen: HashMap::new(),
            has_head: false,
            returns: false,
            failures: 0,
            warnings: 0,
            tokens: Sample::default(),
        }
    }

    /// Reads on. What is left does not depend on how the text is cut into pieces.
    pub fn push(&mut self, mut bytes: &[u8]) {
        self.tokens.read(bytes);
        while !bytes.is_empty() {
            let most = if self.has_head { LONG } else { HEAD };
            let (fits, rest) = bytes.split_at(bytes.len().min(most - self.recent.len()));
            let from = self.recent.len();
            self.recent.extend_from_slice(fits);
            self.end_lines(from);
            bytes = rest;
            if self.recent.len() == most {
                if self.has_head { self.sift() } else { self.take_head() }
            }
        }
    }

    /// What is left when all is read.
    pub fn finish(mut self) -> Sieved {
        let recent = std::mem::take(&mut self.recent);
        self.count_signals(&recent);
        for line in recent.split_inclusive(|byte| *byte == b'\n') {
            self.keep(line);
        }
        let (bytes, tokens) = self.tokens.finish();
        let (failures, warnings) = (self.failures, self.warnings);
        let whole = Whole { bytes, lines: self.line as usize, tokens, failures, warnings };
        Sieved { text: self.text, numbers: self.numbers, cuts: self.cuts, whole }
    }

    /// Makes line ends of carriage returns, where they are.
    fn end_lines(&mut self, from: usize) {
        if self.returns {
            self.recent[from..].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
    }

    fn take_head(&mut self) {
        self.has_head = true;
        self.returns = super::clean::ends_lines_with_cr(&self.recent);
        self.end_lines(0);
        let recent = std::mem::take(&mut self.recent);
        let end = memchr::memrchr(b'\n', &recent).map_or(0, |at| at + 1);
        self.count_signals(&recent[..end]);
        for line in recent[..end].split_inclusive(|byte| *byte == b'\n') {
            self.keep(line);
        }
        self.recent.reserve_exact(LONG);
        self.recent.extend_from_slice(&recent[end..]);
    }

    /// Takes what matters from the older part of what was read.
    fn sift(&mut self) {
        let mut recent = std::mem::take(&mut self.recent);
        let older = recent.len() - TAIL;
        match memchr::memrchr(b'\n', &recent[..older]).map(|at| at + 1) {
            Some(end) => {
                self.sift_block(&recent[..end]);
                recent.drain(..end);
            }
            // One line that long: its middle is let go.
            None => {
                let end = memchr::memchr(b'\n', &recent[older..]).map_or(recent.len(), |at| older + at);
                self.cut_line(&mut recent, end);
            }
        }
        self.recent = recent;
    }

    /// Lets go of the middle of the line that `recent` begins with and that ends at `end`, or goes on there.
    fn cut_line(&mut self, recent: &mut Vec<u8>, end: usize) {
        let (head, tail) = (LONG_ENDS.0, end - LONG_ENDS.1);
        let before = if self.cut.0 == self.line { self.cut.1 } else { 0 };
        self.cut = (self.line, before + tail - head);
        recent.drain(head..tail);
    }

    /// Counts the failures and warnings of a part that is kept whole.
    fn count_signals(&mut self, part: &[u8]) {
        let mut at = 0;
        while let Some(found) = self.next_landmark(part, at) {
            at = found.end;
            self.count(found.signal);
        }
    }

    /// The next line from the line at `from` on that may matter.
    fn next_landmark(&self, block: &[u8], from: usize) -> Option<Found> {
        let is_file = |line: &[u8]| line.starts_with(b"diff ") || line.starts_with(b"Index: ");
        match self.landmarks {
            Landmarks::Signals => {
                let word = from + self.ahead.next_word(&block[from..])?;
                let start = memchr::memrchr(b'\n', &block[from..word]).map_or(from, |newline| from + newline + 1);
                let end = line_end(block, word);
                Some(Found { start, end, signal: Signals::shared().of(block[start..end].trim_ascii_end()) })
            }
            Landmarks::Rows(row) => lines_from(block, from)
                .map(|(start, end)| Found { start, end, signal: row(&block[start..end]) })
                .find(|found| found.signal >= Signal::Warning),
            Landmarks::Matches => {
                lines_from(block, from).next().map(|(start, end)| Found { start, end, signal: Signal::None })
            }
            Landmarks::Files => lines_from(block, from)
                .find(|(start, end)| is_file(&block[*start..*end]))
                .map(|(start, end)| Found { start, end, signal: Signal::None }),
            Landmarks::None => None,
        }
    }

    fn count(&mut self, signal: Signal) {
        match signal {
            Signal::Failure => self.failures += 1,
            Signal::Warning => self.warnings += 1,
            Signal::Hint | Signal::None => {}
        }
    }

    fn sift_block(&mut self, block: &[u8]) {
        // What is counted, and where what is kept or passed over ends: surroundings may reach beyond the next failure.
        let (mut at, mut counted) = (0, 0);
        while let Some(Found { start, end, signal }) = self.next_landmark(block, counted) {
            counted = end;
            self.count(signal);
            at = self.keep_after(block, at, start);
            if at >= end || !self.is_new(&block[start..end], signal) {
                continue;
            }
            let around = if matches!(self.landmarks, Landmarks::Signals) { AROUND.0 } else { 0 };
            let before = lines_before(block, at, start, around);
            self.line += count_lines(&block[at..before]);
            at = before;
            while at < end {
                at = self.keep_around(block, at);
            }
            self.after = match self.landmarks {
                Landmarks::Signals if signal == Signal::Failure => AROUND.1,
                Landmarks::Files => FILE_HEADER,
                Landmarks::Signals | Landmarks::Rows(_) | Landmarks::Matches | Landmarks::None => 0,
            };
        }
        at = self.keep_after(block, at, block.len());
        self.line += count_lines(&block[at..]);
    }

    /// Keeps what still belongs to a failure's surroundings before `end`.
    fn keep_after(&mut self, block: &[u8], mut at: usize, end: usize) -> usize {
        while at < end && self.after > 0 {
            // What is below the header of a file in a patch would be read as what follows it.
            if matches!(self.landmarks, Landmarks::Files) && block[at..].starts_with(b"@@") {
                self.after = 0;
                break;
            }
            at = self.keep_around(block, at);
        }
        at
    }

    /// Whether there is room for another line like this.
    fn is_new(&mut self, line: &[u8], signal: Signal) -> bool {
        let (room, most) = match self.landmarks {
            Landmarks::Signals if signal < Signal::Warning => return false,
            Landmarks::Signals => (MIDDLE, if signal == Signal::Failure { SAME } else { 3 }),
            Landmarks::Rows(_) => (MIDDLE_OF_ROWS, if signal == Signal::Failure { SAME } else { 3 }),
            Landmarks::Matches => (MIDDLE_OF_ROWS, MATCHES),
            Landmarks::Files => (MIDDLE_OF_ROWS, 1),
            Landmarks::None => return false,
        };
        if self.middle >= room {
            return false;
        }
        let alike = match self.landmarks {
            Landmarks::Matches => hash(path(line)),
            Landmarks::Files => hash(line),
            Landmarks::Signals | Landmarks::Rows(_) | Landmarks::None => template_hash(line),
        };
        let count = self.seen.entry(alike).or_insert(0);
        *count += 1;
        *count <= most
    }

    /// Keeps the line at `at`; returns where the next begins.
    fn keep_around(&mut self, block: &[u8], at: usize) -> usize {
        let end = line_end(block, at);
        self.middle += end - at;
        self.after = self.after.saturating_sub(1);
        self.keep(&block[at..end]);
        end
    }

    fn keep(&mut self, line: &[u8]) {
        if self.cut.0 == self.line && self.cut.1 > 0 {
            let mut line = line.to_vec();
            if line.len() > LONG_ENDS.0 + LONG_ENDS.1 {
                let end = line.len();
                self.cut_line(&mut line, end);
            }
            self.cuts.push((self.numbers.len() as u32, self.cut.1));
            self.text.extend_from_slice(&line);
        } else {
            self.text.extend_from_slice(line);
        }
        self.numbers.push(self.line);
        self.line += 1;
    }
}

/// Estimates the tokens of a text from a part of it.
#[derive(Debug, Default)]
struct Sample {
    bytes: usize,
    block: Vec<u8>,
    sampled: (usize, usize),
}

impl Sample {
    fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let place = self.bytes % (SAMPLE * SAMPLED);
            let end = if place < SAMPLE { SAMPLE } else { SAMPLE * SAMPLED };
            let (part, rest) = bytes.split_at(bytes.len().min(end - place));
            self.bytes += part.len();
            if place < SAMPLE {
                self.block.extend_from_slice(part);
                if self.block.len() == SAMPLE {
                    self.estimate();
                }
            }
            bytes = rest;
        }
    }

    fn estimate(&mut self) {
        self.sampled.0 += self.block.len();
        self.sampled.1 += tokens::estimate(&self.block);
        self.block.clear();
    }

    /// The bytes and about how many tokens they are.
    fn finish(mut self) -> (usize, usize) {
        self.estimate();
        let (bytes, sampled) = self.sampled;
        (self.bytes, (sampled as u128 * self.bytes as u128 / bytes.max(1) as u128) as usize)
    }
}

/// The lines of a block from `from` on: where they begin and end.
fn lines_from(block: &[u8], from: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let start = at;
        at = line_end(block, at);
        (start < at).then_some((start, at))
    })
}

/// The path that a match begins with, as far as it is easily told: up to a number between colons or dashes.
fn path(line: &[u8]) -> &[u8] {
    let is_number = |at: usize| {
        let digits = line[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && line.get(at + 1 + digits) == Some(&line[at])
    };
    let numbered = memchr::memchr2_iter(b':', b'-', line).find(|at| is_number(*at));
    &line[..numbered.or_else(|| memchr::memchr(b':', line)).unwrap_or(line.len())]
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

fn count_lines(block: &[u8]) -> u32 {
    memchr::memchr_iter(b'\n', block).count() as u32
}

fn line_end(block: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |newline| start + newline + 1)
}

/// Where up to `count` lines before `start` begin, not before `from`.
fn lines_before(block: &[u8], from: usize, start: usize, count: usize) -> usize {
    let mut at = start;
    for _ in 0..count {
        if at <= from {
            break;
        }
        at = memchr::memrchr(b'\n', &block[from..at - 1]).map_or(from, |newline| from + newline + 1);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sieved(text: &[u8], piece: usize) -> Sieved {
        sieved_as(Kind::Log, text, piece)
    }

    fn sieved_as(kind: Kind, text: &[u8], piece: usize) -> Sieved {
        let row = |row: &[u8]| if row.starts_with(b"{\"bad") { Signal::Failure } else { Signal::None };
        let mut sieve = Sieve::new(kind, row);
        text.chunks(piece).for_each(|piece| sieve.push(piece));
        sieve.finish()
    }

    fn long_text() -> Vec<u8> {
        let line = |n: usize| match n {
            150_000 => "2026-01-01 ERROR the disk of node 7 is gone\n".to_string(),
            _ => format!("2026-01-01 INFO request {n} was answered in time and without any trouble\n"),
        };
        (0..300_000).flat_map(|n| line(n).into_bytes()).collect()
    }

    #[test]
    fn the_middle_keeps_failures_with_their_numbers_whatever_the_pieces() {
        let text = long_text();
        let whole = sieved(&text, 65_536);
        assert_eq!(whole.whole.lines, 300_000);
        assert_eq!(whole.whole.bytes, text.len());
        assert!(whole.text.len() < 6 << 20, "{}", whole.text.len());
        let lines = whole.text.split_inclusive(|byte| *byte == b'\n').collect::<Vec<_>>();
        assert_eq!(lines.len(), whole.numbers.len());
        let originals = text.split_inclusive(|byte| *byte == b'\n').collect::<Vec<_>>();
        for (line, number) in lines.iter().zip(&whole.numbers) {
            assert_eq!(*line, originals[*number as usize]);
        }
        assert!(
            whole.numbers.contains(&150_000) && whole.numbers.contains(&150_012) && whole.numbers.contains(&149_997)
        );
        assert!(!whole.numbers.contains(&149_000));
        assert_eq!((whole.whole.failures, whole.whole.warnings), (1, 0));
        for piece in [7_001, 1_000_003, text.len()] {
            let other = sieved(&text, piece);
            assert!(
                other.text == whole.text && other.numbers == whole.numbers && other.whole == whole.whole,
                "{piece}"
            );
        }
    }

    #[test]
    fn a_line_that_fills_the_memory_is_cut_and_says_by_how_much() {
        let line = b"a line of usual length, of which there are many\n";
        let long = [b"ERROR at the beginning".to_vec(), vec![b'x'; 40 << 20], b"the end".to_vec()].concat();
        let text = [line.repeat(60_000), long.clone(), b"\n".to_vec(), line.repeat(100_000)].concat();
        for (text, lines) in [(text, 160_001), (long.clone(), 1), ([&long[..], b"\n"].concat(), 1)] {
            let whole = sieved(&text, 65_536);
            assert!(whole.text.len() < 12 << 20 && whole.whole.lines == lines && whole.whole.bytes == text.len());
            let [(index, bytes)] = whole.cuts[..] else { panic!("{:?}", whole.cuts) };
            let cut = whole.text.split_inclusive(|byte| *byte == b'\n').nth(index as usize).unwrap();
            assert_eq!(cut.trim_ascii_end().len() + bytes, long.len());
            assert!(cut.starts_with(b"ERROR at") && cut.trim_ascii_end().ends_with(b"xthe end") && cut.len() < 200_000);
            let short = whole.shortened(600_000);
            assert!(short.cuts.len() == 1 && short.whole.failures == 1);
        }
    }

    #[test]
    fn of_other_kinds_stays_what_names_and_what_fails() {
        let many = |line: &str| line.repeat(90_000);
        let [one, two] = ["src/one.rs:7:a match in a file\n", "src/two.rs:7:a match in a file\n"].map(many);
        let search = [one, two, many("src/last.rs:1:another match in a file\n")].concat();
        let diff = |name: &str| {
            format!("diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n")
                + &many("+ error: a new line\n")
        };
        let diff = ["first", "second", "third"].map(diff).concat();
        let rows = many("{\"a\":\"an error in a word\"}\n") + "{\"bad\":1}\n" + &many("{\"a\":\"something else\"}\n");
        let no_content = b"diff --git a/second b/second\n--- a/second\n+++ b/second\n+";
        for (kind, text, middle, found, failures) in [
            (Kind::Search, search, &b"src/two.rs:7:"[..], 2, 0),
            (Kind::Diff, diff.clone(), b"diff --git a/second b/second\n", 1, 0),
            (Kind::Diff, diff, no_content, 0, 0),
            (Kind::Json, rows, b"{\"bad\":1}", 1, 1),
        ] {
            let left = sieved_as(kind, text.as_bytes(), 65_536);
            let here = memchr::memmem::find_iter(&left.text, middle).count();
            assert_eq!((here, left.whole.failures), (found, failures), "{kind:?}");
            assert!(left.whole.lines >= 180_000 && left.text.len() < 4 << 20, "{kind:?}");
        }
    }

    #[test]
    fn carriage_returns_end_lines_where_nothing_else_does() {
        let whole = sieved(&b"50% of it is done\r".repeat(600_000), 65_536);
        assert_eq!((whole.whole.lines, whole.cuts.len()), (600_000, 0));
        assert!(whole.text.len() < 5 << 20 && !whole.text.contains(&b'\r'));
    }

    #[test]
    fn shortened_texts_keep_ends_and_failures() {
        let short = sieved(&long_text(), 65_536).shortened(1000);
        assert!(short.text.len() <= 1000 && short.whole.lines == 300_000);
        assert_eq!(short.text.split_inclusive(|byte| *byte == b'\n').count(), short.numbers.len());
        let has = |number| short.numbers.contains(&number);
        assert!(has(0) && has(150_000) && has(299_999) && !has(149_999));
    }

    #[test]
    fn short_texts_stay_whole() {
        let whole = sieved(b"a\nb\nc", 2);
        assert_eq!((whole.text.as_slice(), whole.numbers), (&b"a\nb\nc"[..], vec![0, 1, 2]));
    }
}
