//! Reads a prompt into parts, in the order in which its provider caches them.
//!
//! Known are plain text and Markdown, requests to OpenAI (chat completions and responses), Anthropic (messages) and Gemini
//! (generateContent), lists of messages or of tools without a request around them, and lines of requests. Tools stand
//! before the system text where the provider renders them there: Anthropic documents `tools`, `system`, `messages`, and
//! OpenAI puts tools into the beginning of its prompt; for Gemini it is `systemInstruction`, `tools`, `contents`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::escape;
use crate::json::{Shape, Tape, Value};
use crate::tokens;

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Messages.
    Anthropic,
    /// Chat completions and responses.
    OpenAi,
    /// generateContent.
    Gemini,
}

impl Provider {
    /// The name users write and read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Gemini => "gemini",
        }
    }
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Anthropic, Self::OpenAi, Self::Gemini].into_iter().find(|provider| provider.name() == text);
        known.ok_or_else(|| format!("`{text}` is no provider: it is `anthropic`, `openai` or `gemini`"))
    }
}

/// How a source is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// A request when it is one, else text.
    #[default]
    Auto,
    /// Text, whatever it looks like.
    Text,
    /// One request.
    Json,
    /// A request a line.
    Lines,
}

/// Why a source cannot be read as what it was said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// It is not JSON; what the parser says, with line and column.
    NotJson(String),
    /// It is JSON, but no request of a provider that is known.
    UnknownShape,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "not JSON: {why}"),
            Self::UnknownShape => f.write_str(
                "no request of a known provider: there is no `messages`, `input`, `contents`, `system` or `tools`",
            ),
        }
    }
}

/// Whose text a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The system prompt, or the instructions of a developer.
    System,
    /// A definition of a tool.
    Tool,
    /// A message before the first answer.
    Early,
    /// A message behind it.
    Later,
}

/// A text of a prompt, and where it stands.
#[derive(Debug)]
pub struct Part<'s> {
    /// Whose text it is.
    pub role: Role,
    /// Where in a request; empty for a plain text.
    pub pointer: String,
    /// The first byte of the text in the source.
    pub at: usize,
    /// The text, escapes resolved.
    pub text: Cow<'s, str>,
    /// The text as it stands in the source.
    inside: &'s str,
    /// What stands in front of it and is cached as well: names and brackets in the definition of a tool.
    lead: &'s str,
}

impl Part<'_> {
    /// How many tokens it has up to a byte of its text, as an estimate.
    pub fn tokens_to(&self, at: usize) -> usize {
        tokens::estimate(self.lead.as_bytes()) + tokens::estimate(&self.text.as_bytes()[..at])
    }

    /// How many tokens it has, as an estimate.
    pub fn tokens(&self) -> usize {
        self.tokens_to(self.text.len())
    }

    /// For the places of many bytes in their order.
    pub(super) fn places(&self) -> escape::Places<'_> {
        escape::Places::new(self.inside, matches!(self.text, Cow::Owned(_)))
    }

    /// Which byte of the text stands in a place of the source.
    pub fn text_at(&self, place: usize) -> usize {
        let (mut low, mut high) = (0, self.text.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.place(middle) < place { low = middle + 1 } else { high = middle }
        }
        (0..=low).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }

    /// Where in the source a byte of the text stands.
    pub fn place(&self, at: usize) -> usize {
        self.at + self.places().of(at)
    }
}

/// A prompt, read.
#[derive(Debug)]
pub struct Prompt<'s> {
    /// All of the file.
    pub source: &'s str,
    /// The first byte of this prompt in it.
    pub start: usize,
    /// Whose request it is, when it is one.
    pub provider: Option<Provider>,
    /// The model it asks.
    pub model: Option<String>,
    /// Its texts, in the order in which they are cached.
    pub parts: Vec<Part<'s>>,
    /// The request, when it is one.
    pub request: Option<Request<'s>>,
}

/// A request as JSON.
#[derive(Debug)]
pub struct Request<'s> {
    tape: Tape<'s>,
    /// What it consists of.
    pub root: Value,
    /// The list of tools.
    pub tools: Option<Value>,
}

impl<'s> Prompt<'s> {
    /// Reads the prompts of a source: one, or one a line.
    pub fn read(source: &'s str, form: Form) -> Result<Vec<Self>, ReadError> {
        match form {
            Form::Text => Ok(vec![Self::of_text(source)]),
            Form::Json => Self::of_json(source, 0, source).map(|prompt| vec![prompt]),
            Form::Lines => Self::of_lines(source),
            Form::Auto => {
                let is_json = source.trim_start().starts_with(['{', '[']);
                let request = is_json.then(|| Self::of_json(source, 0, source).ok()).flatten();
                if let Some(request) = request {
                    return Ok(vec![request]);
                }
                let lines = if is_json { Self::of_lines(source).ok() } else { None };
                Ok(lines.unwrap_or_else(|| vec![Self::of_text(source)]))
            }
        }
    }

