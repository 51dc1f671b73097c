//! Where the body of a function begins and ends in each language, and what must stand in an empty one.

use std::ops::Range;

use tree_sitter::Node;

use super::super::docs;
use super::super::fold::{Class, Fold};
use super::super::grammar::Role;
use super::super::language::Language;
use super::{Walk, children, rows};
use crate::tokens;

impl<'t> Walk<'t> {
    /// Folds a body, whatever marks its beginning and end.
    pub(super) fn body(&mut self, owner: Node<'t>, body: Node<'t>, class: Class) {
        if rows(body) == 1 && body.end_byte() - body.start_byte() < 200 || !self.is_block(body) {
            return;
        }
        let (range, around) = match self.language() {
            Language::Python => self.python_body(body),
            Language::Ruby => self.ruby_body(body),
            Language::Bash => self.inside(body, " :"),
            // A function that is one expression: without it there is an empty body.
            _ if body.kind() == "parenthesized_expression" => (body.byte_range(), ("{ /* ".into(), " */ }".into())),
            _ => self.inside(body, ""),
        };
        let cuts = children(body)
            .filter(|child| child.start_byte() > range.start && child.start_byte() < range.end)
            .map(|child| child.start_byte())
            .filter(|at| self.source.indentation(*at).is_some())
            .collect();
        let names = if class == Class::Body { self.names(body) } else { Vec::new() };
        self.fold(Fold {
            class,
            range,
            around,
            count: 0,
            names,
            owner: owner.byte_range(),
            public: self.is_public(owner),
            cuts,
        });
    }

    /// What is inside of brackets or braces, without them.
    fn inside(&self, node: Node<'_>, filler: &str) -> (Range<usize>, (String, String)) {
        let range = node.start_byte() + 1..node.end_byte().saturating_sub(1).max(node.start_byte() + 1);
        if self.language().ends_comments() {
            return (range, (" /* ".into(), " */ ".into()));
        }
        let end = self.source.last_line_end(range.clone());
        let close = if end == range.end { "\n" } else { "" };
        (range.start..end, (format!("{filler}  # "), close.into()))
    }

    /// A block of Python: its docstring stays, at least in part, and something must stand in an empty one.
    fn python_body(&self, body: Node<'t>) -> (Range<usize>, (String, String)) {
        let mut inner = children(body);
        let doc = inner.next().filter(|first| self.is_docstring(*first));
        if let Some(doc) = doc {
            let (end, close) = self.cut_docstring(doc, 0);
            return (end..body.end_byte(), (format!("{close}  # "), String::new()));
        }
        // Behind the colon, unless there is a comment in its line.
        let colon = siblings_before(body).find(|before| before.kind() == ":").map(|before| before.end_byte());
        let colon = colon.filter(|end| self.source.rest_of_line(*end).trim_ascii().is_empty());
        let start = colon.unwrap_or_else(|| body.start_byte());
        let blank = if colon.is_some() { " " } else { "" };
        (start..body.end_byte(), (format!("{blank}...  # "), String::new()))
    }

    fn ruby_body(&self, body: Node<'_>) -> (Range<usize>, (String, String)) {
        let before = siblings_before(body).find(|before| self.grammar.role(*before) != Role::Comment);
        let gap = before.map(|before| before.end_byte());
        let gap = gap.filter(|end| self.source.rest_of_line(*end).trim_ascii().is_empty());
        let (start, blank) = gap.map_or((body.start_byte(), ""), |end| (end, "  "));
        let bare = self.bytes(body.byte_range()).trim_ascii_end().len();
        (start..body.start_byte() + bare, (format!("{blank}# "), String::new()))
    }

    pub(super) fn is_docstring(&self, node: Node<'_>) -> bool {
        self.language() == Language::Python
            && node.kind() == "expression_statement"
            && node.named_child_count() == 1
            && node.named_child(0).is_some_and(|string| string.kind() == "string")
            && self.source.rest_of_line(node.end_byte()).trim_ascii().is_empty()
    }

    /// Where a docstring may be cut, and what then closes it; a rest of up to `least` tokens stays.
    pub(super) fn cut_docstring(&self, doc: Node<'_>, least: usize) -> (usize, &'static str) {
        let text = self.bytes(doc.byte_range());
        let close = if text.ends_with(b"\"\"\"") { "\"\"\"" } else { "'''" };
        let end = docs::first_part(text);
        let rest = text.len().saturating_sub(end);
        let can = text.ends_with(close.as_bytes()) && rest > close.len() && text[..end].last() != Some(&b'\\');
        if can && tokens::estimate(&text[end..]) > least {
            (doc.start_byte() + end, close)
        } else {
            (doc.end_byte(), "")
        }
    }
}

/// The nodes before a node, the nearest first.
fn siblings_before<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    std::iter::successors(node.prev_sibling(), Node::prev_sibling)
}
