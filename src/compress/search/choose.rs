//! Which matches stay when not all of them may.
//!
//! What the reader looks for comes first, then definitions, the first and last match of a file and lines unlike those before
//! them; repeats of one template in a file go first. Context goes and stays with its match.

use std::collections::{BTreeSet, HashMap};

use super::layout::{Entry, Layout};
use super::shared::Shared;
use crate::plan::Plan;
use crate::rule::step::template_hash;
use crate::store::query::{Words, relevance};
use crate::tokens;

/// What counts the matches left out under a file, about, in tokens.
const MARKER: usize = 10;

/// What stays, in order, and the rows that go.
pub(super) struct Chosen<'t> {
    /// Lines under their files.
    pub own: Vec<Entry<'t>>,
    /// Lines that several files have.
    pub shared: Vec<Shared<'t>>,
    /// The rows that are left out.
    pub cut: Vec<usize>,
    /// Tokens that remain for naming files of which no match stays.
    pub room: usize,
}

/// Chooses lines within the budget; without one, within what search results may have.
pub(super) fn choose<'t>(
    own: Vec<Entry<'t>>,
    shared: Vec<Shared<'t>>,
    layout: &Layout<'_, '_>,
    plan: &Plan,
) -> Chosen<'t> {
    let words = plan.query.as_deref().and_then(Words::new);
    let headings = own.iter().map(|entry| entry.group).collect::<BTreeSet<_>>();
    let headings = headings.iter().map(|&group| heading(layout, group)).sum::<usize>();
    let lines = own.iter().map(|entry| entry.cost).chain(shared.iter().map(|block| block.cost)).sum::<usize>();
    let budget = plan.budget.unwrap_or(plan.limits.search);
    let is_tight = headings + lines > budget;
    if !is_tight && (layout.is_numbered() || plan.budget.is_some()) {
        return Chosen { own, shared, cut: Vec::new(), room: usize::MAX };
    }
    let mut room = if is_tight { budget } else { usize::MAX };
    let mut cut = Vec::new();
    let mut blocks = Vec::new();
    for block in by_worth(shared, words.as_ref()) {
        // Half of the room is for what only one file has.
        if !is_tight || block.cost * 2 <= room {
            room -= if is_tight { block.cost } else { 0 };
            blocks.push(block);
        } else {
            cut.extend(block.rows);
        }
    }
    blocks.sort_by_key(|block| block.rows[0]);
    let units = units(&own, layout);
    let scores = score(&units, &own, layout, words.as_ref());
    let mut order = (0..units.len()).collect::<Vec<_>>();
    order.sort_by_key(|&at| (std::cmp::Reverse(scores[at]), at));
    let most = match (plan.budget.is_some() || layout.is_numbered(), layout.group_count()) {
        (true, _) => usize::MAX,
        (false, 1) => plan.limits.search_unnumbered * 3,
        (false, _) => plan.limits.search_unnumbered,
    };
    let mut sizes = vec![0usize; layout.group_count()];
    units.iter().for_each(|unit| sizes[own[unit[0]].group] += 1);
    let mut picked = vec![0usize; layout.group_count()];
    let mut stays = vec![false; own.len()];
    for at in order {
        let unit = &units[at];
        let group = own[unit[0]].group;
        let above =
            if picked[group] > 0 { 0 } else { heading(layout, group) + if sizes[group] > 1 { MARKER } else { 0 } };
        let cost = unit.iter().map(|&entry| own[entry].cost).sum::<usize>() + above;
        // A marker for a single match would say less than the match.
        let is_full = picked[group] >= most && sizes[group] > most + 1;
        if cost > room || is_full && scores[at] < ASKED {
            continue;
        }
        room -= if is_tight { cost } else { 0 };
        picked[group] += 1;
        unit.iter().for_each(|&entry| stays[entry] = true);
    }
    let mut kept = Vec::with_capacity(own.len());
    for (entry, stays) in own.into_iter().zip(stays) {
        if stays { kept.push(entry) } else { cut.extend(entry.rows) }
    }
    cut.sort_unstable();
    Chosen { own: kept, shared: blocks, cut, room }
}

/// The tokens of a file's name above its matches.
fn heading(layout: &Layout<'_, '_>, group: usize) -> usize {
    tokens::estimate(layout.path(group)) + 2
}

