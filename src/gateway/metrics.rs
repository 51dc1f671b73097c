//! Counters at the host, by name and labels.
//!
//! A host never frees a metric, and models and consumers are what clients say they are: values are cut and made plain,
//! and from a number of different ones on they are `other`.

use std::collections::{BTreeMap, BTreeSet};

use super::config::{Place, Style};
use super::host::Host;
use super::part::Count;

/// How many different values a label may have.
const VALUES: usize = 100;

/// How long a value is at most, in bytes.
const LONGEST: usize = 64;

/// What the module counts, besides the metrics of its parts.
pub(super) const REQUESTS: &str = "hr_gateway_requests_total";

/// The metrics of a VM.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    ids: BTreeMap<String, u32>,
    values: BTreeMap<&'static str, BTreeSet<String>>,
}

/// Whose request is counted, for the style that puts it into every name.
#[derive(Debug, Clone, Default)]
pub(super) struct Whose {
    pub(super) place: Place,
    pub(super) model: String,
    pub(super) consumer: String,
}

impl Metrics {
    /// Raises a counter. A host that refuses is not asked again within the call.
    pub(super) fn raise(&mut self, host: &dyn Host, style: Style, whose: &Whose, count: &Count) {
        let name = self.name(style, whose, count);
        let id = match self.ids.get(&name) {
            Some(id) => *id,
            None => {
                let Ok(id) = host.counter(&name) else { return };
                self.ids.insert(name, id);
                id
            }
        };
        let _ = host.raise(id, count.by);
    }

    /// Sets a gauge without labels.
    pub(super) fn set(&mut self, host: &dyn Host, name: &str, to: u64) {
        let id = self.ids.get(name).copied().or_else(|| host.gauge(name).ok());
        if let Some(id) = id {
            self.ids.insert(name.into(), id);
            let _ = host.set(id, to);
        }
    }

    /// The name at the host.
    fn name(&mut self, style: Style, whose: &Whose, count: &Count) -> String {
        let mut name = String::new();
        if style == Style::Higress {
            let fields = [
                ("route", whose.place.route.clone()),
                ("upstream", whose.place.cluster.clone()),
                ("model", whose.model.clone()),
                ("consumer", whose.consumer.clone()),
            ];
            for (label, value) in fields {
                name += &format!("{label}.{}.", self.value(label, &value, ""));
            }
            name += "metric.";
        }
        name += count.name;
        for (label, value) in &count.labels {
            match style {
                Style::Envoy => name += &format!(".{label}=.={};.;", self.value(label, value, ".:/@+")),
                Style::Higress if *label != "model" => name += &format!("_{label}_{}", self.value(label, value, "")),
                Style::Higress => {}
            }
        }
        name
    }

    /// A value of a label, as it may stand in a name; besides letters, digits, `_` and `-` some signs may.
    fn value(&mut self, label: &'static str, value: &str, signs: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) || signs.contains(c) { c } else { '_' };
        let value = if value.is_empty() { "none" } else { value };
        let value = value.chars().take(LONGEST).map(plain).collect::<String>();
        let known = self.values.entry(label).or_default();
        if known.contains(&value) {
            return value;
        }
        if known.len() >= VALUES {
            return "other".into();
        }
        known.insert(value.clone());
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_plain_and_bounded() {
        let mut metrics = Metrics::default();
        let count = |model: &str| Count {
            name: "ai_cache_aligner_total",
            labels: vec![("model", model.into()), ("status", "stable".into())],
            by: 1,
        };
        let whose = Whose { model: "gpt-4.1".into(), ..Whose::default() };
        assert_eq!(
            metrics.name(Style::Envoy, &whose, &count("gpt-4.1;.;x=é/y")),
            "ai_cache_aligner_total.model=.=gpt-4.1_._x__/y;.;.status=.=stable;.;"
        );
        assert_eq!(
            metrics.name(Style::Higress, &whose, &count("gpt-4.1")),
            "route.none.upstream.none.model.gpt-4_1.consumer.none.metric.ai_cache_aligner_total_status_stable"
        );
        let names = (0..1000).map(|at| metrics.name(Style::Envoy, &whose, &count(&format!("m{at}"))));
        assert!(names.collect::<BTreeSet<_>>().len() <= VALUES);
        assert!(metrics.name(Style::Envoy, &whose, &count(&"x".repeat(500))).len() < 200);
    }
}
