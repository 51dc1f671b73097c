//! A request with its tools sorted by name, and the keys in them: the same values, byte for byte, in another order.

use std::ops::Range;

use super::prompt::{Prompt, Request};
use crate::json::{Shape, Value};

/// Bytes of a source, and what stands there instead: as many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted {
    /// The list of tools in the source.
    pub place: Range<usize>,
    /// The list, sorted.
    pub text: String,
}

/// Sorts the tools; nothing when the prompt has none, has them sorted, or has a breakpoint among them, which stands behind
/// the tool that is last.
pub fn with_sorted_tools(prompt: &Prompt<'_>) -> Option<Sorted> {
    let request = prompt.request.as_ref()?;
    let tools = request.tools.filter(|tools| request.tape().shape(*tools) == Shape::Array)?;
    let start = prompt.start + request.tape().start(tools);
    let place = start..start + request.tape().raw(tools).len();
    if prompt.source[place.clone()].contains("\"cache_control\"") {
        return None;
    }
    let declared = request.tool_lists();
    let text = if declared == [tools] { list(request, tools) } else { value(request, tools, &declared, 0) };
    (text != prompt.source[place.clone()]).then_some(Sorted { place, text })
}

/// A list of tools; those without a name keep their order behind the others.
fn list(request: &Request<'_>, tools: Value) -> String {
    let elements = request.elements(Some(tools));
    let mut sorted = elements.clone();
    sorted
        .sort_by_key(|tool| request.tool_name(*tool).map_or((true, String::new()), |name| (false, name.into_owned())));
    let texts = sorted.into_iter().map(|tool| value(request, tool, &[], 0)).collect::<Vec<_>>();
    replaced(request, tools, &elements, &texts)
}

/// How deep keys are sorted.
const DEEPEST: usize = 64;

/// A value whose objects have their keys sorted, and some of whose lists are lists of tools.
fn value(request: &Request<'_>, at: Value, lists: &[Value], depth: usize) -> String {
    let tape = request.tape();
    let raw = || String::from_utf8_lossy(tape.raw(at)).into_owned();
    match tape.shape(at) {
        _ if depth > DEEPEST => raw(),
        Shape::Array if lists.contains(&at) => list(request, at),
        Shape::Array => {
            let elements = request.elements(Some(at));
            let texts = elements.iter().map(|element| value(request, *element, lists, depth + 1)).collect::<Vec<_>>();
            replaced(request, at, &elements, &texts)
        }
        Shape::Object => {
            let members = tape.members(at).collect::<Vec<_>>();
            let mut sorted = members.clone();
            sorted.sort_by_key(|(key, _)| tape.inside(*key));
            let places = members.iter().flat_map(|(key, member)| [*key, *member]).collect::<Vec<_>>();
            let text = |(key, member): (Value, Value)| {
                [String::from_utf8_lossy(tape.raw(key)).into_owned(), value(request, member, lists, depth + 1)]
            };
            let texts = sorted.into_iter().flat_map(text).collect::<Vec<_>>();
            replaced(request, at, &places, &texts)
        }
        Shape::Word | Shape::Number | Shape::String => raw(),
    }
}

/// A container with other texts in the places of what it holds; what stands between stays.
fn replaced(request: &Request<'_>, container: Value, places: &[Value], texts: &[String]) -> String {
    let tape = request.tape();
    let (start, raw) = (tape.start(container), tape.raw(container));
    let (mut out, mut at) = (String::new(), 0);
    for (place, text) in places.iter().zip(texts) {
        let begins = tape.start(*place) - start;
        out.push_str(&String::from_utf8_lossy(&raw[at..begins]));
        out.push_str(text);
        at = begins + tape.raw(*place).len();
    }
    out.push_str(&String::from_utf8_lossy(&raw[at..]));
    out
}
