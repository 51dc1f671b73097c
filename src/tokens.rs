//! How many tokens a text costs a model, estimated.

/// Estimates the tokens of a text.
pub fn estimate(text: &[u8]) -> usize {
    text.len() / 4
}
