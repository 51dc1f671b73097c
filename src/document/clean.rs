//! The clean view of a text: what a person would see on the final screen.

use std::borrow::Cow;

/// A cleaned text.
#[derive(Debug)]
pub struct Cleaned<'a> {
    /// The text without escape sequences and overwritten characters; borrowed when there was nothing to clean.
    pub text: Cow<'a, [u8]>,
    /// For each line of `text` the 0-based raw line it came from; `None` when they are the same.
    pub sources: Option<Vec<u32>>,
}

/// Cleans a text.
pub fn clean(raw: &[u8]) -> Cleaned<'_> {
    Cleaned { text: Cow::Borrowed(raw), sources: None }
}
