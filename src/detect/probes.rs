//! One probe a kind: what it is known by, or `None`.

use serde::de::IgnoredAny;

use crate::compress::{is_logged, lines_of_traces};
use crate::document::Document;
use crate::signal::{Signal, Signals};

/// How many lines a probe by shape reads: the first half of them from the beginning, the rest spread over the text.
const SAMPLE: usize = 400;

/// A JSON document, or lines of which each is one.
pub(super) fn json(doc: &Document<'_>) -> Option<String> {
    let text = doc.text().trim_ascii();
    if !text.starts_with(b"{") && !text.starts_with(b"[") {
        return None;
    }
    if serde_json::from_slice::<IgnoredAny>(text).is_ok() {
        return Some("it parses as JSON".into());
    }
    let lines = sample(doc);
    let parsed = lines.iter().filter(|line| serde_json::from_slice::<IgnoredAny>(line).is_ok()).count();
    (lines.len() > 1 && parsed * 10 >= lines.len() * 9).then(|| "its lines parse as JSON".into())
}

/// A patch: a `diff` header, or `---`, `+++` and a hunk in a row.
pub(super) fn diff(doc: &Document<'_>) -> Option<String> {
    let lines = doc.lines().take(SAMPLE).collect::<Vec<_>>();
    let git = lines.iter().any(|line| line.starts_with(b"diff --git ") || line.starts_with(b"diff --cc "));
    let unified = lines
        .windows(3)
        .any(|three| three[0].starts_with(b"--- ") && three[1].starts_with(b"+++ ") && three[2].starts_with(b"@@ "));
    (git || unified).then(|| if git { "it has a git diff header" } else { "it has a unified diff header" }.into())
}

/// A web page: it begins like one.
pub(super) fn html(doc: &Document<'_>) -> Option<String> {
    let text = doc.text().trim_ascii_start();
    let head = text[..text.len().min(600)].to_ascii_lowercase();
    let begins = [&b"<!doctype html"[..], b"<html", b"<head", b"<body"].iter().any(|tag| head.starts_with(tag));
    let later = head.starts_with(b"<") && memchr::memmem::find(&head, b"<html").is_some();
    (begins || later).then(|| "it begins with an HTML tag".into())
}

/// Search results: most lines are `path:line:` or a path.
pub(super) fn search(doc: &Document<'_>) -> Option<String> {
    let lines = sample(doc);
    let hits = lines.iter().filter(|line| is_match(line)).count();
    (lines.len() >= 3 && hits * 10 >= lines.len() * 7).then(|| format!("{hits} of {} lines are matches", lines.len()))
}

/// Whether a line is `path:line:text`: a number after the first colon and no clock time or blank before it.
fn is_match(line: &[u8]) -> bool {
    let mut parts = line.splitn(3, |byte| *byte == b':');
    let (Some(path), Some(number), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let named = path.iter().any(u8::is_ascii_alphabetic) && !path.contains(&b' ');
    named
        && (path.contains(&b'.') || path.contains(&b'/'))
        && !number.is_empty()
        && number.iter().all(u8::is_ascii_digit)
}

/// Source code: many lines end or begin as code does, and few look like messages.
pub(super) fn code(doc: &Document<'_>) -> Option<String> {
    let lines = sample(doc);
    if lines_of_traces(&lines) * 2 >= lines.len() {
        return None;
    }
    let hits = lines.iter().filter(|line| is_code(line)).count();
    (lines.len() >= 8 && hits * 10 >= lines.len() * 5).then(|| format!("{hits} of {} lines are code", lines.len()))
}

fn is_code(line: &[u8]) -> bool {
    const STARTS: &[&str] = &[
        "import ",
        "from ",
        "use ",
        "def ",
        "class ",
        "fn ",
        "pub ",
        "let ",
        "const ",
        "var ",
        "func ",
        "package ",
        "return ",
        "return;",
        "if (",
        "for (",
        "while (",
        "#include",
        "#define",
        "public ",
        "private ",
        "protected ",
        "static ",
        "struct ",
        "enum ",
        "impl ",
        "type ",
        "interface ",
        "export ",
        "else",
        "elif ",
        "try:",
        "except",
        "//",
        "/*",
        "* ",
        "*/",
        "@",
        "self.",
        "this.",
        "assert ",
        "raise ",
        "throw ",
        "function ",
        "async ",
        "await ",
    ];
    let text = line.trim_ascii();
    let ends = text.last().is_some_and(|byte| matches!(byte, b'{' | b'}' | b';' | b',' | b'('));
    let block = text.ends_with(b":") && line.len() > text.len() || text.ends_with(b"):");
    ends || block || STARTS.iter().any(|start| text.starts_with(start.as_bytes())) || text == b")" || text == b"]"
}

/// A log: times, levels, failures or steps of a build on enough lines, or a long text with failures.
pub(super) fn log(doc: &Document<'_>) -> Option<String> {
    let signals = Signals::shared();
    let lines = sample(doc);
    let hits =
        lines.iter().filter(|line| is_log(line) || is_logged(line) || signals.of(line) >= Signal::Failure).count();
    let hits = hits + lines_of_traces(&lines);
    if hits * 5 >= lines.len() && hits >= 2 {
        return Some(format!("{hits} of {} lines have a time, a level, a failure or a frame", lines.len()));
    }
    (doc.len() >= 300 && hits * 50 >= lines.len()).then(|| format!("{} lines, some with times or failures", doc.len()))
}

fn is_log(line: &[u8]) -> bool {
    const LEVELS: [&[u8]; 10] =
        [b"INFO", b"WARN", b"DEBUG", b"ERROR", b"[info]", b"info:", b"[debug]", b"npm ", b"warning", b"TRACE"];
    const STEPS: [&[u8]; 13] = [
        b"$ ",
        b"+ ",
        b"> ",
        b"==> ",
        b"Downloading",
        b"Downloaded",
        b"Compiling ",
        b"Collecting ",
        b"Get:",
        b"Unpacking ",
        b"Setting up ",
        b"Installing ",
        b"remote: ",
    ];
    let head = &line[..line.len().min(40)];
    let is_clock = |at: usize| {
        let digit = |at: usize| head.get(at).is_some_and(u8::is_ascii_digit);
        at >= 2 && digit(at - 2) && digit(at - 1) && digit(at + 1) && digit(at + 2)
    };
    let is_level = |at: usize| LEVELS.iter().any(|level| head[at..].starts_with(level));
    let speaks = |at: usize| match head[at] {
        b':' => is_clock(at),
        b'I' | b'W' | b'D' | b'E' | b'[' | b'i' | b'n' | b'w' | b'T' => is_level(at),
        _ => false,
    };
    (0..head.len()).any(speaks) || STEPS.iter().any(|step| line.trim_ascii_start().starts_with(step))
}

/// Some of the lines that are not blank: all of a short text, an even sample of a long one.
fn sample<'d>(doc: &'d Document<'_>) -> Vec<&'d [u8]> {
    let step = (doc.len() / SAMPLE).max(1);
    let dense = SAMPLE / 2;
    let picked = (0..doc.len()).filter(|line| *line < dense || line % step == 0);
    picked.map(|line| doc.line(line)).filter(|line| !line.is_empty()).take(SAMPLE * 2).collect()
}
