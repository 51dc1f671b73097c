//! The step `extract`: JSON lines become the text in one of their fields.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{Step, boxed, label};
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::rule::file::ExtractFile;

#[derive(Debug)]
struct Extract {
    field: String,
    label: String,
}

pub(super) fn make(file: &ExtractFile) -> Result<Box<dyn Step>, String> {
    boxed(Extract { field: file.field.clone(), label: label(file.label.as_ref(), "events") })
}

impl Step for Extract {
    fn name(&self) -> &'static str {
        "extract"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let without = draft.because(Reason::dropped("extract", self.label.clone()).once());
        let rewritten = draft.because(Reason::dropped("extract", "rewritten lines"));
        for line in draft.live() {
            let text = draft.text(line);
            if !text.starts_with(b"{") {
                continue;
            }
            match self.field_of(text) {
                Some(Some(value)) => draft.rewrite(line, value.trim_end_matches(['\n', '\r']).as_bytes(), rewritten),
                Some(None) => {
                    draft.drop(line, without);
                }
                None => {}
            }
        }
    }
}

impl Extract {
    /// The text of the field; `Some(None)` when the object has no such string, `None` when the line is no object.
    fn field_of(&self, text: &[u8]) -> Option<Option<String>> {
        let object: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(text).ok()?;
        Some(object.get(self.field.as_str()).and_then(|value| serde_json::from_str(value.get()).ok()))
    }
}
