//! `hr` makes the output of tools small enough for an AI agent's context, without losing what the agent needs.
//!
//! What is promised to users is the behaviour of the program; the library exists for its own callers (the command line,
//! hooks, the gateway) and for tests, and may change with any release.

pub mod command;
pub mod document;
pub mod store;
pub mod tokens;

#[cfg(feature = "cli")]
pub mod cli;
