//! The arguments of a call, checked against the table.
//!
//! What can only be meant in one way is taken as meant: a number in quotes, a line number without, `null` for nothing.

use serde_json::{Map, Value};

use super::tools::{Takes, Tool};
use super::{CAP, Refusal};

/// The arguments of a call to one of the tools.
#[derive(Debug)]
pub struct Arguments<'a> {
    tool: &'static Tool,
    given: Vec<(&'static str, Given<'a>)>,
}

/// An argument as it was meant.
#[derive(Debug, Clone)]
enum Given<'a> {
    Text(std::borrow::Cow<'a, str>),
    Number(usize),
    Flag(bool),
}

impl<'a> Arguments<'a> {
    /// Reads what was said.
    pub fn read(tool: &'static Tool, said: &'a Map<String, Value>) -> Result<Self, Refusal> {
        if let Some(unknown) = said.keys().find(|name| tool.parameters.iter().all(|known| known.name != *name)) {
            return Err(unknown_parameter(tool, unknown));
        }
        let mut given = Vec::new();
        for parameter in tool.parameters {
            let name = parameter.name;
            match said.get(name).filter(|value| !value.is_null()) {
                Some(value) => given.push((name, read(name, parameter.takes, value)?)),
                None if parameter.is_required => {
                    return Err(Refusal::new(format!("`{name}` is missing")).hint(parameter.description));
                }
                None => {}
            }
        }
        Ok(Self { tool, given })
    }

    /// A text that was given and is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(|given| match given {
            Given::Text(text) => Some(&**text).filter(|text| !text.is_empty()),
            Given::Number(_) | Given::Flag(_) => None,
        })
    }

    /// A number that was given.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.find(name).and_then(|given| match given {
            Given::Number(number) => Some(*number),
            Given::Text(_) | Given::Flag(_) => None,
        })
    }

    /// Whether a flag was given and set.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.find(name), Some(Given::Flag(true)))
    }

    /// Whether something was given.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// How long the answer may be, in tokens.
    pub fn cap(&self) -> usize {
        self.number("max_tokens").unwrap_or(CAP)
    }

    /// The same call with some arguments changed, as a model would make it.
    pub fn call_with(&self, changed: &[(&str, Value)]) -> String {
        let arguments = self.tool.parameters.iter().filter_map(|parameter| {
            let name = parameter.name;
            let new = changed.iter().find(|(changed, _)| *changed == name).map(|(_, value)| value.clone());
            new.or_else(|| self.find(name).map(Value::from)).map(|value| (name, value))
        });
        super::call(self.tool.name, arguments)
    }

    fn find(&self, name: &str) -> Option<&Given<'a>> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, given)| given)
    }
}

impl From<&Given<'_>> for Value {
    fn from(given: &Given<'_>) -> Self {
        match given {
            Given::Text(text) => Self::from(&**text),
            Given::Number(number) => Self::from(*number),
            Given::Flag(flag) => Self::from(*flag),
        }
    }
}

fn read<'a>(name: &str, takes: Takes, value: &'a Value) -> Result<Given<'a>, Refusal> {
    let wrong = |what: &str| Refusal::new(format!("`{name}` is {what}, not {value}"));
    match (takes, value) {
        (Takes::Text, Value::String(text)) => Ok(Given::Text(text.into())),
        (Takes::Text, Value::Number(number)) => Ok(Given::Text(number.to_string().into())),
        (Takes::Text, _) => Err(wrong("a text")),
        (Takes::Number(least, most), value) => {
            let number = match value {
                Value::Number(number) => whole(number),
                Value::String(text) => text.trim().parse().ok(),
                _ => None,
            };
            let within = number.filter(|number| (least..=most).contains(number));
            within.map(Given::Number).ok_or_else(|| wrong(&format!("a whole number from {least} to {most}")))
        }
        (Takes::Flag, Value::Bool(flag)) => Ok(Given::Flag(*flag)),
        (Takes::Flag, Value::String(text)) if text == "true" || text == "false" => Ok(Given::Flag(text == "true")),
        (Takes::Flag, _) => Err(wrong("true or false")),
    }
}

/// A number without a fraction, also when it is written with one: `5.0`.
fn whole(number: &serde_json::Number) -> Option<usize> {
    let from_float = |float: f64| (float.fract() == 0.0 && (0.0..1e15).contains(&float)).then_some(float as usize);
    number.as_u64().and_then(|number| number.try_into().ok()).or_else(|| number.as_f64().and_then(from_float))
}

fn unknown_parameter(tool: &Tool, name: &str) -> Refusal {
    let refusal = Refusal::new(format!("{} has no parameter `{name}`", tool.name));
    let names = tool.parameters.iter().map(|parameter| parameter.name);
    match names.clone().min_by_key(|known| strsim::damerau_levenshtein(known, name)) {
        Some(_) => refusal.hint(format!("it has {}", names.collect::<Vec<_>>().join(", "))),
        None => refusal.hint("it has none at all"),
    }
}
