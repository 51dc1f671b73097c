//! The compressor for source code: an outline with imports, types, signatures and the first sentence of comments.
//!
//! Bodies are folded in place, by a comment in the language's own syntax that has their lines, so that the result still
//! parses. Only on demand, since agents read files in order to edit them.

#![cfg_attr(not(feature = "code"), allow(dead_code, reason = "without grammars nothing is folded"))]

mod fold;
mod indent;
mod language;
mod select;
mod source;
#[cfg(all(test, feature = "code"))]
mod tests;

#[cfg(feature = "code")]
mod docs;
#[cfg(feature = "code")]
mod grammar;
#[cfg(feature = "code")]
mod outline;
#[cfg(not(feature = "code"))]
#[path = "no_grammar.rs"]
mod outline;

use std::ops::Range;

use self::fold::{Class, Edit, Outline};
use self::language::Told;
use self::source::Source;
use super::Skip;
use crate::compaction::Draft;
use crate::plan::Plan;

/// Outlines the lines when the user or a rule wants that: they told the kind, a question or a budget.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    if !plan.told && plan.budget.is_none() && plan.query.is_none() {
        return Err(Skip::Nothing);
    }
    let source = Source::new(draft, lines);
    if source.live.is_empty() {
        return Err(Skip::Nothing);
    }
    let told = language::told(draft.doc().origin(), &source.text);
    if let Some(mut outline) = outline::outline(&source, told) {
        let edits = sound_edits(&mut outline, &source, draft, plan).ok_or(Skip::NotMine)?;
        fold::apply(draft, &source, &edits);
        return if edits.is_empty() { Err(Skip::Nothing) } else { Ok(()) };
    }
    // A budget is met line by line when nothing is known of the language.
    let comment = match told {
        Told::Known(language) => Some(language.comment()),
        Told::Foreign(comment) => Some(comment),
        Told::Nothing => None,
    };
    if plan.budget.is_none() && indent::compress(draft, &source, comment) { Ok(()) } else { Err(Skip::NotMine) }
}

/// The edits for a plan, of which the result parses as well as the text did; none when a budget cannot be met so.
fn sound_edits(outline: &mut Outline, source: &Source, draft: &Draft<'_>, plan: &Plan) -> Option<Vec<Edit>> {
    let first = select::edits(outline, source, draft, plan)?;
    if is_sound(outline, source, &first) {
        return Some(first);
    }
    // What is in a body cannot break what is around it.
    outline.folds.retain(|fold| fold.class == Class::Body);
    outline.items.clear();
    let second = select::edits(outline, source, draft, plan)?;
    if is_sound(outline, source, &second) {
        return Some(second);
    }
    plan.budget.is_none().then(Vec::new)
}

/// Whether a text with the edits parses with no more errors than before.
fn is_sound(outline: &Outline, source: &Source, edits: &[Edit]) -> bool {
    let errors = |language| outline::error_nodes(&fold::edited(&source.text, edits), language);
    outline.language.and_then(errors).is_some_and(|errors| errors <= outline.errors)
}
