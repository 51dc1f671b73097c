//! `hr_show`: what was recorded, all of it or the parts that are asked for, page by page.
//!
//! Whole recordings and line ranges are byte for byte, as far as JSON can carry them; what is found by pattern or by words
//! comes from the clean text, with the line numbers of the recording.

use super::pages::pages;
use super::{Answer, Arguments, Refusal, with_notes};
use crate::document::{Document, Origin};
use crate::render::marker::{counted, note};
use crate::render::measure::{age, bytes};
use crate::store::find::{self, About};
use crate::store::select::{Context, LineSpec, Lines, Row, SelectError};
use crate::store::{Entry, Handle, Meta, Reference, Size, Store};
use crate::tokens;

/// The largest recording that is looked into, in bytes: a server lives long and must not grow with what it is asked.
pub(super) const LARGEST: u64 = 256 << 20;
/// How many recordings are listed.
const LISTED: usize = 20;
/// How much of a command line is listed, in characters.
const COMMAND: usize = 100;
/// So many bytes at the beginning tell whether something is text.
const HEAD: usize = 8192;

/// Answers a call.
pub(super) fn answer(arguments: &Arguments<'_>, store: &dyn Store, now: u64) -> Result<Answer, Refusal> {
    let Some(asked) = arguments.text("handle") else { return list(arguments, store, now) };
    let handle = store.find(&asked.parse::<Reference>()?)?;
    let (size, meta) = store.describe(&handle)?;
    let shown = Shown { arguments, handle, size, meta };
    let bytes = shown.bytes(store)?;
    let selection = shown.selection(&bytes)?;
    shown.paged(&selection)
}

/// The recent recordings, one a line.
fn list(arguments: &Arguments<'_>, store: &dyn Store, now: u64) -> Result<Answer, Refusal> {
    if let Some(name) = ["lines", "grep", "query", "page"].iter().find(|name| arguments.has(name)) {
        let refusal = Refusal::new(format!("`{name}` needs a `handle`"));
        return Err(refusal.hint("`last` is the handle of the newest; hr_search looks through all of them"));
    }
    let entries = store.list(LISTED)?;
    if entries.is_empty() {
        return Ok(Answer::of("nothing is recorded: an output is kept when hr makes it shorter"));
    }
    let mut text = String::new();
    let mut spent = 0;
    let cap = arguments.cap().saturating_sub(60);
    for (index, entry) in entries.iter().enumerate() {
        let line = format!("{}\n", title(entry, now));
        spent += tokens::estimate(line.as_bytes());
        if spent > cap {
            text.push_str(&note(&format!("{} more", counted(entries.len() - index, "outputs"))));
            break;
        }
        text.push_str(&line);
    }
    Ok(Answer::of(text))
}

/// `3f9a1c2b  2h ago  exit 1  48.1 KiB  cargo test`.
pub(super) fn title(entry: &Entry, now: u64) -> String {
    let Entry { handle, size, meta, .. } = entry;
    let exit = match meta.exit_code {
        _ if meta.interrupted => "interrupted".to_owned(),
        Some(code) => format!("exit {code}"),
        None => "exit unknown".to_owned(),
    };
    let command = meta.command.as_deref().unwrap_or("(command unknown)");
    let mut shown: String = command.chars().take(COMMAND).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if command.chars().nth(COMMAND).is_some() {
        shown.push_str("...");
    }
    let age = age(now.saturating_sub(meta.unix_time));
    format!("{handle}  {age} ago  {exit}  {}  {shown}", bytes(size.bytes()))
}

/// One recording and what is wanted of it.
struct Shown<'a> {
    arguments: &'a Arguments<'a>,
    handle: Handle,
    size: Size,
    meta: Meta,
}

