//! `hr show`: gives back what was recorded, all of it or the parts that are asked for.
//!
//! Whole recordings and line ranges are byte for byte; what is found by pattern or by words is printed from the clean
//! text with the line numbers of the recording.

use std::io::{self, Write};
use std::ops::Range;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::journal;
use crate::cli::recordings::{self, ListFormat};
use crate::document::{Document, MAX_BYTES, Origin};
use crate::store::dir::DirStore;
use crate::store::find::{self, About};
use crate::store::select::{Context, LineSpec, Lines, Row, SelectError, page};
use crate::store::{Handle, Reference, Store, Stream};

/// How many recordings are listed.
const LISTED: usize = 20;

/// Prints what was recorded
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Which recording: a handle or its first digits, `last`, or `last~2` for the third newest; without it the recent ones are listed
    pub handle: Option<String>,

    /// Only these lines: `40-171`, `40-`, `-20` for the last 20, `40`, or several with commas
    #[arg(long, value_name = "LINES", allow_hyphen_values = true, requires = "handle")]
    pub lines: Option<String>,

    /// Only lines that match, with their numbers; colour codes and overwritten progress do not count
    #[arg(long, value_name = "RE", requires = "handle")]
    pub grep: Option<String>,

    /// So many lines around each match
    #[arg(short = 'C', long, value_name = "N", requires = "grep")]
    pub context: Option<usize>,

    /// So many lines after each match
    #[arg(short = 'A', long, value_name = "N", requires = "grep")]
    pub after_context: Option<usize>,

    /// So many lines before each match
    #[arg(short = 'B', long, value_name = "N", requires = "grep")]
    pub before_context: Option<usize>,

    /// Only the parts that are most about these words, with their line numbers
    #[arg(long, value_name = "WORDS", requires = "handle", conflicts_with_all = ["grep", "page"])]
    pub query: Option<String>,

    /// How much `--query` prints, in tokens
    #[arg(long, value_name = "TOKENS", requires = "query", default_value_t = 600)]
    pub budget: usize,

    /// Only this page of the result, counted from 1
    #[arg(long, value_name = "N", requires = "handle")]
    pub page: Option<usize>,

    /// How many lines a page has
    #[arg(long, value_name = "LINES", requires = "page", default_value_t = 200)]
    pub page_size: usize,

    /// What was printed to standard error, when it was recorded on its own
    #[arg(long, requires = "handle")]
    pub stderr: bool,

    /// How the list is printed
    #[arg(long, value_enum, default_value_t, conflicts_with = "handle")]
    pub format: ListFormat,
}

/// Runs the command on the program's own streams.
pub fn run(args: &ShowArgs, store: &DirStore) -> CliResult {
    journal::retrieved(args.handle.as_deref(), store, |out| show(args, store, out, &mut io::stderr()))
}

/// Runs the command on any streams.
pub fn show(args: &ShowArgs, store: &DirStore, out: &mut dyn Write, notes: &mut dyn Write) -> CliResult {
    let Some(asked) = &args.handle else { return list(args.format, store, out, notes) };
    let handle = store.find(&asked.parse::<Reference>()?)?;
    let shown = Shown { args, store, handle, stream: if args.stderr { Stream::Stderr } else { Stream::Stdout } };
    shown.remark(notes)?;
    match (&args.grep, &args.query) {
        (Some(pattern), _) => shown.matches(pattern, out, notes),
        (None, Some(question)) => shown.answer(question, out, notes),
        (None, None) if args.lines.is_some() || args.page.is_some() => shown.lines(out, notes),
        (None, None) => shown.everything(out),
    }
}

fn list(format: ListFormat, store: &DirStore, out: &mut dyn Write, notes: &mut dyn Write) -> CliResult {
    let entries = store.list(LISTED)?;
    written(match format {
        ListFormat::Json => recordings::write_json(&entries, out),
        ListFormat::Text if entries.is_empty() => writeln!(notes, "hr: nothing is recorded"),
        ListFormat::Text => recordings::write_table(&entries, unix_now(), out),
    })
}

/// The seconds since 1970.
pub(super) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Turns the outcome of printing into that of the command: a reader that goes away has seen enough.
pub(super) fn written(outcome: io::Result<()>) -> CliResult {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::new(ErrorKind::Internal, format!("cannot print: {error}")))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// One recording and what is wanted of it.
struct Shown<'a> {
    args: &'a ShowArgs,
    store: &'a DirStore,
    handle: Handle,
    stream: Stream,
}

