//! Which kind of content a text is: parsed where parsing is cheap, probed by the shape of its lines otherwise.

mod probes;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::document::Document;

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
    probes::has_nul_paths(head)
}

/// Looks for one kind.
type Probe = fn(&Document<'_>) -> Option<String>;

/// The probes in order; the first hit wins, and text always hits.
const PROBES: &[(Kind, Probe)] = &[
    (Kind::Json, probes::json),
    (Kind::Diff, probes::diff),
    (Kind::Html, probes::html),
    (Kind::Search, probes::search),
    (Kind::Code, probes::code),
    (Kind::Log, probes::log),
];

/// Detects the kind of a document.
pub fn detect(doc: &Document<'_>) -> Detection {
    PROBES
        .iter()
        .find_map(|(kind, probe)| probe(doc).map(|why| Detection { kind: *kind, why }))
        .unwrap_or_else(|| Detection { kind: Kind::Text, why: "no other kind fits".into() })
}
