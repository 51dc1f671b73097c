//! Reads search results: which line is a match, of which file, with which number.
//!
//! Knows grep, rg, git grep, ag and ack with and without numbers, columns, context and headings, and paths that end with
//! a NUL. What cannot be read stays a line of its own; nothing is guessed about its parts.

use std::borrow::Cow;
use std::collections::HashSet;

use super::json;

/// A match, or a line of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// The line of the document.
    pub line: usize,
    /// The file; empty when the results are of one file that is not named.
    pub path: Cow<'a, [u8]>,
    /// The number, with the column when there is one; empty without numbers.
    pub place: Cow<'a, [u8]>,
    /// What stands behind the number: `:` for a match, `-` for context, `=` for the function around it.
    pub mark: u8,
    /// The line of the file.
    pub text: Cow<'a, [u8]>,
}

impl Row<'_> {
    /// Whether it is a match and no context.
    pub fn is_match(&self) -> bool {
        self.mark == b':'
    }

    /// The line number.
    pub fn number(&self) -> Option<u64> {
        let digits = self.place.split(|byte| *byte == b':').next()?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }
}

/// What a line of the output is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// A match or context.
    Row(Row<'a>),
    /// A file's name above its matches, or a blank line or `--` between blocks: it says nothing that rows do not.
    Layout(usize),
    /// The beginning, end or statistics of a file in a form for programs.
    Event(usize),
    /// A message of the program that says nothing about the matches, and what to call such messages.
    Note(usize, &'static str),
    /// Anything else.
    Other(usize),
}

/// A line of the document with its number.
type Numbered<'a> = (usize, &'a [u8]);

/// Reads one dialect.
type Reader<'a> = fn(&[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>>;

/// Reads lines; `None` when they are no search results.
pub(super) fn read<'a>(lines: &[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>> {
    if is_clock_column(lines) {
        return None;
    }
    let said = lines.iter().filter(|(_, text)| !text.is_empty() && *text != b"--").count();
    let readers: [Reader<'a>; 5] = [
        json::read as Reader<'a>,
        nul as Reader<'a>,
        headed as Reader<'a>,
        numbered as Reader<'a>,
        named as Reader<'a>,
    ];
    let found = readers.iter().filter_map(|read| read(lines)).find(|items| {
        let rows = items.iter().filter(|item| matches!(item, Item::Row(_) | Item::Event(_) | Item::Note(..)));
        said >= 2 && rows.count() * 10 >= said * 6 && items.iter().any(|item| matches!(item, Item::Row(_)))
    });
    found.or_else(|| listed(lines))
}

/// Names of files among messages of the program.
fn listed<'a>(lines: &[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>> {
    let items = lines.iter().map(|&(line, text)| apart(line, text)).collect::<Vec<_>>();
    let notes = items.iter().filter(|item| matches!(item, Item::Note(..))).count();
    let names = lines.iter().filter(|(_, text)| !is_note(text) && looks_like_path(text)).count();
    (notes > 2 && (notes + names) * 10 >= lines.len() * 8).then_some(items)
}

/// `12:text`, `12-text`, `12:5:text`: how long the number is, and what stands behind it.
fn number_at(text: &[u8]) -> Option<(usize, u8)> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mark = *text.get(len)?;
    ((1..=9).contains(&len) && matches!(mark, b':' | b'-' | b'=')).then_some((len, mark))
}

/// Paths that end with a NUL: `grep -Z`, `rg -0`.
fn nul<'a>(lines: &[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>> {
    if !lines.iter().any(|(_, text)| text.contains(&0)) {
        return None;
    }
    let read = |&(line, text): &(usize, &'a [u8])| match memchr::memchr(0, text) {
        Some(at) => {
            let (path, rest) = (&text[..at], &text[at + 1..]);
            let (place, mark, body) = match number_at(rest) {
                Some((len, mark)) => (&rest[..len], mark, &rest[len + 1..]),
                None => (&b""[..], b':', rest),
            };
            Item::Row(Row { line, path: path.into(), place: place.into(), mark, text: body.into() })
        }
        None => apart(line, text),
    };
    Some(lines.iter().map(read).collect())
}

