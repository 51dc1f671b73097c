//! A number that counts turns, requests or what is left of a budget.
//!
//! It is different in every request, and one digit ends the prefix. Found behind names that count (`Turn: 17`, `Request
//! #4`, `Iteration 3 of 10`, `Tokens left: 8134`) when nothing else stands on the line, so that `Step 1: read the file` is
//! a heading and passes.
//!
//! Example: `Turn: 17` above the rules of a system prompt.
//!
//! What to do: say it in the newest message, where it costs nothing.

use crate::cache_check::finding::Spot;
use crate::cache_check::survey::Word;
use crate::cache_check::{Check, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "counter",
    severity: Severity::Error,
    advice: "say it in the newest message instead",
    counted: None,
    is_secret: false,
    source: documented!("counter.rs"),
    look: Look::Text(look),
};

/// What is counted.
const NAMES: [&str; 22] = [
    "turn",
    "turn number",
    "turn count",
    "current turn",
    "iteration",
    "current iteration",
    "request",
    "request number",
    "request count",
    "message count",
    "messages so far",
    "attempt",
    "attempt number",
    "current step",
    "step count",
    "tokens used",
    "tokens left",
    "tokens remaining",
    "remaining tokens",
    "remaining turns",
    "turns left",
    "build number",
];

/// How much may stand before the number, in bytes.
const LONGEST: usize = 48;

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    for (at, word) in text.words.iter().enumerate().filter(|(_, word)| word.is_number() && word.len() <= 9) {
        let before = text.before(word.start, LONGEST);
        let name = before.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
        if before.len() == LONGEST || !NAMES.contains(&name) {
            continue;
        }
        let end = of_all(text, *word, text.words.get(at + 1));
        let behind = end + text.run_from(end, |byte| b" .*_|>)]\r".contains(&byte));
        if matches!(text.right(behind), None | Some(b'\n')) {
            spots.push(Spot::at(word.start..end));
        }
    }
}

/// The end of `3`, of `3 of 10` and of `3/10`.
fn of_all(text: &Text<'_>, word: Word, next: Option<&Word>) -> usize {
    let between = next.filter(|next| next.is_number()).map(|next| (&text.text[word.end..next.start], next.end));
    match between {
        Some((between, end)) if matches!(between.trim(), "of" | "/" | "out of") => end,
        _ => word.end,
    }
}
