//! One file per subcommand.

pub mod explain;
pub mod filter;
pub mod rules;
pub mod run;
pub mod test;