    fn of_text(source: &'s str) -> Self {
        let part =
            Part { role: Role::System, pointer: String::new(), at: 0, text: source.into(), inside: source, lead: "" };
        Self { source, start: 0, provider: None, model: None, parts: vec![part], request: None }
    }

    fn of_lines(source: &'s str) -> Result<Vec<Self>, ReadError> {
        let mut prompts = Vec::new();
        let mut at = 0;
        for line in source.split_inclusive('\n') {
            if !line.trim().is_empty() {
                prompts.push(Self::of_json(source, at, line)?);
            }
            at += line.len();
        }
        if prompts.is_empty() { Err(ReadError::NotJson("there is no line".into())) } else { Ok(prompts) }
    }

    fn of_json(source: &'s str, start: usize, text: &'s str) -> Result<Self, ReadError> {
        let tape = Tape::read(text.as_bytes()).filter(|tape| tape.roots().len() == 1);
        let Some(tape) = tape else {
            let parsed = serde_json::from_str::<serde::de::IgnoredAny>(text);
            let line = 1 + source[..start].matches('\n').count();
            let why = parsed.err().map_or_else(|| "not one object or array".into(), |error| error.to_string());
            let why = if start == 0 { why } else { format!("{why} (of line {line})") };
            return Err(ReadError::NotJson(why));
        };
        let root = tape.roots()[0];
        let reader = Reader { source, start, tape: &tape, parts: Vec::new() };
        let (provider, parts, tools) = reader.read(root).ok_or(ReadError::UnknownShape)?;
        let model = member(&tape, root, &["model"]).and_then(|model| string(&tape, model)).map(Cow::into_owned);
        Ok(Self { source, start, provider, model, parts, request: Some(Request { tape, root, tools }) })
    }

    /// The texts that the checks look into: all but messages behind the first answer.
    pub fn prefix(&self) -> impl Iterator<Item = &Part<'s>> {
        self.parts.iter().filter(|part| part.role != Role::Later)
    }

    /// How many tokens it has, as an estimate.
    pub fn tokens(&self) -> usize {
        self.parts.iter().map(Part::tokens).sum()
    }
}

impl<'s> Request<'s> {
    /// What is read.
    pub(super) fn tape(&self) -> &Tape<'s> {
        &self.tape
    }

    /// The value of a key.
    pub(super) fn member(&self, object: Value, keys: &[&str]) -> Option<Value> {
        member(&self.tape, object, keys)
    }

    /// The text of a string.
    pub(super) fn string(&self, value: Value) -> Option<Cow<'s, str>> {
        string(&self.tape, value)
    }

    /// The elements of an array; none of anything else.
    pub(super) fn elements(&self, value: Option<Value>) -> Vec<Value> {
        elements(&self.tape, value)
    }

    /// The name of a tool.
    pub(super) fn tool_name(&self, tool: Value) -> Option<Cow<'s, str>> {
        let function = self.member(tool, &["function"]).unwrap_or(tool);
        let name = self.member(function, &["name"]).or_else(|| self.member(tool, &["type"]));
        name.and_then(|name| self.string(name))
    }
}

fn member(tape: &Tape<'_>, object: Value, keys: &[&str]) -> Option<Value> {
    if tape.shape(object) != Shape::Object {
        return None;
    }
    let is_asked = |key: Value| keys.iter().any(|asked| tape.inside(key) == asked.as_bytes());
    tape.members(object).find(|(key, _)| is_asked(*key)).map(|(_, value)| value)
}

fn string<'s>(tape: &Tape<'s>, value: Value) -> Option<Cow<'s, str>> {
    (tape.shape(value) == Shape::String).then(|| std::str::from_utf8(tape.inside(value)).ok().map(escape::decoded))?
}

fn elements(tape: &Tape<'_>, value: Option<Value>) -> Vec<Value> {
    let array = value.filter(|value| tape.shape(*value) == Shape::Array);
    array.map(|array| tape.elements(array).collect()).unwrap_or_default()
}

/// Collects the parts of a request.
struct Reader<'r, 's> {
    source: &'s str,
    start: usize,
    tape: &'r Tape<'s>,
    parts: Vec<Part<'s>>,
}

/// Whose request it is, its parts, and its tools.
type Read<'s> = (Option<Provider>, Vec<Part<'s>>, Option<Value>);