/// A file's name above its numbered matches (`rg --heading`, `ag`, `ack`, `git grep --heading`), or numbered matches of one
/// file that is not named.
fn headed<'a>(lines: &[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>> {
    let is_row = |text: &[u8]| number_at(text).is_some();
    let rows = lines.iter().filter(|(_, text)| is_row(text)).count();
    if rows * 2 < lines.len() {
        return None;
    }
    let mut path: &'a [u8] = b"";
    let mut items = Vec::with_capacity(lines.len());
    for (at, &(line, text)) in lines.iter().enumerate() {
        let next = lines.get(at + 1).is_some_and(|(_, next)| is_row(next));
        items.push(match number_at(text) {
            Some((len, mark)) => Item::Row(Row {
                line,
                path: path.into(),
                place: text[..len].into(),
                mark,
                text: text[len + 1..].into(),
            }),
            None if next && !text.is_empty() && text != b"--" => {
                // Our own headings end with a colon.
                let name = text.strip_suffix(b":").unwrap_or(text);
                let is_path = looks_like_path(name) || !name.contains(&b' ') && !is_note(name);
                // What follows another line is of no file that is known.
                path = if is_path { name } else { b"" };
                if is_path { Item::Layout(line) } else { apart(line, text) }
            }
            None => apart(line, text),
        });
    }
    with_columns(&mut items);
    Some(items)
}

/// Whether numbers at the beginning are hours: `12:30:01 text`.
fn is_clock_column(lines: &[(usize, &[u8])]) -> bool {
    let clock = |text: &[u8]| {
        text.len() >= 8
            && [0, 1, 3, 4, 6, 7].iter().all(|&at| text[at].is_ascii_digit())
            && text[2] == b':'
            && text[5] == b':'
    };
    lines.iter().filter(|(_, text)| clock(text)).count() * 2 > lines.len()
}

/// `path:12:text`, with context as `path-12-text`.
fn numbered<'a>(lines: &[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>> {
    let matches = lines.iter().map(|(_, text)| match_at(text)).collect::<Vec<_>>();
    if !matches.iter().any(Option::is_some) {
        return None;
    }
    let plain = |path: &&[u8]| !path.contains(&b' ');
    let known = lines.iter().zip(&matches).filter_map(|((_, text), at)| at.map(|(path, _)| &text[..path]));
    let known = known.filter(plain).collect::<HashSet<_>>();
    let read = |(&(line, text), found): (&Numbered<'a>, &Option<(usize, usize)>)| {
        let row = |path: usize, len: usize| {
            Item::Row(Row {
                line,
                path: text[..path].into(),
                place: text[path + 1..path + 1 + len].into(),
                mark: text[path + 1 + len],
                text: text[path + 2 + len..].into(),
            })
        };
        // A number in a context line's own text must not be taken for the line's.
        match (context_at(text, |path| known.contains(path)), *found) {
            (Some((path, len)), _) => row(path, len),
            (None, Some((path, len))) if plain(&&text[..path]) || has_extension(&text[..path]) => row(path, len),
            (None, _) => match context_at(text, has_extension) {
                Some((path, len)) => row(path, len),
                None => apart(line, text),
            },
        }
    };
    let mut items = lines.iter().zip(&matches).map(read).collect::<Vec<_>>();
    with_columns(&mut items);
    Some(items)
}

/// Where the path of `path:12:text` ends, and how long the number is.
fn match_at(text: &[u8]) -> Option<(usize, usize)> {
    let head = &text[..text.len().min(1024)];
    memchr::memchr_iter(b':', head).filter(|at| *at > 0).find_map(|at| {
        let (len, mark) = number_at(&text[at + 1..])?;
        (mark == b':').then_some((at, len))
    })
}

