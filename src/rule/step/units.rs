//! The step `units`: lines that share a key belong together and go together.

use std::collections::HashMap;

use super::{Pattern, Step, boxed, label};
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::rule::file::UnitsFile;

#[derive(Debug)]
struct Units {
    key: Pattern,
    drop_if: Pattern,
    keep_if: Option<Pattern>,
    label: String,
}

pub(super) fn make(file: &UnitsFile) -> Result<Box<dyn Step>, String> {
    boxed(Units {
        key: Pattern::new(&file.key),
        drop_if: Pattern::new(&file.drop_if),
        keep_if: file.keep_if.as_deref().map(Pattern::new),
        label: label(file.label.as_ref(), "units"),
    })
}

/// What is known of a unit.
#[derive(Default)]
struct Unit {
    lines: Vec<usize>,
    goes: bool,
    stays: bool,
}

impl Step for Units {
    fn name(&self) -> &'static str {
        "units"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let mut index: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut units: Vec<Unit> = Vec::new();
        for line in draft.live() {
            let text = draft.text(line);
            let Some(captures) = self.key.captures(text) else { continue };
            let key = captures.groups().collect::<Vec<_>>().join(&b'\0');
            let at = *index.entry(key).or_insert_with(|| {
                units.push(Unit::default());
                units.len() - 1
            });
            let unit = &mut units[at];
            unit.lines.push(line);
            unit.goes |= self.drop_if.is_match(text);
            unit.stays |= self.keep_if.as_ref().is_some_and(|keep| keep.is_match(text)) || draft.is_protected(line);
        }
        let first = draft.because(Reason::dropped("units", self.label.clone()).once());
        let rest = draft.because(Reason::dropped("units", self.label.clone()).covered());
        for unit in units.iter().filter(|unit| unit.goes && !unit.stays) {
            for (at, &line) in unit.lines.iter().enumerate() {
                draft.drop(line, if at == 0 { first } else { rest });
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        [&self.key, &self.drop_if].into_iter().chain(&self.keep_if).collect()
    }
}
