//! Where the four protocols keep their messages.

use super::read::{Fields, Unread};
use super::{Block, Request, Role, Text, ToolCall, ToolResult};
use crate::json::{Shape, Value};

/// How deep texts are looked for in what a tool gave back to Gemini.
const DEEPEST: usize = 4;

type Blocks<'b> = Vec<Block<'b>>;

impl<'b> Fields<'_, 'b> {
    pub(super) fn chat(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let messages = self.get(root, "messages")?.ok_or(Unread::UnknownProtocol)?;
        for message in self.tape.list(Some(messages)) {
            let role = self.role(message)?;
            let content = self.get(message, "content")?;
            let mut blocks = Vec::new();
            if role == Role::Tool {
                blocks.push(Block::ToolResult(ToolResult {
                    id: self.name(message, &["tool_call_id"])?,
                    name: self.name(message, &["name"])?,
                    texts: self.texts(content)?,
                    span: self.span(message),
                }));
            } else {
                self.content(content, &mut blocks)?;
                for call in self.list(message, "tool_calls")? {
                    self.chat_call(call, &mut blocks)?;
                }
                if let Some(call) = self.get(message, "function_call")? {
                    self.chat_call(call, &mut blocks)?;
                }
            }
            self.add(request, role, message, blocks);
        }
        Ok(())
    }

    pub(super) fn anthropic(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let messages = self.get(root, "messages")?.ok_or(Unread::UnknownProtocol)?;
        if let Some(system) = self.get(root, "system")? {
            let mut blocks = Vec::new();
            self.content(Some(system), &mut blocks)?;
            self.add(request, Role::System, system, blocks);
        }
        for message in self.tape.list(Some(messages)) {
            let mut blocks = Vec::new();
            self.content(self.get(message, "content")?, &mut blocks)?;
            self.add(request, self.role(message)?, message, blocks);
        }
        Ok(())
    }

    pub(super) fn responses(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let (instructions, input) = (self.get(root, "instructions")?, self.get(root, "input")?);
        if instructions.is_none() && input.is_none() {
            return Err(Unread::UnknownProtocol);
        }
        if let Some(text) = instructions.and_then(|text| self.text(text)) {
            self.add(request, Role::System, instructions.unwrap_or(root), vec![Block::Text(text)]);
        }
        if let Some((input, text)) = input.and_then(|input| Some((input, self.text(input)?))) {
            self.add(request, Role::User, input, vec![Block::Text(text)]);
        }
        for item in self.tape.list(input) {
            let (role, blocks) = self.item(item)?;
            self.add(request, role, item, blocks);
        }
        Ok(())
    }

    pub(super) fn gemini(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let contents = self.get(root, "contents")?.ok_or(Unread::UnknownProtocol)?;
        if let Some(system) = self.any(root, &["systemInstruction", "system_instruction"])? {
            let blocks = self.gemini_parts(system)?;
            self.add(request, Role::System, system, blocks);
        }
        let one = (self.tape.shape(contents) == Shape::Object).then_some(contents);
        for content in self.tape.list(Some(contents)).into_iter().chain(one) {
            let blocks = self.gemini_parts(content)?;
            self.add(request, self.role(content)?, content, blocks);
        }
        Ok(())
    }

    fn role(&self, message: Value) -> Result<Role, Unread> {
        let role = self.name(message, &["role"])?;
        Ok(match role.as_deref() {
            Some("system" | "developer") => Role::System,
            Some("assistant" | "model") => Role::Assistant,
            Some("tool" | "function") => Role::Tool,
            _ => Role::User,
        })
    }

    /// The content of a message: a string, or a list of blocks.
    fn content(&self, content: Option<Value>, blocks: &mut Blocks<'b>) -> Result<(), Unread> {
        let Some(content) = content else { return Ok(()) };
        blocks.extend(self.text(content).map(Block::Text));
        for block in self.tape.list(Some(content)) {
            blocks.push(self.block(block)?);
        }
        Ok(())
    }

    fn block(&self, block: Value) -> Result<Block<'b>, Unread> {
        if let Some(text) = self.text(block) {
            return Ok(Block::Text(text));
        }
        let span = self.span(block);
        let kind = self.name(block, &["type"])?;
        let text = self.get(block, "text")?.and_then(|text| self.text(text));
        Ok(match (kind.as_deref(), text) {
            (Some("text" | "input_text" | "output_text") | None, Some(text)) => Block::Text(text),
            (Some("image_url" | "input_image" | "image" | "input_file" | "file" | "input_audio" | "document"), _) => {
                Block::Image(span)
            }
            (Some("tool_use" | "server_tool_use" | "mcp_tool_use"), _) => Block::ToolCall(ToolCall {
                id: self.name(block, &["id"])?,
                name: self.name(block, &["name"])?.unwrap_or_default(),
                arguments: self.get(block, "input")?.map(|input| self.json(input)).unwrap_or_default(),
                span,
            }),
            (Some("tool_result" | "mcp_tool_result"), _) => Block::ToolResult(ToolResult {
                id: self.name(block, &["tool_use_id"])?,
                name: None,
                texts: self.texts(self.get(block, "content")?)?,
                span,
            }),
            _ => Block::Other(span),
        })
    }

    /// The texts of a tool's result: a string, or a list of blocks.
    fn texts(&self, content: Option<Value>) -> Result<Vec<Text<'b>>, Unread> {
        let mut blocks = Vec::new();
        self.content(content, &mut blocks)?;
        let text = |block| if let Block::Text(text) = block { Some(text) } else { None };
        Ok(blocks.into_iter().filter_map(text).collect())
    }

    /// A call of chat completions.
    fn chat_call(&self, call: Value, blocks: &mut Blocks<'b>) -> Result<(), Unread> {
        let inner = self.any(call, &["function", "custom"])?.unwrap_or(call);
        blocks.push(Block::ToolCall(ToolCall {
            id: self.name(call, &["id"])?,
            name: self.name(inner, &["name"])?.unwrap_or_default(),
            arguments: self.any(inner, &["arguments", "input"])?.map(|input| self.json(input)).unwrap_or_default(),
            span: self.span(call),
        }));
        Ok(())
    }

    /// An item of the input of responses.
    fn item(&self, item: Value) -> Result<(Role, Blocks<'b>), Unread> {
        let kind = self.name(item, &["type"])?.unwrap_or_else(|| "message".into());
        let mut blocks = Vec::new();
        if kind == "message" {
            self.content(self.get(item, "content")?, &mut blocks)?;
            return Ok((self.role(item)?, blocks));
        }
        let (span, id) = (self.span(item), self.name(item, &["call_id", "id"])?);
        let output = self.get(item, "output")?;
        let is_output = kind.ends_with("_output");
        if kind.ends_with("_call") && !is_output {
            let arguments = self.any(item, &["arguments", "input", "action"])?;
            blocks.push(Block::ToolCall(ToolCall {
                id: id.clone(),
                name: self.name(item, &["name", "type"])?.unwrap_or_default(),
                arguments: arguments.map(|arguments| self.json(arguments)).unwrap_or_default(),
                span: span.clone(),
            }));
        }
        let texts = self.texts(output)?;
        if is_output || !texts.is_empty() {
            let name = self.name(item, &["name"])?;
            blocks.push(Block::ToolResult(ToolResult { id, name, texts, span }));
            return Ok((Role::Tool, blocks));
        }
        if blocks.is_empty() {
            blocks.push(Block::Other(span));
        }
        Ok((Role::Assistant, blocks))
    }

    /// The parts of one of Gemini's contents.
    fn gemini_parts(&self, content: Value) -> Result<Blocks<'b>, Unread> {
        let mut blocks = self.text(content).map(Block::Text).into_iter().collect::<Blocks<'b>>();
        let parts = self.get(content, "parts")?;
        let one = parts.filter(|parts| self.tape.shape(*parts) == Shape::Object);
        for part in self.tape.list(parts).into_iter().chain(one) {
            blocks.push(self.gemini_part(part)?);
        }
        Ok(blocks)
    }

    fn gemini_part(&self, part: Value) -> Result<Block<'b>, Unread> {
        let span = self.span(part);
        if let Some(text) = self.get(part, "text")?.and_then(|text| self.text(text)) {
            return Ok(Block::Text(text));
        }
        if let Some(call) = self.any(part, &["functionCall", "function_call"])? {
            return Ok(Block::ToolCall(ToolCall {
                id: self.name(call, &["id"])?,
                name: self.name(call, &["name"])?.unwrap_or_default(),
                arguments: self.get(call, "args")?.map(|args| self.json(args)).unwrap_or_default(),
                span,
            }));
        }
        if let Some(result) = self.any(part, &["functionResponse", "function_response"])? {
            let mut texts = Vec::new();
            self.strings(self.get(result, "response")?, 0, &mut texts);
            return Ok(Block::ToolResult(ToolResult {
                id: self.name(result, &["id"])?,
                name: self.name(result, &["name"])?,
                texts,
                span,
            }));
        }
        let is_file = self.any(part, &["inlineData", "inline_data", "fileData", "file_data"])?.is_some();
        Ok(if is_file { Block::Image(span) } else { Block::Other(span) })
    }

    /// The strings in a value.
    fn strings(&self, value: Option<Value>, depth: usize, texts: &mut Vec<Text<'b>>) {
        let Some(value) = value.filter(|_| depth < DEEPEST) else { return };
        match self.tape.shape(value) {
            Shape::String => texts.extend(self.text(value)),
            Shape::Array => self.tape.elements(value).for_each(|value| self.strings(Some(value), depth + 1, texts)),
            Shape::Object => {
                self.tape.members(value).for_each(|(_, value)| self.strings(Some(value), depth + 1, texts));
            }
            Shape::Number | Shape::Word => {}
        }
    }
}
