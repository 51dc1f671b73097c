//! How much a line matters to whoever reads an output: errors and failures first, then warnings.
//!
//! Decided by words *in their position*, not by substring: `0 errors`, `error_is_ok ... ok` and `lib/errors.py` are no
//! errors. One pass finds all the words, so a long text costs one scan. Tool-specific vocabulary belongs to rules, not here.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};

use crate::document::Document;
use crate::phrases::{Case, Phrases};

/// How much a line matters, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Signal {
    /// Nothing speaks for it.
    #[default]
    None,
    /// A warning or a deprecation.
    Warning,
    /// Words that often stand in an explanation of a failure.
    Hint,
    /// An error, a failure, a panic, an exception: protected.
    Failure,
}

/// What a word says about its line when it stands in a speaking position.
#[derive(Debug, Clone, Copy)]
enum Word {
    /// A failure where it stands as a level, a status or a type name; a hint elsewhere.
    Status,
    /// A failure wherever it stands alone.
    Failure,
    /// A hint.
    Hint,
    /// A warning.
    Warning,
    /// The status of an answer in an access log: 500 and above.
    ServerError,
    /// The status of an answer in an access log: 400 and above.
    ClientError,
}

const WORDS: &[(&str, Word)] = &[
    ("error", Word::Status),
    ("err!", Word::Failure),
    ("exception", Word::Status),
    ("fail", Word::Status),
    ("fatal", Word::Status),
    ("panic", Word::Status),
    ("critical", Word::Status),
    ("severe", Word::Status),
    ("emergency", Word::Status),
    ("traceback (most recent call last)", Word::Failure),
    ("segmentation fault", Word::Failure),
    ("panicked at", Word::Failure),
    ("core dumped", Word::Failure),
    ("assertion failed", Word::Failure),
    ("undefined reference", Word::Failure),
    ("command not found", Word::Failure),
    ("no such file or directory", Word::Failure),
    ("permission denied", Word::Failure),
    ("out of memory", Word::Failure),
    ("not ok ", Word::Failure),
    ("addresssanitizer", Word::Failure),
    ("*** [", Word::Failure),
    ("stack overflow", Word::Failure),
    ("conflict (", Word::Failure),
    ("exited with", Word::Hint),
    ("exit code", Word::Hint),
    ("exit status", Word::Hint),
    ("cannot ", Word::Hint),
    ("can't ", Word::Hint),
    ("could not ", Word::Hint),
    ("couldn't ", Word::Hint),
    ("unable to ", Word::Hint),
    ("not found", Word::Hint),
    ("no such ", Word::Hint),
    ("undefined ", Word::Hint),
    ("unresolved", Word::Hint),
    ("unexpected", Word::Hint),
    ("invalid", Word::Hint),
    ("killed", Word::Hint),
    ("timed out", Word::Hint),
    ("timeout", Word::Hint),
    ("refused", Word::Hint),
    ("denied", Word::Hint),
    ("unreachable", Word::Hint),
    ("mismatch", Word::Hint),
    ("missing", Word::Hint),
    ("abort", Word::Hint),
    ("conflict", Word::Hint),
    ("rejected", Word::Hint),
    ("expected", Word::Hint),
    ("stopping", Word::Hint),
    ("broken", Word::Hint),
    ("unsupported", Word::Hint),
    ("not allowed", Word::Hint),
    ("http/1.0\" 5", Word::ServerError),
    ("http/1.1\" 5", Word::ServerError),
    ("http/2.0\" 5", Word::ServerError),
    ("http/1.0\" 4", Word::ClientError),
    ("http/1.1\" 4", Word::ClientError),
    ("http/2.0\" 4", Word::ClientError),
    ("warn", Word::Warning),
    ("deprecat", Word::Warning),
];

/// Marks that test runners and linters put before a failure.
const MARKS: [&str; 7] = ["\u{2717}", "\u{2718}", "\u{2716}", "\u{2715}", "\u{274c}", "\u{00d7} ", "\u{25cf} "];

/// The vocabulary, ready to scan texts.
#[derive(Debug)]
pub struct Signals {
    words: Phrases<'static>,
}

