//! One probe a kind: what it is known by, or `None`.

use serde::de::IgnoredAny;

use super::Stretch;

/// How many lines a probe by shape reads: the first half of them from the beginning, the rest spread over the text.
const SAMPLE: usize = 400;

/// A list of paths, whatever words are in them.
pub(super) fn list(stretch: &Stretch<'_>) -> Option<String> {
    let lines = sample(stretch);
    let paths = lines.iter().filter(|line| is_listed_path(line)).count();
    (lines.len() >= 3 && paths * 10 >= lines.len() * 9).then(|| format!("{paths} of {} lines are paths", lines.len()))
}

/// Whether a line is a path and nothing else: a name with a folder, without blanks.
pub(crate) fn is_listed_path(line: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'`<>|;:,()[]{}=".contains(byte);
    line.len() > 2 && line.contains(&b'/') && line.iter().all(plain)
}

/// A JSON document, or lines of which each is one.
pub(super) fn json(stretch: &Stretch<'_>) -> Option<String> {
    let text = stretch.text();
    let text = text.trim_ascii();
    if !text.starts_with(b"{") && !text.starts_with(b"[") {
        return None;
    }
    if serde_json::from_slice::<IgnoredAny>(text).is_ok() {
        return Some("it parses as JSON".into());
    }
    let lines = sample(stretch);
    let parsed = lines.iter().filter(|line| serde_json::from_slice::<IgnoredAny>(line).is_ok()).count();
    (lines.len() > 1 && parsed * 10 >= lines.len() * 9).then(|| "its lines parse as JSON".into())
}

/// A patch: a `diff` header, or `---`, `+++` and a hunk in a row.
pub(super) fn diff(stretch: &Stretch<'_>) -> Option<String> {
    let lines = stretch.lines().take(SAMPLE).collect::<Vec<_>>();
    let git = lines.iter().any(|line| line.starts_with(b"diff --git ") || line.starts_with(b"diff --cc "));
    let unified = lines
        .windows(3)
        .any(|three| three[0].starts_with(b"--- ") && three[1].starts_with(b"+++ ") && three[2].starts_with(b"@@ "));
    (git || unified).then(|| if git { "it has a git diff header" } else { "it has a unified diff header" }.into())
}

/// Search results: most lines are `path:line:`, or `path:` with a path that several of them have.
pub(super) fn search(stretch: &Stretch<'_>) -> Option<String> {
    let lines = sample(stretch);
    let hits = lines.iter().filter(|line| is_match(line)).count();
    if lines.len() >= 3 && hits * 10 >= lines.len() * 7 {
        return Some(format!("{hits} of {} lines are matches", lines.len()));
    }
    let mut paths = lines.iter().filter_map(|line| file_before_colon(line)).collect::<Vec<_>>();
    let hits = paths.len();
    paths.sort_unstable();
    paths.dedup();
    (lines.len() >= 3 && hits * 10 >= lines.len() * 8 && paths.len() < hits)
        .then(|| format!("{hits} of {} lines begin with a file's name", lines.len()))
}

/// Whether a line is `path:line:text`: a number after the first colon, and no blank, host or clock time before it.
pub(super) fn is_match(line: &[u8]) -> bool {
    let drive = line.len() > 2 && line[0].is_ascii_alphabetic() && line[1] == b':' && matches!(line[2], b'\\' | b'/');
    let skip = if drive { 2 } else { 0 };
    let mut parts = line[skip..].splitn(3, |byte| *byte == b':');
    let (Some(path), Some(number), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    is_path(path) && !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

/// The file that a line names before its first colon.
fn file_before_colon(line: &[u8]) -> Option<&[u8]> {
    let path = &line[..memchr::memchr(b':', line)?];
    let extension = &path[memchr::memrchr(b'.', path)? + 1..];
    let named = (1..=5).contains(&extension.len()) && extension[0].is_ascii_alphabetic();
    (named && is_path(path) && !path.contains(&b'(')).then_some(path)
}

/// Whether a word could be a file's path: no blank, no address, and a folder or an extension.
fn is_path(word: &[u8]) -> bool {
    let named = word.iter().any(u8::is_ascii_alphabetic) && !word.iter().any(u8::is_ascii_whitespace);
    named && (word.contains(&b'.') || word.contains(&b'/') || word.contains(&b'\\')) && !word.starts_with(b"[")
}

/// Some of the lines that are not blank: all of a short text, an even sample of a long one.
pub(super) fn sample<'d>(stretch: &Stretch<'d>) -> Vec<&'d [u8]> {
    let step = (stretch.len() / SAMPLE).max(1);
    let dense = SAMPLE / 2;
    let picked = (0..stretch.len()).filter(|line| *line < dense || line % step == 0);
    let lines = picked.map(|line| stretch.doc.line(stretch.lines.start + line));
    lines.filter(|line| !line.is_empty()).take(SAMPLE * 2).collect()
}
