//! What tokens cost, and from how many on providers cache: a table with source and date, by models' names.

use std::sync::OnceLock;

use serde::Deserialize;

use super::prompt::Provider;
use crate::from_toml::from_toml;

/// The table that is built in.
const TABLE: &str = include_str!("prices.toml");

/// Prices of models.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Where the numbers are from, and when they were read.
    pub source: String,
    /// The day on which they were read.
    pub date: String,
    model: Vec<Price>,
}

/// Prices of a model and its versions, in dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The model's name, without its version.
    pub name: String,
    /// Whose models they are: `anthropic`, `openai`, `gemini`.
    pub provider: String,
    /// Input that is not cached.
    pub input: f64,
    /// Input that is read from the cache.
    pub cached: f64,
    /// Input that is written to the cache, where that has a price of its own.
    pub write: Option<f64>,
    /// Input that is written to the cache for an hour, where that has a price of its own.
    pub write_1h: Option<f64>,
    /// Output.
    pub output: f64,
    /// What holds instead for long prompts.
    pub long: Option<Long>,
    /// From how many tokens on a prefix is cached.
    pub minimum: usize,
}

/// Prices of a call whose prompt is long, in dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Long {
    /// The prompt is longer than so many tokens, cached ones included.
    pub above: u64,
    /// Input that is not cached.
    pub input: f64,
    /// Input that is read from the cache.
    pub cached: f64,
    /// Input that is written to the cache, where that has a price of its own.
    pub write: Option<f64>,
    /// Input that is written to the cache for an hour, where that has a price of its own.
    pub write_1h: Option<f64>,
    /// Output.
    pub output: f64,
}

/// What providers cache from on when the model is not known.
const MINIMUM: usize = 1024;

impl Prices {
    /// The table that is built in.
    pub fn built_in() -> &'static Self {
        static PRICES: OnceLock<Prices> = OnceLock::new();
        PRICES.get_or_init(|| from_toml(TABLE).expect("the table is checked by a test"))
    }

    /// The price of a model: of all names of which it is a version, the longest. What else a name may end with (`-pro`,
    /// `-audio-preview`) is another model, whose price nobody knows.
    pub fn of(&self, model: &str) -> Option<Price> {
        self.longest(model, is_version).cloned()
    }

    /// From how many tokens on a provider caches a prompt for a model; kinds of it are alike there.
    pub fn minimum(&self, provider: Provider, model: Option<&str>) -> usize {
        let price = model.and_then(|model| self.longest(model, |_| true));
        price.filter(|price| price.provider == provider.name()).map_or(MINIMUM, |price| price.minimum)
    }

    /// The longest name that a model begins with, where its rest is as it should be.
    fn longest(&self, model: &str, is_fit: impl Fn(&str) -> bool) -> Option<&Price> {
        let name = model.rsplit('/').next().unwrap_or(model);
        let known = self.model.iter().filter(|price| name.strip_prefix(&*price.name).is_some_and(&is_fit));
        known.max_by_key(|price| price.name.len())
    }
}

/// Whether the end of a model's name says no more than which version it is: a date (`-2024-08-06`, `-20250929`,
/// `@20250929`), a number of three digits (`-001`), `-latest` or `@latest`, and behind it `-v1`, `:0`.
fn is_version(rest: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let (rest, number) = rest.split_once(':').unwrap_or((rest, "0"));
    let rest = match rest.rsplit_once("-v") {
        Some((start, version)) if digits(version, 1) => start,
        _ => rest,
    };
    let Some(told) = rest.strip_prefix(['-', '@']) else { return rest.is_empty() && digits(number, 1) };
    let day = told.split('-').collect::<Vec<_>>();
    let is_day = day.len() == 3 && digits(day[0], 4) && digits(day[1], 2) && digits(day[2], 2);
    digits(number, 1) && (is_day || digits(told, 8) || digits(told, 3) || told == "latest")
}

impl Price {
    /// What a prompt of so many tokens costs, of which so many are read from the cache and, when it `writes`, the others are
    /// written to it, in dollars.
    pub fn input_with(&self, tokens: usize, cached: usize, writes: bool) -> f64 {
        let cached = cached.min(tokens);
        let cached = if cached < self.minimum { 0 } else { cached };
        let long = self.long.as_ref().filter(|long| tokens as u64 > long.above);
        let (input, read, write) =
            long.map_or((self.input, self.cached, self.write), |long| (long.input, long.cached, long.write));
        let other = write.filter(|_| writes && tokens >= self.minimum).unwrap_or(input);
        ((tokens - cached) as f64 * other + cached as f64 * read) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_counts_and_cached_tokens_cost_less() {
        let prices = Prices::built_in();
        let price = prices.of("anthropic/claude-haiku-4-5-20251001").unwrap();
        assert_eq!(price.name, "claude-haiku-4-5");
        assert!(prices.model.iter().all(|price| price.cached <= price.input && price.input < price.output));
        assert!(price.input_with(10_000, 8_000, true) < price.input_with(10_000, 0, true));
        assert_eq!(prices.of("unheard-of"), None);
    }

    #[test]
    fn only_versions_have_the_price_of_a_model() {
        let table = [
            ("gpt-5", Some("gpt-5")),
            ("gpt-4o-2024-08-06", Some("gpt-4o")),
            ("gpt-4o-2024-05-13", Some("gpt-4o-2024-05-13")),
            ("gpt-5-pro", Some("gpt-5-pro")),
            ("gpt-5-pro-2025-10-06", Some("gpt-5-pro")),
            ("o1-pro", Some("o1-pro")),
            ("gpt-5-chat-latest", Some("gpt-5-chat")),
            ("claude-sonnet-4-5@20250929", Some("claude-sonnet-4-5")),
            ("claude-sonnet-4-5-20250929-v1:0", Some("claude-sonnet-4-5")),
            ("models/gemini-2.5-pro-001", Some("gemini-2.5-pro")),
            ("gpt-4o-realtime-preview", None),
            ("gpt-4o-audio-preview-2024-12-17", None),
            ("gpt-4o-mini-tts", None),
            ("gpt-5-2025-08", None),
            ("gpt-4o:free", None),
            ("gpt-4o-mini2", None),
            ("gemini-2.5-flash-native-audio-latest", None),
            ("o3-ultra", None),
        ];
        for (model, name) in table {
            let price = Prices::built_in().of(model);
            assert_eq!(price.as_ref().map(|price| price.name.as_str()), name, "{model}");
        }
        assert_eq!(Prices::built_in().minimum(Provider::Gemini, Some("gemini-2.5-pro-exp")), 2048);
    }
}
