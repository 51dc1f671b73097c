//! Reads the keys of a peer's rule one by one and remembers what became of each.
//!
//! A key that is taken counts as carried over until somebody says otherwise; a key that nobody takes is one that the peer
//! does not know either, and is reported with the nearest name.

use serde_json::{Map, Value};

use super::{Fate, Note};

/// What became of every key.
#[derive(Debug, Default)]
pub(super) struct Notes(pub Vec<Note>);

impl Notes {
    /// The key is carried over as it is.
    fn carried(&mut self, key: &str) {
        self.say(key, Fate::Carried, String::new());
    }

    /// The key is carried over with another meaning.
    pub fn changed(&mut self, key: &str, why: impl Into<String>) {
        self.say(key, Fate::Changed, why.into());
    }

    /// The key, or a part of it, is not carried over.
    pub fn left(&mut self, key: &str, why: impl Into<String>) {
        self.say(key, Fate::Left, why.into());
    }

    fn say(&mut self, key: &str, fate: Fate, why: String) {
        if fate != Fate::Carried {
            self.0.retain(|note| note.key != key || note.fate != Fate::Carried);
        }
        let note = Note { key: key.to_string(), fate, why };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }
}

/// The keys of a table that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Keys {
    map: Map<String, Value>,
    path: String,
    /// The names that were asked for.
    known: Vec<String>,
}

impl Keys {
    /// The keys of a whole rule.
    pub fn new(map: Map<String, Value>) -> Self {
        Self { map, path: String::new(), known: Vec::new() }
    }

    /// A key as the report names it.
    pub fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    fn take(&mut self, key: &str, notes: &mut Notes) -> Option<Value> {
        self.known.push(key.to_string());
        let value = self.map.shift_remove(key)?;
        notes.carried(&self.path(key));
        Some(value)
    }

    /// Takes a value, or says that it is not what it should be.
    fn read<T>(&mut self, key: &str, what: &str, notes: &mut Notes, read: fn(Value) -> Option<T>) -> Option<T> {
        let value = self.take(key, notes)?;
        let value = read(value);
        if value.is_none() {
            notes.left(&self.path(key), format!("it is not {what}"));
        }
        value
    }

    /// Takes a text.
    pub fn text(&mut self, key: &str, notes: &mut Notes) -> Option<String> {
        self.read(key, "a text", notes, |value| value.as_str().map(ToString::to_string))
    }

    /// Takes a list of texts, or a single one.
    pub fn texts(&mut self, key: &str, notes: &mut Notes) -> Vec<String> {
        self.read(key, "a list of texts", notes, texts).unwrap_or_default()
    }

    /// Takes a list of lists of texts.
    pub fn groups(&mut self, key: &str, notes: &mut Notes) -> Vec<Vec<String>> {
        let groups = |value: Value| match value {
            Value::Array(groups) => groups.into_iter().map(texts).collect(),
            _ => None,
        };
        self.read(key, "a list of lists of texts", notes, groups).unwrap_or_default()
    }

    /// Takes a number of lines or characters.
    pub fn count(&mut self, key: &str, notes: &mut Notes) -> Option<usize> {
        self.read(key, "a number of 0 or more", notes, |value| value.as_u64().and_then(|n| usize::try_from(n).ok()))
    }

    /// Takes a number that may be negative or broken.
    pub fn number(&mut self, key: &str, notes: &mut Notes) -> Option<f64> {
        self.read(key, "a number", notes, |value| value.as_f64())
    }

    /// Takes a switch.
    pub fn flag(&mut self, key: &str, notes: &mut Notes) -> Option<bool> {
        self.read(key, "true or false", notes, |value| value.as_bool())
    }

    /// Takes a table.
    pub fn table(&mut self, key: &str, notes: &mut Notes) -> Option<Self> {
        let path = self.path(key);
        let map = self.read(key, "a table", notes, |value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })?;
        notes.0.retain(|note| note.key != path);
        Some(Self { map, path, known: Vec::new() })
    }

    /// Takes a list of tables.
    pub fn tables(&mut self, key: &str, notes: &mut Notes) -> Vec<Self> {
        let path = self.path(key);
        let list = |value| match value {
            Value::Array(items) => items.into_iter().map(|item| item.as_object().cloned()).collect(),
            _ => None,
        };
        let maps: Vec<Map<String, Value>> = self.read(key, "a list of tables", notes, list).unwrap_or_default();
        let tables = maps.into_iter().enumerate();
        tables.map(|(at, map)| Self { map, path: format!("{path}[{at}]"), known: Vec::new() }).collect()
    }

    /// Whether a key is there; it stays for others.
    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Looks at a text that stays for others.
    pub fn peek(&self, key: &str) -> Option<&str> {
        self.map.get(key)?.as_str()
    }

    /// Says of a key, whatever stands in it, why it is not carried over.
    pub fn leave(&mut self, key: &str, why: &str, notes: &mut Notes) {
        if self.take(key, notes).is_some() {
            notes.left(&self.path(key), why);
        }
    }

    /// Takes a key whose meaning hr has anyway.
    pub fn needless(&mut self, key: &str, notes: &mut Notes) {
        self.take(key, notes);
    }

    /// Reports the keys that nobody asked for.
    pub fn end(self, notes: &mut Notes) {
        for key in self.map.keys() {
            let near = |name: &&String| strsim::jaro_winkler(key, name);
            let best = self.known.iter().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|name| near(name) > 0.8);
            let hint = best.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            notes.left(&self.path(key), format!("the format has no such key{hint}"));
        }
    }
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.into_iter().map(|item| item.as_str().map(ToString::to_string)).collect(),
        _ => None,
    }
}
