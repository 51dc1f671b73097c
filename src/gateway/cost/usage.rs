//! The usage that providers report, in one form for all of them.
//!
//! OpenAI, and gateways in its form, count what is read from the cache and written to it as a part of the prompt, and
//! thinking as a part of the output. Anthropic counts the cache on top of the input; Gemini thinking on top of the output,
//! and the prompts of its own tools on top of the prompt.

use crate::json::{Tape, Value};

/// Tokens of a response and the prompt it answers, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input that is neither read from the cache nor written to it.
    pub input: u64,
    /// Input that was read from the cache.
    pub cached: u64,
    /// Input that was written to the cache.
    pub write: u64,
    /// Input that was written to the cache for an hour.
    pub write_1h: u64,
    /// Output, thinking included.
    pub output: u64,
}

impl Usage {
    /// The length of the prompt, cached or not.
    pub fn prompt(&self) -> u64 {
        self.input + self.cached + self.write + self.write_1h
    }
}

/// What providers reported so far, as they count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// All input, for providers that count what is cached as a part of it.
    prompt: Option<u64>,
    /// Input without what is cached, for those that count it on top.
    fresh: Option<u64>,
    /// Input of the provider's own tools, on top of the prompt.
    own_tools: Option<u64>,
    cached: Option<u64>,
    /// All that was written to the cache.
    write: Option<u64>,
    /// What of it was written for an hour.
    write_1h: Option<u64>,
    output: Option<u64>,
    /// Thinking that is not a part of the output.
    thoughts: Option<u64>,
}

impl Report {
    /// Takes the counts that an object holds, in any of the protocols.
    pub(super) fn take(&mut self, tape: &Tape<'_>, usage: Value) {
        let number = |object: Option<Value>, key: &str| whole(tape.raw(tape.member(object?, &[key])?));
        let count = |key: &str| number(Some(usage), key);
        let inner = |key: &str| tape.member(usage, &[key]);
        let (input_details, prompt_details) = (inner("input_tokens_details"), inner("prompt_tokens_details"));
        let detail = |key: &str| number(prompt_details, key).or(number(input_details, key));
        // Responses counts what is cached as a part of the input, Messages counts it on top.
        let (prompt, fresh) = match count("input_tokens") {
            Some(input) if input_details.is_some() => (Some(input), None),
            input => (count("prompt_tokens").or(count("promptTokenCount")), input),
        };
        let written = inner("cache_creation")
            .or(prompt_details.and_then(|details| tape.member(details, &["cache_creation_token_details"])));
        let lasting = ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"].map(|key| number(written, key));
        let sum = lasting.into_iter().flatten().reduce(|sum, count| sum + count);
        let output = count("completion_tokens").or(count("output_tokens")).or(count("candidatesTokenCount"));
        // Thinking is a part of the output, except for those whose total says that it is not.
        let thoughts = number(inner("completion_tokens_details"), "reasoning_tokens");
        let apart =
            |thoughts: &u64| count("total_tokens") == Some(prompt.unwrap_or(0) + output.unwrap_or(0) + thoughts);
        let reports = [
            (&mut self.prompt, prompt),
            (&mut self.fresh, fresh),
            (&mut self.own_tools, count("toolUsePromptTokenCount")),
            (
                &mut self.cached,
                detail("cached_tokens")
                    .or(count("prompt_cache_hit_tokens"))
                    .or(count("cache_read_input_tokens"))
                    .or(count("cachedContentTokenCount")),
            ),
            (
                &mut self.write,
                count("cache_creation_input_tokens")
                    .or(detail("cache_write_tokens"))
                    .or(detail("cache_creation_tokens"))
                    .max(sum),
            ),
            (&mut self.write_1h, lasting[1]),
            (&mut self.output, output),
            (&mut self.thoughts, count("thoughtsTokenCount").or(thoughts.filter(apart))),
        ];
        for (known, new) in reports {
            *known = new.max(*known);
        }
    }

