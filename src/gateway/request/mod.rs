//! A request to a model as a gateway sees it: what it asks and where in the body that stands.
//!
//! Every text, call and tool is a span of the body, so that a change touches nothing else. The four protocols are read
//! into the same shape; what none of the parts needs is left out.

mod contents;
mod fields;
mod items;
mod path;
mod read;
mod shapes;
mod tools;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

pub(in crate::gateway) use self::fields::Fields;
pub use self::read::Unread;
use crate::detect::{self, Detection};
use crate::document::{Document, Origin};
use crate::json::{Tape, escape};

/// How a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// OpenAI chat completions, and everybody who speaks the same.
    Chat,
    /// OpenAI responses.
    Responses,
    /// Anthropic messages.
    Messages,
    /// Gemini generateContent and streamGenerateContent.
    Gemini,
}

impl Protocol {
    /// The name in labels and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "openai-chat",
            Self::Responses => "openai-responses",
            Self::Messages => "anthropic-messages",
            Self::Gemini => "gemini",
        }
    }
}

/// Whose words a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The system prompt, or the instructions of a developer.
    System,
    /// The user; results of tools that stand in the user's message are blocks of it.
    User,
    /// The model.
    Assistant,
    /// A message that is nothing but the result of a tool.
    Tool,
}

/// A string of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'b> {
    /// The bytes between the quotes.
    pub span: Range<usize>,
    /// These bytes, escapes as they were written.
    pub inside: &'b str,
    /// What parts asked for before: the hash, the text with its escapes resolved if it has any, the kind.
    hash: OnceCell<[u8; 32]>,
    plain: OnceCell<String>,
    detection: OnceCell<Detection>,
}

impl<'b> Text<'b> {
    /// The text at a span of a document.
    pub fn new(document: &'b str, span: Range<usize>) -> Self {
        Self {
            inside: &document[span.clone()],
            span,
            hash: OnceCell::new(),
            plain: OnceCell::new(),
            detection: OnceCell::new(),
        }
    }

    /// The BLAKE3 hash of what stands between the quotes.
    pub fn hash(&self) -> [u8; 32] {
        *self.hash.get_or_init(|| *blake3::hash(self.inside.as_bytes()).as_bytes())
    }

    /// The text, escapes resolved; half a surrogate pair is U+FFFD.
    pub fn decoded(&self) -> Cow<'b, str> {
        escape::decoded(self.inside)
    }

    /// The same text, resolved once for all who ask.
    pub fn plain(&self) -> &str {
        let has_escapes = memchr::memchr(b'\\', self.inside.as_bytes()).is_some();
        if has_escapes { self.plain.get_or_init(|| self.decoded().into_owned()) } else { self.inside }
    }

    /// What kind of output it is, if somebody detected that.
    pub fn detection(&self) -> Option<&Detection> {
        self.detection.get()
    }

    /// What kind of output it is.
    pub fn detected(&self) -> &Detection {
        self.detection.get_or_init(|| detect::detect(&Document::new(self.plain().as_bytes(), Origin::default())))
    }

    /// The byte at which the value begins.
    fn start(&self) -> usize {
        self.span.start - 1
    }
}

/// A request, read.
#[derive(Debug, Clone)]
pub struct Request<'b> {
    /// The body.
    pub body: &'b str,
    /// How it is written.
    pub protocol: Protocol,
    /// The model it asks; of Gemini it stands in the path.
    pub model: Option<Cow<'b, str>>,
    /// Where in the body the model stands, if it stands there.
    pub model_span: Option<Range<usize>>,
    /// Whether the answer is to come as a stream of events.
    pub stream: bool,
    /// The messages in order, system texts first.
    pub messages: Vec<Message<'b>>,
    /// The definitions of tools, in order.
    pub tools: Vec<Tool<'b>>,
    /// The tools that the model is told to choose from, or to call.
    pub choices: Vec<Tool<'b>>,
    /// Where another one could be added.
    pub tool_list: Option<ToolList>,
    /// The body as JSON.
    pub(crate) tape: Rc<Tape<'b>>,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message<'b> {
    /// Whose it is.
    pub role: Role,
    /// What it consists of, in order.
    pub blocks: Vec<Block<'b>>,
    /// What else is written in a message of a user or a tool, which is looked at and never changed.
    pub others: Vec<Text<'b>>,
    /// The value in the body that it is.
    pub span: Range<usize>,
}

