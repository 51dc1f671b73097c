//! The callbacks of the module: which instance and stream each belongs to, and what the host is told to do.
//!
//! Every callback catches panics. One about a stream leaves that stream alone from then on, and its bytes pass, or are
//! refused where that is configured.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::config::{Config, Hold, Place};
use super::host::{Host, Level, Side};
use super::metrics::{Metrics, REQUESTS, Whose};
use super::originals::Originals;
use super::part::Count;
use super::stream::Stream;

/// What a host is to do with what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It passes on.
    Continue,
    /// Headers wait; bodies wait and are buffered.
    Pause,
}

impl Action {
    /// The number for the host.
    pub fn code(self) -> u32 {
        u32::from(self == Self::Pause)
    }
}

/// Whether headers can wait for the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Held {
    /// Nobody knows yet.
    #[default]
    Unknown,
    /// A body came while its headers waited.
    Works,
    /// Bodies only come when the headers are let go.
    Hangs,
}

/// What an instance learnt of its filter: one with the same code beside it may have another setting.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    pub(super) held: Cell<Held>,
    /// How often a body came as soon as its headers were let go, since one came to headers that wait.
    doubts: Cell<u32>,
}

impl Learnt {
    /// A body came to headers that wait.
    pub(super) fn works(&self) {
        self.held.set(Held::Works);
        self.doubts.set(0);
    }

    /// A body came as soon as its headers were let go; says whether it is known now that headers cannot wait. Where they
    /// could, a slow client is likelier.
    pub(super) fn hangs(&self) -> bool {
        self.doubts.set(self.doubts.get() + 1);
        let is_known = self.held.get() == Held::Unknown || self.doubts.get() >= DOUBTS;
        if is_known {
            self.held.set(Held::Hangs);
        }
        is_known
    }

    /// How long headers wait for the first piece of a body before it is doubted that one comes, in nanoseconds.
    fn patience(&self) -> u64 {
        if self.held.get() == Held::Works { LONG_PATIENCE } else { PATIENCE }
    }
}

/// What all instances of a VM share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) metrics: Metrics,
    pub(super) originals: Originals,
}

/// An instance of the module: a filter of the host.
#[derive(Debug, Default)]
struct Root {
    config: Rc<Config>,
    learnt: Rc<Learnt>,
}

impl Root {
    /// Whose events are counted that are about no stream.
    fn whose(&self) -> Whose {
        Whose { settings: self.config.all().next().cloned(), ..Whose::default() }
    }
}

/// All instances and streams of a VM.
#[derive(Debug, Default)]
pub struct Module {
    roots: BTreeMap<u32, Root>,
    streams: BTreeMap<u32, Stream>,
    shared: Shared,
}

/// How often streams are looked at whose headers wait, in milliseconds.
const TICK: u32 = 100;

/// How long headers wait for the first piece of a body, in nanoseconds.
const PATIENCE: u64 = 150_000_000;

/// How long they wait where a body came to others before: it is the client that is slow.
const LONG_PATIENCE: u64 = 3_000_000_000;

/// So many doubts in a row are worth more than what was known.
const DOUBTS: u32 = 3;

impl Module {
    /// A new instance, which has no parent, or a new stream of one.
    pub fn on_create(&mut self, context: u32, parent: u32) {
        match self.roots.get(&parent) {
            Some(root) if parent != 0 => {
                let stream = Stream::new(Rc::clone(&root.config), Rc::clone(&root.learnt));
                self.streams.insert(context, stream);
            }
            _ => {
                self.roots.insert(context, Root::default());
            }
        }
    }

    /// Reads the configuration of an instance. Streams keep the one they began with.
    pub fn on_configure(&mut self, host: &dyn Host, root: u32) {
        let read = catch_unwind(AssertUnwindSafe(|| {
            let name = ["plugin_root_id", "plugin_name"].into_iter().find_map(|name| host.property(&[name]));
            Config::read(&host.configuration(), &String::from_utf8_lossy(&name.unwrap_or_default()))
        }));
        let panicked = read.is_err();
        let known = self.roots.entry(root).or_default();
        known.config = Rc::new(read.unwrap_or_default());
        let (config, whose) = (Rc::clone(&known.config), known.whose());
        for note in &config.notes {
            host.log(Level::Warn, &format!("hr: {note}"));
        }
        for (result, by) in [("panic", u64::from(panicked)), ("bad_rule", config.bad_rules)] {
            if by > 0 {
                self.shared.count(host, &whose, result, by);
            }
        }
        if config.all().any(|settings| settings.hold == Hold::Auto && !settings.parts.is_empty()) {
            let _ = host.tick_every(TICK);
        }
    }

