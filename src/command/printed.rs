//! Decides whose output the text of a command line is: walks the parsed line, follows the text through pipelines,
//! redirections and launchers, and collects the programs that may have printed what is left.

use super::Invocation;
use super::filters::{self, Effect};
use super::launch::{Launched, launched};
use super::line::{BlockKind, Command, Line, Next, Pipeline, Redirect, RedirectKind, Stage, Word};

/// How deep shell lines inside arguments and functions are followed.
const MAX_LINES: usize = 4;
/// How many programs are looked at before a line counts as not understood.
const MAX_CANDIDATES: usize = 256;

/// Whose output the text of a command line is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printed {
    /// The programs that may have printed it, in order; empty when everything went into files.
    pub candidates: Vec<Invocation>,
    /// Whether there is one candidate, nothing else prints and nothing was filtered, so that a rule may be chosen by
    /// the command alone.
    pub certain: bool,
    /// Whether a file is printed as it is, or parts of it, as by `cat` or `sed -n`.
    pub reads_file: bool,
}

/// Says whose output the text of a command line is; `None` when the line is not understood.
pub fn who_printed(line: &str) -> Option<Printed> {
    let line = Line::parse(line).ok()?;
    let mut walk = Walk::default();
    let shown = walk.line(&line, false)?;
    let Shown { mut parts, unknown, muted } = shown;
    if parts.is_empty() && !unknown && !muted {
        parts = walk.quiet.into_iter().map(Part::of).collect();
    }
    if parts.is_empty() && !muted {
        return None;
    }
    let certain = !unknown && matches!(&parts[..], [only] if only.exact);
    let reads_file = parts.iter().any(|part| part.reads_file);
    Some(Printed { candidates: parts.into_iter().map(|part| part.call).collect(), certain, reads_file })
}

/// What part of a line shows.
#[derive(Debug, Default)]
struct Shown {
    parts: Vec<Part>,
    /// Whether something prints of which the program is not known.
    unknown: bool,
    /// Whether something that prints went elsewhere.
    muted: bool,
}

/// A program and what became of its text.
#[derive(Debug)]
struct Part {
    call: Invocation,
    exact: bool,
    reads_file: bool,
}

/// The state of one walk over a line.
#[derive(Debug, Default)]
struct Walk {
    /// The functions defined so far.
    functions: Vec<(String, Line)>,
    /// Calls that print nothing unless they fail.
    quiet: Vec<Invocation>,
    /// How many lines inside of lines are open.
    depth: usize,
    /// How many calls were looked at.
    calls: usize,
}

impl Walk {
    /// Collects what a list shows; `None` when it is not understood. `piped` says that text comes in from a pipe.
    fn line(&mut self, line: &Line, piped: bool) -> Option<Shown> {
        let mut all = Shown::default();
        for item in &line.items {
            let mut shown = self.pipeline(&item.pipeline, piped)?;
            if item.then == Next::Background {
                shown.blur();
            }
            all.join(shown);
        }
        Some(all)
    }

    fn pipeline(&mut self, pipeline: &Pipeline, piped: bool) -> Option<Shown> {
        let mut shown: Option<Shown> = None;
        for stage in &pipeline.stages {
            shown = Some(match shown {
                None => self.stage(stage, piped)?,
                Some(before) => self.piped_stage(before, stage)?,
            });
        }
        shown
    }

    /// What is seen of a stage that gets the text of the stages before it.
    fn piped_stage(&mut self, before: Shown, stage: &Stage) -> Option<Shown> {
        let takes_arguments = matches!(&stage.command, Command::Call { words, .. } if words.iter().any(is_xargs));
        let reads_pipe = !takes_arguments && !stage.redirects.iter().any(|redirect| redirect.fd == 0);
        let call = match &stage.command {
            Command::Call { env, words } => self.resolve(env, words),
            _ => Resolved::Unknown,
        };
        let Resolved::Program(call) = call else {
            let mut shown = self.stage(stage, true)?;
            if matches!(stage.command, Command::Block { kind: BlockKind::Subshell | BlockKind::Group, .. }) {
                shown.join(before);
            }
            shown.blur();
            return Some(shown);
        };
        let mut shown = match filters::effect(&call, reads_pipe) {
            Effect::Same => before,
            Effect::Lines => {
                let mut before = before;
                before.blur();
                before
            }
            Effect::Nothing => Shown { muted: true, ..Shown::default() },
            Effect::New if runs_stdin(&call) => Shown { unknown: true, ..Shown::from(Part::of(call)) },
            Effect::New => {
                Shown::from(Part { reads_file: filters::reads_file(&call, takes_arguments), ..Part::of(call) })
            }
        };
        shown.redirect(&stage.redirects);
        Some(shown)
    }

    /// What is seen of a first or only stage.
    fn stage(&mut self, stage: &Stage, piped: bool) -> Option<Shown> {
        let mut shown = match &stage.command {
            Command::Call { env, words } => self.call(env, words, &stage.redirects, piped)?,
            Command::Test => Shown::default(),
            Command::Function { name, body } => {
                self.functions.push((name.clone(), body.clone()));
                Shown::default()
            }
            Command::Block { kind, body } => {
                let mut all = Shown::default();
                for line in body {
                    all.join(self.line(line, piped)?);
                }
                if matches!(kind, BlockKind::Branch | BlockKind::Loop) {
                    all.blur();
                }
                all
            }
        };
        shown.redirect(&stage.redirects);
        Some(shown)
    }

