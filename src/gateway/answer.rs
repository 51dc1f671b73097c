//! The response to a request, as far as a part wants to read it: one JSON document, or a stream of events.
//!
//! Nothing waits for those who only read. A document that may change waits in the host's buffer up to a limit; of a
//! stream only the event waits that is not complete.

mod document;
mod stream;

use self::document::{edit, refused, refuses};
use self::stream::Stream;
use super::host::{Host, Side};
use super::module::Action;
use super::part::{Outcome, Reader};
use super::request::Protocol;
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
    /// Nothing of what comes is read or passes; what is answered instead, until that was sent.
    Shut(Option<Vec<u8>>),
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

    /// Whether nobody reads on.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Unread | Self::Shut(_))
    }

    pub(super) fn edits(&self) -> bool {
        match self {
            Self::Unread | Self::Expected(..) => false,
            Self::Document { copy, .. } => copy.is_none(),
            Self::Stream(stream) => stream.edits,
            Self::Shut(_) => true,
        }
    }

    /// Looks at the headers: whether the response can be read, and whether they have to wait. What cannot be read is
    /// refused when it `must` be, if a reader checks it.
    pub(super) fn headers(&mut self, host: &dyn Host, can_hold: bool, must: bool) -> Said {
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
        let kind = header("content-type");
        let (is_stream, is_json) = (kind.contains("event-stream"), kind.contains("json"));
        let why = if !matches!(&*header("content-encoding"), "" | "identity") {
            Some("response_compressed")
        } else if !is_stream && !is_json {
            Some("response_not_json")
        } else {
            None
        };
        if why.is_some() {
            if let Some(why) = why.filter(|_| must && refuses(&readers)) {
                *self = Self::Shut(Some(refused(host, true, protocol, why)));
            }
            return Said::counted(why);
        }
        let edits = readers.iter().any(|reader| reader.edits());
        if edits {
            let _ = host.remove_header(Side::Response, "content-length");
        }
        if is_stream {
            *self = Self::Stream(Box::new(Stream::new(readers, protocol, edits)));
            return Said::default();
        }
        let held = edits && can_hold;
        *self = Self::Document { readers, protocol, copy: (!edits).then(Vec::new), held };
        Said { waits: held, ..Said::default() }
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
            Self::Shut(instead) => {
                Said { body: Some((usize::MAX, instead.take().unwrap_or_default())), ..Said::default() }
            }
            Self::Document { readers, protocol, copy: None, held } => {
                let result = if size != usize::MAX && size > limit {
                    Err("response_too_large")
                } else if end {
                    edit(host, readers, *protocol, *held, size, outcome)
                } else {
                    return Said { waits: true, ..Said::default() };
                };
                let said = match result {
                    Ok(result) => Said::counted(result),
                    Err(why) => {
                        let instead = (must && refuses(readers)).then(|| refused(host, *held, *protocol, why));
                        Said { body: instead.map(|instead| (usize::MAX, instead)), ..Said::counted(Some(why)) }
                    }
                };
                *self = if said.body.is_some() { Self::Shut(None) } else { Self::Unread };
                said
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
                    let carry = self.give_up(host, must);
                    return Said { body: carry, ..Said::counted(Some("host_refused")) };
                };
                let out = stream.take(&piece, end, must, outcome);
                let body = (stream.edits && out != piece).then_some((piece.len(), out));
                Said { waits: false, results: stream.results(), body }
            }
        }
    }

    /// Knows that the host has what was said of a piece; of what is over nobody reads more.
    pub(super) fn settle(&mut self, end: bool) {
        match self {
            Self::Stream(_) if end => *self = Self::Unread,
            Self::Stream(stream) => stream.settle(),
            _ => {}
        }
    }

    /// Reads no more. Gives what stands in the place of the first bytes that the host has, so many of them: what came
    /// earlier and was held, or a refusal of what `must` be checked. Nothing follows a stream that was ended.
    pub(super) fn give_up(&mut self, host: &dyn Host, must: bool) -> Option<(usize, Vec<u8>)> {
        let instead = match std::mem::replace(self, Self::Unread) {
            Self::Shut(instead) => Some(instead.unwrap_or_default()),
            Self::Document { readers, protocol, copy: None, held } if must && refuses(&readers) => {
                Some(refused(host, held, protocol, "panic"))
            }
            Self::Stream(mut stream) if stream.edits => match stream.give_up(must) {
                Ok(carry) if carry.is_empty() => return None,
                Ok(carry) => return Some((0, carry)),
                Err(last) => Some(last),
            },
            _ => None,
        };
        instead.map(|instead| {
            *self = Self::Shut(None);
            (usize::MAX, instead)
        })
    }

    /// The exchange is over, though the response may not be.
    pub(super) fn done(&mut self, outcome: &mut Outcome) -> Option<&'static str> {
        match self {
            Self::Unread | Self::Expected(..) | Self::Shut(_) => None,
            Self::Document { readers, .. } => {
                readers.iter_mut().for_each(|reader| reader.end(outcome));
                Some("response_truncated")
            }
            Self::Stream(stream) => {
                stream.take(&[], true, false, outcome);
                (!stream.is_ended()).then_some("response_truncated")
            }
        }
    }
}
