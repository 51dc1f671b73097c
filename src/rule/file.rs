//! Rules as they are written: serde only, unknown keys denied, a doc comment for every key.
//!
//! The doc comments are the reference, so they say units and defaults.
//! What a rule means when it runs is in `compile.rs`.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// A rule file.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleFile {
    /// Name of the rule, `group/tool`; equals the path of the file below its rules folder, without `.toml`.
    pub id: String,
    /// One line: what the reader of the output still gets.
    pub summary: String,
    /// When the rule applies. All keys that are given must hold.
    #[serde(rename = "match", default)]
    pub matches: MatchFile,
    /// Raises (or lowers) the rule among those that match; default 0.
    #[serde(default)]
    pub priority: i32,
    /// The kind of content, when the rule knows it: `json`, `search`, `log`, `diff`, `html`, `code` or `text`.
    pub kind: Option<String>,
    /// Whether all that the steps leave stays: no compressor of a kind runs behind them; default: it does. Of a long output
    /// that only looks like the tool's, much may be another's: it is compressed all the same.
    #[serde(default)]
    pub whole: bool,
    /// Patterns of lines that no step may drop, besides the built-in words for errors and failures.
    #[serde(default)]
    pub protect: Vec<String>,
    /// Patterns of lines that the built-in words protect by mistake, such as the names of passing tests.
    #[serde(default)]
    pub unprotect: Vec<String>,
    /// Patterns that tell a failed run when nobody told the exit status.
    #[serde(default)]
    pub failure: Vec<String>,
    /// What to do, in this order.
    #[serde(default)]
    pub step: Vec<StepFile>,
    /// What to do instead when the command failed; without it `step` runs.
    #[serde(default)]
    pub on_failure: Vec<StepFile>,
    /// Named values read from the output.
    #[serde(default)]
    pub fact: Vec<FactFile>,
    /// Small cases that `hr test` runs.
    #[serde(default)]
    pub test: Vec<TestFile>,
}

/// When a rule applies.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MatchFile {
    /// The program, without folder and `.exe`, after launchers such as `sudo`, `npx` or `uv run`: one of these.
    #[serde(default)]
    pub tool: Vec<String>,
    /// The first word exactly as written: one of these.
    #[serde(default)]
    pub argv0: Vec<String>,
    /// The subcommand, after global flags: one of these.
    #[serde(default)]
    pub subcommand: Vec<String>,
    /// All of these words are among the arguments, in this order.
    #[serde(default)]
    pub argv: Vec<String>,
    /// At least one of these words is among the arguments.
    #[serde(default)]
    pub argv_any: Vec<String>,
    /// The command line contains all of these.
    #[serde(default)]
    pub command: Vec<String>,
    /// The command line contains at least one of these.
    #[serde(default)]
    pub command_any: Vec<String>,
    /// The command line matches this pattern.
    pub command_regex: Option<String>,
    /// The exit status, as a list of numbers and ranges (`"1-5"`, `"nonzero"`): one of these.
    #[serde(default)]
    pub exit_code: Vec<ExitCodeFile>,
    /// The text matches all of these patterns.
    #[serde(default)]
    pub output: Vec<String>,
    /// The text matches at least one of these patterns.
    #[serde(default)]
    pub output_any: Vec<String>,
    /// What tells the tool's output when the command is not known or not certain: the text matches one of these patterns.
    /// A certain command needs no fingerprint; without a fingerprint `output` and `output-any` serve as one.
    #[serde(default)]
    pub fingerprint: Vec<String>,
    /// The detected kind: one of these.
    #[serde(default)]
    pub kind: Vec<String>,
    /// The rule does not apply when any key in here holds.
    pub unless: Option<Box<MatchFile>>,
}

/// An exit status or a range of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct ExitCodeFile(pub Result<std::ops::RangeInclusive<i32>, String>);

impl From<Value> for ExitCodeFile {
    fn from(value: Value) -> Self {
        let number = |text: &str| text.trim().parse::<i32>().map_err(|_| format!("`{text}` is no exit status"));
        Self(match &value {
            Value::Number(code) => number(&code.to_string()).map(|code| code..=code),
            Value::String(text) if text == "nonzero" => Ok(1..=i32::MAX),
            Value::String(text) => match text.split_once('-') {
                Some((from, to)) => number(from).and_then(|from| Ok(from..=number(to)?)),
                None => number(text).map(|code| code..=code),
            },
            other => Err(format!("an exit status is a number, a range like \"1-5\" or \"nonzero\", not {other}")),
        })
    }
}

