//! tool-policy: which tools a caller may offer to a model, and a model may call.
//!
//! Names are compared with lists that may hold wildcards. Looked at are the definitions of tools and the calls in a
//! request, and the calls in a response, those of a stream before any argument of the call is let through.

use std::collections::BTreeMap;

use serde_json::Value;

use super::config::Keys;
use super::part::{Call, Denial, Outcome, Part, Reader};
use super::request::Request;

/// The name in a configuration.
pub(super) const NAME: &str = "tool-policy";

/// Which tools are allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// Tools that are allowed; `*` stands for any characters, `?` for one. Capitals do not matter.
    pub allow: Vec<String>,
    /// Tools that are denied, whatever else is said.
    pub deny: Vec<String>,
    /// What holds for others; without it they are allowed unless there are tools that are allowed.
    pub default: Option<bool>,
}

impl Lists {
    /// Whether a tool is allowed.
    pub fn allows(&self, tool: &str) -> bool {
        let allowed = || self.allow.iter().any(|pattern| fits(pattern, tool));
        !self.denies(tool) && (allowed() || self.default.unwrap_or(self.allow.is_empty()))
    }

    /// Whether a tool is in the list of those that are denied.
    fn denies(&self, tool: &str) -> bool {
        self.deny.iter().any(|pattern| fits(pattern, tool))
    }

    /// Whether a name that begins so may be of a tool that is allowed.
    fn may_allow(&self, beginning: &str) -> bool {
        let begins = |pattern: &String| {
            let fixed = pattern.find(['*', '?']).unwrap_or(pattern.len());
            let common = fixed.min(beginning.len());
            pattern.as_bytes()[..common].eq_ignore_ascii_case(&beginning.as_bytes()[..common])
                && (fixed < pattern.len() || beginning.len() <= fixed)
        };
        !self.denies(beginning) && (self.default.unwrap_or(self.allow.is_empty()) || self.allow.iter().any(begins))
    }

    /// These lists for a caller: what is denied to all stays denied, the rest is the caller's own where it has any.
    fn for_caller(&self, own: &Self) -> Self {
        let allow = if own.allow.is_empty() { &self.allow } else { &own.allow };
        let deny = self.deny.iter().chain(&own.deny).cloned().collect();
        Self { allow: allow.clone(), deny, default: own.default.or(self.default) }
    }
}

/// Whether a name fits a pattern; linear in the name for each `*`.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut place) = (0, 0);
    // Where the last `*` stands, and how much of the name it covers so far.
    let mut star: Option<(usize, usize)> = None;
    while place < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(byte) if *byte == b'?' || byte.eq_ignore_ascii_case(&name[place]) => {
                at += 1;
                place += 1;
            }
            _ => match &mut star {
                Some((star, covered)) => {
                    *covered += 1;
                    (at, place) = (*star + 1, *covered);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Checks tools against lists.
#[derive(Debug)]
pub struct ToolPolicy {
    lists: Lists,
    consumers: BTreeMap<String, Lists>,
    definitions: bool,
    calls: bool,
    responses: bool,
    status: u32,
}

const DEFAULT: [(&str, bool); 2] = [("allow", true), ("deny", false)];

impl ToolPolicy {
    /// Reads the lists, those of each consumer, and what is checked.
    pub fn new(keys: &mut Keys<'_>) -> Self {
        let mut consumers = BTreeMap::new();
        for (name, own) in keys.value("consumers").and_then(Value::as_object).into_iter().flatten() {
            let Some(own) = own.as_object() else {
                keys.note(&format!("`consumers.{name}` is no object; it is ignored"));
                continue;
            };
            let mut own = Keys::of(&format!("tool-policy, consumer {name}"), own);
            consumers.insert(name.clone(), lists(&mut own));
            own.notes().iter().for_each(|note| keys.note(note));
        }
        Self {
            lists: lists(keys),
            consumers,
            definitions: keys.flag("check_definitions", true),
            calls: keys.flag("check_request_calls", true),
            responses: keys.flag("check_responses", true),
            status: keys.count("deny_status", 403).clamp(400, 599) as u32,
        }
    }

    fn lists_of(&self, consumer: Option<&str>) -> Lists {
        let own = consumer.and_then(|consumer| self.consumers.get(consumer));
        own.map_or_else(|| self.lists.clone(), |own| self.lists.for_caller(own))
    }
}

fn lists(keys: &mut Keys<'_>) -> Lists {
    Lists {
        allow: keys.texts("allow").unwrap_or_default(),
        deny: keys.texts("deny").unwrap_or_default(),
        default: keys.word("default", &DEFAULT),
    }
}

/// A refusal of a tool.
fn denial(status: u32, tool: &str, place: &str) -> Denial {
    let shown = tool.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
    let message = format!("the tool `{shown}` is not allowed here ({place})");
    Denial { status, details: "tool_policy", message }
}

fn deny(outcome: &mut Outcome, status: u32, tool: &str, place: &'static str) {
    outcome.count("ai_tool_policy_total", &[("status", "denied"), ("place", place)], 1);
    outcome.denial = Some(denial(status, tool, place));
}

impl Part for ToolPolicy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, request: &Request<'_>, call: &Call<'_>, outcome: &mut Outcome) {
        let lists = self.lists_of(call.consumer);
        let defined = request.tools.iter().map(|tool| (&*tool.name, "definition"));
        let called = request.tool_calls().map(|call| (&*call.name, "call"));
        let looked = defined.filter(|_| self.definitions).chain(called.filter(|_| self.calls));
        let denied = looked.into_iter().find(|(tool, _)| !lists.allows(tool));
        match denied {
            Some((tool, place)) => deny(outcome, self.status, tool, place),
            None => outcome.count("ai_tool_policy_total", &[("status", "passed"), ("place", "request")], 1),
        }
    }

    fn reads_response(&self) -> bool {
        self.responses
    }

    fn response(&self, _request: &Request<'_>, call: &Call<'_>) -> Option<Box<dyn Reader>> {
        let lists = self.lists_of(call.consumer);
        self.responses
            .then(|| -> Box<dyn Reader> { Box::new(Calls { lists, status: self.status, open: BTreeMap::new() }) })
    }
}

