//! tier-router: how much of a model a request needs, from T0 (a greeting) to T3 (deep work), by its features alone.
//!
//! The length of the last message of the user gives a first tier, adjusted for scripts that say more in a character. What
//! cannot be done well by a small model raises it: code, images, tools, a long history. Words that tell of deep work make
//! a T3 of a T2, and words of easy tasks cap it. A prompt policy goes with each tier; the one contradiction, deep thinking
//! over a compressed prompt, is resolved in favour of the prompt.

mod features;

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

pub use self::features::Features;
use self::features::{DEEP, EASY, Keywords};
use super::config::Keys;
use super::part::{Call, Outcome, Part};
use super::request::Request;

/// The name in a configuration.
pub(super) const NAME: &str = "tier-router";

/// How much of a model a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Small talk; no thinking.
    T0,
    /// A short task; little thinking.
    T1,
    /// Programming, reasoning, writing.
    T2,
    /// Debugging, refactoring, high risk, long context.
    T3,
}

/// How much of the system prompt a tier needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Compressed.
    P0,
    /// Short.
    P1,
    /// Complete.
    P2,
}

impl Tier {
    const ALL: [Self; 4] = [Self::T0, Self::T1, Self::T2, Self::T3];

    /// How much thinking goes with it.
    pub fn thinking(self) -> &'static str {
        ["none", "low", "medium", "high"][self as usize]
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}", *self as usize)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}", *self as usize)
    }
}

/// Deep thinking and a compressed prompt contradict each other: the prompt is not compressed then.
pub fn without_contradiction(tier: Tier, policy: Policy) -> Policy {
    if tier >= Tier::T2 { policy.max(Policy::P1) } else { policy }
}

/// From where on a feature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thresholds {
    /// Shorter messages are small talk, in letters of Latin script.
    pub t0_max_chars: usize,
    /// Shorter messages are short tasks.
    pub t1_max_chars: usize,
    /// Longer messages are deep work.
    pub t3_min_chars: usize,
    /// How many letters of Latin script a character of Chinese, Japanese or Korean stands for.
    pub wide_char: usize,
    /// Requests with more text in all need at least T2.
    pub history_chars: usize,
    /// Requests with more messages need at least T1.
    pub history_messages: usize,
    /// What a request with tools needs at least.
    pub tools: Tier,
    /// What a request with images needs at least.
    pub images: Tier,
    /// What code needs at least.
    pub code: Tier,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            t0_max_chars: 50,
            t1_max_chars: 200,
            t3_min_chars: 2000,
            wide_char: 3,
            history_chars: 40_000,
            history_messages: 8,
            tools: Tier::T2,
            images: Tier::T2,
            code: Tier::T2,
        }
    }
}

/// A tier and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The tier.
    pub tier: Tier,
    /// What led to it, in the order in which it was looked at.
    pub reasons: Vec<String>,
}

/// The tier of some features.
pub fn decide(features: &Features, thresholds: &Thresholds) -> Decision {
    let (mut tier, mut deep) = match features.chars {
        chars if chars < thresholds.t0_max_chars => (Tier::T0, false),
        chars if chars < thresholds.t1_max_chars => (Tier::T1, false),
        chars if chars < thresholds.t3_min_chars => (Tier::T2, false),
        _ => (Tier::T2, true),
    };
    let mut reasons = vec![format!("length={}{}", features.chars, if features.wide { " wide" } else { "" })];
    if let Some(word) = features.easy.as_ref().filter(|_| !deep && !features.code && features.deep.is_none()) {
        tier = tier.min(Tier::T1);
        reasons.push(format!("easy={word}"));
    }
    let mut at_least = |floor: Tier, holds: bool, reason: String| {
        if holds {
            tier = tier.max(floor);
            reasons.push(reason);
        }
    };
    at_least(thresholds.code, features.code, "code".to_string());
    at_least(thresholds.images, features.images > 0, format!("images={}", features.images));
    at_least(thresholds.tools, features.tools > 0, format!("tools={}", features.tools));
    at_least(Tier::T1, features.messages > thresholds.history_messages, format!("messages={}", features.messages));
    let long = features.all_chars > thresholds.history_chars;
    at_least(Tier::T2, long, format!("history={}", features.all_chars));
    if let Some(word) = &features.deep {
        // A short question about deep work needs more than small talk does, and deep work only with something to work on.
        deep |= tier >= Tier::T2;
        tier = tier.max(Tier::T2);
        reasons.push(format!("deep={word}"));
    } else if deep {
        reasons.push("long-context".to_string());
    }
    if deep {
        tier = Tier::T3;
    }
    Decision { tier, reasons }
}

