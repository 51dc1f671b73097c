//! Reads a body into a [`Request`]: which protocol it is, and what all protocols have in common.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::{Message, Protocol, Request, Role, Text, Tool};
use crate::json::{Shape, Tape, Value, escape};

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is not JSON in UTF-8, or not one object.
    NotJson,
    /// It is JSON, but no request of a protocol that is known.
    UnknownProtocol,
    /// A key that matters stands twice in an object: readers differ in which one they take.
    RepeatedKey,
}

impl Unread {
    /// The name in labels and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::UnknownProtocol => "unknown_protocol",
            Self::RepeatedKey => "repeated_key",
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'b> Request<'b> {
    /// Reads a body that was sent to a path.
    pub fn read(body: &'b [u8], path: &'b str) -> Result<Self, Unread> {
        let body = std::str::from_utf8(body).map_err(|_| Unread::NotJson)?;
        let tape = Tape::read(body.as_bytes()).filter(|tape| tape.roots().len() == 1).ok_or(Unread::NotJson)?;
        let root = tape.roots()[0];
        if tape.shape(root) != Shape::Object {
            return Err(Unread::UnknownProtocol);
        }
        let fields = Fields { tape: &tape, body };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let protocol = of_path(path).map_or_else(|| fields.protocol(root), |protocol| Ok(Some(protocol)))?;
        let protocol = protocol.ok_or(Unread::UnknownProtocol)?;
        let mut request = Self {
            body,
            protocol,
            model: None,
            model_span: None,
            stream: false,
            messages: Vec::new(),
            tools: Vec::new(),
        };
        fields.common(root, path, &mut request)?;
        match protocol {
            Protocol::Chat => fields.chat(root, &mut request)?,
            Protocol::Messages => fields.anthropic(root, &mut request)?,
            Protocol::Responses => fields.responses(root, &mut request)?,
            Protocol::Gemini => fields.gemini(root, &mut request)?,
        }
        Ok(request)
    }
}

/// The protocol that the end of a path names.
pub(in crate::gateway) fn of_path(path: &str) -> Option<Protocol> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let ends = |end: &str| path.ends_with(end);
    if ends("/chat/completions") {
        Some(Protocol::Chat)
    } else if ends("/responses") {
        Some(Protocol::Responses)
    } else if ends("/messages") {
        Some(Protocol::Messages)
    } else if ends(":generateContent") || ends(":streamGenerateContent") {
        Some(Protocol::Gemini)
    } else {
        None
    }
}

/// Looks up members by their name.
pub(super) struct Fields<'r, 'b> {
    pub(super) tape: &'r Tape<'b>,
    pub(super) body: &'b str,
}

