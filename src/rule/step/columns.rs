//! The step `table`: chooses columns of a table that is aligned under its header.

use std::ops::Range;

use super::{Pattern, Step, boxed};
use crate::compaction::{Draft, Loss, Place, Reason};
use crate::plan::Plan;
use crate::rule::file::TableFile;

#[derive(Debug)]
struct Table {
    without: Vec<String>,
    header: Option<Pattern>,
}

pub(super) fn make(file: &TableFile) -> Result<Box<dyn Step>, String> {
    boxed(Table { without: file.without.clone(), header: file.header.as_deref().map(Pattern::new) })
}

impl Step for Table {
    fn name(&self) -> &'static str {
        "table"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let live = draft.live();
        let is_header = |line: &usize| self.header.as_ref().is_none_or(|header| header.is_match(draft.text(*line)));
        let Some(at) = live.iter().position(is_header) else { return };
        let header = draft.text(live[at]).to_vec();
        let columns = columns(&header);
        let gone = |column: &Range<usize>| self.without.iter().any(|name| name.as_bytes() == name_of(&header, column));
        if !columns.iter().any(gone) {
            return;
        }
        let kept = columns.iter().filter(|column| !gone(column)).cloned().collect::<Vec<_>>();
        let reason = Reason { step: "table", label: "columns".into(), loss: Loss::Some, place: Place::EachGap };
        let reason = draft.because(reason);
        for &line in &live[at..] {
            // A row that does not respect the columns is left as it is: a wrong cell is worse than a long line.
            if let Some(text) = row(draft.text(line), &columns, &kept) {
                draft.rewrite(line, text, reason);
            }
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        self.header.iter().collect()
    }
}

/// The columns of a header: each begins where its name begins; two blanks part them, or one where names are one word.
fn columns(header: &[u8]) -> Vec<Range<usize>> {
    let wide = header.windows(3).any(|three| three == b"   ");
    let mut starts = Vec::new();
    for at in 0..header.len() {
        let begins = header[at] != b' ' && (at == 0 || header[at - 1] == b' ');
        let parted = at < 2 || !wide || header[at - 2] == b' ';
        if begins && parted {
            starts.push(at);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn name_of<'h>(header: &'h [u8], column: &Range<usize>) -> &'h [u8] {
    header[column.start..column.end.min(header.len())].trim_ascii()
}

/// A row with the kept columns only, one to two blanks between; `None` when a cell crosses a column's edge.
fn row(text: &[u8], columns: &[Range<usize>], kept: &[Range<usize>]) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    let crosses = columns.iter().skip(1).any(|column| {
        let start = column.start;
        start < text.len() && start > 0 && text[start - 1] != b' ' && text[start - 1] != b'\t'
    });
    if crosses {
        return None;
    }
    let cell =
        |column: &Range<usize>| text.get(column.start..column.end.min(text.len())).map_or(&b""[..], <[u8]>::trim_ascii);
    Some(kept.iter().map(cell).collect::<Vec<_>>().join(&b"  "[..]).trim_ascii_end().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_over_the_edge_leaves_the_row_alone() {
        let header = b"NAME      READY   STATUS    RESTARTS   AGE";
        let columns = columns(header);
        assert_eq!(columns.len(), 5);
        let kept = [columns[0].clone(), columns[2].clone()];
        assert_eq!(row(b"web-1     1/1     Running   0          5d", &columns, &kept).unwrap(), b"web-1  Running");
        assert_eq!(row(b"a-very-long-name 1/1     Running   0          5d", &columns, &kept), None);
    }
}
