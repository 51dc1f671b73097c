//! The input of OpenAI's responses: items, of which messages are one kind.

use std::borrow::Cow;

use super::fields::{Fields, Of};
use super::shapes::Blocks;
use super::{Block, Message, Request, Role, Text, ToolCall, ToolResult, Unread};
use crate::json::Value;

/// What in a call is the model's, and not from the tool.
const ASKED: [&str; 15] = [
    "type",
    "id",
    "status",
    "name",
    "namespace",
    "server_label",
    "arguments",
    "input",
    "action",
    "actions",
    "code",
    "operation",
    "queries",
    "query",
    "environment",
];

impl<'b> Fields<'_, 'b> {
    pub(super) fn responses(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let (instructions, input) = (self.get(root, "instructions")?, self.get(root, "input")?);
        let prompt = self.get(root, "prompt")?;
        if instructions.is_none() && input.is_none() && prompt.is_none() {
            return Err(Unread::UnknownProtocol);
        }
        if let Some((value, text)) = instructions.and_then(|value| Some((value, self.text(value)?))) {
            self.add(request, Role::System, value, vec![Block::Text(text)]);
        }
        // What is put into a prompt that the provider keeps; its names are the user's.
        if let Some(variables) = prompt.map_or(Ok(None), |prompt| self.get(prompt, "variables"))? {
            let others = self.strings(variables, Of::All, |_| false);
            let span = self.span(variables);
            request.messages.push(Message { role: Role::User, blocks: Vec::new(), others, span });
        }
        if let Some((input, text)) = input.and_then(|input| Some((input, self.text(input)?))) {
            self.add(request, Role::User, input, vec![Block::Text(text)]);
        }
        for item in self.each(input) {
            // Tools that were looked for are offered from then on.
            if self.string(item, "type")?.as_deref() == Some("tool_search_output") {
                self.listed(item, "tools", &mut request.tools)?;
            }
            let (role, blocks) = self.item(item)?;
            self.add(request, role, item, blocks);
        }
        Ok(())
    }

    /// An item of the input.
    fn item(&self, item: Value) -> Result<(Role, Blocks<'b>), Unread> {
        let kind = self.string(item, "type")?.unwrap_or_else(|| "message".into());
        let mut blocks = Vec::new();
        if kind == "message" {
            self.content(self.get(item, "content")?, &mut blocks)?;
            return Ok((self.role(item)?, blocks));
        }
        let id = match self.string(item, "call_id")? {
            Some(id) => Some(id),
            None => self.string(item, "id")?,
        };
        let calls = self.item_names(item, &kind)?;
        if calls.is_empty() {
            if kind.ends_with("_output") {
                let texts = self.texts(self.get(item, "output")?)?;
                let name = self.string(item, "name")?;
                return Ok((Role::Tool, vec![self.result(item, id, name, texts)]));
            }
            let is_model = matches!(&*kind, "reasoning" | "compaction");
            let role = if is_model { Role::Assistant } else { self.role_of_item(item)? };
            return Ok((role, vec![Block::Other(self.span(item))]));
        }
        let arguments = self.first(item, &["arguments", "input", "action"])?;
        let arguments = arguments.map(|arguments| self.json(arguments)).unwrap_or_default();
        blocks.extend(calls.into_iter().map(|name| {
            Block::ToolCall(ToolCall { id: id.clone(), name, arguments: arguments.clone(), span: self.span(item) })
        }));
        let result = self.given_back(item, &kind, id)?;
        let role = if result.is_some() { Role::Tool } else { Role::Assistant };
        blocks.extend(result);
        Ok((role, blocks))
    }

    /// What a tool gave back in the item of its call.
    fn given_back(&self, item: Value, kind: &str, id: Option<Cow<'b, str>>) -> Result<Option<Block<'b>>, Unread> {
        let texts = self.texts(self.get(item, "output")?)?;
        let of_model = |key: &str| ASKED.contains(&key) || key == "result" && kind == "image_generation_call";
        let asked = self.members(item).into_iter().filter(|(key, _)| of_model(key));
        let known = asked.map(|(_, value)| self.tape.start(value)).chain(texts.iter().map(Text::start));
        let others = self.others(item, known.collect());
        let (name, span) = (self.string(item, "name")?, self.span(item));
        let is_any = !texts.is_empty() || !others.is_empty();
        Ok(is_any.then_some(Block::ToolResult(ToolResult { id, name, texts, others, span })))
    }

    /// Whose an item is of a kind that is not known: a tool's, unless it says otherwise.
    fn role_of_item(&self, item: Value) -> Result<Role, Unread> {
        Ok(if self.get(item, "role")?.is_some() { self.role(item)? } else { Role::Tool })
    }

    /// The tools that an item calls, if it is a call: the one that it names, and the provider's own that it is of.
    pub(in crate::gateway) fn item_names(&self, item: Value, kind: &str) -> Result<Vec<Cow<'b, str>>, Unread> {
        let own = if kind == "mcp_approval_request" { Some("mcp") } else { kind.strip_suffix("_call") };
        let Some(own) = own else { return Ok(Vec::new()) };
        let mut names = self.string(item, "name")?.into_iter().collect::<Vec<_>>();
        if names.is_empty() || !matches!(own, "function" | "custom_tool" | "mcp") {
            names.push(own.to_string().into());
        }
        Ok(names)
    }
}
