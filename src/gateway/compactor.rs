//! response-compactor: rules of the configuration, as TOML or JSON, applied to results of tools and to responses.
//!
//! They are the rules of the core, so a rule that was tried with `hr` works here. In a response the strings are looked at
//! that hold output; of a stream each event on its own, so that no event waits for another.

use std::rc::Rc;

use serde_json::Value;

use super::config::Keys;
use super::crusher::{Crushed, command, finished, left_out, store, whole};
use super::originals::Store;
use super::part::{Call, Kept, Outcome, Part, Reader};
use super::remembered::{Remembered, TEXTS, key};
use super::request::{Request, Text, ToolCall};
use crate::detect::Detection;
use crate::document::{Document, Origin};
use crate::from_toml::from_toml;
use crate::json::{Shape, Tape};
use crate::pipeline::{self, FooterPlace, Form};
use crate::render::marker;
use crate::rule::file::RuleFile;
use crate::rule::{Layer, Rule, RuleSet};

/// The name in a configuration.
pub(super) const NAME: &str = "response-compactor";

/// Keys of a response whose strings may be output.
const OUTPUTS: [&[u8]; 6] = [b"text", b"content", b"output", b"stdout", b"stderr", b"result"];

/// Applies rules.
#[derive(Debug)]
pub struct Compactor {
    rules: Rc<Rules>,
    store: Option<Rc<Store>>,
    tool_results: bool,
    responses: bool,
}

#[derive(Debug)]
struct Rules {
    set: RuleSet,
    lossy: bool,
    remembered: Remembered<Option<Rc<Crushed>>>,
}

impl Compactor {
    /// Reads the rules; one that cannot be used is noted and left out.
    pub fn new(keys: &mut Keys<'_>) -> Self {
        let mut rules = Vec::new();
        for (number, written) in keys.value("rules").and_then(Value::as_array).into_iter().flatten().enumerate() {
            match read(written) {
                Ok(rule) => rules.push(rule),
                Err(why) => keys.note(&format!("rule {} is left out: {why}", number + 1)),
            }
        }
        Self {
            rules: Rc::new(Rules {
                set: RuleSet::only(rules),
                lossy: keys.flag("lossy", true),
                remembered: Remembered::of(TEXTS),
            }),
            store: store(keys),
            tool_results: keys.flag("tool_results", true),
            responses: keys.flag("responses", false),
        }
    }
}

/// A rule as TOML in a string, or as an object.
fn read(written: &Value) -> Result<Rule, String> {
    let file: RuleFile = match written {
        Value::String(toml) => from_toml(toml)?,
        other => serde_json::from_value(other.clone()).map_err(|error| error.to_string())?,
    };
    Rule::compile(file, Layer::User).map_err(|bad| bad.message)
}

impl Rules {
    /// What a text becomes, if a rule is for it.
    fn compacted(&self, text: &str, command: Option<String>, detected: Option<&Detection>) -> Option<Crushed> {
        if marker::imitates(text.as_bytes()) {
            return None;
        }
        let request = pipeline::Request {
            origin: Origin { command, exit_code: None },
            handle: self.lossy.then(|| "gateway".into()),
            footer: FooterPlace::Apart,
            detected: detected.cloned(),
            ..pipeline::Request::default()
        };
        let doc = Document::new(text.as_bytes(), request.origin.clone());
        // Most texts are no rule's, and that is known sooner than what they are.
        if pipeline::claims(&doc, &request, &self.set).is_empty() {
            return None;
        }
        let decision = pipeline::decide(&doc, &request, &self.set);
        decision.rule.as_ref()?;
        let out = pipeline::carried_out(&doc, &decision, &request).1;
        let gone = left_out(&out).into_iter().collect::<Vec<_>>();
        let is_lossy = out.form == Form::Compacted;
        finished(text, out.tokens.0, out, is_lossy, &gone)
    }

    /// What a result becomes, which is remembered.
    fn remembered(&self, text: &Text<'_>, call: Option<&ToolCall<'_>>) -> Option<Rc<Crushed>> {
        let make = || self.compacted(whole(text)?, call.and_then(command), text.detection()).map(Rc::new);
        self.remembered.or_made(key(text, call), make)
    }
}

/// Puts what a text became in its place; says how many tokens that saves.
fn put(crushed: &Crushed, text: &Text<'_>, outcome: &mut Outcome) -> usize {
    if crushed.put(text, outcome) { crushed.saved } else { 0 }
}

fn count(outcome: &mut Outcome, place: &str, saved: usize) {
    if saved > 0 {
        outcome.count("ai_response_compactor_tokens_saved_total", &[("type", place)], saved as u64);
    }
}

impl Part for Compactor {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, request: &Request<'_>, _call: &Call<'_>, outcome: &mut Outcome) {
        let mut saved = 0;
        for (result, call) in request.answers().into_iter().filter(|_| self.tool_results) {
            for text in &result.texts {
                let Some(crushed) = self.rules.remembered(text, call) else { continue };
                let gained = put(&crushed, text, outcome);
                if let (Some(store), Some(hash), 1..) = (&self.store, &crushed.hash, gained) {
                    outcome.kept.push(Kept { store: Rc::clone(store), hash: hash.clone(), span: text.span.clone() });
                }
                saved += gained;
            }
        }
        count(outcome, "tool_result", saved);
    }

    fn reads_response(&self) -> bool {
        self.responses
    }

    fn response(&self, _request: &Request<'_>, _call: &Call<'_>) -> Option<Box<dyn Reader>> {
        self.responses.then(|| -> Box<dyn Reader> { Box::new(Responses(Rc::clone(&self.rules))) })
    }
}

/// Applies rules to the strings of a response.
#[derive(Debug)]
struct Responses(Rc<Rules>);

impl Reader for Responses {
    fn edits(&self) -> bool {
        true
    }

    fn document(&mut self, json: &str, outcome: &mut Outcome) {
        let Some(tape) = Tape::read(json.as_bytes()) else { return };
        let (mut open, mut saved) = (tape.roots().to_vec(), 0);
        while let Some(value) = open.pop() {
            match tape.shape(value) {
                Shape::Array => open.extend(tape.elements(value)),
                Shape::Object => {
                    for (key, member) in tape.members(value) {
                        if tape.shape(member) == Shape::String && OUTPUTS.contains(&tape.inside(key)) {
                            let start = tape.start(member) + 1;
                            let text = Text::new(json, start..start + tape.inside(member).len());
                            // A response comes once.
                            let crushed = whole(&text).and_then(|plain| self.0.compacted(plain, None, None));
                            saved += crushed.map_or(0, |crushed| put(&crushed, &text, outcome));
                        } else {
                            open.push(member);
                        }
                    }
                }
                Shape::String | Shape::Number | Shape::Word => {}
            }
        }
        count(outcome, "response", saved);
    }
}