impl<'s> Reader<'_, 's> {
    fn read(mut self, root: Value) -> Option<Read<'s>> {
        if self.tape.shape(root) == Shape::Array {
            return self.read_list(root);
        }
        let tools = self.member(root, &["tools", "functions"]);
        let contents = self.member(root, &["contents"]);
        let instruction = self.member(root, &["systemInstruction", "system_instruction"]);
        let (messages, system) = (self.member(root, &["messages"]), self.member(root, &["system"]));
        let (input, instructions) = (self.member(root, &["input"]), self.member(root, &["instructions"]));
        if contents.is_some() || instruction.is_some() {
            self.text(Role::System, instruction, "/systemInstruction");
            self.texts_in(tools, "/tools");
            self.messages(contents, "/contents");
            return Some((Some(Provider::Gemini), self.parts, tools));
        }
        if messages.is_none() && system.is_none() && input.is_none() && instructions.is_none() && tools.is_none() {
            return None;
        }
        let provider = if system.is_some() || self.is_anthropic(root) { Provider::Anthropic } else { Provider::OpenAi };
        self.texts_in(tools, "/tools");
        self.text(Role::System, system, "/system");
        self.text(Role::System, instructions, "/instructions");
        self.messages(messages, "/messages");
        match input.map(|input| self.tape.shape(input)) {
            Some(Shape::Array) => self.messages(input, "/input"),
            _ => self.text(Role::Early, input, "/input"),
        }
        Some((Some(provider), self.parts, tools))
    }

    /// A list of messages, or one of tools.
    fn read_list(mut self, root: Value) -> Option<Read<'s>> {
        let elements = elements(self.tape, Some(root));
        let all_have = |keys: &[&str]| {
            let has = |element: &Value| self.member(*element, keys).is_some();
            !elements.is_empty() && elements.iter().all(has)
        };
        if all_have(&["role", "type"]) && elements.iter().any(|element| self.member(*element, &["role"]).is_some()) {
            self.messages(Some(root), "");
            return Some((None, self.parts, None));
        }
        if all_have(&["name", "function", "type", "functionDeclarations", "function_declarations"]) {
            self.texts_in(Some(root), "");
            return Some((None, self.parts, Some(root)));
        }
        None
    }

    fn member(&self, object: Value, keys: &[&str]) -> Option<Value> {
        member(self.tape, object, keys)
    }

    /// What only Anthropic's requests have.
    fn is_anthropic(&self, root: Value) -> bool {
        let model = self.member(root, &["model"]).and_then(|model| string(self.tape, model));
        let tools = elements(self.tape, self.member(root, &["tools"]));
        model.is_some_and(|model| model.contains("claude"))
            || tools.iter().any(|tool| self.member(*tool, &["input_schema"]).is_some())
    }

    fn messages(&mut self, list: Option<Value>, pointer: &str) {
        let mut answered = false;
        for (at, message) in elements(self.tape, list).into_iter().enumerate() {
            let said = self.member(message, &["role"]).and_then(|role| string(self.tape, role)).unwrap_or_default();
            answered |= matches!(&*said, "assistant" | "model");
            let role = match &*said {
                "system" | "developer" => Role::System,
                _ if answered => Role::Later,
                _ => Role::Early,
            };
            let pointer = format!("{pointer}/{at}");
            for key in ["content", "parts"] {
                self.text(role, self.member(message, &[key]), &format!("{pointer}/{key}"));
            }
        }
    }

    /// A string, a block with a text, or a list of them.
    fn text(&mut self, role: Role, value: Option<Value>, pointer: &str) {
        let Some(value) = value else { return };
        match self.tape.shape(value) {
            Shape::String => self.add(role, value, pointer.to_string()),
            Shape::Array => {
                for (at, element) in elements(self.tape, Some(value)).into_iter().enumerate() {
                    self.text(role, Some(element), &format!("{pointer}/{at}"));
                }
            }
            Shape::Object => {
                for key in ["text", "content", "parts"] {
                    self.text(role, self.member(value, &[key]), &format!("{pointer}/{key}"));
                }
            }
            Shape::Word | Shape::Number => {}
        }
    }

    /// All strings in a value, keys left out.
    fn texts_in(&mut self, value: Option<Value>, pointer: &str) {
        let mut open: Vec<(Value, String)> = value.into_iter().map(|value| (value, pointer.to_string())).collect();
        while let Some((value, pointer)) = open.pop() {
            match self.tape.shape(value) {
                Shape::String => self.add(Role::Tool, value, pointer),
                Shape::Array => {
                    let elements = self.tape.elements(value).enumerate();
                    let inner = elements.map(|(at, element)| (element, format!("{pointer}/{at}"))).collect::<Vec<_>>();
                    open.extend(inner.into_iter().rev());
                }
                Shape::Object => {
                    let key = |key: Value| String::from_utf8_lossy(self.tape.inside(key)).into_owned();
                    let members = self.tape.members(value).map(|(name, value)| (key(name), value));
                    let inner = members.map(|(key, value)| (value, format!("{pointer}/{}", pointed(&key))));
                    let inner = inner.collect::<Vec<_>>();
                    open.extend(inner.into_iter().rev());
                }
                Shape::Word | Shape::Number => {}
            }
        }
    }

    fn add(&mut self, role: Role, value: Value, pointer: String) {
        let at = self.start + self.tape.start(value) + 1;
        let inside = &self.source[at..at + self.tape.inside(value).len()];
        let before = self.parts.last().filter(|part| part.role == Role::Tool && role == Role::Tool);
        let lead = before.map_or("", |part| &self.source[part.at + part.inside.len()..at]);
        self.parts.push(Part { role, pointer, at, text: escape::decoded(inside), inside, lead });
    }
}

/// A key as RFC 6901 writes it.
fn pointed(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
