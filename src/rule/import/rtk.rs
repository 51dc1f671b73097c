//! RTK's filters: any number of them in a TOML file, each with tests beside it.

use serde_json::{Map, Value};

use super::keys::{Keys, Notes};
use super::patterns::{self, Dialect, convert_keep, convert_skip, crosses_lines};
use super::steps::{self, MESSAGE, PROTECTED};
use super::{Draft, Imported, Peer, commands};
use crate::rule::file::{ReplaceFile, ShortFile, TestFile};

/// Reads every filter of a file.
pub(super) fn convert(mut map: Map<String, Value>) -> Vec<Imported> {
    let mut tests = take_tables(&mut map, "tests");
    let filters = take_tables(&mut map, "filters");
    map.shift_remove("schema_version");
    let all = filters.into_iter().map(|(name, filter)| {
        let mut notes = Notes::default();
        Keys::new(map.clone()).end(&mut notes);
        let Value::Object(filter) = filter else {
            notes.left("", "it is not a table");
            return Draft::default().finish(Peer::Rtk, &name, notes);
        };
        let mut keys = Keys::new(filter);
        let mut draft = read_filter(&mut keys, &mut notes);
        keys.end(&mut notes);
        draft.tests = read_tests(&name, tests.shift_remove(&name), &draft, &mut notes);
        draft.finish(Peer::Rtk, &name, notes)
    });
    all.collect()
}

fn take_tables(map: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match map.shift_remove(key) {
        Some(Value::Object(tables)) => tables,
        _ => Map::new(),
    }
}

fn read_filter(keys: &mut Keys, notes: &mut Notes) -> Draft {
    let mut draft = Draft { summary: keys.text("description", notes), ..Draft::default() };
    if let Some(pattern) = keys.text("match_command", notes) {
        match patterns::convert(&pattern, "", Dialect::Rust) {
            Ok(pattern) => draft.matches = commands::of_regex(&pattern, "match_command", notes),
            Err(error) => notes.left("match_command", error),
        }
    }
    // Colours always go, and both streams are always read.
    keys.needless("strip_ansi", notes);
    keys.needless("filter_stderr", notes);
    draft.success.replace = read_replace(keys, notes);
    let [skip, keep] = ["strip_lines_matching", "keep_lines_matching"].map(|key| (key, keys.texts(key, notes)));
    draft.success.skip = convert_skip(&skip.1, Dialect::Rust, skip.0, notes);
    draft.success.keep = convert_keep(&keep.1, Dialect::Rust, keep.0, notes);
    for mut message in keys.tables("match_output", notes) {
        let pattern = message.text("pattern", notes);
        read_message(&mut message, pattern, "message", &mut draft, notes);
        message.end(notes);
    }
    read_limits(keys, ["head_lines", "tail_lines"], &mut draft, notes);
    let on_empty = keys.text("on_empty", notes);
    draft.success.say_when_empty(on_empty, "on_empty", notes);
    draft
}

/// Changes of lines.
fn read_replace(keys: &mut Keys, notes: &mut Notes) -> Vec<ReplaceFile> {
    let mut all = Vec::new();
    for mut replace in keys.tables("replace", notes) {
        let key = replace.path("pattern");
        let (pattern, with) = (replace.text("pattern", notes), replace.text("replacement", notes));
        replace.end(notes);
        let (Some(pattern), Some(with)) = (pattern, with) else { continue };
        match patterns::convert(&pattern, "", Dialect::Rust) {
            Ok(pattern) => all.push(ReplaceFile { pattern, with, lossless: false }),
            Err(error) => notes.left(&key, error),
        }
    }
    all
}

/// A message that stands for a whole output; `unless` becomes lines that no step may drop.
pub(super) fn read_message(keys: &mut Keys, pattern: Option<String>, text: &str, draft: &mut Draft, notes: &mut Notes) {
    let key = keys.path(text);
    let (text, unless) = (keys.text(text, notes), keys.text("unless", notes));
    let (Some(pattern), Some(text)) = (pattern, text) else {
        notes.left(&key, "it needs a pattern and a message");
        return;
    };
    if [Some(&pattern), unless.as_ref()].into_iter().flatten().any(|pattern| crosses_lines(pattern)) {
        notes.left(&key, "it asks for several lines at once; messages here look at each line");
        return;
    }
    let unless = unless.map(|unless| patterns::convert(&unless, "", Dialect::Rust)).transpose();
    match (patterns::convert(&pattern, "", Dialect::Rust), unless) {
        (Ok(pattern), Ok(unless)) => {
            let Some(message) = steps::literal(text, &key, notes) else { return };
            notes.changed(&key, MESSAGE);
            if let Some(unless) = unless {
                notes.changed(
                    &keys.path("unless"),
                    "lines that match it always stay, and with one of them there is no message",
                );
                draft.protect.push(unless);
            }
            draft.success.messages.push(ShortFile { lines: vec![pattern], message });
        }
        (Err(error), _) | (_, Err(error)) => notes.left(&key, error),
    }
}

/// How long lines may be, and how many there may be.
pub(super) fn read_limits(keys: &mut Keys, ends: [&str; 2], draft: &mut Draft, notes: &mut Notes) {
    draft.success.truncate = keys.count("truncate_lines_at", notes);
    if draft.success.truncate.is_some() {
        notes.changed("truncate_lines_at", "bytes, not characters, and the middle of the line goes, not its end");
    }
    let [head, tail] = ends.map(|key| (key, keys.count(key, notes)));
    let most = keys.count("max_lines", notes);
    draft.success.set_window(head.1, tail.1, most, notes);
    for (key, count) in [head, tail, ("max_lines", most)] {
        if count.is_some() {
            notes.changed(key, PROTECTED);
        }
    }
}

/// Inline tests. Their exact texts have other markers than ours, so lines are compared.
fn read_tests(name: &str, tests: Option<Value>, draft: &Draft, notes: &mut Notes) -> Vec<TestFile> {
    let Some(tests) = tests else { return Vec::new() };
    let mut keys = Keys::new(Map::from_iter([(name.to_string(), tests)]));
    let mut all = Vec::new();
    for mut test in keys.tables(name, notes) {
        let texts = ["name", "input", "expected"].map(|key| test.text(key, notes));
        test.end(notes);
        let [Some(title), Some(input), Some(expected)] = texts else { continue };
        if input.trim().is_empty() {
            notes.left(&format!("test `{title}`"), "a command that printed nothing stays without output");
            continue;
        }
        let lines = expected.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
        // A message stands for a success.
        let messages = draft.success.messages.iter().map(|short| &short.message).chain(&draft.success.on_empty);
        let is_message = messages.clone().any(|message| message.trim() == expected.trim());
        let is_marker = |line: &str| line.contains("omitted") && !input.contains(line);
        let expect_contains = lines.filter(|line| !is_marker(line)).map(ToString::to_string).collect::<Vec<_>>();
        all.push(TestFile {
            name: title,
            command: None,
            exit_code: is_message.then_some(0),
            input,
            expect: None,
            expect_contains,
            expect_lacks: Vec::new(),
        });
    }
    if !all.is_empty() {
        notes.changed("tests", "the lines of the expected text must be there; the whole text is not compared");
    }
    all
}