/// A part of a message.
#[derive(Debug, Clone)]
pub enum Block<'b> {
    /// Words.
    Text(Text<'b>),
    /// What a tool gave back.
    ToolResult(ToolResult<'b>),
    /// What the model wants a tool to do.
    ToolCall(ToolCall<'b>),
    /// A picture, or another file that is no text.
    Image(Range<usize>),
    /// Anything else, which no part touches.
    Other(Range<usize>),
}

/// What a tool gave back.
#[derive(Debug, Clone)]
pub struct ToolResult<'b> {
    /// Which call it answers.
    pub id: Option<Cow<'b, str>>,
    /// The tool, where the result names it.
    pub name: Option<Cow<'b, str>>,
    /// Its texts, which may change: mostly one.
    pub texts: Vec<Text<'b>>,
    /// What else is written in it, which is looked at and never changed.
    pub others: Vec<Text<'b>>,
    /// The value in the body that it is.
    pub span: Range<usize>,
}

/// What the model wants a tool to do.
#[derive(Debug, Clone)]
pub struct ToolCall<'b> {
    /// What the result is going to name.
    pub id: Option<Cow<'b, str>>,
    /// The tool.
    pub name: Cow<'b, str>,
    /// The arguments as JSON text.
    pub arguments: Cow<'b, str>,
    /// The value in the body that it is.
    pub span: Range<usize>,
}

/// The definition of a tool.
#[derive(Debug, Clone)]
pub struct Tool<'b> {
    /// All its names: those that it gives, those of the tools of a server that it lists, and the type of a provider's
    /// own tool. Some reader goes by each of them.
    pub names: Vec<Cow<'b, str>>,
    /// What it goes by besides: a type with a date, a type of list, members that could be tools.
    pub aliases: Vec<Cow<'b, str>>,
    /// The value in the body that it is.
    pub span: Range<usize>,
}

/// A list of functions that the model may call, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolList {
    /// The byte of the body at which it is closed.
    pub end: usize,
    /// Whether it is OpenAI's old list, of functions alone.
    pub is_bare: bool,
}

impl<'b> Request<'b> {
    /// The results of tools, in order.
    pub fn tool_results(&self) -> impl DoubleEndedIterator<Item = &ToolResult<'b>> {
        self.messages.iter().flat_map(|message| &message.blocks).filter_map(|block| match block {
            Block::ToolResult(result) => Some(result),
            Block::Text(_) | Block::ToolCall(_) | Block::Image(_) | Block::Other(_) => None,
        })
    }

    /// The calls of tools, in order.
    pub fn tool_calls(&self) -> impl DoubleEndedIterator<Item = &ToolCall<'b>> {
        self.messages.iter().flat_map(|message| &message.blocks).filter_map(|block| match block {
            Block::ToolCall(call) => Some(call),
            Block::Text(_) | Block::ToolResult(_) | Block::Image(_) | Block::Other(_) => None,
        })
    }

    /// The results of tools, in order, with the calls that they answer: of several with one id the last one before it, so
    /// that later turns, whose ids may be the same again, change nothing.
    pub fn answers(&self) -> Vec<(&ToolResult<'b>, Option<&ToolCall<'b>>)> {
        let mut calls = BTreeMap::new();
        let mut answers = Vec::new();
        for block in self.messages.iter().flat_map(|message| &message.blocks) {
            match block {
                Block::ToolCall(call) => {
                    call.id.as_deref().and_then(|id| calls.insert(id, call));
                }
                Block::ToolResult(result) => {
                    answers.push((result, result.id.as_deref().and_then(|id| calls.get(id).copied())));
                }
                Block::Text(_) | Block::Image(_) | Block::Other(_) => {}
            }
        }
        answers
    }
}
