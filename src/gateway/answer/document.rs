//! A response as one document that waits until it was read.

use super::super::denial;
use super::super::host::{Host, Side};
use super::super::part::{Denial, Outcome};
use super::super::request::Protocol;
use super::super::splice::Splices;
use super::Readers;
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

/// Refuses a response that cannot be checked.
pub(super) fn refused(host: &dyn Host, held: bool, protocol: Protocol, why: &str) -> Vec<u8> {
    let message = format!("the response cannot be checked ({why})");
    refuse(host, held, protocol, &Denial { status: 403, details: "unreadable", message })
}

/// Makes the headers those of a refusal if they did not go on yet, and gives its body.
fn refuse(host: &dyn Host, held: bool, protocol: Protocol, denial: &Denial) -> Vec<u8> {
    let body = denial::body(denial, protocol).into_bytes();
    if held {
        let (status, length) = (denial.status.to_string(), body.len().to_string());
        let _ = host.remove_header(Side::Response, "content-encoding");
        for (name, value) in [
            (":status", &*status),
            ("content-type", "application/json"),
            ("content-length", &length),
            ("x-ai-denied", denial.details),
        ] {
            let _ = host.set_header(Side::Response, name, value.as_bytes());
        }
    }
    body
}

/// Lets readers look at a document that waits, and changes it; gives what is counted, or why it cannot be read.
pub(super) fn edit(
    host: &dyn Host,
    readers: &mut Readers,
    protocol: Protocol,
    held: bool,
    size: usize,
    outcome: &mut Outcome,
) -> Result<Option<&'static str>, &'static str> {
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
    // In HTTP/1.1 a body whose length is told has no trailers.
    let tell_length = |length: usize| {
        if held && size != usize::MAX {
            let _ = host.set_header(Side::Response, "content-length", length.to_string().as_bytes());
        }
    };
    let (new, result) = match outcome.denial.take() {
        Some(denial) => (refuse(host, held, protocol, &denial), "response_denied"),
        None => match changed(&outcome.splices, &body) {
            Some(new) => (new, "response_changed"),
            None => {
                tell_length(body.len());
                return Ok(None);
            }
        },
    };
    if host.set_body(Side::Response, body.len(), &new).is_err() {
        return Ok(Some("host_refused"));
    }
    tell_length(new.len());
    Ok(Some(result))
}
