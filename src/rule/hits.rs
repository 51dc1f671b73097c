//! Which patterns of which fingerprints can match a text, by the literals in it.
//!
//! One pass finds the literals of all rules. A pattern whose matches are within a line is then tried on the lines that
//! have a literal of it, so that what a call costs does not grow with the rules times the text.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::layers::BuiltIn;
use super::pattern::Pattern;
use crate::phrases::{Case, Phrases};

/// A pattern with literals in more lines than this is tried on the whole text.
const LINES: usize = 100;

/// What the literals of all rules say about a text.
pub(super) struct Hits<'t> {
    text: &'t [u8],
    /// Whether each pattern can match.
    patterns: Vec<bool>,
    /// Where the lines begin that have a literal of a pattern, when its matches are within a line.
    lines: BTreeMap<usize, Vec<usize>>,
    /// Where the patterns of each rule begin.
    starts: Vec<usize>,
}

impl<'t> Hits<'t> {
    /// Looks for the literals of some rules.
    pub(super) fn of(rules: &[BuiltIn], text: &'t [u8]) -> Self {
        let mut starts = vec![0];
        let (mut patterns, mut in_line) = (Vec::new(), Vec::new());
        let (mut literals, mut owners) = (Vec::new(), Vec::new());
        for rule in rules {
            for (set, within) in rule.literals.iter().zip(rule.in_line) {
                owners.extend(set.iter().map(|_| patterns.len()));
                literals.extend(set.iter().copied());
                patterns.push(set.is_empty());
                in_line.push(*within);
            }
            starts.push(patterns.len());
        }
        let mut lines: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        Phrases::new(literals, Case::Matters).each(text, |literal, at| {
            let pattern = owners[literal];
            patterns[pattern] = true;
            if in_line[pattern] {
                let lines = lines.entry(pattern).or_default();
                let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1);
                if lines.len() <= LINES && lines.last() != Some(&start) {
                    lines.push(start);
                }
            }
            ControlFlow::Continue(())
        });
        Self { text, patterns, lines, starts }
    }

    /// The patterns of a rule, when one of them can match.
    pub(super) fn of_rule(&self, rule: usize) -> Option<RuleHits<'_>> {
        let (first, end) = (self.starts[rule], self.starts[rule + 1]);
        self.patterns[first..end].contains(&true).then_some(RuleHits { hits: self, first, end })
    }
}

/// What the literals say about the patterns of one rule.
#[derive(Clone, Copy)]
pub(super) struct RuleHits<'h> {
    hits: &'h Hits<'h>,
    first: usize,
    end: usize,
}

impl RuleHits<'_> {
    /// How many patterns the rule has.
    pub(super) fn len(&self) -> usize {
        self.end - self.first
    }

    /// Whether one of its patterns can match: for sure not, or it must be tried, or it does.
    pub(super) fn may_match(&self, at: usize, source: &str) -> bool {
        let pattern = self.first + at;
        let lines = self.hits.lines.get(&pattern).filter(|lines| lines.len() <= LINES);
        let Some(lines) = lines else { return self.hits.patterns[pattern] };
        let source = Pattern::new(source).across_lines();
        lines.iter().any(|&start| {
            let rest = &self.hits.text[start..];
            source.is_match(&rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())])
        })
    }
}
