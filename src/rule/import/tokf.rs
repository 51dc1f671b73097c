//! tokf's filters: one in a TOML file, named by its path.
//!
//! What a filter runs instead of the command, its scripts and its templates are never carried over: what remains are the
//! lines it drops and keeps, its messages, and the numbers it adds up.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::keys::{Keys, Notes};
use super::patterns::{self, Dialect, convert_keep, convert_skip, named_groups};
use super::rtk::{read_limits, read_message};
use super::steps::{MESSAGE, PROTECTED, Steps, dedupe};
use super::{Draft, Imported, Peer, commands};
use crate::rule::file::{FactFile, MatchFile, ReplaceFile, ShortFile};

/// What is never carried over, and why.
const NEVER: [(&str, &str); 12] = [
    ("run", "a rule runs nothing; its patterns may be for the output of that other command"),
    ("step", "a rule runs nothing"),
    ("lua_script", "a rule is data: it has no scripts"),
    ("inject_path", "a rule runs nothing; `hr run` sees what the command prints, also from its own commands"),
    ("variant", "import that filter too: it is matched by its own command"),
    ("json", "JSON is compacted as such; a rule takes no fields out of it"),
    ("parse", "hr groups lines with the steps `group` and `replace`; write them by hand"),
    ("output", "it belongs to `parse`"),
    ("chunk", "hr has no templates; `section` and `units` shorten blocks, write them by hand"),
    ("tree", "hr prints paths by folder with the step `tree`; write it by hand"),
    ("trim_lines", "indentation tells what belongs together, so it stays"),
    ("extract", "only that of `on_success` is carried over"),
];

/// Reads a filter; `stem` is its path without extension.
pub(super) fn convert(stem: &str, map: Map<String, Value>) -> Imported {
    let mut notes = Notes::default();
    let mut keys = Keys::new(map);
    let mut draft = Draft { summary: keys.text("description", &mut notes), ..Draft::default() };
    draft.matches = commands::of_words(&keys.texts("command", &mut notes), "command", &mut notes);
    read_passthrough(&mut keys, &mut draft.matches, &mut notes);
    for (key, why) in NEVER {
        keys.leave(key, why, &mut notes);
    }
    // Colours always go, and the footer names the original.
    keys.needless("strip_ansi", &mut notes);
    keys.needless("show_history_hint", &mut notes);
    read_lines(&mut keys, &mut draft, &mut notes);
    let ends = [name_in(&keys, "head"), name_in(&keys, "tail")];
    read_limits(&mut keys, ends, &mut draft, &mut notes);
    let sections = read_sections(&mut keys, &mut notes);
    read_branches(&mut keys, &mut draft, &sections, &mut notes);
    let on_empty = keys.text("on_empty", &mut notes);
    draft.success.say_when_empty(on_empty, "on_empty", &mut notes);
    keys.end(&mut notes);
    draft.finish(Peer::Tokf, stem, notes)
}

