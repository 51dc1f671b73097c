//! Which commands a peer's rule is for, in the words of our `match`.
//!
//! Where a peer compares the text of the command line, we know the program and its subcommand: so `sudo`, `npx`, folders and
//! global flags do not matter. A text pattern remains where that says too little.

use regex_syntax::hir::literal::{ExtractKind, Extractor, Literal};

use super::keys::Notes;
use crate::command::who_printed;
use crate::rule::file::MatchFile;
use crate::rule::literals;

/// How many commands a pattern may stand for before it stays a pattern.
const MOST: usize = 32;

/// What ends a word in a pattern and asks for nothing more; blanks are spelled `\s` here.
const ENDINGS: [&str; 9] = [r"(?:\s|$)", r"(\s|$)", r"(?: |$)", r"( |$)", r"(?:\s+|$)", r"(\s+|$)", r"\b", "$", ".*"];

/// A program and the words behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    tool: String,
    rest: Vec<String>,
}

impl Call {
    fn of(command: &str) -> Self {
        let words = command.split_whitespace().filter(|word| *word != "*").collect::<Vec<_>>();
        let printed = who_printed(&words.join(" ")).filter(|printed| printed.candidates.len() == 1);
        if let Some(call) = printed.and_then(|printed| printed.candidates.into_iter().next()) {
            let mut rest = call.args().to_vec();
            if let (Some(first), Some(name)) = (rest.first_mut(), call.subcommand())
                && !first.starts_with('-')
            {
                *first = name.to_string();
            }
            return Self { tool: call.tool, rest };
        }
        let mut words = words.into_iter().map(ToString::to_string);
        Self { tool: words.next().unwrap_or_default().to_ascii_lowercase(), rest: words.collect() }
    }
}

/// Matches any of several commands, each a few words; `*` stands for one more word.
pub(super) fn of_words(commands: &[String], key: &str, notes: &mut Notes) -> MatchFile {
    if commands.iter().any(|command| command.contains('*')) {
        notes.changed(key, "a `*` matches any words, also none");
    }
    let mut calls = commands.iter().map(|command| Call::of(command)).collect::<Vec<_>>();
    calls.sort();
    calls.dedup();
    let tools = distinct(calls.iter().map(|call| call.tool.clone()));
    let rests = distinct(calls.iter().map(|call| call.rest.clone()));
    let rest = (calls.len() == tools.len() * rests.len()).then(|| words_of(&rests)).flatten();
    match rest {
        Some(mut matches) => {
            matches.tool = tools;
            matches
        }
        None => {
            notes.changed(key, "compared with the text of the command line: flags between the words do not match");
            let texts = commands.iter().map(|command| {
                let words = command
                    .split_whitespace()
                    .map(|word| if word == "*" { r"\S+".into() } else { regex::escape(word) });
                words.collect::<Vec<_>>().join(r"\s+")
            });
            let any = texts.collect::<Vec<_>>().join("|");
            MatchFile {
                tool: tools,
                command_regex: Some(format!(r"(?:^|[\s;&|(/])(?:{any})(?:\s|$)")),
                ..MatchFile::default()
            }
        }
    }
}

/// The words behind the program, when they differ in one place at most.
fn words_of(rests: &[Vec<String>]) -> Option<MatchFile> {
    let length = rests.first()?.len();
    if rests.iter().any(|rest| rest.len() != length) {
        return None;
    }
    let mut places = (0..length).map(|at| distinct(rests.iter().map(|rest| rest[at].clone()))).collect::<Vec<_>>();
    let mut matches = MatchFile::default();
    if places.iter().filter(|words| words.len() > 1).count() > 1 {
        return None;
    }
    if places.first().is_some_and(|words| words.iter().all(|word| !word.starts_with('-'))) {
        matches.subcommand = places.remove(0);
    }
    for words in places {
        match words.as_slice() {
            [word] => matches.argv.push(word.clone()),
            _ => matches.argv_any = words,
        }
    }
    Some(matches)
}

/// Matches the commands that a pattern for command lines stands for.
pub(super) fn of_regex(pattern: &str, key: &str, notes: &mut Notes) -> MatchFile {
    if let Some(commands) = commands_in(pattern) {
        notes.changed(key, "matches by program and words: after `sudo`, `npx` or `cd x &&` and with global flags too");
        return of_words(&commands, key, notes);
    }
    if !pattern.contains('^') {
        return MatchFile { command_regex: Some(pattern.to_string()), ..MatchFile::default() };
    }
    notes.changed(key, "searched in the whole command line, at the beginning of any word");
    let branches = at_top(pattern, "|").into_iter().map(|branch| match branch.strip_prefix('^') {
        Some(rest) => format!(r"(?:^|[\s;&|(/])(?:{rest})"),
        None => branch.to_string(),
    });
    MatchFile { command_regex: Some(branches.collect::<Vec<_>>().join("|")), ..MatchFile::default() }
}

