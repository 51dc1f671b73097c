//! Decides which folds of an outline stay folded: what the reader looks for unfolds, and a budget is filled by salience.

use std::cmp::Reverse;
use std::ops::Range;

use super::fold::{Class, Edit, Fold, GAIN, Outline, STRETCH};
use super::language::Language;
use super::source::Source;
use crate::compaction::Draft;
use crate::plan::Plan;
use crate::render::marker;
use crate::store::query::{Words, relevance};
use crate::tokens;

/// What taking out a unit costs: the comment in its place.
const REMOVED: usize = 12;
/// The part of the folds that a question may unfold: one in so many tokens.
const ASKED: usize = 3;
/// What a body of a line or two is worth to the reader, in tokens.
const SHORT: usize = 4;
/// A rest of a budget that is not worth filling, in tokens.
const CRUMB: usize = 12;

/// Picks the edits for a plan, in order and without overlap; none when not even the least outline fits the budget.
pub(super) fn edits(outline: &Outline, source: &Source, draft: &Draft<'_>, plan: &Plan) -> Option<Vec<Edit>> {
    let mut choice = Choice::new(outline, source, plan);
    match plan.budget {
        None => choice.unfold_asked(plan.limits.code_query.min(choice.saved() / ASKED)),
        Some(budget) if choice.cost <= budget => choice.fill(budget),
        Some(budget) => choice.remove(budget)?,
    }
    Some(choice.edits(draft))
}

/// The state of a choice.
struct Choice<'a> {
    outline: &'a Outline,
    source: &'a Source,
    /// How much each fold and each item is about the question.
    asked: Vec<f64>,
    asked_items: Vec<f64>,
    /// What each fold saves.
    gains: Vec<usize>,
    /// The body whose marker speaks for a comment above it.
    speakers: Vec<Option<usize>>,
    folded: Vec<bool>,
    removed: Vec<bool>,
    /// A fold that is cut: it begins later.
    cut: Option<(usize, usize)>,
    cost: usize,
}

impl<'a> Choice<'a> {
    fn new(outline: &'a Outline, source: &'a Source, plan: &Plan) -> Self {
        let folds = &outline.folds;
        let words = plan.query.as_deref().and_then(Words::new);
        let lines = source.text.split(|byte| *byte == b'\n').collect::<Vec<_>>();
        let rows = |range: &Range<usize>| source.line_of(range.start)..source.line_of(range.end) + 1;
        let score = |ranges: Vec<Range<usize>>| match &words {
            Some(words) => relevance(&lines, &ranges, words),
            None => vec![0.0; ranges.len()],
        };
        let asked = score(folds.iter().map(|fold| rows(&fold.owner)).collect());
        let asked_items = score(outline.items.iter().map(|item| rows(&item.range)).collect());
        let gain =
            |fold: &Fold| tokens::estimate(&source.text[fold.range.clone()]).saturating_sub(fold.marker_tokens());
        let gains = folds.iter().map(gain).collect::<Vec<_>>();
        let mut choice = Self {
            outline,
            source,
            asked,
            asked_items,
            gains,
            speakers: vec![None; folds.len()],
            folded: vec![true; folds.len()],
            removed: vec![false; outline.items.len()],
            cut: None,
            cost: 0,
        };
        choice.drop_overlaps();
        choice.find_speakers();
        choice.cost = tokens::estimate(&source.text).saturating_sub(choice.saved());
        choice
    }

    /// What the folds save together.
    fn saved(&self) -> usize {
        self.gains.iter().zip(&self.folded).filter(|(_, folded)| **folded).map(|(gain, _)| gain).sum()
    }

    /// Of folds that overlap only the first and longest counts.
    fn drop_overlaps(&mut self) {
        let mut end = 0;
        for (index, fold) in self.outline.folds.iter().enumerate() {
            self.folded[index] = fold.range.start >= end;
            end = end.max(fold.range.end);
        }
    }

