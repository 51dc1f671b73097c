//! Writes a word so that a shell reads it as that very word.

/// A word as a shell needs it: as it is, or in single quotes.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { word.into() } else { within_quotes(word) }
}

/// The same for the name of a program: with `=` in it, it would be an assignment.
pub fn quoted_program(word: &str) -> String {
    if word.contains('=') { within_quotes(word) } else { quoted(word) }
}

fn within_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
