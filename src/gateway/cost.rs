//! cost-meter: what a response cost, by the usage that the provider reports and a table of prices.
//!
//! Usage is read from the document, or from the events of a stream as they come; the greatest report of each count
//! holds, since providers report running totals. Cost is a whole number of millionths of the currency. A model that the
//! table does not know, or a response without usage, is said to be unpriced and never guessed.

use serde_json::Value;

use super::config::Keys;
use super::part::{Call, Outcome, Part, Reader};
use super::request::Request;
use crate::cache_check::price::Prices;

/// The name in a configuration.
pub(super) const NAME: &str = "cost-meter";

/// Tokens of a response and the prompt it answers, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input that is neither read from the cache nor written to it.
    pub input: u64,
    /// Input that was read from the cache.
    pub cached: u64,
    /// Input that was written to the cache.
    pub write: u64,
    /// Output, thinking included.
    pub output: u64,
}

/// What providers reported so far, as they count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Report {
    /// All input, for providers that count what is cached as a part of it.
    prompt: Option<u64>,
    /// Input without what is cached, for those that count it on top.
    fresh: Option<u64>,
    /// Input of the provider's own tools, on top of the prompt.
    own_tools: Option<u64>,
    cached: Option<u64>,
    write: Option<u64>,
    output: Option<u64>,
    /// Thinking that is not a part of the output.
    thoughts: Option<u64>,
}

impl Report {
    /// Takes the counts that an object holds, in any of the protocols.
    fn take(&mut self, usage: &Value) {
        let count = |key: &str| usage.get(key).and_then(whole);
        let detail = |details: &str, key: &str| usage.get(details).and_then(|details| details.get(key)).and_then(whole);
        let written = || {
            let long = detail("cache_creation", "ephemeral_1h_input_tokens");
            let short = detail("cache_creation", "ephemeral_5m_input_tokens");
            if long.is_none() && short.is_none() { None } else { Some(long.unwrap_or(0) + short.unwrap_or(0)) }
        };
        let cached = detail("prompt_tokens_details", "cached_tokens").or(count("prompt_cache_hit_tokens"));
        let in_parts = usage.get("input_tokens_details").is_some();
        let is_gemini = usage.get("promptTokenCount").is_some() || usage.get("candidatesTokenCount").is_some();
        let (prompt, fresh) = match count("input_tokens") {
            Some(input) if in_parts => (Some(input), None),
            input => (count("prompt_tokens").or(count("promptTokenCount")), input),
        };
        let reports = [
            (&mut self.prompt, prompt),
            (&mut self.fresh, fresh),
            (&mut self.own_tools, count("toolUsePromptTokenCount")),
            (
                &mut self.cached,
                cached
                    .or(detail("input_tokens_details", "cached_tokens"))
                    .or(count("cache_read_input_tokens"))
                    .or(count("cachedContentTokenCount")),
            ),
            (&mut self.write, count("cache_creation_input_tokens").or_else(written)),
            (&mut self.output, count("completion_tokens").or(count("output_tokens")).or(count("candidatesTokenCount"))),
            (&mut self.thoughts, count("thoughtsTokenCount").filter(|_| is_gemini)),
        ];
        for (known, new) in reports {
            *known = new.max(*known);
        }
    }

    fn usage(&self) -> Option<Usage> {
        let input = match (self.prompt, self.fresh) {
            (None, None) if self.output.is_none() => return None,
            (Some(prompt), _) => prompt.saturating_sub(self.cached.unwrap_or(0)),
            (None, fresh) => fresh.unwrap_or(0),
        };
        Some(Usage {
            input: input + self.own_tools.unwrap_or(0),
            cached: self.cached.unwrap_or(0),
            write: self.write.unwrap_or(0),
            output: self.output.unwrap_or(0) + self.thoughts.unwrap_or(0),
        })
    }
}

/// A count; one that cannot be right is none.
fn whole(value: &Value) -> Option<u64> {
    let number = value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64));
    number.filter(|count| *count < 1 << 40)
}

/// Prices of the models whose names begin alike, in billionths of the currency per token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    name: String,
    input: u64,
    cached: u64,
    write: u64,
    output: u64,
}

