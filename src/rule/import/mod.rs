//! Rules of other programs as rules of ours: tokenjuice's JSON, tokf's TOML and RTK's TOML.
//!
//! A conversion is pure: a text in, rule files and a report out. What a peer's rule says and ours cannot say, or say in
//! another way, is in the report and in a comment of the rule. Rules are data only, so nothing that runs a program or a
//! script is ever carried over.

mod commands;
mod keys;
mod patterns;
mod rtk;
mod steps;
mod tokenjuice;
mod tokf;

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::file::{FactFile, MatchFile, RuleFile, StepFile, TestFile};
use super::{Layer, Rule, RuleSet, Source, write};
use crate::golden;
use keys::Notes;

/// A program whose rules can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// One rule in a JSON file.
    Tokenjuice,
    /// One filter in a TOML file.
    Tokf,
    /// Any number of filters in a TOML file.
    Rtk,
}

impl Peer {
    /// Every peer.
    pub const ALL: [Self; 3] = [Self::Tokenjuice, Self::Tokf, Self::Rtk];

    /// The name on the command line and in ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokenjuice => "tokenjuice",
            Self::Tokf => "tokf",
            Self::Rtk => "rtk",
        }
    }

    /// Whether a file has the shape of this peer's rules.
    fn has_shape(self, map: &Map<String, Value>) -> bool {
        match self {
            Self::Tokenjuice => map.get("match").is_some_and(Value::is_object) && map.contains_key("family"),
            Self::Tokf => map.get("command").is_some_and(|command| command.is_string() || command.is_array()),
            Self::Rtk => {
                let filters = map.get("filters").and_then(Value::as_object);
                filters.is_some_and(|all| all.values().any(|filter| filter.get("match_command").is_some()))
            }
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It says the same, or what is so anyway.
    Carried,
    /// It says something else here.
    Changed,
    /// It is not in the rule.
    Left,
}

impl Fate {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Carried => "carried over",
            Self::Changed => "changed",
            Self::Left => "left out",
        }
    }
}

/// What became of a key, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The key, as the peer has it.
    pub key: String,
    /// What became of it.
    pub fate: Fate,
    /// Why, for a key that is not simply carried over.
    pub why: String,
}

/// A rule of a peer, read.
#[derive(Debug)]
pub struct Imported {
    /// Whose it is.
    pub peer: Peer,
    /// The id it gets; also its path below the rules folder.
    pub id: String,
    /// The rule file; nothing when there is nothing to carry over.
    pub text: Option<String>,
    /// What became of its keys.
    pub notes: Vec<Note>,
}

/// Why a file is no rule of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRule {
    /// It cannot be read as JSON or TOML: what is wrong, and where.
    Broken(String),
    /// It has the shape of no peer's rules.
    Unknown,
    /// It belongs to a peer's rules but is none: a test case, a schema.
    Beside,
}

