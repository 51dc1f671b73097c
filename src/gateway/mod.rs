//! The gateway build: the same core as a proxy-wasm module for Envoy, Higress and Istio.
//!
//! A request is read once into a [`Request`], which points into the bytes that came; each [`Part`] that the configuration
//! switches on looks at it and says in an [`Outcome`] what is to change. Nothing is written anew: a changed body is the
//! bytes that came with some spans replaced. On any doubt a request passes as it is, and a counter says so.

#[cfg(target_family = "wasm")]
mod abi;
pub mod aligner;
mod answer;
pub mod compactor;
pub mod config;
pub mod cost;
pub mod crusher;
mod denial;
pub mod guard;
pub mod host;
mod metrics;
#[cfg(test)]
mod mock;
pub mod module;
pub mod originals;
pub mod part;
mod parts;
pub mod policy;
mod remembered;
pub mod request;
pub mod router;
pub mod splice;
mod sse;
mod stream;
#[cfg(test)]
mod tests;
pub mod tier;

pub use self::part::{Denial, Outcome, Part};
pub use self::request::{Protocol, Request};
pub use self::splice::Splices;
