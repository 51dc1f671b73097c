//! cost-meter: what a response cost, by the usage that the provider reports and a table of prices.
//!
//! Usage is read from the document, or from the events of a stream as they come; the greatest report of each count
//! holds, since providers report running totals. Cost is a whole number of millionths of the currency. A model that the
//! table does not know, a service tier with prices of its own, or a response without usage is said to be unpriced and
//! never guessed.

mod usage;

use std::rc::Rc;

use serde_json::Value;

use self::usage::Report;
pub use self::usage::Usage;
use super::config::Keys;
use super::part::{Call, Outcome, Part, Reader};
use super::request::Request;
use crate::cache_check::price::Prices;
use crate::json::{Shape, Tape, Value as Node};

/// The name in a configuration.
pub(super) const NAME: &str = "cost-meter";

/// Prices of the models whose names begin alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    name: String,
    short: PerToken,
    /// What holds for a prompt that is longer than so many tokens.
    long: Option<(u64, PerToken)>,
}

/// Prices in billionths of the currency per token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PerToken {
    input: u64,
    cached: u64,
    write: u64,
    write_1h: u64,
    output: u64,
}

impl PerToken {
    /// From prices per million tokens; what is not said of cached input costs as much as other input.
    fn of(input: f64, cached: Option<f64>, write: Option<f64>, write_1h: Option<f64>, output: f64) -> Self {
        let per_token = |per_million: f64| (per_million * 1000.0).round().max(0.0) as u64;
        let write = write.unwrap_or(input);
        Self {
            input: per_token(input),
            cached: per_token(cached.unwrap_or(input)),
            write: per_token(write),
            write_1h: per_token(write_1h.unwrap_or(write)),
            output: per_token(output),
        }
    }

    fn read(price: &mut Keys<'_>) -> Option<Self> {
        let prices = ["input", "cached", "write", "write_1h", "output"].map(|key| price.number(key));
        let [input, cached, write, write_1h, output] = prices;
        Some(Self::of(input?, cached, write, write_1h, output?))
    }
}

impl Rate {
    /// Reads the price of a model, per million tokens.
    fn read(name: Option<&str>, price: &Value, keys: &mut Keys<'_>) -> Option<Self> {
        let object = price.as_object();
        if object.is_none() {
            keys.note("a price is no object; it is ignored");
        }
        let mut price = Keys::of("cost-meter, a price", object?);
        let name = price.text("name").or_else(|| name.map(ToString::to_string));
        let (short, long) = (PerToken::read(&mut price), price.value("long"));
        price.notes().iter().for_each(|note| keys.note(note));
        let (Some(name), Some(short)) = (name, short) else {
            keys.note("a price needs `name`, `input` and `output`; it is ignored");
            return None;
        };
        let long = long.and_then(|long| {
            let mut long = Keys::of("cost-meter, `long` of a price", long.as_object()?);
            let above = long.count("above", 0);
            let read = Some((above as u64, PerToken::read(&mut long)?));
            long.notes().iter().for_each(|note| keys.note(note));
            read.filter(|_| above > 0)
        });
        Some(Self { name, short, long })
    }

    /// The price of a model that is built in.
    fn built_in(model: &str) -> Option<Self> {
        let price = Prices::built_in().of(model)?;
        let long = price.long.map(|long| {
            (long.above, PerToken::of(long.input, Some(long.cached), long.write, long.write_1h, long.output))
        });
        let short = PerToken::of(price.input, Some(price.cached), price.write, price.write_1h, price.output);
        Some(Self { name: price.name, short, long })
    }

    /// What tokens cost, in millionths of the currency, rounded.
    pub fn cost(&self, usage: &Usage) -> u64 {
        let rate = match &self.long {
            Some((above, rate)) if usage.prompt() > *above => rate,
            _ => &self.short,
        };
        let parts = [
            (usage.input, rate.input),
            (usage.cached, rate.cached),
            (usage.write, rate.write),
            (usage.write_1h, rate.write_1h),
            (usage.output, rate.output),
        ];
        let billionths: u128 = parts.into_iter().map(|(tokens, price)| u128::from(tokens) * u128::from(price)).sum();
        u64::try_from((billionths + 500) / 1000).unwrap_or(u64::MAX)
    }
}