/// The name that a key has in this file: some have a second one, from RTK.
fn name_in(keys: &Keys, key: &'static str) -> &'static str {
    let second = match key {
        "head" => "head_lines",
        "tail" => "tail_lines",
        "skip" => "strip_lines_matching",
        _ => "keep_lines_matching",
    };
    if keys.has(second) { second } else { key }
}

/// Arguments with which the filter stays away.
fn read_passthrough(keys: &mut Keys, matches: &mut MatchFile, notes: &mut Notes) {
    let mut prefixes = keys.texts("passthrough_args", notes);
    prefixes.retain(|prefix| !prefix.is_empty());
    if !prefixes.is_empty() {
        let any = prefixes.iter().map(|prefix| regex::escape(prefix)).collect::<Vec<_>>().join("|");
        let command_regex = Some(format!(r"\s(?:{any})"));
        matches.unless = Some(Box::new(MatchFile { command_regex, ..MatchFile::default() }));
    }
}

/// What is done with single lines and with whole outputs.
fn read_lines(keys: &mut Keys, draft: &mut Draft, notes: &mut Notes) {
    let success = &mut draft.success;
    for mut replace in keys.tables("replace", notes) {
        success.replace.extend(read_replace(&mut replace, notes));
        replace.end(notes);
    }
    let [skip, keep] = [name_in(keys, "skip"), name_in(keys, "keep")].map(|key| (key, keys.texts(key, notes)));
    success.skip = convert_skip(&skip.1, Dialect::Rust, skip.0, notes);
    success.keep = convert_keep(&keep.1, Dialect::Rust, keep.0, notes);
    let window = keys.count("dedup_window", notes);
    if keys.flag("dedup", notes) == Some(true) {
        success.dedupe = Some(dedupe(window));
    }
    let strips = keys.flag("strip_empty_lines", notes) == Some(true);
    let collapses = keys.flag("collapse_empty_lines", notes) == Some(true);
    if strips || collapses {
        success.skip_late.push(r"^\s*$".into());
    }
    if collapses && !strips {
        notes.changed("collapse_empty_lines", "all blank lines go");
    }
    for mut message in keys.tables("match_output", notes) {
        let output = if message.has("message") { "message" } else { "output" };
        let text = message.text("contains", notes).map(|text| regex::escape(&text));
        let pattern = message.text("pattern", notes);
        let pattern = [text, pattern].into_iter().flatten().collect::<Vec<_>>().join("|");
        if message.is_template(output) {
            message.leave(output, "hr has no templates; the lines stay as they are", notes);
            message.needless("unless", notes);
        } else {
            read_message(&mut message, (!pattern.is_empty()).then_some(pattern), output, draft, notes);
        }
        message.end(notes);
    }
}

/// A change of lines: the whole line becomes the text, or every match in it.
fn read_replace(keys: &mut Keys, notes: &mut Notes) -> Option<ReplaceFile> {
    let key = keys.path("pattern");
    let output = if keys.has("replacement") { "replacement" } else { "output" };
    let (pattern, with) = (keys.text("pattern", notes)?, keys.text(output, notes)?);
    let pattern = if keys.flag("replace_all", notes) == Some(true) { pattern } else { format!("^.*?(?:{pattern}).*$") };
    match patterns::convert(&pattern, "", Dialect::Rust) {
        Ok(pattern) => Some(ReplaceFile { pattern, with: captures(&with, ""), lossless: false }),
        Err(error) => {
            notes.left(&key, error);
            None
        }
    }
}

/// A text with `{1}` or `$1` as one with `${1}`; other braces stay. `prefix` goes before the number.
fn captures(template: &str, prefix: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '$']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let digits = tail[1..].chars().take_while(char::is_ascii_digit).count();
        let is_braced = tail.starts_with('{') && tail[1 + digits..].starts_with('}');
        if digits > 0 && (is_braced || tail.starts_with('$')) {
            out.push_str(&format!("${{{prefix}{}}}", &tail[1..=digits]));
            rest = &tail[1 + digits + usize::from(is_braced)..];
        } else {
            out.push_str(if tail.starts_with('$') && prefix.is_empty() { "$$" } else { &tail[..1] });
            rest = &tail[1..];
        }
    }
    out + rest
}

/// The patterns of the lines that named sections collect.
fn read_sections(keys: &mut Keys, notes: &mut Notes) -> BTreeMap<String, Option<String>> {
    let mut sections = BTreeMap::new();
    for mut section in keys.tables("section", notes) {
        let pattern = section.text("match", notes);
        for key in ["enter", "exit", "name", "split_on", "include_enter"] {
            section.needless(key, notes);
        }
        if let Some(name) = section.text("collect_as", notes) {
            notes.left(&section.path("collect_as"), "it collects lines for a template, and hr has none");
            sections.insert(name, pattern);
        }
        section.end(notes);
    }
    sections
}

/// What is done after a success and after a failure.
fn read_branches(keys: &mut Keys, draft: &mut Draft, sections: &BTreeMap<String, Option<String>>, notes: &mut Notes) {
    let mut failure = draft.success.clone();
    let fallback = keys.table("fallback", notes).map(|mut keys| {
        let tail = keys.count("tail", notes);
        keys.end(notes);
        tail
    });
    for (name, is_success) in [("on_success", true), ("on_failure", false)] {
        let steps = if is_success { &mut draft.success } else { &mut failure };
        let Some(mut branch) = keys.table(name, notes) else {
            if let Some(tail) = fallback.flatten() {
                steps.window = Some((0, tail));
                notes.changed("fallback.tail", PROTECTED);
            }
            continue;
        };
        read_branch(&mut branch, steps, is_success, notes);
        for facts in [branch.table("aggregate", notes)].into_iter().flatten().chain(branch.tables("aggregates", notes))
        {
            read_aggregate(facts, sections, &mut draft.facts, notes);
        }
        branch.end(notes);
    }
    failure.messages.clear();
    draft.failure = Some(failure);
}

