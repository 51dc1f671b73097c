//! Splits a text that has several kinds in it: a log with a JSON document, prose with fenced code, a patch below a build.
//!
//! Only what is known for sure by its beginning and end becomes a part of its own, and only when it is large enough to
//! gain anything; everything else stays with its surroundings. The time is linear in the size of the text.

use std::ops::Range;

use serde::de::IgnoredAny;

use super::marks::{Mark, mark};
use super::search::{is_context, is_match};
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
    let first = doc.lines().find(|line| !line.is_empty()).and_then(mark);
    let mixed = match whole.kind {
        Kind::Log | Kind::Text | Kind::Search => true,
        Kind::Diff => !begins_as_patch(&Stretch { doc, lines: 0..doc.len() }),
        Kind::Html | Kind::Code => first.is_some(),
        Kind::Json => false,
    };
    if !mixed {
        return all();
    }
    let mut scan = Scan { doc, kind: whole.kind, room: doc.text().len() * PASSES, traced: first == Some(Mark::Trace) };
    let found = scan.all();
    if found.is_empty() { all() } else { with_surroundings(doc, found) }
}

/// Whether several commands or files are named above their outputs, from the first line on: no one tool printed it all.
pub fn is_sectioned(doc: &Document<'_>) -> bool {
    sections(doc).is_some()
}

/// Whether several files are named above what is in them, as `tail` does.
pub fn is_of_files(doc: &Document<'_>) -> bool {
    sections(doc) == Some(Mark::File)
}

/// What the first line names, when other lines do as well.
fn sections(doc: &Document<'_>) -> Option<Mark> {
    let mut lines = doc.lines().filter(|line| !line.is_empty());
    let first = lines.next().and_then(mark).filter(|mark| *mark != Mark::Group)?;
    lines.any(|line| mark(line) == Some(first)).then_some(first)
}

/// Whether a text names at least three different programs, or groups, above what they printed: the log of a job or a shell.
pub fn is_session(doc: &Document<'_>) -> bool {
    let named = doc.lines().filter(|line| matches!(mark(line), Some(Mark::Command | Mark::Group)));
    let mut programs: Vec<&[u8]> = Vec::new();
    for name in named.filter_map(|line| line.split(|byte| *byte == b' ').find(|word| *word != b"$")) {
        if !programs.contains(&name) {
            programs.push(name);
        }
        if programs.len() >= 3 {
            return true;
        }
    }
    false
}

/// How many bytes some lines have.
fn size(doc: &Document<'_>, lines: Range<usize>) -> usize {
    lines.map(|line| doc.line(line).len() + 1).sum()
}

/// Whether a patch, or the commit or mail around it, begins the text.
fn begins_as_patch(stretch: &Stretch<'_>) -> bool {
    const STARTS: [&[u8]; 8] =
        [b"diff ", b"--- ", b"commit ", b"From ", b"Index: ", b"stash@", b"* commit ", b"Only in "];
    let first = stretch.lines().find(|line| !line.is_empty());
    first.is_some_and(|line| STARTS.iter().any(|start| line.starts_with(start)))
}

/// A part that was found, or a line that parts others.
#[derive(Debug)]
struct Found {
    part: Part,
    /// The line needs no place of its own between two stretches of a log.
    loose: bool,
}

/// Adds the stretches between what was found, each with its own kind.
fn with_surroundings(doc: &Document<'_>, found: Vec<Found>) -> Vec<Part> {
    let mut parts: Vec<Found> = Vec::with_capacity(found.len() * 2 + 1);
    let mut next = 0;
    for found in found {
        if found.part.lines.start > next {
            join(&mut parts, rest(doc, next..found.part.lines.start));
        }
        next = found.part.lines.end;
        parts.push(found);
    }
    if next < doc.len() {
        join(&mut parts, rest(doc, next..doc.len()));
    }
    parts.into_iter().map(|found| found.part).collect()
}