/// Meters what responses cost.
#[derive(Debug, Clone)]
pub struct CostMeter {
    /// Prices of the configuration, which go before those that are built in.
    own: Rc<[Rate]>,
    built_in: bool,
    header: bool,
}

const HEADER: &str = "x-ai-cost";

/// Service tiers whose prices are not those of the table.
const OTHER_TIERS: [&str; 6] = ["batch", "fast", "flex", "priority", "scale", "ultrafast"];

impl CostMeter {
    /// Reads prices, per million tokens, and whether the built-in ones count too.
    pub fn new(keys: &mut Keys<'_>) -> Self {
        // A list of objects with `name`, or an object by name.
        let (list, object) = match keys.value("prices") {
            Some(Value::Array(list)) => (list.as_slice(), None),
            Some(Value::Object(object)) => (&[][..], Some(object)),
            Some(_) => {
                keys.note("`prices` is neither a list nor an object; it is ignored");
                (&[][..], None)
            }
            None => (&[][..], None),
        };
        let named = object.into_iter().flatten().map(|(name, price)| (Some(name.as_str()), price));
        let own = list.iter().map(|price| (None, price)).chain(named);
        let own = own.filter_map(|(name, price)| Rate::read(name, price, keys)).collect();
        Self { own, built_in: keys.flag("built_in_prices", true), header: keys.flag("response_header", true) }
    }

    /// The prices of a model: of all names that it begins with, the longest. A built-in name is that of its versions
    /// only, since what else a name ends with makes another model.
    pub fn rate(&self, model: &str) -> Option<Rate> {
        let name = model.rsplit('/').next().unwrap_or(model);
        let own = self.own.iter().filter(|rate| name.starts_with(&rate.name) || model.starts_with(&rate.name));
        let own = own.max_by_key(|rate| rate.name.len());
        match (own, Rate::built_in(model).filter(|_| self.built_in)) {
            (Some(own), Some(built_in)) if built_in.name.len() > own.name.len() => Some(built_in),
            (Some(own), _) => Some(own.clone()),
            (None, built_in) => built_in,
        }
    }
}

impl Part for CostMeter {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, _request: &Request<'_>, _call: &Call<'_>, _outcome: &mut Outcome) {}

    fn known_model(&self, model: &str) -> Option<String> {
        self.rate(model).map(|rate| rate.name)
    }

    fn reads_response(&self) -> bool {
        true
    }

    fn response(&self, request: &Request<'_>, _call: &Call<'_>) -> Option<Box<dyn Reader>> {
        let asked = request.model.as_deref().map(ToString::to_string);
        Some(Box::new(Meter::new(self, asked, self.header && !request.stream)))
    }
}

/// Reads the usage of a response.
#[derive(Debug)]
struct Meter {
    prices: CostMeter,
    /// The model that the upstream was asked.
    asked: Option<String>,
    /// The model that answered, by its own word.
    model: Option<String>,
    /// The service tier, where it is one with other prices.
    tier: Option<String>,
    report: Report,
    header: bool,
    /// Whether a part ended the stream, so that usage may never come.
    ended: bool,
    told: bool,
}

impl Meter {
    fn new(prices: &CostMeter, asked: Option<String>, header: bool) -> Self {
        let (prices, report) = (prices.clone(), Report::default());
        Self { prices, asked, model: None, tier: None, report, header, ended: false, told: false }
    }

    fn take(&mut self, tape: &Tape<'_>, document: Node) {
        let text = |object: Node, keys: &[&str]| {
            let text = tape.member(object, keys).and_then(|value| tape.string(value));
            text.filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
        };
        // Around it: all, `response` of a Responses event, `message` of an Anthropic one.
        let inner = ["response", "message"].into_iter().filter_map(|key| tape.member(document, &[key]));
        for object in [document].into_iter().chain(inner) {
            self.model = text(object, &["model", "modelVersion"]).or(self.model.take());
            self.tier = text(object, &["service_tier"]).or(self.tier.take());
            for usage in ["usage", "usageMetadata"].into_iter().filter_map(|key| tape.member(object, &[key])) {
                self.tier = text(usage, &["service_tier"]).or(self.tier.take());
                self.tier = text(usage, &["speed"]).filter(|speed| speed == "fast").or(self.tier.take());
                self.report.take(tape, usage);
            }
        }
    }