/// Says in headers how much of a model a request needs, and sends it there.
#[derive(Debug)]
pub struct TierRouter {
    thresholds: Thresholds,
    keywords: Keywords,
    policies: [Policy; 4],
    clusters: [Option<String>; 4],
    models: [Option<String>; 4],
    cluster_header: String,
    /// Only requests for these models are sent elsewhere; all, when there are none.
    trigger_models: Vec<String>,
    tells_reasons: bool,
}

const TIER: &str = "x-ai-tier";
const THINKING: &str = "x-ai-thinking";
const POLICY: &str = "x-ai-prompt-policy";
const REASONS: &str = "x-ai-tier-reasons";

const TIERS: [(&str, Tier); 4] = [("T0", Tier::T0), ("T1", Tier::T1), ("T2", Tier::T2), ("T3", Tier::T3)];

impl TierRouter {
    /// Reads thresholds, keywords, and where each tier goes.
    pub fn new(keys: &mut Keys<'_>) -> Self {
        let default = Thresholds::default();
        let thresholds = Thresholds {
            t0_max_chars: keys.count("t0_max_chars", default.t0_max_chars),
            t1_max_chars: keys.count("t1_max_chars", default.t1_max_chars),
            t3_min_chars: keys.count("t3_min_chars", default.t3_min_chars),
            wide_char: keys.count("wide_char", default.wide_char),
            history_chars: keys.count("history_chars", default.history_chars),
            history_messages: keys.count("history_messages", default.history_messages),
            tools: keys.word("tools_tier", &TIERS).unwrap_or(default.tools),
            images: keys.word("images_tier", &TIERS).unwrap_or(default.images),
            code: keys.word("code_tier", &TIERS).unwrap_or(default.code),
        };
        let mut words = |key, default: &[&str]| {
            let words = keys.texts(key).unwrap_or_else(|| default.iter().map(ToString::to_string).collect());
            words.iter().map(|word| word.to_lowercase()).filter(|word| !word.is_empty()).collect()
        };
        let keywords = Keywords { deep: words("deep_keywords", &DEEP), easy: words("easy_keywords", &EASY) };
        let policies = per_tier(keys, "prompt_policy").map(|policy| match policy.as_deref() {
            Some("P0") => Some(Policy::P0),
            Some("P1") => Some(Policy::P1),
            Some("P2") => Some(Policy::P2),
            _ => None,
        });
        let usual = [Policy::P0, Policy::P1, Policy::P2, Policy::P2];
        Self {
            thresholds,
            keywords,
            policies: Tier::ALL.map(|tier| {
                let policy = policies[tier as usize].unwrap_or(usual[tier as usize]);
                without_contradiction(tier, policy)
            }),
            clusters: per_tier(keys, "clusters"),
            models: per_tier(keys, "models"),
            cluster_header: keys.text("cluster_header").unwrap_or_else(|| "x-ai-cluster".into()).to_ascii_lowercase(),
            trigger_models: keys.texts("trigger_models").unwrap_or_default(),
            tells_reasons: keys.flag("debug_header", true),
        }
    }

    /// Whether a request for a model may be sent elsewhere.
    fn is_triggered(&self, model: Option<&str>) -> bool {
        self.trigger_models.is_empty()
            || model.is_some_and(|model| self.trigger_models.iter().any(|name| name == model))
    }
}

/// Names by tier, as `{"T0": "…"}`.
fn per_tier(keys: &mut Keys<'_>, key: &'static str) -> [Option<String>; 4] {
    let object = keys.value(key).and_then(Value::as_object);
    TIERS.map(|(name, _)| Some(object?.get(name)?.as_str()?.to_string()))
}