impl Rate {
    /// Reads the price of a model, per million tokens; what is not said of cached input costs as much as other input.
    fn read(name: Option<&str>, price: &Value, keys: &mut Keys<'_>) -> Option<Self> {
        let object = price.as_object();
        if object.is_none() {
            keys.note("a price is no object; it is ignored");
        }
        let mut price = Keys::of("cost-meter, a price", object?);
        let name = price.text("name").or_else(|| name.map(ToString::to_string));
        let [input, cached, write, output] = ["input", "cached", "write", "output"].map(|key| price.number(key));
        price.notes().iter().for_each(|note| keys.note(note));
        let (Some(name), Some(input), Some(output)) = (name, input, output) else {
            keys.note("a price needs `name`, `input` and `output`; it is ignored");
            return None;
        };
        Some(Self {
            name,
            input: per_token(input),
            cached: per_token(cached.unwrap_or(input)),
            write: per_token(write.unwrap_or(input)),
            output: per_token(output),
        })
    }

    /// What tokens cost, in millionths of the currency, rounded.
    pub fn cost(&self, usage: &Usage) -> u64 {
        let parts = [
            (usage.input, self.input),
            (usage.cached, self.cached),
            (usage.write, self.write),
            (usage.output, self.output),
        ];
        let billionths: u128 = parts.into_iter().map(|(tokens, price)| u128::from(tokens) * u128::from(price)).sum();
        u64::try_from((billionths + 500) / 1000).unwrap_or(u64::MAX)
    }
}

/// A price per million tokens as a price per token.
fn per_token(per_million: f64) -> u64 {
    (per_million * 1000.0).round().max(0.0) as u64
}

/// Meters what responses cost.
#[derive(Debug, Clone)]
pub struct CostMeter {
    /// Prices of the configuration, which go before those that are built in.
    own: Vec<Rate>,
    built_in: bool,
    header: bool,
}

