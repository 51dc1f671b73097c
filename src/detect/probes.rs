//! One probe a kind: what it is known by, or `None`.

use serde::de::IgnoredAny;

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

/// Search results: most lines are `path:line:`, `path:text` or `line:text`, by one of these.
pub(super) fn search(doc: &Document<'_>) -> Option<String> {
    let lines = sample(doc);
    let most = |hits: usize, percent: usize| lines.len() >= 3 && hits * 100 >= lines.len() * percent;
    let count = |is: fn(&[u8]) -> bool| lines.iter().filter(|line| is(line)).count();
    let hits = count(is_match);
    let named = count(is_named_match);
    let numbers = lines.iter().map(|line| own_number(line)).collect::<Vec<_>>();
    let numbered = numbers.iter().flatten().count();
    let grows = numbers.iter().flatten().is_sorted();
    if most(hits, 70) {
        Some(format!("{hits} of {} lines are matches", lines.len()))
    } else if most(named, 80) {
        Some(format!("{named} of {} lines are matches without numbers", lines.len()))
    } else if most(numbered, 80) && grows {
        Some(format!("{numbered} of {} lines are matches of one file", lines.len()))
    } else {
        None
    }
}

/// Whether a line is `path:text` as grep prints it: a file with an ending, and not a message behind a blank.
fn is_named_match(line: &[u8]) -> bool {
    let head = &line[..line.len().min(1024)];
    if memchr::memchr(0, head).is_some() {
        return true;
    }
    let Some(end) = memchr::memchr(b':', head) else { return false };
    let (path, text) = (&line[..end], &line[end + 1..]);
    let ending = path.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let has_ending = (1..=10).contains(&ending)
        && path.len() > ending + 1
        && path[path.len() - ending - 1] == b'.'
        && path[path.len() - ending].is_ascii_alphabetic();
    let message = text.starts_with(b" ") && text.get(1).is_some_and(|byte| !matches!(byte, b' ' | b'*'));
    let blank = path.iter().any(u8::is_ascii_whitespace);
    has_ending && !blank && !message && !text.is_empty() && !text.starts_with(b"//")
}

/// The number of `12:text` and `12-text`, unless it is a clock time or a message.
fn own_number(line: &[u8]) -> Option<u64> {
    let len = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = line.split_at(len);
    let [b':' | b'-', rest @ ..] = rest else { return None };
    let message = rest.starts_with(b" ") && rest.get(1).is_some_and(|byte| !matches!(byte, b' ' | b'*'));
    let clock = rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_digit);
    if message || clock {
        return None;
    }
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// Whether the NULs of a text end paths, as `grep -Z` and `rg -0` print them: one a line, on most lines, with nothing else
/// that is no text.
pub(super) fn has_nul_paths(head: &[u8]) -> bool {
    let is_text = |byte: &u8| *byte >= 0x20 || matches!(byte, 0 | b'\t' | b'\n' | b'\r' | 0x1B);
    let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let single = |line: &&&[u8]| line.iter().filter(|byte| **byte == 0).count() == 1 && line[0] != 0;
    let with = lines.iter().filter(single).count();
    let without = lines.iter().filter(|line| !line.contains(&0)).count();
    head.iter().all(is_text)
        && with * 10 >= lines.len() * 7
        && with + without + 1 >= lines.len()
        && head.contains(&b'\n')
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
    let hits = lines.iter().filter(|line| is_log(line) || signals.of(line) >= Signal::Failure).count();
    if hits * 5 >= lines.len() && hits >= 2 {
        return Some(format!("{hits} of {} lines have a time, a level or a failure", lines.len()));
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
