//! Turns a compaction into what is printed: text for an agent, JSON for a program.

pub mod json;
pub mod marker;
pub mod measure;
pub mod text;
