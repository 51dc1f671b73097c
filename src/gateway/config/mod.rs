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
use self::settings::Made;
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
        let mut made = Made::new();
        // Rules without anything besides them apply where they match, and nowhere else.
        if !object.is_empty() || rules.is_none() {
            config.global = Some(config.settings("the configuration", &object, instance, &mut made));
        }
        match rules {
            None | Some(Value::Null) => {}
            Some(Value::Array(rules)) => config.add_rules(&rules, &object, instance, &mut made),
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
    pub fn all(&self) -> impl Iterator<Item = &Rc<Settings>> {
        self.global.iter().chain(self.rules.iter().map(|(_, settings)| settings))
    }

    fn unusable(mut self, why: &str) -> Self {
        self.notes.push(format!("the configuration cannot be read, and nothing is done: {why}"));
        self
    }

    fn bad_rule(&mut self, why: &str) {
        self.bad_rules += 1;
        self.notes.push(format!("a rule is left out: {why}"));
    }

    fn add_rules(&mut self, rules: &[Value], global: &Map<String, Value>, instance: &str, made: &mut Made) {
        for (number, rule) in rules.iter().enumerate() {
            let read = rule.as_object().and_then(|rule| Some((Matching::read(rule)?, rule)));
            let Some((matching, rule)) = read else {
                self.bad_rule(&format!("rule {} has no `_match_…_` with a list of strings", number + 1));
                continue;
            };
            let mut object = global.clone();
            merge(&mut object, rule);
            let settings = self.settings(&format!("rule {}", number + 1), &object, instance, made);
            self.rules.push((matching, settings));
        }
    }

    fn settings(&mut self, place: &str, object: &Map<String, Value>, instance: &str, made: &mut Made) -> Rc<Settings> {
        let (settings, notes) = Settings::read(place, object, instance, made);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_say_the_same_of_a_part_share_it() {
        let rule = |domain: &str, tokens: usize| {
            format!(r#"{{"_match_domain_": ["{domain}"], "json-crusher": {{"min_tokens": {tokens}}}}}"#)
        };
        let rules = [rule("a", 200), rule("b", 300), rule("c", 300)].join(",");
        let document =
            format!(r#"{{"json-crusher": {{"min_tokens": 200}}, "prompt-guard": {{}}, "_rules_": [{rules}]}}"#);
        let config = Config::read(document.as_bytes(), "");
        let parts = config.all().flat_map(|settings| &settings.parts).map(Rc::as_ptr).map(<*const _>::cast::<()>);
        let parts = parts.collect::<Vec<_>>();
        let [guard, crusher, same_guard, same_crusher, _, other_crusher, _, same_other] = parts[..] else {
            panic!("{parts:?}");
        };
        assert_eq!((guard, crusher, other_crusher), (same_guard, same_crusher, same_other));
        assert_ne!(crusher, other_crusher);
        let own =
            r#"{"min_tokens": 1, "_rules_": [{"_match_domain_": ["a"]}, {"_match_domain_": ["b"], "min_tokens": 2}]}"#;
        let config = Config::read(own.as_bytes(), "ai-json-crusher");
        let parts = config.all().map(|settings| Rc::as_ptr(&settings.parts[0]).cast::<()>()).collect::<Vec<_>>();
        assert!(parts[0] == parts[1] && parts[0] != parts[2]);
    }
}
