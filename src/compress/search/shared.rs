//! Lines that several files have: printed once, with the places below.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::layout::Entry;
use super::read::Row;
use crate::render::marker;
use crate::tokens;

/// What the marker of a shared line costs, about, in tokens.
const MARKER: usize = 11;

/// How often the choice is corrected: a line leaves it, and the files of its neighbours need a heading after all.
const ROUNDS: usize = 4;

/// How the paths of places are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paths {
    /// Each whole.
    Whole,
    /// Names behind their folder.
    ByFolder,
}

impl Paths {
    /// The folder that is written once, and the rest.
    fn split(self, path: &[u8]) -> (&[u8], &[u8]) {
        match self {
            Self::Whole => (b"", path),
            Self::ByFolder => split_path(path),
        }
    }
}

/// A line and everywhere it stands.
#[derive(Debug)]
pub(super) struct Shared<'t> {
    /// The line without indentation.
    pub text: Cow<'t, [u8]>,
    /// Its rows, by file.
    pub rows: Vec<usize>,
    /// Tokens of it all.
    pub cost: usize,
}

/// Splits lines into those that are cheaper as shared ones, and the rest.
pub(super) fn split<'t>(entries: Vec<Entry<'t>>, rows: &[&Row<'_>], paths: Paths) -> (Vec<Shared<'t>>, Vec<Entry<'t>>) {
    let mut by_text: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        let row = rows[entry.rows[0]];
        if !row.path.is_empty() && !row.place.is_empty() {
            by_text.entry(entry.text.trim_ascii_start()).or_default().push(at);
        }
    }
    let mut texts = by_text.into_values().filter(|at| at.len() > 1).collect::<Vec<_>>();
    texts.sort_unstable();
    let groups = entries.last().map_or(0, |entry| entry.group + 1);
    let mut entries_of = vec![0usize; groups];
    entries.iter().for_each(|entry| entries_of[entry.group] += 1);
    for _ in 0..ROUNDS {
        let mut shared_of = vec![0usize; groups];
        texts.iter().flatten().for_each(|&at| shared_of[entries[at].group] += 1);
        let before = texts.len();
        texts.retain(|same| {
            let alone = same.iter().map(|&at| {
                let group = entries[at].group;
                // A file that has only shared lines needs no heading: its lines share what that saves.
                let heading = tokens::estimate(&rows[entries[at].rows[0]].path) + 2;
                let spared = if shared_of[group] == entries_of[group] { heading / entries_of[group] } else { 0 };
                entries[at].cost + spared
            });
            cost(same, &entries, rows, paths) < alone.sum()
        });
        if texts.len() == before {
            break;
        }
    }
    gather(entries, &texts, rows, paths)
}

/// Makes the chosen lines shared ones.
fn gather<'t>(
    entries: Vec<Entry<'t>>,
    texts: &[Vec<usize>],
    rows: &[&Row<'_>],
    paths: Paths,
) -> (Vec<Shared<'t>>, Vec<Entry<'t>>) {
    let costs = texts.iter().map(|same| cost(same, &entries, rows, paths)).collect::<Vec<_>>();
    let mut block_of = vec![usize::MAX; entries.len()];
    for (block, same) in texts.iter().enumerate() {
        same.iter().for_each(|&at| block_of[at] = block);
    }
    let mut shared: Vec<Shared<'t>> =
        costs.iter().map(|&cost| Shared { text: Cow::Borrowed(b""), rows: Vec::new(), cost }).collect();
    let mut own = Vec::new();
    for (entry, block) in entries.into_iter().zip(block_of) {
        match shared.get_mut(block) {
            Some(block) => {
                if block.rows.is_empty() {
                    block.text = entry.text.trim_ascii_start().to_vec().into();
                }
                block.rows.extend(entry.rows);
            }
            None => own.push(entry),
        }
    }
    (shared, own)
}

/// The tokens of a line with its places.
fn cost(same: &[usize], entries: &[Entry<'_>], rows: &[&Row<'_>], paths: Paths) -> usize {
    let mut folder: &[u8] = b"";
    let mut cost = tokens::estimate(&entries[same[0]].text) + MARKER;
    for &at in same {
        let (here, name) = paths.split(&rows[entries[at].rows[0]].path);
        if here != folder {
            cost += tokens::estimate(here) + 2;
            folder = here;
        }
        cost += tokens::estimate(name) + 1;
        cost += entries[at].rows.iter().map(|&row| tokens::estimate(&rows[row].place) + 1).sum::<usize>();
    }
    cost
}

/// `text [hr: 3 times, in:]`, and below it the places: ` src/a.rs:3,9 src/b.rs:12`, or ` src/ a.rs:3,9 b.rs:12`.
pub(super) fn text(block: &Shared<'_>, rows: &[&Row<'_>], paths: Paths) -> Vec<u8> {
    let mut folders: BTreeMap<usize, (&[u8], Vec<u8>)> = BTreeMap::new();
    let mut known: HashMap<&[u8], usize> = HashMap::new();
    let mut last: &[u8] = b"";
    for &row in &block.rows {
        let row = rows[row];
        let (folder, name) = paths.split(&row.path);
        let next = known.len();
        let at = *known.entry(folder).or_insert(next);
        let (_, places) = folders.entry(at).or_insert_with(|| (folder, Vec::new()));
        if last == &*row.path {
            places.push(b',');
        } else {
            places.extend_from_slice(&[b" ", name, b":"].concat());
        }
        places.extend_from_slice(&row.place);
        last = &row.path;
    }
    let mut out = block.text.to_vec();
    out.push(b' ');
    out.extend_from_slice(marker::same_line(block.rows.len()).as_bytes());
    for (folder, places) in folders.into_values() {
        out.extend_from_slice(b"\n ");
        out.extend_from_slice(folder);
        out.extend_from_slice(if folder.is_empty() { &places[1..] } else { &places });
    }
    out
}

/// The folder of a path, with its last slash, and the name in it.
pub(super) fn split_path(path: &[u8]) -> (&[u8], &[u8]) {
    let at = memchr::memrchr2(b'/', b'\\', path).map_or(0, |at| at + 1);
    path.split_at(at)
}
