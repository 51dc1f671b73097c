//! Long values and comments: what of them stays, and where the marker stands.

use tree_sitter::Node;

use super::super::docs;
use super::super::fold::{Class, Fold};
use super::super::language::Language;
use super::{Walk, children, children_all};

/// The rest of a docstring stays when it costs no more tokens than this, unless the body behind it goes.
const DOC: usize = 20;

impl<'t> Walk<'t> {
    pub(super) fn docstring(&mut self, doc: Node<'t>) {
        let (end, close) = self.cut_docstring(doc, DOC);
        if end < doc.end_byte() {
            self.simple(Class::Doc, end..doc.end_byte(), &format!("{close}  # "), "", doc);
        }
    }

    /// Keeps the first sentence of a comment.
    pub(super) fn comments(&mut self, run: &[Node<'t>]) {
        let (first, last) = (run[0], run[run.len() - 1]);
        let range = first.start_byte()..self.trimmed(first.start_byte()..last.end_byte()).end;
        let text = self.bytes(range.clone());
        let block = text.starts_with(b"/*");
        if block && !text.ends_with(b"*/") || text.starts_with(b"=begin") {
            return;
        }
        let end = range.start + docs::first_part(text);
        if end < range.end {
            self.simple(Class::Doc, end..range.end, " ", if block { " */" } else { "" }, first);
        }
    }

    pub(super) fn bracket(&mut self, node: Node<'t>) {
        let Some(open) =
            children_all(node).find(|child| matches!(child.kind(), "(" | "[" | "{" | "%w(" | "%i(" | "array("))
        else {
            return;
        };
        let text = self.bytes(node.byte_range());
        if !text.ends_with(b")") && !text.ends_with(b"]") && !text.ends_with(b"}") {
            return;
        }
        let range = open.end_byte()..node.end_byte() - 1;
        let (range, around) = if self.language().ends_comments() {
            (range, (" /* ".into(), " */ ".into()))
        } else if open.kind().starts_with('%') {
            return;
        } else {
            let end = self.source.last_line_end(range.clone());
            (range.start..end, ("  # ".into(), if end == range.end { "\n".into() } else { String::new() }))
        };
        let fold = Fold {
            class: Class::Value,
            range,
            around,
            count: 0,
            names: Vec::new(),
            owner: node.byte_range(),
            public: true,
            cuts: Vec::new(),
        };
        self.fold(fold);
    }

    /// A text of several lines keeps the first; the marker is part of it.
    pub(super) fn text(&mut self, node: Node<'t>) {
        let text = self.bytes(node.byte_range());
        if node.kind() == "preproc_arg" || node.kind() == "text" {
            let end = node.start_byte() + self.source.rest_of_line(node.start_byte()).len();
            let range = self.trimmed(node.start_byte()..node.end_byte());
            if node.kind() == "text" {
                self.simple(Class::Value, end..range.end, "\n", "", node);
            } else {
                self.simple(Class::Value, range, "/* ", " */", node);
            }
            return;
        }
        let quote = text.iter().rev().take_while(|byte| b"\"'`#".contains(byte)).count();
        if quote == 0 || quote * 2 >= text.len() {
            return;
        }
        let end = memchr::memchr(b'\n', text).unwrap_or(0).max(quote);
        let line = &text[..end];
        // A substitution or an escape must not be cut in two.
        let whole =
            !line.ends_with(b"\\") && count(line, b"{") == count(line, b"}") && count(line, b"(") == count(line, b")");
        if whole && end < text.len() - quote {
            self.simple(Class::Value, node.start_byte() + end..node.end_byte() - quote, "\n", "", node);
        }
    }

    pub(super) fn heredoc(&mut self, node: Node<'t>) {
        let inner =
            children(node).filter(|child| child.kind() == "heredoc_content" || child.kind() == "string_content");
        let inner = inner.collect::<Vec<_>>();
        let (start, end) = match inner[..] {
            [first, .., last] | [first @ last] => (first.start_byte(), last.end_byte()),
            [] if self.language() == Language::Bash => (node.start_byte(), node.end_byte()),
            [] => return,
        };
        let range = self.trimmed(start..end);
        let skip = self.bytes(range.clone()).iter().take_while(|byte| **byte == b'\n').count();
        let first = range.start + skip;
        let end = first + self.source.rest_of_line(first).len();
        if end < range.end {
            self.simple(Class::Value, end..range.end, "\n", "", node);
        }
    }
}

fn count(text: &[u8], word: &[u8]) -> usize {
    memchr::memmem::find_iter(text, word).count()
}
