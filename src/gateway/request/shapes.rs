//! Messages of chat completions and of Anthropic, which are read alike: each may hold what the other has.

use std::borrow::Cow;

use super::fields::{Fields, Of};
use super::{Block, Message, Protocol, Request, Role, Text, ToolCall, ToolResult, Unread};
use crate::json::Value;

pub(super) type Blocks<'b> = Vec<Block<'b>>;

impl<'b> Fields<'_, 'b> {
    pub(super) fn messages(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let messages = self.get(root, "messages")?.ok_or(Unread::UnknownProtocol)?;
        let system = if request.protocol == Protocol::Messages { self.get(root, "system")? } else { None };
        if let Some(system) = system {
            let mut blocks = Vec::new();
            self.content(Some(system), &mut blocks)?;
            self.add(request, Role::System, system, blocks);
        }
        for message in self.each(Some(messages)) {
            let role = self.role(message)?;
            let blocks = self.message(message, role)?;
            self.add(request, role, message, blocks);
        }
        Ok(())
    }

    fn message(&self, message: Value, role: Role) -> Result<Blocks<'b>, Unread> {
        let content = self.get(message, "content")?;
        let mut blocks = Vec::new();
        if role == Role::Tool {
            let (id, name) = (self.string(message, "tool_call_id")?, self.string(message, "name")?);
            blocks.push(self.result(message, id, name, self.texts(content)?));
        } else {
            self.content(content, &mut blocks)?;
        }
        let old = self.get(message, "function_call")?;
        for call in self.list(message, "tool_calls")?.into_iter().chain(old) {
            self.chat_call(call, &mut blocks)?;
        }
        Ok(blocks)
    }

    pub(super) fn role(&self, message: Value) -> Result<Role, Unread> {
        let role = self.string(message, "role")?;
        Ok(match role.as_deref() {
            Some("system" | "developer") => Role::System,
            Some("assistant" | "model") => Role::Assistant,
            Some("tool" | "function") => Role::Tool,
            _ => Role::User,
        })
    }

    /// Adds a message, unless nothing is in it.
    pub(super) fn add(&self, request: &mut Request<'b>, role: Role, value: Value, blocks: Blocks<'b>) {
        let others = if matches!(role, Role::User | Role::Tool) {
            let known = blocks.iter().filter_map(|block| match block {
                Block::Text(text) => Some(text.start()),
                Block::ToolResult(result) => Some(result.span.start),
                Block::ToolCall(_) | Block::Image(_) | Block::Other(_) => None,
            });
            self.others(value, known.collect())
        } else {
            Vec::new()
        };
        if !blocks.is_empty() || !others.is_empty() {
            request.messages.push(Message { role, blocks, others, span: self.span(value) });
        }
    }

    /// The strings in a value, but for the values that begin at some bytes.
    pub(super) fn others(&self, value: Value, mut known: Vec<usize>) -> Vec<Text<'b>> {
        known.sort_unstable();
        self.strings(value, Of::Words, |start| known.binary_search(&start).is_ok())
    }

    /// What a tool gave back; of its strings only its texts may change.
    pub(super) fn result(
        &self,
        value: Value,
        id: Option<Cow<'b, str>>,
        name: Option<Cow<'b, str>>,
        texts: Vec<Text<'b>>,
    ) -> Block<'b> {
        let others = self.others(value, texts.iter().map(Text::start).collect());
        Block::ToolResult(ToolResult { id, name, texts, others, span: self.span(value) })
    }

    /// The content of a message: a string, or a list of blocks.
    pub(super) fn content(&self, content: Option<Value>, blocks: &mut Blocks<'b>) -> Result<(), Unread> {
        blocks.extend(content.and_then(|content| self.text(content)).map(Block::Text));
        for block in self.each(content) {
            blocks.push(self.block(block)?);
        }
        Ok(())
    }

    fn block(&self, block: Value) -> Result<Block<'b>, Unread> {
        if let Some(text) = self.text(block) {
            return Ok(Block::Text(text));
        }
        let span = self.span(block);
        let kind = self.string(block, "type")?;
        let text = self.get(block, "text")?.and_then(|text| self.text(text));
        Ok(match (kind.as_deref(), text) {
            (Some("text" | "input_text" | "output_text") | None, Some(text)) => Block::Text(text),
            (Some("image_url" | "input_image" | "image" | "input_file" | "file" | "input_audio"), _) => {
                Block::Image(span)
            }
            (Some("document"), _) if !self.is_written(block)? => Block::Image(span),
            (Some(kind), _) if kind.ends_with("tool_use") => Block::ToolCall(ToolCall {
                id: self.string(block, "id")?,
                name: self.string(block, "name")?.unwrap_or_default(),
                arguments: self.get(block, "input")?.map(|input| self.json(input)).unwrap_or_default(),
                span,
            }),
            (Some(kind), _) if kind.ends_with("tool_result") => {
                // The results of a provider's own tools are signed or of a fixed form.
                let is_free = matches!(kind, "tool_result" | "mcp_tool_result");
                let texts = if is_free { self.texts(self.get(block, "content")?)? } else { Vec::new() };
                self.result(block, self.string(block, "tool_use_id")?, None, texts)
            }
            _ => Block::Other(span),
        })
    }

    /// Whether a document is text that stands in the request.
    fn is_written(&self, document: Value) -> Result<bool, Unread> {
        let Some(source) = self.get(document, "source")? else { return Ok(false) };
        Ok(matches!(self.string(source, "type")?.as_deref(), Some("text" | "content")))
    }

    /// The texts of a tool's result: a string, or a list of blocks.
    pub(super) fn texts(&self, content: Option<Value>) -> Result<Vec<Text<'b>>, Unread> {
        let mut blocks = Vec::new();
        self.content(content, &mut blocks)?;
        let text = |block| if let Block::Text(text) = block { Some(text) } else { None };
        Ok(blocks.into_iter().filter_map(text).collect())
    }

    /// A call of chat completions; one that names several tools is one of each.
    fn chat_call(&self, call: Value, blocks: &mut Blocks<'b>) -> Result<(), Unread> {
        for (_, callee) in self.callees(call)? {
            let arguments = self.first(callee, &["arguments", "input"])?;
            blocks.push(Block::ToolCall(ToolCall {
                id: self.string(call, "id")?,
                name: self.string(callee, "name")?.unwrap_or_default(),
                arguments: arguments.map(|arguments| self.json(arguments)).unwrap_or_default(),
                span: self.span(call),
            }));
        }
        Ok(())
    }

    /// Where in a call of chat completions a name may stand, and which of these places it is.
    pub(in crate::gateway) fn callees(&self, call: Value) -> Result<Vec<(usize, Value)>, Unread> {
        let inner = [self.get(call, "function")?, self.get(call, "custom")?];
        let mut callees = (1..).zip(inner).filter_map(|(place, callee)| Some((place, callee?))).collect::<Vec<_>>();
        if callees.is_empty() || self.get(call, "name")?.is_some() {
            callees.push((0, call));
        }
        Ok(callees)
    }
}