    /// Finds the comments that a body's marker can speak for; what needs a marker of its own must be worth it.
    fn find_speakers(&mut self) {
        let folds = &self.outline.folds;
        let order = (0..folds.len()).filter(|&index| self.folded[index]).collect::<Vec<_>>();
        let cost = |index: usize| tokens::estimate(&self.source.text[folds[index].range.clone()]);
        let mut taken = None;
        for (place, &index) in order.iter().enumerate().filter(|(_, index)| folds[**index].class >= Class::Body) {
            let alone = cost(index).saturating_sub(folds[index].marker_tokens());
            if taken == Some(index) {
                continue;
            }
            let worth = |gain: usize| if gain >= GAIN { gain } else { 0 };
            let next = order.get(place + 1).copied().filter(|&next| self.is_one_unit(index, next));
            if let Some(next) = next {
                let marker = folds[next].marker_tokens();
                let below = cost(next).saturating_sub(marker);
                let both = (cost(index) + cost(next)).saturating_sub(marker + STRETCH);
                if both >= worth(alone) + worth(below).max(if below == 0 { SHORT } else { 0 }) && both >= GAIN {
                    self.speakers[index] = Some(next);
                    self.gains[index] = cost(index).saturating_sub(STRETCH);
                    self.gains[next] = both - self.gains[index].min(both);
                    taken = Some(next);
                    continue;
                }
            }
            self.gains[index] = alone;
            self.folded[index] = alone >= GAIN;
        }
    }

    /// Whether a comment and a body belong to the same definition: no blank line is between them.
    fn is_one_unit(&self, comment: usize, body: usize) -> bool {
        let (comment, body) = (&self.outline.folds[comment], &self.outline.folds[body]);
        let pair = comment.class == Class::Doc && body.class == Class::Body;
        pair && memchr::memmem::find(&self.source.text[comment.range.end..body.range.start], b"\n\n").is_none()
    }

    /// The folds from the most to the least wanted.
    fn wanted(&self) -> Vec<usize> {
        let mut order = (0..self.outline.folds.len()).filter(|&index| self.folded[index]).collect::<Vec<_>>();
        let place = |class: Class| match class {
            Class::Imports => 0,
            Class::Body => 1,
            Class::Value | Class::Statements => 2,
            Class::Doc => 3,
        };
        order.sort_by(|&a, &b| {
            let key = |index: usize| {
                let fold = &self.outline.folds[index];
                (place(fold.class), Reverse(fold.public), index)
            };
            self.asked[b].total_cmp(&self.asked[a]).then(key(a).cmp(&key(b)))
        });
        order
    }

    /// Unfolds what the question is about, the best in any case.
    fn unfold_asked(&mut self, most: usize) {
        let mut left = most;
        for (place, index) in self.wanted().into_iter().filter(|&index| self.asked[index] > 0.0).enumerate() {
            let gain = self.gains[index];
            if place == 0 || gain <= left {
                self.folded[index] = false;
                left = left.saturating_sub(gain);
            }
        }
    }

    /// Unfolds as much as fits, and a part of the first body that does not.
    fn fill(&mut self, budget: usize) {
        let mut left = budget - self.cost;
        let mut partly = None;
        for index in self.wanted() {
            if self.gains[index] <= left {
                self.folded[index] = false;
                left -= self.gains[index];
            } else {
                partly = partly.or(Some(index).filter(|&index| self.outline.folds[index].cuts.len() > 1));
            }
        }
        if let Some(index) = partly.filter(|_| left > CRUMB) {
            let fold = &self.outline.folds[index];
            let fits = |cut: &&usize| tokens::estimate(&self.source.text[fold.range.start..**cut]) <= left;
            let cuts = fold.cuts.iter().filter(|cut| self.is_own_line(**cut)).collect::<Vec<_>>();
            self.cut = cuts.into_iter().take_while(fits).last().map(|cut| (index, *cut));
        }
    }

    fn is_own_line(&self, at: usize) -> bool {
        self.source.indentation(at).is_some()
    }

    /// Takes out whole definitions until the rest fits: private ones first, then members, then the others.
    fn remove(&mut self, budget: usize) -> Option<()> {
        let items = &self.outline.items;
        let mut order = (0..items.len()).collect::<Vec<_>>();
        order.sort_by(|&a, &b| {
            let rank = items[a].rank.cmp(&items[b].rank);
            self.asked_items[a].total_cmp(&self.asked_items[b]).then(rank).then(b.cmp(&a))
        });
        let costs = items.iter().map(|item| self.cost_of(&item.range)).collect::<Vec<_>>();
        // What was taken out of a unit is not saved again with the unit.
        let mut saved = vec![0usize; items.len()];
        let parents = self.parents();
        for index in order {
            if self.cost <= budget {
                return Some(());
            }
            let mut up = parents[index];
            let mut gone = false;
            while let Some(parent) = up {
                gone |= self.removed[parent];
                up = parents[parent];
            }
            if gone {
                continue;
            }
            let next_to =
                |other: usize| self.removed.get(other) == Some(&true) && items[other].scope == items[index].scope;
            let marker = if next_to(index + 1) || index > 0 && next_to(index - 1) { 0 } else { REMOVED };
            let gain = costs[index].saturating_sub(saved[index] + marker);
            if gain == 0 {
                continue;
            }
            self.removed[index] = true;
            self.cost = self.cost.saturating_sub(gain);
            let mut up = parents[index];
            while let Some(parent) = up {
                saved[parent] += gain;
                up = parents[parent];
            }
        }
        (self.cost <= budget).then_some(())
    }