/// Looks ahead in many megabytes for the next line that may matter.
#[derive(Debug)]
pub struct LookAhead {
    vectors: Option<packed::Searcher>,
    automaton: Option<AhoCorasick>,
}

/// What every word that is more than a hint has in it, as it is mostly spelled. So few strings of four
/// bytes and more can be looked for in many bytes at once.
const ANCHORS: &[&str] = &[
    ".0\" 5",
    ".1\" 5",
    ".0\" 4",
    ".1\" 4",
    "rror",
    "RROR",
    "err!",
    "Err!",
    "ERR!",
    "xcept",
    "XCEPT",
    "fail",
    "Fail",
    "FAIL",
    "atal",
    "ATAL",
    "anic",
    "ANIC",
    "itical",
    "ITICAL",
    "evere",
    "EVERE",
    "mergenc",
    "MERGENC",
    "raceback (",
    "RACEBACK (",
    "ation fault",
    "ATION FAULT",
    "ore dumped",
    "ORE DUMPED",
    "ined reference",
    "INED REFERENCE",
    "mmand not found",
    "MMAND NOT FOUND",
    "such file or",
    "SUCH FILE OR",
    "ssion denied",
    "SSION DENIED",
    "ut of memory",
    "UT OF MEMORY",
    "ot ok ",
    "OT OK ",
    "anitizer",
    "ANITIZER",
    "*** [",
    "ck overflow",
    "CK OVERFLOW",
    "flict (",
    "FLICT (",
    "warn",
    "Warn",
    "WARN",
    "eprecat",
    "EPRECAT",
];

impl Default for LookAhead {
    fn default() -> Self {
        Self::new()
    }
}

impl LookAhead {
    /// Gets ready to read several bytes in a nanosecond; where the processor has no such vectors, one.
    pub fn new() -> Self {
        let vectors = packed::Config::new().builder().extend(ANCHORS).build();
        let automaton = || AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(ANCHORS);
        let automaton = vectors.is_none().then(|| automaton().expect("the vocabulary is a constant and small"));
        Self { vectors, automaton }
    }

    /// A place in the next word that is more than a hint, when the word is in small letters, in capitals, or begins with
    /// one.
    pub fn next_word(&self, text: &[u8]) -> Option<usize> {
        let slow = || self.automaton.as_ref()?.find(text).map(|found| found.start());
        self.vectors.as_ref().map_or_else(slow, |vectors| vectors.find(text).map(|found| found.start()))
    }
}

