//! What an outline may leave out: stretches of the text, each with the comment that stands for it.

use std::ops::Range;

use super::language::Language;
use super::source::Source;
use crate::compaction::{Draft, Reason};
use crate::render::marker;

/// What a fold leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Imports behind the first ones.
    Imports,
    /// The inside of a long value.
    Value,
    /// Statements outside of functions.
    Statements,
    /// The body of a function.
    Body,
    /// A comment behind its first sentence.
    Doc,
}

/// A stretch of the text that a comment may stand for.
#[derive(Debug, Clone)]
pub(super) struct Fold {
    pub(super) class: Class,
    /// The bytes that the comment replaces.
    pub(super) range: Range<usize>,
    /// What stands before and behind the marker.
    pub(super) around: (String, String),
    /// How many imports, for imports.
    pub(super) count: usize,
    /// What is defined in it.
    pub(super) names: Vec<String>,
    /// The definition that it belongs to, with its signature.
    pub(super) owner: Range<usize>,
    /// Whether others can see it.
    pub(super) public: bool,
    /// Where it may be cut: places on the first level of a body that begin a line of code.
    pub(super) cuts: Vec<usize>,
}

/// A definition that can go as a whole, with the comments and attributes before it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) range: Range<usize>,
    /// Which goes first, lowest first.
    pub(super) rank: u8,
    /// The scope it is in.
    pub(super) scope: usize,
    /// Whether something must stand in its place, as a block of Python needs.
    pub(super) filler: bool,
}

/// Everything an outline could leave out.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    pub(super) language: Option<Language>,
    pub(super) folds: Vec<Fold>,
    pub(super) items: Vec<Item>,
    /// How many nodes the parser did not understand.
    pub(super) errors: usize,
}

/// A replacement that was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// What a marker costs, in tokens, without the names in it.
const MARKER: usize = 14;
/// What a second stretch in a marker costs.
pub(super) const STRETCH: usize = 5;
/// How many more tokens than its comment a fold must save.
pub(super) const GAIN: usize = 6;

impl Edit {
    /// Whether its marker says which lines it stands for.
    pub(super) fn names_lines(&self) -> bool {
        self.text.contains(": line")
    }
}

impl Fold {
    /// About how many tokens the comment costs that stands for it.
    pub(super) fn marker_tokens(&self) -> usize {
        MARKER + self.names.iter().map(|name| 2 + name.len() / 5).sum::<usize>()
    }

    /// The text that stands for what is left out; `before` is what is left out of the comment above and said here too.
    pub(super) fn edit(&self, source: &Source, draft: &Draft<'_>, before: Option<&Self>) -> Edit {
        let said = if self.class == Class::Imports {
            marker::left_out(self.count, "imports", None)
        } else {
            let parts = before.into_iter().chain([self]);
            let stretches = parts.map(|fold| source.numbers(draft, fold.range.clone())).collect::<Vec<_>>();
            marker::lines_left_out(&stretches, &self.names)
        };
        Edit { range: self.range.clone(), text: format!("{}{said}{}", self.around.0, self.around.1) }
    }

    /// The end of a comment of which another fold says what is left out.
    pub(super) fn silent_edit(&self) -> Edit {
        Edit { range: self.range.clone(), text: self.around.1.clone() }
    }

    /// The same fold from one of its cuts on, as a comment on a line of its own.
    pub(super) fn cut_at(&self, source: &Source, language: Language, cut: usize) -> Self {
        let end = source.last_line_end(self.range.clone());
        let mut rest = Self { range: cut..end, names: Vec::new(), ..self.clone() };
        rest.around = if language.ends_comments() {
            ("/* ".into(), if end == self.range.end && !source.ends_line(end) { " */ " } else { " */" }.into())
        } else {
            ("# ".into(), String::new())
        };
        rest
    }
}

/// The text with the edits in it; they are in order and do not overlap.
pub(super) fn edited(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&text[at..edit.range.start]);
        out.extend_from_slice(edit.text.as_bytes());
        at = edit.range.end;
    }
    out.extend_from_slice(&text[at..]);
    out
}

/// Writes the edits into the draft: the lines that an edit touches become one text, since the comment says what went.
pub(super) fn apply(draft: &mut Draft<'_>, source: &Source, edits: &[Edit]) {
    let reason = draft.because(Reason::dropped("outline", "lines"));
    let mut at = 0;
    while at < edits.len() {
        let first = source.line_of(edits[at].range.start);
        let mut last = source.line_of(edits[at].range.end);
        let mut end = at + 1;
        // Edits that share a line share its text.
        while end < edits.len() && source.line_of(edits[end].range.start) <= last {
            last = source.line_of(edits[end].range.end);
            end += 1;
        }
        let text = source.block(first, last, &edits[at..end]);
        draft.rewrite_block(source.live[first]..source.live[last] + 1, text, reason);
        at = end;
    }
}

/// Whether a protected line would go with an edit.
pub(super) fn is_protected(draft: &Draft<'_>, source: &Source, range: &Range<usize>) -> bool {
    (source.line_of(range.start)..=source.line_of(range.end)).any(|line| draft.is_protected(source.live[line]))
}
