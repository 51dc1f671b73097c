//! The same definition with its keys in another order.
//!
//! Serialisers of some languages write the keys of a map in any order. The definition means the same, but its bytes differ,
//! and with them the cached prefix. Found between a request and the one before it, in the definitions of tools.
//!
//! Example: `{"name": "read", "description": "…"}` in one request, `{"description": "…", "name": "read"}` in the next.
//!
//! What to do: serialise with sorted keys; `hr cache-check --fix` sorts them in files.

use std::collections::HashMap;

use crate::cache_check::compare::tools;
use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Prompt, Severity};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "json-key-order",
    severity: Severity::Error,
    advice: "serialise the definitions with sorted keys",
    counted: None,
    is_secret: false,
    source: documented!("json_key_order.rs"),
    look: Look::Pair(look),
};

fn look(before: &Prompt<'_>, prompt: &Prompt<'_>, spots: &mut Vec<Spot>) {
    let old = tools(before);
    let old = old.iter().map(|tool| (tool.name.as_ref(), tool)).collect::<HashMap<_, _>>();
    for tool in tools(prompt) {
        let Some(same) = old.get(tool.name.as_ref()).filter(|same| same.raw != tool.raw) else { continue };
        let value = |raw: &str| serde_json::from_str::<serde_json::Value>(raw).ok();
        // Maps compare without order; compact texts with their order differ when only the order does.
        let (then, now) = (value(same.raw), value(tool.raw));
        if then.is_some() && then == now && then.map(|v| v.to_string()) != now.map(|v| v.to_string()) {
            spots.push(Spot::at(tool.place.clone()).reading(tool.name.to_string()));
        }
    }
}
