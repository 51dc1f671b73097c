//! The step `short`: a successful output that says nothing else becomes one message.

use super::{Pattern, Step, boxed};
use crate::compaction::{Draft, Loss, Place, Reason};
use crate::plan::{Outcome, Plan};
use crate::rule::file::ShortFile;

#[derive(Debug)]
struct Short {
    lines: Pattern,
    message: String,
}

pub(super) fn make(file: &ShortFile) -> Result<Box<dyn Step>, String> {
    boxed(Short {
        lines: Pattern::any(&file.lines).ok_or("`lines` needs at least one pattern")?,
        message: file.message.clone(),
    })
}

impl Step for Short {
    fn name(&self) -> &'static str {
        "short"
    }

    fn apply(&self, draft: &mut Draft<'_>, plan: &Plan) {
        let live = draft.live();
        let told = live.iter().copied().filter(|&line| !draft.text(line).is_empty()).collect::<Vec<_>>();
        let speaks = |&line: &usize| draft.is_protected(line) || !self.lines.is_match(draft.text(line));
        if plan.outcome != Outcome::Success || told.iter().any(speaks) {
            return;
        }
        let Some((&last, others)) = told.split_last() else { return };
        let Some(message) = self.lines.captures(draft.text(last)).map(|found| found.expand(&self.message)) else {
            return;
        };
        let reason = Reason { step: "short", label: "lines".into(), loss: Loss::Some, place: Place::EachGap };
        let reason = draft.because(reason);
        draft.rewrite(last, message, reason);
        for &line in others {
            draft.merge(line, reason);
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.lines]
    }
}