impl Signals {
    /// The vocabulary, made once.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Signals> = OnceLock::new();
        SHARED
            .get_or_init(|| Self { words: Phrases::new(WORDS.iter().map(|(word, _)| word.as_bytes()), Case::Ignored) })
    }

    /// The signal of every line of a document.
    pub fn of_lines(&self, doc: &Document<'_>) -> Vec<Signal> {
        doc.lines().map(|line| self.of(line)).collect()
    }

    /// The signal of one line.
    pub fn of(&self, line: &[u8]) -> Signal {
        let body = line.trim_ascii_start();
        if body.first().is_some_and(|byte| *byte >= 0x80) && MARKS.iter().any(|mark| body.starts_with(mark.as_bytes()))
        {
            return Signal::Failure;
        }
        let mut best = Signal::None;
        // Words far into a huge line say little about it, and the scan stays linear in what can matter.
        let line = &line[..line.len().min(4096)];
        self.words.each(line, |word, start| {
            let (text, word) = WORDS[word];
            best = best.max(judge(line, start, start + text.len(), word));
            if best == Signal::Failure { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        best
    }
}

/// What a word at `start..end` says about its line.
fn judge(line: &[u8], start: usize, end: usize, word: Word) -> Signal {
    match word {
        Word::Failure if has_passed(line) => Signal::None,
        Word::Failure => Signal::Failure,
        Word::Hint if is_inside_name(line, start, end) || has_passed(line) || ended_well(line, start, end) => {
            Signal::None
        }
        Word::Hint | Word::ServerError => Signal::Hint,
        Word::ClientError => Signal::Warning,
        Word::Warning if is_inside_name(line, start, end) || is_nothing(line, start, end) => Signal::None,
        Word::Warning => Signal::Warning,
        Word::Status => judge_status(line, start, end),
    }
}

/// A status word: its position decides between failure, hint and nothing.
fn judge_status(line: &[u8], start: usize, end: usize) -> Signal {
    let word = word_end(line, end);
    if is_inside_name(line, start, word) || is_nothing(line, start, word) || has_passed(line) {
        return Signal::None;
    }
    let camel = start > 0 && line[start - 1].is_ascii_alphanumeric();
    let upper = line[start..end].iter().all(u8::is_ascii_uppercase);
    let next = line.get(word).copied().unwrap_or(b'\n');
    let before = &line[..start];
    let leads = before.iter().all(|byte| !byte.is_ascii_alphanumeric());
    let speaks = camel || upper || leads || matches!(next, b':' | b'[' | b'!' | b']' | b')') || after_separator(before);
    if speaks && !is_passing(line) { Signal::Failure } else { Signal::Hint }
}

/// The end of the letters around a word's end: `fail` becomes `failed`.
fn word_end(line: &[u8], end: usize) -> usize {
    end + line[end..].iter().take_while(|byte| byte.is_ascii_lowercase() || byte.is_ascii_uppercase()).count()
}

/// Whether the word is a part of an identifier, a path or a file name: `error_is_ok`, `errors.py`, `libgpg-error0`.
fn is_inside_name(line: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).map_or(b' ', |at| line[at]);
    let after = line.get(end).copied().unwrap_or(b' ');
    let after_next = line.get(end + 1).copied().unwrap_or(b' ');
    let camel = before.is_ascii_lowercase() && line[start].is_ascii_uppercase();
    let glued_before =
        matches!(before, b'_' | b'/' | b'\\' | b'-' | b'.') || (before.is_ascii_alphanumeric() && !camel);
    let glued_after = matches!(after, b'_' | b'/' | b'\\' | b'-' | b'0'..=b'9')
        || (after == b'.' && after_next.is_ascii_alphanumeric())
        || (after == b':' && after_next == b':')
        || after == b'(';
    // `com.example.FooException: text` and `- error: text` are still messages.
    let dotted_type = camel || (before == b'.' && line[start].is_ascii_uppercase());
    (glued_before && !dotted_type && !is_option_dash(line, start)) || (glued_after && !(camel && after == b'('))
}

/// Whether the dash before a word is a bullet (`- error`) rather than part of a name.
fn is_option_dash(line: &[u8], start: usize) -> bool {
    start >= 1 && line[start - 1] == b'-' && line[..start - 1].iter().all(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a count says that there is none: `0 errors`, `no failures`, `errors: 0`, `failed=0`.
fn is_nothing(line: &[u8], start: usize, end: usize) -> bool {
    let before = line[..start].trim_ascii_end();
    let word = before.rsplit(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or_default();
    let none_before = word == b"0" || word.eq_ignore_ascii_case(b"no") || word.eq_ignore_ascii_case(b"without");
    let after = line[end..].trim_ascii_start();
    let value = after.strip_prefix(b":").or_else(|| after.strip_prefix(b"=")).map(<[u8]>::trim_ascii_start);
    let none_after = value.is_some_and(|value| {
        value.starts_with(b"0") && !value.get(1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
    });
    none_before || none_after
}

/// Whether the text before a word ends a label, as in `file.c:3:5: error` or `[12:30:01] ERROR`.
fn after_separator(before: &[u8]) -> bool {
    let trimmed = before.trim_ascii_end();
    trimmed.last().is_some_and(|byte| matches!(byte, b':' | b']' | b'|' | b'>' | b')' | b'-' | b'='))
}

/// Whether the line is a test runner's word on a test that passed, whatever is in its name.
fn has_passed(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    // Without how far the run has come: `[ 12%]`.
    let before = line.strip_suffix(b"%]").and_then(|rest| {
        let at = rest.iter().rposition(|byte| *byte == b'[')?;
        Some(rest[..at].trim_ascii_end())
    });
    let line = before.unwrap_or(line);
    line.ends_with(b" PASSED") || line.ends_with(b" ... ok")
}

/// Whether a word about how a command ended has the status 0 behind it: `exited with 0`, `exit code: 0`.
fn ended_well(line: &[u8], start: usize, end: usize) -> bool {
    let rest = line[end..].strip_prefix(b":").unwrap_or(&line[end..]);
    let none = rest.strip_prefix(b" 0").is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric));
    none && line[start..end].get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"exit"))
}

/// Whether the line reports that something with a failure word in its name passed.
fn is_passing(line: &[u8]) -> bool {
    const ENDS: [&[u8]; 6] = [b" ok", b" PASSED", b" passed", b"... ok", b" [OK]", b" SUCCESS"];
    const STARTS: [&[u8]; 6] = ["\u{2713}".as_bytes(), "\u{2714}".as_bytes(), b"ok ", b"PASS", b"--- PASS", b"[PASS]"];
    let line = line.trim_ascii();
    ENDS.iter().any(|end| line.ends_with(end)) || STARTS.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_by_position() {
        let signals = Signals::shared();
        for (line, signal) in [
            ("error: expected `;`", Signal::Failure),
            ("src/a.c:3:5: error: unknown type", Signal::Failure),
            ("E   TypeError: bad operand", Signal::Failure),
            ("java.lang.IllegalStateException: closed", Signal::Failure),
            ("2026-01-01 10:00:00,123 ERROR [main] db is gone", Signal::Failure),
            ("npm ERR! code E404", Signal::Failure),
            ("FAILED tests/test_a.py::test_b - assert 1 == 2", Signal::Failure),
            ("--- FAIL: TestParse (0.00s)", Signal::Failure),
            ("thread 'main' panicked at src/main.rs:3:5:", Signal::Failure),
            ("make: *** [Makefile:3: all] Error 1", Signal::Failure),
            ("test error_is_ok ... ok", Signal::None),
            ("tests/test_run.py::test_denied[x: Permission denied] PASSED [ 12%]", Signal::None),
            ("The command \"make lint\" exited with 0.", Signal::None),
            ("The command \"make lint\" exited with 10.", Signal::Hint),
            ("0 errors, 0 warnings", Signal::None),
            ("Finished with no errors", Signal::None),
            ("errors: 0", Signal::None),
            ("tests/errors.py ....", Signal::None),
            ("   Compiling thiserror v2.0.0", Signal::None),
            ("Unpacking libgpg-error0:amd64 (1.46-1) ...", Signal::None),
            ("the server was unable to answer", Signal::Hint),
            ("warning: unused variable `x`", Signal::Warning),
            ("npm warn deprecated inflight@1.0.6", Signal::Warning),
            ("10.0.0.1 - - [22/Nov/2026] \"GET /a HTTP/1.1\" 502 157", Signal::Hint),
            ("10.0.0.1 - - [22/Nov/2026] \"GET /a HTTP/2.0\" 404 153", Signal::Warning),
            ("10.0.0.1 - - [22/Nov/2026] \"GET /a HTTP/1.1\" 200 502", Signal::None),
            ("all is well", Signal::None),
        ] {
            assert_eq!(signals.of(line.as_bytes()), signal, "{line}");
        }
    }

    #[test]
    fn looking_ahead_misses_no_word_as_it_is_mostly_spelled() {
        let ahead = LookAhead::new();
        for (word, _) in WORDS.iter().filter(|(_, kind)| !matches!(kind, Word::Hint)) {
            let capital = word[..1].to_uppercase() + &word[1..];
            for spelled in [word.to_string(), word.to_uppercase(), capital] {
                let line = format!("a line, long enough to be read by vectors {spelled} and some more behind it");
                assert!(ahead.next_word(line.as_bytes()).is_some(), "{spelled}");
            }
        }
        assert_eq!(ahead.next_word(b"all is well in this line, which is long enough to be read by vectors"), None);
    }
}
