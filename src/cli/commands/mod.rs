//! One file per subcommand.

pub mod tokens;
