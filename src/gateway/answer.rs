//! The response to a request, as far as a part wants to read it: one JSON document, or a stream of events.
//!
//! Nothing waits for those who only read. A document that may change waits in the host's buffer up to a limit; of a
//! stream only the event waits that is not complete.

use super::denial;
use super::host::{Host, Side};
use super::module::Action;
use super::part::{Denial, Outcome, Reader};
use super::request::Protocol;
use super::splice::Splices;
use super::sse::{Event, Events, Fate};
use crate::json::Tape;

type Readers = Vec<Box<dyn Reader>>;

/// How a response is read.
#[derive(Debug)]
pub(super) enum Answer {
    /// Nobody reads it.
    Unread,
    /// Its headers did not come yet.
    Expected(Readers, Protocol),
    /// A document; with what came of it, unless it waits at the host.
    Document { readers: Readers, protocol: Protocol, copy: Option<Vec<u8>>, held: bool },
    /// A stream of events.
    Stream(Box<Stream>),
    /// A stream that was ended, and of which nothing is read any more.
    Shut,
}

/// A response as a stream of events.
#[derive(Debug)]
pub(super) struct Stream {
    events: Events,
    /// Whether a reader may change it.
    edits: bool,
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

/// What becomes of a response.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Whether the host waits.
    pub(super) waits: bool,
    /// What is counted.
    pub(super) results: Vec<&'static str>,
    /// What stands in the place of the first bytes that the host has, so many of them.
    pub(super) body: Option<(usize, Vec<u8>)>,
}

impl Said {
    fn counted(result: Option<&'static str>) -> Self {
        Self { results: result.into_iter().collect(), ..Self::default() }
    }

    /// What the host is told.
    pub(super) fn action(&self) -> Action {
        if self.waits { Action::Pause } else { Action::Continue }
    }
}

impl Answer {
    pub(super) fn expected(readers: Readers, protocol: Protocol) -> Self {
        if readers.is_empty() { Self::Unread } else { Self::Expected(readers, protocol) }
    }

    pub(super) fn edits(&self) -> bool {
        match self {
            Self::Unread | Self::Expected(..) => false,
            Self::Document { copy, .. } => copy.is_none(),
            Self::Stream(stream) => stream.edits,
            Self::Shut => true,
        }
    }

    /// Looks at the headers: whether the response can be read, and whether they have to wait.
    pub(super) fn headers(&mut self, host: &dyn Host, can_hold: bool) -> Said {
        let Self::Expected(readers, protocol) = std::mem::replace(self, Self::Unread) else {
            return Said::default();
        };
        let header = |name: &str| {
            let value = host.header(Side::Response, name).unwrap_or_default();
            String::from_utf8_lossy(&value).to_ascii_lowercase()
        };
        if !header(":status").starts_with('2') {
            return Said::default();
        }
        if !matches!(&*header("content-encoding"), "" | "identity") {
            return Said::counted(Some("response_compressed"));
        }
        let edits = readers.iter().any(|reader| reader.edits());
        let kind = header("content-type");
        if edits && (kind.contains("event-stream") || kind.contains("json")) {
            let _ = host.remove_header(Side::Response, "content-length");
        }
        if kind.contains("event-stream") {
            let looks = Looks { readers, protocol, ended: false, results: Vec::new() };
            *self = Self::Stream(Box::new(Stream { events: Events::default(), edits, looks }));
        } else if kind.contains("json") {
            let held = edits && can_hold;
            *self = Self::Document { readers, protocol, copy: (!edits).then(Vec::new), held };
            return Said { waits: held, ..Said::default() };
        }
        Said::default()
    }

    /// Takes a piece of the body; `size` is `usize::MAX` when it is over without one. What cannot be read is refused when
    /// it `must` be, if a reader checks it.
    pub(super) fn body(
        &mut self,
        host: &dyn Host,
        (limit, must): (usize, bool),
        (size, end): (usize, bool),
        outcome: &mut Outcome,
    ) -> Said {
        match self {
            Self::Unread | Self::Expected(..) => Said::default(),
            Self::Shut => Said { body: Some((usize::MAX, Vec::new())), ..Said::default() },
            Self::Document { copy: None, .. } if size != usize::MAX && size > limit => {
                *self = Self::Unread;
                Said::counted(Some("response_too_large"))
            }
            Self::Document { copy: None, .. } if !end => Said { waits: true, ..Said::default() },
            Self::Document { readers, protocol, copy: None, held } => {
                let result = edit(host, readers, *protocol, *held, size, outcome);
                *self = Self::Unread;
                Said::counted(result)
            }
            Self::Document { readers, copy: Some(copy), .. } => {
                let piece = if size == usize::MAX { None } else { host.body(Side::Response, size) };
                copy.extend(piece.unwrap_or_default());
                if copy.len() > limit {
                    *self = Self::Unread;
                    return Said::counted(Some("response_too_large"));
                }
                if !end {
                    return Said::default();
                }
                let read = std::str::from_utf8(copy).ok().filter(|text| Tape::read(text.as_bytes()).is_some());
                let result = if read.is_none() { Some("response_not_json") } else { None };
                for reader in readers.iter_mut() {
                    if let Some(text) = read {
                        reader.document(text, outcome);
                    }
                    reader.end(outcome);
                }
                *self = Self::Unread;
                Said::counted(result)
            }
            Self::Stream(stream) => {
                let piece = if size == usize::MAX { Some(Vec::new()) } else { host.body(Side::Response, size) };
                let Some(piece) = piece else {
                    let carry = self.give_up();
                    return Said { body: carry, ..Said::counted(Some("host_refused")) };
                };
                let out = stream.take(&piece, end, must, outcome);
                let body = (stream.edits && out != piece).then_some((piece.len(), out));
                Said { waits: false, results: std::mem::take(&mut stream.looks.results), body }
            }
        }
    }

