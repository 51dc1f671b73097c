//! Line numbers: where a text offers them, and where somebody who wrote a text used them.
//!
//! A bare number says nothing. One counts where it stands for a line (`app.py:120`, `120:` and `120-` at the start of a line,
//! `line 120`, `sed -n '120,140p'`), together with the name of the file it is a line of.

use std::sync::LazyLock;

use regex::Regex;

use super::items::{Item, chunks, is_path};

/// The patterns, compiled once.
struct Patterns {
    behind_path: Regex,
    in_words: Regex,
    at_start: Regex,
    of_hunk: Regex,
    of_editor: Regex,
}

#[expect(clippy::unwrap_used, reason = "the patterns are constants that every test of this file compiles")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    behind_path: Regex::new(r"([A-Za-z0-9_./~@+-]+\.[A-Za-z]\w{0,9}):(\d{2,6})\b").unwrap(),
    in_words: Regex::new(r"(?i)\b(?:lines?|offset)[ :]+(\d{2,6})(?:\s?(?:-|to|and|,)\s?(\d{2,6}))?\b").unwrap(),
    at_start: Regex::new(r"^\s*(\d{2,6}(?:, ?\d{1,6})*)(?:[:|\t-]| {2}|\u{2192})").unwrap(),
    of_hunk: Regex::new(r"^@@ -\d+(?:,\d+)? \+(\d{2,6})").unwrap(),
    of_editor: Regex::new(r#"(?:['" ](\d{2,6})(?:,(\d{2,6}))?[pdacsi]\b|\btail -n \+(\d{2,6})\b)"#).unwrap(),
});

/// Finds the line numbers that a tool's output offers; `command` names the file when the output does not.
pub fn offered<'t>(text: &'t str, command: &'t str, mut found: impl FnMut(Item<'t>)) {
    let asked = only_path(command).map_or("", file_name);
    let mut heading = asked;
    for line in text.lines() {
        let bytes = line.as_bytes();
        if !bytes.iter().any(u8::is_ascii_digit) && !line.contains(['.', '/']) {
            continue;
        }
        let bare = line.trim().trim_end_matches(':');
        if let Some(path) = bare.strip_prefix("+++ ").or(Some(bare)).filter(|path| is_whole_path(path)) {
            heading = file_name(path);
            continue;
        }
        if !bytes.windows(2).any(|two| two[0].is_ascii_digit() && two[1].is_ascii_digit()) {
            continue;
        }
        let mut number = |file, digits: &str| {
            if let Ok(number @ 10..) = digits.parse() {
                found(Item::Line(file, number));
            }
        };
        if let Some(numbers) = PATTERNS.at_start.captures(line) {
            numbers[1].split(',').for_each(|digits| number(heading, digits.trim()));
        }
        if let Some(hunk) = PATTERNS.of_hunk.captures(line) {
            number(heading, &hunk[1]);
        }
        told(line, heading, &mut number);
    }
}

/// Finds the line numbers that somebody used who wrote a text.
pub fn used<'t>(text: &'t str, mut found: impl FnMut(Item<'t>)) {
    let mut file = "";
    for line in text.lines() {
        file = last_path(line).map_or(file, file_name);
        let mut number = |file, digits: &str| {
            if let Ok(number @ 10..) = digits.parse() {
                found(Item::Line(file, number));
            }
        };
        for numbers in PATTERNS.of_editor.captures_iter(line) {
            numbers.iter().skip(1).flatten().for_each(|digits| number(file, digits.as_str()));
        }
        told(line, file, &mut number);
    }
}

/// Numbers that say themselves that they are of lines.
fn told<'t>(line: &'t str, heading: &'t str, number: &mut dyn FnMut(&'t str, &str)) {
    if line.contains(':') {
        for place in PATTERNS.behind_path.captures_iter(line) {
            let path = place.get(1).map_or("", |path| path.as_str());
            number(file_name(path), &place[2]);
        }
    }
    for numbers in PATTERNS.in_words.captures_iter(line) {
        let file = last_path(line).map_or(heading, file_name);
        numbers.iter().skip(1).flatten().for_each(|digits| number(file, digits.as_str()));
    }
}

fn last_path(line: &str) -> Option<&str> {
    chunks(line).map(|chunk| chunk.trim_end_matches(['.', '-'])).filter(|chunk| is_path(chunk)).last()
}

/// The path that a command names, when there is one.
fn only_path(command: &str) -> Option<&str> {
    let mut paths = chunks(command).filter(|chunk| is_path(chunk));
    paths.next().filter(|_| paths.next().is_none())
}

fn is_whole_path(text: &str) -> bool {
    is_path(text) && chunks(text).next().is_some_and(|chunk| chunk.len() == text.len())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(find: impl FnOnce(&mut dyn FnMut(Item<'static>))) -> String {
        let mut items = Vec::new();
        find(&mut |item| items.push(item.to_string()));
        items.join(" ")
    }

    #[test]
    fn outputs_offer_lines_of_files() {
        let table = [
            ("src/a.py:120:def f():", "", "a.py:120"),
            ("120:def f():\n130-  x = 1\n140\ty", "grep -n f src/a.py", "a.py:120 a.py:130 a.py:140"),
            ("src/a.py:\n  120: def f()\nsrc/b.py\n77, 98: same", "", "a.py:120 b.py:77 b.py:98"),
            ("  File \"/x/a.py\", line 120, in f", "", "a.py:120"),
            ("+++ b/src/a.py\n@@ -1,7 +118,9 @@", "", "a.py:118"),
            ("total 720\n-rw-r--r-- 1 root 4096 a.py", "", ""),
        ];
        for (text, command, wanted) in table {
            assert_eq!(listed(|found| offered(text, command, found)), wanted, "{text}");
        }
    }

    #[test]
    fn agents_use_lines_of_files() {
        let table = [
            ("sed -n '120,140p' src/a.py", "a.py:120 a.py:140"),
            ("The bug is in a.py, line 120.", "a.py:120"),
            ("read\n/x/a.py\noffset 120\nlimit 40", "a.py:120"),
            ("see a.py:120 and 77 others", "a.py:120"),
        ];
        for (text, wanted) in table {
            assert_eq!(listed(|found| used(text, found)), wanted, "{text}");
        }
    }
}