/// A stretch between what was found.
fn rest(doc: &Document<'_>, lines: Range<usize>) -> Part {
    let stretch = Stretch { doc, lines };
    let detection = detect_stretch(&stretch);
    // What is left over of a structure is no whole one.
    let is_whole = match detection.kind {
        Kind::Log | Kind::Text | Kind::Search | Kind::Code => true,
        Kind::Json => stretch.lines.start == 0 || mark(doc.line(stretch.lines.start - 1)).is_some(),
        Kind::Diff => begins_as_patch(&stretch),
        Kind::Html => false,
    };
    let between = || Detection { kind: Kind::Text, why: "it stands between other parts".into() };
    Part { detection: if is_whole { detection } else { between() }, lines: stretch.lines }
}

/// Adds a stretch; a log goes on over a line that only names the next command.
fn join(parts: &mut Vec<Found>, part: Part) {
    if let [.., before, line] = &mut parts[..]
        && line.loose
        && before.part.detection.kind == Kind::Log
        && part.detection.kind == Kind::Log
    {
        before.part.lines.end = part.lines.end;
        parts.pop();
    } else {
        parts.push(Found { part, loose: false });
    }
}

/// Looks for the parts of a document from its beginning to its end.
struct Scan<'d> {
    doc: &'d Document<'d>,
    kind: Kind,
    /// How many bytes may still be read in search of the end of something.
    room: usize,
    /// Whether a shell traces its commands: elsewhere `+ word` is a line of a list or a patch.
    traced: bool,
}

