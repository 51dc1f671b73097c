//! Stand-in until the merge.
pub mod denial;
pub mod guard;
