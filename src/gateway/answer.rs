//! The response to a request, as far as a part wants to read it: one JSON document, or a stream of events.
//!
//! Nothing waits for those who only read. A document that may change waits in the host's buffer up to a limit; of a
//! stream only the event waits that is not complete.

mod document;
mod stream;

use self::document::{Refusal, edit, refuses};
use self::stream::Stream;
use super::host::{Host, Refused, Side};
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
    /// Nothing of what comes is read or passes; what is answered instead, until the host has it.
    Shut(Option<Refusal>),
}

/// What becomes of a response.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Whether the host waits.
    pub(super) waits: bool,
    /// What is counted.
    pub(super) results: Vec<&'static str>,
    /// What stands in the place of the first bytes that the host has, so many of them.
    body: Option<(usize, Vec<u8>)>,
    /// What stands in the place of all of them instead.
    refusal: Option<Refusal>,
}

impl Said {
    fn counted(result: Option<&'static str>) -> Self {
        Self { results: result.into_iter().collect(), ..Self::default() }
    }

    /// Gives the host what it has to have.
    pub(super) fn put(&self, host: &dyn Host) -> Result<(), Refused> {
        match (&self.refusal, &self.body) {
            (Some(refusal), _) => refusal.put(host),
            (None, Some((length, bytes))) => host.set_body(Side::Response, *length, bytes),
            (None, None) => Ok(()),
        }
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
        let Self::Expected(readers, protocol) = self else { return Said::default() };
        let header = |name: &str| {
            let value = host.header(Side::Response, name).unwrap_or_default();
            String::from_utf8_lossy(&value).to_ascii_lowercase()
        };
        if !header(":status").starts_with('2') {
            *self = Self::Unread;
            return Said::default();
        }
        let kind = header("content-type");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let (is_stream, is_json) = (kind == "text/event-stream", kind.contains("json"));
        let why = if !matches!(&*header("content-encoding"), "" | "identity") {
            Some("response_compressed")
        } else if !is_stream && !is_json {
            Some("response_not_json")
        } else {
            None
        };
        if let Some(why) = why {
            *self = if must && refuses(readers) { Self::shut_early(host, why, *protocol) } else { Self::Unread };
            return Said::counted(Some(why));
        }
        let edits = readers.iter().any(|reader| reader.edits());
        if edits {
            let _ = host.remove_header(Side::Response, "content-length");
        }
        let (readers, protocol, held) = (std::mem::take(readers), *protocol, edits && can_hold && !is_stream);
        *self = if is_stream {
            Self::Stream(Box::new(Stream::new(readers, protocol, edits)))
        } else {
            Self::Document { readers, protocol, copy: (!edits).then(Vec::new), held }
        };
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
            Self::Shut(refusal) => Said { refusal: Some(refusal.clone().unwrap_or_default()), ..Said::default() },
            Self::Document { readers, protocol, copy: None, held } => {
                let result = if size != usize::MAX && size > limit {
                    Err("response_too_large")
                } else if end {
                    edit(host, readers, *protocol, *held, size, outcome)
                } else {
                    return Said { waits: true, ..Said::default() };
                };
                let said = result.unwrap_or_else(|why| {
                    let refusal = (must && refuses(readers)).then(|| Refusal::unreadable(why, *protocol, *held));
                    Said { refusal, ..Said::counted(Some(why)) }
                });
                *self = if said.refusal.is_some() { Self::Shut(said.refusal.clone()) } else { Self::Unread };
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
                    let said = self.give_up(host, must);
                    return Said { results: vec!["host_refused"], ..said };
                };
                let out = stream.take(&piece, end, must, outcome);
                let body = (stream.edits && out != piece).then_some((piece.len(), out));
                Said { body, results: stream.results(), ..Said::default() }
            }
        }
    }

    /// Knows that the host has what was said of a piece; of what is over nobody reads more.
    pub(super) fn settle(&mut self, end: bool) {
        match self {
            Self::Shut(refusal) => *refusal = None,
            Self::Stream(_) if end => *self = Self::Unread,
            Self::Stream(stream) => stream.settle(),
            _ => {}
        }
    }

    /// Reads no more. Says what goes before the bytes that the host has, since it came earlier and was held, or what stands
    /// in their place: a refusal of what `must` be checked. Nothing follows a stream that was ended.
    pub(super) fn give_up(&mut self, host: &dyn Host, must: bool) -> Said {
        let refusal = match std::mem::replace(self, Self::Unread) {
            Self::Shut(refusal) => refusal.unwrap_or_default(),
            Self::Expected(readers, protocol) if must && refuses(&readers) => {
                *self = Self::shut_early(host, "panic", protocol);
                return Said::default();
            }
            Self::Document { readers, protocol, copy: None, held } if must && refuses(&readers) => {
                Refusal::unreadable("panic", protocol, held)
            }
            Self::Stream(mut stream) if stream.edits => match stream.give_up(must) {
                Ok(carry) => return Said { body: (!carry.is_empty()).then_some((0, carry)), ..Said::default() },
                Err(last) => Refusal::bare(last),
            },
            _ => return Said::default(),
        };
        *self = Self::Shut(Some(refusal.clone()));
        Said { refusal: Some(refusal), ..Said::default() }
    }

    /// Refuses a response whose headers are there; its body takes the place of the first piece that comes.
    fn shut_early(host: &dyn Host, why: &str, protocol: Protocol) -> Self {
        let refusal = Refusal::unreadable(why, protocol, true);
        refusal.set_headers(host);
        Self::Shut(Some(refusal))
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
