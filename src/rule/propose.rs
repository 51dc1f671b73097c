//! Proposes a rule for a tool from one recorded output: a start for whoever writes it, on the safe side.
//!
//! Lines that begin alike and are many are taken for chatter; the numbers of the closing lines are taken for facts.
//! Lines with a failure or a warning are never proposed to go.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{DropFile, FactFile, MatchFile, RuleFile, StepFile, TestFile};
use super::write;
use crate::command::Invocation;
use crate::document::Document;
use crate::signal::{Signal, Signals};

/// So many lines that begin alike are chatter, and so many percent of all lines.
const MANY: (usize, usize) = (5, 5);
/// How many kinds of chatter are proposed.
const KINDS: usize = 6;
/// Among how many lines at the end the summary is.
const CLOSING: usize = 9;
/// How many facts are proposed.
const FACTS: usize = 4;
/// How many lines a case asks for.
const KEEP: usize = 20;

/// A rule, as far as an output tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The rule file.
    pub rule: String,
    /// What a golden case of the output should keep.
    pub keep: Vec<String>,
}

/// Lines that begin alike.
#[derive(Debug)]
struct Chatter {
    pattern: String,
    label: String,
    /// The first of them.
    example: String,
    lines: usize,
}

/// Proposes the rule `id` for the output of a call.
pub fn propose(id: &str, call: &Invocation, doc: &Document<'_>) -> Proposal {
    let lines = doc.lines().map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>();
    let told = lines.iter().filter(|line| !line.trim().is_empty()).map(String::as_str).collect::<Vec<_>>();
    let chatter = chatter(&told);
    let facts = facts(&told);
    let closing = told.last().copied().unwrap_or_default();
    let failures = told.iter().filter(|line| signal(line) == Signal::Failure);
    let mut seen = BTreeSet::new();
    let keep = failures.chain([&closing]).filter(|line| !line.is_empty() && seen.insert(**line)).take(KEEP);
    let keep = keep.map(ToString::to_string).collect();
    Proposal { rule: rule(id, call, &chatter, &facts, closing), keep }
}

fn signal(line: &str) -> Signal {
    Signals::shared().of(line.as_bytes())
}

/// The kinds of lines that are many, say nothing of failures, and are not the summary; the most frequent first.
fn chatter(lines: &[&str]) -> Vec<Chatter> {
    let (mut found, rest) = alike(lines, lines.len(), beginning);
    // Where only some of what begins alike says nothing, the last word may tell which.
    found.extend(alike(&rest, lines.len(), |line| Some(both_ends(line, &beginning(line)?))).0);
    found.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.pattern.cmp(&b.pattern)));
    found.truncate(KINDS);
    found
}

/// Kinds of lines that have the same pattern, and the lines that are of none; the last one is the summary.
fn alike<'l>(lines: &[&'l str], all: usize, pattern: impl Fn(&str) -> Option<String>) -> (Vec<Chatter>, Vec<&'l str>) {
    let mut kinds: BTreeMap<String, (Vec<&str>, bool)> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(pattern) = pattern(line) else { continue };
        let kind = kinds.entry(pattern).or_default();
        kind.0.push(line);
        kind.1 |= signal(line) >= Signal::Warning || at + 1 == lines.len();
    }
    kinds.retain(|_, (lines, speaks)| lines.len() >= MANY.0 && lines.len() * 100 >= all * MANY.1 && !*speaks);
    let rest = lines.iter().filter(|line| pattern(line).is_none_or(|pattern| !kinds.contains_key(&pattern)));
    let rest = rest.copied().collect();
    let chatter = |(pattern, (lines, _)): (String, (Vec<&str>, bool))| Chatter {
        pattern,
        label: label(lines[0]),
        example: lines[0].to_string(),
        lines: lines.len(),
    };
    (kinds.into_iter().map(chatter).collect(), rest)
}

/// What lines like this one are called.
fn label(line: &str) -> String {
    let word = line.split_whitespace().next().unwrap_or_default().to_lowercase();
    let plain = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    if plain.is_empty() || plain.starts_with(|letter: char| letter.is_ascii_digit()) {
        "progress lines".into()
    } else {
        format!("`{plain}` lines")
    }
}

/// The first word of a line with its indentation, as a pattern in which numbers are any number.
fn beginning(line: &str) -> Option<String> {
    let body = line.trim_start();
    let word = body.split_whitespace().next()?;
    if word.len() > 24 {
        return None;
    }
    let indented = if body.len() < line.len() { r"\s+" } else { "" };
    Some(format!("^{indented}{}(?:\\s|$)", masked(word)))
}

/// The pattern of a beginning, and the last word.
fn both_ends(line: &str, beginning: &str) -> String {
    let last = line.split_whitespace().next_back().unwrap_or_default();
    format!("{}\\s.*\\s{}$", beginning.trim_end_matches(r"(?:\s|$)"), masked(last))
}

/// A text as a pattern: numbers are any number, all else is what it is.
fn masked(text: &str) -> String {
    let mut pattern = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|byte: char| byte.is_ascii_digit()).len();
        let plain = rest.find(|byte: char| byte.is_ascii_digit()).unwrap_or(rest.len());
        if digits > 0 {
            pattern.push_str(r"\d+");
            rest = &rest[digits..];
        } else {
            pattern.push_str(&regex::escape(&rest[..plain]));
            rest = &rest[plain..];
        }
    }
    pattern
}

