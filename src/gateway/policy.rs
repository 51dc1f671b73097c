//! tool-policy: which tools a caller may offer to a model, and a model may call.
//!
//! Names are compared with lists that may hold wildcards. Looked at are the definitions of tools and the calls in a
//! request, and the calls in a response, those of a stream before any argument of the call is let through.

mod calls;
mod lists;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use self::calls::Calls;
pub use self::lists::Lists;
use super::config::Keys;
use super::part::{Call, Denial, Outcome, Part, Reader};
use super::request::{Request, Unread};

/// The name in a configuration.
pub(super) const NAME: &str = "tool-policy";

/// Checks tools against lists.
#[derive(Debug)]
pub struct ToolPolicy {
    lists: Rc<Lists>,
    /// The lists that hold for a consumer that has lists of its own.
    consumers: BTreeMap<String, Rc<Lists>>,
    definitions: bool,
    calls: bool,
    responses: bool,
    status: u32,
}

const DEFAULT: [(&str, bool); 2] = [("allow", true), ("deny", false)];

impl ToolPolicy {
    /// Reads the lists, those of each consumer, and what is checked.
    pub fn new(keys: &mut Keys<'_>) -> Self {
        let all = Rc::new(lists(keys));
        let mut consumers = BTreeMap::new();
        for (name, own) in keys.value("consumers").and_then(Value::as_object).into_iter().flatten() {
            let Some(own) = own.as_object() else {
                keys.note(&format!("`consumers.{name}` is no object; it is ignored"));
                continue;
            };
            let mut own = Keys::of(&format!("tool-policy, consumer {name}"), own);
            consumers.insert(name.clone(), Rc::new(lists(&mut own).behind(&all)));
            own.notes().iter().for_each(|note| keys.note(note));
        }
        Self {
            lists: all,
            consumers,
            definitions: keys.flag("check_definitions", true),
            calls: keys.flag("check_request_calls", true),
            responses: keys.flag("check_responses", true),
            status: keys.count("deny_status", 403).clamp(400, 599) as u32,
        }
    }

    fn lists_of(&self, consumer: Option<&str>) -> &Rc<Lists> {
        consumer.and_then(|consumer| self.consumers.get(consumer)).unwrap_or(&self.lists)
    }
}

fn lists(keys: &mut Keys<'_>) -> Lists {
    let (allow, deny) = (keys.texts("allow").unwrap_or_default(), keys.texts("deny").unwrap_or_default());
    Lists::new(&allow, &deny, keys.word("default", &DEFAULT))
}

/// Refuses a tool.
fn deny(outcome: &mut Outcome, status: u32, tool: &str, place: &'static str) {
    let shown = tool.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
    let message = format!("the tool `{shown}` is not allowed here ({place})");
    outcome.count("ai_tool_policy_total", &[("status", "denied"), ("place", place)], 1);
    outcome.denial = Some(Denial { status, details: "tool_policy", message });
}

/// Refuses a response whose calls cannot be known.
fn unreadable(outcome: &mut Outcome, status: u32, why: Unread) {
    let message = format!("the response cannot be checked for tools ({why})");
    outcome.count("ai_tool_policy_total", &[("status", "unreadable"), ("place", "response")], 1);
    outcome.denial = Some(Denial { status, details: "tool_policy", message });
}

/// The first tool of a request that is not allowed, and where it stands.
fn denied<'r>(request: &'r Request<'_>, lists: &Lists, policy: &ToolPolicy) -> Option<(&'r str, &'static str)> {
    let tools = request.tools.iter().chain(&request.choices).filter(|_| policy.definitions);
    let mut defined = tools.flat_map(|tool| {
        let names = tool.names.iter().filter(|name| !lists.allows(name));
        names.chain(tool.aliases.iter().filter(|alias| lists.denies(alias)))
    });
    let mut called = request.tool_calls().filter(|_| policy.calls).map(|call| &call.name);
    let definition = defined.next().map(|name| (&**name, "definition"));
    definition.or_else(|| called.find(|name| !lists.allows(name)).map(|name| (&**name, "call")))
}

impl Part for ToolPolicy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, request: &Request<'_>, call: &Call<'_>, outcome: &mut Outcome) {
        match denied(request, self.lists_of(call.consumer), self) {
            Some((tool, place)) => deny(outcome, self.status, tool, place),
            None => outcome.count("ai_tool_policy_total", &[("status", "passed"), ("place", "request")], 1),
        }
    }

    fn reads_response(&self) -> bool {
        self.responses
    }

    fn response(&self, _request: &Request<'_>, call: &Call<'_>) -> Option<Box<dyn Reader>> {
        let reader =
            || -> Box<dyn Reader> { Box::new(Calls::new(Rc::clone(self.lists_of(call.consumer)), self.status)) };
        self.responses.then(reader)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(config: &Value) -> ToolPolicy {
        let mut keys = Keys::of("test", config.as_object().unwrap());
        let policy = ToolPolicy::new(&mut keys);
        assert_eq!(keys.notes(), [""; 0]);
        policy
    }

    #[test]
    fn definitions_and_calls_in_requests_are_checked() {
        let config = json!({"deny": ["bash"], "consumers": {"ci": {"allow": ["read"]}}});
        let body = |tool: &str, called: &str| {
            json!({"model": "m", "tools": [{"type": "function", "function": {"name": tool}}], "messages": [
                {"role": "assistant", "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": called, "arguments": "{}"}}]},
                {"role": "user", "content": "go on"}]})
            .to_string()
        };
        let message = |body: &str, consumer| {
            let mut outcome = Outcome::default();
            let request = Request::read(body.as_bytes(), "/v1/chat/completions").unwrap();
            policy(&config).request(&request, &Call { consumer, path: "" }, &mut outcome);
            outcome.denial.map(|denial| denial.message)
        };
        assert_eq!(message(&body("read", "read"), Some("ci")), None);
        assert_eq!(message(&body("write", "write"), None), None);
        assert!(
            message(&body("write", "read"), Some("ci")).unwrap().contains("`write` is not allowed here (definition)")
        );
        assert!(message(&body("read", "bash"), Some("ci")).unwrap().contains("`bash` is not allowed here (call)"));
    }
}
