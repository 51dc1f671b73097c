//! A host for tests: it records what it is told, and can refuse what hosts refuse.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::host::{Host, Level, Refused, Side};
use super::module::{Action, Module};

type Headers = BTreeMap<String, Vec<u8>>;

/// A host with one stream.
#[derive(Debug, Default)]
pub(super) struct Mock {
    pub(super) configuration: RefCell<String>,
    pub(super) properties: BTreeMap<String, Vec<u8>>,
    pub(super) request: RefCell<Headers>,
    pub(super) response: RefCell<Headers>,
    /// What is buffered, or the piece that came.
    pub(super) body: RefCell<Vec<u8>>,
    pub(super) replies: RefCell<Vec<(u32, String)>>,
    pub(super) counters: RefCell<Vec<(String, u64)>>,
    pub(super) resumed: RefCell<Vec<u32>>,
    pub(super) log: RefCell<Vec<String>>,
    /// Cluster and token, and the body.
    pub(super) calls: RefCell<Vec<(String, Vec<u8>)>>,
    pub(super) call_status: Cell<Option<u32>>,
    pub(super) now: Cell<u64>,
    /// Whether headers of the request went on, so that they cannot be set.
    pub(super) late: Cell<bool>,
    pub(super) refuses_bodies: Cell<bool>,
    /// Whether the next call for a body panics, as a bug of the module would.
    pub(super) panics: Cell<bool>,
    /// The stream that `sends` and `streams` are about, if it is another than 2.
    pub(super) stream: Cell<Option<u32>>,
}

impl Mock {
    fn headers(&self, side: Side) -> &RefCell<Headers> {
        if side == Side::Request { &self.request } else { &self.response }
    }

    fn context(&self) -> u32 {
        self.stream.get().unwrap_or(2)
    }

    pub(super) fn header_text(&self, name: &str) -> Option<String> {
        self.request.borrow().get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// How far counters rose whose name contains a text.
    pub(super) fn counted(&self, part: &str) -> u64 {
        self.counters.borrow().iter().filter(|(name, _)| name.contains(part)).map(|(_, count)| count).sum()
    }

    /// A module with this configuration and a stream 2 of its instance 1.
    pub(super) fn module(&self, configuration: &str) -> Module {
        *self.configuration.borrow_mut() = configuration.into();
        let mut module = Module::default();
        module.on_create(1, 0);
        module.on_configure(self, 1);
        module.on_create(2, 1);
        module
    }

    /// Sets the headers of a request for a path, and the length of its body.
    pub(super) fn asks(&self, path: &str, body: &str) {
        self.body.borrow_mut().clear();
        let length = body.len().to_string();
        let headers = [
            (":path", path),
            (":authority", "api.example.com"),
            ("content-type", "application/json"),
            ("content-length", &length),
        ];
        *self.request.borrow_mut() =
            headers.into_iter().map(|(name, value)| (name.into(), value.as_bytes().to_vec())).collect();
    }

    /// Sends a request in pieces of a size; gives the body that goes on and the last action.
    pub(super) fn sends(&self, module: &mut Module, path: &str, body: &str, piece: usize) -> (String, Action) {
        self.asks(path, body);
        self.late.set(module.on_headers(self, self.context(), Side::Request, false) == Action::Continue);
        let (out, action) = self.streams(module, Side::Request, body.as_bytes(), piece);
        (String::from_utf8(out).unwrap(), action)
    }

    /// Sends a body in pieces, buffering what the module lets wait.
    pub(super) fn streams(&self, module: &mut Module, side: Side, body: &[u8], piece: usize) -> (Vec<u8>, Action) {
        let (mut out, mut action) = (Vec::new(), Action::Continue);
        let pieces = body.chunks(piece.max(1)).collect::<Vec<_>>();
        for (number, bytes) in pieces.iter().enumerate() {
            self.body.borrow_mut().extend_from_slice(bytes);
            let size = self.body.borrow().len();
            action = module.on_body(self, self.context(), side, size, number + 1 == pieces.len());
            if action == Action::Continue {
                out.append(&mut self.body.borrow_mut());
            }
        }
        (out, action)
    }
}

impl Host for Mock {
    fn log(&self, _level: Level, line: &str) {
        self.log.borrow_mut().push(line.into());
    }

    fn configuration(&self) -> Vec<u8> {
        self.configuration.borrow().clone().into_bytes()
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.properties.get(&path.join(".")).cloned()
    }

    fn set_property(&self, _path: &[&str], _value: &[u8]) -> Result<(), Refused> {
        Err(Refused)
    }

    fn header(&self, side: Side, name: &str) -> Option<Vec<u8>> {
        self.headers(side).borrow().get(name).cloned()
    }

    fn set_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), Refused> {
        if side == Side::Request && self.late.get() {
            return Err(Refused);
        }
        self.headers(side).borrow_mut().insert(name.into(), value.to_vec());
        Ok(())
    }

    fn remove_header(&self, side: Side, name: &str) -> Result<(), Refused> {
        self.headers(side).borrow_mut().remove(name);
        Ok(())
    }

    fn body(&self, _side: Side, length: usize) -> Option<Vec<u8>> {
        assert!(!self.panics.take(), "the test asks for a panic");
        let body = self.body.borrow();
        (!self.refuses_bodies.get()).then(|| body[..length.min(body.len())].to_vec())
    }

    fn set_body(&self, _side: Side, length: usize, bytes: &[u8]) -> Result<(), Refused> {
        let mut body = self.body.borrow_mut();
        let length = length.min(body.len());
        body.splice(..length, bytes.iter().copied());
        Ok(())
    }

    fn reply(&self, status: u32, _details: &str, _headers: &[(&str, &str)], body: &[u8]) -> Result<(), Refused> {
        self.replies.borrow_mut().push((status, String::from_utf8_lossy(body).into_owned()));
        Ok(())
    }

    fn counter(&self, name: &str) -> Result<u32, Refused> {
        let mut counters = self.counters.borrow_mut();
        counters.push((name.into(), 0));
        Ok(counters.len() as u32 - 1)
    }

    fn gauge(&self, name: &str) -> Result<u32, Refused> {
        self.counter(name)
    }

    fn raise(&self, metric: u32, by: u64) -> Result<(), Refused> {
        self.counters.borrow_mut()[metric as usize].1 += by;
        Ok(())
    }

    fn set(&self, metric: u32, to: u64) -> Result<(), Refused> {
        self.counters.borrow_mut()[metric as usize].1 = to;
        Ok(())
    }

    fn now(&self) -> u64 {
        self.now.get()
    }

    fn tick_every(&self, _milliseconds: u32) -> Result<(), Refused> {
        Ok(())
    }

    fn resume(&self, stream: u32, _side: Side) -> Result<(), Refused> {
        self.resumed.borrow_mut().push(stream);
        self.late.set(true);
        Ok(())
    }

    fn call(&self, cluster: &str, headers: &[(&str, &str)], body: &[u8], _timeout: u32) -> Result<u32, Refused> {
        let token = headers.iter().find(|(name, _)| *name == "authorization").map(|(_, token)| format!(" {token}"));
        let mut calls = self.calls.borrow_mut();
        calls.push((format!("{cluster}{}", token.unwrap_or_default()), body.to_vec()));
        Ok(calls.len() as u32)
    }

    fn call_status(&self) -> Option<u32> {
        self.call_status.get()
    }
}
