//! The agents that `hr` knows: one file each, and one table.

mod amp;
mod claude_code;
mod cline;
mod codex;
mod copilot;
mod cursor;
mod droid;
mod gemini;
mod hermes;
mod openclaw;
mod opencode;
mod others;
mod qoder;
mod qwen;
mod snapshot;
mod vscode;

use super::payload::Payload;
use super::setup::{Edit, Place, Wanted};
use super::{Decided, Surroundings};

/// An agent: how its hooks are answered, and how it is set up.
#[derive(Debug)]
pub struct Agent {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What `hr` does with commands before they run.
    pub rewrites: Rewrites,
    /// Whether the output is replaced after the run.
    pub replaces: bool,
    /// The program, to ask for its version; nothing when there is no such program.
    pub program: Option<&'static str>,
    /// Folders that are there when the agent is.
    pub marks: &'static [Place],
    /// Answers a payload.
    pub(super) answering: Option<fn(&Payload, &dyn Surroundings) -> Decided>,
    /// Whether a payload carries the marks of this agent.
    pub(super) owns: fn(&Payload) -> bool,
    /// What is put where.
    pub setup: fn(&Wanted<'_>) -> Vec<Edit>,
    /// What the user has to know or do afterwards.
    pub afterwards: &'static str,
    /// Payloads to try an installed hook with, as the agent sends them.
    pub probes: &'static [&'static str],
}

/// What `hr` does with commands before they run. The point is what the user's own rules see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewrites {
    /// Rewrites what the user's rules, which are read, do not hold; what the user would be asked about stays.
    ByTheUsersRules,
    /// Rewrites, since the agent checks the command before its hooks run.
    AfterTheCheck,
    /// Rewrites only after `hr init --rewrite`, since the agent's rules then see `hr run` instead of the command.
    WhenAsked,
    /// Rewrites nothing.
    Never,
}

/// Every agent, in the order of the list.
pub const AGENTS: &[Agent] = &[
    claude_code::AGENT,
    codex::AGENT,
    copilot::AGENT,
    vscode::AGENT,
    gemini::AGENT,
    cursor::AGENT,
    qwen::AGENT,
    droid::AGENT,
    opencode::AGENT,
    opencode::KILO,
    cline::AGENT,
    amp::AGENT,
    hermes::AGENT,
    openclaw::AGENT,
    qoder::AGENT,
    qoder::CODEBUDDY,
    others::GOOSE,
    others::KIRO,
    others::WINDSURF,
    others::ZED,
    others::AIDER,
];

impl Agent {
    /// The agent of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        AGENTS.iter().find(|agent| agent.name == name)
    }

    /// Whether it has hooks that `hr` answers.
    pub fn has_hooks(&self) -> bool {
        self.answering.is_some()
    }
}

/// For agents whose payloads have no marks.
fn owns_nothing(_: &Payload) -> bool {
    false
}

/// Whether the payload is one of our plugin for this agent.
fn is_from_plugin(payload: &Payload, agent: &str) -> bool {
    payload.text("plugin") == Some(agent)
}
