//! A request to a model as a gateway sees it: what it asks and where in the body that stands.
//!
//! Every text, call and tool is a span of the body, so that a change touches nothing else. The four protocols are read
//! into the same shape; what none of the parts needs is left out.

mod read;
mod shapes;

use std::borrow::Cow;
use std::ops::Range;

pub use self::read::Unread;
pub(super) use self::read::of_path;
use crate::json::escape;

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
}

impl<'b> Text<'b> {
    /// The text, escapes resolved; half a surrogate pair is U+FFFD.
    pub fn decoded(&self) -> Cow<'b, str> {
        escape::decoded(self.inside)
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
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message<'b> {
    /// Whose it is.
    pub role: Role,
    /// What it consists of, in order.
    pub blocks: Vec<Block<'b>>,
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
    /// Its texts: mostly one.
    pub texts: Vec<Text<'b>>,
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
    /// Its name; of a provider's own tool that has none, its type.
    pub name: Cow<'b, str>,
    /// The value in the body that it is.
    pub span: Range<usize>,
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

    /// The call that a result answers.
    pub fn call_of(&self, result: &ToolResult<'_>) -> Option<&ToolCall<'b>> {
        let id = result.id.as_deref()?;
        self.tool_calls().find(|call| call.id.as_deref() == Some(id))
    }
}
