//! cache-aligner: says in headers what in a prompt changes from request to request and so spoils the provider's cache.
//!
//! It gives the verdict of `hr cache-check` on the same body and never changes the prompt.

use std::borrow::Cow;
use std::rc::Rc;

use super::config::Keys;
use super::part::{Call, Outcome, Part};
use super::remembered::{Remembered, Weighed};
use super::request::Request;
use crate::cache_check::{Options, Prompt, Thresholds, Verdict};

/// The name in a configuration.
pub(super) const NAME: &str = "cache-aligner";

/// How much of verdicts is remembered, in bytes: those of about a thousand conversations.
const VERDICTS: usize = 256 << 10;

/// Checks prompts.
#[derive(Debug)]
pub struct Aligner {
    options: Options,
    /// Which share of requests is looked at; which ones depends on their bytes alone.
    sample_rate: f64,
    /// Most requests begin as one before them.
    verdicts: Remembered<Rc<Verdict>>,
}

impl Weighed for Verdict {
    fn size(&self) -> usize {
        size_of::<Self>() + self.prefix_hash.len()
    }
}

impl Aligner {
    /// Reads the thresholds, from which on a prompt is unstable, and which share of requests is looked at.
    pub fn new(keys: &mut Keys<'_>) -> Self {
        let default = Thresholds::default();
        let thresholds = Thresholds {
            uuid: keys.count("uuid_threshold", default.uuid),
            timestamp: keys.count("timestamp_threshold", default.timestamp),
            jwt: keys.count("jwt_threshold", default.jwt),
            hash: keys.count("hash_threshold", default.hash),
        };
        let sample_rate = keys.share("sample_rate", 1.0);
        Self { options: Options { thresholds, ..Options::default() }, sample_rate, verdicts: Remembered::of(VERDICTS) }
    }

    fn is_sampled(&self, body: &str) -> bool {
        if self.sample_rate >= 1.0 {
            return true;
        }
        let hash = blake3::hash(body.as_bytes());
        let start = hash.as_bytes()[..4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        f64::from(start) < self.sample_rate * 2_f64.powi(32)
    }
}

const HEADERS: [&str; 7] = [
    "x-ai-cache-unstable",
    "x-ai-cache-dynamic-uuids",
    "x-ai-cache-dynamic-timestamps",
    "x-ai-cache-dynamic-jwts",
    "x-ai-cache-dynamic-hashes",
    "x-ai-cache-model",
    "x-ai-cache-prefix-hash",
];

impl Part for Aligner {
    fn name(&self) -> &'static str {
        NAME
    }

    fn headers(&self) -> Vec<Cow<'static, str>> {
        HEADERS.map(Cow::Borrowed).to_vec()
    }

    fn request(&self, request: &Request<'_>, _call: &Call<'_>, outcome: &mut Outcome) {
        let prompt =
            if self.is_sampled(request.body) { Prompt::beginning(request.body, &request.tape).ok() } else { None };
        let Some(prompt) = prompt else {
            HEADERS.into_iter().for_each(|header| outcome.no_header(header));
            return;
        };
        let Thresholds { uuid, timestamp, jwt, hash } = self.options.thresholds;
        let recall = |hash, make: &dyn Fn() -> Verdict| self.verdicts.or_made(hash, || Rc::new(make()));
        let verdict = Verdict::alone(&prompt, &self.options, recall);
        let model = request.model.as_deref().unwrap_or("unknown");
        let plain = model.chars().filter(char::is_ascii_graphic).collect::<String>();
        let counts = [
            ("uuid", verdict.uuids, uuid),
            ("timestamp", verdict.timestamps, timestamp),
            ("jwt", verdict.jwts, jwt),
            ("hash", verdict.hashes, hash),
        ];
        let values = [
            verdict.is_unstable().to_string(),
            verdict.uuids.to_string(),
            verdict.timestamps.to_string(),
            verdict.jwts.to_string(),
            verdict.hashes.to_string(),
            plain,
            verdict.prefix_hash.clone(),
        ];
        HEADERS.into_iter().zip(values).for_each(|(header, value)| outcome.header(header, value));
        outcome.count("ai_cache_aligner_total", &[("model", model), ("status", verdict.verdict)], 1);
        for (kind, count, threshold) in counts {
            if count > 0 {
                outcome.count("ai_cache_aligner_dynamic_count", &[("type", kind), ("model", model)], count as u64);
            }
            if count >= threshold {
                outcome.count("ai_cache_aligner_unstable_total", &[("model", model), ("reason", kind)], 1);
            }
        }
        outcome.count("ai_cache_aligner_prefix_hash", &[("hash", &verdict.prefix_hash), ("model", model)], 1);
    }
}