impl Serialize for ExitCodeFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Ok(codes) if (*codes.start(), *codes.end()) == (1, i32::MAX) => serializer.serialize_str("nonzero"),
            Ok(codes) if codes.start() == codes.end() => serializer.serialize_i32(*codes.start()),
            Ok(codes) => serializer.serialize_str(&format!("{}-{}", codes.start(), codes.end())),
            Err(message) => Err(serde::ser::Error::custom(message)),
        }
    }
}

impl RuleFile {
    /// What the reader of an output loses, in the words of the markers: each once, in the order of the steps.
    pub fn loses(&self) -> Vec<&str> {
        let mut loses: Vec<&str> = Vec::new();
        for what in self.step.iter().chain(&self.on_failure).filter_map(StepFile::loses) {
            if !loses.contains(&what) {
                loses.push(what);
            }
        }
        loses
    }
}

/// One step: exactly one key that says what it does, and when.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StepFile {
    /// Patterns; the step is taken only when a line matches one of them.
    #[serde(default)]
    pub when: Vec<String>,
    /// Patterns; the step is taken only when each of them matches exactly one line.
    #[serde(default)]
    pub when_single: Vec<String>,
    /// Changes text by a pattern.
    pub replace: Option<ReplaceFile>,
    /// Drops lines.
    pub drop: Option<DropFile>,
    /// Keeps only some lines.
    pub keep: Option<KeepFile>,
    /// Finds sections and shortens them.
    pub section: Option<SectionFile>,
    /// Drops groups of lines that share a key, such as all events of a passing test.
    pub units: Option<UnitsFile>,
    /// Folds repeated lines.
    pub dedupe: Option<DedupeFile>,
    /// Prints a shared key once, above its lines.
    pub group: Option<GroupFile>,
    /// Prints the message of findings once, above their places.
    pub places: Option<PlacesFile>,
    /// Prints lists of paths by folder.
    pub tree: Option<TreeFile>,
    /// Sets short lines side by side.
    pub rows: Option<RowsFile>,
    /// Chooses columns of a table.
    pub table: Option<TableFile>,
    /// Keeps a head and a tail.
    pub window: Option<WindowFile>,
    /// Cuts long lines in the middle.
    pub truncate: Option<TruncateFile>,
    /// Turns JSON lines into the text in one of their fields.
    pub extract: Option<ExtractFile>,
    /// Replaces a whole successful output by one message.
    pub short: Option<ShortFile>,
    /// Hands over to a compressor.
    pub compress: Option<CompressFile>,
}

impl StepFile {
    /// What the step leaves out; nothing when it only sets in order.
    fn loses(&self) -> Option<&str> {
        fn said<'f>(label: &'f Option<String>, default: &'f str) -> &'f str {
            label.as_deref().unwrap_or(default)
        }
        let drop = self.drop.as_ref().filter(|drop| !drop.layout).map(|drop| said(&drop.label, "lines"));
        drop.or_else(|| self.keep.as_ref().map(|keep| said(&keep.label, "other lines")))
            .or_else(|| self.section.as_ref().map(|section| said(&section.label, "lines")))
            .or_else(|| self.units.as_ref().map(|units| said(&units.label, "units")))
            .or_else(|| self.dedupe.as_ref().and_then(|dedupe| dedupe.label.as_deref()))
            .or_else(|| self.window.as_ref().map(|window| said(&window.label, "lines")))
            .or_else(|| self.extract.as_ref().map(|extract| said(&extract.label, "events")))
            .or_else(|| self.dedupe.as_ref().map(|_| "repeats"))
            .or_else(|| self.table.as_ref().map(|_| "columns"))
            .or_else(|| self.truncate.as_ref().map(|_| "middles of long lines"))
            .or_else(|| self.replace.as_ref().filter(|replace| !replace.lossless).map(|_| "parts of lines"))
            .or_else(|| self.short.as_ref().map(|_| "all but a message after a success"))
    }
}

/// Changes the text of lines: `pattern` becomes `with`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReplaceFile {
    /// What to look for in a line.
    pub pattern: String,
    /// What to put there; `$1` or `${name}` are captures.
    pub with: String,
    /// Whether nothing of meaning is lost by it; default false.
    #[serde(default)]
    pub lossless: bool,
}

