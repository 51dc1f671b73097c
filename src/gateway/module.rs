//! The callbacks of the module: which instance and stream each belongs to, and what the host is told to do.
//!
//! Every callback catches panics. One about a stream leaves that stream alone from then on, and its bytes pass.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::config::{Config, Hold, Place, Style};
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

/// Whether headers can wait for the body on this host.
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

/// What all instances of a VM share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) metrics: Metrics,
    pub(super) held: Held,
    pub(super) originals: Originals,
}

/// All instances and streams of a VM.
#[derive(Debug, Default)]
pub struct Module {
    roots: BTreeMap<u32, Rc<Config>>,
    streams: BTreeMap<u32, Stream>,
    shared: Shared,
}

/// How often streams are looked at whose headers wait, in milliseconds.
const TICK: u32 = 100;

/// How long headers wait for the first piece of a body before it is doubted that one comes, in nanoseconds.
const PATIENCE: u64 = 150_000_000;

impl Module {
    /// A new instance, which has no parent, or a new stream of one.
    pub fn on_create(&mut self, context: u32, parent: u32) {
        match self.roots.get(&parent) {
            Some(config) if parent != 0 => {
                self.streams.insert(context, Stream::new(Rc::clone(config)));
            }
            _ => {
                self.roots.insert(context, Rc::default());
            }
        }
    }

    /// Reads the configuration of an instance. Streams keep the one they began with.
    pub fn on_configure(&mut self, host: &dyn Host, root: u32) {
        let read = catch_unwind(AssertUnwindSafe(|| {
            let name = ["plugin_root_id", "plugin_name"].into_iter().find_map(|name| host.property(&[name]));
            Config::read(&host.configuration(), &String::from_utf8_lossy(&name.unwrap_or_default()))
        }));
        let config = read.unwrap_or_else(|_| {
            self.count(host, "panic", 1);
            Config::default()
        });
        for note in &config.notes {
            host.log(Level::Warn, &format!("hr: {note}"));
        }
        if config.bad_rules > 0 {
            self.count(host, "bad_rule", config.bad_rules);
        }
        if config.all().any(|settings| settings.hold == Hold::Auto && !settings.parts.is_empty()) {
            let _ = host.tick_every(TICK);
        }
        self.roots.insert(root, Rc::new(config));
    }

    /// Headers came.
    pub fn on_headers(&mut self, host: &dyn Host, context: u32, side: Side, end: bool) -> Action {
        self.guarded(host, context, |stream, shared| match side {
            Side::Request => stream.request_headers(host, shared, end),
            Side::Response => stream.response_headers(host, shared, end),
        })
    }

    /// A piece of a body came; of a body that waits, `size` is all of it so far.
    pub fn on_body(&mut self, host: &dyn Host, context: u32, side: Side, size: usize, end: bool) -> Action {
        self.guarded(host, context, |stream, shared| match side {
            Side::Request => stream.request_body(host, shared, size, end),
            Side::Response => stream.response_body(host, shared, size, end),
        })
    }

    /// A body is over, and trailers follow.
    pub fn on_trailers(&mut self, host: &dyn Host, context: u32, side: Side) -> Action {
        self.guarded(host, context, |stream, shared| match side {
            Side::Request => stream.request_trailers(host, shared),
            Side::Response => stream.response_trailers(host, shared),
        })
    }

    /// Lets headers go that wait for a body which may never come.
    ///
    /// Hosts that stop everything when headers wait send no body until they are let go. A body that comes at once then
    /// shows that the host is one of these; from then on headers do not wait. Where a body came to headers that wait, it
    /// is only the client that is slow.
    pub fn on_tick(&mut self, host: &dyn Host, _root: u32) {
        let now = host.now();
        let Self { streams, shared, .. } = self;
        for (context, stream) in streams.iter_mut().filter(|_| shared.held != Held::Works) {
            if stream.waits_since().is_some_and(|since| now.saturating_sub(since) >= PATIENCE) {
                stream.release(host, *context, now);
            }
        }
    }

    /// A store answered, or did not.
    pub fn on_stored(&mut self, host: &dyn Host, call: u32) {
        let is_kept = self.shared.originals.answered(call, host.call_status(), host.now());
        let result = if is_kept { "stored" } else { "store_failed" };
        self.shared.count(host, Style::Envoy, &Whose::default(), result, 1);
    }

    /// A stream is over.
    pub fn on_done(&mut self, host: &dyn Host, context: u32) {
        self.guarded(host, context, |stream, shared| {
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
        call: impl FnOnce(&mut Stream, &mut Shared) -> Action,
    ) -> Action {
        let Self { streams, shared, .. } = self;
        let Some(stream) = streams.get_mut(&context) else { return Action::Continue };
        let called = catch_unwind(AssertUnwindSafe(|| call(stream, shared)));
        called.unwrap_or_else(|_| {
            stream.leave();
            shared.count(host, Style::Envoy, &Whose::default(), "panic", 1);
            Action::Continue
        })
    }

    fn count(&mut self, host: &dyn Host, result: &str, by: u64) {
        self.shared.count(host, Style::Envoy, &Whose::default(), result, by);
    }
}

impl Shared {
    /// Counts what became of a request.
    pub(super) fn count(&mut self, host: &dyn Host, style: Style, whose: &Whose, result: &str, by: u64) {
        let count = Count { name: REQUESTS, labels: vec![("result", result.to_string())], by };
        self.metrics.raise(host, style, whose, &count);
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
