//! A cache breakpoint where it does no good.
//!
//! A breakpoint (`cache_control`, Anthropic) caches everything before it. Behind something that changes with every request
//! it writes, at a surcharge, what nobody reads; and a request may have four, the fifth is an error of the API.
//!
//! Example: `cache_control` on a system block that begins with the time.
//!
//! What to do: put the breakpoint in front of the first thing that changes, and have at most four.

use crate::cache_check::finding::Spot;
use crate::cache_check::prompt::Request;
use crate::cache_check::{Changing, Check, Look, Prompt, Severity};
use crate::json::{Shape, Value};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "cache-control",
    severity: Severity::Error,
    advice: "put the breakpoint in front of the first thing that changes",
    counted: None,
    is_secret: false,
    source: documented!("cache_control.rs"),
    look: Look::Prompt(look),
};

/// How many breakpoints a request may have.
const MOST: usize = 4;

fn look(prompt: &Prompt<'_>, dynamic: &[Changing], spots: &mut Vec<Spot>) {
    let Some(request) = &prompt.request else { return };
    let breakpoints = breakpoints(request);
    for (number, (key, block)) in breakpoints.iter().enumerate() {
        let start = prompt.start + request.tape().start(*key);
        let spot = Spot::at(start..start + request.tape().raw(*key).len());
        if number >= MOST {
            let advice = format!("a request may have {MOST} breakpoints; this is number {}", number + 1);
            spots.push(spot.advising(advice));
            continue;
        }
        // The last text of the block that carries the breakpoint, and all before it, are what it caches.
        let last = last_in(prompt, request, *block);
        let first_dynamic = dynamic.iter().filter(|(part, _)| last.is_some_and(|last| *part <= last)).min();
        if let Some((part, _)) = first_dynamic {
            let place = &prompt.parts[*part].pointer;
            spots.push(spot.advising(format!("it stands behind what changes in `{place}`: put it in front of that")));
        }
    }
}

/// The last part that a breakpoint caches; nothing when there is no breakpoint.
pub(in crate::cache_check) fn last_cached(prompt: &Prompt<'_>) -> Option<usize> {
    let request = prompt.request.as_ref()?;
    breakpoints(request).iter().filter_map(|(_, block)| last_in(prompt, request, *block)).max()
}

/// The last part in a block.
fn last_in(prompt: &Prompt<'_>, request: &Request<'_>, block: Value) -> Option<usize> {
    let start = prompt.start + request.tape().start(block);
    let end = start + request.tape().raw(block).len();
    prompt.parts.iter().rposition(|part| (start..end).contains(&part.at) && !part.text.is_empty())
}

/// The keys `cache_control` and the objects that have them, in the order of the source.
fn breakpoints(request: &Request<'_>) -> Vec<(Value, Value)> {
    let tape = request.tape();
    let mut found = Vec::new();
    let mut open = vec![request.root];
    while let Some(value) = open.pop() {
        match tape.shape(value) {
            Shape::Object => {
                for (key, member) in tape.members(value) {
                    // A property of this name in a schema has no word for its type.
                    let has_type =
                        request.member(member, &["type"]).is_some_and(|kind| tape.shape(kind) == Shape::String);
                    if tape.inside(key) == b"cache_control"
                        && has_type
                        && request.member(member, &["description"]).is_none()
                    {
                        found.push((key, value));
                    }
                    open.push(member);
                }
            }
            Shape::Array => open.extend(tape.elements(value)),
            Shape::Word | Shape::Number | Shape::String => {}
        }
    }
    found.sort_by_key(|(key, _)| *key);
    found
}
