//! Patterns of rules: compiled when first used, matched on bytes.
//!
//! A rule set holds hundreds of patterns and a call needs a dozen, so compiling is lazy. `\d`, `\w`, `\s` and `\b` are
//! ASCII unless a pattern says `(?u)`: that makes compiling several times faster and never trips over invalid UTF-8.

use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::literals::parse;

/// The largest compiled pattern, in bytes; a larger one is an error when the rule is checked.
const SIZE_LIMIT: usize = 2 << 20;

/// One or more patterns of which any may match, compiled when first used.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern from its source; fails when the source does not parse.
    pub fn new(source: &str) -> Result<Self, String> {
        parse(source).map_err(|error| format!("pattern `{source}`: {error}"))?;
        Ok(Self { source: source.to_string(), compiled: OnceLock::new() })
    }

    /// Any of several patterns; `None` when there is none.
    pub fn any(sources: &[String]) -> Result<Option<Self>, String> {
        match sources {
            [] => Ok(None),
            [one] => Self::new(one).map(Some),
            many => {
                for source in many {
                    Self::new(source)?;
                }
                Self::new(&many.iter().map(|source| format!("(?:{source})")).collect::<Vec<_>>().join("|")).map(Some)
            }
        }
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Compiles the pattern now and says whether that works; `hr rules check` calls it.
    pub fn check(&self) -> Result<(), String> {
        build(&self.source).map(|_| ()).map_err(|error| error.to_string())
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| build(&self.source).ok()).as_ref()
    }

    /// Whether the text matches; a pattern that is too large to compile never does.
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

fn build(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).unicode(false).multi_line(true).size_limit(SIZE_LIMIT).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_ascii_literals_and_bad_bytes_match() {
        let pattern = Pattern::new(r"^\s*(?:✓|✔) (\w+)").unwrap();
        assert!(pattern.is_match("  ✓ works".as_bytes()));
        assert!(!pattern.is_match(b"\xff\xfe works"));
    }
}
