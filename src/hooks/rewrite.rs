//! Puts `hr run` into a command line, so that what it prints arrives compacted and nothing else changes.
//!
//! A line is changed only where the shell parser understands all of it. In front of each command whose output is worth it
//! stands `hr run --` then, and every other byte stays; where the host keeps no shell state, a loop or branch may run as a
//! whole as `hr run -c`. Expansions, redirections and the order of things remain the shell's.

mod call;
mod segments;
mod tables;
mod whole;
mod why;

use crate::command::{Line, NotUnderstood, quoted};
use crate::rule::RuleSet;

pub use why::Why;

/// The longest line handed back, in bytes: one argument of a program takes at most 128 KiB on Linux.
const MAX_LENGTH: usize = 120_000;

/// How a line may be changed.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// How `hr` is called: its name, or its absolute path; quoted here.
    pub hr: &'a str,
    /// What the host's shell keeps from one line to the next.
    pub shell: Shell,
    /// The rules in force: a command that one of them names is worth running under `hr`.
    pub rules: &'a RuleSet,
}

/// What a host's shell, which must be one that reads lines as POSIX says, keeps from one line to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// Its folder, variables or functions: `cd` and `export` must happen in it, so only single commands run under `hr`.
    Segments,
    /// Nothing: where single commands are not enough, the whole line may run as `hr run -c`.
    Line,
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
    if how.shell == Shell::Line && found.wants_whole() {
        match whole::changed(line, &parsed, how, found.places.len()) {
            Err(why) if found.places.is_empty() => return Err(why),
            Err(_) => {}
            whole => return whole,
        }
    }
    if found.places.is_empty() {
        return Err(found.why);
    }
    Ok(inserted(line, &found.places, &format!("{} run -- ", caller(how.hr))))
}

/// How a shell calls `hr`.
fn caller(hr: &str) -> String {
    // A word with `=` in front of a command is an assignment.
    if hr.contains('=') { format!("'{}'", hr.replace('\'', r"'\''")) } else { quoted(hr) }
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
