//! Finds the parts of a text that are about some words: BM25 over blocks of lines.
//!
//! Nothing is learned or random: the same text and words give the same blocks on every machine.

use std::collections::HashSet;
use std::ops::Range;

use crate::tokens;

/// The longest block, in lines; paragraphs are blocks, and longer ones are cut.
const BLOCK_LINES: usize = 12;
/// How good a block is at least, as a part of the best one: a common word of several is not enough.
const WORTH: f64 = 0.25;
/// What a line number in front of a line costs, in tokens.
const NUMBER_TOKENS: usize = 2;

/// The words that are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<Vec<u8>>);

impl Words {
    /// How many words count; more say nothing new.
    const MOST: usize = 48;

    /// Takes the words of a question, each once, and the parts of names; none when it has none.
    ///
    /// Words that are in every English sentence say nothing, unless there is no other.
    pub fn new(question: &str) -> Option<Self> {
        let all = words_of(question.as_bytes()).flat_map(with_parts).map(<[u8]>::to_ascii_lowercase);
        let (common, mut words): (Vec<_>, Vec<_>) = all.partition(|word| COMMON.binary_search(&&word[..]).is_ok());
        if words.is_empty() {
            words = common;
        }
        let mut seen = HashSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words.truncate(Self::MOST);
        (!words.is_empty()).then_some(Self(words))
    }

    /// Finds where the first of the words is in a line.
    pub fn first_in(&self, line: &[u8]) -> Option<Range<usize>> {
        let start = |word: &[u8]| word.as_ptr() as usize - line.as_ptr() as usize;
        let hit = words_of(line).find(|word| self.0.iter().any(|wanted| likeness(word, wanted) > 0.0))?;
        Some(start(hit)..start(hit) + hit.len())
    }

    /// Counts how many of the words are in a text.
    pub fn hits(&self, text: &[u8]) -> usize {
        let mut counts = vec![0.0; self.0.len()];
        self.count_in(text, &mut counts);
        counts.iter().filter(|count| **count > 0.0).count()
    }

    /// Adds up how often each word is in a line, and counts the line's words.
    fn count_in(&self, line: &[u8], counts: &mut [f64]) -> usize {
        let mut all = 0;
        for word in words_of(line) {
            all += 1;
            for (count, wanted) in counts.iter_mut().zip(&self.0) {
                *count += likeness(word, wanted);
            }
        }
        all
    }
}

/// Picks the blocks that are most about the words and fit the budget, in the order of the text.
///
/// Lines are given without line ends, blocks are counted from 0. The best block is always there: when it alone does not
/// fit, the lines around its best one are, at least that one.
pub fn best_blocks(lines: &[&[u8]], words: &Words, budget: usize) -> Vec<Range<usize>> {
    let blocks = blocks(lines);
    let mut ranked: Vec<(f64, Range<usize>)> =
        scores(lines, &blocks, words).into_iter().zip(blocks).filter(|(score, _)| *score > 0.0).collect();
    ranked.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(first.start.cmp(&second.start)));
    let weakest = ranked.first().map_or(0.0, |(best, _)| best * WORTH);
    ranked.retain(|(score, _)| *score >= weakest);
    let mut left = budget;
    let mut picked = Vec::new();
    for (_, block) in ranked {
        let cost: usize = block.clone().map(|line| cost(lines[line])).sum();
        if let Some(rest) = left.checked_sub(cost) {
            left = rest;
            picked.push(block);
        } else if picked.is_empty() {
            return vec![narrow(lines, &block, words, budget)];
        }
    }
    picked.sort_by_key(|block| block.start);
    picked
}

/// How much each stretch of lines is about the words, weak ones not at all; stretches may overlap.
pub fn relevance(lines: &[&[u8]], blocks: &[Range<usize>], words: &Words) -> Vec<f64> {
    let mut scores = scores(lines, blocks, words);
    let weakest = scores.iter().copied().fold(0.0, f64::max) * WORTH;
    scores.iter_mut().filter(|score| **score < weakest).for_each(|score| *score = 0.0);
    scores
}

/// Picks the part of a long line around its first word that is looked for; characters stay whole.
pub fn excerpt(line: &[u8], words: &Words, bytes: usize) -> Range<usize> {
    let hit = words.first_in(line).unwrap_or(0..0);
    let start = hit.start.saturating_sub(bytes.saturating_sub(hit.len()) / 2);
    let start = start.min(line.len().saturating_sub(bytes));
    let end = (start + bytes).min(line.len());
    let goes_on = |at: &usize| line.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let whole = |at: usize| (at..line.len().min(at + 3)).find(|at| !goes_on(at)).unwrap_or(at);
    whole(start)..whole(end)
}

