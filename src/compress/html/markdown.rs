//! Writes the content of a page as Markdown, block by block.
//!
//! Words of prose stay together: the targets of links in it are listed below the text (`[words]: target`), while links
//! that are a line, an item or a cell of their own stand in it (`[words](target)`). Emphasis is left out, preformatted
//! text stays as it is, images are their description.

use std::collections::{HashMap, HashSet};

use super::block::{Block, Unit, count, unmarked};
use super::content::{Content, Fate};
use super::links;
use super::tag::{Attr, Tag};
use super::tree::{Tree, What};

/// How deep lists and quotations are shown.
const DEPTH: usize = 10;

/// The longest words that name a link below the text, in bytes.
const ANCHOR: usize = 60;

/// Words beside links that leave a block one of links.
const BESIDE: usize = 4;

/// Writes a page.
pub(super) fn write(tree: &Tree, content: &Content) -> Vec<Block> {
    let mut writer = Writer {
        tree,
        content,
        blocks: Vec::new(),
        line: Vec::new(),
        spans: Vec::new(),
        link: None,
        code: None,
        prefixes: Vec::new(),
        hidden_prefixes: 0,
        heading: None,
        numbers: HashMap::new(),
        in_cell: false,
        named: Vec::new(),
        known: HashSet::new(),
    };
    writer.walk(0, tree.nodes.len());
    writer.flush();
    let links = std::mem::take(&mut writer.named);
    writer.blocks.extend(links);
    writer.blocks
}

/// What stands before the lines of a block: a mark before the first, blanks of the same width before the others.
#[derive(Debug)]
struct Prefix {
    first: String,
    rest: String,
    used: bool,
}

/// A link in the line.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    node: usize,
}

/// What happens where an element ends.
#[derive(Debug, Clone, Copy)]
enum Close {
    Block,
    Heading,
    Prefix,
    Hidden,
    Link,
    Code,
    Mark(&'static str),
}

/// A page that is being written.
#[derive(Debug)]
pub(super) struct Writer<'t> {
    pub(super) tree: &'t Tree,
    pub(super) content: &'t Content,
    blocks: Vec<Block>,
    /// The words of the block that is written now.
    line: Vec<u8>,
    spans: Vec<Span>,
    /// Where the open link began, and its element.
    link: Option<(usize, usize)>,
    /// Where the open code began.
    code: Option<usize>,
    prefixes: Vec<Prefix>,
    /// Lists and quotations that are too deep to show.
    hidden_prefixes: usize,
    heading: Option<u8>,
    /// The next number of each list that has numbers.
    numbers: HashMap<usize, i64>,
    /// Blocks are parts of one line.
    in_cell: bool,
    named: Vec<Block>,
    /// Targets of links that were written.
    known: HashSet<Vec<u8>>,
}

