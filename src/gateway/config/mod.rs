//! The configuration: one JSON document, with rules for routes, domains and services in `_rules_`.
//!
//! Nothing in it keeps the module from starting: what cannot be used is noted, a bad rule is left out, and the rest works.

mod keys;
mod matching;
mod settings;

use std::rc::Rc;

use serde_json::{Map, Value};

pub use self::keys::Keys;
use self::matching::Matching;
pub use self::matching::Place;
pub use self::settings::{Hold, Settings, Style};

/// All of a configuration.
#[derive(Debug, Default)]
pub struct Config {
    global: Option<Rc<Settings>>,
    rules: Vec<(Matching, Rc<Settings>)>,
    /// What the log is to be told.
    pub notes: Vec<String>,
    /// How many rules are left out.
    pub bad_rules: u64,
}

impl Config {
    /// Reads a document. An instance that is named like a part is that part, and the document its options.
    pub fn read(document: &[u8], instance: &str) -> Self {
        let mut config = Self::default();
        let blank = document.iter().all(u8::is_ascii_whitespace);
        let read = if blank { Ok(Value::Object(Map::new())) } else { serde_json::from_slice(document) };
        let mut object = match read {
            Ok(Value::Object(object)) => object,
            Ok(_) => return config.unusable("it is no object"),
            Err(error) => return config.unusable(&error.to_string()),
        };
        let rules = object.shift_remove("_rules_");
        // Rules without anything besides them apply where they match, and nowhere else.
        if !object.is_empty() || rules.is_none() {
            config.global = Some(config.settings("the configuration", &object, instance));
        }
        match rules {
            None | Some(Value::Null) => {}
            Some(Value::Array(rules)) => config.add_rules(&rules, &object, instance),
            Some(_) => config.bad_rule("`_rules_` is no list"),
        }
        config
    }

    /// The settings for a request; none where nothing is configured.
    pub fn of(&self, place: &Place) -> Option<Rc<Settings>> {
        let rule = self.rules.iter().find(|(matching, _)| matching.fits(place));
        rule.map(|(_, settings)| settings).or(self.global.as_ref()).map(Rc::clone)
    }

    /// Whether it matters where a request goes.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// All settings that a request may get.
    pub fn all(&self) -> impl Iterator<Item = &Settings> {
        self.global.iter().chain(self.rules.iter().map(|(_, settings)| settings)).map(Rc::as_ref)
    }

    fn unusable(mut self, why: &str) -> Self {
        self.notes.push(format!("the configuration cannot be read, and nothing is done: {why}"));
        self
    }

    fn bad_rule(&mut self, why: &str) {
        self.bad_rules += 1;
        self.notes.push(format!("a rule is left out: {why}"));
    }

    fn add_rules(&mut self, rules: &[Value], global: &Map<String, Value>, instance: &str) {
        for (number, rule) in rules.iter().enumerate() {
            let read = rule.as_object().and_then(|rule| Some((Matching::read(rule)?, rule)));
            let Some((matching, rule)) = read else {
                self.bad_rule(&format!("rule {} has no `_match_…_` with a list of strings", number + 1));
                continue;
            };
            let mut object = global.clone();
            merge(&mut object, rule);
            let settings = self.settings(&format!("rule {}", number + 1), &object, instance);
            self.rules.push((matching, settings));
        }
    }

    fn settings(&mut self, place: &str, object: &Map<String, Value>, instance: &str) -> Rc<Settings> {
        let (settings, notes) = Settings::read(place, object, instance);
        self.notes.extend(notes);
        Rc::new(settings)
    }
}

/// Puts the members of a rule over those of the whole configuration, objects into objects.
fn merge(under: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Object(under)), Value::Object(over)) => merge(under, over),
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}
