//! The step `group`: a key that many lines share is printed once, above them.

use std::collections::HashMap;

use super::{Pattern, Step, boxed, label};
use crate::compaction::{Draft, Loss, Place, Reason};
use crate::plan::Plan;
use crate::render::marker;
use crate::rule::file::GroupFile;

#[derive(Debug)]
struct Group {
    pattern: Pattern,
    heading: String,
    line: String,
    most: usize,
    label: String,
}

pub(super) fn make(file: &GroupFile) -> Result<Box<dyn Step>, String> {
    if !file.pattern.contains("(?<key>") && !file.pattern.contains("(?P<key>") {
        return Err("`pattern` needs a capture named `key`".into());
    }
    boxed(Group {
        pattern: Pattern::new(&file.pattern),
        heading: file.heading.clone().unwrap_or_else(|| "$key:".into()),
        line: file.line.clone().unwrap_or_else(|| "  $rest".into()),
        most: file.most.unwrap_or(usize::MAX),
        label: label(file.label.as_ref(), "lines"),
    })
}

/// The lines that share a key.
struct Lines {
    lines: Vec<usize>,
    texts: Vec<Vec<u8>>,
    heading: Vec<u8>,
}

impl Step for Group {
    fn name(&self) -> &'static str {
        "group"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let mut index: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut groups: Vec<Lines> = Vec::new();
        for line in draft.live() {
            let Some(captures) = self.pattern.captures(draft.text(line)) else { continue };
            let key = captures.name("key").unwrap_or_default();
            let at = *index.entry(key.to_vec()).or_insert_with(|| {
                groups.push(Lines { lines: Vec::new(), texts: Vec::new(), heading: captures.expand(&self.heading) });
                groups.len() - 1
            });
            groups[at].texts.push(captures.expand(&self.line));
            groups[at].lines.push(line);
        }
        let moved = Reason { step: "group", label: "lines".into(), loss: Loss::None, place: Place::EachGap };
        let moved = draft.because(moved);
        let cut = draft.because(Reason { loss: Loss::Some, ..Reason::dropped("group", self.label.clone()) });
        for group in groups.iter().filter(|group| group.lines.len() > 1) {
            let shown = (0..group.lines.len()).filter(|&at| at < self.most || draft.is_protected(group.lines[at]));
            let shown = shown.collect::<Vec<_>>();
            let mut text = group.heading.clone();
            for &at in &shown {
                text.push(b'\n');
                text.extend_from_slice(&group.texts[at]);
            }
            let hidden = group.lines.len() - shown.len();
            if hidden > 0 {
                text.extend_from_slice(b"\n  ");
                text.extend_from_slice(marker::left_out(hidden, &self.label, None).as_bytes());
            }
            let reason = if hidden > 0 { cut } else { moved };
            draft.rewrite(group.lines[0], text, reason);
            for &line in &group.lines[1..] {
                draft.merge(line, reason);
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.pattern]
    }
}