/// Reads the rules in a file. `name` is its path below the folder that was named, with its extension.
pub fn read(name: &str, text: &str, from: Option<Peer>) -> Result<Vec<Imported>, NoRule> {
    let value: Value = if name.ends_with(".json") {
        serde_json::from_str(text).map_err(|error| NoRule::Broken(error.to_string()))?
    } else {
        toml::from_str(text).map_err(|error| NoRule::Broken(error.to_string().trim_end().replace('\n', "\n  ")))?
    };
    let Value::Object(map) = value else { return Err(NoRule::Unknown) };
    let peers = from.map_or(Peer::ALL.to_vec(), |peer| vec![peer]);
    let Some(peer) = peers.into_iter().find(|peer| peer.has_shape(&map)) else {
        return Err(if is_beside(name, &map) { NoRule::Beside } else { NoRule::Unknown });
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Ok(match peer {
        Peer::Tokenjuice => vec![tokenjuice::convert(stem, map)],
        Peer::Tokf => vec![tokf::convert(stem, map)],
        Peer::Rtk => rtk::convert(map),
    })
}

/// Whether a file is a peer's test case or schema.
fn is_beside(name: &str, map: &Map<String, Value>) -> bool {
    let is_case = map.contains_key("expect") && (map.contains_key("name") || map.contains_key("ruleId"));
    is_case || map.contains_key("$schema") || name.ends_with(".fixture.json")
}

/// A rule that is being made from a peer's.
#[derive(Debug, Default)]
struct Draft {
    summary: Option<String>,
    priority: i32,
    matches: MatchFile,
    protect: Vec<String>,
    success: steps::Steps,
    /// What is done after a failure, where that is something else.
    failure: Option<steps::Steps>,
    facts: Vec<FactFile>,
    tests: Vec<TestFile>,
}

impl Draft {
    /// The finished rule, or the reasons why there is none.
    fn finish(self, peer: Peer, name: &str, mut notes: Notes) -> Imported {
        let id = id_of(peer, name);
        let step = self.success.written();
        let on_failure = self.failure.unwrap_or_else(|| self.success.clone()).written_for_failure();
        let has_tests = !self.tests.is_empty();
        let mut rule = RuleFile {
            id: id.clone(),
            summary: self.summary.map_or_else(|| format!("imported from {peer}"), |text| one_line(&text)),
            matches: self.matches,
            priority: self.priority,
            kind: None,
            // What the peer leaves stays: no compressor of ours chooses among it.
            whole: true,
            protect: self.protect,
            unprotect: Vec::new(),
            failure: Vec::new(),
            on_failure: if same(&step, &on_failure) || only_messages(&step, &on_failure) {
                Vec::new()
            } else {
                on_failure
            },
            step,
            fact: self.facts,
            test: self.tests,
        };
        if rule.step.is_empty() && rule.on_failure.is_empty() && rule.fact.is_empty() {
            notes.left("", "nothing is left of the rule");
            return Imported { peer, id, text: None, notes: notes.0 };
        }
        if has_tests {
            keep_sound_tests(&mut rule, &mut notes);
        }
        let text = write::toml(&rule, &comments(peer, name, &notes));
        let source = Source { file: id.clone(), text, layer: Layer::User };
        match super::check(&source) {
            None => Imported { peer, id, text: Some(source.text), notes: notes.0 },
            Some(error) => {
                notes.left("", format!("what came out cannot be used: {}", error.message));
                Imported { peer, id, text: None, notes: notes.0 }
            }
        }
    }
}

/// Whether two lists of steps are written the same.
fn same(a: &[StepFile], b: &[StepFile]) -> bool {
    serde_json::to_value(a).ok() == serde_json::to_value(b).ok()
}

/// Whether the steps for a failure lack only messages, which a failure never gets.
fn only_messages(step: &[StepFile], on_failure: &[StepFile]) -> bool {
    let silent = step.iter().filter(|step| step.short.is_none()).cloned().collect::<Vec<_>>();
    same(&silent, on_failure)
}

/// Leaves out the tests that do not hold here.
fn keep_sound_tests(rule: &mut RuleFile, notes: &mut Notes) {
    let Ok(compiled) = Rule::compile(rule.clone(), Layer::User) else { return };
    let verdicts = golden::run_inline(&Arc::new(compiled), &RuleSet::built_in());
    let mut verdicts = verdicts.into_iter();
    rule.test.retain(|test| {
        let holds = verdicts.next().is_some_and(|(_, failures)| failures.is_empty());
        if !holds {
            notes.left(&format!("test `{}`", one_line(&test.name)), "what it expects does not come out here");
        }
        holds
    });
}

/// The comment above an imported rule: where it comes from, and what is not as it was.
fn comments(peer: Peer, name: &str, notes: &Notes) -> Vec<String> {
    let mut lines = vec![format!("Imported from {peer}: {name}.")];
    for (fate, heading) in [(Fate::Changed, "Means something else here:"), (Fate::Left, "Not carried over:")] {
        let told = notes.0.iter().filter(|note| note.fate == fate);
        let told = told.map(|note| format!("- {}: {}", note.key, one_line(&note.why))).collect::<Vec<_>>();
        if !told.is_empty() {
            lines.push(heading.into());
            lines.extend(told);
        }
    }
    lines
}

/// The id that a peer's rule gets: none of ours is replaced by it.
fn id_of(peer: Peer, name: &str) -> String {
    format!("imported/{peer}/{}", path_of(name))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name as a path: words of letters, digits, `-`, `_` and `.`, that lead nowhere else.
fn path_of(name: &str) -> String {
    let word = |part: &str| {
        let part = part.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' });
        part.collect::<String>().trim_matches('.').to_string()
    };
    let parts = name.split(['/', '\\']).map(word).filter(|part| !part.is_empty()).collect::<Vec<_>>();
    if parts.is_empty() { "rule".into() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_the_folder() {
        for (name, path) in [
            ("lint/eslint", "lint/eslint"),
            ("../../etc/x", "etc/x"),
            ("/a//b c", "a/b-c"),
            ("..", "rule"),
            ("c\\..\\d:e", "c/d-e"),
        ] {
            assert_eq!(path_of(name), path);
        }
    }

    #[test]
    fn files_are_told_by_their_shape() {
        for (name, text, expected) in [
            (
                "a.json",
                r#"{"id": "a", "family": "f", "match": {"argv0": ["a"]}, "summarize": {"head": 1}}"#,
                Ok(Peer::Tokenjuice),
            ),
            ("a.toml", "command = 'a'\ntail = 3", Ok(Peer::Tokf)),
            ("a.toml", "[filters.a]\nmatch_command = '^a'\nmax_lines = 3", Ok(Peer::Rtk)),
            ("a.toml", "id = 'a/b'\nsummary = 's'", Err(NoRule::Unknown)),
            ("a.toml", "name = 'n'\n[[expect]]\ncontains = 'x'", Err(NoRule::Beside)),
            ("a.json", r#"{"$schema": "x"}"#, Err(NoRule::Beside)),
            ("a.json", "[]", Err(NoRule::Unknown)),
        ] {
            assert_eq!(read(name, text, None).map(|rules| rules[0].peer), expected, "{text}");
        }
        assert!(matches!(read("a.json", "{", None), Err(NoRule::Broken(_))));
        assert_eq!(read("a.toml", "command = 'a'", Some(Peer::Rtk)).unwrap_err(), NoRule::Unknown);
    }
}
