//! The outline of code without a grammar, by indentation alone: the two outer levels stay, and what opens a block below.

use super::source::Source;
use crate::compaction::{Draft, Reason};

/// The deepest level that stays.
const KEPT: usize = 1;
/// How many lines are worth a marker.
const RUN: usize = 3;

/// Drops runs of deep lines; says whether there were any.
pub(super) fn compress(draft: &mut Draft<'_>, source: &Source) -> bool {
    let depths = depths(source);
    let stays = |line: usize| {
        let opens = depths.get(line + 1).is_some_and(|next| *next > depths[line]);
        depths[line] <= KEPT || opens && depths[line] == KEPT + 1
    };
    let reason = draft.because(Reason::dropped("outline", "lines"));
    let mut at = 0;
    let mut any = false;
    while at < depths.len() {
        let end = (at..depths.len()).find(|&line| stays(line)).unwrap_or(depths.len());
        if end - at >= RUN {
            for line in at..end {
                any |= draft.drop(source.live[line], reason);
            }
        }
        at = end + 1;
    }
    any
}

/// How many lines with less indentation each line is in; blank lines are as deep as the line before.
fn depths(source: &Source) -> Vec<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut depth = 0;
    source
        .text
        .split(|byte| *byte == b'\n')
        .take(source.live.len())
        .map(|line| {
            let bare = line.trim_ascii_start();
            if !bare.is_empty() {
                let width = line[..line.len() - bare.len()].iter().map(|byte| if *byte == b'\t' { 8 } else { 1 }).sum();
                while open.last().is_some_and(|outer| *outer >= width) {
                    open.pop();
                }
                depth = open.len();
                open.push(width);
            }
            depth
        })
        .collect()
}
