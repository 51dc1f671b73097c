//! Shortens a log to its templates: the first event of each kind stays as it is and counts the others.
//!
//! The others are merged into it, so thousands of gaps between them need no marker. What is seldom or severe comes first
//! where not every kind has room. The order of what stays is that of the log.

use std::cmp::Reverse;

use super::events::{Event, Events};
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::render::marker;
use crate::signal::Signal;
use crate::store::query::{Words, best_blocks};
use crate::tokens;

/// What a count behind a line costs, about, in tokens.
const COUNT: usize = 13;

/// How many events at the end stay in any case.
const LAST: usize = 2;

/// One kind of event.
#[derive(Debug, Clone, Default)]
struct Template {
    /// Its first event.
    first: usize,
    events: usize,
    signal: Signal,
    variant: u32,
}

/// Shortens the events; says whether it did. It does not when a log has hardly two events of a kind.
pub fn compress(draft: &mut Draft<'_>, live: &[usize], events: &Events, plan: &Plan) -> bool {
    let costs = costs(draft, live, events);
    let total: usize = costs.iter().sum();
    let templates = count(events);
    let examples: usize =
        templates.iter().map(|template| costs[template.first] + COUNT * usize::from(template.events > 1)).sum();
    let limits = &plan.limits;
    // Lines that say no more than when are any output, unless they come again.
    let share = if events.spoken { limits.log_examples_most } else { limits.log_examples_most / 3 };
    if plan.budget.is_none() && examples * 100 > total * share {
        return false;
    }
    let most = (total * limits.log_examples_percent / 100).clamp(limits.log_least, limits.log_examples);
    let budget = plan.budget.unwrap_or(most);
    if total <= budget.min(limits.log_least) {
        return true;
    }
    let stays = choose(draft, live, events, &templates, &costs, budget, plan);
    fold(draft, live, events, &templates, &stays);
    true
}

fn costs(draft: &Draft<'_>, live: &[usize], events: &Events) -> Vec<usize> {
    let cost = |event: &Event| event.lines.clone().map(|at| tokens::estimate(draft.text(live[at])) + 1).sum();
    events.all.iter().map(cost).collect()
}

fn count(events: &Events) -> Vec<Template> {
    let template = |&variant: &u32| Template { variant, ..Template::default() };
    let mut templates = events.variants.iter().map(template).collect::<Vec<_>>();
    for (at, event) in events.all.iter().enumerate() {
        let Some(id) = event.template else { continue };
        let template = &mut templates[id as usize];
        if template.events == 0 {
            template.first = at;
        }
        template.events += 1;
        template.signal = template.signal.max(event.signal);
    }
    templates
}

/// Chooses the events that stay as they are.
fn choose(
    draft: &Draft<'_>,
    live: &[usize],
    events: &Events,
    templates: &[Template],
    costs: &[usize],
    budget: usize,
    plan: &Plan,
) -> Vec<bool> {
    let mut choice = Choice { stays: vec![false; events.all.len()], costs, left: budget };
    let first_failure = events.all.iter().position(|event| event.signal == Signal::Failure);
    let ends = [0].into_iter().chain((events.all.len().saturating_sub(LAST)..events.all.len()).rev());
    first_failure.into_iter().chain(ends).for_each(|at| choice.take(at, 0));
    if let Some(words) = plan.query.as_deref().and_then(Words::new) {
        asked(draft, live, events, &words, &mut choice, budget);
    }
    let mut order = templates.iter().collect::<Vec<_>>();
    order.sort_by_key(|template| (Reverse(template.signal), template.variant, template.events, template.first));
    for template in order {
        choice.take(template.first, COUNT * usize::from(template.events > 1));
    }
    choice.stays
}

/// Events that are chosen until the budget is spent.
struct Choice<'c> {
    stays: Vec<bool>,
    costs: &'c [usize],
    left: usize,
}

impl Choice<'_> {
    /// Takes an event with what its count costs, when there is room.
    fn take(&mut self, at: usize, count: usize) {
        let cost = self.costs[at] * usize::from(!self.stays[at]) + count;
        if let Some(left) = self.left.checked_sub(cost) {
            self.left = left;
            self.stays[at] = true;
        }
    }
}

/// Takes the events that are most about what the reader looks for, with those around them.
fn asked(draft: &Draft<'_>, live: &[usize], events: &Events, words: &Words, choice: &mut Choice<'_>, budget: usize) {
    let texts = live.iter().map(|&line| draft.text(line)).collect::<Vec<_>>();
    for block in best_blocks(&texts, words, budget / 2) {
        let start = events.all.partition_point(|event| event.lines.end <= block.start);
        let end = events.all.partition_point(|event| event.lines.start < block.end);
        (start..end).for_each(|at| choice.take(at, 0));
    }
}

/// Merges the events that do not stay into the first of their kind that does, and drops what has none.
fn fold(draft: &mut Draft<'_>, live: &[usize], events: &Events, templates: &[Template], stays: &[bool]) {
    let mut anchor = vec![None; templates.len()];
    let mut merged = vec![(0, 0); templates.len()];
    for (at, event) in events.all.iter().enumerate() {
        let Some(id) = event.template else { continue };
        if stays[at] {
            anchor[id as usize].get_or_insert(at);
        } else {
            merged[id as usize] = (merged[id as usize].0 + 1, at);
        }
    }
    let lost = (0..templates.len()).filter(|&id| anchor[id].is_none()).count();
    let label = if lost > 0 { format!("lines of {lost} other kinds") } else { "lines".into() };
    let dropped = draft.because(Reason::dropped("templates", label).once());
    let repeats = draft.because(Reason::dropped("templates", "repeats"));
    for (at, event) in events.all.iter().enumerate().filter(|(at, _)| !stays[*at]) {
        let counted = event.template.is_some_and(|id| anchor[id as usize].is_some());
        for &line in &live[events.all[at].lines.clone()] {
            if counted {
                draft.merge(line, repeats);
            } else {
                draft.drop(line, dropped);
            }
        }
    }
    let mut counts = (0..templates.len())
        .filter_map(|id| anchor[id].filter(|_| merged[id].0 > 0).map(|at| (at, merged[id])))
        .collect::<Vec<_>>();
    counts.sort_unstable();
    for (nth, (at, (more, last))) in counts.into_iter().enumerate() {
        let line = live[events.all[at].lines.start];
        let last = draft.doc().source_line(live[events.all[last].lines.start]);
        let said = marker::repeats_until(more, last, nth == 0);
        let text = [draft.text(line), said.as_bytes()].concat();
        draft.rewrite(line, text, repeats);
    }
}
