//! Tables whose cells are short: as rows of a Markdown table.

use super::block;
use super::content::{Content, Fate};
use super::tag::{Attr, Tag};
use super::tree::Tree;

/// The longest text of a cell, in bytes; longer ones are text that a table arranges.
const CELL: usize = 400;

/// The most columns of a table.
const COLUMNS: usize = 60;

/// The rows of a table, by their cells.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) caption: Option<usize>,
    pub(super) rows: Vec<Vec<usize>>,
    /// Whether the first row names the columns.
    pub(super) head: bool,
    /// How many columns each cell spans.
    spans: Vec<Vec<usize>>,
}

/// Finds the rows of a table; `None` when it arranges a page, or is too small or its cells too long to be one.
pub(super) fn rows(tree: &Tree, content: &Content, table: usize) -> Option<Rows> {
    let role = tree.attr(table, Attr::Role);
    if role.is_some_and(|role| role == b"presentation" || role == b"none") {
        return None;
    }
    let mut rows = Rows { caption: None, rows: Vec::new(), head: false, spans: Vec::new() };
    let mut node = table + 1;
    while node < tree.nodes[table].end as usize {
        let end = tree.nodes[node].end as usize;
        if content.fate(node) != Fate::Shown {
            node = end;
            continue;
        }
        match tree.tag(node) {
            Some(Tag::Tr) => {
                rows.rows.push(Vec::new());
                rows.spans.push(Vec::new());
                node += 1;
            }
            Some(tag @ (Tag::Td | Tag::Th)) => {
                if !is_short(tree, content, node) {
                    return None;
                }
                if rows.rows.is_empty() {
                    rows.rows.push(Vec::new());
                    rows.spans.push(Vec::new());
                }
                let first = rows.rows.len() == 1;
                rows.head = first && tag == Tag::Th && (rows.head || rows.rows[0].is_empty()) || !first && rows.head;
                let span = tree.attr(node, Attr::Colspan).and_then(|span| std::str::from_utf8(span).ok()?.parse().ok());
                // Infallible: there is a row by now.
                if let (Some(row), Some(spans)) = (rows.rows.last_mut(), rows.spans.last_mut()) {
                    row.push(node);
                    spans.push(span.unwrap_or(1_usize).clamp(1, 50));
                }
                node = end;
            }
            Some(Tag::Caption) => {
                rows.caption = Some(node);
                node = end;
            }
            Some(Tag::Thead | Tag::Tbody | Tag::Tfoot) => node += 1,
            // What is neither row nor cell would be lost.
            None if tree.text(node).trim_ascii().is_empty() => node = end,
            Some(Tag::Form) => node += 1,
            Some(_) | None => return None,
        }
    }
    let wide = rows.rows.iter().filter(|row| row.len() >= 2).count();
    let columns = rows.spans.iter().map(|spans| spans.iter().sum::<usize>()).max().unwrap_or(0);
    (wide >= 2 && columns <= COLUMNS).then_some(rows)
}

/// Whether a cell has a short text and nothing that needs lines of its own.
fn is_short(tree: &Tree, content: &Content, cell: usize) -> bool {
    let mut size = 0;
    let mut node = cell + 1;
    while node < tree.nodes[cell].end as usize {
        if content.fate(node) != Fate::Shown {
            node = tree.nodes[node].end as usize;
            continue;
        }
        match tree.tag(node) {
            Some(tag)
                if tag.is_verbatim() || tag.heading().is_some() || tag == Tag::Table || tag == Tag::Blockquote =>
            {
                return false;
            }
            Some(_) => {}
            None => size += tree.text(node).trim_ascii().len(),
        }
        if size > CELL {
            return false;
        }
        node += 1;
    }
    true
}

/// Writes the rows, each with the number of its words; columns that are empty everywhere are left out.
pub(super) fn write(rows: &Rows, cells: &[Vec<Vec<u8>>]) -> Vec<(Vec<u8>, usize)> {
    let columns = rows.spans.iter().map(|spans| spans.iter().sum::<usize>()).max().unwrap_or(0);
    let mut used = vec![false; columns];
    let placed = cells.iter().zip(&rows.spans).map(|(cells, spans)| {
        let mut row = vec![&b""[..]; columns];
        let mut at = 0;
        for (cell, span) in cells.iter().zip(spans) {
            row[at] = cell;
            used[at] |= !cell.is_empty();
            at += span;
        }
        row
    });
    let placed = placed.collect::<Vec<_>>();
    let mut out = Vec::with_capacity(placed.len());
    for (index, row) in placed.iter().enumerate() {
        let shown = row.iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| *cell).collect::<Vec<_>>();
        if shown.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let mut text = b"|".to_vec();
        for cell in &shown {
            text.push(b' ');
            for part in cell.split_inclusive(|byte| *byte == b'|') {
                text.extend_from_slice(part.strip_suffix(b"|").unwrap_or(part));
                if part.ends_with(b"|") {
                    text.extend_from_slice(b"\\|");
                }
            }
            text.extend_from_slice(if cell.is_empty() { b"|" } else { b" |" });
        }
        if index == 0 && rows.head {
            text.extend_from_slice(b"\n|");
            text.extend_from_slice(&b"---|".repeat(shown.len()));
        }
        out.push((text, shown.iter().map(|cell| block::count(cell)).sum()));
    }
    out
}