    fn call(&mut self, env: &[(String, String)], words: &[Word], redirects: &[Redirect], piped: bool) -> Option<Shown> {
        self.calls += 1;
        if self.calls > MAX_CANDIDATES {
            return None;
        }
        if words.len() == 1 && words[0].text == "exec" && !redirects.is_empty() {
            return None;
        }
        match self.resolve(env, words) {
            Resolved::Nothing => Some(Shown::default()),
            Resolved::Unknown => Some(Shown { unknown: true, ..Shown::default() }),
            Resolved::Line(line) => self.inner(&Line::parse(&line).ok()?, piped),
            Resolved::Function(body) => {
                let mut shown = self.inner(&body, piped)?;
                shown.blur();
                Some(shown)
            }
            Resolved::Program(call) => Some(self.program(call, redirects)),
        }
    }

    fn program(&mut self, call: Invocation, redirects: &[Redirect]) -> Shown {
        if filters::is_quiet(&call) {
            let unknown = filters::traces(&call);
            self.quiet.push(call);
            return Shown { unknown, ..Shown::default() };
        }
        let stdin = redirects.iter().rfind(|redirect| redirect.fd == 0).map(|redirect| redirect.kind);
        let heredoc = matches!(stdin, Some(RedirectKind::HereDoc | RedirectKind::HereString));
        let reads_file = filters::reads_file(&call, stdin == Some(RedirectKind::Read));
        let unknown = runs_elsewhere(&call) || (heredoc && runs_stdin(&call));
        Shown { unknown, ..Shown::from(Part { reads_file, ..Part::of(call) }) }
    }

    /// Collects what a line inside the line shows.
    fn inner(&mut self, line: &Line, piped: bool) -> Option<Shown> {
        if self.depth == MAX_LINES {
            return None;
        }
        self.depth += 1;
        let shown = self.line(line, piped);
        self.depth -= 1;
        shown
    }

    /// Finds out what the words of a call run.
    fn resolve(&self, env: &[(String, String)], words: &[Word]) -> Resolved {
        let Some(first) = words.first() else { return Resolved::Nothing };
        if let Some((_, body)) = self.functions.iter().rfind(|(name, _)| *name == first.text) {
            return Resolved::Function(body.clone());
        }
        let words = words.iter().map(|word| word.text.clone()).collect();
        match launched(words, env.to_vec()) {
            Launched::Line(line, _) => Resolved::Line(line),
            Launched::Program(call) if call.tool.is_empty() || call.tool.contains(['$', '`']) => Resolved::Unknown,
            Launched::Program(call) => Resolved::Program(call),
        }
    }
}

/// What a call runs.
enum Resolved {
    Nothing,
    Unknown,
    Line(String),
    Function(Line),
    Program(Invocation),
}

impl Part {
    fn of(call: Invocation) -> Self {
        Self { call, exact: true, reads_file: false }
    }
}

impl From<Part> for Shown {
    fn from(part: Part) -> Self {
        Self { parts: vec![part], ..Self::default() }
    }
}

impl Shown {
    fn join(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.unknown |= other.unknown;
        self.muted |= other.muted;
    }

    /// Notes that the text is not all there, or not as it was printed.
    fn blur(&mut self) {
        for part in &mut self.parts {
            part.exact = false;
        }
    }

    /// Follows the text through redirections.
    fn redirect(&mut self, redirects: &[Redirect]) {
        match outputs(redirects) {
            (true, _) => {}
            (false, true)
                if redirects.iter().any(|redirect| redirect.kind == RedirectKind::Copy && redirect.fd == 2) =>
            {
                self.blur();
            }
            (false, _) => {
                *self = Self { muted: self.muted || self.unknown || !self.parts.is_empty(), ..Self::default() };
            }
        }
    }
}

/// Says whether standard output and standard error still reach the reader.
fn outputs(redirects: &[Redirect]) -> (bool, bool) {
    let (mut out, mut err) = (true, true);
    for redirect in redirects {
        let target = redirect.target.text.as_str();
        let shown = matches!(target, "/dev/stdout" | "/dev/stderr" | "/dev/tty" | "/dev/fd/1" | "/dev/fd/2");
        match (redirect.kind, redirect.fd) {
            (RedirectKind::Write, 1) => out = shown,
            (RedirectKind::Write, 2) => err = shown,
            (RedirectKind::WriteBoth, _) => (out, err) = (shown, shown),
            (RedirectKind::Copy, 1) => out = if target == "2" { err } else { target == "1" },
            (RedirectKind::Copy, 2) => err = if target == "1" { out } else { target == "2" },
            _ => {}
        }
    }
    (out, err)
}

/// Says whether a word is the program that makes arguments of what it reads.
fn is_xargs(word: &Word) -> bool {
    matches!(super::tool_name(&word.text).as_str(), "xargs" | "gxargs")
}

/// Says whether a call runs a program somewhere else, about which nothing is known.
fn runs_elsewhere(call: &Invocation) -> bool {
    matches!(call.tool.as_str(), "ssh" | "mosh" | "parallel")
}

/// Says whether a call runs what it reads from standard input as shell commands.
fn runs_stdin(call: &Invocation) -> bool {
    matches!(call.tool.as_str(), "sh" | "bash" | "zsh" | "dash" | "ksh" | "fish" | "parallel")
}
