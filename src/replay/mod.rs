//! Recorded sessions of agents, run through the compactor again: what would be saved, and what would be missed.
//!
//! [`formats`] reads what agents record into one shape, [`run()`] compacts every tool result of it, [`evidence`] finds what
//! the agent went on to use, and [`report`] adds it up. Files and printing are the caller's.

pub mod evidence;
pub mod formats;
pub mod items;
mod places;
pub mod report;
mod run;

pub use run::{Compact, How, Replayed, Seen, run, without_copies};

/// What a recorder noted of one conversation, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What the reader calls it: a file, or a file and a number.
    pub name: String,
    /// Whose format it is.
    pub agent: &'static str,
    /// What came into the agent's context.
    pub events: Vec<Event>,
}

/// Something that came into an agent's context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// What it was told: instructions, tasks, answers of people.
    Told(String),
    /// What it wrote: thoughts, answers, calls of tools with their arguments.
    Wrote(String),
    /// What a tool gave back.
    Printed(Output),
}

/// What a tool gave back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// The tool, as the agent calls it.
    pub tool: String,
    /// The command line, when it was one, or the one that prints the same.
    pub command: Option<String>,
    /// Whether a shell ran it: hooks see the results of no other tool.
    pub by_shell: bool,
    /// How the command ended, when that was recorded.
    pub exit_code: Option<i32>,
    /// The text.
    pub text: String,
}

impl Session {
    /// The tool results, in order.
    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.events.iter().filter_map(|event| match event {
            Event::Printed(output) => Some(output),
            Event::Told(_) | Event::Wrote(_) => None,
        })
    }
}
