//! Splits a text that has several kinds in it: a log with a JSON document, prose with fenced code, a patch below a build.
//!
//! Only what is known for sure by its beginning and end becomes a part of its own, and only when it is large enough to
//! gain anything; everything else stays with its surroundings. The time is linear in the size of the text.

use std::ops::Range;

use serde::de::IgnoredAny;

use super::search::is_match;
use super::{Detection, Kind, Part, Stretch, detect_stretch};
use crate::document::Document;
use crate::signal::{Signal, Signals};

/// A part with fewer bytes stays with its surroundings.
const LEAST: usize = 600;
/// So many matches of a search in a row are a part.
const MATCHES: usize = 8;
/// How many times the size of the text may be read in search of the ends of JSON documents.
const PASSES: usize = 3;

/// The parts of a document whose kind as a whole is known, in order; together they are all of its lines.
pub fn parts(doc: &Document<'_>, whole: &Detection) -> Vec<Part> {
    let all = || vec![Part { lines: 0..doc.len(), detection: whole.clone() }];
    let mixed = match whole.kind {
        Kind::Log | Kind::Text | Kind::Search => true,
        Kind::Diff => !begins_as_patch(doc),
        Kind::Json | Kind::Html | Kind::Code => false,
    };
    if !mixed {
        return all();
    }
    let mut scan = Scan { doc, kind: whole.kind, room: doc.text().len() * PASSES };
    let mut found: Vec<Part> = Vec::new();
    let mut at = 0;
    while at < doc.len() {
        match scan.part_at(at) {
            Some(part) => {
                at = part.lines.end;
                match found.last_mut() {
                    Some(last) if last.lines.end == part.lines.start && last.detection == part.detection => {
                        last.lines.end = part.lines.end;
                    }
                    _ => found.push(part),
                }
            }
            None => at += 1,
        }
    }
    found.retain(|part| part.lines.clone().map(|line| doc.line(line).len() + 1).sum::<usize>() >= LEAST);
    if found.is_empty() { all() } else { with_surroundings(doc, found) }
}

/// Whether a patch, or the commit or mail around it, begins the text.
fn begins_as_patch(doc: &Document<'_>) -> bool {
    const STARTS: [&[u8]; 8] =
        [b"diff ", b"--- ", b"commit ", b"From ", b"Index: ", b"stash@", b"* commit ", b"Only in "];
    let first = doc.lines().find(|line| !line.is_empty());
    first.is_some_and(|line| STARTS.iter().any(|start| line.starts_with(start)))
}

/// Adds the stretches between the parts, each with its own kind.
fn with_surroundings(doc: &Document<'_>, found: Vec<Part>) -> Vec<Part> {
    let mut parts = Vec::with_capacity(found.len() * 2 + 1);
    let mut next = 0;
    let rest = |lines: Range<usize>| {
        let mut detection = detect_stretch(&Stretch { doc, lines: lines.clone() });
        // What is left over of a structure is no whole one.
        if !matches!(detection.kind, Kind::Log | Kind::Text | Kind::Search | Kind::Code) {
            detection = Detection { kind: Kind::Text, why: "it stands between other parts".into() };
        }
        Part { lines, detection }
    };
    for part in found {
        if part.lines.start > next {
            parts.push(rest(next..part.lines.start));
        }
        next = part.lines.end;
        parts.push(part);
    }
    if next < doc.len() {
        parts.push(rest(next..doc.len()));
    }
    parts
}

/// Looks for the parts of a document from its beginning to its end.
struct Scan<'d> {
    doc: &'d Document<'d>,
    kind: Kind,
    /// How many bytes may still be read in search of the end of something.
    room: usize,
}

