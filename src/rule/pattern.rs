//! Patterns of rules: compiled when first used, matched on bytes.
//!
//! A rule set holds hundreds of patterns and a call needs a dozen, so compiling is lazy. `\d`, `\w`, `\s` and `\b` are
//! ASCII unless a pattern says `(?u)`: that makes compiling several times faster and never trips over invalid UTF-8.

use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::literals::parse;

/// The largest compiled pattern, in bytes; a larger one is an error.
const SIZE_LIMIT: usize = 2 << 20;

/// A pattern with fewer elements than this is far from [`SIZE_LIMIT`]: whether it compiles need not be tried at once.
const SURELY_SMALL: usize = 4000;

/// One or more patterns of which any may match, compiled when first used.
///
/// `^` and `$` are the ends of a line. A pattern made by [`Pattern::new`] is for one line at a time, which lets an
/// anchored pattern give up at its first byte; [`Pattern::across_lines`] makes it one for whole texts.
#[derive(Debug)]
pub struct Pattern {
    sources: Vec<String>,
    lines: Lines,
    compiled: OnceLock<Option<Regex>>,
}

/// What a pattern is matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

impl Pattern {
    /// A pattern for single lines. Whether it can be used at all is what [`Pattern::check`] says.
    pub fn new(source: &str) -> Self {
        Self { sources: vec![source.to_string()], lines: Lines::One, compiled: OnceLock::new() }
    }

    /// Any of several patterns; `None` when there is none.
    pub fn any(sources: &[String]) -> Option<Self> {
        let of = |sources: &[String]| Self { sources: sources.to_vec(), lines: Lines::One, compiled: OnceLock::new() };
        (!sources.is_empty()).then(|| of(sources))
    }

    /// The same pattern for texts of many lines.
    #[must_use]
    pub fn across_lines(mut self) -> Self {
        self.lines = Lines::Many;
        self
    }

    /// Fails when the pattern does not parse or would be too large, and says which.
    pub fn check(&self) -> Result<(), String> {
        for source in &self.sources {
            let parsed = parse(source).map_err(|error| format!("pattern `{source}`: {error}"))?;
            if elements(&parsed) > SURELY_SMALL && build(source, self.lines).is_err() {
                return Err(format!("pattern `{source}`: too large, over {} KiB when compiled", SIZE_LIMIT >> 10));
            }
        }
        Ok(())
    }

    fn regex(&self) -> Option<&Regex> {
        let joined = || match &self.sources[..] {
            [one] => build(one, self.lines).ok(),
            many => {
                let many = many.iter().map(|source| format!("(?:{source})")).collect::<Vec<_>>().join("|");
                build(&many, self.lines).ok()
            }
        };
        self.compiled.get_or_init(joined).as_ref()
    }

    /// Whether the text matches; a pattern that cannot be compiled never does.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The captures of the first match.
    pub fn captures<'t>(&self, text: &'t [u8]) -> Option<Captures<'t>> {
        self.regex()?.captures(text)
    }

    /// Replaces every match; `None` when there is none.
    pub fn replace_all(&self, text: &[u8], with: &str) -> Option<Vec<u8>> {
        let regex = self.regex()?;
        regex.is_match(text).then(|| regex.replace_all(text, with.as_bytes()).into_owned())
    }
}

/// About how many elements a pattern has when its repetitions are written out.
fn elements(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Class(Class::Unicode(class)) => 4 * class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1) as usize;
            times.saturating_mul(elements(&repetition.sub))
        }
        HirKind::Capture(capture) => elements(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum, part| sum.saturating_add(elements(part)))
        }
    }
}

fn build(source: &str, lines: Lines) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).unicode(false).multi_line(lines == Lines::Many).size_limit(SIZE_LIMIT).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_ascii_literals_and_bad_bytes_match() {
        let pattern = Pattern::new(r"^\s*(?:✓|✔) (\w+)");
        assert!(pattern.is_match("  ✓ works".as_bytes()));
        assert!(!pattern.is_match(b"\xff\xfe works"));
    }

    #[test]
    fn patterns_too_large_to_compile_are_refused_at_once() {
        for (source, is_fine) in [
            ("(a{1000}){1000}", false),
            (r"(?u)\w{5000}", false),
            (r"(?u)\w{10}", true),
            (r"^[^\s]{1,255}:\d{1,9}", true),
            ("x{5000}", true),
        ] {
            assert_eq!(Pattern::new(source).check().is_ok(), is_fine, "{source}");
        }
    }
}
