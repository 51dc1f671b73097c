//! The journal: one line for every call of `hr`, with how much it saved, and for every original that was asked for.
//!
//! Lines are only ever added, each with one write to a file opened for appending, so that any number of processes need no
//! lock; nothing waits for the disk. A month has a file of its own, and more when it grows large; those of more than a year
//! ago are deleted. No line has a text or the arguments of a command, and none leaves the machine.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{Span, civil};
use serde::{Deserialize, Serialize};

use super::error::CliResult;
use super::home::home;
use crate::command::named;
use crate::pipeline::{Compaction, Form};
use crate::render::marker;
use crate::store::dir::DirStore;
use crate::store::{Reference, Store};
use crate::tokens;

/// What was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// `hr` as a filter.
    #[default]
    Filter,
    /// `hr run`.
    Run,
    /// A hook of an agent.
    Hook,
    /// The MCP server: something that was left out is read after all. What it runs is noted by `hr run`.
    Mcp,
    /// `hr show`: something that was left out is read after all.
    Show,
}

/// A line of the journal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Seconds since 1970.
    #[serde(rename = "t")]
    pub time: u64,
    /// What was called.
    pub via: Via,
    /// The agent that called, when it says so in the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// The program and its subcommand.
    #[serde(rename = "cmd", default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The rule that applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The kind of content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Which form went out: `compacted`, `cleaned` or `raw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Estimated tokens that came in; none when something is read after all.
    #[serde(default)]
    pub before: u64,
    /// Estimated tokens that went out, markers included.
    #[serde(default)]
    pub after: u64,
    /// Those of the markers among them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub markers: u64,
    /// The tokens before and after that fit a result of an agent, when not all did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<(u64, u64)>,
    /// The original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

/// What an agent is given of a result at most, in bytes: hosts cut at 30,000 characters or at about 50 KB.
pub const GIVEN: u64 = 30_000;

impl Entry {
    /// Whether something that was left out is read after all; otherwise something was compacted.
    pub fn is_retrieval(&self) -> bool {
        matches!(self.via, Via::Show | Via::Mcp)
    }

    /// The tokens before and after, of each result only what an agent would have been given. No token is without a byte.
    pub fn seen(&self) -> (u64, u64) {
        self.seen.unwrap_or((self.before.min(GIVEN), self.after.min(GIVEN)))
    }

