//! The configuration.

mod keys;

pub use self::keys::Keys;
