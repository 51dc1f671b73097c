//! One exchange: waits for the body of the request, lets the parts look at it, and carries out what they say.

use std::borrow::Cow;
use std::rc::Rc;

use super::answer::Answer;
use super::config::{Config, Hold, Place, Settings, Style};
use super::denial;
use super::host::{Host, Level, Side};
use super::metrics::Whose;
use super::module::{Action, Held, Learnt, Shared, place};
use super::part::{Call, Denial, Outcome};
use super::request::{Protocol, Request, Text};
use crate::json::Tape;

/// A body that comes within so many nanoseconds after its headers were let go came because of that.
const AT_ONCE: u64 = 5_000_000;

/// An exchange.
#[derive(Debug)]
pub(super) struct Stream {
    config: Rc<Config>,
    learnt: Rc<Learnt>,
    settings: Option<Rc<Settings>>,
    state: State,
    path: String,
    /// Whether its headers waited for the body, so that those of the response can.
    waited: bool,
    /// The length of the body, which is not told upstream while it may change.
    length: Option<String>,
    whose: Whose,
    answer: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is to be done, or all is done.
    Idle,
    /// The body is waited for; the headers went on.
    Reading,
    /// The body is waited for, and the headers wait: since then, unless the body began to come.
    Held(Option<u64>),
    /// The headers waited in vain and were let go then.
    Released(u64),
}

impl Stream {
    pub(super) fn new(config: Rc<Config>, learnt: Rc<Learnt>) -> Self {
        Self {
            config,
            learnt,
            settings: None,
            state: State::Idle,
            path: String::new(),
            waited: false,
            length: None,
            whose: Whose::default(),
            answer: Answer::Unread,
        }
    }

    /// Since when headers wait of whose body nothing came.
    pub(super) fn waits_since(&self) -> Option<u64> {
        if let (State::Held(since), true) = (self.state, self.holds() == Hold::Auto) { since } else { None }
    }

    pub(super) fn learnt(&self) -> &Learnt {
        &self.learnt
    }

    /// Does nothing from now on.
    fn leave(&mut self) {
        (self.state, self.answer) = (State::Idle, Answer::Unread);
    }

    /// Does nothing from now on, after a panic on a side: what waits goes on as it came, or is refused where that is
    /// configured.
    pub(super) fn give_up(&mut self, host: &dyn Host, shared: &mut Shared, side: Option<Side>) -> Action {
        if side == Some(Side::Request) {
            return self.skip(host, shared, "panic");
        }
        let must = self.settings.as_ref().is_some_and(|settings| settings.fail_closed);
        if self.answer.give_up(host, must).put(host).is_ok() {
            self.answer.settle(false);
        }
        self.state = State::Idle;
        self.counted(host, shared, "panic");
        Action::Continue
    }

    /// Tells the length again of a body that stays, if headers still wait.
    fn tell_length(&self, host: &dyn Host) {
        if let (State::Held(_), Some(length)) = (self.state, &self.length) {
            let _ = host.set_header(Side::Request, "content-length", length.as_bytes());
        }
    }

    fn panic_if(&self, text: Option<&String>) {
        assert!(text.is_none_or(|text| !self.path.contains(text)), "the configuration asks for a panic");
    }

    fn holds(&self) -> Hold {
        self.settings.as_ref().map(|settings| settings.hold).unwrap_or_default()
    }

    /// Lets the headers go. The body may still change, so its length is not told.
    pub(super) fn release(&mut self, host: &dyn Host, context: u32, now: u64) {
        self.state = State::Released(now);
        // The host changes headers of the stream whose turn it is.
        if host.resume(context, Side::Request).is_err() {
            host.log(Level::Warn, "hr: a request whose headers wait could not be let go");
        }
    }

    pub(super) fn request_headers(&mut self, host: &dyn Host, shared: &mut Shared, end: bool) -> Action {
        if self.config.all().next().is_none() {
            return Action::Continue;
        }
        let in_style = self.config.all().any(|settings| settings.style == Style::Higress);
        self.whose.place = if self.config.has_rules() || in_style { place(host) } else { Place::default() };
        let settings = self.config.of(&self.whose.place).filter(|settings| !settings.parts.is_empty());
        let Some(settings) = settings else { return Action::Continue };
        self.whose.settings = Some(Rc::clone(&settings));
        self.settings = Some(Rc::clone(&settings));
        // Whatever becomes of the request, nobody may set our headers but us.
        for name in settings.headers().filter(|name| host.header(Side::Request, name).is_some()) {
            let _ = host.remove_header(Side::Request, &name);
        }
        if end {
            return Action::Continue;
        }
        let header = |name: &str| {
            let value = host.header(Side::Request, name);
            value.filter(|value| !value.is_empty()).map(|value| String::from_utf8_lossy(&value).into_owned())
        };
        self.path = header(":path").unwrap_or_default();
        self.whose.consumer = header(&settings.consumer_header).unwrap_or_default();
        self.panic_if(settings.panic_on.as_ref());
        self.length = header("content-length");
        let length = self.length.as_ref().and_then(|length| length.parse::<usize>().ok());
        let skip = if header("upgrade").is_some() {
            Some("upgrade")
        } else if header("content-encoding").is_some_and(|encoding| encoding != "identity") {
            Some("compressed")
        } else if header("content-type").is_some_and(|kind| !kind.to_ascii_lowercase().contains("json")) {
            Some("not_json")
        } else if length.is_some_and(|length| length > settings.max_body_bytes) {
            Some("too_large")
        } else {
            None
        };
        if let Some(why) = skip {
            return self.skip(host, shared, why);
        }
        self.wait(host, shared, &settings)
    }