/// Looks at the calls in a response.
#[derive(Debug)]
struct Calls {
    lists: Lists,
    status: u32,
    /// Names of calls in a stream, which may come in pieces, by choice and place in it.
    open: BTreeMap<(u64, u64), String>,
}

impl Calls {
    /// The first tool in a document that is not allowed.
    fn denied(&mut self, document: &Value) -> Option<String> {
        let mut names = Vec::new();
        for choice in list(document, "choices") {
            names.extend(tool_calls(&choice["message"]).filter_map(|(name, _)| name));
            if let Some(denied) = self.piece(choice) {
                return Some(denied);
            }
        }
        // Responses: a list of items, of all of a response or one at a time.
        let items = list(document, "output").chain(list(&document["response"], "output")).chain(document.get("item"));
        for item in items {
            let kind = text(item, "type").unwrap_or_default();
            if let Some(own) = kind.strip_suffix("_call") {
                names.push(text(item, "name").unwrap_or(own));
            }
        }
        // Messages: blocks, of all of a message or one at a time.
        let block = |block: &&Value| text(block, "type").is_some_and(|kind| kind.ends_with("tool_use"));
        let message = list(document, "content").chain(list(&document["message"], "content"));
        names
            .extend(message.chain(document.get("content_block")).filter(block).filter_map(|block| text(block, "name")));
        let documents = document.as_array().map_or(std::slice::from_ref(document), Vec::as_slice);
        let parts = documents.iter().flat_map(|document| list(document, "candidates"));
        let parts = parts.flat_map(|candidate| list(&candidate["content"], "parts"));
        names.extend(parts.filter_map(|part| text(part.get("functionCall").or(part.get("function_call"))?, "name")));
        names.into_iter().find(|name| !self.lists.allows(name)).map(ToString::to_string)
    }

    /// Takes the piece of a chat stream that a choice holds. A name is complete when its arguments begin or nothing
    /// follows; until then it is enough that it may become the name of an allowed tool.
    fn piece(&mut self, choice: &Value) -> Option<String> {
        let number = choice["index"].as_u64().unwrap_or(0);
        let mut denied = None;
        for (place, call) in tool_calls(&choice["delta"]).enumerate() {
            let (name, call) = call;
            let place = call["index"].as_u64().unwrap_or(place as u64);
            let known = self.open.entry((number, place)).or_default();
            known.push_str(name.unwrap_or_default());
            let function = call.get("function").unwrap_or(call);
            let complete = text(function, "arguments").is_some_and(|arguments| !arguments.is_empty());
            let allowed = self.lists.allows(known) || !complete && self.lists.may_allow(known);
            if !known.is_empty() && !allowed {
                denied = denied.or_else(|| Some(known.clone()));
            }
        }
        if choice["finish_reason"].is_string() {
            let of_choice = self.open.iter().filter(|((choice, _), name)| *choice == number && !name.is_empty());
            denied = denied.or_else(|| of_choice.map(|(_, name)| name).find(|name| !self.lists.allows(name)).cloned());
        }
        denied
    }
}

