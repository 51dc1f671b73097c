//! `hr_search`: looks through the originals of all recent outputs.

use regex::bytes::Regex;

use super::show::{LARGEST, numbered, title};
use super::{Answer, Arguments, Refusal, call, with_notes};
use crate::document::{Document, Origin};
use crate::render::marker::{bytes_left_out, counted, note};
use crate::store::find;
use crate::store::query::{Words, excerpt};
use crate::store::select::{Context, Row};
use crate::store::{Entry, Store};
use crate::tokens;

/// How many recordings are looked at.
const MOST: usize = 500;
/// How much of them all together, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// How many recordings are shown.
const LIMIT: usize = 5;
/// How much of a line is shown, in bytes.
const LINE: usize = 400;
/// What the closing lines may take, in tokens.
const NOTES: usize = 80;
/// What a recording with a hit gets at least, in tokens.
const SHARE: usize = 60;

/// What is looked for.
enum Wanted<'a> {
    Words(Words, &'a str),
    Pattern(Regex, &'a str),
}

/// The lines found in one recording.
struct Hit<'e> {
    entry: &'e Entry,
    /// How many of the words are together in one place, at most.
    together: usize,
    /// How many lines were found.
    lines: usize,
    /// The lines as they are shown, standard error marked.
    shown: String,
}

/// Answers a call.
pub(super) fn answer(arguments: &Arguments<'_>, store: &dyn Store, now: u64) -> Result<Answer, Refusal> {
    let wanted = Wanted::read(arguments)?;
    let entries = store.list(MOST)?;
    let command = arguments.text("command");
    let of_command = |entry: &&Entry| {
        command.is_none_or(|part| entry.meta.command.as_ref().is_some_and(|command| command.contains(part)))
    };
    let meant: Vec<&Entry> = entries.iter().filter(of_command).collect();
    let (mut hits, mut looked_at, mut left) = (Vec::new(), 0, MOST_BYTES);
    let cap = arguments.cap();
    let limit = arguments.number("limit").unwrap_or(LIMIT).min((cap - NOTES) / SHARE).max(1);
    let share = (cap - NOTES) / limit;
    for entry in &meant {
        let size = entry.size.bytes();
        if size > left || size > LARGEST {
            continue;
        }
        left -= size;
        // It may have been removed meanwhile, and a damaged one is no reason to find nothing in the others.
        let Ok(stored) = store.get(&entry.handle) else { continue };
        looked_at += 1;
        let streams = [("", Some(&stored.stdout)), ("standard error:\n", stored.stderr.as_ref())];
        let mut hit = Hit { entry, together: 0, lines: 0, shown: String::new() };
        for (heading, bytes) in streams {
            if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
                wanted.look(bytes, heading, share, &mut hit)?;
            }
        }
        if hit.lines > 0 {
            hits.push(hit);
        }
    }
    // A stable sort: what is as good stays newest first.
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.together));
    let scope = scope(looked_at, meant.len(), command);
    if hits.is_empty() {
        return Err(wanted.miss(&scope));
    }
    let mut text = String::new();
    for hit in hits.iter().take(limit) {
        text.push_str(&hit.spelled(&wanted, share, now));
    }
    let mut closing = format!("found in {} of {scope}", hits.len());
    if hits.len() > limit {
        closing.push_str(&format!(", {limit} shown; say more words, command or limit"));
    }
    Ok(Answer::of(with_notes(text.as_bytes(), &[closing])))
}

/// Where was looked: `12 outputs`, and what of them was too much.
fn scope(looked_at: usize, meant: usize, command: Option<&str>) -> String {
    let mut scope = counted(looked_at, "outputs");
    if let Some(command) = command {
        scope.push_str(&format!(" of commands with `{command}`"));
    }
    if looked_at < meant {
        scope.push_str(&format!(" ({} too large or too old)", meant - looked_at));
    }
    scope
}

impl<'a> Wanted<'a> {
    fn read(arguments: &'a Arguments<'_>) -> Result<Self, Refusal> {
        match (arguments.text("query"), arguments.text("grep")) {
            (Some(_), Some(_)) => Err(Refusal::new("`grep` and `query` are two ways to look").hint("give one of them")),
            (None, None) => Err(Refusal::new("there is nothing to look for").hint(
                "query takes words, grep takes a regular expression; hr_show without a handle lists all outputs",
            )),
            (Some(question), None) => Ok(Self::Words(find::words(question)?, question)),
            (None, Some(pattern)) => Ok(Self::Pattern(find::pattern(pattern)?, pattern)),
        }
    }

