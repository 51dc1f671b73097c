//! Compacts every tool result of a session, and weighs what that is worth over the rest of it.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::{Event, Session, evidence, report::Totals};
use crate::command::{named, who_printed};
use crate::document::Origin;
use crate::pipeline::{Compaction, Form, Request};
use crate::render::marker;
use crate::replay::items::Sort;
use crate::shown::{self, Shown};
use crate::store::Recording;
use crate::tokens;

/// How a text is compacted.
pub type Compact<'a> = &'a dyn Fn(&[u8], &Request) -> Compaction;

/// What is compacted as it would have been.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Whether the agent tells which session it is, so that lines that it was shown are not shown again.
    pub session: bool,
    /// Whether the results of tools that are no shell are compacted too, as a gateway does.
    pub all_tools: bool,
}

/// A session that was replayed.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// What the reader calls it.
    pub name: String,
    /// Whose it is.
    pub agent: &'static str,
    /// Its tool results, in order.
    pub outputs: Vec<Seen>,
    /// A hash for each of its events.
    events: Vec<u64>,
}

/// Leaves sessions out that are the beginning of another: who resumes a session may write all of it down again.
pub fn without_copies(sessions: Vec<Replayed>) -> Vec<Replayed> {
    let is_copy = |place: usize, one: &Replayed| {
        sessions.iter().enumerate().any(|(other, longer)| {
            let longest =
                longer.events.len() > one.events.len() || longer.events.len() == one.events.len() && other < place;
            other != place && longest && longer.events.starts_with(&one.events)
        })
    };
    let copies: Vec<bool> = sessions.iter().enumerate().map(|(place, one)| is_copy(place, one)).collect();
    sessions.into_iter().zip(copies).filter_map(|(one, is_copy)| (!is_copy).then_some(one)).collect()
}

/// What became of a tool result.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Which of the session's tool results it is, counted from 1.
    pub number: usize,
    /// The program and its subcommand, or the agent's tool.
    pub tool: String,
    /// The first line of the command.
    pub command: String,
    /// The rule, or the kind when none fits.
    pub rule: String,
    /// Which form went out; `None` for what went through `hr` when it was recorded.
    pub form: Option<Form>,
    /// What is lost: items that the agent used.
    pub lost: Vec<(Sort, String)>,
    /// The sums of one.
    pub totals: Totals,
}

/// Compacts the tool results of a session.
pub fn run(session: &Session, compact: Compact<'_>, how: How) -> Replayed {
    let mut compacted = Vec::new();
    let mut outputs = Vec::new();
    let mut printed = HashSet::new();
    let mut shown = Arc::new(Shown::default());
    for output in session.outputs() {
        let raw = output.text.as_bytes();
        let known: Vec<String> = marker::handles(raw).into_iter().map(str::to_owned).collect();
        let seen_before = !known.is_empty();
        let request = Request {
            origin: Origin { command: output.command.clone(), exit_code: output.exit_code },
            handle: Some(Recording::merged(raw).handle().to_string()),
            known,
            shown: how.session.then(|| Arc::clone(&shown)),
            ..Request::default()
        };
        let is_seen = output.by_shell || how.all_tools;
        let compaction = if is_seen { compact(raw, &request) } else { Compaction::untouched(raw, &request.origin) };
        drop(request);
        Arc::make_mut(&mut shown).add(&compaction.text);
        let form = Some(compaction.form).filter(|_| !seen_before);
        let (before, after) = compaction.tokens;
        let shown_before = shown_before(&output.text, &compaction);
        // What was shown before is in the context word for word.
        let text = String::from_utf8_lossy(&compaction.text).into_owned() + &shown_before.join("\n");
        let markers = if form == Some(Form::Compacted) { marker::cost(&compaction.text) } else { 0 };
        let command = output.command.as_deref().unwrap_or_default();
        let reads_file = form == Some(Form::Raw) && who_printed(command).is_some_and(|printed| printed.reads_file);
        outputs.push(Seen {
            number: outputs.len() + 1,
            tool: output.command.as_deref().and_then(named).unwrap_or_else(|| output.tool.clone()),
            command: first_line(command),
            rule: compaction.rule.unwrap_or_else(|| format!("({})", compaction.kind)),
            form,
            lost: Vec::new(),
            totals: Totals {
                outputs: 1,
                compacted: usize::from(form == Some(Form::Compacted)),
                known: usize::from(seen_before),
                unseen: if is_seen { 0 } else { before },
                worse: usize::from(after > before),
                before,
                after,
                markers,
                reads: if reads_file { before } else { 0 },
                repeated: repeated(&output.text, &mut printed),
                shown_before: shown_before.iter().map(|line| tokens::estimate(line.as_bytes()) + 1).sum(),
                ..Totals::default()
            },
        });
        compacted.push(text);
    }
    weigh(session, &mut outputs);
    let mut first_use = vec![None; outputs.len()];
    for used in evidence::used(session, &compacted) {
        let seen = &mut outputs[used.output];
        seen.totals.used += 1;
        if used.lost {
            seen.totals.lost += 1;
            seen.lost.push((used.item.sort(), used.item.to_string()));
            first_use[used.output].get_or_insert(used.event);
        }
    }
    read_again(session, &mut outputs, &first_use);
    Replayed {
        name: session.name.clone(),
        agent: session.agent,
        outputs,
        events: session.events.iter().map(hashed).collect(),
    }
}

