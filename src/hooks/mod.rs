//! `hr` in an agent's loop: what of a command line is run under `hr`, decided without files, environment or processes.

pub mod rewrite;
