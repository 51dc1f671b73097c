//! Chooses the blocks of a page that fit a budget: the title, what answers the query, failures, the beginning, then the
//! first words of every section, then the rest in order.

use super::block::{Block, Unit};
use crate::render::marker;
use crate::signal::{Signal, Signals};
use crate::store::query::{Words, best_blocks};
use crate::tokens;

/// What a marker costs, about, in tokens: a gap that saves less is not made.
const MARKER: usize = 10;

/// Says for every block whether it stays.
pub(super) fn choose(blocks: &[Block], budget: usize, query: Option<&str>) -> Vec<bool> {
    let costs = blocks.iter().map(|block| tokens::estimate(&block.text) + 1).collect::<Vec<_>>();
    if costs.iter().sum::<usize>() <= budget {
        return vec![true; blocks.len()];
    }
    let weights = weigh(blocks, query, budget);
    let heads = headings(blocks);
    let mut order = (0..blocks.len()).collect::<Vec<_>>();
    order.sort_by_key(|&at| (std::cmp::Reverse(weights[at]), at));
    let mut stays = vec![false; blocks.len()];
    let mut left = budget;
    for at in order {
        if stays[at] {
            continue;
        }
        // What stays says which section it is of.
        let head = heads[at].filter(|&head| !stays[head]);
        let cost = costs[at] + head.map_or(0, |head| costs[head]);
        if let Some(rest) = left.checked_sub(cost) {
            left = rest;
            stays[at] = true;
            head.into_iter().for_each(|head| stays[head] = true);
        }
    }
    bridge(&mut stays, &costs);
    stays
}

/// The heading each block stands under.
fn headings(blocks: &[Block]) -> Vec<Option<usize>> {
    let mut head = None;
    let under = |(at, block): (usize, &Block)| match block.unit {
        Unit::Heading(_) => {
            head = Some(at);
            None
        }
        Unit::Link | Unit::Title => None,
        Unit::Paragraph | Unit::Item | Unit::Row | Unit::Code => head,
    };
    blocks.iter().enumerate().map(under).collect()
}

/// Weighs every block.
fn weigh(blocks: &[Block], query: Option<&str>, budget: usize) -> Vec<u32> {
    let signals = Signals::shared();
    let mut since_heading = 0;
    let mut prose = 0;
    let mut weights = Vec::with_capacity(blocks.len());
    for block in blocks {
        let is_prose = matches!(block.unit, Unit::Paragraph | Unit::Item) && block.words >= 8;
        let weight = match block.unit {
            Unit::Title => 1000,
            Unit::Link => 1,
            Unit::Heading(level) => 60 - u32::from(level),
            _ if signals.of(&block.text) >= Signal::Failure => 400,
            _ if is_prose && prose < 2 => 300,
            Unit::Paragraph | Unit::Code if since_heading == 0 => 200,
            Unit::Item | Unit::Row if since_heading == 0 => 150,
            Unit::Paragraph | Unit::Code => 50 + block.words.min(60) as u32,
            Unit::Item | Unit::Row => 40 + block.words.min(20) as u32,
        };
        prose += usize::from(is_prose);
        since_heading = if matches!(block.unit, Unit::Heading(_)) { 0 } else { since_heading + 1 };
        weights.push(weight);
    }
    if let Some(words) = query.and_then(Words::new) {
        // Blank lines between them make each a block of its own.
        let lines = blocks.iter().flat_map(|block| [&block.text[..], b""]).collect::<Vec<_>>();
        for found in best_blocks(&lines, &words, budget * 3 / 4) {
            lend(blocks, found.start / 2, &mut weights);
        }
    }
    weights
}

/// Lends weight to what was looked for, and less to what goes on from it in its section and what leads to it.
fn lend(blocks: &[Block], at: usize, weights: &mut [u32]) {
    weights[at] += 500;
    let goes_on = (at + 1..blocks.len()).take(4).take_while(|&next| !matches!(blocks[next].unit, Unit::Heading(_)));
    for (distance, next) in goes_on.enumerate() {
        weights[next] = weights[next].max(350 - distance as u32);
    }
    if let Some(before) = at.checked_sub(1) {
        weights[before] = weights[before].max(340);
    }
}

/// Keeps blocks in gaps that cost no more than their marker would.
fn bridge(stays: &mut [bool], costs: &[usize]) {
    let mut at = 0;
    while at < stays.len() {
        let end = stays[at..].iter().position(|&stays| stays).map_or(stays.len(), |len| at + len);
        if costs[at..end].iter().sum::<usize>() <= MARKER {
            stays[at..end].fill(true);
        }
        at = end + 1;
    }
}

/// Joins the blocks that stay, with markers where others were.
pub(super) fn join(blocks: &[Block], stays: &[bool]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut gap: Vec<(usize, &str)> = Vec::new();
    let mut last: Option<Unit> = None;
    let mut add = |bytes: &[u8], tight: bool| {
        if !text.is_empty() {
            text.extend_from_slice(if tight { b"\n" } else { b"\n\n" });
        }
        text.extend_from_slice(bytes);
    };
    let end = [None];
    for entry in blocks.iter().zip(stays).map(Some).chain(end) {
        if let Some((block, false)) = entry {
            match gap.iter_mut().find(|(_, label)| *label == block.unit.label()) {
                Some((count, _)) => *count += 1,
                None => gap.push((1, block.unit.label())),
            }
            continue;
        }
        if !gap.is_empty() {
            add(marker::left_out_many(&std::mem::take(&mut gap)).as_bytes(), true);
        }
        if let Some((block, _)) = entry {
            add(&block.text, last == Some(block.unit) && block.unit.is_tight());
            last = Some(block.unit);
        }
    }
    text
}
