//! A response as a stream of events: each is looked at when it is complete, and only that one waits.

use super::super::denial;
use super::super::part::{Denial, Outcome};
use super::super::request::Protocol;
use super::super::sse::{Event, Events, Fate};
use super::Readers;
use super::document::{changed, refuses};
use crate::json::Tape;

/// A response as a stream of events.
#[derive(Debug)]
pub(in crate::gateway) struct Stream {
    events: Events,
    /// Whether a reader may change it.
    pub(super) edits: bool,
    looks: Looks,
}

/// Those who look at the events of a stream.
#[derive(Debug)]
struct Looks {
    readers: Readers,
    protocol: Protocol,
    /// Whether it was ended: what still comes is read, and nothing of it passes.
    ended: bool,
    /// What is counted.
    results: Vec<&'static str>,
}

impl Stream {
    pub(super) fn new(readers: Readers, protocol: Protocol, edits: bool) -> Self {
        let looks = Looks { readers, protocol, ended: false, results: Vec::new() };
        Self { events: Events::default(), edits, looks }
    }

    /// Whether it was ended.
    pub(super) fn is_ended(&self) -> bool {
        self.looks.ended
    }

    /// What is to be counted.
    pub(super) fn results(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.looks.results)
    }

    /// Knows that the host has what was given.
    pub(super) fn settle(&mut self) {
        self.events.settle();
    }

    /// What came earlier and was held; the last bytes, once nothing passes any more or what `must` be checked cannot be.
    pub(super) fn give_up(&mut self, must: bool) -> Result<Vec<u8>, Vec<u8>> {
        let carry = self.events.give_up().ok_or_else(Vec::new)?;
        if must && refuses(&self.looks.readers) {
            return Err(self.looks.refusal("the rest of the response cannot be checked"));
        }
        Ok(carry)
    }

    /// Takes a piece of the stream, and gives what goes on.
    pub(super) fn take(&mut self, piece: &[u8], end: bool, must: bool, outcome: &mut Outcome) -> Vec<u8> {
        let Self { events, looks, .. } = self;
        let mut out = events.push(piece, &mut |event| looks.event(event, must, outcome));
        if end {
            out.extend(events.end(&mut |event| looks.event(event, must, outcome)));
            looks.readers.iter_mut().for_each(|reader| reader.end(outcome));
        }
        out
    }
}

impl Looks {
    /// Lets readers look at an event.
    fn event(&mut self, event: Event<'_>, must: bool, outcome: &mut Outcome) -> Fate {
        match event {
            Event::TooLong => self.unread("response_event_too_large", must),
            Event::Strange => self.unread("response_event_not_json", must),
            Event::Data(data) | Event::Cut(data) if Tape::read(data.as_bytes()).is_some() => {
                self.document(data, outcome)
            }
            Event::Data(data) if !matches!(data.trim(), "" | "[DONE]") => self.unread("response_event_not_json", must),
            Event::Data(_) | Event::Cut(_) => Fate::Keep,
        }
    }

    /// Lets readers look at the data of an event. Those behind the one that refuses it look at it too, since what it cost
    /// is owed.
    fn document(&mut self, data: &str, outcome: &mut Outcome) -> Fate {
        let mut refused = None;
        let ended = self.ended;
        for reader in self.readers.iter_mut().filter(|reader| !ended || !reader.refuses()) {
            reader.document(data, outcome);
            refused = refused.or(outcome.denial.take());
        }
        let splices = std::mem::take(&mut outcome.splices);
        match refused {
            Some(denial) => self.end_with(denial::event(&denial, self.protocol), "response_denied"),
            None => changed(&splices, data.as_bytes()).map_or(Fate::Keep, Fate::Data),
        }
    }

    /// An event that nobody can read; it passes unless it must be checked.
    fn unread(&mut self, result: &'static str, must: bool) -> Fate {
        if self.ended {
            return Fate::Keep;
        }
        if must && refuses(&self.readers) {
            let last = self.refusal("an event of the response cannot be checked");
            return self.end_with(last, result);
        }
        self.results.push(result);
        Fate::Keep
    }

    /// The event that says so.
    fn refusal(&self, message: &str) -> Vec<u8> {
        denial::event(&Denial { status: 403, details: "unreadable", message: message.into() }, self.protocol)
    }

    fn end_with(&mut self, last: Vec<u8>, result: &'static str) -> Fate {
        if !std::mem::replace(&mut self.ended, true) {
            self.results.push(result);
            self.readers.iter_mut().for_each(|reader| reader.ended());
        }
        Fate::Last(last)
    }
}
