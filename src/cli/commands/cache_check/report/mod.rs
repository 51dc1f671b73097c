//! The report of `hr cache-check`: one file a form.

mod github;
mod json;
mod sarif;
mod text;

use super::inputs::Unread;
use super::{Checked, ReportFormat};
use crate::cache_check::Finding;
use crate::render::marker::counted;

/// All that was found, and what could not be read.
pub(super) struct Report<'r> {
    pub checked: &'r [Checked<'r>],
    pub unread: &'r [Unread],
}

impl Report<'_> {
    /// The report in one of its forms.
    pub(super) fn written(&self, format: ReportFormat) -> String {
        match format {
            ReportFormat::Text => text::written(self),
            ReportFormat::Json => json::written(self),
            ReportFormat::Sarif => sarif::written(self),
            ReportFormat::Github => github::written(self),
        }
    }

    /// Every finding, with its file.
    fn findings(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.checked
            .iter()
            .flat_map(|checked| checked.findings.iter().map(|found| (checked.input.name.as_str(), found)))
    }
}

/// A finding in one sentence.
fn sentence(finding: &Finding) -> String {
    let Finding { sample, tokens_spoiled, times, advice, .. } = finding;
    let times = if *times > 1 { format!(", {times} times") } else { String::new() };
    format!("`{sample}`{times} stands before about {} of prefix: {advice}", counted(*tokens_spoiled, "tokens"))
}