/// The same for `path-12-text` and `path=12=text`, when the path is one of the right ones.
fn context_at(text: &[u8], is_right: impl Fn(&[u8]) -> bool) -> Option<(usize, usize)> {
    let head = &text[..text.len().min(1024)];
    memchr::memchr2_iter(b'-', b'=', head).filter(|at| *at > 0).find_map(|at| {
        let (len, mark) = number_at(&text[at + 1..])?;
        (mark == text[at] && is_right(&text[..at])).then_some((at, len))
    })
}

/// `path:text` without numbers, with context as `path-text`.
fn named<'a>(lines: &[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>> {
    let ends = lines.iter().map(|(_, text)| name_end(text)).collect::<Vec<_>>();
    let known = lines.iter().zip(&ends).filter_map(|((_, text), end)| end.map(|end| &text[..end]));
    let known = known.collect::<HashSet<_>>();
    let read = |(&(line, text), end): (&Numbered<'a>, &Option<usize>)| {
        let context =
            || memchr::memchr_iter(b'-', &text[..text.len().min(1024)]).find(|&at| known.contains(&text[..at]));
        match end.or_else(context) {
            _ if is_note(text) => apart(line, text),
            Some(end) => Item::Row(Row {
                line,
                path: text[..end].into(),
                place: b""[..].into(),
                mark: text[end],
                text: text[end + 1..].into(),
            }),
            None => apart(line, text),
        }
    };
    Some(lines.iter().zip(&ends).map(read).collect())
}

/// Where the path ends that a line begins with.
fn name_end(text: &[u8]) -> Option<usize> {
    let drive = text.len() > 2 && text[0].is_ascii_alphabetic() && text[1] == b':' && text[2] == b'\\';
    let from = if drive { 2 } else { 0 };
    let end = from + memchr::memchr(b':', &text[from..text.len().min(1024)])?;
    (!is_note(text) && looks_like_path(&text[..end])).then_some(end)
}

/// Whether a text can be a file's name: no blanks, and a folder or an ending.
fn looks_like_path(text: &[u8]) -> bool {
    let blank = text.iter().any(u8::is_ascii_whitespace);
    !text.is_empty()
        && text.len() < 1024
        && (has_extension(text) || !blank && text.iter().any(|byte| matches!(byte, b'/' | b'\\')))
        && !(blank && text.starts_with(b" "))
}

/// Whether a text ends as files do: `.` and up to ten letters and digits, the first a letter.
fn has_extension(text: &[u8]) -> bool {
    let len = text.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (1..=10).contains(&len)
        && text.len() > len + 1
        && text[text.len() - len - 1] == b'.'
        && text[text.len() - len].is_ascii_alphabetic()
        && !text[text.len() - len - 2].is_ascii_whitespace()
}

/// Whether a line is a message of the program itself.
fn is_note(text: &[u8]) -> bool {
    const NOTES: [&[u8]; 7] = [b"grep: ", b"Binary file ", b"rg: ", b"egrep: ", b"fgrep: ", b"ack: ", b"ERR: "];
    NOTES.iter().any(|note| text.starts_with(note)) || text.starts_with(b"fatal: ")
}

/// A line that is no row.
fn apart<'a>(line: usize, text: &[u8]) -> Item<'a> {
    let note = is_note(text);
    match text {
        b"" | b"--" => Item::Layout(line),
        _ if note && text.ends_with(b": Is a directory") => Item::Note(line, "folder notes"),
        _ if note && (text.ends_with(b".pyc: binary file matches") || text.ends_with(b".pyc matches")) => {
            Item::Note(line, "bytecode-file notes")
        }
        _ => Item::Other(line),
    }
}

