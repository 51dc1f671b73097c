//! The contents of Gemini: messages of parts, each of which may be several things at once.

use std::borrow::Cow;

use super::fields::{Fields, Of};
use super::shapes::Blocks;
use super::{Block, Request, Role, ToolCall, Unread};
use crate::json::Value;

impl<'b> Fields<'_, 'b> {
    pub(super) fn gemini(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let contents = self.get(root, "contents")?.ok_or(Unread::UnknownProtocol)?;
        if let Some(system) = self.one(root, &["systemInstruction", "system_instruction"])? {
            let blocks = self.parts(system)?;
            self.add(request, Role::System, system, blocks);
        }
        for content in self.each(Some(contents)) {
            let blocks = self.parts(content)?;
            self.add(request, self.role(content)?, content, blocks);
        }
        Ok(())
    }

    /// The parts of one of the contents.
    fn parts(&self, content: Value) -> Result<Blocks<'b>, Unread> {
        let mut blocks = self.text(content).map(Block::Text).into_iter().collect::<Blocks<'b>>();
        for part in self.list(content, "parts")? {
            let held = blocks.len();
            self.part(part, &mut blocks)?;
            if blocks.len() == held {
                let files = self.one(part, &["inlineData", "inline_data"])?;
                let files = files.or(self.one(part, &["fileData", "file_data"])?);
                let span = self.span(part);
                blocks.push(if files.is_some() { Block::Image(span) } else { Block::Other(span) });
            }
        }
        Ok(blocks)
    }

    fn part(&self, part: Value, blocks: &mut Blocks<'b>) -> Result<(), Unread> {
        let text = self.get(part, "text")?.and_then(|text| self.text(text));
        blocks.extend(text.clone().map(Block::Text));
        for (name, call) in self.part_calls(part)? {
            blocks.push(Block::ToolCall(ToolCall {
                id: self.string(call, "id")?,
                name,
                arguments: self.first(call, &["args", "code"])?.map(|args| self.json(args)).unwrap_or_default(),
                span: self.span(part),
            }));
        }
        if let Some(result) = self.one(part, &["functionResponse", "function_response"])? {
            let (id, name) = (self.string(result, "id")?, self.string(result, "name")?);
            let response = self.get(result, "response")?;
            let texts = response.map(|response| self.strings(response, Of::All, |_| false)).unwrap_or_default();
            blocks.push(self.result(result, id, name, texts));
        } else if let Some(result) = self.one(part, &["codeExecutionResult", "code_execution_result"])? {
            blocks.push(self.result(result, None, None, Vec::new()));
        }
        Ok(())
    }

    /// The tools that a part calls, and where.
    pub(in crate::gateway) fn part_calls(&self, part: Value) -> Result<Vec<(Cow<'b, str>, Value)>, Unread> {
        let mut calls = Vec::new();
        if let Some(call) = self.one(part, &["functionCall", "function_call"])? {
            calls.push((self.string(call, "name")?.unwrap_or_default(), call));
        }
        if let Some(code) = self.one(part, &["executableCode", "executable_code"])? {
            calls.push(("codeExecution".into(), code));
        }
        Ok(calls)
    }
}
