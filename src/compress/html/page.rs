//! Finds the pages in a stretch of lines, and reads their characters.

use std::borrow::Cow;
use std::ops::Range;

/// Finds the stretches of lines that are pages, or parts of one: from the first tag to the end of the page.
pub(super) fn pages(lines: &[&[u8]]) -> Vec<Range<usize>> {
    let mut pages = Vec::new();
    let mut at = 0;
    while let Some(start) = (at..lines.len()).find(|&line| begins_with_tag(lines[line])) {
        let mut ended = None;
        let mut end = lines.len();
        for (line, text) in lines.iter().enumerate().skip(start) {
            if ended.is_some() && line > start && begins_page(text) {
                end = line;
                break;
            }
            if ends_page(text) {
                ended = Some(line);
            }
        }
        if let Some(ended) = ended {
            // Markup behind the end of a page belongs to it, words do not.
            end = (ended + 1..end).rfind(|&line| begins_with_tag(lines[line])).map_or(ended, |line| line) + 1;
        }
        pages.push(start..end);
        at = end;
    }
    pages
}

/// Whether a line begins with a tag, a comment or a declaration.
fn begins_with_tag(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    line.len() > 1 && line[0] == b'<' && (line[1].is_ascii_alphabetic() || matches!(line[1], b'!' | b'?' | b'/'))
}

fn begins_page(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let begins = |tag: &[u8]| line.len() >= tag.len() && line[..tag.len()].eq_ignore_ascii_case(tag);
    begins(b"<!doctype html") || begins(b"<html")
}

fn ends_page(line: &[u8]) -> bool {
    memchr::memmem::find_iter(line, b"</")
        .any(|at| line[at + 2..].get(..4).is_some_and(|tag| tag.eq_ignore_ascii_case(b"html")))
}

/// Whether a text says itself that it is markup of another kind: XML that is no XHTML, a feed, a drawing.
pub(super) fn is_other_markup(source: &[u8]) -> bool {
    let head = source[..source.len().min(4096)].to_ascii_lowercase();
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    let other = [&b"<?xml"[..], b"<rss", b"<feed", b"<svg", b"<urlset"].iter().any(|start| text.starts_with(start));
    other && memchr::memmem::find(text, b"<html").is_none()
}

/// The characters of a page as UTF-8 when it is in the Western encoding that pages have which do not say another;
/// bytes of other encodings stay as they are.
pub(super) fn decoded(source: &[u8]) -> Cow<'_, [u8]> {
    let (mut right, mut wrong) = (0, 0);
    for chunk in source.utf8_chunks() {
        right += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        wrong += chunk.invalid().len();
    }
    if wrong <= right || names_other(source) {
        return Cow::Borrowed(source);
    }
    let mut text = String::with_capacity(source.len() + source.len() / 16);
    text.extend(source.iter().map(|&byte| western(byte)));
    Cow::Owned(text.into_bytes())
}

/// Whether a page names an encoding that is not Western.
fn names_other(source: &[u8]) -> bool {
    let head = source[..source.len().min(4096)].to_ascii_lowercase();
    let Some(at) = memchr::memmem::find(&head, b"charset=") else { return false };
    let name = &head[at + 8..];
    let name = name.trim_ascii_start().strip_prefix(b"\"").unwrap_or(name);
    let western = [&b"iso-8859-1"[..], b"iso8859-1", b"latin1", b"windows-1252", b"cp1252", b"us-ascii", b"utf-8"];
    !western
        .into_iter()
        .any(|western| name.starts_with(western) && !name.get(western.len()).is_some_and(u8::is_ascii_alphanumeric))
}

/// A byte of windows-1252, of which Latin-1 is a part, as the encoding standard reads it.
fn western(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
        '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}',
        '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}',
        '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
    ];
    if (0x80..0xa0).contains(&byte) { HIGH[usize::from(byte - 0x80)] } else { char::from(byte) }
}
