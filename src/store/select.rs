//! Picks parts of a recording: lines by number, lines by pattern, pages.
//!
//! Everything here is pure and works on bytes; line numbers are 1-based where a user types or sees them.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use regex::bytes::Regex;

/// The lines of some bytes, each with its own line end.
#[derive(Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines; a last line without line end counts.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut ends: Vec<usize> = memchr::memchr_iter(b'\n', bytes).map(|end| end + 1).collect();
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            ends.push(bytes.len());
        }
        Self { bytes, ends }
    }

    /// Counts the lines without making a table of them.
    pub fn count(bytes: &[u8]) -> usize {
        memchr::memchr_iter(b'\n', bytes).count() + usize::from(!bytes.is_empty() && !bytes.ends_with(b"\n"))
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no line at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of some lines, counted from 0, as they are.
    pub fn bytes(&self, lines: &Range<usize>) -> &'a [u8] {
        let start = |line: usize| line.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start(lines.start)..start(lines.end)]
    }
}

/// Why lines could not be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectError {
    /// This is not how lines are named.
    Malformed(String),
    /// All of the lines asked for are after the last one.
    PastEnd {
        /// How many lines there are.
        count: usize,
    },
    /// There is no such page.
    NoPage {
        /// Which one was asked for.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// This is not a regular expression.
    Pattern {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no word to look for.
    NoWords(String),
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        match self {
            Self::Malformed(text) => write!(f, "`{text}` does not name lines"),
            Self::PastEnd { count } => write!(f, "none of these lines is there: it has {count} line{}", plural(*count)),
            Self::NoPage { page, pages } => write!(f, "there is no page {page} of {pages}"),
            Self::Pattern { pattern, reason } => write!(f, "`{pattern}` is not a regular expression: {reason}"),
            Self::NoWords(question) => write!(f, "`{question}` has no words"),
        }
    }
}

impl std::error::Error for SelectError {}

/// Lines as a user names them: `40-171`, `40-`, `-20` for the last 20, `40`, or several with commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSpec(Vec<Span>);

/// One part of a [`LineSpec`]; numbers start at 1 and both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    Between(usize, usize),
    From(usize),
    Last(usize),
}

impl FromStr for LineSpec {
    type Err = SelectError;

    fn from_str(text: &str) -> Result<Self, SelectError> {
        let span = |part: &str| parse_span(part.trim()).ok_or_else(|| SelectError::Malformed(part.trim().to_owned()));
        text.split(',').map(span).collect::<Result<_, _>>().map(Self)
    }
}

fn parse_span(part: &str) -> Option<Span> {
    let number = |text: &str| {
        let number = text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())??;
        (number > 0).then_some(number)
    };
    match part.split_once('-') {
        None => number(part).map(|line| Span::Between(line, line)),
        Some(("", count)) => number(count).map(Span::Last),
        Some((first, "")) => number(first).map(Span::From),
        Some((first, last)) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Span::Between(first, last))
        }
    }
}

impl LineSpec {
    /// Finds the lines, counted from 0, in order and without overlap; what reaches past the end is cut.
    pub fn resolve(&self, count: usize) -> Result<Vec<Range<usize>>, SelectError> {
        let mut ranges: Vec<Range<usize>> = self.0.iter().map(|span| span.resolve(count)).collect();
        ranges.retain(|range| !range.is_empty());
        ranges.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        if merged.is_empty() { Err(SelectError::PastEnd { count }) } else { Ok(merged) }
    }
}

impl Span {
    fn resolve(self, count: usize) -> Range<usize> {
        match self {
            Self::Between(first, last) => first - 1..last.min(count),
            Self::From(first) => first - 1..count,
            Self::Last(lines) => count.saturating_sub(lines)..count,
        }
    }
}

/// How many lines to show around a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context {
    /// Lines before it.
    pub before: usize,
    /// Lines after it.
    pub after: usize,
}

/// A line picked by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its 1-based number in the recording.
    pub number: usize,
    /// Its text without line end.
    pub text: &'a [u8],
    /// Whether the line itself was asked for; if not, it is context.
    pub hit: bool,
    /// Whether lines were passed over between the row before and this one.
    pub gap: bool,
}

