//! The step `short`: a successful output that says nothing else becomes one message.

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex};

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

/// Where a message names a capture: `$sum` or `${sum}`.
fn names() -> &'static Regex {
    static NAMES: OnceLock<Regex> = OnceLock::new();
    NAMES.get_or_init(|| Regex::new(r"\$(?:(\w+)|\{(\w+)\})").expect("the pattern is a constant"))
}

impl Short {
    /// The name of a capture in the message.
    fn name<'m>(found: &Captures<'m>) -> &'m str {
        let name = found.get(1).or_else(|| found.get(2)).map_or(&b""[..], |name| name.as_bytes());
        // The message is a string, so what was found in it is text.
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// The message filled with what the lines say; a name that several lines give has the last value.
    ///
    /// Nothing when a line says something else, when a protected line gives no value, and when a name has none.
    fn told(&self, draft: &Draft<'_>, lines: &[usize]) -> Option<Vec<u8>> {
        let message = self.message.as_bytes();
        let wanted = names().captures_iter(message).map(|found| Self::name(&found)).collect::<Vec<_>>();
        let mut values: HashMap<&str, &[u8]> = HashMap::new();
        for &line in lines {
            let found = self.lines.captures(draft.text(line))?;
            let given = wanted.iter().filter_map(|name| Some((*name, found.name(name)?)));
            let given = given.collect::<Vec<_>>();
            if given.is_empty() && draft.is_protected(line) {
                return None;
            }
            values.extend(given);
        }
        let is_told = wanted.iter().all(|name| values.contains_key(name));
        is_told.then(|| names().replace_all(message, |found: &Captures<'_>| values[Self::name(found)].to_vec()).into())
    }
}

impl Step for Short {
    fn name(&self) -> &'static str {
        "short"
    }

    fn apply(&self, draft: &mut Draft<'_>, plan: &Plan) {
        if plan.outcome != Outcome::Success {
            return;
        }
        let live = draft.live();
        let told = live.iter().copied().filter(|&line| !draft.text(line).is_empty()).collect::<Vec<_>>();
        // Most outputs say something else, and whether a line matches is asked more quickly than what it captures.
        if told.iter().any(|&line| !self.lines.is_match(draft.text(line))) {
            return;
        }
        let Some((&last, others)) = told.split_last() else { return };
        let Some(message) = self.told(draft, &told) else { return };
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
