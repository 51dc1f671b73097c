//! Patterns of peers in the syntax of ours, or why there is none.
//!
//! Ours are those of the `regex` crate: linear time, so no look-around and no backreferences. tokf and RTK use that crate
//! too; tokenjuice has the patterns of JavaScript, with the flag `u`.

use super::keys::Notes;
use super::steps::{KEEP, PROTECTED};
use crate::rule::pattern::Pattern;

/// Whose pattern it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The `regex` crate's.
    Rust,
    /// JavaScript's.
    JavaScript,
}

/// Patterns that match blank lines and nothing else.
const BLANK: [&str; 7] = [r"^\s*$", "^$", r"^\s+$", "^ *$", r"^[ \t]*$", r"^[\s]*$", r"^\s*?$"];

/// Whether a pattern is for blank lines only.
pub(super) fn is_blank(pattern: &str) -> bool {
    BLANK.contains(&pattern)
}

/// A pattern in our syntax; the error says what we do not have.
pub(super) fn convert(source: &str, flags: &str, dialect: Dialect) -> Result<String, String> {
    let body = match dialect {
        Dialect::Rust => source.to_string(),
        Dialect::JavaScript => plain_classes(source),
    };
    let ours = format!("{}{body}", inline_flags(flags)?);
    let error = match Pattern::new(&ours).check() {
        Ok(()) => return Ok(ours),
        Err(error) => error,
    };
    // Characters outside of ASCII in a class, and `\p{...}`, need Unicode.
    let unicode = format!("(?u){ours}");
    if Pattern::new(&unicode).check().is_ok() { Ok(unicode) } else { Err(error) }
}

/// The patterns that can be had; the others are reported under `key`.
fn convert_all(sources: &[String], dialect: Dialect, key: &str, notes: &mut Notes) -> Vec<String> {
    let mut converted = Vec::new();
    for source in sources {
        match convert(source, "", dialect) {
            Ok(pattern) => converted.push(pattern),
            Err(error) => notes.left(key, error),
        }
    }
    converted
}

/// The patterns of lines to keep: all or none, since with one pattern less more lines would go.
pub(super) fn convert_keep(sources: &[String], dialect: Dialect, key: &str, notes: &mut Notes) -> Vec<String> {
    let converted = convert_all(sources, dialect, key, notes);
    if converted.len() < sources.len() {
        notes.left(key, "without every pattern lines would go that should stay, so all lines stay");
        return Vec::new();
    }
    if !converted.is_empty() {
        notes.changed(key, KEEP);
    }
    converted
}

/// The patterns of lines to drop.
pub(super) fn convert_skip(sources: &[String], dialect: Dialect, key: &str, notes: &mut Notes) -> Vec<String> {
    let converted = convert_all(sources, dialect, key, notes);
    if !converted.is_empty() {
        notes.changed(key, PROTECTED);
    }
    converted
}

/// Flags in front of a pattern. Those that steer a search over several lines or matches say nothing about a single line.
fn inline_flags(flags: &str) -> Result<&'static str, String> {
    match flags.chars().find(|flag| !"dgimsuvy".contains(*flag)) {
        Some(unknown) => Err(format!("there is no flag `{unknown}`")),
        None if flags.contains('i') => Ok("(?i)"),
        None => Ok(""),
    }
}

/// Escapes what is plain inside a class of JavaScript and an operator in ours: `[`, `&&`, `--`, `~~`.
fn plain_classes(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut in_class = false;
    let mut chars = source.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                before = None;
                continue;
            }
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                out.push(c);
            }
            ']' if in_class => {
                in_class = false;
                out.push(c);
            }
            '&' | '-' | '~' if in_class && before == Some(c) => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// Whether a pattern asks for a line break, which no single line has.
pub(super) fn crosses_lines(pattern: &str) -> bool {
    let pattern = pattern.replace(r"[^\n]", "").replace(r"[^\r\n]", "");
    pattern.contains(r"\n") || pattern.contains('\n')
}

/// The pattern with names for its numbered groups, `c1`, `c2`, ..., and `c0` for the whole.
pub(super) fn named_groups(pattern: &str) -> String {
    let mut out = String::from("(?<c0>");
    let (mut group, mut in_class) = (0, false);
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '\\' => out.extend(chars.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class && chars.peek() != Some(&'?') => {
                group += 1;
                out.push_str(&format!("?<c{group}>"));
            }
            _ => {}
        }
    }
    out.push(')');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_come_over_or_say_what_is_missing() {
        for (source, flags, expected) in [
            (r"^\d+ errors?\b", "", Ok(r"^\d+ errors?\b")),
            (r"a\/b", "gi", Ok(r"(?i)a\/b")),
            (r"[^[\]&&]--", "", Ok(r"[^\[\]&\&]--")),
            ("^[⸩⸨]", "", Ok("(?u)^[⸩⸨]")),
            (r"\p{Lu}", "u", Ok(r"(?u)\p{Lu}")),
            ("^(?!NAME).+", "", Err("look-around")),
            (r"(a)\1", "", Err("backreferences")),
            ("a(", "", Err("unclosed group")),
            ("a", "x", Err("no flag `x`")),
        ] {
            match (convert(source, flags, Dialect::JavaScript), expected) {
                (Ok(pattern), Ok(expected)) => assert_eq!(pattern, expected),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
                (got, _) => panic!("{source}: {got:?}"),
            }
        }
    }

    #[test]
    fn groups_get_names() {
        assert_eq!(named_groups(r"(\S+) \(x [(] (?:a|(b))"), r"(?<c0>(?<c1>\S+) \(x [(] (?:a|(?<c2>b)))");
    }
}
