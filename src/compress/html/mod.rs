//! The compressor for web pages: the main content as Markdown, the rest counted.
//!
//! Scripts, styles, drawings, frames, hidden elements and navigation go; one marker below the text says how many of what.
//! Headings, lists, tables, preformatted text, quotations and links stay. Links lose tracking parameters and the end of
//! queries that are very long, images everything but their description. Lines around a page, such as the headers that
//! `curl -i` prints, stay as they are. Markup of another kind (feeds, drawings, configuration) is none of its business.

mod block;
mod content;
mod links;
mod markdown;
mod page;
mod select;
mod table;
mod tag;
mod tree;
mod verbatim;

use std::ops::Range;

use self::block::{Block, Unit};
use self::content::Content;
use self::tag::{Attr, Tag};
use self::tree::{Seen, Tree};
use super::Skip;
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::render::marker;
use crate::tokens;

/// Words below which a page says nothing without its scripts.
const EMPTY: usize = 20;

/// The most sources of scripts that are named for a page without text.
const SOURCES: usize = 20;

/// Writes the pages of a stretch as Markdown.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    let live = draft.live_in(lines);
    let pages = page::pages(&live.iter().map(|&line| draft.text(line)).collect::<Vec<_>>());
    let outside = |at: &usize| !pages.iter().any(|page| page.contains(at));
    let around: usize = (0..live.len()).filter(outside).map(|at| tokens::estimate(draft.text(live[at])) + 1).sum();
    let budget = plan.budget.map(|budget| budget.saturating_sub(around) / pages.len().max(1));
    let mut written = Vec::new();
    for page in &pages {
        let source = live[page.clone()].iter().map(|&line| draft.text(line)).collect::<Vec<_>>().join(&b'\n');
        let Some(text) = write(&source, budget, plan.query.as_deref()) else { continue };
        written.push((live[page.start]..live[page.end - 1] + 1, text));
    }
    if written.is_empty() {
        return Err(Skip::NotMine);
    }
    let reason = draft.because(Reason::dropped("html", "lines of markup"));
    for (lines, text) in written {
        draft.rewrite_block(lines, text, reason);
    }
    Ok(())
}

/// Writes a page; `None` when it is none.
fn write(source: &[u8], budget: Option<usize>, query: Option<&str>) -> Option<Vec<u8>> {
    if page::is_other_markup(source) {
        return None;
    }
    let source = page::decoded(source);
    let tree = Tree::read(&source);
    if tree.seen.known < 2 {
        return None;
    }
    let content = Content::of(&tree);
    let mut blocks = markdown::write(&tree, &content);
    if blocks.iter().map(|block| block::count(&block.text)).sum::<usize>() < EMPTY {
        blocks.extend(without_scripts(&tree));
    }
    blocks.splice(0..0, head(&tree, &blocks));
    let gone = gone(tree.seen, &content);
    let marker = (!gone.is_empty()).then(|| marker::left_out_many(&gone));
    let stays = match budget {
        Some(budget) => {
            let marker = marker.as_deref().map_or(0, |marker| tokens::estimate(marker.as_bytes()));
            select::choose(&blocks, budget.saturating_sub(marker), query)
        }
        None => vec![true; blocks.len()],
    };
    let mut text = select::join(&blocks, &stays);
    if let Some(marker) = marker {
        text.extend_from_slice(if text.is_empty() { b"" } else { b"\n" });
        text.extend_from_slice(marker.as_bytes());
    }
    Some(text)
}

/// What went, besides tags: how many of what.
fn gone(seen: Seen, content: &Content) -> Vec<(usize, &'static str)> {
    let all = [
        (seen.scripts, "scripts"),
        (seen.styles, "style sheets"),
        (seen.drawings, "drawings"),
        (seen.frames, "frames"),
        (content.hidden, "hidden elements"),
        (content.navigation, "navigation and side blocks"),
    ];
    all.into_iter().filter(|(count, _)| *count > 0).collect()
}

/// The title of a page and its description, unless the text says the same.
fn head(tree: &Tree, blocks: &[Block]) -> Vec<Block> {
    let line = |name: &str, value: &[u8]| {
        let value =
            value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b' ');
        let text = block::unmarked([name.as_bytes(), b": ", &value].concat());
        Block { text, unit: Unit::Title, words: 0 }
    };
    let nodes = || 1..tree.nodes.len();
    let title = nodes()
        .find(|&node| tree.tag(node) == Some(Tag::Title))
        .map(|node| tree.children(node).flat_map(|child| tree.text(child)).copied().collect::<Vec<_>>());
    let title = title.map(|title| line("Title", &title)).filter(|title| {
        title.text.len() > "Title: ".len()
            && !blocks.iter().any(|block| {
                matches!(block.unit, Unit::Heading(_)) && block.text.ends_with(&title.text["Title: ".len()..])
            })
    });
    let meta = |node: usize| tree.tag(node) == Some(Tag::Meta);
    let describes = |node: &usize| {
        let is = |attr| tree.attr(*node, attr).is_some_and(|name| matches!(name, b"description" | b"og:description"));
        is(Attr::Name) || is(Attr::Property)
    };
    let description = nodes().filter(|&node| meta(node)).find(describes);
    let description = description.and_then(|node| tree.attr(node, Attr::Content)).filter(|text| !text.is_empty());
    let description = description.map(|text| line("Description", text)).filter(|line| {
        let said = &line.text["Description: ".len()..];
        let said = &said[..said.len().min(40)];
        !blocks.iter().any(|block| memchr::memmem::find(&block.text, said).is_some())
    });
    title.into_iter().chain(description).collect()
}

/// What a page without text says to readers without scripts, and which scripts would write its text.
fn without_scripts(tree: &Tree) -> Vec<Block> {
    let inner = Tree::read(&tree.noscript);
    let mut blocks = markdown::write(&inner, &Content::of(&inner));
    blocks.extend(tree.sources.iter().take(SOURCES).map(|source| Block {
        text: block::unmarked([b"script: ", &source[..]].concat()),
        unit: Unit::Link,
        words: 0,
    }));
    blocks
}
