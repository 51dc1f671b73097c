//! The parts that the text of a page is made of.

use crate::render::marker;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// The title or the description of the page.
    Title,
    /// A heading of a level.
    Heading(u8),
    /// A paragraph.
    Paragraph,
    /// An item of a list, or a part of one.
    Item,
    /// A row of a table.
    Row,
    /// Preformatted text.
    Code,
    /// A link that the text above names.
    Link,
}

impl Unit {
    /// What several are called.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Title => "lines",
            Self::Heading(_) => "headings",
            Self::Paragraph => "paragraphs",
            Self::Item => "list items",
            Self::Row => "rows",
            Self::Code => "code blocks",
            Self::Link => "links",
        }
    }

    /// Whether no blank line stands between this and the next of its kind.
    pub(super) fn is_tight(self) -> bool {
        matches!(self, Self::Title | Self::Item | Self::Row | Self::Link)
    }
}

/// A part of the page's text, of one line or several.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) text: Vec<u8>,
    pub(super) unit: Unit,
    /// Words outside of links.
    pub(super) words: usize,
}

/// Counts the words that have a letter or a digit.
pub(super) fn count(text: &[u8]) -> usize {
    text.split(u8::is_ascii_whitespace)
        .filter(|word| word.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80))
        .count()
}

/// A text in which nothing can be taken for one of our markers.
pub(super) fn unmarked(text: Vec<u8>) -> Vec<u8> {
    marker::neutralised(&text).unwrap_or(text)
}
