//! The steps of rules: one file each, one line each in the [`STEPS`] table.
//!
//! A step changes a [`Draft`] and nothing else. It never needs to look after protected lines: the ledger refuses to drop
//! them. A step that finds nothing to do leaves the draft as it is.

mod columns;
mod condition;
mod dedupe;
mod extract;
mod group;
mod lines;
mod places;
mod rows;
mod section;
mod short;
mod tree;
mod units;

use std::fmt;

use super::file::StepFile;
use super::pattern::Pattern;
use crate::compaction::Draft;
use crate::plan::Plan;

pub use dedupe::template_hash;
pub use rows::side_by_side;
pub use tree::by_folder;

/// What a step does when it runs.
pub trait Step: fmt::Debug + Send + Sync {
    /// The key in the rule file.
    fn name(&self) -> &'static str;
    /// Changes the draft.
    fn apply(&self, draft: &mut Draft<'_>, plan: &Plan);
    /// The patterns it uses, for `hr rules check`.
    fn patterns(&self) -> Vec<&Pattern> {
        Vec::new()
    }
    /// What cannot work though each part of it is right, for `hr rules check`.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Makes a step from its written form, when the file has this key.
type Make = fn(&StepFile) -> Option<Result<Box<dyn Step>, String>>;

/// Every step, by its key in a rule file.
pub const STEPS: &[(&str, Make)] = &[
    ("replace", |file| file.replace.as_ref().map(lines::replace)),
    ("drop", |file| file.drop.as_ref().map(lines::drop)),
    ("keep", |file| file.keep.as_ref().map(lines::keep)),
    ("section", |file| file.section.as_ref().map(section::make)),
    ("units", |file| file.units.as_ref().map(units::make)),
    ("dedupe", |file| file.dedupe.as_ref().map(dedupe::make)),
    ("group", |file| file.group.as_ref().map(group::make)),
    ("places", |file| file.places.as_ref().map(places::make)),
    ("tree", |file| file.tree.as_ref().map(tree::make)),
    ("rows", |file| file.rows.as_ref().map(rows::make)),
    ("table", |file| file.table.as_ref().map(columns::make)),
    ("window", |file| file.window.as_ref().map(lines::window)),
    ("truncate", |file| file.truncate.as_ref().map(lines::truncate)),
    ("extract", |file| file.extract.as_ref().map(extract::make)),
    ("short", |file| file.short.as_ref().map(short::make)),
    ("compress", |file| file.compress.as_ref().map(lines::compress)),
];

/// Makes the one step that a `[[step]]` table describes.
pub fn make(file: &StepFile) -> Result<Box<dyn Step>, String> {
    let mut made = STEPS.iter().filter_map(|(_, make)| make(file));
    let first = made.next().ok_or("a step needs one key that says what it does, such as `drop` or `keep`")?;
    if made.next().is_some() {
        return Err("a step does exactly one thing; write a `[[step]]` for each".into());
    }
    Ok(condition::under(file, first?))
}

/// Boxes a step.
fn boxed(step: impl Step + 'static) -> Result<Box<dyn Step>, String> {
    Ok(Box::new(step))
}

/// The label of dropped lines, or the default.
fn label(written: Option<&String>, default: &str) -> String {
    written.map_or_else(|| default.to_string(), Clone::clone)
}