impl Scan<'_> {
    /// The part that begins at a line.
    fn part_at(&mut self, at: usize) -> Option<Part> {
        let line = self.doc.line(at);
        let part =
            |end: usize, kind, why: &str| Part { lines: at..end, detection: Detection { kind, why: why.into() } };
        match line.trim_ascii_start().first()? {
            b'{' | b'[' => self.end_of_json(at).map(|end| part(end, Kind::Json, "it parses as JSON")),
            b'd' | b'-' => self.end_of_diff(at).map(|end| part(end, Kind::Diff, "it has the headers of a diff")),
            b'<' => self.end_of_page(at).map(|end| part(end, Kind::Html, "it begins and ends as a page")),
            b'`' => self.end_of_fence(at).map(|end| part(end, Kind::Code, "it is fenced")),
            _ if self.kind == Kind::Search => None,
            _ => self.end_of_matches(at).map(|end| part(end, Kind::Search, "matches of a search in a row")),
        }
    }

    /// The end of a JSON document that begins a line and ends one.
    fn end_of_json(&mut self, at: usize) -> Option<usize> {
        let first = self.doc.line(at).trim_ascii_start();
        // `[INFO]`, `[12:00:01]` and `{}` in a message are no documents.
        let opens = matches!(first, b"{" | b"[" | b"[{") || first.starts_with(b"{\"") || first.starts_with(b"[{\"");
        if !opens {
            return None;
        }
        let mut depth = Depth::default();
        for line in at..self.doc.len() {
            let text = self.doc.line(line);
            self.room = self.room.checked_sub(text.len() + 1)?;
            depth.read(text);
            if depth.open == 0 {
                let stretch = Stretch { doc: self.doc, lines: at..line + 1 };
                return serde_json::from_slice::<IgnoredAny>(&stretch.text()).is_ok().then_some(line + 1);
            }
        }
        None
    }

    /// The end of a patch: its headers, its hunks by their counts, and what stands between two files.
    fn end_of_diff(&self, at: usize) -> Option<usize> {
        let line = |at: usize| if at < self.doc.len() { self.doc.line(at) } else { b"" };
        let git = line(at).starts_with(b"diff --");
        let plain =
            line(at).starts_with(b"--- ") && line(at + 1).starts_with(b"+++ ") && line(at + 2).starts_with(b"@@ ");
        if !git && !plain {
            return None;
        }
        const HEADERS: [&[u8]; 14] = [
            b"diff ",
            b"index ",
            b"--- ",
            b"+++ ",
            b"new ",
            b"deleted ",
            b"old ",
            b"similarity ",
            b"dissimilarity ",
            b"rename ",
            b"copy ",
            b"Binary ",
            b"GIT binary",
            b"\\ No newline",
        ];
        let mut end = at;
        let mut hunks = 0;
        while end < self.doc.len() {
            if let Some((old, new)) = hunk_counts(line(end)) {
                end = self.end_of_hunk(end + 1, old, new);
                hunks += 1;
            } else if HEADERS.iter().any(|header| line(end).starts_with(header)) {
                end += 1;
            } else {
                break;
            }
        }
        (hunks > 0).then_some(end)
    }

    fn end_of_hunk(&self, start: usize, old: usize, new: usize) -> usize {
        let (mut old, mut new, mut at) = (old, new, start);
        while at < self.doc.len() && (old > 0 || new > 0) {
            match self.doc.line(at).first() {
                Some(b'+') => new = new.saturating_sub(1),
                Some(b'-') => old = old.saturating_sub(1),
                // Blank context lines have lost their blank.
                Some(b' ') | None => (old, new) = (old.saturating_sub(1), new.saturating_sub(1)),
                Some(b'\\') => {}
                Some(_) => break,
            }
            at += 1;
        }
        at
    }

    /// The end of a page that begins with its type or `<html`.
    fn end_of_page(&mut self, at: usize) -> Option<usize> {
        let begins = |line: &[u8]| {
            let head = line.trim_ascii_start().iter().take(14).map(u8::to_ascii_lowercase).collect::<Vec<_>>();
            head.starts_with(b"<!doctype html") || head.starts_with(b"<html")
        };
        if !begins(self.doc.line(at)) {
            return None;
        }
        for line in at..self.doc.len() {
            let text = self.doc.line(line);
            self.room = self.room.checked_sub(text.len() + 1)?;
            let end = text.trim_ascii_end();
            if end.len() >= 7 && end[end.len() - 7..].eq_ignore_ascii_case(b"</html>") {
                return Some(line + 1);
            }
        }
        None
    }

    /// The end of fenced code in prose.
    fn end_of_fence(&mut self, at: usize) -> Option<usize> {
        if self.kind != Kind::Text || !self.doc.line(at).trim_ascii_start().starts_with(b"```") {
            return None;
        }
        for line in at + 1..self.doc.len() {
            let text = self.doc.line(line);
            self.room = self.room.checked_sub(text.len() + 1)?;
            if text.trim_ascii() == b"```" {
                return Some(line + 1);
            }
        }
        None
    }

    /// The end of several matches of a search in a row that are no messages of a compiler.
    fn end_of_matches(&self, at: usize) -> Option<usize> {
        let signals = Signals::shared();
        let is = |line: usize| is_match(self.doc.line(line)) && signals.of(self.doc.line(line)) < Signal::Warning;
        if !is(at) || at > 0 && is_match(self.doc.line(at - 1)) {
            return None;
        }
        let end = (at..self.doc.len()).find(|&line| !is(line)).unwrap_or(self.doc.len());
        (end - at >= MATCHES).then_some(end)
    }
}