    /// Notes what would have been given of texts of so many bytes.
    pub fn cut(&mut self, bytes: (u64, u64)) {
        let cut = |tokens: u64, bytes: u64| {
            u64::try_from(u128::from(tokens) * u128::from(GIVEN) / u128::from(bytes.max(GIVEN))).unwrap_or(tokens)
        };
        let seen = (cut(self.before, bytes.0), cut(self.after, bytes.1));
        self.seen = Some(seen).filter(|seen| *seen != (self.before, self.after));
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Who called, and for which command.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call<'a> {
    /// What was called.
    pub via: Via,
    /// The command line.
    pub command: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A call of `hr run`.
    pub fn run(command: &'a str) -> Self {
        Self { via: Via::Run, command: Some(command) }
    }

    /// A call of the filter.
    pub fn filter(command: Option<&'a str>) -> Self {
        Self { command, ..Self::default() }
    }

    /// A call of an agent's hook.
    pub fn hook(command: &'a str) -> Self {
        Self { via: Via::Hook, command: Some(command) }
    }
}

/// Notes that a text was compacted; both streams of a command are one entry.
pub fn compacted(call: Call<'_>, stdout: Option<&Compaction>, stderr: Option<&Compaction>) {
    if let Some(entry) = entry(call, stdout, stderr) {
        record(entry);
    }
}

/// The entry for a text that was compacted, to be noted when it has gone out.
pub fn entry(call: Call<'_>, stdout: Option<&Compaction>, stderr: Option<&Compaction>) -> Option<Entry> {
    let both = || stdout.into_iter().chain(stderr);
    let main = both().find(|one| one.rule.is_some()).or(both().next())?;
    let forms = [Form::Compacted, Form::Cleaned, Form::Raw];
    let form = forms.into_iter().find(|form| both().any(|one| one.form == *form));
    let markers = |one: &Compaction| if one.form == Form::Compacted { marker::cost(&one.text) } else { 0 };
    let mut entry = Entry {
        via: call.via,
        command: call.command.and_then(named),
        rule: main.rule.clone(),
        kind: Some(main.kind.to_string()),
        form: form.map(|form| form.name().to_owned()),
        before: both().map(|one| one.tokens.0 as u64).sum(),
        after: both().map(|one| one.tokens.1 as u64).sum(),
        markers: both().map(|one| markers(one) as u64).sum(),
        handle: both().find_map(|one| one.handle.clone()),
        ..Entry::default()
    };
    entry.cut((both().map(|one| one.bytes.0 as u64).sum(), both().map(|one| one.bytes.1 as u64).sum()));
    Some(entry)
}

/// Notes that a command printed nothing: all there is to read is how it failed.
pub fn silent(command: &str, told: Option<&str>) {
    if !is_off() {
        let tokens = told.map_or(0, |told| tokens::estimate(told.as_bytes()) as u64);
        record(Entry { via: Via::Run, command: named(command), after: tokens, markers: tokens, ..Entry::default() });
    }
}

/// Shows something and notes how much of it there was, unless a person reads it.
pub fn retrieved(asked: Option<&str>, store: &DirStore, show: impl FnOnce(&mut dyn Write) -> CliResult) -> CliResult {
    let out = io::stdout().lock();
    if is_off() || out.is_terminal() {
        return show(&mut { out });
    }
    let mut out = Counting { out, head: Vec::new(), bytes: 0 };
    let shown = show(&mut out);
    let found = asked.and_then(|asked| store.find(&asked.parse::<Reference>().ok()?).ok());
    read_after_all(Via::Show, out.tokens(), out.bytes, found.map(|handle| handle.to_string()));
    shown
}

/// Notes that so much of an original was read.
pub fn read_after_all(via: Via, tokens: u64, bytes: u64, handle: Option<String>) {
    let mut entry = Entry { via, after: tokens, handle, ..Entry::default() };
    entry.cut((0, bytes));
    record(entry);
}

/// Adds an entry; time, folder and agent are filled in. A journal that cannot be written is no reason to fail or to say so.
pub fn record(mut entry: Entry) {
    if is_off() {
        return;
    }
    entry.time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    entry.dir = std::env::current_dir().ok().map(|dir| dir.to_string_lossy().into_owned());
    entry.agent = entry.agent.or_else(agent);
    let (Ok(home), Ok(mut line)) = (home(), serde_json::to_vec(&entry)) else { return };
    line.push(b'\n');
    let _ = append(&home.join("journal"), entry.time, &line);
}

/// Whether no journal is wanted.
pub fn is_off() -> bool {
    std::env::var_os("HR_JOURNAL").is_some_and(|value| value == "off" || value == "0")
}

/// Variables by which agents are known in the commands that they run; the first that is set decides.
const AGENTS: &[(&str, &str)] = &[
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_THREAD_ID", "codex"),
    ("CODEX_SANDBOX_NETWORK_DISABLED", "codex"),
    ("QWEN_CODE", "qwen"),
    ("GEMINI_CLI", "gemini"),
    ("COPILOT_CLI", "copilot"),
    ("CURSOR_AGENT", "cursor"),
    ("CURSOR_VERSION", "cursor"),
    ("DROID_PROJECT_DIR", "droid"),
    ("OPENCODE", "opencode"),
    ("CLINE_ACTIVE", "cline"),
    ("CLAUDECODE", "claude-code"),
];

/// The agent that runs this program, as far as the environment tells; `HR_AGENT` says it for any other.
fn agent() -> Option<String> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("HR_AGENT")
        .map(|name| name.to_string_lossy().into_owned())
        .or_else(|| AGENTS.iter().find(|(name, _)| set(name).is_some()).map(|(_, agent)| (*agent).to_owned()))
}

/// From this size on a month goes on in another file, in bytes.
const LARGE: u64 = 16 << 20;

/// How many months are kept besides the one that is written.
const MONTHS: i32 = 13;

/// Adds a line to the file of a month, with one write.
fn append(folder: &Path, time: u64, line: &[u8]) -> io::Result<()> {
    let month = month(time);
    for part in 0.. {
        let name = if part == 0 { format!("{month}.jsonl") } else { format!("{month}.{part}.jsonl") };
        let mut file = open(folder, &name)?;
        let length = file.metadata()?.len();
        if length >= LARGE {
            continue;
        }
        // A line that does not go in whole, as on a full disk, must not swallow the next one.
        if file.write(line)? < line.len() {
            let _ = file.write(b"\n");
        }
        if length == 0 {
            forget(folder, time);
        }
        break;
    }
    Ok(())
}

/// Opens a file for the user alone that is only ever added to, and makes the folder when it is missing.
pub(super) fn open(folder: &Path, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let path = folder.join(name);
    options.open(&path).or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            return Err(error);
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        options.open(&path)
    })
}

