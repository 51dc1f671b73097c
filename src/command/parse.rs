//! The grammar of a command line: lists, pipelines and commands, in one pass from left to right.
//! Time is linear in the length and nesting is limited, so that no input can overflow the stack.

use super::line::{Command, Item, Line, Next, NotUnderstood, Pipeline, Stage, Word};
use super::redirect::{HereDoc, both_to_pipe};
use super::word::ends_word;

type Result<T> = std::result::Result<T, NotUnderstood>;

/// The longest line looked at, in bytes: as long as one argument of a program can be on Linux.
const MAX_LENGTH: usize = 128 * 1024;
/// How deep lists may be nested in each other.
const MAX_DEPTH: u32 = 32;

/// Reads a command line from left to right.
pub(super) struct Parser<'a> {
    pub(super) source: &'a str,
    pub(super) at: usize,
    depth: u32,
    pub(super) heredocs: Vec<HereDoc>,
    reading: Reading,
}

/// How a line is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// To find out what it says: Windows paths may stand in it, and what shells read differently is guessed.
    Kindly,
    /// To change it: as a shell reads it, or not at all.
    Strictly,
}

/// What closes a list.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// The end of the text.
    Text,
    /// `)`, which the list takes with it.
    Paren,
    /// One of these words, which stays.
    Words(&'static [&'static str]),
    /// `;;`, `;&`, `;;&` or `esac`, which stay.
    Case,
}

impl Line {
    /// Reads a command line as a shell would, without expanding anything.
    pub fn parse(source: &str) -> Result<Self> {
        Self::read(source, Reading::Kindly)
    }

    /// Reads a command line that is going to be changed: what shells might read in another way is not understood.
    ///
    /// These are carriage returns, quotes in `${…}`, `$[…]`, comments and backticks in brackets, and here-documents.
    pub fn parse_strictly(source: &str) -> Result<Self> {
        if source.contains(['\r', '\0']) {
            return Err(NotUnderstood::Unsupported);
        }
        Self::read(source, Reading::Strictly)
    }

    fn read(source: &str, reading: Reading) -> Result<Self> {
        if source.len() > MAX_LENGTH {
            return Err(NotUnderstood::TooLarge);
        }
        let mut parser = Parser { source, at: 0, depth: 0, heredocs: Vec::new(), reading };
        let line = parser.list(End::Text)?;
        if parser.heredocs.is_empty() { Ok(line) } else { Err(NotUnderstood::Unclosed) }
    }
}

