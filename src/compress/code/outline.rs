//! Walks a syntax tree and collects what an outline may leave out: bodies, long values, the rest of long comments.
//!
//! The walk keeps its own list of what is to be looked at and never goes into a function's body, so that neither deep nor
//! large trees hurt.

mod body;
mod value;

use std::ops::Range;

use tree_sitter::Node;

use super::fold::{Class, Fold, GAIN, Item, Outline, STRETCH};
use super::grammar::{Errors, Grammar, Role, errors};
use super::language::{Language, Told, likely};
use super::source::Source;
use crate::tokens;

/// How many names of what is defined in a body its marker lists.
const NAMES: usize = 24;
/// How many lines of imports stay, and the length from which on the others go.
const IMPORTS: (usize, usize) = (3, 7);
/// The same for statements outside of functions.
const STATEMENTS: (usize, usize) = (2, 7);
/// A value of more lines than this is folded.
const VALUE_LINES: usize = 3;

/// Outlines a text by the grammar it fits; none when there is no grammar, or too much of the text is foreign to it.
pub(super) fn outline(source: &Source, told: Told) -> Option<Outline> {
    let (languages, tolerance) = match told {
        // Headers of C++ are often named like those of C.
        Told::Known(Language::C) => (vec![Language::C, Language::Cpp], 8),
        Told::Known(Language::JavaScript) => (vec![Language::JavaScript, Language::Tsx], 8),
        Told::Known(language) => (vec![language], 8),
        Told::Foreign(_) => return None,
        Told::Nothing => (likely(&source.text), 25),
    };
    let mut best: Option<(Errors, Grammar, tree_sitter::Tree)> = None;
    for language in languages {
        let Some(mut grammar) = Grammar::of(language) else { continue };
        let Some(tree) = grammar.parse(&source.text) else { continue };
        let found = errors(&tree);
        if best.as_ref().is_none_or(|(errors, ..)| found.bytes < errors.bytes) {
            best = Some((found, grammar, tree));
        }
        if found.nodes == 0 {
            break;
        }
    }
    let (errors, grammar, tree) = best.filter(|(errors, ..)| errors.bytes * tolerance <= source.text.len())?;
    let mut walk = Walk { source, grammar: &grammar, folds: Vec::new(), items: Vec::new(), scopes: 0 };
    walk.run(tree.root_node());
    let Walk { mut folds, mut items, .. } = walk;
    folds.sort_by_key(|fold| (fold.range.start, fold.range.end));
    items.sort_by_key(|item| (item.range.start, std::cmp::Reverse(item.range.end)));
    Some(Outline { language: Some(grammar.language), folds, items, errors: errors.nodes })
}

/// How many nodes of a text its grammar does not understand.
pub(super) fn error_nodes(text: &[u8], language: Language) -> Option<usize> {
    Grammar::of(language)?.parse(text).map(|tree| errors(&tree).nodes)
}

struct Walk<'t> {
    source: &'t Source,
    grammar: &'t Grammar,
    folds: Vec<Fold>,
    items: Vec<Item>,
    scopes: usize,
}

/// What a child of a scope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    Comment,
    Import,
    Statement,
    Lead,
    Unit,
}

impl<'t> Walk<'t> {
    fn run(&mut self, root: Node<'t>) {
        // Whether a node's statements are units of their own, as those of a file.
        let mut todo = vec![(root, true)];
        while let Some((node, is_scope)) = todo.pop() {
            let rows = rows(node);
            match self.grammar.role(node) {
                _ if is_scope => self.scope(node, &mut todo),
                Role::Scope => self.scope(node, &mut todo),
                Role::Function => self.function(node, &mut todo),
                Role::Callback => self.callback(node, &mut todo),
                _ if rows == 1 => {}
                Role::Bracket if rows > VALUE_LINES && !self.defines(node) => self.bracket(node),
                Role::Text if rows > VALUE_LINES => self.text(node),
                Role::Heredoc if rows > VALUE_LINES => self.heredoc(node),
                Role::Block if self.defines(node) => self.scope(node, &mut todo),
                Role::Block => self.body(node, node, Class::Statements),
                Role::Type => {
                    let block = |child: Node<'_>| self.grammar.role(child) == Role::Block;
                    todo.extend(children(node).map(|child| (child, block(child))));
                }
                _ => todo.extend(children(node).map(|child| (child, false))),
            }
        }
    }