impl Shown<'_> {
    /// Says what the bytes do not say.
    fn remark(&self, notes: &mut dyn Write) -> Result<(), CliError> {
        let (size, meta) = self.store.describe(&self.handle)?;
        let handle = self.handle;
        if self.args.stderr && size.stderr.is_none() {
            return Err(CliError::input(format!("`{handle}` has no standard error of its own"))
                .hint(format!("both were recorded as one: `hr show {handle}`")));
        }
        // Notes nobody can read are no reason to fail.
        if meta.interrupted {
            let _ = writeln!(notes, "hr: `{handle}` ends where hr was killed");
        }
        if let Some(bytes @ 1..) = size.stderr.filter(|_| !self.args.stderr) {
            let bytes = recordings::bytes(bytes);
            let _ = writeln!(notes, "hr: standard error has another {bytes}: hr show {handle} --stderr");
        }
        Ok(())
    }

    /// Prints all of it without holding it in memory.
    fn everything(&self, out: &mut dyn Write) -> CliResult {
        let printed = self
            .store
            .read(&self.handle, |stream, bytes| if stream == self.stream { out.write_all(bytes) } else { Ok(()) })?;
        written(printed.and_then(|()| out.flush()))
    }

    /// Prints lines by number.
    fn lines(&self, out: &mut dyn Write, notes: &mut dyn Write) -> CliResult {
        let bytes = self.bytes()?;
        let lines = Lines::new(&bytes);
        let mut ranges = self.ranges(lines.len())?;
        if self.args.page.is_some() {
            let count = ranges.iter().map(ExactSizeIterator::len).sum();
            ranges = slice(&ranges, &self.page(count, notes)?);
        }
        let print = |range| out.write_all(lines.bytes(range));
        written(ranges.iter().try_for_each(print).and_then(|()| out.flush()))
    }

    /// Prints lines by pattern.
    fn matches(&self, pattern: &str, out: &mut dyn Write, notes: &mut dyn Write) -> CliResult {
        let regex = find::pattern(pattern)?;
        let around = self.args.context.unwrap_or(0);
        let context = Context {
            before: self.args.before_context.unwrap_or(around),
            after: self.args.after_context.unwrap_or(around),
        };
        let bytes = self.bytes()?;
        let document = self.document(&bytes)?;
        let mut rows = find::matching(&document, self.spec()?.as_ref(), &regex, context)?;
        if rows.is_empty() {
            return Err(CliError::input(format!("no line of `{}` matches `{pattern}`", self.handle)));
        }
        if self.args.page.is_some() {
            rows = rows[self.page(rows.len(), notes)?].to_vec();
        }
        written(print_rows(&rows, out))
    }

    /// Prints the blocks that are most about a question.
    fn answer(&self, question: &str, out: &mut dyn Write, notes: &mut dyn Write) -> CliResult {
        let words = find::words(question)?;
        let bytes = self.bytes()?;
        let document = self.document(&bytes)?;
        let About { rows, cut_from } = find::about(&document, self.spec()?.as_ref(), &words, self.args.budget)?;
        let Some(first) = rows.first() else {
            return Err(CliError::input(format!("nothing in `{}` is about `{question}`", self.handle)));
        };
        if let Some(length) = cut_from {
            let _ = writeln!(notes, "hr: {} of the {length} bytes of line {}", first.text.len(), first.number);
        }
        written(print_rows(&rows, out))
    }

    /// The bytes of the stream that is wanted.
    fn bytes(&self) -> Result<Vec<u8>, CliError> {
        let stored = self.store.get(&self.handle)?;
        Ok(match self.stream {
            Stream::Stdout => stored.stdout,
            Stream::Stderr => stored.stderr.unwrap_or_default(),
        })
    }

    fn document<'b>(&self, bytes: &'b [u8]) -> Result<Document<'b>, CliError> {
        if bytes.len() > MAX_BYTES {
            let size = recordings::bytes(bytes.len() as u64);
            return Err(CliError::input(format!("`{}` is too large to search: {size}", self.handle))
                .hint(format!("`hr show {} | grep ...` has no limit", self.handle)));
        }
        Ok(Document::new(bytes, Origin::default()))
    }

    /// The lines that `--lines` names, as typed.
    fn spec(&self) -> Result<Option<LineSpec>, SelectError> {
        self.args.lines.as_deref().map(str::parse).transpose()
    }

    /// The lines that `--lines` names, all without it; counted from 0.
    fn ranges(&self, count: usize) -> Result<Vec<Range<usize>>, CliError> {
        match self.spec()? {
            None => Ok(std::iter::once(0..count).collect()),
            Some(spec) => Ok(spec.resolve(count)?),
        }
    }

    /// Finds the lines of the page, and says which they are.
    fn page(&self, count: usize, notes: &mut dyn Write) -> Result<Range<usize>, CliError> {
        let number = self.args.page.unwrap_or(1);
        let (lines, pages) = page(count, number, self.args.page_size)?;
        let first = (lines.start + 1).min(lines.end);
        let _ = writeln!(notes, "hr: page {number} of {pages}: lines {first}-{} of {count}", lines.end);
        Ok(lines)
    }
}

/// Takes some of the lines that several ranges have together.
fn slice(ranges: &[Range<usize>], wanted: &Range<usize>) -> Vec<Range<usize>> {
    let mut before = 0;
    let part = |range: &Range<usize>| {
        let within = |at: usize| range.start + at.saturating_sub(before).min(range.len());
        let part = within(wanted.start)..within(wanted.end);
        before += range.len();
        part
    };
    ranges.iter().map(part).filter(|part| !part.is_empty()).collect()
}

/// Prints lines as `grep -n` does.
fn print_rows(rows: &[Row<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    for row in rows {
        if row.gap {
            out.write_all(b"--\n")?;
        }
        write!(out, "{}{}", row.number, if row.hit { ':' } else { '-' })?;
        out.write_all(row.text)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

impl From<SelectError> for CliError {
    fn from(error: SelectError) -> Self {
        let message = error.to_string();
        match error {
            SelectError::Malformed(_) => {
                Self::usage(message).hint("lines count from 1: `40-171`, `40-`, `-20` for the last 20, `40`, `1-3,9`")
            }
            SelectError::Pattern { .. } | SelectError::NoWords(_) => Self::usage(message),
            SelectError::PastEnd { .. } | SelectError::NoPage { .. } => Self::input(message),
        }
    }
}
