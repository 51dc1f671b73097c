//! A file that is ours as a whole: a sum in it tells whether it still is as we wrote it.

/// What stands in the text that is to be written where its sum belongs.
const PLACE: &str = "$SUM";
const MARK: &str = "hr-sum:";
const DIGITS: usize = 8;

/// The text with its sum.
pub fn stamped(text: &str) -> String {
    text.replacen(PLACE, &sum(text), 1)
}

/// Puts the text into a file that is new, or ours as we wrote it.
pub fn put(text: &str, own: &str) -> Result<String, String> {
    match stamp(text) {
        _ if text.is_empty() => Ok(stamped(own)),
        None => Err("there is a file of somebody else".into()),
        Some(false) => Err("somebody edited it; without it `hr init` writes it anew".into()),
        Some(true) => Ok(stamped(own)),
    }
}

/// Takes the whole text, when it is ours as we wrote it.
pub fn take(text: &str) -> Result<String, String> {
    match stamp(text) {
        None => Ok(text.to_string()),
        Some(false) => Err("somebody edited it; remove it by hand".into()),
        Some(true) => Ok(String::new()),
    }
}

/// Whether a text is ours, edited or not.
pub fn is_marked(text: &str) -> bool {
    stamp(text).is_some()
}

/// Whether the text is as the sum in it says; nothing when there is no sum.
fn stamp(text: &str) -> Option<bool> {
    let (bare, found) = unstamped(text)?;
    Some(sum(&bare) == found)
}

/// The text as it was before its sum went in, and the sum; nothing when there is none.
pub fn unstamped(text: &str) -> Option<(String, &str)> {
    let at = text.find(MARK)? + MARK.len();
    let found = text.get(at..at + DIGITS).filter(|found| found.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((format!("{}{PLACE}{}", &text[..at], &text[at + DIGITS..]), found))
}

/// A short sum of a text.
pub fn sum(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..DIGITS].to_string()
}
