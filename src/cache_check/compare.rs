//! Where the prefixes of two requests part, and what that costs.

use std::borrow::Cow;
use std::ops::Range;

use serde::Serialize;

use super::look::{hidden_in, masked};
use super::price::Prices;
use super::prompt::{Part, Prompt, Provider};

/// A place at which two prompts differ: a part, and a byte of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parting {
    pub part: usize,
    pub at: usize,
}

/// The first place at which a prompt differs from the one before it; nothing when it only goes on where that ends.
pub(super) fn parting(before: &Prompt<'_>, prompt: &Prompt<'_>) -> Option<Parting> {
    if before.model != prompt.model {
        return Some(Parting { part: 0, at: 0 });
    }
    let last = before.parts.iter().rposition(|part| !part.text.is_empty())?;
    for (part, old) in before.parts[..=last].iter().enumerate() {
        let Some(new) = prompt.parts.get(part) else { return Some(Parting { part, at: 0 }) };
        if old.role != new.role || old.bare_lead() != new.bare_lead() {
            return Some(Parting { part, at: 0 });
        }
        if old.text == new.text {
            continue;
        }
        let same = old.text.bytes().zip(new.text.bytes()).take_while(|(old, new)| old == new).count();
        // Of the last text, more of it is more of the same.
        if same == old.text.len() && part == last {
            return None;
        }
        let at = (0..=same).rev().find(|at| old.text.is_char_boundary(*at) && new.text.is_char_boundary(*at));
        return Some(Parting { part, at: at.unwrap_or(0) });
    }
    None
}

/// What two requests in a row have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Common {
    /// Tokens of the earlier request that the later one begins with: what the cache can give.
    pub shared_tokens: usize,
    /// Tokens of the earlier request that the later one does not begin with: what was paid again, or dropped.
    pub lost_tokens: usize,
    /// Tokens of the later request.
    pub tokens: usize,
    /// Where the later request goes other ways.
    pub parted: Option<Parted>,
    /// What the later request costs, when the price of the model is known.
    pub cost: Option<Cost>,
}

/// A place in two requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parted {
    /// The byte in the source of the later request.
    pub offset: usize,
    /// How many tokens stand before it.
    pub token: usize,
    /// Where in the later request.
    pub pointer: String,
    /// What stands there in the earlier request.
    pub before: String,
    /// What stands there in the later one.
    pub after: String,
}

/// What the input of requests costs, in dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Cost {
    /// As it is: what is shared is cached, the rest is not.
    pub now: f64,
    /// As it would be if nothing of the earlier request was lost.
    pub could_be: f64,
}

impl Common {
    /// Compares a request with the one before it.
    pub fn of(before: &Prompt<'_>, prompt: &Prompt<'_>) -> Self {
        let parting = parting(before, prompt);
        let at = |prompt: &Prompt<'_>, parting: Parting| {
            let whole: usize = prompt.parts.iter().take(parting.part).map(Part::tokens).sum();
            // What is shared of the part is text of both.
            whole + prompt.parts.get(parting.part).map_or(0, |part| part.tokens_to(parting.at))
        };
        let (earlier, tokens) = (before.tokens(), prompt.tokens());
        let shared_tokens = parting.map_or(earlier, |parting| at(before, parting));
        let lost_tokens = earlier - shared_tokens.min(earlier);
        let parted = parting.map(|parting| Parted::of(before, prompt, parting, shared_tokens));
        let price = prompt.model.as_deref().and_then(|model| Prices::built_in().of(model));
        // Anthropic caches what it is told to, and charges for writing it.
        let is_asked =
            prompt.provider != Some(Provider::Anthropic) || prompt.source_of_request().contains("\"cache_control\"");
        let cost = price.map(|price| {
            let of = |cached: usize| price.input_with(tokens, if is_asked { cached.min(tokens) } else { 0 }, is_asked);
            Cost { now: of(shared_tokens), could_be: of(earlier) }
        });
        Self { shared_tokens, lost_tokens, tokens, parted, cost }
    }
}

/// How much of the two texts is shown, in characters.
const SHOWN: usize = 60;

impl Parted {
    fn of(before: &Prompt<'_>, prompt: &Prompt<'_>, parting: Parting, token: usize) -> Self {
        let shown = |prompt: &Prompt<'_>, other: &Prompt<'_>| {
            let text = prompt.parts.get(parting.part).map_or("", |part| &part.text);
            let from = parting.at.min(text.len());
            let end = text[from..].char_indices().nth(SHOWN).map_or(text.len(), |(length, _)| from + length);
            match &prompt.model {
                Some(model) if prompt.model != other.model => model.clone(),
                _ => masked(text, from..end, &hidden_in(text)),
            }
        };
        let part = prompt.parts.get(parting.part);
        let offset = part.map_or(prompt.start, |part| part.place(parting.at));
        let pointer = part.map_or_else(String::new, |part| part.pointer.clone());
        Self { offset, token, pointer, before: shown(before, prompt), after: shown(prompt, before) }
    }
}

/// A tool of a request.
#[derive(Debug)]
pub(super) struct Tool<'s> {
    pub name: Cow<'s, str>,
    /// The definition as it stands in the source.
    pub raw: &'s str,
    /// The bytes of the source.
    pub place: Range<usize>,
}

/// The tools of a request, in their order.
pub(super) fn tools<'s>(prompt: &Prompt<'s>) -> Vec<Tool<'s>> {
    let Some(request) = &prompt.request else { return Vec::new() };
    let tools = request.tool_lists().into_iter().flat_map(|list| request.elements(Some(list)));
    let tools = tools.map(|tool| {
        let start = prompt.start + request.tape().start(tool);
        let place = start..start + request.tape().raw(tool).len();
        let name = request.tool_name(tool).unwrap_or_default();
        Tool { name, raw: &prompt.source[place.clone()], place }
    });
    tools.collect()
}