fn hashed(event: &Event) -> u64 {
    let (sort, text) = match event {
        Event::Told(text) => (0, text),
        Event::Wrote(text) => (1, text),
        Event::Printed(output) => (2, &output.text),
    };
    BuildHasherDefault::<DefaultHasher>::default().hash_one((sort, text))
}

/// The lines that are left out because they were shown before.
fn shown_before<'t>(text: &'t str, compaction: &Compaction) -> Vec<&'t str> {
    let left_out = compaction.dropped.iter().filter(|dropped| dropped.step == shown::STEP);
    let lines: Vec<&str> = text.lines().collect();
    left_out.filter_map(|dropped| lines.get(dropped.lines[0] - 1..dropped.lines[1])).flatten().copied().collect()
}

/// The tokens of the lines that were printed before; from now on those of this text were.
fn repeated<'t>(text: &'t str, shown: &mut HashSet<&'t str>) -> usize {
    /// Shorter lines, such as brackets, are everywhere, in bytes.
    const SHORT: usize = 12;
    let lines: Vec<&str> = text.lines().filter(|line| line.trim().len() >= SHORT).collect();
    let again = lines.iter().filter(|line| shown.contains(*line));
    let tokens = again.map(|line| tokens::estimate(line.as_bytes()) + 1).sum();
    shown.extend(lines);
    tokens
}

/// Prices of a provider's cache, as parts of the price of fresh input: writing and reading.
const WRITE: f64 = 1.25;
const READ: f64 = 0.1;
/// What a call costs that reads an original again, in tokens.
const CALL: f64 = 60.0;

/// What a text costs that stays in the context for so many requests: written to the cache once, read from it from then on.
fn cost(tokens: usize, requests: usize) -> f64 {
    match requests.checked_sub(1) {
        Some(more) => tokens as f64 * (WRITE + READ * more as f64),
        None => 0.0,
    }
}

/// Adds up what each result costs over the requests that follow it.
fn weigh(session: &Session, outputs: &mut [Seen]) {
    let after = requests_after(session);
    let places = session.events.iter().enumerate().filter(|(_, event)| matches!(event, Event::Printed(_)));
    for ((place, _), seen) in places.zip(outputs) {
        let totals = &mut seen.totals;
        let requests = after[place];
        (totals.carried_before, totals.carried_after) = (totals.before * requests, totals.after * requests);
        (totals.cost_before, totals.cost_after) = (cost(totals.before, requests), cost(totals.after, requests));
    }
}

/// Charges every result from which something was lost: as if the agent had asked for all of it again when it needed it.
fn read_again(session: &Session, outputs: &mut [Seen], first_use: &[Option<usize>]) {
    let after = requests_after(session);
    let mut number = 0;
    let mut context = 0;
    let mut contexts = Vec::new();
    for event in &session.events {
        contexts.push(context);
        context += match event {
            Event::Told(text) | Event::Wrote(text) => tokens::estimate(text.as_bytes()),
            Event::Printed(_) => {
                number += 1;
                outputs[number - 1].totals.after
            }
        };
    }
    for (seen, place) in outputs.iter_mut().zip(first_use) {
        let Some(place) = *place else { continue };
        let requests = after[place] + 1;
        seen.totals.lossy = 1;
        seen.totals.read_again = seen.totals.before;
        seen.totals.cost_again = cost(seen.totals.before, requests) + CALL * WRITE + READ * contexts[place] as f64;
    }
}

/// For each event, how many requests to the model follow it: each stretch of what the agent wrote answers one.
fn requests_after(session: &Session) -> Vec<usize> {
    let mut after = vec![0; session.events.len()];
    let mut requests = 0;
    for place in (0..session.events.len()).rev() {
        after[place] = requests;
        let wrote = |place: usize| matches!(session.events[place], Event::Wrote(_));
        if wrote(place) && (place == 0 || !wrote(place - 1)) {
            requests += 1;
        }
    }
    after
}

fn first_line(command: &str) -> String {
    const WIDTH: usize = 120;
    let line = command.lines().next().unwrap_or_default();
    if line.chars().count() > WIDTH {
        line.chars().take(WIDTH - 3).collect::<String>() + "..."
    } else {
        line.to_owned()
    }
}
