//! What tokens cost, and from how many on providers cache: a table with source and date, by the beginnings of models' names.

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

/// Prices of the models whose names begin alike, in dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// How the names begin.
    pub name: String,
    /// Whose models they are: `anthropic`, `openai`, `gemini`.
    pub provider: String,
    /// Input that is not cached.
    pub input: f64,
    /// Input that is read from the cache.
    pub cached: f64,
    /// Input that is written to the cache, where that has a price of its own.
    pub write: Option<f64>,
    /// Output.
    pub output: f64,
    /// From how many tokens on a prefix is cached.
    pub minimum: usize,
}

/// What providers cache from on when the model is not known.
const MINIMUM: usize = 1024;

impl Prices {
    /// The table that is built in.
    pub fn built_in() -> &'static Self {
        static PRICES: OnceLock<Prices> = OnceLock::new();
        PRICES.get_or_init(|| from_toml(TABLE).expect("the table is checked by a test"))
    }

    /// The price of a model: of all names that it begins with, the longest.
    pub fn of(&self, model: &str) -> Option<Price> {
        let name = model.rsplit('/').next().unwrap_or(model);
        let known = self.model.iter().filter(|price| name.starts_with(&price.name));
        known.max_by_key(|price| price.name.len()).cloned()
    }

    /// From how many tokens on a provider caches a prompt for a model.
    pub fn minimum(&self, provider: Provider, model: Option<&str>) -> usize {
        let price = model.and_then(|model| self.of(model));
        price.filter(|price| price.provider == provider.name()).map_or(MINIMUM, |price| price.minimum)
    }
}

impl Price {
    /// What a prompt of so many tokens costs, of which so many are read from the cache and, when it `writes`, the others are
    /// written to it, in dollars.
    pub fn input_with(&self, tokens: usize, cached: usize, writes: bool) -> f64 {
        let cached = cached.min(tokens);
        let cached = if cached < self.minimum { 0 } else { cached };
        let other = self.write.filter(|_| writes && tokens >= self.minimum).unwrap_or(self.input);
        ((tokens - cached) as f64 * other + cached as f64 * self.cached) / 1e6
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
}
