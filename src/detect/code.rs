//! Knows source code by the shape of its lines: statements, blocks, assignments, calls, comments.
//!
//! Code is left whole unless somebody asks, so a text is only called code when most of its lines are and few could be the
//! lines of a log, a list or prose.

use super::Stretch;
use super::log::is_log;
use super::probes::sample;
use crate::compress::lines_of_traces;

/// How a line is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A line that hardly anything but a program has.
    Code,
    /// A line that a program has, and other texts too.
    Maybe,
    /// A line of something else.
    Other,
}

/// Source code: at least half of the lines could be code, enough of them surely, and few speak against it.
pub(super) fn probe(stretch: &Stretch<'_>) -> Option<String> {
    let lines = sample(stretch);
    if lines_of_traces(&lines) * 3 >= lines.len() {
        return None;
    }
    let numbered = lines.iter().filter(|line| without_number(line).is_some()).count() * 10 >= lines.len() * 9;
    let mut docstring = false;
    let mut counts = [0usize; 3];
    for line in &lines {
        let line = if numbered { without_number(line).unwrap_or(line) } else { line };
        let quotes = count(line, b"\"\"\"") + count(line, b"'''");
        let shape = if docstring || quotes > 0 { Shape::Maybe } else { shape(line) };
        docstring ^= quotes % 2 == 1;
        counts[shape as usize] += 1;
    }
    let [code, maybe, other] = counts;
    let all = lines.len();
    (all >= 6 && code * 4 >= all && (code + maybe) * 10 >= all * 6 && other * 10 <= all * 3)
        .then(|| format!("{code} of {all} lines are code"))
}

fn count(line: &[u8], what: &[u8]) -> usize {
    memchr::memmem::find_iter(line, what).count()
}

/// The line behind the number that `cat -n` and editors put before it.
fn without_number(line: &[u8]) -> Option<&[u8]> {
    let text = line.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match text.get(digits) {
        Some(b'\t' | b'|' | b':') if digits > 0 => Some(&text[digits + 1..]),
        None if digits > 0 => Some(b""),
        _ => None,
    }
}

fn shape(line: &[u8]) -> Shape {
    let text = line.trim_ascii();
    let indented = line.len() > text.len() && line.first().is_some_and(u8::is_ascii_whitespace);
    if text.is_empty() {
        Shape::Maybe
    } else if is_log(line) {
        Shape::Other
    } else if is_json(text) {
        Shape::Maybe
    } else if is_statement(text) || is_block(text) || is_assignment(text) || is_call(text, indented) {
        Shape::Code
    } else if is_comment(text) || indented && text.iter().any(|byte| b"()[]{}=<>,.\"'".contains(byte)) {
        Shape::Maybe
    } else {
        Shape::Other
    }
}

/// A line of JSON, which programs have as well.
fn is_json(text: &[u8]) -> bool {
    let key = || text.strip_prefix(b"\"").is_some_and(|rest| memchr::memmem::find(rest, b"\": ").is_some());
    text.starts_with(b"{\"") || key() || matches!(text, b"{" | b"}" | b"}," | b"[" | b"]" | b"]," | b"},{")
}

/// A statement by its first words; some of them only with what must follow.
fn is_statement(text: &[u8]) -> bool {
    const STARTS: &[&str] = &[
        "import ",
        "def ",
        "class ",
        "fn ",
        "pub ",
        "let ",
        "const ",
        "var ",
        "func ",
        "package ",
        "return;",
        "if (",
        "for (",
        "while (",
        "switch (",
        "#include",
        "#define",
        "#ifdef",
        "#ifndef",
        "#endif",
        "#pragma",
        "public ",
        "private ",
        "protected ",
        "static ",
        "struct ",
        "enum ",
        "impl ",
        "interface ",
        "export ",
        "elif ",
        "else {",
        "} else",
        "try:",
        "try {",
        "except ",
        "except:",
        "finally",
        "catch (",
        "} catch",
        "self.",
        "this.",
        "function ",
        "async ",
        "await ",
        "namespace ",
        "using ",
        "extern ",
        "typedef ",
        "template<",
        "template <",
        "trait ",
        "mod ",
        "module ",
        "require ",
        "yield ",
        "case ",
        "unsafe ",
        "match ",
        "defer ",
        "go func",
        "lambda ",
        "@",
        "local ",
    ];
    const ALONE: &[&[u8]] =
        &[b"else:", b"pass", b"break", b"continue", b"return", b"end", b"fi", b"done", b"esac", b"then"];
    let starts = STARTS.iter().any(|start| text.starts_with(start.as_bytes()));
    let from = text.starts_with(b"from ") && memchr::memmem::find(text, b" import").is_some();
    let use_ = text.starts_with(b"use ") && text.ends_with(b";");
    let blocks = [&b"if "[..], b"for ", b"while ", b"with ", b"unless ", b"type "];
    let opens = blocks.iter().any(|start| text.starts_with(start))
        && (text.ends_with(b":") || text.ends_with(b"{") || text.ends_with(b"(") || text.ends_with(b"; do"));
    let says = [&b"return "[..], b"raise ", b"throw ", b"assert "].iter().any(|start| text.starts_with(start));
    starts || from || use_ || opens || says || ALONE.contains(&text)
}

/// A line that ends as lines of programs do.
fn is_block(text: &[u8]) -> bool {
    let last = text[text.len() - 1];
    let brackets = text.iter().all(|byte| b"()[]{},;".contains(byte));
    matches!(last, b'{' | b'}' | b';')
        || brackets
        || text.ends_with(b"):")
        || text.ends_with(b"(")
        || text.ends_with(b"[")
}

/// `name = value`, `a.b[c] += value`, `name: Type = value`.
fn is_assignment(text: &[u8]) -> bool {
    if memchr::memchr(b'=', text).is_none() {
        return false;
    }
    let Some(at) = memchr::memmem::find(text, b" = ")
        .or_else(|| memchr::memmem::find(text, b" := "))
        .or_else(|| memchr::memmem::find(text, b" += ").or_else(|| memchr::memmem::find(text, b" -= ")))
    else {
        return false;
    };
    let target = &text[..at];
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.[]'\",:*&$@<>() ".contains(byte);
    let blanks = memchr::memchr_iter(b' ', target).count();
    !target.is_empty() && blanks <= 2 && target.iter().all(word) && !target[0].is_ascii_digit()
}

/// `name(…)` with nothing else around it, or an argument that ends with a comma.
fn is_call(text: &[u8], indented: bool) -> bool {
    let name = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.:!$".contains(byte)).count();
    let called = name > 0 && text.get(name) == Some(&b'(') && (text.ends_with(b")") || text.ends_with(b","));
    called || indented && text.ends_with(b",")
}

fn is_comment(text: &[u8]) -> bool {
    [&b"//"[..], b"/*", b"* ", b"*/", b"# ", b"#!", b"--", b"<!--", b":param", b":return"]
        .iter()
        .any(|start| text.starts_with(start))
        || text == b"*"
        || text == b"#"
}
