//! Reads the members of a configuration object: what is missing has its default, what cannot be used is said.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// An object of the configuration, and what was wrong with it.
#[derive(Debug)]
pub struct Keys<'d> {
    place: String,
    object: &'d Map<String, Value>,
    known: BTreeSet<&'static str>,
    notes: Vec<String>,
}

impl<'d> Keys<'d> {
    /// An object that goes by a name in notes.
    pub fn of(place: &str, object: &'d Map<String, Value>) -> Self {
        Self { place: place.into(), object, known: BTreeSet::new(), notes: Vec::new() }
    }

    /// The value of a key; `null` is none.
    pub fn value(&mut self, key: &'static str) -> Option<&'d Value> {
        self.known.insert(key);
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// A whole number that is not negative; `5.0` is one, since some gateways write every number as a fraction.
    pub fn count(&mut self, key: &'static str, default: usize) -> usize {
        let read = |value: &Value| {
            let float = || value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0 && *number < 9e15);
            value.as_u64().or_else(|| float().map(|number| number as u64)).and_then(|count| usize::try_from(count).ok())
        };
        self.read(key, "a whole number", read).unwrap_or(default)
    }

    /// A number from 0 to 1.
    pub fn share(&mut self, key: &'static str, default: f64) -> f64 {
        let read = |value: &Value| value.as_f64().filter(|share| (0.0..=1.0).contains(share));
        self.read(key, "a number from 0 to 1", read).unwrap_or(default)
    }

    /// A number.
    pub fn number(&mut self, key: &'static str) -> Option<f64> {
        self.read(key, "a number", Value::as_f64)
    }

    /// Yes or no.
    pub fn flag(&mut self, key: &'static str, default: bool) -> bool {
        self.read(key, "true or false", Value::as_bool).unwrap_or(default)
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        self.read(key, "a string", |value| value.as_str().map(ToString::to_string))
    }

    /// A list of texts; one text is a list of one.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        self.read(key, "a list of strings", |value| match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(list) => list.iter().map(|text| text.as_str().map(ToString::to_string)).collect(),
            _ => None,
        })
    }

    /// One of some words.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let names = words.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        self.read(key, &format!("one of {names}"), |value| {
            words.iter().find(|(name, _)| value.as_str() == Some(name)).map(|(_, word)| *word)
        })
    }

    /// Notes something.
    pub fn note(&mut self, what: &str) {
        self.notes.push(format!("{}: {what}", self.place));
    }

    /// What was wrong; keys that nobody asked for are ignored.
    pub fn notes(mut self) -> Vec<String> {
        let unknown = self.object.keys().filter(|key| !self.known.contains(key.as_str()) && !key.starts_with('_'));
        let unknown = unknown.map(|key| format!("{}: the key `{key}` is not known, and ignored", self.place));
        self.notes.extend(unknown);
        self.notes
    }

    fn read<T>(&mut self, key: &'static str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let found = self.value(key)?;
        let value = read(found);
        if value.is_none() {
            self.note(&format!("`{key}` is not {what}; the default is taken"));
        }
        value
    }
}
