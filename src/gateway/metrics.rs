//! Counters at the host, by name and labels.
//!
//! A host never frees a metric, and models and consumers are what clients say they are: values are cut and made plain,
//! and from a number of different ones on they are `other`. The models of the configuration and of the tables of prices
//! always have a place.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::config::{Place, Settings, Style};
use super::host::Host;
use super::part::Count;

/// How many different values a label may have, besides the models that are known.
const VALUES: usize = 100;

/// How many combinations of labels a metric may have before only the models are told apart that are known.
const SERIES: usize = 500;

/// How long a value is at most, in bytes.
const LONGEST: usize = 64;

/// What the module counts, besides the metrics of its parts.
pub(super) const REQUESTS: &str = "hr_gateway_requests_total";

/// Labels whose values clients and hosts choose; those of others are few.
const OPEN: [&str; 5] = ["consumer", "hash", "model", "route", "upstream"];

/// The metrics of a VM.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    ids: BTreeMap<String, u32>,
    /// How many combinations of labels a metric has.
    series: BTreeMap<&'static str, usize>,
    values: BTreeMap<&'static str, BTreeSet<String>>,
}

/// Whose request is counted, and by which settings.
#[derive(Debug, Clone, Default)]
pub(super) struct Whose {
    pub(super) settings: Option<Rc<Settings>>,
    pub(super) place: Place,
    pub(super) model: String,
    pub(super) consumer: String,
}

impl Whose {
    fn style(&self) -> Style {
        self.settings.as_ref().map(|settings| settings.style).unwrap_or_default()
    }
}

impl Metrics {
    /// Raises a counter. A host that refuses is not asked again within the call.
    pub(super) fn raise(&mut self, host: &dyn Host, whose: &Whose, count: &Count) {
        let mut name = self.name(whose, count, false);
        if !self.ids.contains_key(&name) && self.series.get(count.name).is_some_and(|series| *series >= SERIES) {
            name = self.name(whose, count, true);
        }
        let id = match self.ids.get(&name) {
            Some(id) => *id,
            None => {
                let Ok(id) = host.counter(&name) else { return };
                self.ids.insert(name, id);
                *self.series.entry(count.name).or_default() += 1;
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

    /// The name at the host; when it is `full`, only what is known is told apart.
    fn name(&mut self, whose: &Whose, count: &Count, full: bool) -> String {
        let style = whose.style();
        let mut name = String::new();
        if style == Style::Higress {
            // A metric that names a model is about that one: the one that answered need not be the one that was asked.
            let model = count.labels.iter().find(|(label, _)| *label == "model").map(|(_, model)| model);
            let fields = [
                ("route", &whose.place.route),
                ("upstream", &whose.place.cluster),
                ("model", model.unwrap_or(&whose.model)),
                ("consumer", &whose.consumer),
            ];
            for (label, value) in fields {
                name += &format!("{label}.{}.", self.value(label, value, whose, full));
            }
            name += "metric.";
        }
        name += count.name;
        for (label, value) in &count.labels {
            match style {
                Style::Envoy => name += &format!(".{label}=.={};.;", self.value(label, value, whose, full)),
                Style::Higress if *label != "model" => {
                    name += &format!("_{label}_{}", self.value(label, value, whose, full));
                }
                Style::Higress => {}
            }
        }
        name
    }

    /// A value of a label, as it may stand in a name.
    fn value(&mut self, label: &'static str, value: &str, whose: &Whose, full: bool) -> String {
        // Besides letters, digits, `_` and `-` some signs may stand there.
        let signs = if whose.style() == Style::Envoy { ".:/@+" } else { "" };
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) || signs.contains(c) { c } else { '_' };
        let written = |value: &str| value.chars().take(LONGEST).map(plain).collect::<String>();
        if value.is_empty() {
            return "none".into();
        }
        let places = self.values.entry(label).or_default();
        let (new, told_apart) = (written(value), !full || !OPEN.contains(&label));
        if told_apart && (places.contains(&new) || places.len() < VALUES) {
            places.insert(new.clone());
            return new;
        }
        let known = if label == "model" { whose.settings.as_ref().and_then(|of| of.known_model(value)) } else { None };
        known.map_or_else(|| "other".into(), |known| written(&known))
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::Config;
    use super::super::mock::Mock;
    use super::*;

    fn whose(configuration: &str) -> Whose {
        let settings = Config::read(configuration.as_bytes(), "").of(&Place::default());
        Whose { settings, model: "gpt-4.1".into(), ..Whose::default() }
    }

    fn count(name: &'static str, labels: &[(&'static str, &str)]) -> Count {
        Count { name, labels: labels.iter().map(|(label, value)| (*label, (*value).to_string())).collect(), by: 1 }
    }

    #[test]
    fn labels_are_plain_and_bounded() {
        let mut metrics = Metrics::default();
        let (whose, higress) = (whose("{}"), whose(r#"{"metrics_style": "higress"}"#));
        let count = |model: &str| count("ai_cache_aligner_total", &[("model", model), ("status", "stable")]);
        assert_eq!(
            metrics.name(&whose, &count("gpt-4.1;.;x=é/y"), false),
            "ai_cache_aligner_total.model=.=gpt-4.1_._x__/y;.;.status=.=stable;.;"
        );
        // The model of the count, not the one that was asked.
        assert_eq!(
            metrics.name(&higress, &count("small"), false),
            "route.none.upstream.none.model.small.consumer.none.metric.ai_cache_aligner_total_status_stable"
        );
        let names = (0..1000).map(|at| metrics.name(&whose, &count(&format!("m{at}")), false));
        assert!(names.collect::<BTreeSet<_>>().len() <= VALUES);
        assert!(metrics.name(&whose, &count(&"x".repeat(500)), false).len() < 200);
    }

    #[test]
    fn known_models_have_a_place_whoever_came_before() {
        let host = Mock::default();
        let mut metrics = Metrics::default();
        let whose = whose(
            r#"{"cost-meter": {"prices": [{"name": "house-", "input": 1, "output": 2}]}, "tier-router": {"models": {"T0": "tiny"}}}"#,
        );
        for at in 0..3000 {
            let (model, hash) = (format!("bogus-{at}"), format!("{at:016x}"));
            metrics.raise(&host, &whose, &count("ai_cost_micro_usd_total", &[("model", &model)]));
            metrics.raise(&host, &whose, &count("ai_cache_aligner_prefix_hash", &[("hash", &hash), ("model", &model)]));
            for status in ["stable", "unstable"] {
                let (kind, model) = (format!("kind-{}", at % 10), format!("bogus-{}", at % 90));
                metrics.raise(
                    &host,
                    &whose,
                    &count("other", &[("model", &model), ("status", status), ("type", &kind)]),
                );
            }
        }
        let series = |name: &str| host.counters.borrow().iter().filter(|(known, _)| known.starts_with(name)).count();
        assert_eq!(
            (series("ai_cost_micro_usd_total"), series("ai_cache_aligner_prefix_hash")),
            (VALUES + 1, VALUES + 1)
        );
        assert!(series("other") <= SERIES + 20, "{}", series("other"));
        for (model, label) in [
            ("gpt-4o", "gpt-4o"),
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("house-7", "house-"),
            ("tiny", "tiny"),
            ("mystery", "other"),
        ] {
            for name in ["ai_cost_micro_usd_total", "other"] {
                let before = host.counted(&format!("{name}.model=.={label};.;"));
                metrics.raise(&host, &whose, &count(name, &[("model", model)]));
                assert_eq!(host.counted(&format!("{name}.model=.={label};.;")), before + 1, "{model}");
            }
        }
    }
}