/// Name and pattern of the numbers in the closing line that has most of them: `3 failed` is `failed`.
fn facts(lines: &[&str]) -> Vec<(String, String)> {
    let pairs = |line: &str| {
        let words = line.split(|letter: char| letter != ' ' && !letter.is_alphanumeric());
        let words = words.flat_map(|part| part.split(' ')).filter(|word| !word.is_empty()).collect::<Vec<_>>();
        let is_pair = |two: &[&str]| {
            two[0].bytes().all(|byte| byte.is_ascii_digit())
                && two[1].len() >= 3
                && two[1].bytes().all(|byte| byte.is_ascii_lowercase())
        };
        let mut seen = BTreeSet::new();
        let names = words.windows(2).filter(|two| is_pair(two) && seen.insert(two[1])).map(|two| two[1].to_string());
        names.take(FACTS).collect::<Vec<_>>()
    };
    let last = lines.last().map(|line| pairs(line)).unwrap_or_default();
    let closing = lines.iter().rev().take(CLOSING).map(|line| pairs(line)).filter(|names| names.len() > 1);
    let best = closing.fold(last, |best, next| if next.len() > best.len() { next } else { best });
    best.into_iter().map(|name| (name.clone(), format!(r"(\d+) {name}\b"))).collect()
}

/// The rule, and what its writer should know.
fn rule(id: &str, call: &Invocation, chatter: &[Chatter], facts: &[(String, String)], closing: &str) -> String {
    let is_plain = |word: &&String| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let subcommand = call.words.get(1).filter(is_plain).filter(|word| !word.starts_with('-'));
    let name = subcommand.map_or_else(|| call.tool.clone(), |word| format!("{} {word}", call.tool));
    let mut comments = vec![
        format!("{name}: say here what stays, and what the reader loses."),
        "Lines with errors and failures stay in any case, and those that match this: protect = ['^Summary']"
            .to_string(),
    ];
    if closing.bytes().filter(u8::is_ascii_alphabetic).count() >= 12 {
        comments
            .push("For outputs whose command is not told, below [match], when no other tool prints it:".to_string());
        comments.push(format!("fingerprint = [{}]", write::string(&format!("^{}$", masked(closing)))));
    }
    let drop = |kind: &Chatter| StepFile {
        drop: Some(DropFile {
            lines: vec![kind.pattern.clone()],
            label: Some(kind.label.clone()),
            ..DropFile::default()
        }),
        ..StepFile::default()
    };
    let fact =
        |(name, pattern): &(String, String)| FactFile { name: name.clone(), pattern: pattern.clone(), value: None };
    let gone = chatter.iter().map(|kind| kind.example.clone()).collect::<Vec<_>>();
    let test = TestFile {
        name: "the closing line stays".into(),
        input: gone.iter().map(String::as_str).chain([closing]).fold(String::new(), |input, line| input + line + "\n"),
        expect_contains: vec![closing.to_string()],
        expect_lacks: gone,
        ..TestFile::default()
    };
    let rule = RuleFile {
        id: id.to_string(),
        summary: format!("{name}: what stays, in one line"),
        matches: MatchFile {
            tool: vec![call.tool.clone()],
            subcommand: subcommand.into_iter().cloned().collect(),
            ..MatchFile::default()
        },
        kind: Some("log".into()),
        step: chatter.iter().map(drop).collect(),
        fact: facts.iter().map(fact).collect(),
        test: vec![test],
        ..RuleFile::default()
    };
    write::toml(&rule, &comments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::who_printed;
    use crate::document::Origin;

    #[test]
    fn chatter_goes_failures_and_the_summary_stay() {
        let tests =
            (0..20).map(|n| format!("test t{n} ... {}\n", if n == 3 { "FAILED" } else { "ok" })).collect::<String>();
        let built = (0..20).map(|n| format!("[{n}/20] Building part{n}.o\n")).collect::<String>();
        let text = format!("frob 3.1\n{built}{tests}error: part7.o: it's broken\nwarning: old\n18 built, 2 failed\n");
        let doc = Document::new(text.as_bytes(), Origin::default());
        let call = who_printed("frob build --all").unwrap().candidates.remove(0);
        let proposal = propose("own/frob", &call, &doc);
        let rule: crate::rule::file::RuleFile = toml::from_str(&proposal.rule).unwrap();
        assert_eq!((rule.matches.tool, rule.matches.subcommand), (vec!["frob".into()], vec!["build".into()]));
        let drops = rule.step.iter().map(|step| step.drop.as_ref().unwrap().lines.concat()).collect::<Vec<_>>();
        assert_eq!(drops, [r"^\[\d+/\d+\](?:\s|$)", r"^test\s.*\sok$"]);
        let facts = rule.fact.iter().map(|fact| (fact.name.as_str(), fact.pattern.as_str())).collect::<Vec<_>>();
        assert_eq!(facts, [("built", r"(\d+) built\b"), ("failed", r"(\d+) failed\b")]);
        assert_eq!(proposal.keep, ["test t3 ... FAILED", "error: part7.o: it's broken", "18 built, 2 failed"]);
    }
}
