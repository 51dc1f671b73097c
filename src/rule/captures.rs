//! What the groups of a pattern matched, found by an engine whose effort fits how often it is asked.
//!
//! Most patterns are asked for captures on a handful of short lines. For those the engine without automata is best: it
//! is ready in half the time and needs no warming up. After that the full engine takes over, with the same results.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::util::captures;
use regex_automata::util::syntax;

use super::pattern::{Lines, SIZE_LIMIT};

/// How many bytes the simple engine reads before the full one takes over.
const FEW: usize = 16 << 10;

/// The engines of one pattern, built when they are used; they are `None` when the pattern cannot be compiled.
#[derive(Debug, Default)]
pub(super) struct Engines {
    simple: OnceLock<Option<Regex>>,
    full: OnceLock<Option<Regex>>,
    read: AtomicUsize,
}

/// How much is built for an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// What finds a match.
    Simple,
    /// What finds matches in many texts soon.
    Full,
}

impl Engines {
    /// The engine for a text of this length; `source` gives the pattern.
    pub(super) fn for_text(&self, length: usize, lines: Lines, source: impl FnOnce() -> String) -> Option<&Regex> {
        let read = self.read.fetch_add(length, Ordering::Relaxed).saturating_add(length);
        let (engine, effort) = if read < FEW { (&self.simple, Effort::Simple) } else { (&self.full, Effort::Full) };
        engine.get_or_init(|| build(&source(), lines, effort).ok()).as_ref()
    }
}

/// Compiles a pattern.
pub(super) fn build(source: &str, lines: Lines, effort: Effort) -> Result<Regex, Box<BuildError>> {
    let full = effort == Effort::Full;
    let config = Config::new().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT));
    let config = config.hybrid(full).dfa(false).onepass(full).auto_prefilter(full);
    let syntax = syntax::Config::new().unicode(false).utf8(false).multi_line(lines == Lines::Many);
    Regex::builder().configure(config).syntax(syntax).build(source).map_err(Box::new)
}

/// What the groups of a pattern matched in a text.
#[derive(Debug)]
pub struct Captures<'t> {
    text: &'t [u8],
    groups: captures::Captures,
}

impl<'t> Captures<'t> {
    /// Looks for the first match.
    pub(super) fn first(regex: &Regex, text: &'t [u8]) -> Option<Self> {
        let mut groups = regex.create_captures();
        regex.captures(text, &mut groups);
        groups.is_match().then_some(Self { text, groups })
    }

    /// What a group matched; group 0 is the whole match.
    pub fn get(&self, group: usize) -> Option<&'t [u8]> {
        self.groups.get_group(group).map(|span| &self.text[span.range()])
    }

    /// What a group with a name matched.
    pub fn name(&self, name: &str) -> Option<&'t [u8]> {
        self.groups.get_group_by_name(name).map(|span| &self.text[span.range()])
    }

    /// Where a group with a name matched.
    pub fn place(&self, name: &str) -> Option<Range<usize>> {
        self.groups.get_group_by_name(name).map(|span| span.range())
    }

    /// What the groups but the whole match have matched, without those that took no part.
    pub fn groups(&self) -> impl Iterator<Item = &'t [u8]> + '_ {
        (1..self.groups.group_len()).filter_map(|group| self.get(group))
    }

    /// Fills a template: `$1` and `${name}` are groups.
    pub fn expand(&self, template: &str) -> Vec<u8> {
        let mut text = Vec::new();
        self.groups.interpolate_bytes_into(self.text, template.as_bytes(), &mut text);
        text
    }
}

/// Puts a template in the place of every match; `None` when there is no match.
pub(super) fn replace_all(regex: &Regex, text: &[u8], with: &str) -> Option<Vec<u8>> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut last = 0;
    let mut any = false;
    for groups in regex.captures_iter(text) {
        let whole = groups.get_group(0)?;
        replaced.extend_from_slice(&text[last..whole.start]);
        groups.interpolate_bytes_into(text, with.as_bytes(), &mut replaced);
        last = whole.end;
        any = true;
    }
    replaced.extend_from_slice(&text[last..]);
    any.then_some(replaced)
}
