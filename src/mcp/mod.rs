//! What an agent can ask over the Model Context Protocol: tools in, answers out.
//!
//! Everything here is pure and works on any [`Store`]; the loop, the protocol and running commands belong to the command
//! line. The list of tools stands in the cached prefix of every prompt, so it is short and never changes by itself. No
//! answer is longer than its cap, and one that leaves something out says which call gives the rest.

mod arguments;
mod pages;
pub mod run;
mod search;
mod show;
mod stats;
pub mod tools;

use serde_json::{Map, Value};

pub use arguments::Arguments;
pub use tools::{TOOLS, Tool};

use crate::render::marker;
use crate::store::select::SelectError;
use crate::store::{Store, StoreError};
use crate::tokens;

/// What is said to the model about the tools as a whole.
pub const INSTRUCTIONS: &str = "Output that hr made shorter ends in a line `[hr show HANDLE: ...]`: call hr_show with that \
                                handle to get what was left out; do not run the command again for it.";

/// The longest answer unless the call says otherwise, in tokens.
pub const CAP: usize = 2000;
/// The least and the most that a call may ask for, in tokens.
pub const CAPS: (usize, usize) = (200, 20_000);

/// What a tool says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text for the model.
    pub text: String,
    /// Whether it says why there is no answer.
    pub is_error: bool,
}

impl Answer {
    /// What was asked for.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false }
    }

    /// Why it cannot be had, and what to do.
    pub fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true }
    }

    /// The same within a number of tokens: what cannot be made to fit otherwise loses its end.
    fn within(self, cap: usize) -> Self {
        if tokens::estimate(self.text.as_bytes()) <= cap {
            return self;
        }
        let note = vec!["the rest left out; ask for less, or with a larger max_tokens".to_owned()];
        let room = cap.saturating_sub(tokens::estimate(with_notes(b"", &note).as_bytes()) + 2);
        let page = pages::pages(self.text.as_bytes(), room).first().cloned().unwrap_or(0..0);
        Self { text: with_notes(&self.text.as_bytes()[page], &note), ..self }
    }
}

/// Why a call has no answer: what is wrong, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    message: String,
    hints: Vec<String>,
}

impl Refusal {
    /// A message: lower case, names in backticks, no full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new() }
    }

    /// Adds what can be done.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::error([vec![refusal.message], refusal.hints].concat().join("\n"))
    }
}

impl From<SelectError> for Refusal {
    fn from(error: SelectError) -> Self {
        let refusal = Self::new(error.to_string());
        match error {
            SelectError::Malformed(_) => {
                refusal.hint("lines count from 1: \"40-171\", \"40-\", \"-20\" for the last 20, \"40\", \"1-3,9\"")
            }
            SelectError::Pattern { .. } => refusal.hint(
                "escape what is meant as it stands, as in `\\(`; there are no look-arounds and no back references",
            ),
            SelectError::NoWords(_) => refusal.hint("for signs use grep"),
            SelectError::PastEnd { .. } | SelectError::NoPage { .. } => refusal,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let refusal = Self::new(error.to_string());
        match &error {
            StoreError::Malformed(_) => refusal
                .hint("a handle stands behind `hr show` in the last line of an output; `last` and `last~1` are handles too")
                .hint(LIST),
            StoreError::Io { .. } => refusal.hint("the store cannot be used: run the command again, without hr"),
            StoreError::Unknown { .. } | StoreError::TooFew { .. } => {
                let nearest = matches!(&error, StoreError::Unknown { nearest, .. } if !nearest.is_empty());
                let refusal = error.hints().into_iter().take(usize::from(nearest)).fold(refusal, Self::hint);
                refusal.hint(LIST).hint("what is not there can be had by running its command again")
            }
            StoreError::Gone { command: None, .. } => refusal.hint("run its command again").hint(LIST),
            StoreError::Gone { .. }
            | StoreError::Ambiguous { .. }
            | StoreError::Corrupt { .. }
            | StoreError::TooLarge { .. } => error.hints().into_iter().fold(refusal, Self::hint),
        }
    }
}

/// How to see what there is.
const LIST: &str = "hr_show without a handle lists what there is";

/// What becomes of a call.
#[derive(Debug)]
pub enum Called {
    /// It is answered.
    Answered(Answer),
    /// A command is to be run; [`run::Run::answer`] makes the answer of what it printed.
    Run(run::Run),
}

/// Answers a call, as far as that can be done without running anything; `now` is in seconds since 1970.
///
/// Nothing for a tool that does not exist.
pub fn answer(name: &str, arguments: &Map<String, Value>, store: &dyn Store, now: u64) -> Option<Called> {
    let tool = TOOLS.iter().find(|tool| tool.name == name)?;
    let arguments = match Arguments::read(tool, arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return Some(Called::Answered(Answer::from(refusal).within(CAP))),
    };
    let called = match tool.answer {
        tools::Answering::FromStore(answer) => answer(&arguments, store, now).map(Called::Answered),
        tools::Answering::ByRunning => run::Run::read(&arguments).map(Called::Run),
    };
    Some(match called.unwrap_or_else(|refusal| Called::Answered(refusal.into())) {
        Called::Answered(answer) => Called::Answered(answer.within(arguments.cap())),
        run @ Called::Run(_) => run,
    })
}

/// Spells a call as a model would make it: `hr_show {"handle":"3f9a1c2b","page":2}`.
fn call<'k>(tool: &str, arguments: impl IntoIterator<Item = (&'k str, Value)>) -> String {
    let arguments: Map<String, Value> = arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    format!("{tool} {}", Value::Object(arguments))
}

/// Adds lines below a text that say something about it; the last one has no line end.
fn with_notes(text: &[u8], notes: &[String]) -> String {
    let mut text = String::from_utf8_lossy(text).into_owned();
    for note in notes {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&marker::note(note));
    }
    text
}
