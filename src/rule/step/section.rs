//! The step `section`: a state machine that finds sections and shortens them.

use std::ops::Range;

use super::{Pattern, Step, boxed, label};
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::rule::file::SectionFile;

#[derive(Debug)]
struct Section {
    enter: Pattern,
    leave: Option<Pattern>,
    head: usize,
    tail: usize,
    unless: Option<Pattern>,
    only: Option<Pattern>,
    first: usize,
    whole: bool,
    label: String,
}

pub(super) fn make(file: &SectionFile) -> Result<Box<dyn Step>, String> {
    let whole = match file.count.as_deref() {
        None | Some("lines") => false,
        Some("sections") => true,
        Some(other) => return Err(format!("`count` is \"lines\" or \"sections\", not \"{other}\"")),
    };
    boxed(Section {
        enter: Pattern::new(&file.enter),
        leave: file.leave.as_deref().map(Pattern::new),
        head: file.head,
        tail: file.tail,
        unless: Pattern::any(&file.unless),
        only: Pattern::any(&file.only),
        first: file.first,
        whole,
        label: label(file.label.as_ref(), "lines"),
    })
}

impl Section {
    /// The sections as ranges of positions in `live`.
    fn find(&self, draft: &Draft<'_>, live: &[usize]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = None;
        for (at, &line) in live.iter().enumerate() {
            let text = draft.text(line);
            let enters = self.enter.is_match(text);
            let leaves = enters || self.leave.as_ref().is_some_and(|leave| leave.is_match(text));
            if leaves && let Some(from) = start.take() {
                found.push(from..at);
            }
            if enters {
                start = Some(at);
            }
        }
        found.extend(start.map(|from| from..live.len()));
        found
    }

    /// Whether a section is one to shorten.
    fn applies(&self, draft: &Draft<'_>, lines: &[usize]) -> bool {
        let any = |pattern: &Pattern| lines.iter().any(|&line| pattern.is_match(draft.text(line)));
        !self.unless.as_ref().is_some_and(any) && self.only.as_ref().is_none_or(any)
    }
}

impl Step for Section {
    fn name(&self) -> &'static str {
        "section"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let live = draft.live();
        let mut whole = 0;
        let counted = draft.because(Reason::dropped("section", self.label.clone()).once());
        let part = draft.because(Reason::dropped("section", self.label.clone()).covered());
        let each = draft.because(Reason::dropped("section", self.label.clone()));
        for section in self.find(draft, &live) {
            let lines = &live[section];
            if !self.applies(draft, lines) {
                continue;
            }
            whole += 1;
            if whole <= self.first || lines.len() <= self.head + self.tail {
                continue;
            }
            let body = &lines[self.head..lines.len() - self.tail];
            // A marker in place of one line saves nothing.
            let marks_each = !self.whole && self.head + self.tail > 0;
            if marks_each && body.len() < 2 {
                continue;
            }
            for (at, &line) in body.iter().enumerate() {
                match (self.whole, at) {
                    (false, _) if marks_each => draft.drop(line, each),
                    (false, _) | (true, 0) => draft.drop(line, counted),
                    (true, _) => draft.drop(line, part),
                };
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        std::iter::once(&self.enter).chain(&self.leave).chain(&self.unless).chain(&self.only).collect()
    }
}
