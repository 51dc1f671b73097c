//! Reads a prompt into parts, in the order in which its provider caches them.
//!
//! Known are plain text and Markdown, requests to OpenAI (chat completions and responses), Anthropic (messages) and Gemini
//! (generateContent), lists of messages or of tools without a request around them, and lines of requests. Tools stand
//! before the system text where the provider renders them there: Anthropic documents `tools`, `system`, `messages`, and
//! OpenAI puts tools into the beginning of its prompt; for Gemini it is `systemInstruction`, `tools`, `contents`.

mod reader;

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

pub(super) use self::reader::BEGINNING;
use self::reader::Reader;
use crate::json::{self, Shape, Tape, Value, escape};
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
    /// It is a request, but something in it is not what every provider wants there.
    NoList {
        /// What it is, as a pointer.
        pointer: String,
        /// What is there instead.
        found: &'static str,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "not JSON: {why}"),
            Self::UnknownShape => f.write_str(
                "no request of a known provider: there is no `messages`, `input`, `contents`, `system` or `tools`",
            ),
            Self::NoList { pointer, found } => {
                write!(f, "`{pointer}` is {found}; lists of messages and of tools consist of objects")
            }
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
    /// What stands in front of it: names, numbers and brackets, from the end of the text before it in its part of the
    /// request.
    lead: &'s str,
}

impl Part<'_> {
    /// How many tokens it has up to a byte of its text, as an estimate.
    pub fn tokens_to(&self, at: usize) -> usize {
        // Of messages the model sees another form than JSON.
        let lead = if self.role == Role::Tool { tokens::estimate(self.lead.as_bytes()) } else { 0 };
        lead + tokens::estimate(&self.text.as_bytes()[..at])
    }

    /// How many tokens it has, as an estimate.
    pub fn tokens(&self) -> usize {
        self.tokens_to(self.text.len())
    }

    /// For the places of many bytes in their order.
    pub(super) fn places(&self) -> escape::Places<'_> {
        escape::Places::new(self.inside, matches!(self.text, Cow::Owned(_)))
    }

    /// The byte of the source behind the text.
    pub fn end(&self) -> usize {
        self.at + self.inside.len()
    }

    /// What stands in front, without white space and without breakpoints, which are not cached themselves.
    pub(super) fn bare_lead(&self) -> String {
        let mut bare = Vec::new();
        json::minify(self.lead.as_bytes(), &mut bare);
        let bare = String::from_utf8_lossy(&bare).into_owned();
        let Some(start) = bare.find("\"cache_control\":{") else { return bare };
        let end = bare[start..].find('}').map_or(bare.len(), |length| start + length + 1);
        let rest = bare[end..].strip_prefix(',').unwrap_or(&bare[end..]);
        let before = if rest.len() == bare.len() - end { bare[..start].trim_end_matches(',') } else { &bare[..start] };
        format!("{before}{rest}")
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
    /// The first byte of this prompt in it, where a line begins.
    pub start: usize,
    /// The line that begins there, from 1.
    pub line: usize,
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
    tape: Rc<Tape<'s>>,
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
            Form::Json => Self::of_json(source, (0, 1), source).map(|prompt| vec![prompt]),
            Form::Lines => Self::of_lines(source),
            Form::Auto => {
                let is_json = source.trim_start().starts_with(['{', '[']);
                let request = is_json.then(|| Self::of_json(source, (0, 1), source).ok()).flatten();
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
        Self { source, start: 0, line: 1, provider: None, model: None, parts: vec![part], request: None }
    }

    fn of_lines(source: &'s str) -> Result<Vec<Self>, ReadError> {
        let mut prompts = Vec::new();
        let mut at = 0;
        for (number, line) in source.split_inclusive('\n').enumerate() {
            if !line.trim().is_empty() {
                prompts.push(Self::of_json(source, (at, number + 1), line)?);
            }
            at += line.len();
        }
        if prompts.is_empty() { Err(ReadError::NotJson("there is no line".into())) } else { Ok(prompts) }
    }

    fn of_json(source: &'s str, (start, line): (usize, usize), text: &'s str) -> Result<Self, ReadError> {
        let tape = Tape::read(text.as_bytes()).filter(|tape| tape.roots().len() == 1);
        let Some(tape) = tape else {
            let parsed = serde_json::from_str::<serde::de::IgnoredAny>(text);
            let why = parsed.err().map_or_else(|| "not one object or array".into(), |error| error.to_string());
            let why = if start == 0 { why } else { format!("{why} (of line {line})") };
            return Err(ReadError::NotJson(why));
        };
        Self::of_tape(source, (start, line), Rc::new(tape), true)
    }

    /// A request that was read already, as far as the verdict needs it: texts behind the first answer may stand there as
    /// they were written.
    #[cfg(any(feature = "gateway", test))]
    pub(crate) fn beginning(source: &'s str, tape: &Rc<Tape<'s>>) -> Result<Self, ReadError> {
        Self::of_tape(source, (0, 1), Rc::clone(tape), false)
    }

    fn of_tape(
        source: &'s str,
        (start, line): (usize, usize),
        tape: Rc<Tape<'s>>,
        with_later: bool,
    ) -> Result<Self, ReadError> {
        // A line of a batch has the request in its body.
        let root = tape.roots()[0];
        let root = tape.member(root, &["body"]).filter(|body| tape.shape(*body) == Shape::Object).unwrap_or(root);
        let (provider, parts, tools) = Reader::new(source, start, &tape, with_later).read(root)?;
        let model = tape.member(root, &["model"]).and_then(|model| tape.string(model)).map(Cow::into_owned);
        Ok(Self { source, start, line, provider, model, parts, request: Some(Request { tape, root, tools }) })
    }

    /// The request as it was written.
    pub(super) fn source_of_request(&self) -> &'s str {
        let raw = self.request.as_ref().map_or(0, |request| request.tape.raw(request.root).len());
        let from = self.request.as_ref().map_or(self.start, |request| self.start + request.tape.start(request.root));
        self.source.get(from..from + raw).unwrap_or_default()
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
        self.tape.member(object, keys)
    }

    /// The text of a string.
    pub(super) fn string(&self, value: Value) -> Option<Cow<'s, str>> {
        self.tape.string(value)
    }

    /// The elements of an array; none of anything else.
    pub(super) fn elements(&self, value: Option<Value>) -> Vec<Value> {
        self.tape.list(value)
    }

    /// The lists of tools: the one of the request, or those of declarations in it.
    pub(super) fn tool_lists(&self) -> Vec<Value> {
        let declared = |tool: Value| self.member(tool, &["functionDeclarations", "function_declarations"]);
        let lists = self.elements(self.tools).into_iter().filter_map(declared).collect::<Vec<_>>();
        if lists.is_empty() { self.tools.into_iter().collect() } else { lists }
    }

    /// The name of a tool.
    pub(super) fn tool_name(&self, tool: Value) -> Option<Cow<'s, str>> {
        let function = self.member(tool, &["function"]).unwrap_or(tool);
        let name = self.member(function, &["name"]).or_else(|| self.member(tool, &["type"]));
        name.and_then(|name| self.string(name))
    }
}
