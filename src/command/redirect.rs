//! Redirections and here-documents of a command line. A here-document's body is skipped, not kept: it is input of the
//! command, not what the command prints.

use super::line::{NotUnderstood, Redirect, RedirectKind, Word};
use super::parse::Parser;

type Result<T> = std::result::Result<T, NotUnderstood>;

/// A here-document whose body starts on the next line.
#[derive(Debug)]
pub(super) struct HereDoc {
    delimiter: String,
    strip_tabs: bool,
}

impl Parser<'_> {
    /// Reads a redirection when one stands here.
    pub(super) fn redirect(&mut self) -> Result<Option<Redirect>> {
        let start = self.at;
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let written = self.rest()[..digits].parse::<u32>().ok();
        self.at += digits;
        let Some((operator, kind, default)) = OPERATORS.iter().find(|(text, ..)| self.rest().starts_with(text)) else {
            self.at = start;
            return Ok(None);
        };
        let process = operator.len() == 1 && self.peek_at(1) == Some(b'(');
        if process || (digits > 0 && operator.starts_with('&')) {
            self.at = start;
            return Ok(None);
        }
        self.at += operator.len();
        self.skip_blanks();
        let target = self.word()?.ok_or(NotUnderstood::Unexpected)?;
        let mut kind = *kind;
        if *operator == ">&" && !target.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            kind = RedirectKind::WriteBoth;
        }
        if kind == RedirectKind::HereDoc {
            if self.is_strict() {
                return Err(NotUnderstood::HereDocument);
            }
            let strip_tabs = *operator == "<<-";
            self.heredocs.push(HereDoc { delimiter: target.text.clone(), strip_tabs });
        }
        Ok(Some(Redirect { fd: written.unwrap_or(*default), kind, target }))
    }

    pub(super) fn skip_heredoc(&mut self, heredoc: &HereDoc) -> Result<()> {
        while self.at < self.source.len() {
            let rest = self.rest();
            let end = rest.find('\n').unwrap_or(rest.len());
            let line = rest[..end].trim_end_matches('\r');
            let line = if heredoc.strip_tabs { line.trim_start_matches('\t') } else { line };
            let closed = line == heredoc.delimiter;
            self.at = (self.at + end + 1).min(self.source.len());
            if closed {
                return Ok(());
            }
        }
        Err(NotUnderstood::Unclosed)
    }
}

/// Redirection operators, longer ones first, with what they do and the descriptor they mean without a number.
const OPERATORS: &[(&str, RedirectKind, u32)] = &[
    ("&>>", RedirectKind::WriteBoth, 1),
    ("<<<", RedirectKind::HereString, 0),
    ("<<-", RedirectKind::HereDoc, 0),
    ("&>", RedirectKind::WriteBoth, 1),
    (">>", RedirectKind::Write, 1),
    (">|", RedirectKind::Write, 1),
    (">&", RedirectKind::Copy, 1),
    ("<&", RedirectKind::Copy, 0),
    ("<<", RedirectKind::HereDoc, 0),
    ("<>", RedirectKind::Read, 0),
    ("<", RedirectKind::Read, 0),
    (">", RedirectKind::Write, 1),
];

/// The redirection that `|&` stands for.
pub(super) fn both_to_pipe(at: usize) -> Redirect {
    let target = Word { text: "1".to_owned(), span: at..at, fixed: true };
    Redirect { fd: 2, kind: RedirectKind::Copy, target }
}