impl Writer<'_> {
    /// Writes nodes in order.
    fn walk(&mut self, from: usize, to: usize) {
        let mut open: Vec<(usize, Close)> = Vec::new();
        let mut node = from;
        while node < to {
            while let Some(&(end, close)) = open.last().filter(|(end, _)| *end <= node) {
                debug_assert!(end <= node);
                open.pop();
                self.close(close);
            }
            let end = self.tree.nodes[node].end as usize;
            if self.content.fate(node) != Fate::Shown {
                node = end;
                continue;
            }
            match self.tree.nodes[node].what {
                What::Text(..) => self.push_text(self.tree.text(node)),
                What::Element(tag, _) => {
                    if self.write_whole(tag, node) {
                        node = end;
                        continue;
                    }
                    if let Some(close) = self.open(tag, node) {
                        open.push((end, close));
                    }
                }
            }
            node += 1;
        }
        while let Some((_, close)) = open.pop() {
            self.close(close);
        }
    }

    /// Writes an element that is not walked through; says whether it did.
    fn write_whole(&mut self, tag: Tag, node: usize) -> bool {
        let article = self.content.article;
        match tag {
            Tag::Table if !self.in_cell => return self.table(node),
            Tag::Img => self.image(node),
            Tag::Math => match self.tree.attr(node, Attr::Alttext) {
                Some(text) => self.push_text(text),
                None => return false,
            },
            Tag::Input | Tag::Button | Tag::Select | Tag::Textarea if article => {}
            Tag::Input => self.input(node),
            Tag::A => return self.points_at_itself(node),
            _ if tag.is_verbatim() && !self.in_cell => self.verbatim(node),
            _ => return false,
        }
        true
    }

    fn open(&mut self, tag: Tag, node: usize) -> Option<Close> {
        match tag {
            Tag::Br => {
                self.push_break();
                None
            }
            Tag::Hr => {
                self.flush();
                None
            }
            Tag::A => {
                let href = self.tree.attr(node, Attr::Href).is_some_and(|href| !href.is_empty());
                (href && self.link.is_none()).then(|| {
                    self.link = Some((self.line.len(), node));
                    Close::Link
                })
            }
            Tag::Code | Tag::Kbd | Tag::Samp | Tag::Tt => self.code.is_none().then(|| {
                self.code = Some(self.line.len());
                self.line.push(b'`');
                Close::Code
            }),
            Tag::Q => {
                self.line.push(b'"');
                Some(Close::Mark("\""))
            }
            Tag::Sup => {
                // A power must not become digits of its base; a reference is no power.
                let text = self.tree.children(node).next().map_or(&b""[..], |child| self.tree.text(child));
                let base = self.line.last().is_some_and(u8::is_ascii_alphanumeric);
                if base && text.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-') {
                    self.line.push(b'^');
                }
                None
            }
            Tag::Option => Some(Close::Mark(", ")),
            _ if tag.is_block() => {
                self.flush();
                self.open_block(tag, node)
            }
            _ => None,
        }
    }

    fn open_block(&mut self, tag: Tag, node: usize) -> Option<Close> {
        if self.in_cell {
            return Some(Close::Block);
        }
        match tag {
            Tag::Li => {
                let bullet = self.bullet(node);
                Some(self.prefix(bullet))
            }
            Tag::Dt => Some(self.prefix(String::new())),
            Tag::Dd => Some(self.prefix(": ".into())),
            Tag::Blockquote => Some(self.prefix("> ".into())),
            Tag::Form if !self.content.article => {
                self.form(node);
                Some(Close::Block)
            }
            _ => Some(tag.heading().map_or(Close::Block, |level| {
                self.heading = Some(level);
                Close::Heading
            })),
        }
    }

    fn close(&mut self, close: Close) {
        match close {
            Close::Block => self.flush(),
            Close::Heading => {
                self.flush();
                self.heading = None;
            }
            Close::Prefix => {
                self.flush();
                self.prefixes.pop();
            }
            Close::Hidden => {
                self.flush();
                self.hidden_prefixes -= 1;
            }
            Close::Link => {
                if let Some((start, node)) = self.link.take() {
                    let end = self.line.len();
                    self.spans.push(Span { start: start.min(end), end, node });
                }
            }
            Close::Code => self.close_code(),
            Close::Mark(mark) => self.line.extend_from_slice(mark.as_bytes()),
        }
    }

    /// Ends code within a line; blanks at its ends stand outside.
    fn close_code(&mut self) {
        let Some(start) = self.code.take() else { return };
        let code = self.line.split_off(start);
        let inner = code[1..].trim_ascii();
        if code.get(1) == Some(&b' ') {
            self.push_text(b" ");
        }
        if !inner.is_empty() {
            self.line.extend_from_slice(&[b"`", inner, b"`"].concat());
        }
        if code.ends_with(b" ") {
            self.push_text(b" ");
        }
        // Links within the code end with it.
        let end = self.line.len();
        self.spans.iter_mut().for_each(|span| (span.start, span.end) = (span.start.min(end), span.end.min(end)));
    }

    fn prefix(&mut self, first: String) -> Close {
        if self.prefixes.len() >= DEPTH {
            self.hidden_prefixes += 1;
            return Close::Hidden;
        }
        let rest = if first == "> " { first.clone() } else { " ".repeat(first.len()) };
        self.prefixes.push(Prefix { first, rest, used: false });
        Close::Prefix
    }

    /// The mark of a list item: its number when the list has numbers.
    fn bullet(&mut self, node: usize) -> String {
        let list = self.tree.parent(node);
        if self.tree.tag(list) != Some(Tag::Ol) {
            return "- ".into();
        }
        let read = |node, attr| {
            let value = self.tree.attr(node, attr)?;
            std::str::from_utf8(value).ok()?.parse::<i64>().ok()
        };
        let next = self.numbers.get(&list).copied().or_else(|| read(list, Attr::Start)).unwrap_or(1);
        let number = read(node, Attr::Value).unwrap_or(next);
        self.numbers.insert(list, number.saturating_add(1));
        format!("{number}. ")
    }

    /// Adds words; white space between them is one blank.
    fn push_text(&mut self, text: &[u8]) {
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            let no_break = byte == 0xc2 && after.first() == Some(&0xa0);
            if byte.is_ascii_whitespace() || no_break {
                if !matches!(self.line.last(), None | Some(b' ' | b'\n')) {
                    self.line.push(b' ');
                }
            } else {
                self.line.push(byte);
            }
            rest = &after[usize::from(no_break)..];
        }
    }

    fn push_break(&mut self) {
        if self.in_cell || self.heading.is_some() {
            return self.push_text(b" ");
        }
        if !self.line.is_empty() {
            self.line.push(b'\n');
        }
    }

    fn image(&mut self, node: usize) {
        let alt = self.tree.attr(node, Attr::Alt).unwrap_or(b"");
        if alt.is_empty() {
            return;
        }
        if self.link.is_some() {
            return self.push_text(alt);
        }
        self.line.extend_from_slice(b"![");
        self.push_text(alt);
        self.line.push(b']');
    }

    /// Says which method and place a form has.
    fn form(&mut self, node: usize) {
        let method = self.tree.attr(node, Attr::Method).unwrap_or(b"get").to_ascii_uppercase();
        if let Some(action) = self.tree.attr(node, Attr::Action) {
            self.line.extend_from_slice(&[b"[form: ", &method[..], b" ", action, b"]"].concat());
            self.flush();
        }
    }

    /// Says which kind and name a control has.
    fn input(&mut self, node: usize) {
        let kind = self.tree.attr(node, Attr::Type).unwrap_or(b"text").to_ascii_lowercase();
        let value = if matches!(&kind[..], b"submit" | b"button" | b"reset") { Attr::Value } else { Attr::Name };
        if let Some(value) = self.tree.attr(node, value).filter(|value| !value.is_empty()) {
            self.push_text(&[b" [", &kind[..], b": ", value, b"] "].concat());
        }
    }

    /// Whether a link is the sign beside a heading or a line that leads to the place it stands in.
    fn points_at_itself(&self, node: usize) -> bool {
        let inside = self.tree.attr(node, Attr::Href).is_some_and(|href| href.starts_with(b"#"));
        inside && {
            let text = self.raw_text(node);
            let text = text.trim_ascii();
            text.len() <= 4 && !text.iter().any(u8::is_ascii_alphanumeric)
        }
    }

    /// Ends the block that is written now.
    pub(super) fn flush(&mut self) {
        if self.in_cell {
            return self.push_text(b" ");
        }
        if let Some(start) = self.code.take() {
            // Code that goes on in another block is no code within a line.
            if start < self.line.len() {
                self.line.remove(start);
                self.spans.iter_mut().filter(|span| span.start > start).for_each(|span| span.start -= 1);
                self.spans.iter_mut().filter(|span| span.end > start).for_each(|span| span.end -= 1);
            }
        }
        let (text, words) = self.take_line();
        if text.is_empty() {
            return;
        }
        let unit = match self.heading {
            Some(level) => Unit::Heading(level),
            None if self.prefixes.is_empty() => Unit::Paragraph,
            None if self.prefixes.iter().all(|prefix| prefix.first == "> ") => Unit::Paragraph,
            None => Unit::Item,
        };
        let text = match self.heading {
            Some(level) => [&b"######"[..usize::from(level)], b" ", &text].concat(),
            None => text,
        };
        self.push_block(&text, unit, words);
    }

    /// Takes the line with its links, and how many words of it are outside of them.
    fn take_line(&mut self) -> (Vec<u8>, usize) {
        if let Some((start, node)) = self.link.take() {
            // A link around several blocks belongs to the first that has words.
            let span = Span { start: start.min(self.line.len()), end: self.line.len(), node };
            if self.line[span.start..].trim_ascii().is_empty() {
                self.link = Some((0, node));
            } else {
                self.spans.push(span);
            }
        }
        let line = std::mem::take(&mut self.line);
        let spans = std::mem::take(&mut self.spans);
        let in_links: usize = spans.iter().map(|span| count(&line[span.start..span.end])).sum();
        let words = count(&line).saturating_sub(in_links);
        let of_links = words <= BESIDE;
        let begins = self.in_cell || !self.prefixes.is_empty();
        let mut text = Vec::with_capacity(line.len());
        let mut at = 0;
        for span in spans {
            let anchor = line[span.start..span.end].trim_ascii();
            let target = self.tree.attr(span.node, Attr::Href).and_then(links::target);
            let (Some(target), false) = (target, anchor.is_empty()) else { continue };
            if of_links || begins && line[..span.start].trim_ascii().is_empty() {
                let start = anchor.as_ptr() as usize - line.as_ptr() as usize;
                text.extend_from_slice(&line[at..start]);
                let anchor = anchor.iter().map(|&byte| if byte == b'\n' { b' ' } else { byte });
                text.push(b'[');
                text.extend(anchor);
                text.extend_from_slice(b"](");
                text.extend_from_slice(&target);
                text.push(b')');
                at = start + line[span.start..span.end].trim_ascii().len();
                self.known.insert(target);
            } else {
                self.name(anchor, target);
            }
        }
        text.extend_from_slice(&line[at..]);
        (text.trim_ascii().to_vec(), words)
    }

    /// Lists the target of a link, once.
    pub(super) fn name(&mut self, anchor: &[u8], target: Vec<u8>) {
        if self.known.contains(&target) {
            return;
        }
        let end = if anchor.len() > ANCHOR {
            (0..=ANCHOR).rev().find(|&at| anchor[at] & 0xc0 != 0x80).unwrap_or(0)
        } else {
            anchor.len()
        };
        let mut text = vec![b'['];
        text.extend(anchor[..end].iter().map(|&byte| if byte == b'\n' { b' ' } else { byte }));
        if end < anchor.len() {
            text.extend_from_slice(b"...");
        }
        text.extend_from_slice(b"]: ");
        text.extend_from_slice(&target);
        self.known.insert(target);
        self.named.push(Block { text: unmarked(text), unit: Unit::Link, words: 0 });
    }

    /// Adds a block, its lines behind the marks of the lists and quotations it is in.
    pub(super) fn push_block(&mut self, text: &[u8], unit: Unit, words: usize) {
        let mut out = Vec::with_capacity(text.len() + 8);
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                out.push(b'\n');
            }
            for prefix in &mut self.prefixes {
                out.extend_from_slice(if prefix.used { &prefix.rest } else { &prefix.first }.as_bytes());
                prefix.used = true;
            }
            out.extend_from_slice(if unit == Unit::Code { line } else { line.trim_ascii() });
            let end = out.trim_ascii_end().len();
            out.truncate(end.max(out.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)));
        }
        self.blocks.push(Block { text: unmarked(out), unit, words });
    }

    /// Writes a table of short cells; one of another kind is walked through, cell by cell.
    fn table(&mut self, node: usize) -> bool {
        self.flush();
        let Some(rows) = super::table::rows(self.tree, self.content, node) else { return false };
        if let Some(caption) = rows.caption {
            self.walk(caption, self.tree.nodes[caption].end as usize);
            self.flush();
        }
        let mut cells = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            cells.push(row.iter().map(|&cell| self.cell(cell)).collect::<Vec<_>>());
        }
        for (text, words) in super::table::write(&rows, &cells) {
            self.push_block(&text, Unit::Row, words);
        }
        true
    }

    /// Writes the inside of a cell as one line.
    fn cell(&mut self, node: usize) -> Vec<u8> {
        self.in_cell = true;
        self.walk(node + 1, self.tree.nodes[node].end as usize);
        let (text, _) = self.take_line();
        self.in_cell = false;
        text
    }
}
