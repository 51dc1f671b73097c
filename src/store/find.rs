//! Finds lines in a recording by pattern or by words: what `hr show` and the MCP server share.
//!
//! Lines are those of the clean text, with the numbers that they have in the recording.

use std::ops::Range;

use regex::bytes::Regex;

use super::query::{Words, best_blocks, excerpt};
use super::select::{Context, LineSpec, Lines, Row, SelectError, grep};
use crate::document::Document;
use crate::tokens;

/// Reads a regular expression.
pub fn pattern(text: &str) -> Result<Regex, SelectError> {
    Regex::new(text).map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        SelectError::Pattern { pattern: text.to_owned(), reason }
    })
}

/// Reads the words of a question.
pub fn words(question: &str) -> Result<Words, SelectError> {
    Words::new(question).ok_or_else(|| SelectError::NoWords(question.to_owned()))
}

/// Picks the lines that match, with some lines around them.
pub fn matching<'d>(
    document: &'d Document<'_>,
    within: Option<&LineSpec>,
    pattern: &Regex,
    context: Context,
) -> Result<Vec<Row<'d>>, SelectError> {
    let mut rows = grep(numbered(document, within)?, pattern, context);
    if context == Context::default() {
        rows.iter_mut().for_each(|row| row.gap = false);
    }
    Ok(rows)
}

/// The lines that are most about a question.
#[derive(Debug)]
pub struct About<'d> {
    /// The lines; none when nothing is about it.
    pub rows: Vec<Row<'d>>,
    /// How long the only line is, in bytes, when it was too long for the budget and a part of it is there.
    pub cut_from: Option<usize>,
}

/// Picks the blocks that are most about some words, in the order of the text.
pub fn about<'d>(
    document: &'d Document<'_>,
    within: Option<&LineSpec>,
    words: &Words,
    budget: usize,
) -> Result<About<'d>, SelectError> {
    let (numbers, lines): (Vec<usize>, Vec<&[u8]>) = numbered(document, within)?.unzip();
    let mut rows: Vec<Row<'d>> = Vec::new();
    for block in best_blocks(&lines, words, budget) {
        let first = rows.len();
        let row = |line: usize| Row { number: numbers[line], text: lines[line], hit: true, gap: false };
        rows.extend(block.clone().map(row));
        rows[first].gap = first > 0 && block.start > 0;
    }
    let mut cut_from = None;
    if let [only] = &mut rows[..]
        && tokens::estimate(only.text) > budget
    {
        cut_from = Some(only.text.len());
        only.text = &only.text[excerpt(only.text, words, budget.max(8) * 4)];
    }
    Ok(About { rows, cut_from })
}

/// The clean lines with their numbers in the recording, counted from 1; those of `within` when it is given.
fn numbered<'d>(
    document: &'d Document<'_>,
    within: Option<&LineSpec>,
) -> Result<impl Iterator<Item = (usize, &'d [u8])>, SelectError> {
    let ranges: Vec<Range<usize>> = match within {
        Some(lines) => lines.resolve(Lines::count(document.raw()))?,
        None => std::iter::once(0..usize::MAX).collect(),
    };
    let numbered = (0..document.len()).map(|line| (document.source_line(line), document.line(line)));
    Ok(numbered.filter(move |(number, _)| ranges.iter().any(|range| range.contains(&(number - 1)))))
}
