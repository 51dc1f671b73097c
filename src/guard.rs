//! The last check before anything is printed: never larger than the input, never a protected line missing.

use crate::compaction::Draft;
use crate::tokens;

/// Whether a rendered compaction may go out instead of what came in.
///
/// `kept` is the text as it would be without any loss, `out` the rendered compaction with markers and footer. The
/// estimate is not exact, so a tenth of what was added is asked for on top.
pub fn is_worth_it(draft: &Draft<'_>, before: usize, out: &[u8]) -> bool {
    let after = tokens::estimate(out);
    draft.is_sound() && after + after / 50 < before
}