/// What a line with its number costs, in tokens.
fn cost(line: &[u8]) -> usize {
    tokens::estimate(line) + NUMBER_TOKENS
}

/// Cuts the lines into paragraphs of at most [`BLOCK_LINES`]; blank lines belong to none.
fn blocks(lines: &[&[u8]]) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match blocks.last_mut() {
            Some(block) if block.end == index && block.len() < BLOCK_LINES => block.end += 1,
            _ => blocks.push(index..index + 1),
        }
    }
    blocks
}

/// Computes BM25 with the usual constants.
fn scores(lines: &[&[u8]], blocks: &[Range<usize>], words: &Words) -> Vec<f64> {
    const SATURATION: f64 = 1.2;
    const LENGTH: f64 = 0.75;
    let width = words.0.len();
    let mut counts = vec![0.0; width * blocks.len()];
    let mut lengths = Vec::with_capacity(blocks.len());
    for (block, counts) in blocks.iter().zip(counts.chunks_exact_mut(width)) {
        lengths.push(lines[block.clone()].iter().map(|line| words.count_in(line, counts)).sum::<usize>() as f64);
    }
    let average = (lengths.iter().sum::<f64>() / blocks.len().max(1) as f64).max(1.0);
    let rarity: Vec<f64> = (0..width)
        .map(|word| {
            let with = counts.iter().skip(word).step_by(width).filter(|count| **count > 0.0).count() as f64;
            (1.0 + (blocks.len() as f64 - with + 0.5) / (with + 0.5)).ln()
        })
        .collect();
    let score = |(counts, length): (&[f64], &f64)| {
        let norm = SATURATION * (1.0 - LENGTH + LENGTH * length / average);
        let term = |(count, rarity): (&f64, &f64)| rarity * count * (SATURATION + 1.0) / (count + norm);
        counts.iter().zip(&rarity).map(term).sum()
    };
    counts.chunks_exact(width).zip(&lengths).map(score).collect()
}

/// Keeps of a block the line that has most of the words, and as many lines after and before it as fit.
fn narrow(lines: &[&[u8]], block: &Range<usize>, words: &Words, budget: usize) -> Range<usize> {
    let found = |line: usize| {
        let mut counts = vec![0.0; words.0.len()];
        words.count_in(lines[line], &mut counts);
        counts.iter().map(|count| count.min(1.0)).sum::<f64>()
    };
    let better = |best: (f64, usize), line| if found(line) > best.0 { (found(line), line) } else { best };
    let (_, best) = block.clone().fold((0.0, block.start), better);
    let mut kept = best..best + 1;
    let mut left = budget.saturating_sub(cost(lines[best]));
    loop {
        let mut take = |line: usize| left.checked_sub(cost(lines[line])).map(|rest| left = rest).is_some();
        if kept.end < block.end && take(kept.end) {
            kept.end += 1;
        } else if kept.start > block.start && take(kept.start - 1) {
            kept.start -= 1;
        } else {
            return kept;
        }
    }
}

/// A word, and the parts of a name such as `parse_header` or `ParseHeader`.
fn with_parts(word: &[u8]) -> Vec<&[u8]> {
    let is_break = |at: usize| word[at - 1].is_ascii_lowercase() && word[at].is_ascii_uppercase();
    let breaks = (1..word.len()).filter(|&at| is_break(at)).chain([word.len()]);
    let mut parts = vec![word];
    let mut start = 0;
    for end in breaks {
        let pieces = word[start..end].split(|byte| *byte == b'_');
        parts.extend(pieces.filter(|piece| piece.len() >= 3 && piece.len() < word.len()));
        start = end;
    }
    parts
}

/// Words of questions that tell no text from another, sorted.
const COMMON: &[&[u8]] = &[
    b"a", b"about", b"after", b"all", b"also", b"an", b"and", b"any", b"are", b"as", b"at", b"be", b"because", b"been",
    b"before", b"but", b"by", b"can", b"check", b"could", b"did", b"do", b"does", b"find", b"first", b"for", b"from",
    b"get", b"had", b"has", b"have", b"how", b"i", b"if", b"in", b"into", b"is", b"it", b"its", b"just", b"let",
    b"like", b"ll", b"look", b"looks", b"m", b"may", b"me", b"more", b"my", b"need", b"no", b"not", b"now", b"of",
    b"on", b"one", b"only", b"or", b"other", b"our", b"out", b"re", b"s", b"see", b"should", b"so", b"some", b"t",
    b"than", b"that", b"the", b"their", b"them", b"then", b"there", b"these", b"they", b"this", b"to", b"up", b"ve",
    b"was", b"we", b"well", b"were", b"what", b"when", b"where", b"which", b"while", b"will", b"with", b"would",
    b"yes", b"you", b"your",
];

