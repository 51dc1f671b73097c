//! Takes rows out of the long lists of a JSON text; those that stay are the bytes they were.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::compress;
use crate::json::{Shape, Tape, Value};

/// How many rows of a list stay, and which.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// Shorter lists stay whole.
    pub(super) min_items: usize,
    /// Longer lists keep so many; different failures may come on top.
    pub(super) max_items_after: usize,
    /// The share of these that is the beginning of the list.
    pub(super) first_fraction: f64,
    /// The share that is its end.
    pub(super) last_fraction: f64,
    /// Whether of rows that are the same bytes one is enough.
    pub(super) dedup_identical: bool,
    /// Whether failures and what stands out stay first.
    pub(super) preserve_anomalies: bool,
}

/// How deep lists are looked for, and how many are told apart in the marker.
const DEEPEST: usize = 16;
const TOLD: usize = 3;

/// A list that was too long.
struct Cut {
    path: String,
    gone: usize,
    of: usize,
}

impl Rows {
    /// The text with fewer rows, and what is gone, for the marker; `None` when nothing is.
    pub(super) fn fewer(&self, text: &str) -> Option<(String, Vec<String>)> {
        let tape = Tape::read(text.as_bytes())?;
        let mut work = Work { rows: self, tape: &tape, out: String::with_capacity(text.len() / 4), cuts: Vec::new() };
        let roots = tape.roots().to_vec();
        match roots[..] {
            [root] => work.write(text, root, "", 0),
            _ => work.list(text, &roots, "\n", "", 0),
        }
        let Work { out, cuts, .. } = work;
        let all: usize = cuts.iter().map(|cut| cut.gone).sum();
        let told = match cuts.len() {
            0 => return None,
            1..=TOLD => cuts.iter().map(Cut::told).collect(),
            lists => vec![format!("{all} items of {lists} lists")],
        };
        Some((out, told))
    }

    /// Which rows of a list stay, in order.
    fn kept(&self, tape: &Tape<'_>, rows: &[Value]) -> Vec<usize> {
        let all = 0..rows.len();
        if rows.len() < self.min_items.max(1) {
            return all.collect();
        }
        let mut seen = BTreeSet::new();
        let different = all.filter(|&at| !self.dedup_identical || seen.insert(tape.raw(rows[at]))).collect::<Vec<_>>();
        if different.len() <= self.max_items_after.max(1) {
            return different;
        }
        let most = self.max_items_after.max(1);
        let share = |fraction: f64| (most as f64 * fraction) as usize;
        let (first, last) = (share(self.first_fraction).max(1), share(self.last_fraction));
        let last = last.min(most.saturating_sub(first));
        let mut kept = different[..first].iter().copied().collect::<BTreeSet<_>>();
        kept.extend(&different[different.len() - last..]);
        let values = different.iter().map(|&at| rows[at]).collect::<Vec<_>>();
        let (order, failures) =
            if self.preserve_anomalies { compress::telling(tape, &values) } else { (evenly(values.len(), most), 0) };
        for (rank, place) in order.into_iter().enumerate() {
            if kept.len() >= most && (rank >= failures || kept.len() >= 2 * most) {
                break;
            }
            kept.insert(different[place]);
        }
        kept.into_iter().collect()
    }
}

/// Places at equal distances.
fn evenly(count: usize, most: usize) -> Vec<usize> {
    (0..most).map(|at| at * count / most).collect()
}

impl Cut {
    /// `85 of 100 items of .rows`
    fn told(&self) -> String {
        let is_plain = self.path.len() <= 80 && self.path.bytes().all(|byte| byte.is_ascii_graphic());
        let place = if self.path.is_empty() || !is_plain { String::new() } else { format!(" of {}", self.path) };
        format!("{} of {} items{place}", self.gone, self.of)
    }
}

struct Work<'r, 't> {
    rows: &'r Rows,
    tape: &'r Tape<'t>,
    out: String,
    cuts: Vec<Cut>,
}

impl Work<'_, '_> {
    fn write(&mut self, text: &str, value: Value, path: &str, depth: usize) {
        let span = self.span(value);
        match self.tape.shape(value) {
            Shape::Array if depth < DEEPEST => {
                let elements = self.tape.elements(value).collect::<Vec<_>>();
                self.out.push('[');
                self.list(text, &elements, ",", path, depth);
                self.out.push(']');
            }
            Shape::Object if depth < DEEPEST => {
                // What stands between the values stays: names, colons, blanks.
                let mut at = span.start;
                for (key, member) in self.tape.members(value).collect::<Vec<_>>() {
                    let inner = self.span(member);
                    self.out.push_str(&text[at..inner.start]);
                    let name = String::from_utf8_lossy(self.tape.inside(key));
                    self.write(text, member, &format!("{path}.{name}"), depth + 1);
                    at = inner.end;
                }
                self.out.push_str(&text[at..span.end]);
            }
            Shape::Array | Shape::Object | Shape::String | Shape::Number | Shape::Word => {
                self.out.push_str(&text[span]);
            }
        }
    }

    fn list(&mut self, text: &str, rows: &[Value], between: &str, path: &str, depth: usize) {
        let kept = self.rows.kept(self.tape, rows);
        if kept.len() < rows.len() {
            self.cuts.push(Cut { path: path.into(), gone: rows.len() - kept.len(), of: rows.len() });
        }
        for (number, at) in kept.into_iter().enumerate() {
            if number > 0 {
                self.out.push_str(between);
            }
            self.write(text, rows[at], &format!("{path}[{at}]"), depth + 1);
        }
    }

    fn span(&self, value: Value) -> Range<usize> {
        let start = self.tape.start(value);
        start..start + self.tape.raw(value).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        Rows {
            min_items: 5,
            max_items_after: 15,
            first_fraction: 0.3,
            last_fraction: 0.15,
            dedup_identical: true,
            preserve_anomalies: true,
        }
    }

    #[test]
    fn ends_and_failures_stay_and_the_rest_is_counted() {
        let row = |at: usize| {
            format!(r#"{{"id": {at}, "state": "{}"}}"#, if at == 61 { "failed: disk is full" } else { "ok" })
        };
        let list = (0..100).map(row).collect::<Vec<_>>().join(", ");
        let (fewer, gone) = rows().fewer(&format!("{{\"rows\": [{list}], \"next\" : null}}")).unwrap();
        assert_eq!(gone, ["85 of 100 items of .rows"]);
        for at in [0, 1, 2, 3, 61, 98, 99] {
            assert!(fewer.contains(&row(at)), "{at}: {fewer}");
        }
        assert!(fewer.starts_with("{\"rows\": [") && fewer.ends_with("], \"next\" : null}"), "{fewer}");
    }

    #[test]
    fn same_rows_and_lines_of_documents_are_lists_as_well() {
        assert_eq!(rows().fewer("[1,1,1,1,1,2]"), Some(("[1,2]".into(), vec!["4 of 6 items".into()])));
        assert_eq!(rows().fewer("[1,1,1]"), None);
        assert_eq!(Rows { dedup_identical: false, ..rows() }.fewer("[1,1,1,1,1,2]"), None);
        let lines = (0..50).map(|at| format!("{{\"a\":{at}}}\n")).collect::<String>();
        let (fewer, gone) = rows().fewer(&lines).unwrap();
        assert_eq!((fewer.lines().count(), &*gone[0]), (15, "35 of 50 items"));
    }
}
