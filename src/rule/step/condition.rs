//! `when` and `when-single`: steps that are taken only when lines of the text call for it.

use super::{Pattern, Step};
use crate::compaction::Draft;
use crate::plan::Plan;
use crate::rule::file::StepFile;

/// A step under a condition.
#[derive(Debug)]
struct Conditional {
    when: Option<Pattern>,
    when_single: Vec<Pattern>,
    step: Box<dyn Step>,
}

/// A step under the conditions of its table; the step itself when there are none.
pub(super) fn under(file: &StepFile, step: Box<dyn Step>) -> Box<dyn Step> {
    if file.when.is_empty() && file.when_single.is_empty() {
        return step;
    }
    let when_single = file.when_single.iter().map(|pattern| Pattern::new(pattern)).collect();
    Box::new(Conditional { when: Pattern::any(&file.when), when_single, step })
}

impl Step for Conditional {
    fn name(&self) -> &'static str {
        self.step.name()
    }

    fn apply(&self, draft: &mut Draft<'_>, plan: &Plan) {
        let matching = |pattern: &Pattern, most| {
            let is_match = |line: &usize| draft.is_live(*line) && pattern.is_match(draft.text(*line));
            (0..draft.len()).filter(is_match).take(most).count()
        };
        if self.when.as_ref().is_none_or(|pattern| matching(pattern, 1) == 1)
            && self.when_single.iter().all(|pattern| matching(pattern, 2) == 1)
        {
            self.step.apply(draft, plan);
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        self.step.patterns().into_iter().chain(&self.when).chain(&self.when_single).collect()
    }

    fn check(&self) -> Result<(), String> {
        self.step.check()
    }
}