/// Picks the lines that match, with some lines around them.
pub fn grep<'a>(lines: impl IntoIterator<Item = (usize, &'a [u8])>, pattern: &Regex, context: Context) -> Vec<Row<'a>> {
    let mut picked: Vec<(usize, Row<'a>)> = Vec::new();
    let mut held = VecDeque::new();
    let mut wanted_after = 0;
    for (position, (number, text)) in lines.into_iter().enumerate() {
        let hit = pattern.is_match(text);
        held.push_back((position, Row { number, text, hit, gap: false }));
        if hit || wanted_after > 0 {
            wanted_after = if hit { context.after } else { wanted_after - 1 };
            picked.extend(held.drain(..));
        } else if held.len() > context.before {
            held.pop_front();
        }
    }
    let mut expected = picked.first().map_or(0, |(position, _)| *position);
    let with_gap = |(position, row)| Row { gap: std::mem::replace(&mut expected, position + 1) != position, ..row };
    picked.into_iter().map(with_gap).collect()
}

/// Cuts `count` rows into pages and returns those of page `page`, counted from 1, and how many pages there are.
pub fn page(count: usize, page: usize, size: usize) -> Result<(Range<usize>, usize), SelectError> {
    let size = size.max(1);
    let pages = count.div_ceil(size).max(1);
    if page == 0 || page > pages {
        return Err(SelectError::NoPage { page, pages });
    }
    Ok(((page - 1) * size..(page * size).min(count), pages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_and_what_they_mean_in_ten_lines() {
        for (text, expected) in [
            ("4", vec![(3, 4)]),
            ("4-6", vec![(3, 6)]),
            ("8-", vec![(7, 10)]),
            ("-3", vec![(7, 10)]),
            ("-99", vec![(0, 10)]),
            ("9-99", vec![(8, 10)]),
            ("7, 1-2 ,2-3,4", vec![(0, 4), (6, 7)]),
            ("99,1", vec![(0, 1)]),
        ] {
            let ranges = text.parse::<LineSpec>().unwrap().resolve(10).unwrap();
            let found: Vec<(usize, usize)> = ranges.iter().map(|range| (range.start, range.end)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn bad_specs_say_which_part_is_bad() {
        for (text, part) in [
            ("", ""),
            ("-", "-"),
            ("0", "0"),
            ("1,0-3", "0-3"),
            ("6-4", "6-4"),
            ("1-2-3", "1-2-3"),
            ("+4", "+4"),
            ("1,,2", ""),
            ("a-b", "a-b"),
            ("99999999999999999999999", "99999999999999999999999"),
        ] {
            assert_eq!(text.parse::<LineSpec>(), Err(SelectError::Malformed(part.into())), "{text}");
        }
        assert_eq!("11-".parse::<LineSpec>().unwrap().resolve(10), Err(SelectError::PastEnd { count: 10 }));
    }

    #[test]
    fn lines_keep_their_bytes() {
        let bytes = b"a\r\n\nb\xff";
        let lines = Lines::new(bytes);
        assert_eq!((lines.len(), Lines::count(bytes)), (3, 3));
        assert_eq!(lines.bytes(&(0..1)), b"a\r\n");
        assert_eq!(lines.bytes(&(1..3)), b"\nb\xff");
        assert!(Lines::new(b"").is_empty());
    }

    fn grepped(pattern: &str, context: Context) -> Vec<(usize, bool, bool)> {
        let text = ["one", "two", "three", "four", "five", "six", "seven"];
        let lines = text.iter().enumerate().map(|(index, line)| (index + 1, line.as_bytes()));
        let rows = grep(lines, &Regex::new(pattern).unwrap(), context);
        rows.iter().map(|row| (row.number, row.hit, row.gap)).collect()
    }

    #[test]
    fn matches_come_with_context_and_gaps() {
        let around = |before, after| Context { before, after };
        assert_eq!(grepped("t", around(0, 0)), [(2, true, false), (3, true, false)]);
        assert_eq!(
            grepped("^one|six", around(0, 1)),
            [(1, true, false), (2, false, false), (6, true, true), (7, false, false)]
        );
        assert_eq!(grepped("four", around(1, 1)), [(3, false, false), (4, true, false), (5, false, false)]);
        assert_eq!(grepped("nine", around(9, 9)), []);
    }

    #[test]
    fn pages_cover_everything_once() {
        assert_eq!(page(10, 1, 4), Ok((0..4, 3)));
        assert_eq!(page(10, 3, 4), Ok((8..10, 3)));
        assert_eq!(page(0, 1, 4), Ok((0..0, 1)));
        assert_eq!(page(10, 4, 4), Err(SelectError::NoPage { page: 4, pages: 3 }));
        assert_eq!(page(10, 0, 4), Err(SelectError::NoPage { page: 0, pages: 3 }));
    }
}