impl<'b> Fields<'_, 'b> {
    /// The value of a key, if the object has it; one that stands twice is an error.
    pub(super) fn get(&self, object: Value, key: &str) -> Result<Option<Value>, Unread> {
        if self.tape.shape(object) != Shape::Object {
            return Ok(None);
        }
        let mut found = None;
        for (name, value) in self.tape.members(object) {
            let inside = self.tape.inside(name);
            let is_it = inside == key.as_bytes()
                || inside.contains(&b'\\') && self.tape.string(name).is_some_and(|name| name == key);
            if is_it && found.replace(value).is_some() {
                return Err(Unread::RepeatedKey);
            }
        }
        Ok(found)
    }

    /// The value of the first of some keys that the object has.
    pub(super) fn any(&self, object: Value, keys: &[&str]) -> Result<Option<Value>, Unread> {
        for key in keys {
            if let Some(value) = self.get(object, key)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The text of the first of some keys whose value is a string.
    pub(super) fn name(&self, object: Value, keys: &[&str]) -> Result<Option<Cow<'b, str>>, Unread> {
        for key in keys {
            let value = self.get(object, key)?.and_then(|value| self.text(value));
            if let Some(text) = value {
                return Ok(Some(text.decoded()));
            }
        }
        Ok(None)
    }

    /// The elements of the list that a key has.
    pub(super) fn list(&self, object: Value, key: &str) -> Result<Vec<Value>, Unread> {
        Ok(self.tape.list(self.get(object, key)?))
    }

    /// The string that a value is.
    pub(super) fn text(&self, value: Value) -> Option<Text<'b>> {
        (self.tape.shape(value) == Shape::String).then(|| {
            let start = self.tape.start(value) + 1;
            let span = start..start + self.tape.inside(value).len();
            Text { inside: &self.body[span.clone()], span }
        })
    }

    /// Where a value stands.
    pub(super) fn span(&self, value: Value) -> Range<usize> {
        let start = self.tape.start(value);
        start..start + self.tape.raw(value).len()
    }

    /// A value as JSON, or the text of a string.
    pub(super) fn json(&self, value: Value) -> Cow<'b, str> {
        self.text(value).map_or_else(|| Cow::Borrowed(&self.body[self.span(value)]), |text| text.decoded())
    }

    /// The protocol that a body without a telling path is written in.
    fn protocol(&self, root: Value) -> Result<Option<Protocol>, Unread> {
        if self.any(root, &["contents"])?.is_some() {
            return Ok(Some(Protocol::Gemini));
        }
        if self.get(root, "messages")?.is_some() {
            let is_anthropic =
                self.any(root, &["system", "anthropic_version"])?.is_some() || self.is_anthropic(root)?;
            return Ok(Some(if is_anthropic { Protocol::Messages } else { Protocol::Chat }));
        }
        Ok(self.get(root, "input")?.map(|_| Protocol::Responses))
    }

    /// Whether tools or blocks are written as only Anthropic's are.
    fn is_anthropic(&self, root: Value) -> Result<bool, Unread> {
        for tool in self.list(root, "tools")? {
            if self.get(tool, "input_schema")?.is_some() {
                return Ok(true);
            }
        }
        for message in self.list(root, "messages")? {
            for block in self.list(message, "content")? {
                let kind = self.name(block, &["type"])?;
                if matches!(kind.as_deref(), Some("tool_use" | "tool_result" | "thinking")) {
                    return Ok(true);
                }
            }
        }
        Ok(self.name(root, &["model"])?.is_some_and(|model| model.contains("claude")))
    }

    /// Reads what is the same in all protocols: model, stream, tools.
    fn common(&self, root: Value, path: &'b str, request: &mut Request<'b>) -> Result<(), Unread> {
        if let Some(model) = self.get(root, "model")?.and_then(|model| self.text(model)) {
            request.model = Some(model.decoded());
            request.model_span = Some(model.span);
        }
        request.stream = self.get(root, "stream")?.is_some_and(|stream| self.tape.raw(stream) == b"true");
        if request.protocol == Protocol::Gemini {
            request.stream = path.ends_with(":streamGenerateContent");
            let asked = path.rsplit_once("models/").and_then(|(_, rest)| rest.split_once(':'));
            if let Some((model, _)) = asked {
                (request.model, request.model_span) = (Some(Cow::Borrowed(model)), None);
            }
        }
        for key in ["tools", "functions"] {
            for tool in self.list(root, key)? {
                self.tool(tool, &mut request.tools)?;
            }
        }
        Ok(())
    }

    /// Reads the definition of a tool, or a list of declarations.
    fn tool(&self, tool: Value, tools: &mut Vec<Tool<'b>>) -> Result<(), Unread> {
        let declared = self.any(tool, &["functionDeclarations", "function_declarations"])?;
        for declaration in self.tape.list(declared) {
            let name = self.name(declaration, &["name"])?.unwrap_or_default();
            tools.push(Tool { name, span: self.span(declaration) });
        }
        if declared.is_some() {
            return Ok(());
        }
        let inner = self.any(tool, &["function", "custom"])?.unwrap_or(tool);
        let name = match self.name(inner, &["name"])? {
            Some(name) => Some(name),
            None => self.name(tool, &["server_label", "type"])?,
        };
        // Gemini's own tools are an object with one key.
        let first = || self.tape.shape(tool) == Shape::Object;
        let own = || first().then(|| self.tape.members(tool).next()).flatten().map(|(key, _)| self.tape.inside(key));
        let name = name.or_else(|| std::str::from_utf8(own()?).ok().map(escape::decoded)).unwrap_or_default();
        tools.push(Tool { name, span: self.span(tool) });
        Ok(())
    }

    /// Adds a message, unless nothing is in it.
    pub(super) fn add(&self, request: &mut Request<'b>, role: Role, value: Value, blocks: Vec<super::Block<'b>>) {
        if !blocks.is_empty() {
            request.messages.push(Message { role, blocks, span: self.span(value) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::request::Block;

    fn told(body: &str, path: &str) -> String {
        let request = match Request::read(body.as_bytes(), path) {
            Ok(request) => request,
            Err(why) => return why.to_string(),
        };
        let mut told = vec![format!("{} {:?} {}", request.protocol.name(), request.model, request.stream)];
        for message in &request.messages {
            let blocks = message.blocks.iter().map(|block| match block {
                Block::Text(text) => format!("text={}", text.decoded()),
                Block::ToolResult(result) => {
                    let texts = result.texts.iter().map(Text::decoded).collect::<Vec<_>>().join("|");
                    format!("result({})={texts}", result.id.as_deref().or(result.name.as_deref()).unwrap_or("-"))
                }
                Block::ToolCall(call) => format!("call {}={}", call.name, call.arguments),
                Block::Image(_) => "image".into(),
                Block::Other(_) => "other".into(),
            });
            told.push(format!("{:?}: {}", message.role, blocks.collect::<Vec<_>>().join("; ")));
        }
        told.extend(request.tools.iter().map(|tool| format!("tool {}", tool.name)));
        told.join("\n")
    }

    #[test]
    fn all_protocols_are_read_into_the_same_shape() {
        let expected = r#"Some("m") true
System: text=be "good"
User: text=hi; image
Assistant: call ls={"a":1}
"#;
        let chat = r#"{"model":"m","stream":true,"messages":[{"role":"system","content":"be \"good\""},
            {"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"x"}}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"ls","arguments":"{\"a\":1}"}}]},
            {"role":"tool","tool_call_id":"c","content":"out\n"}],
            "tools":[{"type":"function","function":{"name":"ls"}}]}"#;
        assert_eq!(told(chat, "/v1/chat/completions"), format!("openai-chat {expected}Tool: result(c)=out\n\ntool ls"));
        let anthropic = r#"{"model":"m","stream":true,"system":[{"type":"text","text":"be \"good\""}],"messages":[
            {"role":"user","content":[{"type":"text","text":"hi"},{"type":"image","source":{}}]},
            {"role":"assistant","content":[{"type":"tool_use","id":"c","name":"ls","input":{"a":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"out"}]}]}],
            "tools":[{"name":"ls","input_schema":{}}]}"#;
        for path in ["/v1/messages?beta=true", "/any"] {
            assert_eq!(
                told(anthropic, path),
                format!("anthropic-messages {expected}User: result(c)=out\ntool ls"),
                "{path}"
            );
        }
        let responses = r#"{"model":"m","stream":true,"instructions":"be \"good\"","input":[
            {"role":"user","content":[{"type":"input_text","text":"hi"},{"type":"input_image","image_url":"x"}]},
            {"type":"function_call","call_id":"c","name":"ls","arguments":"{\"a\":1}"},
            {"type":"function_call_output","call_id":"c","output":"out"}],
            "tools":[{"type":"function","name":"ls"},{"type":"web_search"}]}"#;
        assert_eq!(
            told(responses, "/v1/responses"),
            format!("openai-responses {expected}Tool: result(c)=out\ntool ls\ntool web_search")
        );
        let gemini = r#"{"systemInstruction":{"parts":[{"text":"be \"good\""}]},"contents":[
            {"role":"user","parts":[{"text":"hi"},{"inlineData":{"data":"x"}}]},
            {"role":"model","parts":[{"functionCall":{"name":"ls","args":{"a":1}}}]},
            {"role":"user","parts":[{"functionResponse":{"name":"ls","response":{"output":"out","code":1}}}]}],
            "tools":[{"functionDeclarations":[{"name":"ls"}]},{"googleSearch":{}}]}"#;
        assert_eq!(
            told(gemini, "/v1beta/models/m:streamGenerateContent?alt=sse"),
            format!("gemini {expected}User: result(ls)=out\ntool ls\ntool googleSearch")
        );
    }

    #[test]
    fn what_is_no_request_is_said() {
        for (body, why) in [
            ("", "not_json"),
            ("{\"messages\":[", "not_json"),
            ("{}{}", "not_json"),
            ("[]", "unknown_protocol"),
            ("{\"prompt\":\"x\"}", "unknown_protocol"),
            ("{\"messages\":[],\"messages\":[]}", "repeated_key"),
            ("{\"messages\":[],\"m\\u0065ssages\":[]}", "repeated_key"),
        ] {
            assert_eq!(told(body, "/"), why, "{body}");
        }
        assert_eq!(Request::read(b"{\"messages\":\"\xff\"}", "/").err(), Some(Unread::NotJson));
    }
}