/// The counts of a hunk header, `@@ -12,7 +12,9 @@`: old and new lines.
fn hunk_counts(line: &[u8]) -> Option<(usize, usize)> {
    let rest = line.strip_prefix(b"@@ -")?;
    let text = std::str::from_utf8(&rest[..memchr::memmem::find(rest, b" @@")?]).ok()?;
    let (old, new) = text.split_once(" +")?;
    let count = |range: &str| range.split_once(',').map_or(Some(1), |(_, count)| count.parse().ok());
    Some((count(old)?, count(new)?))
}

/// How many brackets of a JSON text are open, strings aside.
#[derive(Debug, Default)]
struct Depth {
    open: usize,
}

impl Depth {
    /// Reads a line; strings of JSON end on the line they begin on.
    fn read(&mut self, line: &[u8]) {
        let mut bytes = line.iter();
        let mut within = false;
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' if within => {
                    bytes.next();
                }
                b'"' => within = !within,
                b'{' | b'[' if !within => self.open += 1,
                b'}' | b']' if !within => self.open = self.open.saturating_sub(1),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::detect;
    use crate::document::Origin;

    fn kinds(text: &str) -> Vec<(Kind, Range<usize>)> {
        let doc = Document::new(text.as_bytes(), Origin::default());
        parts(&doc, &detect(&doc)).into_iter().map(|part| (part.detection.kind, part.lines)).collect()
    }

    #[test]
    fn json_within_a_log_is_a_part() {
        let rows = (0..40).map(|n| format!("    {{\"id\": {n}, \"name\": \"n{n}\"}}")).collect::<Vec<_>>().join(",\n");
        let text = format!("12:00:01 INFO start\n12:00:02 INFO got\n[\n{rows}\n]\n12:00:03 INFO [done]\n");
        let found = kinds(&text);
        assert_eq!(found.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [Kind::Log, Kind::Json, Kind::Text]);
        assert_eq!(found[1].1, 2..44);
    }

    #[test]
    fn patch_below_a_message_ends_with_its_last_hunk() {
        let hunk = (0..60).map(|n| format!("+line {n} is new")).collect::<Vec<_>>().join("\n");
        let text =
            format!("applied this:\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,0 +1,60 @@\n{hunk}\nthat was all\n");
        assert_eq!(kinds(&text), [(Kind::Text, 0..1), (Kind::Diff, 1..65), (Kind::Text, 65..66)]);
    }

    #[test]
    fn brackets_that_never_close_cost_linear_time() {
        let text = "{\n".repeat(200_000);
        assert_eq!(kinds(&text).len(), 1);
    }
}
