//! Compound commands: groups, subshells, branches, loops, tests and function definitions. Conditions and bodies are kept
//! as lists; words that no program runs, such as what a loop counts over, are only skipped.

use super::line::{BlockKind, Command, Item, Line, Next, NotUnderstood, Pipeline, Stage};
use super::parse::{End, Parser};

type Result<T> = std::result::Result<T, NotUnderstood>;

/// Words that end a list or stand inside a compound command, and so are no command.
const CLOSERS: &[&str] = &["then", "else", "elif", "fi", "do", "done", "esac", "}"];

impl Parser<'_> {
    pub(super) fn compound(&mut self) -> Result<Option<Command>> {
        if self.peek() == Some(b'(') {
            return self.parenthesis().map(Some);
        }
        let keyword = self.keyword();
        let length = keyword.len();
        let read = match keyword {
            "{" => Self::group,
            "if" => Self::branch,
            "while" | "until" => Self::conditional_loop,
            "for" | "select" => Self::counted_loop,
            "case" => Self::case,
            "[[" => Self::test,
            "function" => Self::function,
            "coproc" => return Err(NotUnderstood::Unsupported),
            closer if CLOSERS.contains(&closer) => return Err(NotUnderstood::Unexpected),
            _ => return Ok(None),
        };
        self.at += length;
        read(self).map(Some)
    }

    fn parenthesis(&mut self) -> Result<Command> {
        let start = self.at;
        if self.rest().starts_with("((") {
            if self.skip_balanced()? {
                return Ok(Command::Test);
            }
            self.at = start;
        }
        self.at += 1;
        let body = vec![self.list(End::Paren)?];
        Ok(Command::Block { kind: BlockKind::Subshell, body })
    }

    fn group(&mut self) -> Result<Command> {
        let body = vec![self.list(End::Words(&["}"]))?];
        self.expect("}")?;
        Ok(Command::Block { kind: BlockKind::Group, body })
    }

    fn branch(&mut self) -> Result<Command> {
        let mut body = vec![self.list(End::Words(&["then"]))?];
        self.expect("then")?;
        loop {
            body.push(self.list(End::Words(&["elif", "else", "fi"]))?);
            if self.keyword() == "fi" {
                break;
            }
            if self.keyword() == "elif" {
                self.expect("elif")?;
                body.push(self.list(End::Words(&["then"]))?);
                self.expect("then")?;
            } else {
                self.expect("else")?;
            }
        }
        self.expect("fi")?;
        Ok(Command::Block { kind: BlockKind::Branch, body })
    }

    fn conditional_loop(&mut self) -> Result<Command> {
        let condition = self.list(End::Words(&["do"]))?;
        let body = vec![condition, self.loop_body()?];
        Ok(Command::Block { kind: BlockKind::Loop, body })
    }

    fn counted_loop(&mut self) -> Result<Command> {
        self.skip_blanks();
        if self.rest().starts_with("((") {
            self.skip_balanced()?;
        } else {
            self.word()?.ok_or(NotUnderstood::Unexpected)?;
            self.skip_newlines()?;
            if self.keyword() == "in" {
                self.expect("in")?;
                self.skip_blanks();
                while self.word()?.is_some() {
                    self.skip_blanks();
                }
            }
        }
        self.skip_blanks();
        self.take(";");
        self.skip_newlines()?;
        let body = vec![self.loop_body()?];
        Ok(Command::Block { kind: BlockKind::Loop, body })
    }

    fn loop_body(&mut self) -> Result<Line> {
        self.expect("do")?;
        let body = self.list(End::Words(&["done"]))?;
        self.expect("done")?;
        Ok(body)
    }

    fn case(&mut self) -> Result<Command> {
        self.skip_blanks();
        self.word()?.ok_or(NotUnderstood::Unexpected)?;
        self.skip_newlines()?;
        self.expect("in")?;
        let mut body = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.keyword() == "esac" {
                break;
            }
            self.take("(");
            loop {
                self.skip_blanks();
                self.word()?.ok_or(NotUnderstood::Unexpected)?;
                self.skip_blanks();
                if !self.take("|") {
                    break;
                }
            }
            if !self.take(")") {
                return Err(NotUnderstood::Unexpected);
            }
            body.push(self.list(End::Case)?);
            let _terminated = self.take(";;&") || self.take(";;") || self.take(";&");
        }
        self.expect("esac")?;
        Ok(Command::Block { kind: BlockKind::Branch, body })
    }

    fn test(&mut self) -> Result<Command> {
        loop {
            self.skip_newlines()?;
            match self.word()? {
                Some(word) if &self.source[word.span.clone()] == "]]" => return Ok(Command::Test),
                Some(_) => {}
                None if self.peek().is_some() => self.at += 1,
                None => return Err(NotUnderstood::Unclosed),
            }
        }
    }

    fn function(&mut self) -> Result<Command> {
        self.skip_blanks();
        let name = self.word()?.ok_or(NotUnderstood::Unexpected)?.text;
        self.skip_blanks();
        if self.take("(") {
            self.skip_blanks();
            self.take(")");
        }
        self.function_body(name)
    }

    pub(super) fn function_body(&mut self, name: String) -> Result<Command> {
        self.skip_newlines()?;
        let command = self.deeper(Self::compound)?.ok_or(NotUnderstood::Unexpected)?;
        let stages = vec![Stage { command, redirects: Vec::new() }];
        let pipeline = Pipeline { stages, ..Pipeline::default() };
        Ok(Command::Function { name, body: Line { items: vec![Item { pipeline, then: Next::Sequence }] } })
    }
}
