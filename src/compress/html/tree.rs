//! Reads a page into a tree of what can matter: elements with a few attributes, and texts.
//!
//! The tokenizer is `html5gum`, which follows the HTML standard. The tree is simpler than the standard's: end tags that
//! authors leave out are implied, wrong ones are ignored, nothing is moved. Nodes are in the order of the page, so that
//! what is in an element is the stretch of nodes behind it; its depth is limited, so that nobody needs recursion and
//! every step takes bounded time.

use std::convert::Infallible;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::tag::{Attr, Tag};

/// How deep elements are nested; deeper ones are not told apart.
const DEPTH: usize = 200;

/// How much of an attribute is read, in bytes; longer ones carry data.
const ATTRIBUTE: usize = 2000;

/// An element or a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// What it is.
    pub(super) what: What,
    /// The element it is in; the root is in itself.
    pub(super) parent: u32,
    /// The first node behind it and everything in it.
    pub(super) end: u32,
}

/// What a node is.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// An element, and where its attributes begin.
    Element(Tag, u32),
    /// A text, decoded: its place in the pool.
    Text(u32, u32),
}

/// What was in the page besides its text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) scripts: usize,
    pub(super) styles: usize,
    pub(super) drawings: usize,
    pub(super) frames: usize,
    /// How many elements have a name of HTML.
    pub(super) known: usize,
}

/// A page.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    attributes: Vec<(Attr, u32, u32)>,
    pool: Vec<u8>,
    pub(super) seen: Seen,
    /// The text for readers without scripts, as markup.
    pub(super) noscript: Vec<u8>,
    /// Where scripts come from.
    pub(super) sources: Vec<Vec<u8>>,
}

impl Tree {
    /// Reads a page.
    pub(super) fn read(source: &[u8]) -> Self {
        let mut builder = Builder::default();
        builder.tree.nodes.push(Node { what: What::Element(Tag::Other, 0), parent: 0, end: 0 });
        builder.open.push(Open { tag: Tag::Other, node: 0, ended: false });
        let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
            builder.take(&event);
            None
        });
        emitter.naively_switch_states(true);
        // Infallible: memory does not fail to be read.
        let _ = Tokenizer::new_with_emitter(source, emitter).finish();
        builder.finish()
    }

    /// The element at a node.
    pub(super) fn tag(&self, node: usize) -> Option<Tag> {
        match self.nodes[node].what {
            What::Element(tag, _) => Some(tag),
            What::Text(..) => None,
        }
    }

    /// The text at a node; empty for elements.
    pub(super) fn text(&self, node: usize) -> &[u8] {
        match self.nodes[node].what {
            What::Text(start, end) => &self.pool[start as usize..end as usize],
            What::Element(..) => b"",
        }
    }

    /// The nodes in a node.
    pub(super) fn inside(&self, node: usize) -> Range<usize> {
        node + 1..self.nodes[node].end as usize
    }

    /// The nodes right in a node.
    pub(super) fn children(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        let range = self.inside(node);
        let mut at = range.start;
        std::iter::from_fn(move || {
            (at < range.end).then(|| {
                let child = at;
                at = self.nodes[at].end as usize;
                child
            })
        })
    }

    /// The element a node is in.
    pub(super) fn parent(&self, node: usize) -> usize {
        self.nodes[node].parent as usize
    }

    /// The value of an attribute, trimmed.
    pub(super) fn attr(&self, node: usize, attr: Attr) -> Option<&[u8]> {
        let What::Element(_, first) = self.nodes[node].what else { return None };
        self.attributes[first as usize..]
            .iter()
            .take_while(|(name, ..)| *name != Attr::Other)
            .find(|(name, ..)| *name == attr)
            .map(|&(_, start, end)| self.pool[start as usize..end as usize].trim_ascii())
    }
}

/// An element that is open while the page is read.
#[derive(Debug, Clone, Copy)]
struct Open {
    tag: Tag,
    node: u32,
    /// Its end tag came while other elements were open in it.
    ended: bool,
}

#[derive(Debug, Default)]
struct Builder {
    tree: Tree,
    open: Vec<Open>,
    /// Elements that are open and not in the tree, because it is deep enough.
    deeper: usize,
    /// The tag that is read now.
    tag: Option<Tag>,
    attr: Option<Attr>,
    first_attribute: usize,
    /// What is not read, and how often it is open.
    skipped: Option<(Tag, usize)>,
}

