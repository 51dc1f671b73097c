//! The test suite that is not golden cases: one binary, one module a subject.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::disallowed_methods, reason = "tests read their own files")]
#![allow(clippy::type_complexity, reason = "a table's type is its columns")]

mod agents;
mod bad;
mod cache_check;
mod clean;
mod cli;
mod commands;
mod corpus;
mod docs;
#[path = "fuzz/laws.rs"]
mod fuzz_laws;
#[cfg(feature = "gateway")]
mod guard;
mod hooks;
mod html;
mod import;
mod kinds;
mod laws;
mod lines;
mod log;
mod mcp;
mod mishaps;
mod mixed;
mod peers;
mod promises;
mod replay;
mod rules;
mod run;
mod serve;
mod session;
mod show;
mod stats;
mod store;
mod tokens;
mod trust;
