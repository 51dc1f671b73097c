//! Answers the hooks of coding agents: before a command runs it is rewritten, or after it ran its output is replaced.
//!
//! Pure: a payload comes in, one JSON object goes out, and what an answer needs of the machine it asks of its
//! [`Surroundings`]. Whatever is not understood is left alone, for the agent's own command is always good enough.

pub mod agents;
pub mod payload;
pub mod permission;
pub mod rewrite;
pub mod setup;
mod shapes;

use serde_json::Value;

use crate::rule::RuleSet;
use agents::Agent;
use payload::Payload;
use setup::Place;

/// The answer that changes nothing; every agent takes it.
pub const NOTHING: &str = "{}";

/// What an answer needs of the machine it is given on.
pub trait Surroundings {
    /// The program that `hr` is: its name, or its path, as it is.
    fn hr(&self) -> &str;
    /// The rules in force.
    fn rules(&self) -> &RuleSet;
    /// The text of a file; nothing when there is no such file, and why when it cannot be read.
    fn file(&self, place: &Place) -> Result<Option<String>, String>;
    /// The texts of the files in a folder whose names end so, at most so many, the newest first; why when one cannot be read.
    fn files(&self, folder: &Place, ending: &str, most: usize) -> Result<Vec<String>, String>;
    /// Whether a name calls a program: it is found in `PATH`, and no function that shells inherit has that name.
    fn is_program(&self, name: &str) -> bool;
    /// Notes that a session begins, or that what it was shown has left its context.
    fn begin(&self, _session: &str) {}
    /// Whether a session was begun: only then it is told when its context is emptied, and need not be shown things twice.
    fn is_begun(&self, _session: &str) -> bool {
        false
    }
    /// Compacts what a command printed and keeps the original; nothing when it is to stay as it is.
    fn compact(&self, output: &Output<'_>) -> Option<Compacted>;
}

/// What a command printed.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// The command line.
    pub command: &'a str,
    /// Its exit status, when it is known.
    pub exit_code: Option<i32>,
    /// Standard output, or both streams as one.
    pub stdout: &'a str,
    /// Standard error, when it came apart.
    pub stderr: Option<&'a str>,
    /// The session that is shown it, when the agent tells.
    pub session: Option<&'a str>,
}

/// What is shown instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// Instead of standard output.
    pub stdout: String,
    /// Instead of standard error, when it came apart.
    pub stderr: Option<String>,
    /// Estimated tokens before and after.
    pub tokens: (usize, usize),
}

/// An answer, and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// One JSON object on one line.
    pub text: String,
    /// What was done.
    pub did: Did,
}

/// What a hook did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// The command was rewritten into this one.
    Rewritten(String),
    /// The output was replaced; estimated tokens before and after.
    Compacted(usize, usize),
    /// Nothing, for this reason.
    Left(String),
    /// Nothing, since the payload could not be understood.
    Puzzled(String),
}

/// Why nothing is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leave {
    /// All is well, and this stays as it is.
    Alone(String),
    /// The payload is not what the agent is known to send.
    Puzzled(String),
}

impl Leave {
    fn alone(why: impl Into<String>) -> Self {
        Self::Alone(why.into())
    }

    fn puzzled(why: impl Into<String>) -> Self {
        Self::Puzzled(why.into())
    }
}

/// What an agent's own code decides.
pub(crate) type Decided = Result<(Value, Did), Leave>;

/// Answers a payload that was sent to an agent's hook.
pub fn answer(agent: &Agent, input: &[u8], around: &dyn Surroundings) -> Answer {
    let decided = Payload::read(input).and_then(|payload| {
        let Some(answering) = agent.answering else {
            return Err(Leave::puzzled(format!("{} has no hooks", agent.title)));
        };
        if (agent.owns)(&payload) {
            return answering(&payload, around);
        }
        // Agents read each other's configuration, so that a hook may be called by one it was not set up for.
        match agents::AGENTS.iter().find(|other| (other.owns)(&payload)) {
            Some(other) => Err(Leave::alone(format!("the payload is of {}", other.title))),
            None => Err(Leave::puzzled(format!("the payload is none that {} is known to send", agent.title))),
        }
    });
    match decided {
        Ok((value, did)) => Answer { text: value.to_string(), did },
        Err(Leave::Alone(why)) => Answer { text: NOTHING.into(), did: Did::Left(why) },
        Err(Leave::Puzzled(why)) => Answer { text: NOTHING.into(), did: Did::Puzzled(why) },
    }
}
