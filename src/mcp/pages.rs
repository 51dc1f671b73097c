//! Cuts a text into pages that fit a number of tokens, so that all of them together are the text, byte for byte.

use std::ops::Range;

use crate::tokens;

/// How long the pieces of a line are that is longer than a page, in bytes.
const PIECE: usize = 64;

/// Finds the pages: bytes of the text each, whole lines where they fit.
///
/// A line that is longer than a page is cut between characters. An empty text has one empty page.
pub fn pages(text: &[u8], cap: usize) -> Vec<Range<usize>> {
    let mut pages = Pages { done: Vec::new(), start: 0, end: 0, spent: 0, cap };
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let cost = tokens::estimate(line);
        if cost <= cap {
            pages.add(line.len(), cost);
        } else {
            pages.turn();
            pieces(line).for_each(|piece| pages.add(piece.len(), tokens::estimate(piece)));
        }
    }
    pages.turn();
    if pages.done.is_empty() { std::iter::once(0..0).collect() } else { pages.done }
}

/// Pages in the making.
struct Pages {
    done: Vec<Range<usize>>,
    start: usize,
    end: usize,
    spent: usize,
    cap: usize,
}

impl Pages {
    /// Adds what must not be cut: to this page, or to the next one.
    fn add(&mut self, length: usize, cost: usize) {
        if self.spent + cost > self.cap && self.end > self.start {
            self.turn();
        }
        self.end += length;
        self.spent += cost;
    }

    /// Ends the page, unless nothing is on it.
    fn turn(&mut self) {
        if self.end > self.start {
            self.done.push(self.start..self.end);
        }
        (self.start, self.spent) = (self.end, 0);
    }
}

/// Cuts a line between characters.
fn pieces(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let goes_on = |at: usize| line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let mut start = 0;
    std::iter::from_fn(move || {
        let most = (start + PIECE).min(line.len());
        // A character has at most four bytes; what goes on for longer is none.
        let end = (most.saturating_sub(3)..=most).rev().find(|at| !goes_on(*at)).unwrap_or(most);
        let piece = &line[start..end];
        start = end;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_the_text_and_fit() {
        let lines: String = (0..400).map(|number| format!("line {number} of the text\n")).collect();
        let long = format!("short\n{}\nend", "\u{e9}\u{4e00}abc ".repeat(900));
        for (text, least) in [("", 1), ("no line end", 1), (&*lines, 8), (&*long, 8)] {
            let pages = pages(text.as_bytes(), 300);
            let joined: Vec<u8> = pages.iter().flat_map(|page| text.as_bytes()[page.clone()].to_vec()).collect();
            assert_eq!(joined, text.as_bytes());
            assert!(pages.len() >= least, "{}", pages.len());
            for page in pages {
                let page = std::str::from_utf8(&text.as_bytes()[page]).unwrap();
                assert!(tokens::estimate(page.as_bytes()) <= 300, "{}", tokens::estimate(page.as_bytes()));
            }
        }
    }

    #[test]
    fn lines_are_cut_between_characters() {
        let line = "\u{4e00}".repeat(50);
        let pieces: Vec<&[u8]> = pieces(line.as_bytes()).collect();
        assert!(pieces.iter().all(|piece| std::str::from_utf8(piece).is_ok()));
        assert_eq!(pieces.concat(), line.as_bytes());
    }

    #[test]
    fn bytes_that_are_no_text_are_cut_somewhere() {
        assert_eq!(pieces(&[0x80; 100]).map(<[u8]>::len).collect::<Vec<_>>(), [64, 36]);
    }
}