/// Drops the lines that match.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DropFile {
    /// Patterns; a line that matches one of them goes.
    pub lines: Vec<String>,
    /// Patterns of lines that stay all the same.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Also drops up to this many lines after a dropped one while they are indented deeper; default 0.
    #[serde(default)]
    pub indented: usize,
    /// What the lines are, in the plural; default `lines`.
    pub label: Option<String>,
    /// Marks every gap instead of once with the count of all.
    #[serde(default)]
    pub mark_each: bool,
    /// Whether only lines go that say nothing (no letter and no digit in them); they need no marker. Default false.
    #[serde(default)]
    pub layout: bool,
}

/// Keeps the lines that match and drops the others; does nothing when none matches.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeepFile {
    /// Patterns; a line that matches one of them stays.
    pub lines: Vec<String>,
    /// How many lines before a kept one stay too; default 0.
    #[serde(default)]
    pub before: usize,
    /// How many lines after a kept one stay too; default 0.
    #[serde(default)]
    pub after: usize,
    /// What the dropped lines are, in the plural; default `lines`.
    pub label: Option<String>,
}

/// Finds sections, from a line that matches `enter` to one that matches `leave` or the next `enter`, and shortens them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SectionFile {
    /// Pattern of the first line; it belongs to the section.
    pub enter: String,
    /// Pattern of the first line after the section; without it the section ends at the next `enter` or at the end.
    pub leave: Option<String>,
    /// How many lines at its beginning stay, the first one included; default 0.
    #[serde(default)]
    pub head: usize,
    /// How many lines at its end stay; default 0.
    #[serde(default)]
    pub tail: usize,
    /// Sections that contain a match of one of these stay whole.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Only sections that contain a match of one of these are shortened.
    #[serde(default)]
    pub only: Vec<String>,
    /// Lets so many sections stay whole before any is shortened; default 0.
    #[serde(default)]
    pub first: usize,
    /// What is counted in the marker: `lines`, or `sections`; default `lines`.
    pub count: Option<String>,
    /// What the lines (or sections) are, in the plural; default `lines`.
    pub label: Option<String>,
}

/// Groups the lines that share a captured key and drops whole groups.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UnitsFile {
    /// Pattern whose captures together are the key of a line; lines without a match belong to no group.
    pub key: String,
    /// A group goes when one of its lines matches this.
    pub drop_if: String,
    /// A group stays all the same when one of its lines matches this.
    pub keep_if: Option<String>,
    /// What a group is, in the plural, for the marker: `passing tests`.
    pub label: Option<String>,
}

/// Folds lines that repeat; the first stays and says how many there were.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DedupeFile {
    /// What is compared: `line`, or `template` (numbers, hex, uuids, timestamps and paths masked); default `line`.
    pub by: Option<String>,
    /// How far back a repeat may be, in live lines; default 1 (neighbours); 0 for any distance.
    pub window: Option<usize>,
    /// How many of each stay; default 1.
    pub keep: Option<usize>,
    /// Only lines that match one of these are folded.
    #[serde(default)]
    pub only: Vec<String>,
    /// How many deeper indented lines after a folded line go with it; default 0.
    #[serde(default)]
    pub indented: usize,
    /// What the repeats are, in the plural: they are counted in the footer then instead of behind the line that stays.
    pub label: Option<String>,
}

/// Prints a shared key once.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GroupFile {
    /// Pattern with the captures `key` and `rest`; lines that do not match stay as they are.
    pub pattern: String,
    /// How a group begins; `$key` is the key; default `$key:`.
    pub heading: Option<String>,
    /// How a line of the group is printed; captures by name; default two blanks and `$rest`.
    pub line: Option<String>,
    /// What stands between lines of the group that are set side by side; default none are.
    pub between: Option<String>,
    /// How many lines of a group stay; default all.
    pub most: Option<usize>,
    /// What the lines are, in the plural; default `lines`.
    pub label: Option<String>,
}

