//! The step `group`: a key that many lines share is printed once, above them.

use std::collections::HashMap;

use super::{Pattern, Step, boxed, label};
use crate::compaction::{Draft, Loss, Place, Reason};
use crate::plan::Plan;
use crate::render::marker;
use crate::rule::file::GroupFile;

/// How long lines that are set side by side get together, in bytes.
const WIDTH: usize = 200;

#[derive(Debug)]
struct Group {
    pattern: Pattern,
    heading: String,
    line: String,
    between: Option<String>,
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
        between: file.between.clone(),
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
            let mut row = 0;
            for &at in &shown {
                let line = &group.texts[at];
                // Side by side a line needs no indentation of its own.
                let beside = self.between.as_deref().map(str::as_bytes).zip(Some(line.trim_ascii_start()));
                match beside.filter(|(between, line)| row > 0 && row + between.len() + line.len() <= WIDTH) {
                    Some((between, line)) => {
                        text.extend_from_slice(between);
                        text.extend_from_slice(line);
                        row += between.len() + line.len();
                    }
                    None => {
                        text.push(b'\n');
                        text.extend_from_slice(line);
                        row = line.len();
                    }
                }
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
