//! `hr` makes the output of tools small enough for an AI agent's context, without losing what the agent needs.
//!
//! What is promised to users is the behaviour of the program; the library exists for its own callers (the command line,
//! hooks, the gateway) and for tests, and may change with any release.

pub mod cache_check;
pub mod command;
pub mod compaction;
pub mod compress;
pub mod detect;
pub mod document;
pub(crate) mod from_toml;
pub mod golden;
pub mod guard;
pub mod hooks;
pub(crate) mod json;
pub mod mcp;
pub mod phrases;
pub mod pipeline;
pub mod plan;
pub mod render;
pub mod replay;
pub mod rule;
pub mod shown;
pub mod signal;
pub mod store;
pub mod tokens;

#[cfg(feature = "cli")]
pub mod cli;

#[cfg(feature = "gateway")]
pub mod gateway;
