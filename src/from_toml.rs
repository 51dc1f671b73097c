//! Data in TOML that is built in, or part of a configuration.
//!
//! It becomes a JSON value first, so that a type has one reader of its own, whether its data are TOML or JSON: in the module
//! for gateways readers are a good part of the size. Rule files of users are read directly, for errors say where.

use serde::de::DeserializeOwned;

/// Reads a text; an error says what is wrong.
pub(crate) fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let value: serde_json::Value = toml::from_str(text).map_err(|error| error.message().to_string())?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}
