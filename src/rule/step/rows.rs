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
        side_by_side(draft, draft.live(), &self.between, self.width, |line| self.lines.is_match(line));
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.lines]
    }
}

/// Sets those of some neighbouring lines that are meant side by side, in rows of at most `width` bytes.
pub fn side_by_side(
    draft: &mut Draft<'_>,
    lines: Vec<usize>,
    between: &str,
    width: usize,
    is_meant: impl Fn(&[u8]) -> bool,
) {
    let reason = draft.because(Reason::layout("rows"));
    let between = between.as_bytes();
    let mut row: Option<(usize, Vec<u8>)> = None;
    for line in lines {
        let text = draft.text(line);
        // With what stands between two names in it, a name could not be told from two.
        let is_two = memchr::memmem::find(text, between).is_some();
        if is_two || draft.is_protected(line) || !is_meant(text) {
            row = None;
            continue;
        }
        match row.take() {
            Some((first, start)) if start.len() + between.len() + text.len() <= width => {
                let longer = [&start[..], text].join(between);
                draft.rewrite(first, &longer[..], reason);
                draft.merge(line, reason);
                row = Some((first, longer));
            }
            Some(_) | None => row = Some((line, text.to_vec())),
        }
    }
}
