//! Rewrites a command line so that `hr` compacts what it prints.

use std::fmt;

use crate::command::{Command, Line};
use crate::rule::RuleSet;

/// What a line is rewritten with.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// How a command line calls `hr`.
    pub hr: &'a str,
    /// What the agent does with the line.
    pub shell: Shell,
    /// The rules in force.
    pub rules: &'a RuleSet,
}

/// What an agent does with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// Its shell goes on living: only the segments that print are wrapped.
    Segments,
    /// Every line has a shell of its own: the whole line may be wrapped.
    Line,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stays as it is.
    Left(Why),
    /// It became this one.
    Rewritten(String),
}

/// Why a line stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why(&'static str);

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Rewrites a line, or says why not.
pub fn rewrite(line: &str, how: &How<'_>) -> Outcome {
    let Ok(parsed) = Line::parse(line) else { return Outcome::Left(Why("it is not understood")) };
    let [item] = &parsed.items[..] else { return Outcome::Left(Why("it is more than one command")) };
    let [stage] = &item.pipeline.stages[..] else { return Outcome::Left(Why("it is a pipeline")) };
    let Command::Call { env, words } = &stage.command else { return Outcome::Left(Why("it is no plain command")) };
    let known = ["cargo", "git", "npm", "pytest"];
    let is_known = words.first().is_some_and(|word| known.contains(&word.text.as_str()));
    if !is_known || !env.is_empty() || !stage.redirects.is_empty() {
        return Outcome::Left(Why("no rule knows it"));
    }
    Outcome::Rewritten(format!("{} run -- {line}", how.hr))
}