/// Takes the column into the place when every match has one.
fn with_columns(items: &mut [Item<'_>]) {
    let column = |row: &Row<'_>| number_at(&row.text).filter(|(_, mark)| *mark == b':').map(|(len, _)| len);
    let mut rows = items.iter().filter_map(|item| match item {
        Item::Row(row) if row.is_match() => Some(row),
        Item::Row(_) | Item::Layout(_) | Item::Event(_) | Item::Note(..) | Item::Other(_) => None,
    });
    if !rows.clone().any(|row| !row.place.is_empty()) || !rows.all(|row| column(row).is_some()) {
        return;
    }
    for item in items {
        if let Item::Row(row) = item
            && row.is_match()
            && let Some(len) = column(row)
        {
            row.place = [&row.place, &b":"[..], &row.text[..len]].concat().into();
            row.text = match &row.text {
                Cow::Borrowed(text) => Cow::Borrowed(&text[len + 1..]),
                Cow::Owned(text) => Cow::Owned(text[len + 1..].to_vec()),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row as `path|place|mark|text`, other lines as `=text`.
    fn told(text: &[u8]) -> Vec<String> {
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate().collect::<Vec<_>>();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let items = read(&lines).unwrap_or_default();
        let tell = |item: &Item<'_>| match item {
            Item::Row(row) => {
                format!("{}|{}|{}|{}", said(&row.path), said(&row.place), char::from(row.mark), said(&row.text))
            }
            Item::Layout(line) | Item::Event(line) | Item::Note(line, _) | Item::Other(line) => {
                format!("={}", said(lines[*line].1))
            }
        };
        items.iter().map(tell).collect()
    }

    #[test]
    fn dialects_are_read() {
        let table: &[(&[u8], &[&str])] = &[
            (b"a/b.rs:3:x\na/b.rs:14:y: 2", &["a/b.rs|3|:|x", "a/b.rs|14|:|y: 2"]),
            (b"n/2024-05-01-x.md-4-t\nn/2024-05-01-x.md:5:u", &["n/2024-05-01-x.md|4|-|t", "n/2024-05-01-x.md|5|:|u"]),
            (b"C:\\a\\b.cs:3:x\nC:\\a\\b.cs:9:y", &["C:\\a\\b.cs|3|:|x", "C:\\a\\b.cs|9|:|y"]),
            (b"my notes/to do.md:3:x\nb.md:1:y", &["my notes/to do.md|3|:|x", "b.md|1|:|y"]),
            (b"a.c:3:7:x\na.c:9:12:y", &["a.c|3:7|:|x", "a.c|9:12|:|y"]),
            (b"a.c=1=int f()\na.c:2:x\n--\na.c-3-z", &["a.c|1|=|int f()", "a.c|2|:|x", "=--", "a.c|3|-|z"]),
            (b"a.c-7-at 10:20:30\na.c:8:y\na.c:9:z", &["a.c|7|-|at 10:20:30", "a.c|8|:|y", "a.c|9|:|z"]),
            (b"src/a.c\n3:x\n4-y\nb.c\n1:z", &["=src/a.c", "src/a.c|3|:|x", "src/a.c|4|-|y", "=b.c", "b.c|1|:|z"]),
            (b"3:x\n14:  y", &["|3|:|x", "|14|:|  y"]),
            (b"a.py:x = 1\na.py:  y", &["a.py||:|x = 1", "a.py||:|  y"]),
            (b"a b.c\x003:x\na b.c\x009:y", &["a b.c|3|:|x", "a b.c|9|:|y"]),
            (b"12:30:01 up\n12:30:02 down", &[]),
            (b"some words\nand others: too", &[]),
        ];
        for (text, rows) in table {
            assert_eq!(told(text), *rows, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn events_of_ripgrep_are_read() {
        let text = br#"{"type":"begin","data":{"path":{"text":"a.ts"}}}
{"type":"match","data":{"path":{"text":"a.ts"},"lines":{"text":"x\ny\n"},"line_number":11,"absolute_offset":5,"submatches":[]}}"#;
        assert_eq!(told(text)[1..], ["a.ts|11|:|x", "a.ts|12|:|y"]);
    }
}
