//! A model by its version in a tool's definition.
//!
//! Tools stand first in the cached prefix, so that a name in them that changes with a release costs everything behind
//! it, for all users at once. Found in descriptions and schemas of tools: names of models with their version
//! (`gpt-4o-2024-08-06`, `claude-sonnet-4-5`). Dates in tools are found by the checks for dates.
//!
//! Example: `"description": "Web search (updated 2025-07-01), for use with gpt-4o-2024-08-06"`.
//!
//! What to do: name neither in tools; a model that a tool calls is an argument of the tool.

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Role, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "tool-description",
    severity: Severity::Warning,
    advice: "name no model and no date in tools: they stand first in the cached prefix",
    counted: None,
    is_secret: false,
    source: documented!("tool_description.rs"),
    look: Look::Text(look),
};

/// How names of models begin.
const FAMILIES: [&str; 11] =
    ["gpt-", "o1-", "o3-", "o4-", "claude-", "gemini-", "llama-", "mistral-", "qwen", "deepseek-", "grok-"];

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    if text.role != Role::Tool {
        return;
    }
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let mut free = 0;
    for word in text.words.iter() {
        if word.start < free {
            continue;
        }
        let start = word.start - text.bytes()[free..word.start].iter().rev().take_while(|byte| is_inside(byte)).count();
        let end = word.end + text.bytes()[word.end..].iter().take_while(|byte| is_inside(byte)).count();
        let name = text.text[start..end].trim_end_matches(['.', '-', '_']);
        free = end;
        if FAMILIES.iter().any(|family| name.to_ascii_lowercase().starts_with(family)) {
            spots.push(Spot::at(start..start + name.len()));
        }
    }
}