    /// What it cost, or why nobody can say.
    fn cost(&self, usage: Option<Usage>, model: &str) -> Result<u64, &'static str> {
        let usage = usage.ok_or(if self.ended { "ended" } else { "no_usage" })?;
        if self.tier.as_deref().is_some_and(|tier| OTHER_TIERS.contains(&tier)) {
            return Err("service_tier");
        }
        self.prices.rate(model).map(|rate| rate.cost(&usage)).ok_or("unknown_model")
    }
}

impl Reader for Meter {
    fn edits(&self) -> bool {
        self.header
    }

    fn document(&mut self, json: &str, _outcome: &mut Outcome) {
        let names_model = || self.model.is_none() && json.contains("\"model");
        if !json.contains("\"usage") && !names_model() {
            return;
        }
        let Some(tape) = Tape::read(json.as_bytes()) else { return };
        for root in tape.roots() {
            match tape.shape(*root) {
                // Gemini without `alt=sse` sends one list of all pieces.
                Shape::Array => tape.elements(*root).for_each(|document| self.take(&tape, document)),
                _ => self.take(&tape, *root),
            }
        }
    }

    fn ended(&mut self) {
        self.ended = true;
    }

    fn end(&mut self, outcome: &mut Outcome) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        // What a response says of its model counts, known or not.
        let model = self.model.as_deref().or(self.asked.as_deref()).unwrap_or("unknown").to_string();
        let usage = self.report.usage();
        if let Some(usage) = usage {
            let kinds = [
                ("input", usage.input),
                ("cached", usage.cached),
                ("cache_write", usage.write),
                ("cache_write_1h", usage.write_1h),
                ("output", usage.output),
            ];
            for (kind, tokens) in kinds.into_iter().filter(|(_, tokens)| *tokens > 0) {
                outcome.count("ai_cost_tokens_total", &[("model", &model), ("type", kind)], tokens);
            }
        }
        let told = match self.cost(usage, &model) {
            Ok(cost) => {
                outcome.count("ai_cost_micro_usd_total", &[("model", &model)], cost);
                format!("{}.{:06}", cost / 1_000_000, cost % 1_000_000)
            }
            Err(reason) => {
                outcome.count("ai_cost_unpriced_total", &[("model", &model), ("reason", reason)], 1);
                format!("unknown; {}", reason.replace('_', "-"))
            }
        };
        if self.header {
            outcome.header(HEADER, told);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meter(config: &Value) -> CostMeter {
        let mut keys = Keys::of("test", config.as_object().unwrap());
        let meter = CostMeter::new(&mut keys);
        assert_eq!(keys.notes(), [""; 0]);
        meter
    }

    /// What is said of a response: its cost, and the names and amounts of the counters.
    fn told(config: &Value, model: &str, documents: &[Value]) -> (String, Vec<(&'static str, u64)>) {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "x"}]}).to_string();
        let request = Request::read(body.as_bytes(), "/v1/chat/completions").unwrap();
        let mut reader = meter(config).response(&request, &Call::default()).unwrap();
        let mut outcome = Outcome::default();
        documents.iter().for_each(|document| reader.document(&document.to_string(), &mut outcome));
        reader.end(&mut outcome);
        reader.end(&mut outcome);
        let cost = outcome.headers[0].1.clone().unwrap();
        (cost, outcome.counts.iter().map(|count| (count.name, count.by)).collect())
    }

    #[test]
    fn cost_is_a_whole_number_of_millionths() {
        let prices = json!({"prices": [
            {"name": "m-", "input": 1.25, "cached": 0.125, "output": 10}, {"name": "m-big", "input": 2, "output": 20.0}]});
        let document = |model: &str| {
            json!({"model": model, "usage": {"prompt_tokens": 1000, "completion_tokens": 10,
                "prompt_tokens_details": {"cached_tokens": 400}}})
        };
        // 600 · 1.25 + 400 · 0.125 + 10 · 10, and 1000 · 2 + 10 · 20.
        assert_eq!(told(&prices, "x", &[document("m-small")]).0, "0.000900");
        let (cost, counts) = told(&prices, "x", &[document("vendor/m-big-1")]);
        assert_eq!(cost, "0.002200");
        let tokens = ("ai_cost_tokens_total", 600);
        let cached = ("ai_cost_tokens_total", 400);
        assert_eq!(counts, [tokens, cached, ("ai_cost_tokens_total", 10), ("ai_cost_micro_usd_total", 2200)]);
        let built_in = meter(&json!({})).rate("gpt-4o-mini-2024-07-18").unwrap();
        assert_eq!((built_in.name.as_str(), built_in.short.input), ("gpt-4o-mini", 150));
    }

    #[test]
    fn caches_for_an_hour_and_long_prompts_have_prices_of_their_own() {
        let cost = |model: &str, usage: Usage| meter(&json!({})).rate(model).unwrap().cost(&usage);
        let written = |write, write_1h| Usage { write, write_1h, ..Usage::default() };
        assert_eq!(cost("claude-sonnet-4-5", written(1000, 0)), 3750);
        assert_eq!(cost("claude-sonnet-4-5", written(0, 1000)), 6000);
        let prompt = |input, cached| Usage { input, cached, output: 10, ..Usage::default() };
        assert_eq!(cost("gemini-2.5-pro", prompt(100_000, 100_000)), 125_000 + 12_500 + 100);
        assert_eq!(cost("gemini-2.5-pro", prompt(100_001, 100_000)), 250_003 + 25_000 + 150);
        let own = json!({"prices": {"m": {"input": 1, "output": 2, "long": {"above": 10, "input": 3, "output": 4}}}});
        let own = meter(&own).rate("m").unwrap();
        assert_eq!((own.cost(&prompt(10, 0)), own.cost(&prompt(11, 0))), (30, 73));
    }

    #[test]
    fn what_has_no_price_is_said() {
        let used = json!({"model": "unheard-of", "usage": {"prompt_tokens": 5, "completion_tokens": 1}});
        let (cost, counts) = told(&json!({}), "unheard-of", &[used]);
        assert_eq!((cost.as_str(), counts.last()), ("unknown; unknown-model", Some(&("ai_cost_unpriced_total", 1))));
        assert_eq!(told(&json!({}), "gpt-4o", &[json!({"choices": []})]).0, "unknown; no-usage");
        // The model that answered counts alone, and a kind of a model is another model.
        let usage = json!({"prompt_tokens": 5, "completion_tokens": 1});
        for (asked, answered) in [("gpt-4o", "mystery-9"), ("gpt-4o", "gpt-4o-realtime-preview"), ("small", "small")] {
            let cost = told(&json!({}), asked, &[json!({"model": answered, "usage": usage})]).0;
            assert_eq!(cost, "unknown; unknown-model", "{answered}");
        }
        for (tier, cost) in [("default", "0.000023"), ("flex", "unknown; service-tier")] {
            let used = json!({"model": "gpt-4o", "service_tier": tier, "usage": usage});
            assert_eq!(told(&json!({}), "gpt-4o", &[used]).0, cost);
        }
    }

    #[test]
    fn usage_is_read_whatever_stands_beside_it() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        for beside in ["\"\\ud800\"", "1e999", &deep] {
            let body = json!({"model": "gpt-4o", "messages": []}).to_string();
            let request = Request::read(body.as_bytes(), "/v1/chat/completions").unwrap();
            let mut reader = meter(&json!({})).response(&request, &Call::default()).unwrap();
            let mut outcome = Outcome::default();
            let used = r#"{"prompt_tokens": 1000.0, "completion_tokens": 1e2}"#;
            reader.document(&format!("{{\"model\": \"gpt-4o\", \"x\": {beside}, \"usage\": {used}}}"), &mut outcome);
            reader.end(&mut outcome);
            assert_eq!(outcome.headers[0].1.as_deref(), Some("0.003500"), "{beside}");
        }
    }
}
