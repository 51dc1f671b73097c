//! The decision before anything is changed: kind, outcome, limits. Plain data that `hr explain` prints.

use std::fmt;

use crate::detect::Detection;

/// Whether the command succeeded, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit status 0.
    Success,
    /// Another exit status, or the rule's signs of a failure in the text when no status was told.
    Failure,
    /// Nobody told, and the text does not say.
    Unknown,
}

/// How small an output must be to be left alone, and how much of a large one stays. All in estimated tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Outputs below this are never cut when no rule knows them.
    pub small: usize,
    /// Outputs below this are never cut, also when a rule knows them.
    pub small_ruled: usize,
    /// Outputs below this are never replaced by the one message that a rule has for a success.
    pub small_short: usize,
    /// What a log may keep at least.
    pub log_least: usize,
    /// What a log may keep at most, whatever its size; failures come on top.
    pub log_most: usize,
    /// The share of a log that may stay, in percent, between the two.
    pub log_percent: usize,
    /// Lines for which nothing speaks fill up what a log with failures may keep no further than to this share, in percent.
    pub log_plain_percent: usize,
    /// What they may fill up at least.
    pub log_plain_least: usize,
    /// The share of a log that one example of each kind of event may take, in percent.
    pub log_examples_percent: usize,
    /// What the examples may take at most.
    pub log_examples: usize,
    /// A log whose examples are more than this share of it, in percent, is no log of events that come again.
    pub log_examples_most: usize,
    /// What an output may keep at least when a rule knows it: the rule took the noise out already.
    pub ruled_least: usize,
    /// What it may keep at most; failures come on top.
    pub ruled_most: usize,
    /// The share of it that may stay, in percent, between the two.
    pub ruled_percent: usize,
    /// What JSON may keep at least.
    pub json_least: usize,
    /// What it may keep at most; one row of each failure comes on top.
    pub json_most: usize,
    /// The share of it that may stay, in percent, between the two.
    pub json_percent: usize,
    /// What a text of unknown kind may keep.
    pub text: usize,
    /// What any output may keep, failures and protected lines included, unless a budget asks for more.
    pub most: usize,
    /// What search results may keep.
    pub search: usize,
    /// How many matches of a file stay when they have no line numbers: they say little more than that
    /// the file has some. Three times as many when there is one file only.
    pub search_unnumbered: usize,
    /// What patches may keep.
    pub diff: usize,
    /// How many lines of a run of added or removed lines stay.
    pub diff_run: usize,
    /// Matches longer than this many bytes are cut around what was looked for.
    pub search_line: usize,
    /// What the parts of source code that are about a question may take at most, besides the outline.
    pub code_query: usize,
    /// Lines longer than this many bytes are cut in the middle.
    pub line_width: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            small: 150,
            small_ruled: 80,
            small_short: 40,
            log_least: 1500,
            log_most: 9000,
            log_percent: 12,
            log_plain_percent: 40,
            log_plain_least: 1500,
            log_examples_percent: 50,
            log_examples: 16_000,
            log_examples_most: 60,
            ruled_least: 2500,
            ruled_most: 8000,
            ruled_percent: 12,
            json_least: 3500,
            json_most: 8000,
            json_percent: 10,
            text: 4000,
            most: 30_000,
            search: 24_000,
            search_unnumbered: 3,
            diff: 40_000,
            diff_run: 600,
            search_line: 400,
            code_query: 3000,
            line_width: 1200,
        }
    }
}

impl Limits {
    /// What is left of the limits of a kind for a stretch with `part` of `all` its tokens.
    #[must_use]
    pub fn share(&self, part: usize, all: usize) -> Self {
        let of = |limit: usize| share(limit, part, all);
        Self {
            log_least: of(self.log_least),
            log_most: of(self.log_most),
            log_plain_least: of(self.log_plain_least),
            ruled_least: of(self.ruled_least),
            ruled_most: of(self.ruled_most),
            json_least: of(self.json_least),
            json_most: of(self.json_most),
            text: of(self.text),
            search: of(self.search),
            diff: of(self.diff),
            ..self.clone()
        }
    }
}

/// The part of a limit that belongs to `part` of `all`.
pub fn share(limit: usize, part: usize, all: usize) -> usize {
    if part >= all { limit } else { limit.saturating_mul(part).div_ceil(all) }
}

/// What is going to happen to a document.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The kind and how it was found.
    pub detection: Detection,
    /// Whether the command succeeded.
    pub outcome: Outcome,
    /// The limits in force.
    pub limits: Limits,
    /// How many tokens may stay; overrides what the kind allows.
    pub budget: Option<usize>,
    /// Whether the user or a rule told the kind: source code that is only detected is read in order to be edited.
    pub told: bool,
    /// Whether a rule knows the output.
    pub ruled: bool,
    /// What the reader looks for: the blocks of lines that are most about it stay.
    pub query: Option<String>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Success => "succeeded",
            Outcome::Failure => "failed",
            Outcome::Unknown => "unknown",
        };
        write!(f, "kind {} ({}); command {outcome}", self.detection.kind, self.detection.why)?;
        self.budget.map_or(Ok(()), |budget| write!(f, "; at most {budget} tokens"))
    }
}
