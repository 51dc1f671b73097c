//! tokenjuice's rules: one JSON object in a file, for one family of outputs.

use serde_json::{Map, Value};

use super::keys::{Keys, Notes};
use super::patterns::{self, Dialect, convert_keep, convert_skip, crosses_lines};
use super::steps::{self, MESSAGE, PROTECTED, dedupe};
use super::{Draft, Imported, Peer};
use crate::rule::file::{FactFile, MatchFile, ShortFile};

/// The lines that stay when a rule does not say how many.
const SUCCESS: (usize, usize) = (6, 6);
const FAILURE: (usize, usize) = (6, 12);

/// Tools of agents that run commands.
const RUNS_COMMANDS: [&str; 4] = ["exec", "bash", "shell", "run_command"];

/// Rules that have code of their own in the program, beside the file.
const WITH_CODE: [&str; 4] = ["git/status", "search/rg", "git/diff", "cloud/gh"];

/// Reads a rule; `stem` is its file name, for a rule without a name.
pub(super) fn convert(stem: &str, map: Map<String, Value>) -> Imported {
    let mut notes = Notes::default();
    let mut keys = Keys::new(map);
    let name = keys.text("id", &mut notes).unwrap_or_else(|| stem.to_string());
    if WITH_CODE.contains(&name.as_str()) {
        notes.left("id", "tokenjuice rewrites the lines of this rule in its program; only what the file says is here");
    }
    keys.needless("family", &mut notes);
    let mut draft = Draft { summary: keys.text("description", &mut notes), ..Draft::default() };
    draft.priority = keys.number("priority", &mut notes).map_or(0, |number| number as i32);
    let matches = keys.table("match", &mut notes);
    let Some(matches) = matches.and_then(|keys| read_match(keys, &mut notes)) else {
        let id = super::id_of(Peer::Tokenjuice, &name);
        return Imported { peer: Peer::Tokenjuice, id, text: None, notes: notes.0 };
    };
    draft.matches = matches;
    read_lines(&mut keys, &mut draft, &mut notes);
    read_windows(&mut keys, &mut draft, &mut notes);
    draft.facts = read_counters(&mut keys, &mut notes);
    keys.end(&mut notes);
    draft.finish(Peer::Tokenjuice, &name, notes)
}

/// When the rule applies; nothing when it names no command.
fn read_match(mut keys: Keys, notes: &mut Notes) -> Option<MatchFile> {
    let tools = keys.texts("toolNames", notes);
    let runs = tools.is_empty() || tools.iter().any(|tool| RUNS_COMMANDS.contains(&tool.as_str()));
    if !runs {
        notes.left("match.toolNames", "a tool of an agent that runs no command; hr reads what commands print");
        return None;
    }
    let mut matches = MatchFile { tool: keys.texts("argv0", notes), ..MatchFile::default() };
    let subcommands = keys.texts("gitSubcommands", notes);
    if !subcommands.is_empty() {
        matches.tool = vec!["git".into()];
        matches.subcommand = subcommands;
    }
    if !matches.tool.is_empty() {
        matches.tool = matches
            .tool
            .iter()
            .map(|tool| tool.rsplit(['/', '\\']).next().unwrap_or(tool).to_ascii_lowercase())
            .collect();
        notes.changed("match.argv0", "the program's name: also with a folder, and behind `sudo`, `npx` or `cd x &&`");
    }
    let groups = keys.groups("argvIncludes", notes);
    let any = keys.groups("argvIncludesAny", notes);
    read_words(&mut matches, groups, &any, notes);
    read_text(&mut matches, &mut keys, notes);
    keys.end(notes);
    let names = !matches.tool.is_empty() || !matches.argv.is_empty() || !matches.argv_any.is_empty();
    if names || !matches.command.is_empty() || !matches.command_any.is_empty() || matches.command_regex.is_some() {
        return Some(matches);
    }
    notes.left("match", "it names no command: what no rule knows is compacted by its kind");
    None
}

/// The words that must be among the arguments.
fn read_words(matches: &mut MatchFile, mut groups: Vec<Vec<String>>, any: &[Vec<String>], notes: &mut Notes) {
    if any.iter().all(|group| group.len() == 1) {
        matches.argv_any = any.concat();
    } else {
        let words =
            |group: &Vec<String>| group.iter().map(|word| regex::escape(word)).collect::<Vec<_>>().join(r"\s(?:.*\s)?");
        let any = any.iter().map(words).collect::<Vec<_>>().join("|");
        matches.command_regex = Some(format!(r"(?:^|\s)(?:{any})(?:\s|$)"));
        notes.changed("match.argvIncludesAny", "the words of a group stand in the command line in this order");
    }
    // Two words in any order: one in `argv`, one in `argv-any`.
    if matches.argv_any.is_empty() && groups.len() == 2 && groups[1].len() == 1 {
        matches.argv_any = groups.pop().unwrap_or_default();
    }
    matches.argv = groups.concat();
    if matches.argv.len() > 1 {
        notes.changed("match.argvIncludes", "the words stand in this order");
    }
}

