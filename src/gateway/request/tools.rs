//! Reads which tools a request offers: definitions, lists of declarations, servers of tools, and what it chooses of them.
//!
//! Providers differ in which of several names of a definition they go by, so all are collected.

use std::borrow::Cow;

use super::fields::Fields;
use super::{Protocol, Request, Tool, ToolList, Unread};
use crate::json::{Shape, Value};

/// Types that say how a tool is defined or chosen, and name none.
const GENERIC: [&str; 10] =
    ["function", "custom", "builtin_function", "url", "tool", "allowed_tools", "auto", "any", "none", "required"];

/// Types of lists of tools, which have names of their own.
const LISTS: [&str; 3] = ["mcp", "mcp_toolset", "namespace"];

/// Members of a definition that are no tools themselves.
const MEMBERS: [&str; 26] = [
    "type",
    "name",
    "description",
    "function",
    "custom",
    "functionDeclarations",
    "function_declarations",
    "mcpServers",
    "mcp_servers",
    "tools",
    "allowed_tools",
    "tool_configuration",
    "configs",
    "default_config",
    "parameters",
    "input_schema",
    "inputSchema",
    "format",
    "cache_control",
    "filters",
    "ranking_options",
    "user_location",
    "container",
    "headers",
    "require_approval",
    "citations",
];

type Names<'b> = Vec<Cow<'b, str>>;

/// Where a definition stands, which says what its members are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a list in which each member of an object is a tool.
    Gemini,
    /// In any other list.
    List,
    /// In place of a list: what is chosen.
    Choice,
}

