//! What a rule of a cloned repository may not do until the user trusts it.
//!
//! Until then it can leave out lines and fold them, and no more: failures stay as they are, no word of its own reaches the
//! output, and rules of the program and of the user come before it.

use super::file::{RuleFile, StepFile};

/// A rule without what it may not do.
pub(super) fn restricted(mut file: RuleFile) -> RuleFile {
    file.unprotect.clear();
    file.fact.clear();
    for steps in [&mut file.step, &mut file.on_failure] {
        steps.retain(|step| power(step).is_none());
        steps.iter_mut().flat_map(labels).for_each(|label| *label = None);
    }
    file.kind = file.kind.filter(|kind| is_plain(kind));
    file
}

/// What a rule says that it may not do until it is trusted, as keys of the file.
pub fn powers(file: &RuleFile) -> Vec<&'static str> {
    let steps = file.step.iter().chain(&file.on_failure);
    let mut powers = steps.filter_map(power).collect::<Vec<_>>();
    let keys = [
        (!file.unprotect.is_empty(), "unprotect"),
        (!file.fact.is_empty(), "fact"),
        (file.kind.as_deref().is_some_and(|kind| !is_plain(kind)), "kind"),
    ];
    powers.extend(keys.iter().filter(|(has, _)| *has).map(|(_, key)| *key));
    powers.sort_unstable();
    powers.dedup();
    powers
}

/// Kinds whose compressors keep lines as they are.
fn is_plain(kind: &str) -> bool {
    matches!(kind, "log" | "text")
}

/// What a step calls the lines it leaves out: words of the rule that would stand in the output.
fn labels(step: &mut StepFile) -> impl Iterator<Item = &mut Option<String>> {
    let labels = [
        step.drop.as_mut().map(|drop| &mut drop.label),
        step.keep.as_mut().map(|keep| &mut keep.label),
        step.section.as_mut().map(|section| &mut section.label),
        step.units.as_mut().map(|units| &mut units.label),
        step.dedupe.as_mut().map(|dedupe| &mut dedupe.label),
        step.window.as_mut().map(|window| &mut window.label),
    ];
    labels.into_iter().flatten()
}

/// The key of a step that can do more than leave out lines, fold them and set them in another order.
fn power(step: &StepFile) -> Option<&'static str> {
    [
        (step.replace.is_some(), "replace"),
        (step.short.is_some(), "short"),
        (step.extract.is_some(), "extract"),
        (step.group.is_some(), "group"),
        (step.places.is_some(), "places"),
        (step.compress.is_some(), "compress"),
    ]
    .into_iter()
    .find_map(|(has, key)| has.then_some(key))
}
