//! Compacts a text and keeps its original: what the filter, `hr run` and hooks share.

use super::args::{FactsPlace, Format, HowArgs};
use super::error::CliError;
use super::output;
use super::settings::Settings;
use crate::pipeline::{Compaction, Request, compact};
use crate::render::json;
use crate::rule::RuleSet;

/// Compacts a text; keeps the original when meaning was lost.
pub fn compact_and_keep(raw: &[u8], mut request: Request, rules: &RuleSet, _: &Settings) -> Compaction {
    request.handle = Some(blake3::hash(raw).to_hex()[..8].to_string());
    compact(raw, &request, rules)
}

/// Prints a compaction the way the options ask for.
pub fn print(compaction: &Compaction, how: &HowArgs) -> Result<(), CliError> {
    match how.format {
        Format::Json => output::print(&json::render(compaction))?,
        Format::Text => output::print(&compaction.text)?,
    }
    if let (FactsPlace::Stderr, Some(footer)) = (how.facts, &compaction.footer) {
        output::complain(footer);
    }
    Ok(())
}
