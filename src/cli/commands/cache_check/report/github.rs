//! Annotations of GitHub Actions: a workflow command a finding.

use std::fmt::Write;

use super::{Report, sentence};
use crate::cache_check::{Finding, Severity};
use crate::cli::annotation::{message, property};

/// Writes the report.
pub(super) fn written(report: &Report<'_>) -> String {
    let mut text = String::new();
    for (file, finding) in report.findings() {
        let Finding { line, column, check, severity, .. } = finding;
        let level = match severity {
            Severity::Note => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let (file, message) = (property(file), message(&sentence(finding)));
        let _ = writeln!(text, "::{level} file={file},line={line},col={column},title=cache-check {check}::{message}");
    }
    for unread in report.unread {
        let _ = writeln!(text, "::error file={}::{}", property(&unread.name), message(&unread.why));
    }
    text
}