    /// What a stretch costs with its folds folded.
    fn cost_of(&self, range: &Range<usize>) -> usize {
        let first = self.outline.folds.partition_point(|fold| fold.range.start < range.start);
        let within = (first..self.outline.folds.len())
            .take_while(|&index| self.outline.folds[index].range.start < range.end)
            .filter(|&index| self.folded[index]);
        let saved: usize = within.map(|index| self.gains[index]).sum();
        tokens::estimate(&self.source.text[range.clone()]).saturating_sub(saved)
    }

    /// The item that each item is in.
    fn parents(&self) -> Vec<Option<usize>> {
        let mut open: Vec<usize> = Vec::new();
        let items = &self.outline.items;
        (0..items.len())
            .map(|index| {
                while open.last().is_some_and(|&last| items[last].range.end <= items[index].range.start) {
                    open.pop();
                }
                let parent = open.last().copied();
                open.push(index);
                parent
            })
            .collect()
    }

    fn edits(&self, draft: &Draft<'_>) -> Vec<Edit> {
        let mut edits = self.removals(draft);
        let gone = edits.iter().map(|edit| edit.range.clone()).collect::<Vec<_>>();
        let folds = &self.outline.folds;
        let stays = |index: usize| {
            let range = &folds[index].range;
            let at = gone.partition_point(|gone| gone.end <= range.start);
            self.folded[index]
                && gone.get(at).is_none_or(|gone| gone.start >= range.end)
                && !super::fold::is_protected(draft, self.source, range)
        };
        let stay = (0..folds.len()).map(stays).collect::<Vec<_>>();
        let speaks = |index: &usize| stay[*index] && self.cut.is_none_or(|(cut, _)| cut != *index);
        let mut spoken_for: Option<(usize, usize)> = None;
        for index in (0..folds.len()).filter(|&index| stay[index]) {
            if let Some(speaker) = self.speakers[index].filter(speaks) {
                spoken_for = Some((speaker, index));
                edits.push(folds[index].silent_edit());
                continue;
            }
            let cut = self.cut.filter(|(of, _)| *of == index).zip(self.outline.language);
            edits.push(match cut {
                Some(((_, at), language)) => {
                    folds[index].cut_at(self.source, language, at).edit(self.source, draft, None)
                }
                None => {
                    let before = spoken_for.filter(|(speaker, _)| *speaker == index).map(|(_, before)| &folds[before]);
                    folds[index].edit(self.source, draft, before)
                }
            });
        }
        edits.sort_by_key(|edit| edit.range.start);
        let said = edits.iter().position(Edit::names_lines).map_or(edits.len(), |first| first + 1);
        edits[said..]
            .iter_mut()
            .filter(|edit| edit.names_lines())
            .for_each(|edit| edit.text = marker::again(&edit.text));
        edits
    }

    /// One edit for each run of neighbours that are taken out.
    fn removals(&self, draft: &Draft<'_>) -> Vec<Edit> {
        let mut runs: Vec<(Range<usize>, usize, bool)> = Vec::new();
        let removed =
            self.outline.items.iter().zip(&self.removed).filter(|(_, removed)| **removed).map(|(item, _)| item);
        for item in removed.filter(|item| !super::fold::is_protected(draft, self.source, &item.range)) {
            match runs.last_mut() {
                Some((run, ..)) if item.range.start < run.end => {}
                Some((run, scope, _)) if *scope == item.scope && self.is_blank(run.end..item.range.start) => {
                    run.end = item.range.end;
                }
                _ => runs.push((item.range.clone(), item.scope, item.filler)),
            }
        }
        let comment = self.outline.language.map_or("#", Language::comment);
        runs.into_iter()
            .map(|(range, _, filler)| {
                let said = marker::lines_left_out(&[self.source.numbers(draft, range.clone())], &[]);
                let filler = if filler { "...  " } else { "" };
                Edit { range, text: format!("{filler}{comment} {said}") }
            })
            .collect()
    }

    fn is_blank(&self, range: Range<usize>) -> bool {
        self.source.text[range].trim_ascii().is_empty()
    }
}
