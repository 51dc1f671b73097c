//! What of a command line runs under `hr`, and that nothing but the output of its commands changes.

mod answers;
mod generated;
mod place;
mod same;
mod table;
