//! The step `rows`: sets short neighbouring lines side by side, as `ls` does on a terminal.

use super::{Pattern, Step, boxed};
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::rule::file::RowsFile;

/// How long a row gets, in bytes, unless the rule says otherwise.
const WIDTH: usize = 120;

#[derive(Debug)]
struct Rows {
    lines: Pattern,
    between: String,
    width: usize,
}

pub(super) fn make(file: &RowsFile) -> Result<Box<dyn Step>, String> {
    boxed(Rows {
        lines: Pattern::any(&file.lines).ok_or("`lines` needs at least one pattern")?,
        between: file.between.clone().unwrap_or_else(|| " ".into()),
        width: file.width.unwrap_or(WIDTH),
    })
}

impl Step for Rows {
    fn name(&self) -> &'static str {
        "rows"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let reason = draft.because(Reason::layout("rows"));
        let between = self.between.as_bytes();
        let mut row: Option<(usize, Vec<u8>)> = None;
        for line in draft.live() {
            let text = draft.text(line);
            // With what stands between two names in it, a name could not be told from two.
            let is_two = memchr::memmem::find(text, between).is_some();
            if is_two || draft.is_protected(line) || !self.lines.is_match(text) {
                row = None;
                continue;
            }
            match row.take() {
                Some((first, start)) if start.len() + between.len() + text.len() <= self.width => {
                    let longer = [&start[..], text].join(between);
                    draft.rewrite(first, &longer[..], reason);
                    draft.merge(line, reason);
                    row = Some((first, longer));
                }
                Some(_) | None => row = Some((line, text.to_vec())),
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.lines]
    }
}