/// Shared lines, first those that are asked for, then those that many files have.
fn by_worth<'t>(mut shared: Vec<Shared<'t>>, words: Option<&Words>) -> Vec<Shared<'t>> {
    let hits = |block: &Shared<'_>| words.map_or(0, |words| words.hits(&block.text));
    shared.sort_by_key(|block| (std::cmp::Reverse((hits(block), block.rows.len())), block.rows[0]));
    shared
}

/// Lines that stay or go together: each alone, or a match with the context around it.
fn units(own: &[Entry<'_>], layout: &Layout<'_, '_>) -> Vec<Vec<usize>> {
    if !layout.has_context() {
        return (0..own.len()).map(|at| vec![at]).collect();
    }
    let rows = layout.rows();
    let mut units: Vec<Vec<usize>> = Vec::new();
    let mut has_match = false;
    for at in 0..own.len() {
        let row = rows[own[at].rows[0]];
        let follows = at > 0
            && own[at - 1].group == own[at].group
            && rows[own[at - 1].rows[0]].number().map(|number| number + 1) == row.number();
        let open = follows && !(has_match && row.is_match());
        match units.last_mut() {
            Some(unit) if open => unit.push(at),
            Some(_) | None => {
                units.push(vec![at]);
                has_match = false;
            }
        }
        has_match |= row.is_match();
    }
    units
}

/// What the match that is most about the reader's words gets on top.
const MOST_ASKED: f64 = 300.0;
/// From here on the reader asked for it.
const ASKED: u32 = 250;

/// What speaks for each unit.
fn score(units: &[Vec<usize>], own: &[Entry<'_>], layout: &Layout<'_, '_>, words: Option<&Words>) -> Vec<u32> {
    let mut seen: HashMap<(usize, u64), u32> = HashMap::new();
    let mut scores = Vec::with_capacity(units.len());
    let asked = words.map_or_else(|| vec![0.0; units.len()], |words| asked(words, units, own, layout));
    for (at, unit) in units.iter().enumerate() {
        let group = own[unit[0]].group;
        let first = at == 0 || own[units[at - 1][0]].group != group;
        let last = units.get(at + 1).is_none_or(|next| own[next[0]].group != group);
        let found = |entry: &&usize| layout.rows()[own[**entry].rows[0]].is_match();
        let text = unit.iter().find(found).map_or(&b""[..], |&entry| &own[entry].text);
        let repeats = seen.entry((group, template_hash(text.trim_ascii_start()))).or_insert(0);
        scores.push(
            (asked[at] * MOST_ASKED) as u32
                + 100
                + if first { 60 } else { 0 }
                + if is_definition(text) { 40 } else { 0 }
                + if last { 15 } else { 0 }
                - (*repeats).min(9) * 10,
        );
        *repeats += 1;
    }
    scores
}

/// How much each unit and the name of its file are about the words, 1 for the most.
fn asked(words: &Words, units: &[Vec<usize>], own: &[Entry<'_>], layout: &Layout<'_, '_>) -> Vec<f64> {
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut blocks = Vec::with_capacity(units.len());
    for unit in units {
        let start = lines.len();
        lines.push(layout.path(own[unit[0]].group));
        lines.extend(unit.iter().map(|&entry| &own[entry].text[..]));
        blocks.push(start..lines.len());
    }
    let mut scores = relevance(&lines, &blocks, words);
    let most = scores.iter().copied().fold(0.0, f64::max);
    if most > 0.0 {
        scores.iter_mut().for_each(|score| *score /= most);
    }
    scores
}

/// Whether a line of source code defines something.
fn is_definition(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 17] = [
        b"fn",
        b"def",
        b"class",
        b"struct",
        b"enum",
        b"trait",
        b"impl",
        b"interface",
        b"function",
        b"func",
        b"type",
        b"module",
        b"const",
        b"static",
        b"macro_rules!",
        b"namespace",
        b"#define",
    ];
    const BEFORE: [&[u8]; 9] =
        [b"pub", b"pub(crate)", b"public", b"private", b"protected", b"export", b"async", b"default", b"abstract"];
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.find(|word| !BEFORE.contains(word)).is_some_and(|word| WORDS.contains(&word))
}