impl Parser<'_> {
    /// Whether the line is going to be changed.
    pub(super) fn is_strict(&self) -> bool {
        self.reading == Reading::Strictly
    }

    /// Ends a strict reading where shells differ.
    pub(super) fn doubt(&self, doubtful: bool) -> Result<()> {
        if doubtful && self.is_strict() { Err(NotUnderstood::Unsupported) } else { Ok(()) }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, offset: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + offset).copied()
    }

    pub(super) fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    /// Takes `text` when it stands here.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let here = self.rest().starts_with(text);
        if here {
            self.at += text.len();
        }
        here
    }

    /// Runs `read` one level deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(NotUnderstood::TooLarge);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads pipelines up to `end`.
    pub(super) fn list(&mut self, end: End) -> Result<Line> {
        self.deeper(|parser| {
            let mut items = Vec::new();
            parser.skip_newlines()?;
            while !parser.at_end(end)? {
                let pipeline = parser.pipeline()?;
                let then = parser.operator(end)?;
                items.push(Item { pipeline, then });
                parser.skip_newlines()?;
                if matches!(then, Next::And | Next::Or) && parser.at_end(end)? {
                    return Err(NotUnderstood::Unexpected);
                }
            }
            if matches!(end, End::Paren) {
                parser.at += 1;
            }
            Ok(Line { items })
        })
    }

    pub(super) fn at_end(&self, end: End) -> Result<bool> {
        let closed = match end {
            End::Text => return Ok(self.peek().is_none()),
            End::Paren => self.peek() == Some(b')'),
            End::Words(words) => words.contains(&self.keyword()),
            End::Case => self.rest().starts_with(";;") || self.rest().starts_with(";&") || self.keyword() == "esac",
        };
        if !closed && self.peek().is_none() { Err(NotUnderstood::Unclosed) } else { Ok(closed) }
    }

    /// Reads what stands behind a pipeline.
    fn operator(&mut self, end: End) -> Result<Next> {
        self.skip_blanks();
        if self.take("&&") {
            return Ok(Next::And);
        }
        if self.take("||") {
            return Ok(Next::Or);
        }
        match self.peek() {
            Some(b'\n' | b'\r') => Ok(Next::Sequence),
            Some(b';') if matches!(end, End::Case) && self.at_end(end)? => Ok(Next::Sequence),
            Some(b';') if self.peek_at(1) != Some(b';') => {
                self.at += 1;
                Ok(Next::Sequence)
            }
            Some(b'&') => {
                self.at += 1;
                Ok(Next::Background)
            }
            _ if self.at_end(end)? => Ok(Next::Sequence),
            _ => Err(NotUnderstood::Unexpected),
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline> {
        let mut pipeline = Pipeline::default();
        loop {
            match self.keyword() {
                "!" => pipeline.negated = true,
                "time" => pipeline.timed = true,
                _ => break,
            }
            self.at += self.keyword().len();
            self.skip_blanks();
            if pipeline.timed && self.keyword() == "-p" {
                self.at += 2;
                self.skip_blanks();
            }
        }
        loop {
            let mut stage = self.stage()?;
            self.skip_blanks();
            let both = self.take("|&");
            if both {
                stage.redirects.push(both_to_pipe(self.at));
            }
            pipeline.stages.push(stage);
            let more = both || (!self.rest().starts_with("||") && self.take("|"));
            if !more {
                return Ok(pipeline);
            }
            self.skip_newlines()?;
        }
    }

    fn stage(&mut self) -> Result<Stage> {
        if let Some(command) = self.compound()? {
            let mut redirects = Vec::new();
            self.skip_blanks();
            while let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                self.skip_blanks();
            }
            return Ok(Stage { command, redirects });
        }
        self.call()
    }

    /// Reads a simple command, or the function definition that starts like one.
    fn call(&mut self) -> Result<Stage> {
        let (mut env, mut words, mut redirects) = (Vec::new(), Vec::<Word>::new(), Vec::new());
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if self.peek() == Some(b'(') && words.len() == 1 && env.is_empty() {
                self.at += 1;
                self.skip_blanks();
                if !self.take(")") {
                    return Err(NotUnderstood::Unexpected);
                }
                let name = words.remove(0).text;
                return self.function_body(name).map(|command| Stage { command, redirects });
            }
            let Some(word) = self.word()? else { break };
            match assignment(&self.source[word.span.clone()]).filter(|_| words.is_empty()) {
                Some(name) => {
                    let value = word.text.split_once('=').map_or("", |(_, value)| value);
                    env.push((name.to_owned(), value.to_owned()));
                }
                None => words.push(word),
            }
        }
        if env.is_empty() && words.is_empty() && redirects.is_empty() {
            return Err(NotUnderstood::Unexpected);
        }
        Ok(Stage { command: Command::Call { env, words }, redirects })
    }

    /// The unquoted word that stands here as far as it can be a keyword; empty otherwise.
    pub(super) fn keyword(&self) -> &str {
        let rest = self.rest();
        let end = rest.bytes().take(9).position(ends_word).unwrap_or(rest.len().min(9));
        rest.get(..end).unwrap_or("")
    }

    pub(super) fn expect(&mut self, keyword: &str) -> Result<()> {
        if self.keyword() != keyword {
            return Err(NotUnderstood::Unexpected);
        }
        self.at += keyword.len();
        Ok(())
    }

    /// Skips blanks, line continuations and a comment.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.skip_continuation() => {}
                Some(b'#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => return,
            }
        }
    }

    /// Skips an escaped line end.
    pub(super) fn skip_continuation(&mut self) -> bool {
        self.take("\\\n") || self.take("\\\r\n")
    }

    /// Skips blanks and new lines, and with a new line the here-documents that start behind it.
    pub(super) fn skip_newlines(&mut self) -> Result<()> {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\r') => self.at += 1,
                Some(b'\n') => {
                    self.at += 1;
                    for heredoc in std::mem::take(&mut self.heredocs) {
                        self.skip_heredoc(&heredoc)?;
                    }
                }
                _ => return Ok(()),
            }
        }
    }
}

/// The name a word assigns to, when it is an assignment: `NAME=…`, `NAME+=…` or `NAME[…]=…`.
pub(super) fn assignment(word: &str) -> Option<&str> {
    let (left, _) = word.split_once('=')?;
    let left = left.strip_suffix('+').unwrap_or(left);
    let name = left.strip_suffix(']').and_then(|left| left.split_once('[')).map_or(left, |(name, _)| name);
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (plain && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())).then_some(name)
}