/// The commands that a pattern stands for, when they are few and all of them are words.
fn commands_in(pattern: &str) -> Option<Vec<String>> {
    let pattern = pattern.replace(r"[ \t\n]", r"\s").replace(r"[ \t]", r"\s").replace(r"[[:space:]]", r"\s");
    let mut commands = Vec::new();
    for branch in at_top(&pattern, "|") {
        let mut all = vec![String::new()];
        let branch = branch.strip_prefix('^')?;
        let words = at_top(branch, r"\s+").into_iter().flat_map(|part| at_top(part, " ")).collect::<Vec<_>>();
        for (at, word) in words.iter().enumerate() {
            let choices = choices_of(word, at + 1 == words.len())?;
            let joined = all.iter().flat_map(|before| choices.iter().map(move |word| format!("{before} {word}")));
            all = joined.take(MOST + 1).collect();
        }
        commands.append(&mut all);
    }
    let commands = commands.into_iter().map(|command| command.trim().to_string()).collect::<Vec<_>>();
    (commands.len() <= MOST && commands.iter().all(|command| !command.is_empty())).then_some(commands)
}

/// The words that the pattern of one word stands for.
fn choices_of(word: &str, is_last: bool) -> Option<Vec<String>> {
    let mut word = word;
    while is_last && let Some(shorter) = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending)) {
        word = shorter;
    }
    let word = word.strip_prefix(r"(?:\./)?").unwrap_or(word);
    let parsed = literals::parse(word).ok()?;
    let words = Extractor::new().kind(ExtractKind::Prefix).extract(&parsed);
    let words = words.literals().filter(|words| words.len() <= MOST && words.iter().all(Literal::is_exact))?;
    let text = |word: &[u8]| {
        let text = std::str::from_utf8(word).ok()?.trim_start_matches("./").to_string();
        (!text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_.+:@/".contains(c))).then_some(text)
    };
    words.iter().map(|word| text(word.as_bytes())).collect()
}

/// Splits a pattern where `separator` stands outside of groups and classes.
fn at_top<'p>(pattern: &'p str, separator: &str) -> Vec<&'p str> {
    let mut parts = Vec::new();
    let (mut depth, mut in_class, mut start, mut at) = (0_usize, false, 0, 0);
    while let Some(c) = pattern[at..].chars().next() {
        if depth == 0 && !in_class && pattern[at..].starts_with(separator) {
            parts.push(&pattern[start..at]);
            at += separator.len();
            start = at;
            continue;
        }
        match c {
            '\\' => at += pattern[at + 1..].chars().next().map_or(0, char::len_utf8),
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += c.len_utf8();
    }
    parts.push(&pattern[start..]);
    parts
}

fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut seen, one| {
        if !seen.contains(&one) {
            seen.push(one);
        }
        seen
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_for_commands_become_programs_and_words() {
        for (pattern, tool, subcommand, rest) in [
            (r"^make\b", "make", "", ""),
            (r"^g(cc|\+\+)\b", "g++ gcc", "", ""),
            (r"^terraform\s+plan", "terraform", "plan", ""),
            (r"^(?:\./)?gradlew?\b", "gradle gradlew", "", ""),
            (r"^docker\s+compose\s+(up|down)(?:\s|$)", "docker", "compose", "down up"),
            (r"^foo$|^bar$", "bar foo", "", ""),
            (r"^npx\s+jest\b", "jest", "", ""),
            (r"^brew[ \t\n]+(install|upgrade)(?:[ \t\n]|$)", "brew", "install upgrade", ""),
        ] {
            let found = of_regex(pattern, "k", &mut Notes::default());
            let words = found.argv.iter().chain(&found.argv_any).cloned().collect::<Vec<_>>();
            assert_eq!(
                (found.tool.join(" "), found.subcommand.join(" "), words.join(" ")),
                (tool.into(), subcommand.into(), rest.into()),
                "{pattern}"
            );
        }
        let found = of_regex(r"^py(thon)?\d?\s+\S+\.py", "k", &mut Notes::default());
        assert_eq!(found.command_regex.as_deref(), Some(r"(?:^|[\s;&|(/])(?:py(thon)?\d?\s+\S+\.py)"));
    }
}
