//! Which kind of content a text is: parsed where parsing is cheap, probed by the shape of its lines otherwise.

mod code;
mod html;
mod log;
mod marks;
mod parts;
mod probes;
mod search;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::Serialize;

use crate::document::Document;

pub use parts::{is_of_files, is_sectioned, is_session, parts};
pub(crate) use probes::is_listed_path;

/// A kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One JSON document or JSON lines.
    Json,
    /// Matches of a search: `path:line:text` and its relatives.
    Search,
    /// Output of builds, tests, services, CI.
    Log,
    /// A patch.
    Diff,
    /// A web page.
    Html,
    /// Source code.
    Code,
    /// Anything else: prose, help pages, tables.
    Text,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [Self::Json, Self::Search, Self::Log, Self::Diff, Self::Html, Self::Code, Self::Text];

    /// The name users write and read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Search => "search",
            Self::Log => "log",
            Self::Diff => "diff",
            Self::Html => "html",
            Self::Code => "code",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is no kind of content; it is one of {names}")
        })
    }
}

/// A kind, and what it was told by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The kind.
    pub kind: Kind,
    /// What decided, for `hr explain`.
    pub why: String,
}

/// Whether the NULs at the beginning of a text end the paths of search results, so that it is no binary data.
pub fn has_nul_paths(head: &[u8]) -> bool {
    search::has_nul_paths(head)
}

/// A stretch of lines of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The lines, counted from 0.
    pub lines: Range<usize>,
    /// Their kind and what it was told by.
    pub detection: Detection,
}

/// A stretch of a document that probes look at.
#[derive(Debug, Clone)]
struct Stretch<'d> {
    doc: &'d Document<'d>,
    lines: Range<usize>,
}

impl<'d> Stretch<'d> {
    fn len(&self) -> usize {
        self.lines.len()
    }

    fn lines(&self) -> impl Iterator<Item = &'d [u8]> + use<'d> {
        let doc = self.doc;
        self.lines.clone().map(move |line| doc.line(line))
    }

    /// The clean text of the lines as one piece.
    fn text(&self) -> Cow<'d, [u8]> {
        if self.len() == self.doc.len() {
            return Cow::Borrowed(self.doc.text());
        }
        Cow::Owned(self.lines().flat_map(|line| [line, b"\n"]).flatten().copied().collect())
    }
}

/// Looks for one kind; says what it is known by.
type Probe = fn(&Stretch<'_>) -> Option<String>;

/// The probes in order; the first hit wins, and text always hits.
const PROBES: &[(Kind, Probe)] = &[
    (Kind::Json, probes::json),
    (Kind::Diff, probes::diff),
    (Kind::Html, html::probe),
    (Kind::Search, search::probe),
    (Kind::Code, code::probe),
    (Kind::Log, log::probe),
];

/// Whether the text is one JSON document, which only a compressor for JSON can shorten.
pub fn is_json_document(doc: &Document<'_>) -> bool {
    probes::is_json(doc.text())
}

/// Detects the kind of a document.
pub fn detect(doc: &Document<'_>) -> Detection {
    detect_stretch(&Stretch { doc, lines: 0..doc.len() })
}

fn detect_stretch(stretch: &Stretch<'_>) -> Detection {
    if let Some(why) = probes::list(stretch) {
        return Detection { kind: Kind::Text, why };
    }
    PROBES
        .iter()
        .find_map(|(kind, probe)| probe(stretch).map(|why| Detection { kind: *kind, why }))
        .unwrap_or_else(|| Detection { kind: Kind::Text, why: "no other kind fits".into() })
}
