//! Knows search results by the places that their lines begin with, in the forms of grep and its relatives.

use super::Stretch;
use super::probes::sample;

/// Search results: most lines are `path:line:`, `path:text` or `line:text`, by one of these.
pub(super) fn probe(stretch: &Stretch<'_>) -> Option<String> {
    let lines = sample(stretch);
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

/// Whether a line is `path:line:text`: a number after the first colon, and no blank, host or clock time before it.
pub(super) fn is_match(line: &[u8]) -> bool {
    let drive = line.len() > 2 && line[0].is_ascii_alphabetic() && line[1] == b':' && matches!(line[2], b'\\' | b'/');
    let skip = if drive { 2 } else { 0 };
    let mut parts = line[skip..].splitn(3, |byte| *byte == b':');
    let (Some(path), Some(number), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    is_path(path) && !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

/// Whether a line is `path-line-text`, the context of a match.
pub(super) fn is_context(line: &[u8]) -> bool {
    let head = &line[..line.len().min(512)];
    memchr::memchr_iter(b'-', head).any(|at| {
        let digits = head[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && head.get(at + 1 + digits) == Some(&b'-') && is_path(&head[..at])
    })
}

/// Whether a word could be a file's path: no blank, no address, and a folder or an extension.
fn is_path(word: &[u8]) -> bool {
    let named = word.iter().any(u8::is_ascii_alphabetic) && !word.iter().any(u8::is_ascii_whitespace);
    named && (word.contains(&b'.') || word.contains(&b'/') || word.contains(&b'\\')) && !word.starts_with(b"[")
}