impl Part for TierRouter {
    fn name(&self) -> &'static str {
        NAME
    }

    fn headers(&self) -> Vec<Cow<'static, str>> {
        vec![TIER.into(), THINKING.into(), POLICY.into(), REASONS.into(), self.cluster_header.clone().into()]
    }

    fn known_model(&self, model: &str) -> Option<String> {
        let named = self.models.iter().flatten().chain(&self.trigger_models);
        named.into_iter().find(|name| *name == model).cloned()
    }

    fn request(&self, request: &Request<'_>, _call: &Call<'_>, outcome: &mut Outcome) {
        let features = Features::of(request, &self.thresholds, &self.keywords);
        let Decision { tier, reasons } = decide(&features, &self.thresholds);
        outcome.header(TIER, tier.to_string());
        outcome.header(THINKING, tier.thinking());
        outcome.header(POLICY, self.policies[tier as usize].to_string());
        if self.tells_reasons {
            let plain = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
            outcome.header(REASONS, reasons.join("; ").chars().map(plain).collect::<String>());
        } else {
            outcome.no_header(REASONS);
        }
        outcome.count("ai_tier_router_total", &[("tier", TIERS[tier as usize].0)], 1);
        let triggered = self.is_triggered(request.model.as_deref());
        match self.clusters[tier as usize].clone().filter(|_| triggered) {
            Some(cluster) => outcome.header(self.cluster_header.clone(), cluster),
            None => outcome.no_header(self.cluster_header.clone()),
        }
        if let Some(model) = self.models[tier as usize].as_ref().filter(|_| triggered) {
            match &request.model_span {
                Some(span) => {
                    // The span is what stands between the quotes.
                    let quoted = Value::String(model.clone()).to_string();
                    if outcome.splices.replace(span.clone(), &quoted.as_bytes()[1..quoted.len() - 1]) {
                        outcome.model = Some(model.clone());
                    }
                }
                None => outcome.notes.push("tier-router: the model does not stand in the body, and stays".into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(config: &Value, body: &str) -> Outcome {
        let mut keys = Keys::of("test", config.as_object().unwrap());
        let part = TierRouter::new(&mut keys);
        assert_eq!(keys.notes(), [""; 0]);
        let mut outcome = Outcome::default();
        part.request(&Request::read(body.as_bytes(), "/v1/chat/completions").unwrap(), &Call::default(), &mut outcome);
        outcome
    }

    fn header(outcome: &Outcome, name: &str) -> String {
        let found = outcome.headers.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn tier(text: &str) -> String {
        let body = json!({"model": "auto", "messages": [{"role": "user", "content": text}]}).to_string();
        header(&outcome(&json!({}), &body), TIER)
    }

    #[test]
    fn texts_have_their_tiers() {
        let table = [
            ("hi", "T0"),
            ("几点了", "T0"),
            ("Why does my deploy fail? Please debug it", "T2"),
            ("Write a haiku about the sea, and one about a mountain in winter.", "T1"),
            ("请用三百字介绍一下北京的历史和文化，并列出五个景点", "T1"),
            ("Fix:\n```\nx = 1\n```", "T2"),
            ("Please debug:\n```\nx = 1\n```", "T3"),
            ("帮我重构这段代码:\n```\nx = 1\n```", "T3"),
        ];
        for (text, expected) in table {
            assert_eq!(tier(text), expected, "{text}");
        }
        assert_eq!(tier(&"word ".repeat(60)), "T2");
        assert_eq!(tier(&"word ".repeat(500)), "T3");
        assert_eq!(tier(&format!("translate {}", "word ".repeat(100))), "T1");
        assert_eq!(tier("the debugger's debugged"), "T0");
    }

    #[test]
    fn tools_images_and_history_raise_a_tier() {
        let decide = |features: Features| decide(&features, &Thresholds::default());
        assert_eq!(decide(Features { tools: 3, ..Features::default() }).tier, Tier::T2);
        assert_eq!(decide(Features { images: 1, ..Features::default() }).reasons, ["length=0", "images=1"]);
        assert_eq!(decide(Features { messages: 9, ..Features::default() }).tier, Tier::T1);
        assert_eq!(decide(Features { all_chars: 50_000, ..Features::default() }).tier, Tier::T2);
    }

    #[test]
    fn deep_thinking_gets_no_compressed_prompt() {
        let config = json!({"prompt_policy": {"T0": "P0", "T1": "P0", "T2": "P0", "T3": "P0"}});
        let mut keys = Keys::of("test", config.as_object().unwrap());
        let policies = TierRouter::new(&mut keys).policies.map(|policy| policy.to_string());
        assert_eq!(policies, ["P0", "P0", "P1", "P1"]);
    }

    #[test]
    fn a_request_goes_where_its_tier_goes() {
        let config = json!({"clusters": {"T0": "small"}, "models": {"T0": "tiny \"1\""}, "trigger_models": ["auto"]});
        let body = r#"{"model": "auto", "messages": [{"role": "user", "content": "hi"}]}"#;
        let sent = outcome(&config, body);
        assert_eq!((header(&sent, "x-ai-cluster"), header(&sent, REASONS)), ("small".into(), "length=2".into()));
        let changed = String::from_utf8(sent.splices.applied(body.as_bytes()).unwrap()).unwrap();
        assert_eq!(changed, body.replace("auto", r#"tiny \"1\""#));
        let other = outcome(&config, &body.replace("auto", "gpt-5"));
        assert!(other.splices.is_empty() && header(&other, "x-ai-cluster").is_empty());
    }
}
