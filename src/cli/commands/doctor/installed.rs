//! What is set up for an agent, and whether it is what `hr init` writes.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::cli::agent_files;
use crate::cli::config_text;
use crate::hooks::agents::Agent;
use crate::hooks::setup::{Change, Edit, Scope, Wanted};

/// A file in which something of ours is, or cannot be seen.
#[derive(Default)]
pub(super) struct File {
    pub path: String,
    /// What of ours is in it.
    pub what: Vec<&'static str>,
    pub is_hook: bool,
    /// The calls of the hook in it.
    pub calls: Vec<Call>,
    /// The command lines of the MCP server in it, as words.
    pub servers: Vec<Vec<String>>,
    /// Hooks in arrays, as an agent that must trust them knows them.
    pub entries: Vec<Entry>,
    pub notes: Vec<String>,
    pub wrong: Vec<String>,
}

/// How a file calls the hook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    /// By a line for the shell.
    Line(String),
    /// By a program that a plugin starts.
    Program(String),
}

/// An element of an array of hooks.
pub(super) struct Entry {
    pub event: &'static str,
    pub place: usize,
    pub value: Value,
}

/// Stands for the program in what `hr init` would write.
const PROGRAM: &str = "THE-PROGRAM";

/// What is set up for an agent, for the user and for the project.
pub(super) fn files(agent: &Agent) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for scope in [Scope::User, Scope::Project] {
        let setup = |rewrite| (agent.setup)(&Wanted { scope, hr: PROGRAM, rewrite, mcp: true, mcp_run: false });
        let (usual, all) = (setup(false), setup(true));
        for edit in &all {
            look(agent, edit, &usual, &mut files);
        }
        let has = |event: &str| files.iter().any(|file| file.entries.iter().any(|entry| entry.event == event));
        let events = |edits: &[Edit]| edits.iter().filter_map(event).collect::<Vec<_>>();
        if events(&all).into_iter().any(&has) {
            let gone = events(&usual).into_iter().filter(|event| !has(event)).collect::<Vec<_>>();
            if let Some(file) = files.iter_mut().find(|file| !file.entries.is_empty()).filter(|_| !gone.is_empty()) {
                let again = format!("hr init {}", agent.name);
                file.wrong.push(format!("`hr` is not called by `{}` any more: {again}", gone.join("`, `")));
            }
        }
    }
    files
}

fn event(edit: &Edit) -> Option<&'static str> {
    if let Change::Entry { at, .. } = &edit.change { at.last().copied() } else { None }
}

/// Looks at one change in its file.
fn look(agent: &Agent, edit: &Edit, usual: &[Edit], files: &mut Vec<File>) {
    let Some(path) = agent_files::path(&edit.place, &agent_files::project()) else { return };
    if matches!(edit.change, Change::Given { .. } | Change::Shown { .. }) {
        return;
    }
    let mut found = File { path: path.display().to_string(), ..File::default() };
    match text(&path) {
        Ok(None) => return,
        Ok(Some(text)) => {
            if let Err(why) = readable(&path, &text) {
                found.wrong.push(why);
            } else if config_text::is_in(&text, &edit.change, agent.name) {
                found.see(agent, edit, usual, &text);
            } else {
                return;
            }
        }
        Err(why) => found.wrong.push(why),
    }
    match files.iter_mut().find(|known| known.path == found.path) {
        Some(known) => known.add(found),
        None => files.push(found),
    }
}

/// The text of a file; nothing when there is none.
pub(super) fn text(path: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}

/// Whether `hr` can read what a JSON file says.
pub(super) fn readable(path: &Path, text: &str) -> Result<(), String> {
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok(());
    }
    let unseen = "`hr` cannot read it, and leaves every command about which it might say something";
    if text.starts_with('\u{feff}') {
        return Err(format!("it begins with a byte order mark: {unseen}"));
    }
    config_text::json(text).map(drop).map_err(|why| format!("{why}: {unseen}"))
}

impl File {
    /// Whether it calls the hook by this line.
    pub fn calls(&self, line: &str) -> bool {
        self.calls.iter().any(|call| matches!(call, Call::Line(own) if own == line))
    }