    /// Adds what is found in one stream.
    fn look(&self, bytes: &[u8], heading: &str, budget: usize, hit: &mut Hit<'_>) -> Result<(), Refusal> {
        let document = Document::new(bytes, Origin::default());
        let rows = match self {
            Self::Words(words, _) => {
                let rows = find::about(&document, None, words, budget)?.rows;
                let blocks = rows.chunk_by(|_, row| !row.gap);
                let together = blocks.map(|rows| words.hits(&joined(rows))).max().unwrap_or(0);
                hit.together = hit.together.max(together);
                rows
            }
            Self::Pattern(pattern, _) => find::matching(&document, None, pattern, Context::default())?,
        };
        if rows.is_empty() {
            return Ok(());
        }
        hit.lines += rows.len();
        hit.shown.push_str(heading);
        let mut spent = tokens::estimate(hit.shown.as_bytes());
        for row in rows {
            let line = self.shown(row);
            spent += tokens::estimate(line.as_bytes());
            if spent > budget && hit.shown.len() > heading.len() {
                break;
            }
            hit.shown.push_str(&line);
        }
        Ok(())
    }

    /// A line with its number, around what was looked for.
    fn shown(&self, row: Row<'_>) -> String {
        let length = row.text.len();
        if length <= LINE {
            return String::from_utf8_lossy(&numbered(&[row])).into_owned();
        }
        let part = match self {
            Self::Words(words, _) => excerpt(row.text, words, LINE),
            Self::Pattern(pattern, _) => {
                let start = pattern.find(row.text).map_or(0, |found| found.start()).saturating_sub(LINE / 4);
                start..(start + LINE).min(length)
            }
        };
        let gone = bytes_left_out(length - part.len());
        let line = numbered(&[Row { text: &row.text[part], ..row }]);
        format!("{} {gone}\n", String::from_utf8_lossy(&line).trim_end())
    }

    /// The argument that says it, for another call.
    fn argument(&self) -> (&'static str, &'a str) {
        match self {
            Self::Words(_, question) => ("query", question),
            Self::Pattern(_, pattern) => ("grep", pattern),
        }
    }

    /// What to do when nothing was found.
    fn miss(&self, scope: &str) -> Refusal {
        let (name, asked) = self.argument();
        let refusal = Refusal::new(format!("nothing in {scope} was found by {name} `{asked}`"));
        let other = match self {
            Self::Words(..) => "fewer or other words may find it, or grep with a part of a word",
            Self::Pattern(..) => "`(?i)` before it ignores case; query looks for words",
        };
        refusal.hint(other).hint(
            "only outputs that hr made shorter are kept, for some days: hr_show lists them; for others run the command again",
        )
    }
}

fn joined(rows: &[Row<'_>]) -> Vec<u8> {
    rows.iter().map(|row| row.text).collect::<Vec<_>>().join(&b' ')
}

impl Hit<'_> {
    /// The recording and its lines, within its share.
    fn spelled(&self, wanted: &Wanted<'_>, share: usize, now: u64) -> String {
        let title = title(self.entry, now);
        let (name, asked) = wanted.argument();
        let handle = self.entry.handle.to_string();
        let more = |count: usize| {
            let call = call("hr_show", [(name, asked.into()), ("handle", handle.clone().into())]);
            note(&format!("{}: {call}", counted(count, "more lines"))) + "\n"
        };
        let frame = tokens::estimate(format!("{title}\n{}", more(self.lines)).as_bytes());
        let mut text = format!("{title}\n");
        let (mut spent, mut shown) = (frame, 0);
        for line in self.shown.split_inclusive('\n') {
            let is_heading = line == "standard error:\n";
            spent += tokens::estimate(line.as_bytes());
            if spent > share && shown > 0 {
                break;
            }
            text.push_str(line);
            shown += usize::from(!is_heading && line != "--\n");
        }
        if shown < self.lines {
            text.push_str(&more(self.lines - shown));
        }
        text
    }
}
