//! A prefix that is too short to be cached.
//!
//! Providers cache nothing below a number of tokens, which depends on the model (see the table of prices for numbers and
//! their source). Below it, nothing that the other checks find costs anything, and `cache_control` has no effect.
//!
//! Example: a system prompt of 300 tokens with `cache_control`, for a model that caches from 1,024 on.
//!
//! What to do: nothing, or put what is the same in all requests (examples, tools) into the prefix.

use crate::cache_check::finding::Spot;
use crate::cache_check::price::Prices;
use crate::cache_check::{Changing, Check, Look, Prompt, Severity};
use crate::render::marker::counted;

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "prefix-too-short",
    severity: Severity::Note,
    advice: "nothing is cached below the provider's minimum",
    counted: None,
    is_secret: false,
    source: documented!("prefix_too_short.rs"),
    look: Look::Prompt(look),
};

fn look(prompt: &Prompt<'_>, _: &[Changing], spots: &mut Vec<Spot>) {
    let Some(provider) = prompt.provider else { return };
    let Some(first) = prompt.parts.first() else { return };
    let tokens = prompt.tokens();
    let minimum = Prices::built_in().minimum(provider, prompt.model.as_deref());
    if tokens < minimum {
        let size = counted(tokens, "tokens");
        let advice = format!("about {size}: {} caches nothing below {minimum}", provider.name());
        spots.push(Spot::at(first.at..first.at).reading(size).advising(advice));
    }
}