    /// Waits for the body, with the headers or without.
    fn wait(&mut self, host: &dyn Host, shared: &mut Shared, settings: &Settings) -> Action {
        // Higress buffers what it is asked for; for Envoy this is a property like any other.
        let limit = (settings.max_body_bytes + (1 << 20)).to_string();
        let _ = host.set_property(&["set_decoder_buffer_limit"], limit.as_bytes());
        if settings.read_response() {
            let _ = host.remove_header(Side::Request, "accept-encoding");
        }
        let hold = match settings.hold {
            Hold::Auto => self.learnt.held.get() != Held::Hangs,
            Hold::Always => true,
            Hold::Never => false,
        };
        // Headers may go before the body is known, and its length with them.
        let _ = host.remove_header(Side::Request, "content-length");
        shared.metrics.set(host, "hr_gateway_hold", u64::from(hold));
        self.state = if hold { State::Held(Some(host.now())) } else { State::Reading };
        if hold { Action::Pause } else { Action::Continue }
    }

    /// Learns from the first piece of a body whether headers can wait for it.
    fn learn(&mut self, host: &dyn Host) {
        match self.state {
            State::Held(Some(_)) => {
                self.learnt.works();
                self.state = State::Held(None);
            }
            State::Released(at) => {
                self.state = State::Reading;
                if host.now().saturating_sub(at) < AT_ONCE && self.learnt.hangs() {
                    let advice = "set `allow_on_headers_stop_iteration: true` in Envoy's wasm filter";
                    host.log(
                        Level::Warn,
                        &format!("hr: headers cannot wait for the body here, and stay as they are; {advice}"),
                    );
                }
            }
            State::Held(None) | State::Reading | State::Idle => {}
        }
    }

    pub(super) fn request_body(&mut self, host: &dyn Host, shared: &mut Shared, size: usize, end: bool) -> Action {
        let Some(settings) = self.settings.clone().filter(|_| self.state != State::Idle) else {
            return Action::Continue;
        };
        self.learn(host);
        if size > settings.max_body_bytes {
            return self.skip(host, shared, "too_large");
        }
        if !end {
            return Action::Pause;
        }
        self.look(host, shared, &settings, size)
    }

    pub(super) fn request_trailers(&mut self, host: &dyn Host, shared: &mut Shared) -> Action {
        match self.settings.clone().filter(|_| self.state != State::Idle) {
            Some(settings) => self.look(host, shared, &settings, usize::MAX),
            None => Action::Continue,
        }
    }

    /// Reads the body and lets the parts look at it.
    fn look(&mut self, host: &dyn Host, shared: &mut Shared, settings: &Rc<Settings>, size: usize) -> Action {
        let body = host.body(Side::Request, size).filter(|body| size == usize::MAX || body.len() == size);
        let Some(body) = body else {
            return self.skip(host, shared, "host_refused");
        };
        let path = self.path.clone();
        let mut request = match Request::read(&body, &path) {
            Ok(request) => request,
            Err(why) => return self.skip(host, shared, why.name()),
        };
        self.whose.model = request.model.as_deref().unwrap_or_default().to_string();
        let consumer = self.whose.consumer.clone();
        let call = Call { consumer: (!consumer.is_empty()).then_some(&*consumer), path: &path };
        let mut outcome = Outcome::default();
        for part in &settings.parts {
            part.request(&request, &call, &mut outcome);
            if outcome.denial.is_some() {
                break;
            }
        }
        self.tell(host, shared, request.body, &mut outcome);
        if self.deny(host, shared, &outcome, request.protocol) {
            return Action::Pause;
        }
        let changed = self.change(host, shared, &body, &outcome, size != usize::MAX);
        if let Some(model) = outcome.model.take().filter(|_| changed) {
            request.model = Some(Cow::Owned(model));
        }
        let readers = settings.parts.iter().filter_map(|part| part.response(&request, &call)).collect::<Vec<_>>();
        self.answer = Answer::expected(readers, request.protocol);
        self.waited = matches!(self.state, State::Held(_));
        self.state = State::Idle;
        Action::Continue
    }

    /// Raises counters, writes notes, posts what is to be kept.
    fn tell(&self, host: &dyn Host, shared: &mut Shared, body: &str, outcome: &mut Outcome) {
        for count in &outcome.counts {
            shared.metrics.raise(host, &self.whose, count);
        }
        for note in &outcome.notes {
            host.log(Level::Info, &format!("hr: {note}"));
        }
        for kept in outcome.kept.drain(..) {
            let original = Text::new(body, kept.span.clone());
            if shared.originals.post(host, kept, &original).is_err() {
                self.counted(host, shared, "store_failed");
            }
        }
    }