    /// The tokens, each counted once; `None` when nothing was reported.
    pub(super) fn usage(&self) -> Option<Usage> {
        let (cached, write) = (self.cached.unwrap_or(0), self.write.unwrap_or(0));
        let input = match (self.prompt, self.fresh) {
            (None, None) if self.output.is_none() => return None,
            // What is more than the prompt cannot be a part of it.
            (Some(prompt), _) => prompt.checked_sub(cached + write).or(prompt.checked_sub(cached)).unwrap_or(prompt),
            (None, fresh) => fresh.unwrap_or(0),
        };
        let write_1h = self.write_1h.unwrap_or(0).min(write);
        Some(Usage {
            input: input + self.own_tools.unwrap_or(0),
            cached,
            write: write - write_1h,
            write_1h,
            output: self.output.unwrap_or(0) + self.thoughts.unwrap_or(0),
        })
    }
}

/// A count as JSON writes it; one that cannot be right is none.
fn whole(written: &[u8]) -> Option<u64> {
    let written = std::str::from_utf8(written).ok()?;
    let float = || written.parse::<f64>().ok().filter(|number| *number >= 0.0 && number.fract() == 0.0);
    let number = written.parse::<u64>().ok().or_else(|| float().map(|number| number as u64));
    number.filter(|count| *count < 1 << 40)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::super::{CostMeter, Meter};
    use super::*;
    use crate::gateway::config::Keys;
    use crate::gateway::part::{Outcome, Reader};

    fn usage(documents: &[Value]) -> Usage {
        let options = Map::new();
        let mut meter = Meter::new(&CostMeter::new(&mut Keys::of("test", &options)), None, false);
        documents.iter().for_each(|document| meter.document(&document.to_string(), &mut Outcome::default()));
        meter.report.usage().unwrap()
    }

    #[test]
    fn usage_of_all_protocols_is_read_alike() {
        let expected = Usage { input: 20, cached: 80, output: 7, ..Usage::default() };
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
        assert_eq!(usage(&[written]), Usage { input: 1, cached: 0, write: 3, write_1h: 2, output: 4 });
    }

    #[test]
    fn what_providers_count_within_is_counted_once() {
        let table = [
            // Gateways in OpenAI's form: writes are a part of the prompt.
            (
                json!({"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105,
                    "prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 30,
                        "cache_creation_token_details": {"ephemeral_1h_input_tokens": 10, "ephemeral_5m_input_tokens": 20}},
                    "cache_creation_input_tokens": 30, "cache_read_input_tokens": 60}),
                [10, 60, 20, 10, 5],
            ),
            (
                json!({"input_tokens": 100, "output_tokens": 5,
                    "input_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 80}}),
                [10, 10, 80, 0, 5],
            ),
            // What is more than the prompt is not a part of it.
            (json!({"prompt_tokens": 9, "cache_creation_input_tokens": 50, "completion_tokens": 1}), [9, 0, 50, 0, 1]),
            // Thinking beside the output, by the total; and as a part of it.
            (
                json!({"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 15,
                    "completion_tokens_details": {"reasoning_tokens": 5}}),
                [8, 0, 0, 0, 7],
            ),
            (
                json!({"prompt_tokens": 8, "completion_tokens": 7, "total_tokens": 15,
                    "completion_tokens_details": {"reasoning_tokens": 5}}),
                [8, 0, 0, 0, 7],
            ),
            (
                json!({"promptTokenCount": 10, "toolUsePromptTokenCount": 4, "candidatesTokenCount": 1,
                    "thoughtsTokenCount": 2, "cachedContentTokenCount": 6}),
                [8, 6, 0, 0, 3],
            ),
        ];
        for (reported, [input, cached, write, write_1h, output]) in table {
            let expected = Usage { input, cached, write, write_1h, output };
            assert_eq!(usage(&[json!({ "usage": reported })]), expected, "{reported}");
        }
    }
}