impl Builder {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        match *event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Some(Tag::of(name));
                self.attr = None;
                self.first_attribute = self.tree.attributes.len();
            }
            CallbackEvent::AttributeName { name } => self.begin_attribute(name),
            CallbackEvent::AttributeValue { value } => self.end_attribute(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(tag) = self.tag.take() {
                    self.start(tag, self_closing);
                }
            }
            CallbackEvent::EndTag { name } => {
                self.tag = None;
                self.end(Tag::of(name));
            }
            CallbackEvent::String { value } => self.text(value),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn begin_attribute(&mut self, name: &[u8]) {
        self.attr = Some(Attr::of(name)).filter(|attr| self.tag.is_some() && *attr != Attr::Other);
        if let Some(attr) = self.attr {
            let at = self.tree.pool.len() as u32;
            self.tree.attributes.push((attr, at, at));
        }
    }

    fn end_attribute(&mut self, value: &[u8]) {
        if self.attr.take().is_some() && value.len() <= ATTRIBUTE {
            self.tree.pool.extend_from_slice(value);
            if let Some(last) = self.tree.attributes.last_mut() {
                last.2 = self.tree.pool.len() as u32;
            }
        }
    }

    fn start(&mut self, tag: Tag, self_closing: bool) {
        if !matches!(tag, Tag::Other) {
            self.tree.seen.known += 1;
        }
        if let Some((skipped, times)) = self.skipped {
            if skipped == tag && !self_closing {
                self.skipped = Some((skipped, times + 1));
            }
            // A drawing ends where something begins that cannot be in one.
            let breaks = skipped == Tag::Svg && (tag <= Tag::Html) && tag != Tag::Div && tag != Tag::P;
            if !breaks {
                return self.forget();
            }
            self.skipped = None;
        }
        match tag {
            Tag::Script => {
                self.tree.seen.scripts += 1;
                if let Some(source) = self.read_now(Attr::Src).filter(|source| !source.is_empty()) {
                    self.tree.sources.push(source.to_vec());
                }
            }
            Tag::Style => self.tree.seen.styles += 1,
            Tag::Svg => self.tree.seen.drawings += 1,
            Tag::Iframe => self.tree.seen.frames += 1,
            _ => {}
        }
        // A template is shown only when it is the inside of the element it stands in.
        let inert = tag == Tag::Template && self.read_now(Attr::Shadowrootmode).is_none();
        let skips = matches!(
            tag,
            Tag::Script | Tag::Style | Tag::Svg | Tag::Iframe | Tag::Noscript | Tag::Noembed | Tag::Datalist
        ) || inert;
        if skips {
            // What `/>` ends has no content, save for those whose content the tokenizer takes as text.
            if !(self_closing && matches!(tag, Tag::Svg | Tag::Template | Tag::Datalist)) {
                self.skipped = Some((tag, 1));
            }
            return self.forget();
        }
        self.imply_ends(tag);
        self.push(tag, self_closing);
    }

    /// The value of an attribute of the tag that is read now.
    fn read_now(&self, attr: Attr) -> Option<&[u8]> {
        self.tree.attributes[self.first_attribute..]
            .iter()
            .find(|(name, ..)| *name == attr)
            .map(|&(_, start, end)| &self.tree.pool[start as usize..end as usize])
    }

    /// Leaves out the tag that is read now.
    fn forget(&mut self) {
        if let Some(&(_, start, _)) = self.tree.attributes.get(self.first_attribute) {
            self.tree.pool.truncate(start as usize);
        }
        self.tree.attributes.truncate(self.first_attribute);
    }

    fn push(&mut self, tag: Tag, self_closing: bool) {
        let node = self.tree.nodes.len() as u32;
        let first = if self.tree.attributes.len() > self.first_attribute {
            self.tree.attributes.push((Attr::Other, 0, 0));
            self.first_attribute as u32
        } else {
            u32::MAX
        };
        self.tree.nodes.push(Node { what: What::Element(tag, first), parent: self.top(), end: node + 1 });
        if tag.is_void() || self_closing && tag == Tag::Other {
            return;
        }
        if self.open.len() < DEPTH {
            self.open.push(Open { tag, node, ended: false });
        } else {
            self.deeper += 1;
        }
    }

    fn top(&self) -> u32 {
        // Infallible: the root is never closed before the end.
        self.open.last().map_or(0, |open| open.node)
    }

    /// Closes what the begin of an element ends without an end tag.
    fn imply_ends(&mut self, tag: Tag) {
        if self.deeper > 0 {
            return;
        }
        if tag.ends_paragraph() {
            self.close_up_to(&[Tag::P], Tag::is_scope);
        }
        match tag {
            Tag::Li => self.close_up_to(&[Tag::Li], |open| open.is_scope() || is_list(open)),
            Tag::Dt | Tag::Dd => self.close_up_to(&[Tag::Dt, Tag::Dd], |open| open.is_scope() || is_list(open)),
            Tag::Option | Tag::Optgroup => self.close_up_to(&[Tag::Option], |open| open != Tag::Option),
            Tag::Td | Tag::Th => {
                self.close_up_to(&[Tag::Td, Tag::Th], |open| matches!(open, Tag::Table | Tag::Tr));
            }
            Tag::Tr => self.close_up_to(&[Tag::Tr], |open| open == Tag::Table),
            Tag::Thead | Tag::Tbody | Tag::Tfoot => {
                self.close_up_to(&[Tag::Thead, Tag::Tbody, Tag::Tfoot], |open| open == Tag::Table);
            }
            Tag::A => self.close_up_to(&[Tag::A], |open| !open.is_inline()),
            _ if tag.heading().is_some() && self.open.last().is_some_and(|open| open.tag.heading().is_some()) => {
                self.close_from(self.open.len() - 1);
            }
            _ => {}
        }
    }

    /// Closes the innermost of some elements, unless something is between that it does not reach through.
    fn close_up_to(&mut self, tags: &[Tag], stops: impl Fn(Tag) -> bool) {
        for at in (1..self.open.len()).rev() {
            let tag = self.open[at].tag;
            if tags.contains(&tag) {
                return self.close_from(at);
            }
            if stops(tag) {
                return;
            }
        }
    }

    fn end(&mut self, tag: Tag) {
        if let Some((skipped, times)) = self.skipped {
            if skipped == tag {
                self.skipped = (times > 1).then_some((skipped, times - 1));
            }
            return;
        }
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if matches!(tag, Tag::Body | Tag::Html) {
            return;
        }
        let crosses = matches!(tag, Tag::Table | Tag::Tr | Tag::Td | Tag::Th | Tag::Tbody | Tag::Thead | Tag::Tfoot);
        for at in (1..self.open.len()).rev() {
            let open = self.open[at];
            if open.tag == tag && !open.ended {
                let blocks_above = self.open[at + 1..].iter().any(|open| !open.tag.is_inline());
                if tag.is_inline() && blocks_above {
                    self.open[at].ended = true;
                } else {
                    self.close_from(at);
                }
                return;
            }
            if if crosses { open.tag == Tag::Table } else { open.tag.is_scope() } {
                return;
            }
        }
    }

    /// Closes the open elements from one on, and those below that have ended already.
    fn close_from(&mut self, at: usize) {
        let end = self.tree.nodes.len() as u32;
        while self.open.len() > at || self.open.last().is_some_and(|open| open.ended) {
            if let Some(open) = self.open.pop() {
                self.tree.nodes[open.node as usize].end = end;
            }
        }
    }

    fn text(&mut self, value: &[u8]) {
        if let Some((skipped, _)) = self.skipped {
            if skipped == Tag::Noscript {
                self.tree.noscript.extend_from_slice(value);
                self.tree.noscript.push(b'\n');
            }
            return;
        }
        let start = self.tree.pool.len() as u32;
        self.tree.pool.extend_from_slice(value);
        let node = self.tree.nodes.len() as u32;
        let what = What::Text(start, self.tree.pool.len() as u32);
        self.tree.nodes.push(Node { what, parent: self.top(), end: node + 1 });
    }

    fn finish(mut self) -> Tree {
        self.tree.attributes.push((Attr::Other, 0, 0));
        let none = self.tree.attributes.len() as u32 - 1;
        self.close_from(0);
        for node in &mut self.tree.nodes {
            if let What::Element(_, first @ u32::MAX) = &mut node.what {
                *first = none;
            }
        }
        self.tree
    }
}

fn is_list(tag: Tag) -> bool {
    matches!(tag, Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dl)
}