/// Prints the message of findings once, above all their places; what a tool says about only some of them stays there.
///
/// A finding is a line that says the message, a line with its place, and the lines up to the next message. Findings of
/// the same message are put together unless a line between them belongs to no finding. Places about which the same is
/// said stand in one line, `  --> src/a.rs:9:24, 11:24`; every line with places names its file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlacesFile {
    /// Pattern of the line that says the message.
    pub enter: String,
    /// Pattern of the first line after a finding; without it a finding ends at the next `enter` or at the end.
    pub leave: Option<String>,
    /// Pattern of the line with the place, right below the message, with the captures `path` and `at`; `at` is its end.
    pub place: String,
    /// Pattern of a line that names the rule of the tool; what it captures is put behind the message, in brackets.
    pub tag: Option<String>,
    /// Patterns of lines that may stand above the places when the tool says them of all of them.
    #[serde(default)]
    pub shared: Vec<String>,
    /// Patterns of lines that are put behind the place when they are all that is said about it.
    #[serde(default)]
    pub join: Vec<String>,
    /// Patterns of lines that are said once in the whole output, with the number of their repeats.
    #[serde(default)]
    pub advice: Vec<String>,
    /// Patterns of lines that only the first findings of each sort keep; those with a place of their own stay. Messages
    /// that differ only in what stands between backticks are of one sort.
    #[serde(default)]
    pub details: Vec<String>,
    /// How many findings of a sort keep their details; default 2.
    pub most: Option<usize>,
    /// How many places a line lists; default 12.
    pub width: Option<usize>,
}

/// Prints a list of paths by folder: the folder once, then the names in it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TreeFile {
    /// Pattern with the capture `path`; default: the whole line is a path.
    pub pattern: Option<String>,
    /// How many names of a folder stay; default all.
    pub most: Option<usize>,
}

/// Sets neighbouring lines side by side, something between; lines that have that in themselves stay alone.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RowsFile {
    /// Patterns of the lines.
    pub lines: Vec<String>,
    /// What stands between two of them; default one blank.
    pub between: Option<String>,
    /// How long a row gets, in bytes; default 120.
    pub width: Option<usize>,
}

/// Chooses columns of a table whose header is its first line.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TableFile {
    /// Names of columns to leave out; a table without any of them stays as it is.
    #[serde(default)]
    pub without: Vec<String>,
    /// Pattern of the header line; default: the first line.
    pub header: Option<String>,
}

/// Keeps the first and last live lines; protected lines between stay too.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WindowFile {
    /// How many lines at the beginning; default 0.
    #[serde(default)]
    pub head: usize,
    /// How many lines at the end; default 0.
    #[serde(default)]
    pub tail: usize,
    /// What the dropped lines are, in the plural; default `lines`.
    pub label: Option<String>,
}

/// Cuts the middle out of long lines.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TruncateFile {
    /// The longest line that stays whole, in bytes.
    pub width: usize,
    /// Only lines that match one of these are cut.
    #[serde(default)]
    pub only: Vec<String>,
}

/// Replaces JSON lines by one of their string fields.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExtractFile {
    /// The field whose text stays; a JSON line without it is dropped.
    pub field: String,
    /// What the dropped lines are, in the plural; default `events`.
    pub label: Option<String>,
}

/// Replaces a whole output by a message; only when the command succeeded.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShortFile {
    /// Patterns; every line that is not blank must match one of them.
    pub lines: Vec<String>,
    /// What is printed instead; `$name` is what a line gave for the capture of that name, the last one first.
    pub message: String,
}

/// Hands over to a compressor.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CompressFile {
    /// The kind whose compressor runs: `json`, `search`, `log`, `diff`, `html`, `code` or `text`.
    pub kind: String,
    /// How many tokens may stay; default: what the kind allows.
    pub budget: Option<usize>,
}

/// A named value read from the output; absent when it cannot be read.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FactFile {
    /// Name, as printed: `passed`.
    pub name: String,
    /// Pattern; its first capture is the value.
    pub pattern: String,
    /// `last` (default), `first`, `sum` of the numbers, or `count` of the matching lines.
    pub value: Option<String>,
}

/// An inline test: what goes in, what must come out.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TestFile {
    /// What the case shows.
    pub name: String,
    /// The command line; default: the rule is applied as it is.
    pub command: Option<String>,
    /// The exit status; default: not known.
    pub exit_code: Option<i32>,
    /// What the tool printed.
    pub input: String,
    /// The exact text that comes out, without footer.
    pub expect: Option<String>,
    /// Texts that must be in what comes out.
    #[serde(default)]
    pub expect_contains: Vec<String>,
    /// Texts that must not be in what comes out.
    #[serde(default)]
    pub expect_lacks: Vec<String>,
}