    /// Headers came.
    pub fn on_headers(&mut self, host: &dyn Host, context: u32, side: Side, end: bool) -> Action {
        self.guarded(host, context, Some(side), |stream, shared| match side {
            Side::Request => stream.request_headers(host, shared, end),
            Side::Response => stream.response_headers(host, shared, end),
        })
    }

    /// A piece of a body came; of a body that waits, `size` is all of it so far.
    pub fn on_body(&mut self, host: &dyn Host, context: u32, side: Side, size: usize, end: bool) -> Action {
        self.guarded(host, context, Some(side), |stream, shared| match side {
            Side::Request => stream.request_body(host, shared, size, end),
            Side::Response => stream.response_body(host, shared, size, end),
        })
    }

    /// A body is over, and trailers follow.
    pub fn on_trailers(&mut self, host: &dyn Host, context: u32, side: Side) -> Action {
        self.guarded(host, context, Some(side), |stream, shared| match side {
            Side::Request => stream.request_trailers(host, shared),
            Side::Response => stream.response_trailers(host, shared),
        })
    }

    /// Lets headers go that wait for a body which may never come.
    ///
    /// Hosts that stop everything when headers wait send no body until they are let go. A body that comes at once then
    /// shows that the filter is one of these; from then on headers do not wait. Where a body came to headers that wait, it
    /// is likely that only the client is slow, and they wait longer.
    pub fn on_tick(&mut self, host: &dyn Host, _root: u32) {
        let now = host.now();
        for (context, stream) in &mut self.streams {
            let patience = stream.learnt().patience();
            if stream.waits_since().is_some_and(|since| now.saturating_sub(since) >= patience) {
                stream.release(host, *context, now);
            }
        }
    }

    /// A store answered a call of an instance, or did not.
    pub fn on_stored(&mut self, host: &dyn Host, root: u32, call: u32) {
        let is_kept = self.shared.originals.answered(call, host.call_status(), host.now());
        let result = if is_kept { "stored" } else { "store_failed" };
        let whose = self.roots.get(&root).map(Root::whose).unwrap_or_default();
        self.shared.count(host, &whose, result, 1);
    }

    /// A stream is over.
    pub fn on_done(&mut self, host: &dyn Host, context: u32) {
        self.guarded(host, context, None, |stream, shared| {
            stream.done(host, shared);
            Action::Continue
        });
    }

    /// An instance or a stream is gone.
    pub fn on_delete(&mut self, context: u32) {
        if self.streams.remove(&context).is_none() {
            self.roots.remove(&context);
        }
    }

    fn guarded(
        &mut self,
        host: &dyn Host,
        context: u32,
        side: Option<Side>,
        call: impl FnOnce(&mut Stream, &mut Shared) -> Action,
    ) -> Action {
        let Self { streams, shared, .. } = self;
        let Some(stream) = streams.get_mut(&context) else { return Action::Continue };
        let called = catch_unwind(AssertUnwindSafe(|| call(stream, shared)));
        called.unwrap_or_else(|_| stream.give_up(host, shared, side))
    }
}

impl Shared {
    /// Counts what became of a request.
    pub(super) fn count(&mut self, host: &dyn Host, whose: &Whose, result: &str, by: u64) {
        let count = Count { name: REQUESTS, labels: vec![("result", result.to_string())], by };
        self.metrics.raise(host, whose, &count);
    }
}

/// Where a request goes, by the names that Higress has for it or by Envoy's.
pub(super) fn place(host: &dyn Host) -> Place {
    let text = |paths: [&[&str]; 2]| {
        let value = paths.into_iter().filter_map(|path| host.property(path)).find(|value| !value.is_empty());
        value.map(|value| String::from_utf8_lossy(&value).into_owned()).unwrap_or_default()
    };
    let authority = host.header(Side::Request, ":authority").unwrap_or_default();
    Place {
        route: text([&["route_name"], &["xds", "route_name"]]),
        cluster: text([&["cluster_name"], &["xds", "cluster_name"]]),
        authority: String::from_utf8_lossy(&authority).into_owned(),
    }
}
