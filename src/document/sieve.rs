//! Reads a text of any length in bounded memory: its beginning and its end whole, of the middle what matters.
//!
//! A text that is sieved is a log of many megabytes; nobody would see its middle anyway. What is left of the middle are
//! the failures and warnings with a few lines around, so many of each template. Everything else is only counted, and is in
//! the ledger as lines that were left out. The caller keeps the original.

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
/// Tokens are estimated on one of so many blocks.
const SAMPLED: usize = 8;

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
    bytes: usize,
    blocks: usize,
    sampled: (usize, usize),
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
            bytes: 0,
            blocks: 0,
            sampled: (0, 0),
        }
    }

    /// Reads on.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        if self.blocks.is_multiple_of(SAMPLED) {
            self.sampled.0 += bytes.len();
            self.sampled.1 += tokens::estimate(bytes);
        }
        self.blocks += 1;
        self.recent.extend_from_slice(bytes);
        if self.text.len() < HEAD && self.recent.len() >= HEAD {
            self.take_head();
        }
        if self.recent.len() >= TAIL * 2 {
            self.sift();
        }
    }

    /// What is left when all is read.
    pub fn finish(mut self) -> Sieved {
        let recent = std::mem::take(&mut self.recent);
        for line in recent.split_inclusive(|byte| *byte == b'\n') {
            self.keep(line);
        }
        let (bytes, sampled) = self.sampled;
        let tokens = (sampled as u64 * self.bytes as u64 / bytes.max(1) as u64) as usize;
        let whole = Whole { bytes: self.bytes, lines: self.line as usize, tokens };
        Sieved { text: self.text, numbers: self.numbers, whole }
    }

    fn take_head(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        let end = memchr::memrchr(b'\n', &recent).map_or(0, |at| at + 1);
        for line in recent[..end].split_inclusive(|byte| *byte == b'\n') {
            self.keep(line);
        }
        self.recent = recent[end..].to_vec();
    }

    /// Takes what matters from the older part of what was read.
    fn sift(&mut self) {
        let mut recent = std::mem::take(&mut self.recent);
        let Some(end) = memchr::memrchr(b'\n', &recent[..recent.len() - TAIL]).map(|at| at + 1) else {
            // One line that long: it goes on being read until it ends.
            self.recent = recent;
            return;
        };
        self.sift_block(&recent[..end]);
        recent.drain(..end);
        self.recent = recent;
    }

    fn sift_block(&mut self, block: &[u8]) {
        let mut at = 0;
        // The tail of a failure's surroundings that reaches into this block.
        while at < block.len() && self.after > 0 {
            at = self.keep_around(block, at);
        }
        while at < block.len() {
            let Some(found) = self.ahead.next_word(&block[at..]) else { break };
            let start = memchr::memrchr(b'\n', &block[at..at + found]).map_or(at, |newline| at + newline + 1);
            let end = line_end(block, start);
            let signal = Signals::shared().of(block[start..end].trim_ascii_end());
            if !(signal >= Signal::Warning && self.is_new(&block[start..end], signal)) {
                self.line += count_lines(&block[at..end]);
                at = end;
                continue;
            }
            let before = lines_before(block, at, start, AROUND.0);
            self.line += count_lines(&block[at..before]);
            at = before;
            while at < end {
                at = self.keep_around(block, at);
            }
            self.after = if signal == Signal::Failure { AROUND.1 } else { 0 };
            while at < block.len() && self.after > 0 {
                at = self.keep_around(block, at);
            }
        }
        self.line += count_lines(&block[at..]);
    }

    /// Whether there is room for another line of this template.
    fn is_new(&mut self, line: &[u8], signal: Signal) -> bool {
        let most = if signal == Signal::Failure { SAME } else { 3 };
        let count = self.seen.entry(template_hash(line)).or_insert(0);
        *count += 1;
        *count <= most && self.middle < MIDDLE
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
        assert_eq!(sieved(&text, 1_000_003).numbers.last(), Some(&299_999));
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