    fn add(&mut self, other: Self) {
        fn merge<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
            from.into_iter().for_each(|one| {
                if !into.contains(&one) {
                    into.push(one);
                }
            });
        }
        merge(&mut self.what, other.what);
        merge(&mut self.calls, other.calls);
        merge(&mut self.servers, other.servers);
        merge(&mut self.notes, other.notes);
        merge(&mut self.wrong, other.wrong);
        let is_new = |entry: &Entry| self.entries.iter().all(|known| known.event != entry.event);
        let new = other.entries.into_iter().filter(is_new).collect::<Vec<_>>();
        self.entries.extend(new);
        self.is_hook |= other.is_hook;
    }

    /// Looks at a change that is in the file.
    fn see(&mut self, agent: &Agent, edit: &Edit, usual: &[Edit], text: &str) {
        match &edit.change {
            Change::Entry { at, value } => {
                self.is_hook = true;
                self.what.push(at.last().copied().unwrap_or("hook"));
                self.calls = config_text::commands(text, agent.name).into_iter().map(Call::Line).collect();
                let usual = serde_json::from_str::<Value>(value).unwrap_or_default();
                for (place, value) in config_text::entries(text, at, agent.name) {
                    let matcher = value["matcher"].as_str().unwrap_or_default();
                    if !fits(matcher, usual["matcher"].as_str().unwrap_or_default(), tool(agent).as_deref()) {
                        let again = format!("hr init {}", agent.name);
                        self.wrong.push(format!("`{matcher}` is not the tool that runs commands: {again}"));
                    }
                    self.entries.push(Entry { event: at.last().copied().unwrap_or_default(), place, value });
                }
            }
            Change::Own(own) => {
                self.is_hook = agent.has_hooks() && own.contains("hook");
                self.what.push("a file of ours");
                let same_place = |other: &&Edit| other.place == edit.place;
                let usual = usual.iter().filter(same_place).filter_map(|edit| match &edit.change {
                    Change::Own(own) => Some(own),
                    _ => None,
                });
                self.see_own(agent, &usual.chain([own]).collect::<Vec<_>>(), text);
            }
            Change::Block(_) => self.what.push("instructions"),
            Change::Member { at, .. } => {
                self.what.push("the MCP server");
                let value = config_text::json(text).unwrap_or_default();
                let server = at.iter().fold(&value, |value, key| &value[*key]);
                self.servers.push(words(server));
            }
            Change::Table { at, .. } => {
                self.what.push("the MCP server");
                let table = toml::from_str::<toml::Table>(text).ok();
                let value = table.and_then(|table| serde_json::to_value(table).ok()).unwrap_or_default();
                self.servers.push(words(at.iter().fold(&value, |value, key| &value[*key])));
            }
            Change::Given { .. } | Change::Shown { .. } => {}
        }
    }

    /// Looks at a file that is ours as a whole: which program it calls, and whether it is as `hr init` writes it.
    fn see_own(&mut self, agent: &Agent, written: &[&String], text: &str) {
        let again = format!("it is not what this version writes: hr init {}", agent.name);
        let bare = config_text::unstamped(text);
        let Some(program) = written.iter().find_map(|own| program(own, &bare)) else {
            if self.is_hook && written.iter().any(|own| own.contains(PROGRAM)) {
                self.wrong.push(again);
            } else {
                self.notes.push(again);
            }
            return;
        };
        if self.is_hook && !program.is_empty() {
            let lines = config_text::commands(text, agent.name).into_iter().map(Call::Line).collect::<Vec<_>>();
            self.calls = if lines.is_empty() { vec![Call::Program(program)] } else { lines };
        }
    }
}

/// The program that a file names, when all else in it is as it was written; empty when it names none.
fn program(written: &str, text: &str) -> Option<String> {
    let mut parts = written.split(PROGRAM);
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut named: Option<&str> = None;
    for part in parts {
        let end = match named {
            Some(named) => rest.strip_prefix(named).map(|_| named.len())?,
            // What follows the program begins with its closing quote, or with a blank.
            None => rest.find(part)?,
        };
        named = Some(&rest[..end]);
        rest = rest[end..].strip_prefix(part)?;
    }
    rest.is_empty().then(|| serde_json::from_str(&format!("\"{}\"", named.unwrap_or_default())).ok())?
}

/// The tool that runs commands, as the agent names it.
fn tool(agent: &Agent) -> Option<String> {
    let probe = serde_json::from_str::<Value>(agent.probes.first()?).ok()?;
    probe["tool_name"].as_str().or(probe["toolName"].as_str()).map(ToString::to_string)
}

/// Whether a matcher is about a tool; `usual` is the one that `hr init` writes.
fn fits(matcher: &str, usual: &str, tool: Option<&str>) -> bool {
    let Some(tool) = tool.filter(|_| !matches!(matcher, "" | "*") && matcher != usual) else { return true };
    let is_list = |c: char| c.is_ascii_alphanumeric() || "_- ,|".contains(c);
    if matcher.chars().all(is_list) && !usual.starts_with('^') {
        return matcher.split([',', '|']).any(|name| name.trim() == tool);
    }
    // What only JavaScript understands is given the benefit of the doubt.
    Regex::new(matcher).map_or(true, |regex| regex.is_match(tool))
}

/// The words of the command of a server.
fn words(server: &Value) -> Vec<String> {
    let strings = |value: &Value| {
        value.as_array().into_iter().flatten().filter_map(|word| word.as_str().map(ToString::to_string)).collect()
    };
    let mut words: Vec<String> = match &server["command"] {
        Value::String(program) => vec![program.clone()],
        list => strings(list),
    };
    words.extend::<Vec<String>>(strings(&server["args"]));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_lists_of_names_or_patterns() {
        let table = [
            ("", "Bash", true),
            ("*", "Bash", true),
            ("Bash", "Bash", true),
            ("Edit|Bash", "Bash", true),
            ("Write", "Bash", false),
            ("Bas", "Bash", false),
            ("Ba.*", "Bash", true),
            ("^Bash$", "^Bash$", true),
            ("Bas", "^Bash$", true),
            ("^Edit$", "^Bash$", false),
            ("(?!x)", "Bash", true),
        ];
        for (matcher, usual, fitting) in table {
            assert_eq!(fits(matcher, usual, Some("Bash")), fitting, "{matcher}");
        }
    }

    #[test]
    fn the_program_of_a_file_of_ours_is_found() {
        let written = "a(\"THE-PROGRAM\", [\"hook\"]) b \"THE-PROGRAM hook x\"\n";
        let table = [
            ("a(\"/my hr\", [\"hook\"]) b \"/my hr hook x\"\n", Some("/my hr")),
            ("a(\"hr\", [\"hook\"]) b \"/other hook x\"\n", None),
            ("a(\"hr\", [\"hook\"] b \"hr hook x\"\n", None),
        ];
        for (text, found) in table {
            assert_eq!(program(written, text).as_deref(), found, "{text}");
        }
        assert_eq!(program("no program\n", "no program\n").as_deref(), Some(""));
    }
}
