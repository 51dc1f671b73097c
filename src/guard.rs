//! The last check before anything is printed: never larger than the input, never a protected line missing.

use crate::compaction::Draft;

/// Whether a rendered compaction of `after` tokens, markers and footer included, may go out instead of a text of `before`.
///
/// Tokens are estimates, so the gain must be more than two percent of what goes out, and more than a few tokens.
pub fn is_worth_it(draft: &Draft<'_>, before: usize, after: usize) -> bool {
    draft.is_sound() && after + after / 50 + 8 < before
}