    fn bytes(&self, range: Range<usize>) -> &'t [u8] {
        &self.source.text[range]
    }

    fn language(&self) -> Language {
        self.grammar.language
    }

    /// Looks at the children of a scope in order, runs of the same nature together.
    fn scope(&mut self, node: Node<'t>, todo: &mut Vec<(Node<'t>, bool)>) {
        let scope = self.scopes;
        self.scopes += 1;
        let all = children(node).collect::<Vec<_>>();
        let natures = all.iter().map(|child| self.nature(*child)).collect::<Vec<_>>();
        let mut at = 0;
        // Where the comments and attributes begin that belong to what follows.
        let mut lead: Option<usize> = None;
        if let Some(first) = all.first().filter(|first| self.is_docstring(**first)) {
            self.docstring(*first);
            at = 1;
        }
        while at < all.len() {
            let nature = natures[at];
            let mut end = at + 1;
            while end < all.len() && natures[end] == nature && self.joins(nature, all[end - 1], all[end]) {
                end += 1;
            }
            let run = &all[at..end];
            match nature {
                Nature::Comment => self.comments(run),
                Nature::Import => self.imports(run),
                Nature::Statement => self.statements(run, todo),
                Nature::Lead | Nature::Unit => todo.extend(run.iter().map(|child| (*child, false))),
            }
            if matches!(nature, Nature::Comment | Nature::Lead) {
                lead = lead.or(Some(run[0].start_byte()));
            } else {
                for child in run {
                    self.item(*child, lead.take(), node, scope);
                }
            }
            at = end;
        }
    }

    /// Whether a child of a scope belongs to the run of the one before.
    fn joins(&self, nature: Nature, before: Node<'_>, node: Node<'_>) -> bool {
        match nature {
            Nature::Comment => {
                let block = |node: Node<'_>| self.bytes(node.byte_range()).starts_with(b"/*");
                self.source.indentation(node.start_byte()).is_some()
                    && node.start_position().row <= end_row(before) + 1
                    && !block(node)
                    && !block(before)
            }
            Nature::Import | Nature::Statement => true,
            Nature::Lead | Nature::Unit => false,
        }
    }

    fn nature(&self, node: Node<'t>) -> Nature {
        match self.grammar.role(node) {
            Role::Comment => Nature::Comment,
            Role::Import => Nature::Import,
            Role::Lead => Nature::Lead,
            Role::Statement if self.requires(node) => Nature::Import,
            Role::Statement if !self.assigns(node) && !self.defines(node) => Nature::Statement,
            _ => Nature::Unit,
        }
    }

    /// Whether a statement of Ruby loads another file.
    fn requires(&self, node: Node<'_>) -> bool {
        self.language() == Language::Ruby && self.bytes(node.byte_range()).starts_with(b"require")
    }

    /// Whether a statement gives something a name, or has a block of its own, so that it is more than a step.
    fn assigns(&self, node: Node<'_>) -> bool {
        let first = node.named_child(0);
        first.is_some_and(|first| first.kind().contains("assignment"))
            || children(node).any(|child| self.grammar.role(child) == Role::Block)
    }

    /// Whether there is a definition in a node, not far below it.
    fn defines(&self, node: Node<'t>) -> bool {
        const DEPTH: usize = 6;
        let mut todo = children(node).map(|child| (child, 0)).collect::<Vec<_>>();
        while let Some((node, depth)) = todo.pop() {
            match self.grammar.role(node) {
                Role::Import => return true,
                Role::Function | Role::Type if is_definition(node) => return true,
                Role::Callback if rows(node) > VALUE_LINES => return true,
                _ if depth < DEPTH && rows(node) > 1 => todo.extend(children(node).map(|child| (child, depth + 1))),
                _ => {}
            }
        }
        false
    }

    fn function(&mut self, node: Node<'t>, todo: &mut Vec<(Node<'t>, bool)>) {
        let Some(body) = self.body_of(node) else {
            todo.extend(children(node).map(|child| (child, false)));
            return;
        };
        todo.extend(children(node).filter(|child| child.id() != body.id()).map(|child| (child, false)));
        self.body(node, body, Class::Body);
    }

    /// A function that is handed to something: a frame round definitions, or a body like another.
    fn callback(&mut self, node: Node<'t>, todo: &mut Vec<(Node<'t>, bool)>) {
        match self.body_of(node) {
            Some(body) if self.defines(body) && rows(body) > 10 => todo.push((body, true)),
            Some(body) if self.is_block(body) => self.body(node, body, Class::Body),
            Some(body) => todo.push((body, false)),
            None => {}
        }
    }

    fn body_of(&self, node: Node<'t>) -> Option<Node<'t>> {
        let last_block = || children(node).filter(|child| self.grammar.role(*child) == Role::Block).last();
        node.child_by_field_name("body").or_else(last_block)
    }

    fn is_block(&self, body: Node<'_>) -> bool {
        let text = self.bytes(body.byte_range());
        match self.language() {
            Language::Python => body.kind() == "block",
            Language::Ruby => matches!(body.kind(), "body_statement" | "block_body"),
            Language::Bash => {
                matches!((text.first(), text.last()), (Some(b'{'), Some(b'}')) | (Some(b'('), Some(b')')))
            }
            _ => text.starts_with(b"{") && text.ends_with(b"}") || body.kind() == "parenthesized_expression",
        }
    }

    /// Keeps the first few imports of many.
    fn imports(&mut self, run: &[Node<'t>]) {
        let lines = end_row(run[run.len() - 1]) + 1 - run[0].start_position().row;
        let (stay, most) = IMPORTS;
        if lines < most {
            return;
        }
        let kept = run.iter().take_while(|node| end_row(**node) < run[0].start_position().row + stay).count();
        let rest = &run[kept..];
        if let [first, .., last] = rest {
            let range = self.trimmed(first.start_byte()..last.end_byte());
            let comment = format!("{} ", self.language().comment());
            self.simple(Class::Imports, range, &comment, "", *first);
            if let Some(fold) = self.folds.last_mut().filter(|fold| fold.class == Class::Imports) {
                fold.count = rest.len();
            }
        }
    }

    /// Keeps the first of many statements; what is long in the others is folded.
    fn statements(&mut self, run: &[Node<'t>], todo: &mut Vec<(Node<'t>, bool)>) {
        let lines = end_row(run[run.len() - 1]) + 1 - run[0].start_position().row;
        let (stay, most) = STATEMENTS;
        if lines < most {
            todo.extend(run.iter().map(|node| (*node, false)));
            return;
        }
        let kept = run.iter().take_while(|node| end_row(**node) < run[0].start_position().row + stay).count();
        if let [first, .., last] | [first @ last] = &run[kept..] {
            let range = self.trimmed(first.start_byte()..last.end_byte());
            let comment = format!("{} ", self.language().comment());
            self.simple(Class::Statements, range, &comment, "", *first);
        }
    }

    fn simple(&mut self, class: Class, range: Range<usize>, before: &str, after: &str, owner: Node<'t>) {
        let (before, after) = (before.to_string(), after.to_string());
        let owner = owner.start_byte()..range.end;
        self.fold(Fold {
            class,
            range,
            around: (before, after),
            count: 0,
            names: Vec::new(),
            owner,
            public: true,
            cuts: Vec::new(),
        });
    }

    /// Registers a fold that saves something.
    fn fold(&mut self, mut fold: Fold) {
        fold.range.end = fold.range.end.min(self.source.text.len().saturating_sub(1));
        // A comment and the body below it may share a marker.
        let marker = match fold.class {
            Class::Doc | Class::Body => STRETCH,
            Class::Imports | Class::Value | Class::Statements => fold.marker_tokens(),
        };
        if fold.range.start < fold.range.end && tokens::estimate(self.bytes(fold.range.clone())) >= marker + GAIN {
            self.folds.push(fold);
        }
    }

    /// A range without the blanks at its end.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        range.start..range.start + self.bytes(range.clone()).trim_ascii_end().len()
    }

    /// The names of what is defined in a body.
    fn names(&self, body: Node<'t>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut todo = vec![body];
        while let Some(node) = todo.pop() {
            if matches!(self.grammar.role(node), Role::Function | Role::Type) && is_definition(node) {
                let name = node.child_by_field_name("name").map(|name| self.bytes(name.byte_range()));
                let name = name.and_then(|name| std::str::from_utf8(name).ok()).filter(|name| name.len() < 60);
                if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
                    names.push(name.to_string());
                }
            }
            if names.len() == NAMES {
                break;
            }
            if rows(node) > 1 {
                let start = todo.len();
                todo.extend(children(node));
                todo[start..].reverse();
            } else {
                todo.extend(
                    children(node).filter(|child| matches!(self.grammar.role(*child), Role::Function | Role::Type)),
                );
            }
        }
        names
    }

    /// Notes a unit that can go as a whole: it has its lines for itself.
    fn item(&mut self, node: Node<'t>, lead: Option<usize>, parent: Node<'_>, scope: usize) {
        let start = lead.unwrap_or_else(|| node.start_byte());
        let rest = self.source.rest_of_line(node.end_byte());
        let bare = rest.trim_ascii();
        let own = bare.is_empty() || bare == b";" || bare == b"," || bare.starts_with(b"//");
        if self.source.indentation(start).is_none() || !own || parent.kind() == "enum_body" {
            return;
        }
        let end = node.end_byte() + rest.trim_ascii_end().len();
        let range = self.trimmed(start..end.max(start));
        let rank = self.rank(node, scope);
        let filler = self.language() == Language::Python && parent.kind() == "block";
        self.items.push(Item { range, rank, scope, filler });
    }

    /// Which units go first when not even the outline fits.
    fn rank(&self, node: Node<'t>, scope: usize) -> u8 {
        let text = self.bytes(node.byte_range());
        let head = &text[..text.len().min(300)];
        let says = |word: &str| memchr::memmem::find(head, word.as_bytes()).is_some();
        let role = self.grammar.role(node);
        let function = role == Role::Function || role == Role::Other && (says("def ") || says("function "));
        match role {
            Role::Statement => 1,
            Role::Type if says("mod tests") => 2,
            Role::Type => 6,
            Role::Import => 4,
            _ if function => {
                if self.is_public(node) {
                    5
                } else {
                    2
                }
            }
            // What wraps a type, or belongs to one.
            _ if rows(node) > 1 && self.defines(node) => 6,
            _ if scope == 0 => 4,
            _ => 3,
        }
    }

    /// Whether others can see a definition, as far as its own words say.
    fn is_public(&self, node: Node<'_>) -> bool {
        let text = self.bytes(node.byte_range());
        let head = String::from_utf8_lossy(&text[..text.len().min(160)]).into_owned();
        let name = node.child_by_field_name("name").map(|name| self.bytes(name.byte_range()));
        match self.language() {
            Language::Rust => head.starts_with("pub"),
            Language::Go => name.is_none_or(|name| name.first().is_some_and(u8::is_ascii_uppercase)),
            Language::Python => name.is_none_or(|name| !name.starts_with(b"_") || name.starts_with(b"__init")),
            Language::C | Language::Cpp => !head.starts_with("static"),
            Language::JavaScript | Language::TypeScript | Language::Tsx => {
                !head.starts_with("private")
                    && !name.is_some_and(|name| name.starts_with(b"#") || name.starts_with(b"_"))
            }
            Language::Java | Language::CSharp | Language::Php => !head.contains("private "),
            Language::Ruby | Language::Bash => !name.is_some_and(|name| name.starts_with(b"_")),
        }
    }
}

/// Whether a node with the role of a definition is one: in C a type is named by the same kind of node.
fn is_definition(node: Node<'_>) -> bool {
    !node.kind().ends_with("_specifier") || node.child_by_field_name("body").is_some()
}

/// How many lines a node touches.
fn rows(node: Node<'_>) -> usize {
    end_row(node) + 1 - node.start_position().row
}

/// The last line of a node; some nodes take their line end with them.
fn end_row(node: Node<'_>) -> usize {
    let (start, end) = (node.start_position(), node.end_position());
    if end.column == 0 && end.row > start.row { end.row - 1 } else { end.row }
}

fn children_all<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        more.then(|| {
            let child = cursor.node();
            more = cursor.goto_next_sibling();
            child
        })
    })
}

/// The children of a node that have a name.
fn children<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    children_all(node).filter(Node::is_named)
}
