//! One file per subcommand.

pub mod cache_check;
pub mod completions;
pub mod doctor;
pub mod explain;
pub mod filter;
pub mod hook;
pub mod init;
pub mod man;
pub mod rules;
pub mod run;
pub mod show;
pub mod store;
pub mod test;
pub mod tokens;
