//! Puts `hr run` into a command line, so that what it prints arrives compacted and nothing else changes.
//!
//! A line is changed only where the shell parser understands all of it. In front of each program whose output is worth it
//! stands `hr run -t --` then, and every other byte stays. Expansions, redirections and the order of things remain the
//! shell's.

mod call;
mod segments;
mod tables;
mod why;

use std::fmt;

use crate::command::{Line, NotUnderstood, quoted, quoted_program};
use crate::rule::RuleSet;

pub use why::Why;

/// The longest line handed back, in bytes: one argument of a program takes at most 128 KiB on Linux.
const MAX_LENGTH: usize = 120_000;

/// How a line may be changed.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// How `hr` is called: its name, or its absolute path; quoted here.
    pub hr: &'a str,
    /// The rules in force: a command that one of them names is worth running under `hr`.
    pub rules: &'a RuleSet,
    /// Whether a name calls a program in the shell that reads the line, and no function or alias of that shell: these `hr`
    /// cannot run.
    pub is_program: &'a dyn Fn(&str) -> bool,
    /// The session that is shown what is printed, as long as nothing else of the line prints: agents cut long results.
    pub session: Option<&'a str>,
}

impl fmt::Debug for How<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("How").field("hr", &self.hr).finish_non_exhaustive()
    }
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stays as it is, for this reason.
    Left(Why),
    /// The line to run instead.
    Rewritten(String),
}

/// Decides how a line is run. Whatever the line, this is quick and does not fail.
pub fn rewrite(line: &str, how: &How<'_>) -> Outcome {
    match changed(line, how) {
        Ok(changed) if changed.len() > MAX_LENGTH => Outcome::Left(Why::NotUnderstood(NotUnderstood::TooLarge)),
        Ok(changed) => Outcome::Rewritten(changed),
        Err(why) => Outcome::Left(why),
    }
}

fn changed(line: &str, how: &How<'_>) -> Result<String, Why> {
    let parsed = Line::parse_strictly(line).map_err(Why::NotUnderstood)?;
    let found = segments::find(line, &parsed, how)?;
    if found.places.is_empty() {
        return Err(found.why);
    }
    let session = how
        .session
        .filter(|_| segments::is_one_command(&parsed))
        .map_or_else(String::new, |name| format!("--session {} ", quoted(name)));
    Ok(inserted(line, &found.places, &format!("{} run -t {session}-- ", quoted_program(how.hr))))
}

/// A line with `text` put in at these places, which ascend.
fn inserted(line: &str, places: &[usize], text: &str) -> String {
    let mut changed = String::with_capacity(line.len() + places.len() * text.len());
    let mut done = 0;
    for &place in places {
        changed.push_str(&line[done..place]);
        changed.push_str(text);
        done = place;
    }
    changed + &line[done..]
}