/// One branch: lines that go, lines at the ends, and a text instead of all.
fn read_branch(keys: &mut Keys, steps: &mut Steps, is_success: bool, notes: &mut Notes) {
    let key = keys.path("skip");
    steps.skip_late.extend(convert_skip(&keys.texts("skip", notes), Dialect::Rust, &key, notes));
    let [head, tail] = ["head", "tail"].map(|key| {
        let count = keys.count(key, notes);
        if count.is_some() {
            notes.changed(&keys.path(key), PROTECTED);
        }
        count
    });
    if head.is_some() || tail.is_some() {
        let (top_head, top_tail) = steps.window.unwrap_or((0, 0));
        steps.window = Some((head.unwrap_or(top_head), tail.unwrap_or(top_tail)));
    }
    let output = keys.path("output");
    if keys.is_template("output") {
        match keys.text("output", notes).as_deref() {
            Some("{output}") | None => {}
            Some(_) => notes.left(&output, "hr has no templates; the lines stay, as the other keys say"),
        }
    } else if let Some(message) = keys.text("output", notes) {
        if is_success && steps.skip.is_empty() && steps.skip_late.is_empty() {
            notes.left(&output, "a message for every success would stand for lines that nobody looked at");
        } else if is_success {
            steps.say_when_empty(Some(message), &output, notes);
        } else {
            notes.left(&output, "a failure is never replaced by a message");
        }
    }
    if let Some(mut extract) = keys.table("extract", notes) {
        read_extract(&mut extract, steps, is_success, notes);
        extract.end(notes);
    }
}

/// One line stands for all: a message with what it captures, when all other lines are ones that go anyway.
fn read_extract(keys: &mut Keys, steps: &mut Steps, is_success: bool, notes: &mut Notes) {
    let key = keys.path("pattern");
    let (Some(pattern), Some(output)) = (keys.text("pattern", notes), keys.text("output", notes)) else { return };
    if !is_success {
        notes.left(&key, "a failure is never replaced by a message");
        return;
    }
    match patterns::convert(&named_groups(&pattern), "", Dialect::Rust) {
        Ok(pattern) => {
            notes.changed(&key, MESSAGE);
            let others = steps.skip.iter().chain(&steps.skip_late).cloned();
            let lines = std::iter::once(pattern).chain(others).collect();
            steps.messages.push(ShortFile { lines, message: captures(&output, "c") });
        }
        Err(error) => notes.left(&key, error),
    }
}

/// A number added up over lines, as a fact.
fn read_aggregate(
    mut keys: Keys,
    sections: &BTreeMap<String, Option<String>>,
    facts: &mut Vec<FactFile>,
    notes: &mut Notes,
) {
    let key = keys.path("pattern");
    let from = keys.text("from", notes).unwrap_or_default();
    let pattern = keys.text("pattern", notes).map(|pattern| patterns::convert(&pattern, "", Dialect::Rust));
    let names = [("sum", keys.text("sum", notes)), ("count", keys.text("count_as", notes))];
    keys.end(notes);
    match pattern {
        Some(Ok(pattern)) => {
            let lines = sections
                .get(&from)
                .and_then(Option::as_deref)
                .map_or(String::new(), |only| format!(" (there: `{only}`)"));
            notes.changed(&key, format!("a fact, read from every line of the output, not from `{from}` alone{lines}"));
            for (value, name) in names {
                let Some(name) = name else { continue };
                if let Some(known) = facts.iter().find(|fact| fact.name == name) {
                    if known.pattern != pattern {
                        notes.left(&key, format!("there is a fact `{name}` already, for successes and failures alike"));
                    }
                    continue;
                }
                facts.push(FactFile { name, pattern: pattern.clone(), value: Some(value.into()) });
            }
        }
        Some(Err(error)) => notes.left(&key, error),
        None => {}
    }
}

impl Keys {
    /// Whether a text has places for values; they are in braces.
    fn is_template(&self, key: &str) -> bool {
        self.peek(key).is_some_and(|text| text.contains('{'))
    }
}

#[cfg(test)]
mod tests {
    use super::captures;

    #[test]
    fn places_for_captures_are_spelled_our_way() {
        for (theirs, prefix, ours) in [
            ("{1}: $2", "", "${1}: ${2}"),
            ("ok {2}", "c", "ok ${c2}"),
            ("{x} costs $ {", "", "{x} costs $$ {"),
            ("✓ {10}x", "", "✓ ${10}x"),
        ] {
            assert_eq!(captures(theirs, prefix), ours);
        }
    }
}
