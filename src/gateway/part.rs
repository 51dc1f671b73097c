//! What the gateway's parts have in common: they look at a request or a response and say what is to change.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use super::host::{Host, Side};
use super::originals::Store;
use super::request::Request;
use super::splice::Splices;

/// One of the gateway's parts, configured.
pub trait Part: fmt::Debug {
    /// Its name in the configuration.
    fn name(&self) -> &'static str;

    /// Looks at a request.
    fn request(&self, request: &Request<'_>, call: &Call<'_>, outcome: &mut Outcome);

    /// The headers of a request that only it may set: what a client sends under these names is removed.
    fn headers(&self) -> Vec<Cow<'static, str>> {
        Vec::new()
    }

    /// The name under which it knows a model, if it does: one of few, since labels of metrics are.
    fn known_model(&self, _model: &str) -> Option<String> {
        None
    }

    /// Whether it may want to read responses.
    fn reads_response(&self) -> bool {
        false
    }

    /// What looks at the response to a request, when the part does.
    fn response(&self, _request: &Request<'_>, _call: &Call<'_>) -> Option<Box<dyn Reader>> {
        None
    }
}

/// Looks at a response, one event or body after the other.
pub trait Reader: fmt::Debug {
    /// Whether it may change or refuse the response: then a response waits until it was read.
    fn edits(&self) -> bool {
        false
    }

    /// Whether it may refuse the response, so that what cannot be read cannot be checked.
    fn refuses(&self) -> bool {
        false
    }

    /// Looks at a JSON document of the response: all of it, or the data of one event of a stream.
    fn document(&mut self, json: &str, outcome: &mut Outcome);

    /// Knows that the client gets no more of the response, though more may come.
    fn ended(&mut self) {}

    /// Knows that the response is over.
    fn end(&mut self, _outcome: &mut Outcome) {}
}

/// What is known of a call besides its body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call<'c> {
    /// Who calls, by the gateway's header; nobody knows without one.
    pub consumer: Option<&'c str>,
    /// The path, query and all.
    pub path: &'c str,
}

/// What is to change, and what is to be told.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Changes of the body.
    pub splices: Splices,
    /// The model that is asked instead, if the changes ask another one.
    pub model: Option<String>,
    /// Headers to set on the request, and those that must not be there.
    pub headers: Vec<(Cow<'static, str>, Option<String>)>,
    /// Counters to raise.
    pub counts: Vec<Count>,
    /// What is answered instead, if the request or response must not pass.
    pub denial: Option<Denial>,
    /// What the host's log is told.
    pub notes: Vec<String>,
    /// What is to be kept elsewhere.
    pub kept: Vec<Kept>,
}

/// A text that lost something, to be kept at a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The store.
    pub store: Rc<Store>,
    /// Its name there: its hash.
    pub hash: String,
    /// Where in the body it stands, between its quotes.
    pub span: Range<usize>,
}

/// A counter and by how much it rises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The metric, as Prometheus shows it.
    pub name: &'static str,
    /// Its labels, in a fixed order.
    pub labels: Vec<(&'static str, String)>,
    /// How much is added.
    pub by: u64,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The status code.
    pub status: u32,
    /// For the host's access log.
    pub details: &'static str,
    /// What the client is told; it becomes an error in the form of its provider.
    pub message: String,
}

impl Outcome {
    /// Sets a header of the request.
    pub fn header(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.headers.push((name.into(), Some(value.into())));
    }

    /// Removes a header of the request that only the gateway may set.
    pub fn no_header(&mut self, name: impl Into<Cow<'static, str>>) {
        self.headers.push((name.into(), None));
    }

    /// Sets and removes the headers at the host.
    pub(super) fn set_headers(&self, host: &dyn Host, side: Side) {
        for (name, value) in &self.headers {
            let _ = match value {
                Some(value) => host.set_header(side, name, value.as_bytes()),
                None => host.remove_header(side, name),
            };
        }
    }

    /// Raises a counter.
    pub fn count(&mut self, name: &'static str, labels: &[(&'static str, &str)], by: u64) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_string())).collect();
        self.counts.push(Count { name, labels, by });
    }
}
