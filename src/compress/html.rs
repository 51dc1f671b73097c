//! The compressor for web pages.

use std::ops::Range;

use super::Skip;
use crate::compaction::Draft;
use crate::plan::Plan;

/// Leaves the lines as they are: their structure must not be cut by lines.
pub(super) fn compress(_: &mut Draft<'_>, _: Range<usize>, _: &Plan) -> Result<(), Skip> {
    Err(Skip::Nothing)
}
