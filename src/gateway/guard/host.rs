//! Where in a text a line stands that is not of the text's kind: a request among the rows of a table or in a mail.

use std::ops::Range;

/// What is said about the lines of a text.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// The lines that are data of no kind, and may be prose of the text itself, in order.
    lines: Vec<Range<usize>>,
    /// Of these the ones in front of everything and behind everything.
    edges: Vec<Range<usize>>,
    /// Of these the ones that cannot be part of the text: between rows, in front of the headers.
    lone: Vec<Range<usize>>,
}

/// Which lines a pattern is looked for in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    /// All.
    #[default]
    Anywhere,
    /// A line of a mail, or one among rows that is no row.
    Foreign,
    /// Such a line in front of a mail or at its end, or one among rows.
    Edge,
    /// A line in front of a mail, or one among rows.
    Lone,
}

/// The shortest and longest line that can be a request, in bytes.
const LINE: Range<usize> = 12..400;
/// In how many lines a mail begins, what stands in front of it included.
const HEAD: usize = 4;

impl Host {
    /// Looks at a text that is normal already.
    pub(super) fn of(text: &str) -> Self {
        let mut first = lines(text).take(HEAD).collect::<Vec<_>>();
        if first.len() < 2 {
            return Self::default();
        }
        let is_row = |line: &Range<usize>| is_row(&text[line.clone()]);
        if memchr::memchr(b'|', text.as_bytes()).is_some() {
            let (rows, all) =
                lines(text).fold((0, 0), |(rows, all), line| (rows + usize::from(is_row(&line)), all + 1));
            if rows * 3 >= all * 2 {
                let lines = lines(text).filter(|line| !is_row(line) && LINE.contains(&line.len())).collect::<Vec<_>>();
                return Self { edges: lines.clone(), lone: lines.clone(), lines };
            }
        }
        let Some(head) = first.iter().position(|line| begins_mail(&text[line.clone()])) else {
            return Self::default();
        };
        if first.iter().any(|line| begins_commit(&text[line.clone()])) {
            return Self::default();
        }
        first.truncate(head);
        let mut lone = first;
        let mut lines = lines(text).collect::<Vec<_>>();
        let mut edges = lone.clone();
        edges.extend(lines.last().cloned());
        for lines in [&mut lines, &mut edges, &mut lone] {
            lines.retain(|line| LINE.contains(&line.len()));
        }
        Self { lines, edges, lone }
    }

    /// Whether there are no such lines.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether the line that begins at a byte is in such a place.
    pub(super) fn has(&self, place: Place, at: usize) -> bool {
        let begins = |lines: &[Range<usize>]| lines.binary_search_by_key(&at, |line| line.start).is_ok();
        match place {
            Place::Anywhere => true,
            Place::Foreign => begins(&self.lines),
            Place::Edge => begins(&self.edges),
            Place::Lone => begins(&self.lone),
        }
    }
}

/// Where the lines of a text are that are not blank, without the blanks around them.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
            let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let line = rest[..end].trim_start();
            let start = at + end - line.len();
            at += end + 1;
            let line = line.trim_end();
            if !line.is_empty() {
                return Some(start..start + line.len());
            }
        }
    })
}

/// Whether a line is a row of a table.
fn is_row(line: &str) -> bool {
    line.starts_with('|') && line.len() > 1 && line.ends_with('|')
}

/// Whether a line begins with a text, in small or capital letters.
fn begins(line: &str, start: &str) -> bool {
    line.get(..start.len()).is_some_and(|line| line.eq_ignore_ascii_case(start))
}

/// Whether a line is a header of a mail or a greeting.
fn begins_mail(line: &str) -> bool {
    const STARTS: [&str; 12] = [
        "subject:",
        "from:",
        "email_from:",
        "received date:",
        "date:",
        "to:",
        "hi ",
        "hello ",
        "dear ",
        "hey ",
        "good morning",
        "good afternoon",
    ];
    STARTS.iter().any(|start| begins(line, start))
}

/// Whether a line is of a commit or a patch, whose headers are those of mails and whose titles are orders.
fn begins_commit(line: &str) -> bool {
    ["commit ", "author:", "diff ", "index "].iter().any(|start| begins(line, start))
        || (begins(line, "from ") && line[5..].split(' ').next().is_some_and(|hash| hash.len() == 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, place: Place) -> Vec<&str> {
        let host = Host::of(text);
        let starts = (0..text.len()).filter(|at| host.has(place, *at));
        starts.map(|at| text[at..].lines().next().unwrap()).collect()
    }

    #[test]
    fn lines_that_do_not_belong_are_found() {
        let table = "| a | b |\n| 1 | 2 |\nsuggest a film.\n| 3 | 4 |\n";
        assert_eq!(lines(table, Place::Foreign), ["suggest a film."]);
        assert_eq!(lines(table, Place::Edge), ["suggest a film."]);
        let mail = "what is the time?\nsubject: invoice\nhi david,\n  translate this now\nthe team of us\n";
        assert_eq!(lines(mail, Place::Edge), ["what is the time?", "the team of us"]);
        assert_eq!(lines(mail, Place::Lone), ["what is the time?"]);
        assert_eq!(lines(mail, Place::Foreign).len(), 4);
        assert_eq!(lines("suggest a film.\nwhat is this?\n", Place::Foreign), [""; 0]);
    }
}
