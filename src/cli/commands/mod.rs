//! One file per subcommand.

pub mod cache_check;
pub mod completions;
pub mod doctor;
pub mod explain;
pub mod filter;
pub mod hook;
pub mod init;
pub mod man;
pub mod mcp;
pub mod replay;
pub mod rules;
pub mod run;
pub mod show;
pub mod stats;
pub mod store;
pub mod test;
pub mod tokens;
