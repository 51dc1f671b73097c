//! Where in a text a line stands that is not of the text's kind: a request among the rows of a table or in a mail.

use std::ops::Range;

/// What is said about the lines of a text.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// The lines that are not of the text's kind, in order.
    lines: Vec<Range<usize>>,
    /// Lines in front of everything and behind everything.
    edges: Vec<Range<usize>>,
}

/// Which lines a pattern is looked for in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    /// All.
    #[default]
    Anywhere,
    /// A line among data that is no data.
    Foreign,
    /// Such a line in front of the data or behind them.
    Edge,
}

/// The shortest and longest line that can be a request, in bytes.
const LINE: Range<usize> = 12..400;

impl Host {
    /// Looks at a text that is normal already.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim();
            if !bare.is_empty() {
                let start = at + line.len() - line.trim_start().len();
                lines.push(start..start + bare.len());
            }
            at += line.len();
        }
        if lines.len() < 2 {
            return Self::default();
        }
        let row = |line: &Range<usize>| is_row(&text[line.clone()]);
        if lines.iter().filter(|line| row(line)).count() * 3 >= lines.len() * 2 {
            lines.retain(|line| !row(line) && LINE.contains(&line.len()));
            return Self { edges: lines.clone(), lines };
        }
        if !is_mail(text, &lines) {
            return Self::default();
        }
        let edges = [lines[0].clone(), lines[lines.len() - 1].clone()];
        let edges = edges.into_iter().filter(|line| LINE.contains(&line.len())).collect();
        lines.retain(|line| LINE.contains(&line.len()));
        Self { lines, edges }
    }

    /// Whether the line that begins at a byte is in such a place.
    pub(super) fn has(&self, place: Place, at: usize) -> bool {
        let begins = |lines: &[Range<usize>]| lines.binary_search_by_key(&at, |line| line.start).is_ok();
        match place {
            Place::Anywhere => true,
            Place::Foreign => begins(&self.lines),
            Place::Edge => begins(&self.edges),
        }
    }
}

/// Whether a line is a row of a table.
fn is_row(line: &str) -> bool {
    line.starts_with('|') && line.len() > 1 && line.ends_with('|')
}

/// Whether a text is a mail: headers, or a greeting, in its first lines.
fn is_mail(text: &str, lines: &[Range<usize>]) -> bool {
    lines.iter().take(6).any(|line| {
        let line = &text[line.clone()];
        let header = ["subject:", "from:", "email_from:", "received date:", "date:", "to:"];
        let greeting = ["hi ", "hello ", "dear ", "hey ", "good morning", "good afternoon"];
        header.iter().any(|header| line.starts_with(header)) || greeting.iter().any(|greeting| line.starts_with(greeting))
    })
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
        assert_eq!(lines(mail, Place::Foreign).len(), 4);
        assert_eq!(lines("suggest a film.\nwhat is this?\n", Place::Foreign), [""; 0]);
    }
}
