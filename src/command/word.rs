//! Words of a command line: quotes, escapes, expansions. Quotes are removed and escapes resolved as a shell does it;
//! expansions are only measured, so that their text can be kept and what follows is found.

use super::line::{NotUnderstood, Word};
use super::parse::{End, Parser};

type Result<T> = std::result::Result<T, NotUnderstood>;

/// A word being read.
#[derive(Default)]
struct Draft {
    text: String,
    expands: bool,
    /// Whether backslashes are no escapes; found out at the first one.
    windows_path: Option<bool>,
}

/// Says whether an unquoted byte ends a word.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

impl Parser<'_> {
    /// Reads the word that starts here; `None` when an operator or the end stands here.
    pub(super) fn word(&mut self) -> Result<Option<Word>> {
        let start = self.at;
        let mut draft = Draft::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'\'' => self.single_quoted(&mut draft)?,
                b'"' => self.double_quoted(&mut draft)?,
                b'\\' => self.escape(start, &mut draft),
                b'$' => self.dollar(Quoting::None, &mut draft)?,
                b'`' => self.backticks(&mut draft)?,
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => self.substitution(2, &mut draft)?,
                b'(' if self.opens_inside_word(start) => self.balanced(&mut draft)?,
                _ if ends_word(byte) => break,
                _ => self.plain(&mut draft, |byte| ends_word(byte) || b"'\"\\$`".contains(&byte)),
            }
        }
        let word = Word { text: draft.text, span: start..self.at, fixed: !draft.expands };
        Ok((self.at > start).then_some(word))
    }

    /// Takes characters up to the first byte that `stop` names; at least one.
    fn plain(&mut self, draft: &mut Draft, stop: impl Fn(u8) -> bool) {
        let rest = &self.source.as_bytes()[self.at..];
        let length = rest.iter().skip(1).position(|&byte| stop(byte)).map_or(rest.len(), |found| found + 1);
        draft.text.push_str(&self.source[self.at..self.at + length]);
        self.at += length;
    }

    fn single_quoted(&mut self, draft: &mut Draft) -> Result<()> {
        let start = self.at + 1;
        let length = self.source[start..].find('\'').ok_or(NotUnderstood::Unclosed)?;
        draft.text.push_str(&self.source[start..start + length]);
        self.at = start + length + 1;
        Ok(())
    }

    fn double_quoted(&mut self, draft: &mut Draft) -> Result<()> {
        self.at += 1;
        loop {
            match self.peek().ok_or(NotUnderstood::Unclosed)? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    match self.peek_at(1).ok_or(NotUnderstood::Unclosed)? {
                        b'\n' => {}
                        escaped @ (b'$' | b'`' | b'"' | b'\\') => draft.text.push(char::from(escaped)),
                        _ => {
                            self.at += 1;
                            draft.text.push('\\');
                            continue;
                        }
                    }
                    self.at += 2;
                }
                b'$' => self.dollar(Quoting::Double, draft)?,
                b'`' => self.backticks(draft)?,
                _ => self.plain(draft, |byte| b"\"\\$`".contains(&byte)),
            }
        }
    }

    /// Resolves an unquoted backslash; in a Windows path it stays.
    fn escape(&mut self, start: usize, draft: &mut Draft) {
        if self.skip_continuation() {
            return;
        }
        self.at += 1;
        let (source, strict) = (self.source, self.is_strict());
        match source[self.at..].chars().next() {
            Some(next) if strict || !*draft.windows_path.get_or_insert_with(|| is_windows_path(&source[start..])) => {
                draft.text.push(next);
                self.at += next.len_utf8();
            }
            _ => draft.text.push('\\'),
        }
    }

    /// Takes what starts with `$`.
    fn dollar(&mut self, quoting: Quoting, draft: &mut Draft) -> Result<()> {
        match self.peek_at(1) {
            Some(b'\'') if quoting == Quoting::None => self.ansi_quoted(draft),
            Some(b'"') if quoting == Quoting::None => {
                self.at += 1;
                self.double_quoted(draft)
            }
            Some(b'(') if self.peek_at(2) == Some(b'(') => {
                self.at += 1;
                draft.text.push('$');
                self.balanced(draft)?;
                self.doubt(!draft.text.ends_with("))"))
            }
            Some(b'(') => self.substitution(2, draft),
            Some(b'{') => {
                let start = self.at;
                self.at += 2;
                self.braces()?;
                draft.keep(&self.source[start..self.at]);
                Ok(())
            }
            Some(byte) if byte.is_ascii_alphanumeric() || b"_?$!#@*-".contains(&byte) => {
                let start = self.at;
                self.at += 2;
                if byte.is_ascii_alphabetic() || byte == b'_' {
                    while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                        self.at += 1;
                    }
                }
                draft.keep(&self.source[start..self.at]);
                Ok(())
            }
            next => {
                self.doubt(next == Some(b'['))?;
                draft.text.push('$');
                self.at += 1;
                Ok(())
            }
        }
    }

    /// Takes `$( … )`, `<( … )` or `>( … )`, whose opening is `open` bytes long, without looking at what it runs.
    fn substitution(&mut self, open: usize, draft: &mut Draft) -> Result<()> {
        let start = self.at;
        self.at += open;
        self.list(End::Paren)?;
        draft.keep(&self.source[start..self.at]);
        Ok(())
    }

    fn backticks(&mut self, draft: &mut Draft) -> Result<()> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek().ok_or(NotUnderstood::Unclosed)? {
                b'`' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        draft.keep(&self.source[start..self.at]);
        Ok(())
    }

    /// Skips the rest of `${ … }`, behind its opening brace.
    fn braces(&mut self) -> Result<()> {
        self.deeper(|parser| {
            let mut ignored = Draft::default();
            loop {
                match parser.peek().ok_or(NotUnderstood::Unclosed)? {
                    b'}' => break,
                    b'\\' => parser.skip_escaped(),
                    b'\'' => {
                        parser.doubt(true)?;
                        parser.single_quoted(&mut ignored)?;
                    }
                    b'"' => parser.double_quoted(&mut ignored)?,
                    b'$' => parser.dollar(Quoting::Double, &mut ignored)?,
                    b'`' => parser.backticks(&mut ignored)?,
                    _ => parser.at += 1,
                }
            }
            parser.at += 1;
            Ok(())
        })
    }

    /// Takes text in matching parentheses as it is: arithmetic, arrays and patterns.
    fn balanced(&mut self, draft: &mut Draft) -> Result<()> {
        let start = self.at;
        let mut open = 0_usize;
        let mut quote = None;
        loop {
            let byte = self.peek().ok_or(NotUnderstood::Unclosed)?;
            self.doubt(matches!(byte, b'#' | b'`'))?;
            match (byte, quote) {
                (b'\\', None | Some(b'"')) => self.skip_escaped(),
                (b'\'' | b'"', None) => quote = Some(byte),
                (b'(', None) => open += 1,
                (b')', None) => open -= 1,
                _ if quote == Some(byte) => quote = None,
                _ => {}
            }
            if byte != b'\\' || quote == Some(b'\'') {
                self.at += 1;
            }
            if open == 0 {
                draft.keep(&self.source[start..self.at]);
                return Ok(());
            }
        }
    }

    /// Skips text in matching parentheses; says whether it was closed by two at once, as arithmetic is.
    pub(super) fn skip_balanced(&mut self) -> Result<bool> {
        self.balanced(&mut Draft::default())?;
        Ok(self.source[..self.at].ends_with("))"))
    }

    fn skip_escaped(&mut self) {
        let escaped = self.source[self.at + 1..].chars().next().map_or(0, char::len_utf8);
        self.at += 1 + escaped;
    }

    /// Says whether a `(` belongs to the word that began at `start`: an array, or a pattern such as `!(a|b)`.
    fn opens_inside_word(&self, start: usize) -> bool {
        let before = &self.source[start..self.at];
        let array = before.ends_with('=') && super::parse::assignment(before).is_some();
        array || before.ends_with(['@', '?', '*', '+', '!'])
    }

    /// Takes `$'…'` and resolves its escapes.
    fn ansi_quoted(&mut self, draft: &mut Draft) -> Result<()> {
        self.at += 2;
        loop {
            let next = self.source[self.at..].chars().next().ok_or(NotUnderstood::Unclosed)?;
            self.at += next.len_utf8();
            match next {
                '\'' => return Ok(()),
                '\\' => self.ansi_escape(draft)?,
                _ => draft.text.push(next),
            }
        }
    }

    fn ansi_escape(&mut self, draft: &mut Draft) -> Result<()> {
        let kind = self.source[self.at..].chars().next().ok_or(NotUnderstood::Unclosed)?;
        self.at += kind.len_utf8();
        let resolved = match kind {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\x07',
            'b' => '\x08',
            'e' | 'E' => '\x1b',
            'f' => '\x0c',
            'v' => '\x0b',
            'x' => self.digits(16, 2),
            'u' => self.digits(16, 4),
            'U' => self.digits(16, 8),
            '0'..='7' => {
                self.at -= 1;
                self.digits(8, 3)
            }
            other => other,
        };
        draft.text.push(resolved);
        Ok(())
    }

    /// Reads a character code of at most `most` digits; what is no character becomes U+FFFD.
    fn digits(&mut self, radix: u32, most: usize) -> char {
        let rest = &self.source.as_bytes()[self.at..];
        let count = rest.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let code = u32::from_str_radix(&self.source[self.at..self.at + count], radix);
        self.at += count;
        code.ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

/// Whether double quotes surround the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    None,
    Double,
}

impl Draft {
    /// Takes an expansion as it was written.
    fn keep(&mut self, written: &str) {
        self.text.push_str(written);
        self.expands = true;
    }
}

/// Says whether a word that starts here is a Windows path, in which backslashes are no escapes.
fn is_windows_path(rest: &str) -> bool {
    let end = rest.bytes().position(ends_word).unwrap_or(rest.len());
    let word = &rest[..end];
    let bytes = word.as_bytes();
    let drive = bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1..3] == *b":\\";
    let relative = word.starts_with(".\\") || word.starts_with("..\\");
    drive || relative || super::without_extension(word).len() < word.len()
}