/// Deletes the files of months that are long past.
fn forget(folder: &Path, time: u64) {
    let Ok(oldest) = date(time).checked_sub(Span::new().months(MONTHS)) else { return };
    let oldest = format!("{:04}-{:02}", oldest.year(), oldest.month());
    for path in files(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name < oldest {
            let _ = fs::remove_file(path);
        }
    }
}

/// The day of a time, in UTC.
pub fn date(time: u64) -> civil::Date {
    let days = i64::try_from(time / 86_400).unwrap_or(0);
    let first = civil::date(1970, 1, 1);
    first.checked_add(Span::new().days(days.min(2_000_000))).unwrap_or(first)
}

fn month(time: u64) -> String {
    let date = date(time);
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The files of a journal, oldest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_month = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".jsonl") && name.starts_with(|c: char| c.is_ascii_digit())
    };
    let mut files: Vec<PathBuf> = entries.filter(is_month).collect();
    files.sort();
    files
}

/// What a journal says.
#[derive(Debug, Default)]
pub struct Journal {
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// Lines that cannot be read.
    pub unread: usize,
}

/// Reads the entries from a time on.
pub fn read(folder: &Path, since: u64) -> io::Result<Journal> {
    let mut journal = Journal::default();
    let first = month(since);
    for path in files(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name < first {
            continue;
        }
        let text = fs::read(&path)?;
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice::<Entry>(line) {
                Ok(entry) if entry.time >= since => journal.entries.push(entry),
                Ok(_) => {}
                Err(_) => journal.unread += 1,
            }
        }
    }
    // Processes that write at the same time may be out of order by a moment, a clock that was set by more.
    journal.entries.sort_by_key(|entry| entry.time);
    Ok(journal)
}

/// A standard output that knows about how many tokens went through it.
struct Counting<W> {
    out: W,
    head: Vec<u8>,
    bytes: u64,
}

impl<W> Counting<W> {
    /// Of a longer text so much is looked at, in bytes.
    const HEAD: usize = 64 << 10;

    fn tokens(&self) -> u64 {
        let tokens = tokens::estimate(&self.head) as u64;
        match self.head.len() as u64 {
            0 => 0,
            head => (u128::from(tokens) * u128::from(self.bytes) / u128::from(head)) as u64,
        }
    }
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        let room = Self::HEAD.saturating_sub(self.head.len()).min(written);
        self.head.extend_from_slice(&bytes[..room]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22, noon.
    const NOW: u64 = 1_795_348_800;

    #[test]
    fn times_have_days_of_utc() {
        let table = [(0, "1970-01-01"), (86_399, "1970-01-01"), (951_782_400, "2000-02-29"), (NOW, "2026-11-22")];
        for (time, day) in table {
            assert_eq!(date(time).to_string(), day);
        }
    }

    #[test]
    fn of_a_long_text_what_an_agent_is_given_counts() {
        let seen = |before, bytes| {
            let mut entry = Entry { before, after: 9, ..Entry::default() };
            entry.cut((bytes, 30));
            (entry.seen.is_some(), entry.seen())
        };
        assert_eq!(seen(10_000, 30_000), (false, (10_000, 9)));
        assert_eq!(seen(10_000, 60_000), (true, (5000, 9)));
        let old = Entry { before: 63_000_000, after: 200, ..Entry::default() };
        assert_eq!(old.seen(), (30_000, 200), "lines of an older version do not say it");
    }

    #[test]
    fn months_have_files_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("journal");
        let line = |time: u64| format!("{{\"t\":{time},\"via\":\"run\",\"before\":5,\"after\":3}}\n");
        for time in [NOW - 500 * 86_400, NOW - 40 * 86_400, NOW, NOW + 1] {
            append(&folder, time, line(time).as_bytes()).unwrap();
        }
        let names: Vec<_> = files(&folder).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["2026-10.jsonl", "2026-11.jsonl"]);
        fs::write(folder.join("2026-11.1.jsonl"), "no entry\n").unwrap();
        let journal = read(&folder, NOW - 86_400).unwrap();
        assert_eq!((journal.entries.len(), journal.unread), (2, 1));
        assert_eq!(journal.entries[0], Entry { time: NOW, via: Via::Run, before: 5, after: 3, ..Entry::default() });
    }

    #[test]
    fn a_full_file_is_followed_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let full = File::create(folder.path().join("2026-11.jsonl")).unwrap();
        full.set_len(LARGE).unwrap();
        append(folder.path(), NOW, b"{\"t\":1}\n").unwrap();
        assert_eq!(fs::read(folder.path().join("2026-11.1.jsonl")).unwrap(), b"{\"t\":1}\n");
    }
}
