//! Stand-in until the merge.
pub mod guard;
