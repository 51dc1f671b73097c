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
    if is_json(&text) {
        return Some("it parses as JSON".into());
    }
    if !opens_json(&text) {
        return None;
    }
    let lines = sample(stretch);
    let parsed = lines.iter().filter(|line| serde_json::from_slice::<IgnoredAny>(line).is_ok()).count();
    (lines.len() > 1 && parsed * 10 >= lines.len() * 9).then(|| "its lines parse as JSON".into())
}

/// Whether a text is one JSON object or array.
pub(super) fn is_json(text: &[u8]) -> bool {
    opens_json(text) && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

fn opens_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
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

/// Some of the lines that are not blank: all of a short text, an even sample of a long one.
pub(super) fn sample<'d>(stretch: &Stretch<'d>) -> Vec<&'d [u8]> {
    let step = (stretch.len() / SAMPLE).max(1);
    let dense = SAMPLE / 2;
    let picked = (0..stretch.len()).filter(|line| *line < dense || line % step == 0);
    let lines = picked.map(|line| stretch.doc.line(stretch.lines.start + line));
    lines.filter(|line| !line.is_empty()).take(SAMPLE * 2).collect()
}