impl Shown<'_> {
    fn wants_stderr(&self) -> bool {
        self.arguments.flag("stderr")
    }

    /// The stream that is wanted.
    fn bytes(&self, store: &dyn Store) -> Result<Vec<u8>, Refusal> {
        let handle = self.handle;
        if self.wants_stderr() && self.size.stderr.is_none() {
            let refusal = Refusal::new(format!("`{handle}` has no standard error of its own"));
            return Err(refusal.hint("both were recorded as one: call hr_show without stderr"));
        }
        if self.size.bytes() > LARGEST {
            let refusal = Refusal::new(format!("`{handle}` is too large for an answer: {}", bytes(self.size.bytes())));
            return Err(refusal.hint(format!("in a shell, `hr show {handle} | grep ...` has no limit")));
        }
        let stored = store.get(&handle)?;
        let bytes = if self.wants_stderr() { stored.stderr.unwrap_or_default() } else { stored.stdout };
        if memchr::memchr(0, &bytes[..bytes.len().min(HEAD)]).is_some() {
            let refusal = Refusal::new(format!("`{handle}` is binary data"));
            return Err(refusal.hint(format!("in a shell, `hr show {handle} > FILE` gives it back")));
        }
        Ok(bytes)
    }

    /// The part that is wanted, as it goes out.
    fn selection<'b>(&self, bytes: &'b [u8]) -> Result<std::borrow::Cow<'b, [u8]>, Refusal> {
        let spec = self.arguments.text("lines").map(str::parse::<LineSpec>).transpose()?;
        match (self.arguments.text("grep"), self.arguments.text("query")) {
            (Some(_), Some(_)) => Err(Refusal::new("`grep` and `query` are two ways to look").hint("give one of them")),
            (Some(pattern), None) => self.matches(bytes, spec.as_ref(), pattern).map(Into::into),
            (None, Some(question)) => self.about(bytes, spec.as_ref(), question).map(Into::into),
            (None, None) => Ok(match spec {
                None => bytes.into(),
                Some(spec) => lines(bytes, &spec)?.into(),
            }),
        }
    }

    fn matches(&self, bytes: &[u8], spec: Option<&LineSpec>, pattern: &str) -> Result<Vec<u8>, Refusal> {
        let around = self.arguments.number("context").unwrap_or(0);
        let regex = find::pattern(pattern)?;
        let document = Document::new(bytes, Origin::default());
        let rows = find::matching(&document, spec, &regex, Context { before: around, after: around })?;
        if rows.is_empty() {
            let refusal = Refusal::new(format!("no line of `{}` matches `{pattern}`", self.handle));
            return Err(self.elsewhere(refusal.hint("`(?i)` before it ignores case; query looks for words")));
        }
        Ok(numbered(&rows))
    }

    fn about(&self, bytes: &[u8], spec: Option<&LineSpec>, question: &str) -> Result<Vec<u8>, Refusal> {
        let words = find::words(question)?;
        let document = Document::new(bytes, Origin::default());
        let About { rows, cut_from } = find::about(&document, spec, &words, self.arguments.cap() * 3 / 4)?;
        let Some(first) = rows.first() else {
            let refusal = Refusal::new(format!("nothing in `{}` is about `{question}`", self.handle));
            return Err(self.elsewhere(refusal.hint("other words, or grep with a regular expression, may find it")));
        };
        let mut text = numbered(&rows);
        if let Some(length) = cut_from {
            let (shown, number) = (first.text.len(), first.number);
            text.extend_from_slice(note(&format!("{shown} of the {length} bytes of line {number}")).as_bytes());
            text.push(b'\n');
        }
        Ok(text)
    }

    /// Adds where else the text can be.
    fn elsewhere(&self, refusal: Refusal) -> Refusal {
        let whole = super::call("hr_show", [("handle", self.handle.to_string().into())]);
        let refusal = refusal.hint(format!("all of it, page by page: {whole}"));
        if self.size.stderr.is_some_and(|bytes| bytes > 0) && !self.wants_stderr() {
            return refusal.hint("standard error was recorded apart: stderr true looks there");
        }
        refusal
    }

    /// The page that is wanted, and how to get the next one.
    fn paged(&self, selection: &[u8]) -> Result<Answer, Refusal> {
        let mut notes = self.remarks();
        let cap = self.arguments.cap();
        let cost = |notes: &[String]| tokens::estimate(with_notes(b"", notes).as_bytes()) + 4;
        let left = cap.saturating_sub(cost(&notes));
        let number = self.arguments.number("page").unwrap_or(1);
        let mut found = pages(selection, left);
        if found.len() > 1 {
            notes.push(self.turn(number, usize::MAX >> 12));
            found = pages(selection, cap.saturating_sub(cost(&notes)).max(cap / 4));
            notes.pop();
        }
        let page = number.checked_sub(1).and_then(|index| found.get(index)).cloned();
        let page = page.ok_or(SelectError::NoPage { page: number, pages: found.len() })?;
        if found.len() > 1 {
            notes.push(self.turn(number, found.len()));
        }
        Ok(Answer::of(with_notes(&selection[page], &notes)))
    }

    /// Which page this is, and which call gives the next.
    fn turn(&self, number: usize, count: usize) -> String {
        if number == count {
            return format!("page {number} of {count}");
        }
        // What is `last` now may not be when the next page is asked for.
        let next = [("handle", self.handle.to_string().into()), ("page", (number + 1).into())];
        format!("page {number} of {count}; next: {}", self.arguments.call_with(&next))
    }

    /// What the bytes do not say.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.size.bytes() == 0 {
            remarks.push("the output is empty".to_owned());
        }
        if self.meta.interrupted {
            remarks.push("it ends where hr was stopped".to_owned());
        }
        if let Some(length @ 1..) = self.size.stderr.filter(|_| !self.wants_stderr()) {
            let call = super::call("hr_show", [("handle", self.handle.to_string().into()), ("stderr", true.into())]);
            remarks.push(format!("standard error has another {}: {call}", bytes(length)));
        }
        remarks
    }
}

/// Lines by number, as they are.
fn lines(bytes: &[u8], spec: &LineSpec) -> Result<Vec<u8>, SelectError> {
    let lines = Lines::new(bytes);
    Ok(spec.resolve(lines.len())?.iter().flat_map(|range| lines.bytes(range)).copied().collect())
}

/// Lines with their numbers, as `grep -n` prints them.
pub(super) fn numbered(rows: &[Row<'_>]) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        if row.gap {
            text.extend_from_slice(b"--\n");
        }
        text.extend_from_slice(format!("{}{}", row.number, if row.hit { ':' } else { '-' }).as_bytes());
        text.extend_from_slice(row.text);
        text.push(b'\n');
    }
    text
}