    /// Answers with a refusal, if that is what comes of it.
    fn deny(&mut self, host: &dyn Host, shared: &mut Shared, outcome: &Outcome, protocol: Protocol) -> bool {
        let Some(denial) = &outcome.denial else { return false };
        self.leave();
        self.refuse(host, denial, protocol);
        self.counted(host, shared, "denied");
        true
    }

    /// Puts the changed body in place, and sets headers; says whether the body is another now. A body whose length is told
    /// has no trailers in HTTP/1.1.
    fn change(&self, host: &dyn Host, shared: &mut Shared, body: &[u8], outcome: &Outcome, tells_length: bool) -> bool {
        let is_held = matches!(self.state, State::Held(_));
        let tell_length = |length: usize| {
            if is_held && tells_length {
                let _ = host.set_header(Side::Request, "content-length", length.to_string().as_bytes());
            }
        };
        let mut result = "passed";
        if !outcome.splices.is_empty() {
            // What is not JSON any more must not leave.
            let changed = outcome.splices.applied(body).filter(|changed| Tape::read(changed).is_some());
            let set = changed.map(|changed| (host.set_body(Side::Request, body.len(), &changed), changed.len()));
            result = match set {
                Some((Ok(()), length)) => {
                    tell_length(length);
                    "changed"
                }
                Some((Err(_), _)) => "host_refused",
                None => "unsound",
            };
        }
        if result != "changed" {
            tell_length(body.len());
        }
        self.counted(host, shared, result);
        if !is_held && !outcome.headers.is_empty() {
            self.counted(host, shared, "headers_late");
        } else {
            outcome.set_headers(host, Side::Request);
        }
        result == "changed"
    }

    /// The request passes as it is, or is refused where that is configured, and a counter says why.
    fn skip(&mut self, host: &dyn Host, shared: &mut Shared, why: &'static str) -> Action {
        self.tell_length(host);
        self.leave();
        self.counted(host, shared, why);
        if !self.settings.as_ref().is_some_and(|settings| settings.fail_closed) {
            return Action::Continue;
        }
        let message = format!("the request cannot be checked ({why})");
        let denial = Denial { status: 403, details: "unreadable", message };
        self.refuse(host, &denial, Protocol::of_path(&self.path).unwrap_or(Protocol::Chat));
        Action::Pause
    }

    fn refuse(&self, host: &dyn Host, denial: &Denial, protocol: Protocol) {
        let body = denial::body(denial, protocol);
        let headers = [("content-type", "application/json"), ("x-ai-denied", denial.details)];
        let _ = host.reply(denial.status, denial.details, &headers, body.as_bytes());
    }

    fn counted(&self, host: &dyn Host, shared: &mut Shared, result: &str) {
        shared.count(host, &self.whose, result, 1);
    }

    pub(super) fn response_headers(&mut self, host: &dyn Host, shared: &mut Shared, end: bool) -> Action {
        if end {
            self.answer = Answer::Unread;
        }
        let Some(settings) = self.settings.clone() else { return Action::Continue };
        let said = self.answer.headers(host, self.waited, settings.fail_closed);
        said.results.iter().for_each(|result| self.counted(host, shared, result));
        if self.answer.edits() {
            let limit = (settings.max_body_bytes + (1 << 20)).to_string();
            let _ = host.set_property(&["set_encoder_buffer_limit"], limit.as_bytes());
        }
        said.action()
    }

    pub(super) fn response_body(&mut self, host: &dyn Host, shared: &mut Shared, size: usize, end: bool) -> Action {
        let Some(settings) = self.settings.clone() else { return Action::Continue };
        self.panic_if(settings.panic_on_response.as_ref().filter(|_| !self.answer.is_over()));
        let mut outcome = Outcome::default();
        let limits = (settings.max_body_bytes, settings.fail_closed);
        let said = self.answer.body(host, limits, (size, end), &mut outcome);
        self.tell(host, shared, "", &mut outcome);
        said.results.iter().for_each(|result| self.counted(host, shared, result));
        // This comes last: whatever fails before it, the host still has the bytes that came.
        if said.put(host).is_ok() {
            self.answer.settle(end);
        } else {
            self.counted(host, shared, "host_refused");
        }
        said.action()
    }

    pub(super) fn response_trailers(&mut self, host: &dyn Host, shared: &mut Shared) -> Action {
        self.response_body(host, shared, usize::MAX, true);
        Action::Continue
    }

    /// The exchange is over; a stream that was cut off is counted as far as it came.
    pub(super) fn done(&mut self, host: &dyn Host, shared: &mut Shared) {
        if self.settings.is_none() {
            return;
        }
        let mut outcome = Outcome::default();
        if let Some(result) = self.answer.done(&mut outcome) {
            self.counted(host, shared, result);
        }
        self.tell(host, shared, "", &mut outcome);
        self.leave();
    }
}
