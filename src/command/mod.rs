//! Reads a command line as a shell would and says whose output its text is. Rules are then picked by tool, subcommand
//! and arguments; hooks use the same structure to see what may be wrapped. Nothing is expanded, looked up or run.

mod compound;
mod filters;
mod globals;
mod interactive;
mod launch;
mod launchers;
mod line;
mod named;
mod options;
mod parse;
mod printed;
mod quote;
mod redirect;
mod word;

pub use interactive::{Stdin, is_interactive};
pub use launch::{Launched, launched};
pub use line::{BlockKind, Command, Item, Line, Next, NotUnderstood, Pipeline, Redirect, RedirectKind, Stage, Word};
pub use named::named;
pub use printed::{Printed, who_printed};
pub use quote::{quoted, quoted_program};

use options::{Told, Where};

/// One program call as it really runs: launchers such as `sudo`, `timeout` or `npx` are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The program and its arguments; the program as written. Never empty.
    pub words: Vec<String>,
    /// The program's name: without folders, in lower case, without `.exe`, `.cmd` or `.bat`.
    pub tool: String,
    /// The assignments that hold for it, in order.
    pub env: Vec<(String, String)>,
}

impl Invocation {
    /// Makes an invocation of `words`, of which there must be one at least.
    fn new(words: Vec<String>, env: Vec<(String, String)>) -> Self {
        let tool = tool_name(&words[0]);
        Self { words, tool, env }
    }

    /// The words behind the program.
    pub fn args(&self) -> &[String] {
        &self.words[1..]
    }

    /// The first word behind the global options, under its full name: `npm t` is `test`.
    ///
    /// `None` when there is no such word or the call only asks for help or the version.
    pub fn subcommand(&self) -> Option<&str> {
        let args = self.behind_toolchain();
        let told = Told::new(args, globals::with_value(&self.tool), Where::Leading);
        if told.has(&["--help", "--version"]) {
            return None;
        }
        match told.operands.first() {
            Some(&index) => Some(globals::full_name(&self.tool, &args[index])),
            None => globals::default_subcommand(&self.tool),
        }
    }

    /// The words that are neither options nor values of global options; the value of another option counts as one.
    pub fn positionals(&self) -> impl Iterator<Item = &str> {
        let args = self.behind_toolchain();
        let told = Told::new(args, globals::with_value(&self.tool), Where::Anywhere);
        told.operands.into_iter().map(move |index| args[index].as_str())
    }

    /// Says whether it prints nothing unless it fails, as `mkdir` or `git add` do.
    pub fn is_quiet(&self) -> bool {
        filters::is_quiet(self)
    }

    fn behind_toolchain(&self) -> &[String] {
        match self.args() {
            [first, rest @ ..] if globals::is_toolchain(&self.tool, first) => rest,
            args => args,
        }
    }

    /// Says whether all of `words` stand in the call, in this order; the program counts with its [`Self::tool`] name.
    pub fn has_words_in_order<S: AsRef<str>>(&self, words: &[S]) -> bool {
        let mut call = std::iter::once(self.tool.as_str()).chain(self.args().iter().map(String::as_str));
        words.iter().all(|wanted| call.any(|word| word == wanted.as_ref()))
    }
}

/// The name of the program that `word` calls.
fn tool_name(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    without_extension(name).to_ascii_lowercase()
}

/// The name of a program without the extension that Windows gives it.
fn without_extension(name: &str) -> &str {
    let cut = name.len().saturating_sub(4);
    match (name.get(..cut), name.get(cut..)) {
        (Some(stem), Some(extension))
            if !stem.is_empty()
                && [".exe", ".cmd", ".bat"].iter().any(|known| extension.eq_ignore_ascii_case(known)) =>
        {
            stem
        }
        _ => name,
    }
}
