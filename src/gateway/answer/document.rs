//! A response as one document that waits until it was read.

use super::super::denial;
use super::super::host::{Host, Refused, Side};
use super::super::part::{Denial, Outcome};
use super::super::request::Protocol;
use super::super::splice::Splices;
use super::{Readers, Said};
use crate::json::Tape;

/// A document with its changes, if there are any and it stays JSON.
pub(super) fn changed(splices: &Splices, document: &[u8]) -> Option<Vec<u8>> {
    let changed = if splices.is_empty() { None } else { splices.applied(document) };
    changed.filter(|changed| Tape::read(changed).is_some())
}

/// Whether a reader may refuse the response.
pub(super) fn refuses(readers: &Readers) -> bool {
    readers.iter().any(|reader| reader.refuses())
}

/// What is answered instead of a response.
#[derive(Debug, Clone, Default)]
pub(in crate::gateway) struct Refusal {
    body: Vec<u8>,
    /// Status and details, for headers that did not go on yet.
    headers: Option<(u32, &'static str)>,
}

impl Refusal {
    /// With headers if they are `held`.
    fn of(denial: &Denial, protocol: Protocol, held: bool) -> Self {
        let body = denial::body(denial, protocol).into_bytes();
        Self { body, headers: held.then_some((denial.status, denial.details)) }
    }

    /// Of a response that cannot be checked.
    pub(super) fn unreadable(why: &str, protocol: Protocol, held: bool) -> Self {
        let message = format!("the response cannot be checked ({why})");
        Self::of(&Denial { status: 403, details: "unreadable", message }, protocol, held)
    }

    /// Of the rest of a stream.
    pub(super) fn bare(body: Vec<u8>) -> Self {
        Self { body, headers: None }
    }

    /// Puts it in the place of all that the host has of the response.
    pub(super) fn put(&self, host: &dyn Host) -> Result<(), Refused> {
        host.set_body(Side::Response, usize::MAX, &self.body)?;
        self.set_headers(host);
        Ok(())
    }

    /// Makes the headers those of the refusal if they did not go on yet.
    pub(super) fn set_headers(&self, host: &dyn Host) {
        let Some((status, details)) = self.headers else { return };
        let _ = host.remove_header(Side::Response, "content-encoding");
        for (name, value) in [
            (":status", &*status.to_string()),
            ("content-type", "application/json"),
            ("content-length", &*self.body.len().to_string()),
            ("x-ai-denied", details),
        ] {
            let _ = host.set_header(Side::Response, name, value.as_bytes());
        }
    }
}

/// Lets readers look at a document that waits, and changes it; says what becomes of it, or why it cannot be read.
pub(super) fn edit(
    host: &dyn Host,
    readers: &mut Readers,
    protocol: Protocol,
    held: bool,
    size: usize,
    outcome: &mut Outcome,
) -> Result<Said, &'static str> {
    let body = host.body(Side::Response, size).ok_or("host_refused")?;
    let text = std::str::from_utf8(&body).ok().filter(|text| Tape::read(text.as_bytes()).is_some());
    let text = text.ok_or("response_not_json")?;
    for reader in readers.iter_mut() {
        reader.document(text, outcome);
        reader.end(outcome);
    }
    if held {
        outcome.set_headers(host, Side::Response);
    }
    if let Some(denial) = outcome.denial.take() {
        let refusal = Some(Refusal::of(&denial, protocol, held));
        return Ok(Said { refusal, ..Said::counted(Some("response_denied")) });
    }
    let new = changed(&outcome.splices, &body);
    let (length, result) = match &new {
        None => (body.len(), None),
        Some(new) if host.set_body(Side::Response, body.len(), new).is_ok() => (new.len(), Some("response_changed")),
        Some(_) => (body.len(), Some("host_refused")),
    };
    // In HTTP/1.1 a body whose length is told has no trailers.
    if held && size != usize::MAX {
        let _ = host.set_header(Side::Response, "content-length", length.to_string().as_bytes());
    }
    Ok(Said::counted(result))
}
