//! What the gateway's program offers a module: the calls of proxy-wasm, as bytes and without a panic.

use std::fmt::Debug;

/// Which half of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the client sends.
    Request,
    /// What the upstream answers.
    Response,
}

/// How loud a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What helps to find a fault.
    Debug,
    /// What is worth knowing.
    Info,
    /// What somebody should look at.
    Warn,
}

/// The host refused; requests pass, whatever it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// The calls of a host. Those about headers and bodies are about the stream whose callback runs.
pub trait Host: Debug {
    /// Writes a line to the log.
    fn log(&self, level: Level, line: &str);
    /// The configuration of the module's instance, empty when there is none.
    fn configuration(&self) -> Vec<u8>;
    /// A property by its path.
    fn property(&self, path: &[&str]) -> Option<Vec<u8>>;
    /// Sets a property.
    fn set_property(&self, path: &[&str], value: &[u8]) -> Result<(), Refused>;
    /// A header's value, as bytes: it need not be UTF-8.
    fn header(&self, side: Side, name: &str) -> Option<Vec<u8>>;
    /// Sets a header in place of all of its name.
    fn set_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), Refused>;
    /// Removes all headers of a name.
    fn remove_header(&self, side: Side, name: &str) -> Result<(), Refused>;
    /// The body that is buffered, or the piece that came.
    fn body(&self, side: Side, length: usize) -> Option<Vec<u8>>;
    /// Puts other bytes in its place.
    fn set_body(&self, side: Side, length: usize, bytes: &[u8]) -> Result<(), Refused>;
    /// Answers instead of the upstream.
    fn reply(&self, status: u32, details: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(), Refused>;
    /// The number of a counter, which is made if there is none of this name.
    fn counter(&self, name: &str) -> Result<u32, Refused>;
    /// The number of a gauge.
    fn gauge(&self, name: &str) -> Result<u32, Refused>;
    /// Raises a counter.
    fn raise(&self, metric: u32, by: u64) -> Result<(), Refused>;
    /// Sets a gauge.
    fn set(&self, metric: u32, to: u64) -> Result<(), Refused>;
    /// Nanoseconds since some point in the past.
    fn now(&self) -> u64;
    /// Asks for a tick every so many milliseconds; none for 0.
    fn tick_every(&self, milliseconds: u32) -> Result<(), Refused>;
    /// Lets a stream go on whose headers were held.
    fn resume(&self, stream: u32, side: Side) -> Result<(), Refused>;
    /// Sends a request of its own to a cluster, for the instance, so that it goes on when the stream is over; gives the
    /// number of the call.
    fn call(&self, cluster: &str, headers: &[(&str, &str)], body: &[u8], timeout: u32) -> Result<u32, Refused>;
    /// The status of the answer to such a request, in the callback about it.
    fn call_status(&self) -> Option<u32>;
}
