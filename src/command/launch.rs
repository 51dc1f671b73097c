//! Finds the program that really runs behind launchers: `sudo -u x timeout 5 npx eslint .` runs `eslint`. What is known
//! about single launchers is in their table.

use super::Invocation;
use super::globals;
use super::launchers::{LAUNCHERS, Launcher, Start, names};
use super::options::{Told, Where};
use super::parse::assignment;

/// How many launchers may stand before each other.
const MAX_LAUNCHERS: usize = 16;

/// What a call runs in the end.
#[derive(Debug, PartialEq, Eq)]
pub enum Launched {
    /// A program.
    Program(Invocation),
    /// A line that a shell reads again, and the assignments that hold for it.
    Line(String, Vec<(String, String)>),
}

/// Takes the launchers off a call: `words` must not be empty.
pub fn launched(words: Vec<String>, env: Vec<(String, String)>) -> Launched {
    let mut call = Invocation::new(words, env);
    for _ in 0..MAX_LAUNCHERS {
        match step(&call) {
            Some(Launched::Program(inner)) => call = inner,
            Some(line) => return line,
            None => break,
        }
    }
    Launched::Program(call)
}

/// Takes one launcher off; `None` when there is none.
fn step(call: &Invocation) -> Option<Launched> {
    let mut launchers = LAUNCHERS.iter().filter(|launcher| names(launcher, &call.tool));
    launchers.find_map(|launcher| take_off(launcher, call))
}

fn take_off(launcher: &Launcher, call: &Invocation) -> Option<Launched> {
    let words = behind_path(launcher, call)?;
    let place =
        if launcher.start == Start::Nowhere && launcher.module.is_empty() { Where::Anywhere } else { Where::Leading };
    let told = Told::new(words, launcher.with_value, place);
    // The first option that settles the matter wins: what follows it belongs to the program that is run.
    for option in &told.options {
        let is_in = |names: &[&str]| names.iter().any(|name| option.is(name));
        if is_in(launcher.unless) {
            return None;
        }
        if is_in(launcher.line) {
            return Some(Launched::Line(option.value?.to_owned(), call.env.clone()));
        }
        if is_in(launcher.module) {
            return program(option.value?, &words[option.last + 1..], call);
        }
    }
    match launcher.start {
        Start::Nowhere => None,
        Start::Joined => {
            let line = words[*told.operands.first()?..].join(" ");
            Some(Launched::Line(line, call.env.clone()))
        }
        Start::Behind(marks) => {
            let mark = words.iter().position(|word| marks.contains(&word.as_str()))?;
            behind_assignments(&words[mark + 1..], call)
        }
        Start::Operand(skipped) => {
            let rest = &words[*told.operands.first()?..];
            let rest = rest.get(skipped..)?;
            match rest {
                [option, line, ..] if launcher.line.contains(&option.as_str()) => {
                    Some(Launched::Line(line.clone(), call.env.clone()))
                }
                [dashes, rest @ ..] if dashes == "--" => behind_assignments(rest, call),
                _ => behind_assignments(rest, call),
            }
        }
        Start::Package => {
            let first = *told.operands.first()?;
            program(&words[first], &words[first + 1..], call)
        }
    }
}

/// The words behind the launcher's name and subcommand.
fn behind_path<'a>(launcher: &Launcher, call: &'a Invocation) -> Option<&'a [String]> {
    let mut words = call.args();
    for expected in launcher.path {
        let told = Told::new(words, globals::with_value(&call.tool), Where::Leading);
        let first = *told.operands.first()?;
        if words[first] != *expected {
            return None;
        }
        words = &words[first + 1..];
    }
    Some(words)
}

/// The program behind assignments, which go to its environment.
fn behind_assignments(words: &[String], call: &Invocation) -> Option<Launched> {
    let mut env = call.env.clone();
    let assignments = words.iter().take_while(|word| assignment(word).is_some()).count();
    env.extend(
        words[..assignments]
            .iter()
            .filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))),
    );
    let words = words[assignments..].to_vec();
    (!words.is_empty()).then(|| Launched::Program(Invocation::new(words, env)))
}

/// A module or package that runs as a program of its own; a version such as `@9` is no part of its name.
fn program(name: &str, args: &[String], call: &Invocation) -> Option<Launched> {
    let words = std::iter::once(name).chain(args.iter().map(String::as_str)).map(str::to_owned).collect();
    let mut invocation = Invocation::new(words, call.env.clone());
    if let Some(version) = invocation.tool.rfind('@').filter(|at| *at > 0) {
        invocation.tool.truncate(version);
    }
    (!name.is_empty()).then_some(Launched::Program(invocation))
}
