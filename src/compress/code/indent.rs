//! The outline of code without a grammar, by indentation alone: the two outer levels stay, and what opens a block below.

use super::source::Source;
use crate::compaction::{Draft, Reason};
use crate::render::marker;

/// The deepest level that stays.
const KEPT: usize = 1;
/// How many lines are worth a marker.
const RUN: usize = 3;

/// Leaves out runs of deep lines; a comment says so where it is known how comments begin. Says whether there were any.
pub(super) fn compress(draft: &mut Draft<'_>, source: &Source, comment: Option<&str>) -> bool {
    let depths = depths(source);
    let stays = |line: usize| {
        let opens = depths.get(line + 1).is_some_and(|next| *next > depths[line]);
        depths[line] <= KEPT || opens && depths[line] == KEPT + 1 || draft.is_protected(source.live[line])
    };
    let mut runs = Vec::new();
    let mut at = 0;
    while at < depths.len() {
        let end = (at..depths.len()).find(|&line| stays(line)).unwrap_or(depths.len());
        if end - at >= RUN {
            runs.push(at..end);
        }
        at = end + 1;
    }
    let reason = draft.because(Reason::dropped("outline", "lines"));
    for run in &runs {
        let Some(comment) = comment else {
            run.clone().for_each(|line| _ = draft.drop(source.live[line], reason));
            continue;
        };
        let text = draft.text(source.live[run.start]);
        let indent = text.len() - text.trim_ascii_start().len();
        let number = |line: usize| draft.doc().source_line(source.live[line]);
        let marker = marker::lines_left_out(&[(number(run.start), number(run.end - 1))], &[]);
        let text = [&text[..indent], comment.as_bytes(), b" ", marker.as_bytes()].concat();
        draft.rewrite_block(source.live[run.start]..source.live[run.end - 1] + 1, text, reason);
    }
    !runs.is_empty()
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