/// The calls of a chat message or of a piece of one, with their names.
fn tool_calls(message: &Value) -> impl Iterator<Item = (Option<&str>, &Value)> {
    let old = message.get("function_call").into_iter();
    list(message, "tool_calls").chain(old).map(|call| {
        let named = call.get("function").or(call.get("custom")).unwrap_or(call);
        (text(named, "name"), call)
    })
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

impl Reader for Calls {
    fn edits(&self) -> bool {
        true
    }

    fn refuses(&self) -> bool {
        true
    }

    fn document(&mut self, json: &str, outcome: &mut Outcome) {
        // Most events are text; a key that is written with escapes is read to be sure.
        let marks = ["tool", "unction", "_call", "\\u"];
        let finishes = || !self.open.is_empty() && json.contains("finish_reason");
        if !marks.iter().any(|mark| json.contains(mark)) && !finishes() {
            return;
        }
        let Ok(document) = serde_json::from_str::<Value>(json) else { return };
        if let Some(tool) = self.denied(&document) {
            deny(outcome, self.status, &tool, "response");
        }
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
    fn lists_say_which_tools_are_allowed() {
        let lists = |allow: &[&str], deny: &[&str], default| {
            let own = |list: &[&str]| list.iter().map(ToString::to_string).collect();
            Lists { allow: own(allow), deny: own(deny), default }
        };
        let table = [
            (lists(&[], &[], None), "bash", true),
            (lists(&[], &["bash*"], None), "Bash_tool", false),
            (lists(&["read_*"], &[], None), "read_file", true),
            (lists(&["read_*"], &[], None), "write_file", false),
            (lists(&["read_*"], &[], Some(true)), "write_file", true),
            (lists(&["*"], &["mcp__*__delete?"], None), "mcp__git__deletes", false),
            (lists(&["*"], &["mcp__*__delete?"], None), "mcp__git__delete", true),
            (lists(&[], &[], Some(false)), "bash", false),
        ];
        for (lists, tool, allowed) in table {
            assert_eq!(lists.allows(tool), allowed, "{lists:?} {tool}");
        }
        assert!(lists(&["read_file"], &[], None).may_allow("read_"));
        assert!(!lists(&["read_file"], &[], None).may_allow("read_files"));
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

    /// The number of the document at which a response is refused.
    fn refused(documents: &[Value]) -> Option<usize> {
        let policy = policy(&json!({"allow": ["read_file"], "deny": ["bash"]}));
        let body = r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
        let request = Request::read(body.as_bytes(), "/v1/chat/completions").unwrap();
        let mut reader = policy.response(&request, &Call::default()).unwrap();
        documents.iter().position(|document| {
            let mut outcome = Outcome::default();
            reader.document(&document.to_string(), &mut outcome);
            outcome.denial.is_some()
        })
    }

    #[test]
    fn calls_in_responses_of_all_protocols_are_checked() {
        let table = |tool: &str| {
            [
                json!({"choices": [{"message": {"tool_calls": [{"function": {"name": tool, "arguments": "{}"}}]}}]}),
                json!({"choices": [{"message": {"function_call": {"name": tool, "arguments": "{}"}}}]}),
                json!({"output": [{"type": "function_call", "name": tool}]}),
                json!({"type": "response.output_item.added", "item": {"type": "function_call", "name": tool}}),
                json!({"type": "message", "content": [{"type": "text"}, {"type": "tool_use", "name": tool}]}),
                json!({"type": "content_block_start", "content_block": {"type": "tool_use", "name": tool}}),
                json!({"candidates": [{"content": {"parts": [{"functionCall": {"name": tool}}]}}]}),
                json!([{"candidates": [{"content": {"parts": [{"functionCall": {"name": tool}}]}}]}]),
            ]
        };
        for document in table("bash") {
            assert_eq!(refused(std::slice::from_ref(&document)), Some(0), "{document}");
        }
        for document in table("read_file") {
            assert_eq!(refused(&[document]), None);
        }
    }

    #[test]
    fn names_in_pieces_are_known_before_arguments_pass() {
        let delta = |name: &str, arguments: &str| {
            let call = json!({"index": 0, "function": {"name": name, "arguments": arguments}});
            json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": null}]})
        };
        let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]});
        assert_eq!(refused(&[delta("read_file", ""), delta("", "{"), end.clone()]), None);
        assert_eq!(refused(&[delta("read_", ""), delta("file", ""), delta("", "{}"), end.clone()]), None);
        assert_eq!(refused(&[delta("read_", ""), delta("", "{"), end.clone()]), Some(1));
        assert_eq!(refused(&[delta("read_", ""), delta("files", "")]), Some(1));
        assert_eq!(refused(&[delta("ba", "")]), Some(0));
        assert_eq!(refused(&[delta("read_", ""), end]), Some(1));
    }
}
