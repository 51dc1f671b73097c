//! The same tools in another order.
//!
//! Tools stand first in the cached prefix. A list that comes from a set or from servers that answer in any order costs the
//! whole prompt whenever the order changes. Found between a request and the one before it.
//!
//! Example: `read, write, search` in one request and `search, read, write` in the next.
//!
//! What to do: sort the tools by name before they are sent; `hr cache-check --fix` sorts them in files.

use crate::cache_check::compare::tools;
use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Prompt, Severity};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "tool-order",
    severity: Severity::Error,
    advice: "sort the tools by name before they are sent",
    counted: None,
    is_secret: false,
    source: documented!("tool_order.rs"),
    look: Look::Pair(look),
};

fn look(before: &Prompt<'_>, prompt: &Prompt<'_>, spots: &mut Vec<Spot>) {
    let (old, new) = (tools(before), tools(prompt));
    let names = |tools: &[crate::cache_check::compare::Tool<'_>]| -> Vec<String> {
        tools.iter().map(|tool| tool.name.to_string()).collect()
    };
    let (old, mut sorted_new) = (names(&old), names(&new));
    let Some(at) = old.iter().zip(&sorted_new).position(|(old, new)| old != new) else { return };
    let first = sorted_new[at].clone();
    let mut sorted_old = old;
    sorted_old.sort();
    sorted_new.sort();
    if sorted_old == sorted_new {
        spots.push(Spot::at(new[at].place.clone()).reading(first));
    }
}
