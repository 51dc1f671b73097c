//! The response to a request, as far as a part wants to read it: one JSON document, or a stream of events.
//!
//! Nothing waits for those who only read. A document that may change waits in the host's buffer up to a limit; of a
//! stream only the event waits that is not complete.

use super::denial;
use super::host::{Host, Side};
use super::module::Action;
use super::part::{Outcome, Reader};
use super::request::Protocol;
use super::splice::Splices;
use super::sse::{Events, Fate};
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
    Stream { readers: Readers, protocol: Protocol, events: Events, edits: bool },
}

/// What the host is to do, and what is counted.
type Said = (Action, Option<&'static str>);

impl Answer {
    pub(super) fn expected(readers: Readers, protocol: Protocol) -> Self {
        if readers.is_empty() { Self::Unread } else { Self::Expected(readers, protocol) }
    }

    pub(super) fn edits(&self) -> bool {
        match self {
            Self::Unread | Self::Expected(..) => false,
            Self::Document { copy, .. } => copy.is_none(),
            Self::Stream { edits, .. } => *edits,
        }
    }

    /// Looks at the headers: whether the response can be read, and whether they have to wait.
    pub(super) fn headers(&mut self, host: &dyn Host, can_hold: bool) -> Said {
        let Self::Expected(readers, protocol) = std::mem::replace(self, Self::Unread) else {
            return (Action::Continue, None);
        };
        let header = |name: &str| {
            let value = host.header(Side::Response, name).unwrap_or_default();
            String::from_utf8_lossy(&value).to_ascii_lowercase()
        };
        if !header(":status").starts_with('2') {
            return (Action::Continue, None);
        }
        if !matches!(&*header("content-encoding"), "" | "identity") {
            return (Action::Continue, Some("response_compressed"));
        }
        let edits = readers.iter().any(|reader| reader.edits());
        let kind = header("content-type");
        if edits && (kind.contains("event-stream") || kind.contains("json")) {
            let _ = host.remove_header(Side::Response, "content-length");
        }
        if kind.contains("event-stream") {
            *self = Self::Stream { readers, protocol, events: Events::default(), edits };
        } else if kind.contains("json") {
            let held = edits && can_hold;
            *self = Self::Document { readers, protocol, copy: (!edits).then(Vec::new), held };
            return (if held { Action::Pause } else { Action::Continue }, None);
        }
        (Action::Continue, None)
    }

    /// Takes a piece of the body; `size` is `usize::MAX` when it is over without one.
    pub(super) fn body(
        &mut self,
        host: &dyn Host,
        limit: usize,
        (size, end): (usize, bool),
        outcome: &mut Outcome,
    ) -> Said {
        match self {
            Self::Unread | Self::Expected(..) => (Action::Continue, None),
            Self::Document { copy: None, .. } if size != usize::MAX && size > limit => {
                *self = Self::Unread;
                (Action::Continue, Some("response_too_large"))
            }
            Self::Document { copy: None, .. } if !end => (Action::Pause, None),
            Self::Document { readers, protocol, copy: None, held } => {
                let result = edit(host, readers, *protocol, *held, size, outcome);
                *self = Self::Unread;
                (Action::Continue, result)
            }
            Self::Document { readers, copy: Some(copy), .. } => {
                let piece = if size == usize::MAX { None } else { host.body(Side::Response, size) };
                copy.extend(piece.unwrap_or_default());
                if copy.len() > limit {
                    *self = Self::Unread;
                    return (Action::Continue, Some("response_too_large"));
                }
                if end {
                    let read = std::str::from_utf8(copy).ok().filter(|text| Tape::read(text.as_bytes()).is_some());
                    let result = if read.is_none() { Some("response_not_json") } else { None };
                    for reader in readers.iter_mut() {
                        if let Some(text) = read {
                            reader.document(text, outcome);
                        }
                        reader.end(outcome);
                    }
                    *self = Self::Unread;
                    return (Action::Continue, result);
                }
                (Action::Continue, None)
            }
            Self::Stream { readers, protocol, events, edits } => {
                let piece = if size == usize::MAX { Some(Vec::new()) } else { host.body(Side::Response, size) };
                let Some(piece) = piece else {
                    return (Action::Continue, None);
                };
                let mut out = events.push(&piece, &mut |data| event(readers, *protocol, data, outcome));
                if end {
                    out.extend(events.end());
                    readers.iter_mut().for_each(|reader| reader.end(outcome));
                }
                if *edits && out != piece {
                    let _ = host.set_body(Side::Response, piece.len(), &out);
                }
                if end {
                    *self = Self::Unread;
                }
                (Action::Continue, None)
            }
        }
    }

    /// The exchange is over, though the response may not be.
    pub(super) fn done(&mut self, outcome: &mut Outcome) -> Option<&'static str> {
        match self {
            Self::Unread | Self::Expected(..) => None,
            Self::Document { readers, .. } | Self::Stream { readers, .. } => {
                readers.iter_mut().for_each(|reader| reader.end(outcome));
                Some("response_truncated")
            }
        }
    }
}

/// Lets readers look at the data of an event.
fn event(readers: &mut Readers, protocol: Protocol, data: &str, outcome: &mut Outcome) -> Fate {
    if !data.starts_with(['{', '[']) || Tape::read(data.as_bytes()).is_none() {
        return Fate::Keep;
    }
    for reader in readers.iter_mut() {
        reader.document(data, outcome);
        if let Some(denial) = outcome.denial.take() {
            return Fate::Last(denial::event(&denial, protocol));
        }
    }
    let splices = std::mem::take(&mut outcome.splices);
    changed(&splices, data.as_bytes()).map_or(Fate::Keep, Fate::Data)
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
