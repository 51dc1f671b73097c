//! Steps that look at one line at a time: `replace`, `drop`, `keep`, `window`, `truncate`, `compress`.

use super::{Pattern, Step, boxed, label};
use crate::compaction::{Draft, Loss, Place, Reason};
use crate::compress;
use crate::detect::Kind;
use crate::plan::Plan;
use crate::rule::file::{CompressFile, DropFile, KeepFile, ReplaceFile, TruncateFile, WindowFile};

#[derive(Debug)]
struct Replace {
    pattern: Pattern,
    with: String,
    loss: Loss,
}

pub(super) fn replace(file: &ReplaceFile) -> Result<Box<dyn Step>, String> {
    let loss = if file.lossless { Loss::None } else { Loss::Some };
    boxed(Replace { pattern: Pattern::new(&file.pattern), with: file.with.clone(), loss })
}

impl Step for Replace {
    fn name(&self) -> &'static str {
        "replace"
    }

    fn check(&self) -> Result<(), String> {
        self.pattern.check_names_in(&self.with)
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let reason = draft.because(Reason {
            step: "replace",
            label: "rewritten lines".into(),
            loss: self.loss,
            place: Place::EachGap,
        });
        for line in 0..draft.len() {
            if draft.is_live(line)
                && let Some(text) = self.pattern.replace_all(draft.text(line), &self.with)
            {
                draft.rewrite(line, text, reason);
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.pattern]
    }
}

#[derive(Debug)]
struct Drop {
    lines: Pattern,
    unless: Option<Pattern>,
    indented: usize,
    layout: bool,
    reason: Reason,
}

pub(super) fn drop(file: &DropFile) -> Result<Box<dyn Step>, String> {
    let reason = Reason::dropped("drop", label(file.label.as_ref(), "lines"));
    let reason = match (file.layout, file.mark_each) {
        (true, _) => Reason::layout("drop"),
        (false, true) => reason,
        (false, false) => reason.once(),
    };
    boxed(Drop {
        lines: Pattern::any(&file.lines).ok_or("`lines` needs at least one pattern")?,
        unless: Pattern::any(&file.unless),
        indented: file.indented,
        layout: file.layout,
        reason,
    })
}

impl Step for Drop {
    fn name(&self) -> &'static str {
        "drop"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let reason = draft.because(self.reason.clone());
        let mut line = 0;
        while line < draft.len() {
            let goes = draft.is_live(line) && {
                let text = draft.text(line);
                (!self.layout || says_nothing(text))
                    && self.lines.is_match(text)
                    && !self.unless.as_ref().is_some_and(|unless| unless.is_match(text))
            };
            line += 1;
            if goes && draft.drop(line - 1, reason) && self.indented > 0 {
                let depth = indentation(draft.text(line - 1));
                let end = draft.len().min(line + self.indented);
                while line < end && draft.is_live(line) && indentation(draft.text(line)) > depth {
                    draft.drop(line, reason);
                    line += 1;
                }
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        std::iter::once(&self.lines).chain(&self.unless).collect()
    }
}

/// Whether there is no letter and no digit in a line.
fn says_nothing(line: &[u8]) -> bool {
    !line.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
}

/// How deep a line is indented; a blank line not at all.
pub(super) fn indentation(line: &[u8]) -> usize {
    if line.is_empty() { 0 } else { line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count() }
}

#[derive(Debug)]
struct Keep {
    lines: Pattern,
    before: usize,
    after: usize,
    reason: Reason,
}

pub(super) fn keep(file: &KeepFile) -> Result<Box<dyn Step>, String> {
    boxed(Keep {
        lines: Pattern::any(&file.lines).ok_or("`lines` needs at least one pattern")?,
        before: file.before,
        after: file.after,
        reason: Reason::dropped("keep", label(file.label.as_ref(), "lines")).once(),
    })
}

impl Step for Keep {
    fn name(&self) -> &'static str {
        "keep"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let live = draft.live();
        let mut stays = vec![false; live.len()];
        for (at, &line) in live.iter().enumerate() {
            if self.lines.is_match(draft.text(line)) {
                let end = live.len().min(at + self.after + 1);
                stays[at.saturating_sub(self.before)..end].fill(true);
            }
        }
        if !stays.contains(&true) {
            return;
        }
        let reason = draft.because(self.reason.clone());
        for (&line, _) in live.iter().zip(&stays).filter(|(_, stays)| !**stays) {
            draft.drop(line, reason);
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.lines]
    }
}

#[derive(Debug)]
struct Window {
    head: usize,
    tail: usize,
    reason: Reason,
}

pub(super) fn window(file: &WindowFile) -> Result<Box<dyn Step>, String> {
    if file.head + file.tail == 0 {
        return Err("`window` needs `head` or `tail`".into());
    }
    let reason = Reason::dropped("window", label(file.label.as_ref(), "lines"));
    boxed(Window { head: file.head, tail: file.tail, reason })
}

impl Step for Window {
    fn name(&self) -> &'static str {
        "window"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let live = draft.live();
        if live.len() <= self.head + self.tail + 1 {
            return;
        }
        let reason = draft.because(self.reason.clone());
        for &line in &live[self.head..live.len() - self.tail] {
            draft.drop(line, reason);
        }
    }
}

#[derive(Debug)]
struct Truncate {
    width: usize,
    only: Option<Pattern>,
}

pub(super) fn truncate(file: &TruncateFile) -> Result<Box<dyn Step>, String> {
    if file.width < 40 {
        return Err("`width` must be at least 40".into());
    }
    boxed(Truncate { width: file.width, only: Pattern::any(&file.only) })
}

impl Step for Truncate {
    fn name(&self) -> &'static str {
        "truncate"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        for line in draft.live() {
            if self.only.as_ref().is_none_or(|only| only.is_match(draft.text(line))) {
                compress::shorten_line(draft, line, self.width);
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        self.only.iter().collect()
    }
}

#[derive(Debug)]
struct Compress {
    kind: Kind,
    budget: Option<usize>,
}

pub(super) fn compress(file: &CompressFile) -> Result<Box<dyn Step>, String> {
    let kind: Kind = file.kind.parse()?;
    boxed(Compress { kind, budget: file.budget })
}

impl Step for Compress {
    fn name(&self) -> &'static str {
        "compress"
    }

    fn apply(&self, draft: &mut Draft<'_>, plan: &Plan) {
        let lines = 0..draft.len();
        let plan = Plan { budget: self.budget.or(plan.budget), told: true, ..plan.clone() };
        compress::compress(self.kind, draft, lines, &plan);
    }
}