    /// Knows that the host has what was said of a piece; of what is over nobody reads more.
    pub(super) fn settle(&mut self, end: bool) {
        match self {
            Self::Stream(_) if end => *self = Self::Unread,
            Self::Stream(stream) => stream.events.settle(),
            _ => {}
        }
    }

    /// Reads no more. Gives what goes before the bytes that the host has, since they came earlier and were held; nothing
    /// follows a stream that was ended.
    pub(super) fn give_up(&mut self) -> Option<(usize, Vec<u8>)> {
        let carry = match std::mem::replace(self, Self::Unread) {
            Self::Shut => None,
            Self::Stream(mut stream) if stream.edits => stream.events.give_up(),
            _ => return None,
        };
        let Some(carry) = carry else {
            *self = Self::Shut;
            return Some((usize::MAX, Vec::new()));
        };
        (!carry.is_empty()).then_some((0, carry))
    }

    /// The exchange is over, though the response may not be.
    pub(super) fn done(&mut self, outcome: &mut Outcome) -> Option<&'static str> {
        match self {
            Self::Unread | Self::Expected(..) | Self::Shut => None,
            Self::Document { readers, .. } => {
                readers.iter_mut().for_each(|reader| reader.end(outcome));
                Some("response_truncated")
            }
            Self::Stream(stream) => {
                stream.take(&[], true, false, outcome);
                (!stream.looks.ended).then_some("response_truncated")
            }
        }
    }
}

impl Stream {
    /// Takes a piece of the stream, and gives what goes on.
    fn take(&mut self, piece: &[u8], end: bool, must: bool, outcome: &mut Outcome) -> Vec<u8> {
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
        let is_json =
            |data: &str| data.starts_with(['{', '[']) && data != "[DONE]" && Tape::read(data.as_bytes()).is_some();
        match event {
            Event::TooLong => self.unread("response_event_too_large", must),
            Event::NotText => self.unread("response_event_not_json", must),
            Event::Data(data) | Event::Cut(data) if is_json(data) => self.document(data, outcome),
            Event::Data(data) if data.starts_with('{') => self.unread("response_event_not_json", must),
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
            Some(denial) => self.end_with(&denial, "response_denied"),
            None => changed(&splices, data.as_bytes()).map_or(Fate::Keep, Fate::Data),
        }
    }

    /// An event that nobody can read; it passes unless it must be checked.
    fn unread(&mut self, result: &'static str, must: bool) -> Fate {
        if self.ended {
            return Fate::Keep;
        }
        if must && self.readers.iter().any(|reader| reader.refuses()) {
            let message = "an event of the response cannot be checked".to_string();
            return self.end_with(&Denial { status: 403, details: "unreadable", message }, result);
        }
        self.results.push(result);
        Fate::Keep
    }

    fn end_with(&mut self, denial: &Denial, result: &'static str) -> Fate {
        if !std::mem::replace(&mut self.ended, true) {
            self.results.push(result);
            self.readers.iter_mut().for_each(|reader| reader.ended());
        }
        Fate::Last(denial::event(denial, self.protocol))
    }
}

/// A document with its changes, if there are any and it stays JSON.
fn changed(splices: &Splices, document: &[u8]) -> Option<Vec<u8>> {
    let changed = if splices.is_empty() { None } else { splices.applied(document) };
    changed.filter(|changed| Tape::read(changed).is_some())
}

/// Lets readers look at a document that waits, and changes it.
fn edit(
    host: &dyn Host,
    readers: &mut Readers,
    protocol: Protocol,
    held: bool,
    size: usize,
    outcome: &mut Outcome,
) -> Option<&'static str> {
    let body = host.body(Side::Response, size)?;
    let Some(text) = std::str::from_utf8(&body).ok().filter(|text| Tape::read(text.as_bytes()).is_some()) else {
        return Some("response_not_json");
    };
    for reader in readers.iter_mut() {
        reader.document(text, outcome);
        reader.end(outcome);
    }
    let set = |name: &str, value: &str| {
        if held {
            let _ = host.set_header(Side::Response, name, value.as_bytes());
        }
    };
    if held {
        for (name, value) in &outcome.headers {
            let _ = match value {
                Some(value) => host.set_header(Side::Response, name, value.as_bytes()),
                None => host.remove_header(Side::Response, name),
            };
        }
    }
    let (new, result) = match outcome.denial.take() {
        Some(denial) => {
            set(":status", &denial.status.to_string());
            (denial::body(&denial, protocol).into_bytes(), "response_denied")
        }
        None => match changed(&outcome.splices, &body) {
            Some(new) => (new, "response_changed"),
            None => {
                set("content-length", &body.len().to_string());
                return None;
            }
        },
    };
    if host.set_body(Side::Response, body.len(), &new).is_err() {
        return Some("host_refused");
    }
    set("content-length", &new.len().to_string());
    Some(result)
}
