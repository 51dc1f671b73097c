//! The test suite that is not golden cases: one binary, one module a subject.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod clean;
mod commands;
mod run;
mod show;
mod store;
mod tokens;