/// The texts that must be in the command line, as whole words.
fn read_text(matches: &mut MatchFile, keys: &mut Keys, notes: &mut Notes) {
    let all = keys.texts("commandIncludes", notes);
    let any = keys.texts("commandIncludesAny", notes);
    let word = |text: &String| {
        let edge = |c: Option<char>| if c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') { r"\b" } else { "" };
        format!("{}{}{}", edge(text.chars().next()), regex::escape(text), edge(text.chars().last()))
    };
    let any_of = |texts: &[String]| texts.iter().map(word).collect::<Vec<_>>().join("|");
    if matches.command_regex.is_none() && all.len() + usize::from(!any.is_empty()) == 1 {
        matches.command_regex = Some(any_of(if any.is_empty() { &all } else { &any }));
        return;
    }
    if !all.is_empty() || !any.is_empty() {
        notes.changed("match.commandIncludes", "the texts may be parts of longer words");
    }
    matches.command = all;
    matches.command_any = any;
}

/// What is done with single lines and with whole outputs.
fn read_lines(keys: &mut Keys, draft: &mut Draft, notes: &mut Notes) {
    let dialect = Dialect::JavaScript;
    if let Some(mut filters) = keys.table("filters", notes) {
        let [skip, keep] = ["skipPatterns", "keepPatterns"].map(|key| (filters.path(key), filters.texts(key, notes)));
        draft.success.skip = convert_skip(&skip.1, dialect, &skip.0, notes);
        draft.success.keep = convert_keep(&keep.1, dialect, &keep.0, notes);
        filters.end(notes);
    }
    if let Some(mut transforms) = keys.table("transforms", notes) {
        // Colours, and blank lines at the ends, are nothing that hr keeps.
        transforms.needless("stripAnsi", notes);
        transforms.needless("trimEmptyEdges", notes);
        if transforms.flag("dedupeAdjacent", notes) == Some(true) {
            draft.success.dedupe = Some(dedupe(None));
        }
        if transforms.flag("prettyPrintJson", notes) == Some(true) {
            notes.left("transforms.prettyPrintJson", "hr makes JSON shorter, not longer");
        }
        transforms.end(notes);
    }
    for mut message in keys.tables("matchOutput", notes) {
        let key = message.path("pattern");
        let (pattern, text) = (message.text("pattern", notes), message.text("message", notes));
        let flags = message.text("flags", notes).unwrap_or_default();
        message.end(notes);
        let (Some(pattern), Some(text)) = (pattern, text) else { continue };
        if crosses_lines(&pattern) {
            notes.left(&key, "it asks for several lines at once; messages here look at each line");
            continue;
        }
        match patterns::convert(&pattern, &flags, dialect) {
            Ok(pattern) => {
                let Some(message) = steps::literal(text, &key, notes) else { continue };
                notes.changed(&key, MESSAGE);
                draft.success.messages.push(ShortFile { lines: vec![pattern], message });
            }
            Err(error) => notes.left(&key, error),
        }
    }
    let on_empty = keys.text("onEmpty", notes);
    draft.success.say_when_empty(on_empty, "onEmpty", notes);
}

/// How many lines stay at the ends, after a success and after a failure.
fn read_windows(keys: &mut Keys, draft: &mut Draft, notes: &mut Notes) {
    let mut ends = |key: &str, default: (usize, usize), notes: &mut Notes| {
        let Some(mut keys) = keys.table(key, notes) else { return (default, false) };
        let preserve = keys.flag("preserveOnFailure", notes) == Some(true);
        let head = keys.count("head", notes).unwrap_or(default.0);
        let tail = keys.count("tail", notes).unwrap_or(default.1);
        keys.end(notes);
        ((head, tail), preserve)
    };
    let (success, _) = ends("summarize", SUCCESS, notes);
    let (failure, preserve) = ends("failure", FAILURE, notes);
    let window = |(head, tail): (usize, usize)| (head + tail > 0).then_some((head, tail));
    draft.success.window = window(success);
    if draft.success.window.is_some() {
        notes.changed("summarize", PROTECTED);
    }
    if !preserve || success == failure {
        return;
    }
    let wider = (failure.0.max(success.0), failure.1.max(success.1));
    let kept = if draft.success.window.is_none() || failure == (0, 0) { None } else { Some(wider) };
    if kept != window(failure) {
        notes.changed("failure", "after a failure no fewer lines stay than after a success");
    }
    draft.failure = Some(steps::Steps { window: kept, ..draft.success.clone() });
}

/// Counted lines as facts.
fn read_counters(keys: &mut Keys, notes: &mut Notes) -> Vec<FactFile> {
    let source = keys.text("counterSource", notes);
    let mut facts = Vec::new();
    for mut counter in keys.tables("counters", notes) {
        let key = counter.path("pattern");
        let (name, pattern) = (counter.text("name", notes), counter.text("pattern", notes));
        let flags = counter.text("flags", notes).unwrap_or_default();
        counter.end(notes);
        let (Some(name), Some(pattern)) = (name, pattern) else { continue };
        match patterns::convert(&pattern, &flags, Dialect::JavaScript) {
            Ok(pattern) => {
                let name = name.split_whitespace().collect::<Vec<_>>().join("-");
                facts.push(FactFile { name, pattern, value: Some("count".into()) });
            }
            Err(error) => notes.left(&key, error),
        }
    }
    if !facts.is_empty() {
        let counted = "a fact, counted over the whole output, before any line is dropped; a count of 0 is not said";
        notes.changed(if source.is_some() { "counterSource" } else { "counters" }, counted);
    }
    facts
}