impl Scan<'_> {
    /// All parts that are large enough, and the lines that part large stretches, in order.
    fn all(&mut self) -> Vec<Found> {
        let mut found: Vec<Part> = Vec::new();
        let mut marks = Vec::new();
        let mut at = 0;
        while at < self.doc.len() {
            let Some(part) = self.part_at(at) else {
                if let Some(kind) = mark(self.doc.line(at)).filter(|kind| self.parts_at(*kind)) {
                    marks.push((at, kind));
                }
                at += 1;
                continue;
            };
            at = part.lines.end;
            match found.last_mut() {
                Some(last) if last.lines.end == part.lines.start && last.detection == part.detection => {
                    last.lines.end = part.lines.end;
                }
                _ => found.push(part),
            }
        }
        found.retain(|part| size(self.doc, part.lines.clone()) >= LEAST);
        let found = found.into_iter().flat_map(|part| self.without_fences(part));
        let mut all = found.chain(self.parting(&marks)).collect::<Vec<_>>();
        all.sort_by_key(|found| found.part.lines.start);
        all
    }

    /// Whether what stands below a line is an output of its own; one log names many commands.
    fn parts_at(&self, mark: Mark) -> bool {
        match mark {
            Mark::File => true,
            Mark::Command | Mark::Group => self.kind != Kind::Log,
            Mark::Trace => self.kind != Kind::Log && self.traced,
        }
    }

    /// The marks that begin or end a large stretch.
    fn parting(&self, marks: &[(usize, Mark)]) -> Vec<Found> {
        let starts = marks.iter().map(|(line, _)| *line);
        let ends = starts.clone().skip(1).chain([self.doc.len()]);
        let mut before = marks.first().is_some_and(|(line, _)| size(self.doc, 0..*line) >= LEAST);
        let mut found = Vec::new();
        for (&(line, mark), end) in marks.iter().zip(ends) {
            let large = size(self.doc, line..end) >= LEAST;
            if large || before {
                found.push(Found { part: one_line(line, "it names what stands below"), loose: mark != Mark::File });
            }
            before = large;
        }
        found
    }

    /// Takes the fences off what is no code; code stays with them.
    fn without_fences(&self, part: Part) -> Vec<Found> {
        const NO_CODE: [&[u8]; 12] = [
            b"",
            b"json",
            b"jsonl",
            b"diff",
            b"patch",
            b"log",
            b"text",
            b"txt",
            b"console",
            b"output",
            b"plain",
            b"plaintext",
        ];
        let Range { start, end } = part.lines;
        let label = self.doc.line(start).trim_ascii().strip_prefix(b"```").map(<[u8]>::trim_ascii);
        let whole = |part| vec![Found { part, loose: false }];
        if part.detection.kind != Kind::Code || end < start + 3 || !label.is_some_and(|label| NO_CODE.contains(&label))
        {
            return whole(part);
        }
        let detection = detect_stretch(&Stretch { doc: self.doc, lines: start + 1..end - 1 });
        match detection.kind {
            Kind::Code | Kind::Text => whole(part),
            Kind::Json | Kind::Search | Kind::Log | Kind::Diff | Kind::Html => {
                let within = Part { lines: start + 1..end - 1, detection };
                let parts = [one_line(start, "a fence"), within, one_line(end - 1, "a fence")];
                parts.map(|part| Found { part, loose: false }).into()
            }
        }
    }

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
        const OPENS: [&[u8]; 6] = [b"{\"", b"[{\"", b"[\"", b"[[", b"{ \"", b"[ {"];
        if !matches!(first, b"{" | b"[" | b"[{") && !OPENS.iter().any(|open| first.starts_with(open)) {
            return None;
        }
        let mut depth = Depth::default();
        for line in at..self.doc.len() {
            let text = self.doc.line(line);
            // Words that begin a line are no JSON: what was opened is something else, or cut off.
            let start = text.trim_ascii_start().first();
            if start.is_some_and(|byte| !byte.is_ascii_digit() && !b"{}[],:\"-tfn".contains(byte)) {
                return None;
            }
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
        if !matches!(self.kind, Kind::Text | Kind::Log | Kind::Diff)
            || !self.doc.line(at).trim_ascii_start().starts_with(b"```")
        {
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

    /// The end of several matches of a search in a row, with their context, that are no messages of a compiler.
    fn end_of_matches(&self, at: usize) -> Option<usize> {
        let line = |at: usize| self.doc.line(at);
        let is_of_search = |at: usize| self.is_hit(at) || is_context(line(at));
        if !is_of_search(at) || at > 0 && (is_of_search(at - 1) || line(at - 1) == b"--") {
            return None;
        }
        let goes_on = |at: usize| is_of_search(at) || line(at) == b"--";
        let end = (at..self.doc.len()).find(|&at| !goes_on(at)).unwrap_or(self.doc.len());
        let hits = (at..end).filter(|&at| self.is_hit(at)).count();
        // Each hit stands among a few lines of context.
        (end - at >= MATCHES && hits * 12 >= end - at).then_some(end)
    }

    fn is_hit(&self, at: usize) -> bool {
        let line = self.doc.line(at);
        is_match(line) && Signals::shared().of(line) < Signal::Warning
    }
}

/// A line of its own between parts.
fn one_line(line: usize, why: &str) -> Part {
    Part { lines: line..line + 1, detection: Detection { kind: Kind::Text, why: why.into() } }
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
    fn files_below_their_names_are_parts_and_the_commands_of_a_log_are_not() {
        let log = (0..30).map(|n| format!("12:00:{n:02} INFO step {n} is done\n")).collect::<String>();
        let list = (0..30).map(|n| format!("src/part/file{n}.rs:{n}:let x = {n};\n")).collect::<String>();
        let expected = [(Kind::Text, 0..1), (Kind::Log, 1..31), (Kind::Text, 31..32), (Kind::Search, 32..62)];
        assert_eq!(kinds(&format!("==> a.log <==\n{log}==> hits <==\n{list}")), expected);
        assert_eq!(kinds(&format!("+ make\n{log}+ make test\n{log}")), [(Kind::Log, 0..62)]);
    }

    #[test]
    fn brackets_that_never_close_cost_linear_time() {
        let text = "{\n".repeat(200_000);
        assert_eq!(kinds(&text).len(), 1);
    }
}
