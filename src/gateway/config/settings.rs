//! What a request gets: the parts that are on, and what holds for all of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::super::part::Part;
use super::super::parts::PARTS;
use super::Keys;
use crate::cache_check::price::Prices;

/// Whether headers wait for the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hold {
    /// They wait, unless it turns out that the host never sends the body then.
    #[default]
    Auto,
    /// They always wait.
    Always,
    /// They never wait: headers of the request are not changed.
    Never,
}

/// How names of metrics carry their labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// `name.model=.=gpt;.;`, for `stats_tags` of Envoy.
    #[default]
    Envoy,
    /// `route.r.upstream.u.model.m.consumer.c.metric.name`, which Higress knows.
    Higress,
}

/// The settings of a request.
#[derive(Debug)]
pub struct Settings {
    /// Larger bodies pass as they are. It must be below what the host buffers.
    pub max_body_bytes: usize,
    /// Whether headers wait for the body.
    pub hold: Hold,
    /// How names of metrics carry their labels.
    pub style: Style,
    /// The header that says who calls.
    pub consumer_header: String,
    /// Whether requests that cannot be read are refused, and responses that cannot be checked, after a panic as well; they
    /// pass otherwise, and nobody looked at them.
    pub fail_closed: bool,
    /// A text in the path that makes the module panic: operators see what happens then, in the module that they run.
    pub panic_on: Option<String>,
    /// The same for the body of the response.
    pub panic_on_response: Option<String>,
    /// The parts that are on, in the order in which they work.
    pub parts: Vec<Rc<dyn Part>>,
}

/// Parts that are made already, by name and options: rules that say the same of a part share it, and what it remembers.
pub(super) type Made = BTreeMap<(&'static str, String), Rc<dyn Part>>;

/// Envoy buffers 1 MiB unless it is told otherwise. Higress buffers what it is asked for; its manifests say more.
const MAX_BODY_BYTES: usize = 768 << 10;

impl Settings {
    /// Reads the settings, and what is wrong with them.
    pub(super) fn read(
        place: &str,
        object: &Map<String, Value>,
        instance: &str,
        made: &mut Made,
    ) -> (Self, Vec<String>) {
        let mut keys = Keys::of(place, object);
        let mut settings = Self {
            max_body_bytes: keys.count("max_body_bytes", MAX_BODY_BYTES),
            hold: keys
                .word("hold_headers", &[("auto", Hold::Auto), ("always", Hold::Always), ("never", Hold::Never)])
                .unwrap_or_default(),
            style: keys
                .word("metrics_style", &[("envoy", Style::Envoy), ("higress", Style::Higress)])
                .unwrap_or_default(),
            consumer_header: keys.text("consumer_header").unwrap_or_else(|| "x-mse-consumer".into()),
            fail_closed: keys.flag("fail_closed", false),
            panic_on: keys.text("panic_on"),
            panic_on_response: keys.text("panic_on_response"),
            parts: Vec::new(),
        };
        let own = instance.strip_prefix("ai-").unwrap_or(instance);
        let mut notes = Vec::new();
        if let Some((name, make)) = PARTS.iter().find(|(name, _)| *name == own) {
            let options = object.iter().filter(|(key, _)| !key.starts_with('_'));
            let options = Value::Object(options.map(|(key, value)| (key.clone(), value.clone())).collect());
            let part = made.entry((name, options.to_string())).or_insert_with(|| {
                let new = Rc::from(make(&mut keys));
                notes = keys.notes();
                new
            });
            settings.parts.push(Rc::clone(part));
            return (settings, notes);
        }
        let empty = Map::new();
        // What is wrong with options is said when they are read first.
        for (name, make) in PARTS {
            let part = match keys.value(name) {
                None | Some(Value::Bool(false)) => continue,
                Some(Value::Bool(true)) => &empty,
                Some(Value::Object(options)) => options,
                Some(_) => {
                    keys.note(&format!("`{name}` is no object, and stays off"));
                    continue;
                }
            };
            let key = (*name, Value::Object(part.clone()).to_string());
            let mut part = Keys::of(&format!("{place}, {name}"), part);
            if part.flag("enabled", true) {
                let new = || {
                    let new = Rc::from(make(&mut part));
                    notes.extend(part.notes());
                    new
                };
                settings.parts.push(Rc::clone(made.entry(key).or_insert_with(new)));
            }
        }
        notes.extend(keys.notes());
        (settings, notes)
    }

    /// The headers of a request that only the parts may set.
    pub fn headers(&self) -> impl Iterator<Item = Cow<'static, str>> {
        self.parts.iter().flat_map(|part| part.headers())
    }

    /// The name under which a model is known, to a part or to the table of prices: one of few.
    pub fn known_model(&self, model: &str) -> Option<String> {
        let part = self.parts.iter().find_map(|part| part.known_model(model));
        part.or_else(|| Prices::built_in().of(model).map(|price| price.name))
    }

    /// Whether a part may want to read the response.
    pub fn read_response(&self) -> bool {
        self.parts.iter().any(|part| part.reads_response())
    }
}
