//! The calls in a response, those of a stream before any argument of the call is let through.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Lists, deny, unreadable};
use crate::gateway::part::{Outcome, Reader};
use crate::gateway::request::{Fields, Unread};
use crate::json::{Shape, Tape, Value};

/// Looks at the calls in a response.
#[derive(Debug)]
pub(super) struct Calls {
    lists: Rc<Lists>,
    status: u32,
    /// Calls of a chat stream, by choice, by place in it, and by where in the call the name stands.
    open: BTreeMap<(u64, u64, usize), Open>,
}

/// A call of which more may come.
#[derive(Debug, Default)]
struct Open {
    id: String,
    /// As much of the name as is known.
    name: String,
    /// Whether arguments came, so that the name is whole.
    has_begun: bool,
}

/// One of these stands in every event that holds a call; most events are text. A key that is written with escapes is
/// read to be sure.
const MARKS: [&str; 6] = ["tool", "unction", "_call", "mcp_", "xecutable", "\\u"];

impl Calls {
    pub(super) fn new(lists: Rc<Lists>, status: u32) -> Self {
        Self { lists, status, open: BTreeMap::new() }
    }

    /// The first tool in a document that is not allowed.
    fn denied(&mut self, json: &str) -> Result<Option<String>, Unread> {
        let tape = Tape::read(json.as_bytes()).ok_or(Unread::NotJson)?;
        let fields = Fields { tape: &tape, body: json };
        for root in tape.roots() {
            let documents = if tape.shape(*root) == Shape::Array { tape.list(Some(*root)) } else { vec![*root] };
            for document in documents {
                let names = called(&fields, document)?;
                if let Some(name) = names.into_iter().find(|name| !self.lists.allows(name)) {
                    return Ok(Some(name.into_owned()));
                }
                for choice in fields.list(document, "choices")? {
                    if let Some(denied) = self.piece(&fields, choice)? {
                        return Ok(Some(denied));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Takes the piece of a chat stream that a choice holds. A name is whole when its arguments begin, another call
    /// does, or nothing follows; until then it is enough that it may become the name of an allowed tool.
    fn piece(&mut self, fields: &Fields<'_, '_>, choice: Value) -> Result<Option<String>, Unread> {
        let number = index(fields, choice)?.unwrap_or(0);
        let delta = fields.get(choice, "delta")?;
        let mut touched = Vec::new();
        let mut denied = None;
        for (place, call) in delta.map_or(Ok(Vec::new()), |delta| chat_calls(fields, delta))?.into_iter().enumerate() {
            let place = index(fields, call)?.unwrap_or(place as u64);
            let id = fields.string(call, "id")?.unwrap_or_default();
            for (slot, callee) in fields.callees(call)? {
                let name = fields.string(callee, "name")?.unwrap_or_default();
                let arguments = [fields.get(callee, "arguments")?, fields.get(callee, "input")?];
                let has_begun = arguments.into_iter().flatten().any(|part| fields.tape.raw(part) != b"\"\"");
                touched.push(place);
                denied = denied.or(self.take((number, place, slot), &id, &name, has_begun));
            }
        }
        let is_over = fields.string(choice, "finish_reason")?.is_some_and(|reason| !reason.is_empty());
        let goes_on = |place: &u64| !is_over && (touched.is_empty() || touched.contains(place));
        let whole = self.open.iter().filter(|((choice, place, _), _)| *choice == number && !goes_on(place));
        denied = denied.or_else(|| whole.into_iter().find_map(|(_, open)| self.lists.refused(open)));
        if is_over {
            self.open.retain(|key, _| key.0 != number);
        }
        Ok(denied)
    }

    /// Takes a piece of a call; gives its name if it cannot be allowed.
    fn take(&mut self, key: (u64, u64, usize), id: &str, name: &str, has_begun: bool) -> Option<String> {
        let open = self.open.entry(key).or_default();
        if !id.is_empty() {
            if !open.id.is_empty() && open.id != id {
                // Some providers give every call the same place.
                if let Some(denied) = self.lists.refused(&std::mem::take(open)) {
                    return Some(denied);
                }
            }
            open.id = id.to_string();
        }
        // Some providers tell the name again with every piece.
        if !(open.has_begun && open.name == name) {
            open.name.push_str(name);
        }
        open.has_begun |= has_begun;
        let is_allowed = if open.has_begun { self.lists.allows(&open.name) } else { self.lists.may_allow(&open.name) };
        (!is_allowed).then(|| open.name.clone())
    }
}

impl Lists {
    /// The name of a call of which nothing more comes, if it is not allowed.
    fn refused(&self, call: &Open) -> Option<String> {
        let is_call = call.has_begun || !call.name.is_empty();
        (is_call && !self.allows(&call.name)).then(|| call.name.clone())
    }
}

type Names<'b> = Result<Vec<Cow<'b, str>>, Unread>;

/// The tools that a document calls by names that are whole.
fn called<'b>(fields: &Fields<'_, 'b>, document: Value) -> Names<'b> {
    let mut names = of_choices(fields, document)?;
    names.extend(of_items(fields, document)?);
    names.extend(of_blocks(fields, document)?);
    names.extend(of_candidates(fields, document)?);
    Ok(names)
}

/// Chat completions: whole messages.
fn of_choices<'b>(fields: &Fields<'_, 'b>, document: Value) -> Names<'b> {
    let mut names = Vec::new();
    for choice in fields.list(document, "choices")? {
        let message = fields.get(choice, "message")?;
        for call in message.map_or(Ok(Vec::new()), |message| chat_calls(fields, message))? {
            for (_, callee) in fields.callees(call)? {
                names.extend(fields.string(callee, "name")?);
            }
        }
    }
    Ok(names)
}

/// Responses: items, of all of a response or one at a time; the event behind the last arguments tells the name again.
fn of_items<'b>(fields: &Fields<'_, 'b>, document: Value) -> Names<'b> {
    let mut items = fields.list(document, "output")?;
    if let Some(response) = fields.get(document, "response")? {
        items.extend(fields.list(response, "output")?);
    }
    items.extend(fields.get(document, "item")?);
    let mut names = Vec::new();
    for item in items {
        let kind = fields.string(item, "type")?.unwrap_or_default();
        names.extend(fields.item_names(item, &kind)?);
    }
    let kind = fields.string(document, "type")?.unwrap_or_default();
    if kind.starts_with("response.") && kind.contains("_call") {
        names.extend(fields.string(document, "name")?);
    }
    Ok(names)
}

/// Messages: blocks, of all of a message or one at a time.
fn of_blocks<'b>(fields: &Fields<'_, 'b>, document: Value) -> Names<'b> {
    let mut blocks = fields.list(document, "content")?;
    if let Some(message) = fields.get(document, "message")? {
        blocks.extend(fields.list(message, "content")?);
    }
    blocks.extend(fields.get(document, "content_block")?);
    let mut names = Vec::new();
    for block in blocks {
        if fields.string(block, "type")?.is_some_and(|kind| kind.ends_with("tool_use")) {
            names.push(fields.string(block, "name")?.unwrap_or_default());
        }
    }
    Ok(names)
}

/// Gemini: parts.
fn of_candidates<'b>(fields: &Fields<'_, 'b>, document: Value) -> Names<'b> {
    let mut names = Vec::new();
    for candidate in fields.list(document, "candidates")? {
        let content = fields.get(candidate, "content")?;
        for part in content.map_or(Ok(Vec::new()), |content| fields.list(content, "parts"))? {
            let calls = fields.part_calls(part)?.into_iter().map(|(name, _)| name);
            names.extend(calls.filter(|name| !name.is_empty()));
        }
    }
    Ok(names)
}

/// The calls of a chat message or of a piece of one.
fn chat_calls(fields: &Fields<'_, '_>, message: Value) -> Result<Vec<Value>, Unread> {
    let mut calls = fields.list(message, "tool_calls")?;
    calls.extend(fields.get(message, "function_call")?);
    Ok(calls)
}

fn index(fields: &Fields<'_, '_>, object: Value) -> Result<Option<u64>, Unread> {
    Ok(fields.get(object, "index")?.and_then(|index| fields.json(index).parse().ok()))
}

impl Reader for Calls {
    fn edits(&self) -> bool {
        true
    }

    fn refuses(&self) -> bool {
        true
    }

    fn document(&mut self, json: &str, outcome: &mut Outcome) {
        let finishes = || !self.open.is_empty() && json.contains("finish_reason");
        if !MARKS.iter().any(|mark| json.contains(mark)) && !finishes() {
            return;
        }
        match self.denied(json) {
            Ok(None) => {}
            Ok(Some(tool)) => deny(outcome, self.status, &tool, "response"),
            Err(why) => unreadable(outcome, self.status, why),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(allow: &[&str], deny: &[&str]) -> Calls {
        let own = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        Calls::new(Rc::new(Lists::new(&own(allow), &own(deny), None)), 403)
    }

    /// The number of the document at which a response is refused.
    fn at(mut calls: Calls, documents: &[impl ToString]) -> Option<usize> {
        documents.iter().position(|document| {
            let mut outcome = Outcome::default();
            calls.document(&document.to_string(), &mut outcome);
            outcome.denial.is_some()
        })
    }

    fn refused(documents: &[Value]) -> Option<usize> {
        at(of(&["read_file"], &["bash"]), documents)
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
                json!({"candidates": [{"content": {"parts": {"text": "x", "function_call": {"name": tool}}}}]}),
                json!({"choices": [{"message": {"tool_calls": [{"custom": {"name": tool, "input": "x"}}]}}]}),
                json!({"choices": [{"message": {"tool_calls": {"function": {"name": tool}}}}]}),
                json!({"output": [{"type": "message"}, {"type": "custom_tool_call", "name": tool}]}),
                json!({"response": {"output": [{"type": "mcp_call", "server_label": "s", "name": tool}]}}),
                json!({"item": {"type": "mcp_approval_request", "server_label": "s", "name": tool}}),
                json!({"type": "response.function_call_arguments.done", "name": tool, "arguments": "{}"}),
                json!({"content_block": {"type": "server_tool_use", "name": tool}}),
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
        assert_eq!(refused(&[delta("", "{"), delta("read_file", "")]), Some(0));
        assert_eq!(refused(&[delta("read_", ""), end]), Some(1));
    }

    #[test]
    fn what_comes_in_pieces_is_whole_when_something_else_begins() {
        let delta = |call: Value| json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]});
        let name = |index, name: &str| delta(json!({"index": index, "function": {"name": name, "arguments": ""}}));
        let asked = |index, arguments: &str| delta(json!({"index": index, "function": {"arguments": arguments}}));
        let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]});
        let custom = |name: &str, input: &str| delta(json!({"index": 0, "custom": {"name": name, "input": input}}));
        let with_id = |id: &str, name: &str| delta(json!({"id": id, "function": {"name": name, "arguments": "{}"}}));
        let table = [
            // The beginning of a name that is allowed.
            (vec![name(0, "bash"), name(0, "_safe"), asked(0, "{}"), end.clone()], None),
            (vec![name(0, "bash"), asked(0, "{")], Some(1)),
            (vec![name(0, "bash"), end.clone()], Some(1)),
            (vec![name(0, "bash"), name(1, "ls")], Some(1)),
            (vec![custom("ba", ""), custom("sh", "rm -rf")], Some(1)),
            (vec![custom("bash", "rm -rf")], Some(0)),
            (vec![with_id("a", "ls"), with_id("b", "bash")], Some(1)),
            (vec![with_id("a", "ls"), with_id("b", "cat"), end.clone()], None),
            // A name that is told again with every piece.
            (vec![with_id("a", "ls"), with_id("a", "ls"), end.clone()], None),
            (vec![delta(json!({"function": {"name": "ls"}, "custom": {"name": "bash", "input": "x"}}))], Some(0)),
            (vec![delta(json!({"index": 0, "function": {"name": "bash", "arguments": {}}}))], Some(0)),
        ];
        for (documents, expected) in table {
            assert_eq!(at(of(&[], &["bash"]), &documents), expected, "{documents:?}");
        }
        assert_eq!(at(of(&["read_file"], &[]), &[custom("read", "rm -rf")]), Some(0));
        let both = json!({"name": "bash", "arguments": "", "input": "rm -rf"});
        assert_eq!(at(of(&[], &["bash"]), &[delta(json!({"custom": both}))]), Some(0));
        // Pieces that hold nothing.
        let blank = json!({"choices": [{"delta": {"tool_calls": [{"index": 0}]}, "finish_reason": ""}]});
        let stream = [name(0, "read_"), blank, name(0, "file"), asked(0, "{}"), end];
        assert_eq!(at(of(&["read_file"], &[]), &stream), None);
    }

    #[test]
    fn arguments_of_any_form_hide_no_name() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        for arguments in ["\"\\ud800\"", "1e999", "-0", &deep] {
            let block = format!(r#"{{"content":[{{"type":"tool_use","name":"bash","input":{{"a":{arguments}}}}}]}}"#);
            let part = format!(r#"[{{"functionCall":{{"args":{{"a":{arguments}}},"name":"bash"}}}}]"#);
            let part = format!(r#"{{"candidates":[{{"content":{{"parts":{part}}}}}]}}"#);
            let escaped = r#"{"item":{"type":"function_c\u0061ll","\u006eame":"b\u0061sh","a":"#;
            for document in [block, part, format!("{escaped}{arguments}}}}}")] {
                assert_eq!(at(of(&[], &["bash"]), &[&document]), Some(0), "{document}");
                assert_eq!(at(of(&[], &["rm"]), &[&document]), None, "{document}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_counted() {
        for document in [
            r#"{"content":[{"type":"tool_use","name":"ls","name":"bash"}]}"#,
            r#"{"content":[{"type":"tool_use","name":"ls","Name":"bash"}]}"#,
            r#"{"content":[{"type":"tool_use","name":"bash"}"#,
        ] {
            let mut outcome = Outcome::default();
            of(&[], &["rm"]).document(document, &mut outcome);
            assert!(outcome.denial.is_some(), "{document}");
            assert_eq!(outcome.counts[0].labels[0].1, "unreadable");
        }
    }
}
