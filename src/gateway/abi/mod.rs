//! The binary interface of proxy-wasm 0.2, on the target of gateways only: nothing is decided here.
//!
//! It is our own because the `proxy-wasm` crate panics where a request may make it: on header values that are not UTF-8,
//! and on statuses that it does not expect. Here every value is bytes and every status a result.
//!
//! Both markers of the interface are exported. Higress takes the first one it knows, and keeps what a callback for
//! headers returns only if that is `0_2_100`; others take `0_2_1`.
#![allow(unsafe_code, reason = "the host is called by pointers into this module's memory")]

mod exports;
mod imports;

pub(super) use imports::Wasm;
