//! The step `once`: a part that repeats from line to line is printed when it changes.

use super::{Pattern, Step, boxed};
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::rule::file::OnceFile;

#[derive(Debug)]
struct Once {
    pattern: Pattern,
    with: String,
}

pub(super) fn make(file: &OnceFile) -> Result<Box<dyn Step>, String> {
    if !file.pattern.contains("(?<key>") && !file.pattern.contains("(?P<key>") {
        return Err("`pattern` needs a capture named `key`".into());
    }
    boxed(Once { pattern: Pattern::new(&file.pattern), with: file.with.clone() })
}

impl Step for Once {
    fn name(&self) -> &'static str {
        "once"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let reason = draft.because(Reason::layout("once"));
        let mut last: Option<Vec<u8>> = None;
        for line in draft.live() {
            let Some(captures) = self.pattern.captures(draft.text(line)) else { continue };
            let key = captures.name("key").unwrap_or_default().to_vec();
            if last.as_ref() == Some(&key) {
                let text = captures.expand(&self.with);
                draft.rewrite(line, text, reason);
            }
            last = Some(key);
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.pattern]
    }
}