impl<'b> Fields<'_, 'b> {
    /// Reads all tools of a request.
    pub(super) fn tools(&self, root: Value, request: &mut Request<'b>) -> Result<(), Unread> {
        let place = if request.protocol == Protocol::Gemini { Place::Gemini } else { Place::List };
        for tool in self.list(root, "tools")? {
            self.tool(tool, place, &mut request.tools)?;
        }
        for key in ["functions", "mcp_servers"] {
            self.listed(root, key, &mut request.tools)?;
        }
        request.tool_list = self.tool_list(root, place)?;
        for key in ["tool_choice", "function_call"] {
            if let Some(choice) = self.get(root, key)? {
                self.tool(choice, Place::Choice, &mut request.choices)?;
            }
        }
        let config = self.one(root, &["toolConfig", "tool_config"])?;
        let keys = ["functionCallingConfig", "function_calling_config"];
        let config = config.map_or(Ok(None), |config| self.one(config, &keys))?;
        let keys = ["allowedFunctionNames", "allowed_function_names"];
        let allowed = config.map_or(Ok(None), |config| self.one(config, &keys))?;
        for name in self.tape.list(allowed) {
            self.tool(name, Place::Choice, &mut request.choices)?;
        }
        Ok(())
    }

    /// Where another definition of a function could be added.
    fn tool_list(&self, root: Value, place: Place) -> Result<Option<ToolList>, Unread> {
        if place == Place::Gemini {
            let mut declared = None;
            for tool in self.list(root, "tools")? {
                let list = self.one(tool, &["functionDeclarations", "function_declarations"])?;
                declared = self.filled(list, false).or(declared);
            }
            return Ok(declared);
        }
        let tools = self.filled(self.get(root, "tools")?, false);
        Ok(tools.or(self.filled(self.get(root, "functions")?, true)))
    }

    /// A list that is not empty.
    fn filled(&self, list: Option<Value>, is_bare: bool) -> Option<ToolList> {
        let list = list.filter(|list| self.tape.shape(*list) == Shape::Array && !self.tape.is_empty(*list))?;
        Some(ToolList { end: self.span(list).end - 1, is_bare })
    }

    /// Reads a list of definitions.
    pub(super) fn listed(&self, holder: Value, key: &str, tools: &mut Vec<Tool<'b>>) -> Result<(), Unread> {
        self.list(holder, key)?.into_iter().try_for_each(|tool| self.tool(tool, Place::List, tools))
    }

    /// Reads a definition and all that stand in it.
    fn tool(&self, tool: Value, place: Place, tools: &mut Vec<Tool<'b>>) -> Result<(), Unread> {
        let mut open = vec![(tool, place)];
        let mut at = 0;
        while let Some((tool, place)) = open.get(at).copied() {
            at += 1;
            let inner = self.inner(tool)?;
            let (mut names, mut aliases) = (self.names(tool)?, self.members_of(tool, place));
            if place == Place::Gemini {
                names.append(&mut aliases);
            }
            self.types(tool, &mut names, &mut aliases)?;
            if names.is_empty() && inner.is_empty() && place != Place::Choice {
                names.append(&mut aliases);
                if names.is_empty() {
                    names.push(Cow::Borrowed(""));
                }
            }
            if !names.is_empty() || !aliases.is_empty() {
                tools.push(Tool { names, aliases, span: self.span(tool) });
            }
            let place = if place == Place::Gemini { Place::List } else { place };
            open.extend(inner.into_iter().map(|tool| (tool, place)));
        }
        Ok(())
    }

    /// The definitions that stand in another.
    fn inner(&self, tool: Value) -> Result<Vec<Value>, Unread> {
        let mut inner = self.each(self.one(tool, &["functionDeclarations", "function_declarations"])?);
        inner.extend(self.each(self.one(tool, &["mcpServers", "mcp_servers"])?));
        inner.extend(self.list(tool, "tools")?);
        if let Some(allowed) = self.get(tool, "allowed_tools")? {
            inner.extend(self.list(allowed, "tools")?);
        }
        Ok(inner)
    }

    /// The names that a definition gives.
    fn names(&self, tool: Value) -> Result<Names<'b>, Unread> {
        let mut names = Vec::new();
        let bare = self.text(tool).map(|text| text.decoded());
        names.extend(bare.filter(|name| !is_generic(name)));
        let parts = [Some(tool), self.get(tool, "function")?, self.get(tool, "custom")?];
        for part in parts.into_iter().flatten() {
            names.extend(self.text(part).filter(|_| part != tool).map(|text| text.decoded()));
            names.extend(self.string(part, "name")?);
        }
        for key in ["server_label", "mcp_server_name"] {
            names.extend(self.string(tool, key)?);
        }
        let configuration = self.get(tool, "tool_configuration")?;
        for holder in [Some(tool), configuration].into_iter().flatten() {
            let allowed = self.get(holder, "allowed_tools")?;
            let filter = allowed.map_or(Ok(None), |allowed| self.get(allowed, "tool_names"))?;
            let listed = self.tape.list(allowed).into_iter().chain(self.tape.list(filter));
            names.extend(listed.filter_map(|name| Some(self.text(name)?.decoded())));
        }
        for (name, config) in self.get(tool, "configs")?.map(|configs| self.members(configs)).unwrap_or_default() {
            let is_off = self.get(config, "enabled")?.is_some_and(|enabled| self.tape.raw(enabled) == b"false");
            names.extend((!is_off).then_some(name));
        }
        Ok(names)
    }

    /// The members of a definition that may be tools: the value says how they are set.
    fn members_of(&self, tool: Value, place: Place) -> Names<'b> {
        let is_tool = |value: Value| place == Place::Gemini || self.tape.shape(value) == Shape::Object;
        let members =
            self.members(tool).into_iter().filter(|(key, value)| !MEMBERS.contains(&&**key) && is_tool(*value));
        members.map(|(key, _)| key).collect()
    }

    /// The type, which of a provider's own tool is its name, with a date or without.
    fn types(&self, tool: Value, names: &mut Names<'b>, aliases: &mut Names<'b>) -> Result<(), Unread> {
        let Some(kind) = self.string(tool, "type")? else { return Ok(()) };
        let bare = undated(&kind).to_string();
        let is_same = |name: &Cow<'_, str>| *name == bare || bare == "text_editor" && name.starts_with("str_replace");
        let is_dated = bare.len() < kind.len();
        if is_generic(&kind) {
            return Ok(());
        }
        if LISTS.contains(&&*kind) || is_dated && names.iter().any(is_same) {
            aliases.push(kind);
        } else {
            names.push(if is_dated { bare.clone().into() } else { kind.clone() });
            aliases.extend(is_dated.then_some(kind));
        }
        if is_dated {
            aliases.push(bare.into());
        }
        Ok(())
    }
}

fn is_generic(kind: &str) -> bool {
    GENERIC.iter().any(|generic| generic.eq_ignore_ascii_case(kind))
}

/// A type without the date that it ends with: `bash_20250124`, `web_search_preview_2025_03_11`.
fn undated(kind: &str) -> &str {
    let bare = kind.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-'));
    let digits = kind[bare.len()..].bytes().filter(u8::is_ascii_digit).count();
    if digits >= 8 && !bare.is_empty() { bare } else { kind }
}
