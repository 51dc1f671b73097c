//! Puts lines together to events: a line with a header, and the lines without one that follow it.

use std::ops::Range;

use super::header::{self, Header, Level};
use super::miner::{Miner, TemplateId};
use super::shape::{Shape, mix};
use crate::compaction::Draft;
use crate::signal::{Signal, Signals};

/// One event of a log.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its lines, as places among the live lines.
    pub lines: Range<usize>,
    /// What kind of event it is; none when there are too many kinds to tell apart.
    pub template: Option<TemplateId>,
    /// How much it matters.
    pub signal: Signal,
}

/// The events of a stretch of lines.
#[derive(Debug, Default)]
pub struct Events {
    /// In the order of the log.
    pub all: Vec<Event>,
    /// For each kind which variant it is of those that are like it.
    pub variants: Vec<u32>,
    /// Whether most headers say more than when.
    pub spoken: bool,
}

/// How many lines must have a header, in percent, so that lines without one belong to the line before.
const HEADED: usize = 50;

/// How many lines a log has at least.
const LEAST: usize = 12;

impl Events {
    /// Reads the events; none when the lines are no log whose lines tell when or how severe.
    pub fn read(draft: &Draft<'_>, live: &[usize]) -> Option<Self> {
        let header = |line: usize| header::read(draft.text(line)).filter(|header| header.is_logged(draft.text(line)));
        let headers = live.iter().map(|&line| header(line)).collect::<Vec<_>>();
        // What is indented goes on with what stands above it.
        let begins = |line: usize| draft.text(line).first().is_some_and(|byte| !matches!(byte, b' ' | b'\t'));
        let told = live.iter().filter(|&&line| begins(line)).count();
        let headed = headers.iter().filter(|header| header.is_some()).count();
        if headed < LEAST || headed * 100 < told * HEADED {
            return None;
        }
        let spoken = headers.iter().flatten().filter(|header| header.speaks()).count() * 2 >= headed;
        let mut events = Self { spoken, ..Self::default() };
        let mut miner = Miner::default();
        // What follows an event tells its kind apart by its masked text, whatever it is.
        let mut start = 0;
        while start < live.len() {
            let next = headers[start + 1..].iter().position(Option::is_some).map_or(live.len(), |at| start + 1 + at);
            events.push(draft, live, start..next, headers[start].as_ref(), &mut miner);
            start = next;
        }
        events.variants = (0..miner.len() as u32).map(|template| miner.variant(template)).collect();
        Some(events)
    }

    fn push(
        &mut self,
        draft: &Draft<'_>,
        live: &[usize],
        lines: Range<usize>,
        header: Option<&Header>,
        miner: &mut Miner,
    ) {
        let none = Header::default();
        let header = header.unwrap_or(&none);
        let text = draft.text(live[lines.start]);
        let signal = lines.clone().fold(of_line(text, header), |signal, at| {
            if at == lines.start { signal } else { signal.max(Signals::shared().of(draft.text(live[at]))) }
        });
        let mut shape = Shape::of(text, header, signal == Signal::Failure);
        if lines.len() > 1 {
            let rest = lines
                .clone()
                .skip(1)
                .flat_map(|at| Shape::of(draft.text(live[at]), &none, signal == Signal::Failure).words);
            shape.lead = 0;
            shape.words.insert(0, rest.fold(1, mix));
        }
        self.all.push(Event { lines, template: miner.push(&shape), signal });
    }
}

/// How much a line matters: its level comes before the words in its text.
fn of_line(text: &[u8], header: &Header) -> Signal {
    let said = Signals::shared().of(text);
    match header.level {
        Some(Level::Error) => Signal::Failure,
        Some(Level::Warning) => said.clamp(Signal::Warning, Signal::Hint),
        Some(Level::Info | Level::Debug) => said.min(Signal::Hint),
        None => said,
    }
}
