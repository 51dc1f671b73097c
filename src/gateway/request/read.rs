//! Reads a body into a [`Request`]: which protocol it is, and what all protocols have in common.

use std::fmt;
use std::rc::Rc;

use super::fields::Fields;
use super::path::Path;
use super::{Protocol, Request};
use crate::json::{Shape, Tape, Value};

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is not JSON in UTF-8, or not one object.
    NotJson,
    /// It is JSON, but no request of a protocol that is known.
    UnknownProtocol,
    /// A key that matters stands twice in an object, or in other capitals: readers differ in which one they take.
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
    pub fn read(body: &'b [u8], path: &str) -> Result<Self, Unread> {
        let body = std::str::from_utf8(body).map_err(|_| Unread::NotJson)?;
        let tape = Tape::read(body.as_bytes()).filter(|tape| tape.roots().len() == 1).ok_or(Unread::NotJson)?;
        let tape = Rc::new(tape);
        let root = tape.roots()[0];
        if tape.shape(root) != Shape::Object {
            return Err(Unread::UnknownProtocol);
        }
        let fields = Fields { tape: &tape, body };
        let path = Path::of(path);
        let protocol = path.protocol().map_or_else(|| fields.protocol(root), Ok)?;
        let mut request = Self {
            body,
            protocol,
            model: None,
            model_span: None,
            stream: false,
            messages: Vec::new(),
            tools: Vec::new(),
            choices: Vec::new(),
            tool_list: None,
            tape: Rc::clone(&tape),
        };
        fields.common(root, &path, &mut request)?;
        match protocol {
            Protocol::Chat | Protocol::Messages => fields.messages(root, &mut request)?,
            Protocol::Responses => fields.responses(root, &mut request)?,
            Protocol::Gemini => fields.gemini(root, &mut request)?,
        }
        Ok(request)
    }
}

impl<'b> Fields<'_, 'b> {
    /// The protocol that a body without a telling path is written in; one that could be of two is of none.
    fn protocol(&self, root: Value) -> Result<Protocol, Unread> {
        let mut found = Vec::new();
        for (key, protocol) in
            [("contents", Protocol::Gemini), ("messages", Protocol::Chat), ("input", Protocol::Responses)]
        {
            found.extend(self.get(root, key)?.map(|_| protocol));
        }
        match found[..] {
            [Protocol::Chat] if self.is_anthropic(root)? => Ok(Protocol::Messages),
            [protocol] => Ok(protocol),
            _ => Err(Unread::UnknownProtocol),
        }
    }

    /// Whether a body with messages is written as only Anthropic's are.
    fn is_anthropic(&self, root: Value) -> Result<bool, Unread> {
        if self.first(root, &["system", "anthropic_version"])?.is_some() {
            return Ok(true);
        }
        for tool in self.list(root, "tools")? {
            if self.get(tool, "input_schema")?.is_some() {
                return Ok(true);
            }
        }
        for message in self.list(root, "messages")? {
            for block in self.list(message, "content")? {
                let kind = self.string(block, "type")?;
                if matches!(kind.as_deref(), Some("tool_use" | "tool_result" | "thinking")) {
                    return Ok(true);
                }
            }
        }
        Ok(self.string(root, "model")?.is_some_and(|model| model.contains("claude")))
    }

    /// Reads what is the same in all protocols: model, stream, tools.
    fn common(&self, root: Value, path: &Path, request: &mut Request<'b>) -> Result<(), Unread> {
        if let Some(model) = self.get(root, "model")?.and_then(|model| self.text(model)) {
            request.model = Some(model.decoded());
            request.model_span = Some(model.span);
        }
        request.stream = self.get(root, "stream")?.is_some_and(|stream| self.tape.raw(stream) == b"true");
        if request.protocol == Protocol::Gemini {
            request.stream = path.streams();
            if let Some(model) = path.model() {
                (request.model, request.model_span) = (Some(model.into()), None);
            }
        }
        self.tools(root, request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::request::{Block, Text};

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
        told.extend(request.tools.iter().map(|tool| format!("tool {}", tool.names.join("+"))));
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
