//! What is wrong with a rule file, and where: file, line, column, the nearest name and a hint.

use std::fmt;

use super::compile::{BadRule, Layer, Rule};
use super::file::RuleFile;

/// A rule file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The file, as the user knows it.
    pub file: String,
    /// Line and column, 1-based; the beginning when the place is not known.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
    /// The byte range in the file, for an excerpt.
    pub span: std::ops::Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl RuleError {
    /// An error about a file as a whole.
    pub(super) fn whole(file: &str, message: String, hint: String) -> Self {
        Self { file: file.to_string(), line: 1, column: 1, span: 0..0, message, hint: Some(hint) }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for RuleError {}

/// Reads and compiles a rule file.
pub(super) fn read(file: &str, source: &str, layer: Layer) -> Result<Rule, RuleError> {
    let written: RuleFile = toml::from_str(source).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or_default().to_string();
        let hint = nearest_in(&message);
        at(file, source, span, tidy(&message), hint)
    })?;
    Rule::compile(written, layer).map_err(|bad| about(file, source, &bad))
}

/// An error about a text in a file.
pub(super) fn about(file: &str, source: &str, bad: &BadRule) -> RuleError {
    let BadRule { culprit, message } = bad;
    // It stands in the file as it was written, or with its backslashes doubled in a basic string.
    let found = [culprit.to_string(), culprit.replace('\\', "\\\\")]
        .into_iter()
        .find_map(|text| source.find(&text).map(|start| start..start + text.len()));
    at(file, source, found.unwrap_or(0..0), message.clone(), None)
}

fn at(file: &str, source: &str, span: std::ops::Range<usize>, message: String, hint: Option<String>) -> RuleError {
    let before = &source[..span.start.min(source.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    RuleError { file: file.to_string(), line, column, span, message, hint }
}

/// Serde's list of what was expected is long; the hint names the nearest.
fn tidy(message: &str) -> String {
    message.split_once(", expected").map_or(message, |(what, _)| what).to_string()
}

/// For `unknown field X, expected one of A, B`: the name nearest to X.
fn nearest_in(message: &str) -> Option<String> {
    let mut names = message.split('`').skip(1).step_by(2);
    let written = names.next()?;
    let known = names.collect::<Vec<_>>();
    let best = known.iter().max_by(|a, b| {
        strsim::jaro_winkler(written, a).total_cmp(&strsim::jaro_winkler(written, b)).then_with(|| b.cmp(a))
    })?;
    if strsim::jaro_winkler(written, best) > 0.75 {
        Some(format!("did you mean `{best}`?"))
    } else {
        Some(format!("known here: {}", known.join(", ")))
    }
}
