//! Rules: what is known about the output of a tool, as data.
//!
//! Written form (`file.rs`) and compiled form (`compile.rs`) are apart; `layers.rs` knows which rules there are and finds
//! the one for an output. Everything specific to a tool is in a rule, nothing in code.

mod automaton;
mod captures;
mod compile;
mod diagnose;
pub mod file;
mod hits;
pub mod import;
mod layers;
pub mod literals;
mod pattern;
mod propose;
mod ready;
pub mod step;
mod untrusted;
pub mod write;

pub use captures::Captures;
pub use compile::{BadRule, Claim, Fact, FactValue, Layer, Look, Match, Rule};
pub use diagnose::RuleError;
pub use layers::{Found, RuleSet, Source, built_in_sources, check};
pub use pattern::Pattern;
pub use propose::{Proposal, propose};
pub use untrusted::powers;
