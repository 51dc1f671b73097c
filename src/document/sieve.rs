//! Reads a text of any length in bounded memory: its beginning and its end whole, of the middle what matters.
//!
//! A text that is sieved is a log of many megabytes; nobody would see its middle anyway. What is left of the middle are
//! the failures and warnings with a few lines around, so many of each template. Everything else is only counted, and is in
//! the ledger as lines that were left out; lines, failures and warnings are counted over all of it. The caller keeps the
//! original.

use std::collections::HashMap;

use crate::rule::step::template_hash;
use crate::signal::{LookAhead, Signal, Signals};
use crate::tokens;

/// How much of the beginning stays whole, in bytes.
pub const HEAD: usize = 1 << 20;
/// How much of the end stays whole, in bytes.
const TAIL: usize = 2 << 20;
/// How much of the middle stays at most, in bytes.
const MIDDLE: usize = 4 << 20;
/// How many lines of one template stay of the middle.
const SAME: u32 = 30;
/// How many lines before and after a failure stay.
const AROUND: (usize, usize) = (3, 12);
/// A line longer than this is cut in the middle, in bytes: the rest of it would fill the memory.
const LONG: usize = TAIL * 2;
/// How much stays of such a line, at its beginning, in bytes.
const LONG_HEAD: usize = 64 << 10;
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
        let mut short = Self { text: Vec::new(), numbers: Vec::new(), whole: self.whole };
        let (mut at, mut room) = (0, most / 4);
        for (line, number) in self.text.split_inclusive(|byte| *byte == b'\n').zip(&self.numbers) {
            at += line.len();
            let is_end = at <= head || at > tail;
            if is_end || room >= line.len() && Signals::shared().of(line.trim_ascii_end()) == Signal::Failure {
                room -= if is_end { 0 } else { line.len() };
                short.text.extend_from_slice(line);
                short.numbers.push(*number);
            }
        }
        short
    }
}

/// A text that is being read.
#[derive(Debug)]
pub struct Sieve {
    ahead: LookAhead,
    text: Vec<u8>,
    numbers: Vec<u32>,
    recent: Vec<u8>,
    /// The number of the first line in `recent`.
    line: u32,
    middle: usize,
    after: usize,
    seen: HashMap<u64, u32>,
    has_head: bool,
    failures: usize,
    warnings: usize,
    tokens: Sample,
}

impl Default for Sieve {
    fn default() -> Self {
        Self::new()
    }
}

impl Sieve {
    /// An empty sieve.
    pub fn new() -> Self {
        Self {
            ahead: LookAhead::new(),
            text: Vec::new(),
            numbers: Vec::new(),
            recent: Vec::with_capacity(TAIL * 2),
            line: 0,
            middle: 0,
            after: 0,
            seen: HashMap::new(),
            has_head: false,
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
            self.recent.extend_from_slice(fits);
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
        Sieved { text: self.text, numbers: self.numbers, whole }
    }

    fn take_head(&mut self) {
        self.has_head = true;
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
            // One line that long: its middle is let go until it ends.
            None => {
                let end = memchr::memchr(b'\n', &recent[older..]).map_or(recent.len(), |at| older + at);
                recent.drain(LONG_HEAD..end);
            }
        }
        self.recent = recent;
    }

    /// Counts the failures and warnings of a part that is kept whole.
    fn count_signals(&mut self, part: &[u8]) {
        let mut at = 0;
        while let Some(found) = self.ahead.next_word(&part[at..]) {
            let start = memchr::memrchr(b'\n', &part[at..at + found]).map_or(at, |newline| at + newline + 1);
            at = line_end(part, at + found);
            self.count(Signals::shared().of(part[start..at].trim_ascii_end()));
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
        while let Some(found) = self.ahead.next_word(&block[counted..]) {
            let start = memchr::memrchr(b'\n', &block[..counted + found]).map_or(0, |newline| newline + 1);
            let end = line_end(block, counted + found);
            counted = end;
            let line = &block[start..end];
            let signal = Signals::shared().of(line.trim_ascii_end());
            self.count(signal);
            at = self.keep_after(block, at, start);
            if at >= end || signal < Signal::Warning || self.middle >= MIDDLE || !self.is_new(line, signal) {
                continue;
            }
            let before = lines_before(block, at, start, AROUND.0);
            self.line += count_lines(&block[at..before]);
            at = before;
            while at < end {
                at = self.keep_around(block, at);
            }
            self.after = if signal == Signal::Failure { AROUND.1 } else { 0 };
        }
        at = self.keep_after(block, at, block.len());
        self.line += count_lines(&block[at..]);
    }

    /// Keeps what still belongs to a failure's surroundings before `end`.
    fn keep_after(&mut self, block: &[u8], mut at: usize, end: usize) -> usize {
        while at < end && self.after > 0 {
            at = self.keep_around(block, at);
        }
        at
    }

    /// Whether there is room for another line of this template.
    fn is_new(&mut self, line: &[u8], signal: Signal) -> bool {
        let most = if signal == Signal::Failure { SAME } else { 3 };
        let count = self.seen.entry(template_hash(line)).or_insert(0);
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
        self.text.extend_from_slice(line);
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
        let mut sieve = Sieve::new();
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
    fn a_line_that_fills_the_memory_is_cut() {
        let line = b"a line of usual length, of which there are many\n";
        let text = [line.repeat(60_000), vec![b'x'; 40 << 20], b"\n".to_vec(), line.repeat(100_000)].concat();
        let whole = sieved(&text, 65_536);
        assert!(whole.text.len() < 12 << 20 && whole.whole.lines == 160_001 && whole.whole.bytes == text.len());
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
