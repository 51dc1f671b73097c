//! The structure of a command line: lists of pipelines of commands with their redirections. It holds what was written
//! and expands nothing; whose output a line is gets decided elsewhere.

use std::fmt;
use std::ops::Range;

/// A list of pipelines: a whole command line, or the body of a compound command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The pipelines in the order written.
    pub items: Vec<Item>,
}

/// A pipeline and how the next one hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// The operator after it; `Sequence` at the end of a list.
    pub then: Next,
}

/// What joins a pipeline to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// `;` or a new line.
    Sequence,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `&`.
    Background,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// The commands, first to last; at least one.
    pub stages: Vec<Stage>,
    /// Whether `!` stands before it.
    pub negated: bool,
    /// Whether the keyword `time` stands before it.
    pub timed: bool,
}

/// A command with its redirections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The command.
    pub command: Command,
    /// The redirections in the order written; `|&` counts as `2>&1`.
    pub redirects: Vec<Redirect>,
}

/// One command of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A program, builtin or function with its words; assignments before it may stand alone.
    Call {
        /// The assignments before the first word, name and value.
        env: Vec<(String, String)>,
        /// The words.
        words: Vec<Word>,
    },
    /// A compound command.
    Block {
        /// Which sort.
        kind: BlockKind,
        /// The lists in it, conditions included, in the order written.
        body: Vec<Line>,
    },
    /// A function definition.
    Function {
        /// The function's name.
        name: String,
        /// What it runs when called.
        body: Line,
    },
    /// `[[ … ]]` or `(( … ))`.
    Test,
}

/// The sorts of compound commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// `( … )`.
    Subshell,
    /// `{ …; }`.
    Group,
    /// `if` and `case`.
    Branch,
    /// `for`, `while`, `until` and `select`.
    Loop,
}

/// A word as the program would get it, as far as that can be told without running anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The text without quotes; expansions and substitutions stand in it as written.
    pub text: String,
    /// Where the word was written, in bytes.
    pub span: Range<usize>,
    /// Whether no variable, substitution or arithmetic stands in it.
    pub fixed: bool,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The file descriptor redirected.
    pub fd: u32,
    /// What happens to it.
    pub kind: RedirectKind,
    /// The file, descriptor, here-string or here-document delimiter.
    pub target: Word,
}

/// The sorts of redirections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<` and `<>`.
    Read,
    /// `>`, `>|` and `>>`.
    Write,
    /// `&>`, `&>>` and `>&FILE`: standard output and standard error.
    WriteBoth,
    /// `>&N` and `<&N`, also with `-` to close.
    Copy,
    /// `<<` and `<<-`.
    HereDoc,
    /// `<<<`.
    HereString,
}

/// Why a command line was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotUnderstood {
    /// A quote, bracket, substitution or here-document that is not closed.
    Unclosed,
    /// Something else than a command where one must stand, or the other way round.
    Unexpected,
    /// Longer or deeper nested than is looked at.
    TooLarge,
    /// A construct that is left alone: coprocesses; what shells read differently, where a line is going to be changed.
    Unsupported,
    /// A here-document, where a line is going to be changed.
    HereDocument,
}

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unclosed => "a quote or bracket is not closed",
            Self::Unexpected => "a command stands where none can be, or none where one must be",
            Self::TooLarge => "it is too long or too deeply nested",
            Self::Unsupported => "something in it is read differently by different shells",
            Self::HereDocument => "a here-document is in it",
        })
    }
}