const HEADER: &str = "x-ai-cost";

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

    /// The prices of a model: of all names that it begins with, the longest.
    pub fn rate(&self, model: &str) -> Option<Rate> {
        let name = model.rsplit('/').next().unwrap_or(model);
        let own = self.own.iter().filter(|rate| name.starts_with(&rate.name) || model.starts_with(&rate.name));
        let own = own.max_by_key(|rate| rate.name.len());
        let built_in = Prices::built_in().of(model).filter(|_| self.built_in).map(|price| Rate {
            input: per_token(price.input),
            cached: per_token(price.cached),
            write: per_token(price.write.unwrap_or(price.input)),
            output: per_token(price.output),
            name: price.name,
        });
        match (own, built_in) {
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

    fn reads_response(&self) -> bool {
        true
    }

    fn response(&self, request: &Request<'_>, _call: &Call<'_>) -> Option<Box<dyn Reader>> {
        let asked = request.model.as_deref().map(ToString::to_string);
        let header = self.header && !request.stream;
        Some(Box::new(Meter {
            prices: self.clone(),
            asked,
            model: None,
            report: Report::default(),
            header,
            told: false,
        }))
    }
}

/// Reads the usage of a response.
#[derive(Debug)]
struct Meter {
    prices: CostMeter,
    /// The model that the request asked.
    asked: Option<String>,
    /// The model that answered.
    model: Option<String>,
    report: Report,
    header: bool,
    told: bool,
}

impl Meter {
    fn take(&mut self, document: &Value) {
        // Around it: all, `response` of a Responses event, `message` of an Anthropic one.
        let inner = ["response", "message"].into_iter().filter_map(|key| document.get(key));
        for object in [document].into_iter().chain(inner) {
            let model = object.get("model").or(object.get("modelVersion")).and_then(Value::as_str);
            if let Some(model) = model.filter(|model| !model.is_empty()) {
                self.model = Some(model.to_string());
            }
            for usage in ["usage", "usageMetadata"].into_iter().filter_map(|key| object.get(key)) {
                self.report.take(usage);
            }
        }
    }

    /// The model that has a price: the one that answered, else the one that was asked.
    fn rate(&self) -> Option<Rate> {
        [&self.model, &self.asked].into_iter().flatten().find_map(|model| self.prices.rate(model))
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
        match serde_json::from_str::<Value>(json) {
            // Gemini without `alt=sse` sends one list of all pieces.
            Ok(Value::Array(documents)) => documents.iter().for_each(|document| self.take(document)),
            Ok(document) => self.take(&document),
            Err(_) => {}
        }
    }

    fn end(&mut self, outcome: &mut Outcome) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        let model = self.model.as_deref().or(self.asked.as_deref()).unwrap_or("unknown").to_string();
        let usage = self.report.usage();
        if let Some(usage) = usage {
            let kinds = [
                ("input", usage.input),
                ("cached", usage.cached),
                ("cache_write", usage.write),
                ("output", usage.output),
            ];
            for (kind, tokens) in kinds.into_iter().filter(|(_, tokens)| *tokens > 0) {
                outcome.count("ai_cost_tokens_total", &[("model", &model), ("type", kind)], tokens);
            }
        }
        let cost = match (usage, self.rate()) {
            (Some(usage), Some(rate)) => {
                let cost = rate.cost(&usage);
                outcome.count("ai_cost_micro_usd_total", &[("model", &model)], cost);
                format!("{}.{:06}", cost / 1_000_000, cost % 1_000_000)
            }
            (usage, _) => {
                let reason = if usage.is_none() { "no_usage" } else { "unknown_model" };
                outcome.count("ai_cost_unpriced_total", &[("model", &model), ("reason", reason)], 1);
                format!("unknown; {}", reason.replace('_', "-"))
            }
        };
        if self.header {
            outcome.header(HEADER, cost);
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

    fn usage(documents: &[Value]) -> Usage {
        let meter = meter(&json!({}));
        let mut meter =
            Meter { prices: meter, asked: None, model: None, report: Report::default(), header: false, told: false };
        documents.iter().for_each(|document| meter.document(&document.to_string(), &mut Outcome::default()));
        meter.report.usage().unwrap()
    }

    #[test]
    fn usage_of_all_protocols_is_read_alike() {
        let expected = Usage { input: 20, cached: 80, write: 0, output: 7 };
        let chat = json!({"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107,
            "prompt_tokens_details": {"cached_tokens": 80}, "completion_tokens_details": {"reasoning_tokens": 5}});
        let responses = json!({"input_tokens": 100, "input_tokens_details": {"cached_tokens": 80}, "output_tokens": 7});
        let messages = json!({"input_tokens": 20, "cache_read_input_tokens": 80, "cache_creation_input_tokens": 0,
            "output_tokens": 7});
        let gemini = json!({"promptTokenCount": 100, "cachedContentTokenCount": 80, "candidatesTokenCount": 4,
            "thoughtsTokenCount": 3, "totalTokenCount": 107});
        let table = [
            vec![json!({"usage": chat})],
            vec![json!({"choices": [{"delta": {}}], "usage": null}), json!({"choices": [], "usage": chat})],
            vec![json!({"usage": responses})],
            vec![json!({"type": "response.completed", "response": {"usage": responses}})],
            vec![json!({"usage": messages})],
            vec![
                json!({"type": "message_start", "message": {"usage": {
                    "input_tokens": 20, "cache_read_input_tokens": 80, "output_tokens": 1}}}),
                json!({"type": "message_delta", "usage": {"output_tokens": 7}}),
            ],
            vec![json!({"usageMetadata": gemini})],
            vec![json!([{"usageMetadata": {"promptTokenCount": 100}}, {"usageMetadata": gemini}])],
        ];
        for documents in table {
            assert_eq!(usage(&documents), expected, "{documents:?}");
        }
        let written = json!({"usage": {"input_tokens": 1, "cache_creation": {"ephemeral_1h_input_tokens": 2,
            "ephemeral_5m_input_tokens": 3}, "output_tokens": 4}});
        assert_eq!(usage(&[written]), Usage { input: 1, cached: 0, write: 5, output: 4 });
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
        assert_eq!((built_in.name.as_str(), built_in.input), ("gpt-4o-mini", 150));
    }

    #[test]
    fn what_has_no_price_is_said() {
        let used = json!({"model": "unheard-of", "usage": {"prompt_tokens": 5, "completion_tokens": 1}});
        let (cost, counts) = told(&json!({}), "unheard-of", &[used]);
        assert_eq!((cost.as_str(), counts.last()), ("unknown; unknown-model", Some(&("ai_cost_unpriced_total", 1))));
        assert_eq!(told(&json!({}), "gpt-4o", &[json!({"choices": []})]).0, "unknown; no-usage");
    }
}
