//! Preformatted text: as it is, between fences.

use super::block::{Unit, count};
use super::content::Fate;
use super::links;
use super::markdown::Writer;
use super::tag::{Attr, Tag};
use super::tree::What;

impl Writer<'_> {
    /// Writes preformatted text between fences, as it is.
    pub(super) fn verbatim(&mut self, node: usize) {
        self.flush();
        let text = self.raw_text(node);
        let lines = text.trim_ascii_end();
        let lines = &lines[lines.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count()..];
        // Numbers of lines beside a listing say nothing.
        let numbers = lines.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace());
        if lines.is_empty() || numbers {
            return;
        }
        let ticks = lines.split(|byte| *byte != b'`').map(<[u8]>::len).max().unwrap_or(0);
        let fence = "`".repeat((ticks + 1).max(3));
        let language = self.language(node).unwrap_or_default();
        let text = [fence.as_bytes(), &language, b"\n", lines, b"\n", fence.as_bytes()].concat();
        self.push_block(&text, Unit::Code, count(lines));
        for at in self.tree.inside(node).filter(|&at| self.tree.tag(at) == Some(Tag::A)) {
            let anchor = self.raw_text(at);
            let target = self.tree.attr(at, Attr::Href).and_then(links::target);
            if let Some(target) = target.filter(|target| target != anchor.trim_ascii() && !anchor.is_empty()) {
                self.name(anchor.trim_ascii(), target);
            }
        }
    }

    /// The text in an element, with its white space.
    pub(super) fn raw_text(&self, node: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let mut at = node + 1;
        while at < self.tree.nodes[node].end as usize {
            if self.content.fate(at) != Fate::Shown {
                at = self.tree.nodes[at].end as usize;
                continue;
            }
            match self.tree.nodes[at].what {
                What::Text(..) => text.extend_from_slice(self.tree.text(at)),
                What::Element(tag, _) => {
                    if tag == Tag::Br || tag.is_block() && !text.is_empty() && !text.ends_with(b"\n") {
                        text.push(b'\n');
                    }
                }
            }
            at += 1;
        }
        text
    }

    /// The language of a listing, as classes say it.
    fn language(&self, node: usize) -> Option<Vec<u8>> {
        let places = [self.tree.children(node).next(), Some(node), Some(self.tree.parent(node))];
        places.into_iter().flatten().find_map(|place| {
            let classes = self.tree.attr(place, Attr::Class)?;
            let named = |class: &[u8]| {
                let name = [&b"language-"[..], b"lang-", b"highlight-source-", b"brush:"]
                    .iter()
                    .find_map(|start| class.strip_prefix(*start))?;
                let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#' | b'-'));
                (plain && (1..16).contains(&name.len())).then(|| name.to_vec())
            };
            classes.split(u8::is_ascii_whitespace).find_map(named)
        })
    }
}
