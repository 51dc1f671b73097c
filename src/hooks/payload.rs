//! A payload as an agent sends it: one JSON object. Reading a member that is missing or of another type is an answer
//! "left alone", never a failure.

use serde_json::{Map, Value};

use super::Leave;

/// What an agent sent.
#[derive(Debug, Clone)]
pub struct Payload(Map<String, Value>);

impl Payload {
    /// Reads a payload; a byte order mark before it does no harm.
    pub(crate) fn read(input: &[u8]) -> Result<Self, Leave> {
        let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
        if input.trim_ascii().is_empty() {
            return Err(Leave::puzzled("the payload is empty"));
        }
        match serde_json::from_slice(input) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(Leave::puzzled("the payload is no JSON object")),
            Err(error) => Err(Leave::puzzled(format!("the payload is no JSON: {error}"))),
        }
    }

    /// Whether there is such a member.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// A member.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// A member that is a string.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    /// A member that is a string, which must be there.
    pub(crate) fn need(&self, key: &str) -> Result<&str, Leave> {
        self.text(key).ok_or_else(|| Leave::puzzled(format!("the payload has no string `{key}`")))
    }

    /// The session whose context the answer goes into; none for a subagent, which has a context of its own.
    pub(crate) fn session(&self) -> Option<&str> {
        let is_subagent = self.get("agent_id").is_some_and(|agent| !agent.is_null());
        self.text("session_id").filter(|session| !is_subagent && !session.is_empty())
    }

    /// A member that is an object, which must be there.
    pub(crate) fn object(&self, key: &str) -> Result<&Map<String, Value>, Leave> {
        let object = self.0.get(key).and_then(Value::as_object);
        object.ok_or_else(|| Leave::puzzled(format!("the payload has no object `{key}`")))
    }
}

/// A member of an object that is a string, which must be there.
pub(crate) fn need<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a str, Leave> {
    object.get(key).and_then(Value::as_str).ok_or_else(|| Leave::puzzled(format!("there is no string `{key}`")))
}

/// Whether a member of an object is `true`.
pub(crate) fn is_set(object: &Map<String, Value>, key: &str) -> bool {
    object.get(key) == Some(&Value::Bool(true))
}
