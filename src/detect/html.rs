//! Knows web pages and parts of them by their tags, also behind what a client says before a page.

use super::Stretch;

/// A web page or a part of one: it begins like one, behind what a client says about it.
pub(super) fn probe(stretch: &Stretch<'_>) -> Option<String> {
    let text = stretch.text();
    let lines = text.split_inclusive(|byte| *byte == b'\n').take(HEADERS);
    let client = |line: &&[u8]| line.trim_ascii().is_empty() || is_of_client(line.trim_ascii_end());
    let at = lines.take_while(client).map(<[u8]>::len).sum::<usize>();
    let text = behind_comments(&text[at..]);
    let head = text[..text.len().min(16 << 10)].to_ascii_lowercase();
    let begins = [&b"<!doctype html"[..], b"<html", b"<head>", b"<head ", b"<body", b"<title>", b"<meta "];
    if begins.iter().any(|tag| head.starts_with(tag)) {
        return Some("it begins with an HTML tag".into());
    }
    is_part_of_page(&head, text).then(|| "it is made of HTML tags".into())
}

/// How many lines a client says about a page at most.
const HEADERS: usize = 120;

/// Whether a line is one of those that `curl -i` and `curl -v` print before a page, or its progress.
fn is_of_client(line: &[u8]) -> bool {
    let header = || {
        let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        name > 1 && line[name..].starts_with(b":")
    };
    let starts = [&b"HTTP/"[..], b"* ", b"< ", b"> ", b"{ ", b"} ", b"  % Total", b"      "];
    let progress = || line.iter().all(|byte| byte.is_ascii_digit() || b" :.-kMG".contains(byte));
    matches!(line, b"<" | b">") || starts.iter().any(|start| line.starts_with(start)) || header() || progress()
}

/// What is behind the declaration and the comments that a page begins with.
fn behind_comments(text: &[u8]) -> &[u8] {
    let mut rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    loop {
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?xml") {
            b"?>"
        } else {
            return rest;
        };
        let Some(at) = memchr::memmem::find(rest, end) else { return rest };
        rest = rest[at + end.len()..].trim_ascii_start();
    }
}

/// Parts of pages shorter than this, in bytes, are rather looked at for their markup.
const PART: usize = 2000;

/// Whether a text begins with a tag of a page's body, ends with one, and has hardly any other tags.
fn is_part_of_page(head: &[u8], text: &[u8]) -> bool {
    const FIRST: [&[u8]; 18] = [
        b"div", b"p", b"table", b"ul", b"ol", b"h1", b"h2", b"h3", b"section", b"article", b"main", b"nav", b"header",
        b"form", b"dl", b"tr", b"span", b"a",
    ];
    const OTHER: [&[u8]; 16] = [
        b"td", b"th", b"li", b"tbody", b"thead", b"strong", b"b", b"em", b"i", b"code", b"pre", b"label", b"button",
        b"dt", b"dd", b"footer",
    ];
    let name = |at: usize| {
        let name = &head[at..];
        &name[..name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':')).count()]
    };
    if text.len() < PART
        || !head.starts_with(b"<")
        || !FIRST.contains(&name(1))
        || !text.trim_ascii_end().ends_with(b">")
    {
        return false;
    }
    let ends = memchr::memmem::find_iter(head, b"</").map(|at| name(at + 2)).collect::<Vec<_>>();
    let known = ends.iter().filter(|name| FIRST.contains(name) || OTHER.contains(name)).count();
    known >= 3 && known * 5 >= ends.len() * 4
}
