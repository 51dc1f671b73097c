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
    /// What a log may keep at least.
    pub log_least: usize,
    /// What a log may keep at most, whatever its size; failures come on top.
    pub log_most: usize,
    /// The share of a log that may stay, in percent, between the two.
    pub log_percent: usize,
    /// What an output may keep at least when a rule knows it: the rule took the noise out already.
    pub ruled_least: usize,
    /// What it may keep at most; failures come on top.
    pub ruled_most: usize,
    /// The share of it that may stay, in percent, between the two.
    pub ruled_percent: usize,
    /// What a text of unknown kind may keep.
    pub text: usize,
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
            log_least: 1500,
            log_most: 9000,
            log_percent: 12,
            ruled_least: 2500,
            ruled_most: 8000,
            ruled_percent: 12,
            text: 4000,
            code_query: 3000,
            line_width: 1200,
        }
    }
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