/// Splits into runs of letters, digits, underscores and bytes outside of ASCII.
fn words_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !is_word_byte(*byte)).filter(|word| !word.is_empty())
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Says how well a word of the text answers a wanted word: 1 for the word or a part of a name, 0.5 for its beginning.
fn likeness(word: &[u8], wanted: &[u8]) -> f64 {
    /// A shorter beginning says too little.
    const BEGINNING: usize = 4;
    if word.len() < wanted.len() {
        return 0.0;
    }
    if word.eq_ignore_ascii_case(wanted) || parts_of(word).any(|part| part.eq_ignore_ascii_case(wanted)) {
        return 1.0;
    }
    let begins = wanted.len() >= BEGINNING && word[..wanted.len()].eq_ignore_ascii_case(wanted);
    // Scripts without blanks between words arrive as one long word.
    let inside = !wanted.is_ascii() && memchr::memmem::find(word, wanted).is_some();
    if begins || inside { 0.5 } else { 0.0 }
}

/// Splits a name at underscores and where a capital follows a small letter or a digit.
fn parts_of(word: &[u8]) -> impl Iterator<Item = &[u8]> {
    word.split(|byte| *byte == b'_')
        .flat_map(|part| part.chunk_by(|before, after| !after.is_ascii_uppercase() || before.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_with_their_parts_and_common_words_do_not() {
        let words = Words::new("I will check the parse_header of HttpServer").unwrap();
        let expected = ["parse_header", "parse", "header", "httpserver", "http", "server"];
        assert_eq!(words.0, expected.map(|word| word.as_bytes().to_vec()));
        assert!(COMMON.is_sorted());
        assert!(Words::new("what is it").is_some());
    }

    /// The blocks found: the first line and the one after the last, counted from 0.
    fn find(text: &str, question: &str, budget: usize) -> Vec<(usize, usize)> {
        let lines: Vec<&[u8]> = text.lines().map(str::as_bytes).collect();
        let blocks = best_blocks(&lines, &Words::new(question).unwrap(), budget);
        blocks.iter().map(|block| (block.start, block.end)).collect()
    }

    #[test]
    fn words_as_they_are_found() {
        for (word, wanted, expected) in [
            ("Parser", "parser", 1.0),
            ("blank_line_inside", "line", 1.0),
            ("ParseError", "error", 1.0),
            ("HTTPServer", "server", 0.0),
            ("errors", "error", 0.5),
            ("ports", "port", 0.5),
            ("its", "it", 0.0),
            ("err", "error", 0.0),
        ] {
            assert_eq!(likeness(word.as_bytes(), wanted.as_bytes()), expected, "{wanted} in {word}");
        }
    }

    #[test]
    fn rare_words_decide_and_the_text_order_stays() {
        let text =
            "test of that\n\n".repeat(10) + "the timeout comes\n\ntimeout in test\n" + &"\ntest of this\n".repeat(10);
        assert_eq!(find(&text, "test timeout", cost(b"timeout in test") + 1), [(22, 23)]);
        assert_eq!(find(&text, "test timeout", 600), [(20, 21), (22, 23)]);
        assert!(find(&text, "absent", 600).is_empty());
    }

    #[test]
    fn block_larger_than_the_budget_shrinks_around_its_best_line() {
        let text = "a line of some length before it\n".repeat(3) + "needle\n" + &"a line after it\n".repeat(3);
        assert_eq!(find(&text, "needle", 0), [(3, 4)]);
        assert_eq!(find(&text, "needle", cost(b"needle") + cost(b"a line after it")), [(3, 5)]);
    }

    #[test]
    fn excerpt_is_around_the_word() {
        let line = format!("{} needle {}", "a".repeat(50), "\u{e9}".repeat(50));
        let shown = |bytes| {
            std::str::from_utf8(&line.as_bytes()[excerpt(line.as_bytes(), &Words::new("needle").unwrap(), bytes)])
        };
        assert_eq!(shown(10), Ok("a needle \u{e9}"));
        assert_eq!(shown(1000), Ok(&*line));
    }

    #[test]
    fn long_paragraphs_are_cut() {
        let text = "x\n".repeat(30) + "needle\n";
        assert_eq!(find(&text, "needle", 600), [(24, 31)]);
    }
}
