//! What a check found: where, how bad, how much it costs, and what to do about it.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It may cost the cache.
    Warning,
    /// It costs the cache.
    Error,
}

impl Severity {
    /// The name users write and read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Note, Self::Warning, Self::Error].into_iter().find(|severity| severity.name() == text);
        known.ok_or_else(|| format!("`{text}` is no severity: it is `off`, `note`, `warning` or `error`"))
    }
}

/// A place that a check points at, before it is known what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// The bytes, in the text that the check was given.
    pub range: Range<usize>,
    /// Instead of the check's own.
    pub severity: Option<Severity>,
    /// What is printed instead of the bytes.
    pub sample: Option<String>,
    /// Instead of the check's own.
    pub advice: Option<String>,
}

impl Spot {
    /// What stands there is what is meant.
    pub(super) fn at(range: Range<usize>) -> Self {
        Self { range, severity: None, sample: None, advice: None }
    }

    pub(super) fn with(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    pub(super) fn reading(self, sample: impl Into<String>) -> Self {
        Self { sample: Some(sample.into()), ..self }
    }

    pub(super) fn advising(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// What a check found in a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The line of the source, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The first byte in the source.
    pub offset: usize,
    /// How many bytes of the source it is.
    #[serde(skip)]
    pub length: usize,
    /// Where in a request: a JSON pointer (RFC 6901).
    pub pointer: Option<String>,
    /// The check's name.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What stands there, at most 80 characters; secrets are redacted.
    pub sample: String,
    /// How many tokens of prefix stand from here on, so that a change here costs them.
    pub tokens_spoiled: usize,
    /// What to do.
    pub advice: String,
    /// In how many places the same value stands; this is the first.
    pub times: usize,
}
