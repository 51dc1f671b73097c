//! Walks a line and finds the places where `hr run --` may stand: in front of single commands whose output goes to whoever
//! reads the line's.

use super::call::{self, Call};
use super::{How, Why};
use crate::command::{BlockKind, Command, Item, Line, Next, NotUnderstood, Stage};

/// How many commands of a line are looked at.
const MAX_CALLS: usize = 64;

/// What was found in a line.
#[derive(Debug)]
pub(super) struct Found {
    /// The places, in bytes, ascending.
    pub(super) places: Vec<usize>,
    /// Why the rest is left.
    pub(super) why: Why,
}

/// Finds the places; an error when nothing of the line may be changed in any way.
pub(super) fn find(source: &str, line: &Line, how: &How<'_>) -> Result<Found, Why> {
    let mut calls = 0;
    let mut settled = Ok(());
    each_call(line, &mut |call| {
        calls += 1;
        if calls <= MAX_CALLS && settled.is_ok() {
            settled = call::leaves_alone(call, how.hr);
        }
    });
    settled?;
    if calls > MAX_CALLS {
        return Err(Why::NotUnderstood(NotUnderstood::TooLarge));
    }
    if let Some(why) = first_unsettling(line) {
        return Err(why);
    }
    if defines_functions(line) {
        return Err(Why::Functions);
    }
    let mut found = Found { places: Vec::new(), why: Why::Empty };
    collect(source, line, how, &mut found);
    Ok(found)
}

/// Whether a line is one command, with `cd FOLDER &&` in front of it or not: all that the line prints is what that prints.
pub(super) fn is_one_command(line: &Line) -> bool {
    let is_silent = |item: &Item| {
        let [Stage { command: Command::Call { words, .. }, .. }] = &item.pipeline.stages[..] else { return false };
        item.then == Next::And && words.len() == 2 && words[0].text == "cd" && words[1].text != "-"
    };
    let is_call = |item: &Item| {
        matches!(&item.pipeline.stages[..], [Stage { command: Command::Call { .. }, .. }]) && !item.pipeline.timed
    };
    line.items.split_last().is_some_and(|(last, before)| is_call(last) && before.iter().all(is_silent))
}

/// Collects the places of a list.
fn collect(source: &str, line: &Line, how: &How<'_>, found: &mut Found) {
    for (item, in_background) in with_background(&line.items) {
        let why = match (in_background, &item.pipeline.stages[..]) {
            (true, _) => Why::Background,
            (false, [stage]) => match place(source, stage, how, found) {
                Ok(()) => continue,
                Err(why) => why,
            },
            (false, stages) => Why::Piped(stages.last().map(|stage| name(&stage.command)).unwrap_or_default()),
        };
        found.why = std::mem::replace(&mut found.why, Why::Empty).or(why);
    }
}

/// Finds the place in front of a command, or the places in a group or subshell.
fn place(source: &str, stage: &Stage, how: &How<'_>, found: &mut Found) -> Result<(), Why> {
    match &stage.command {
        Command::Block { kind: BlockKind::Subshell | BlockKind::Group, body } if stage.redirects.is_empty() => {
            body.iter().for_each(|line| collect(source, line, how, found));
            Ok(())
        }
        Command::Block { .. } => Err(Why::Compound),
        Command::Function { .. } => Err(Why::Functions),
        Command::Test => Err(Why::Little("[[".into())),
        Command::Call { env, words } => {
            let call = Call { env, words, redirects: &stage.redirects };
            call::judge(source, call, how)?;
            // What is judged worth it has a first word.
            found.places.push(words.first().map(|first| first.span.start).ok_or(Why::Empty)?);
            Ok(())
        }
    }
}

/// What a command is called in reasons.
fn name(command: &Command) -> String {
    match command {
        Command::Call { words, .. } => words.first().map(|word| word.text.clone()).unwrap_or_default(),
        Command::Block { kind: BlockKind::Loop, .. } => "a loop".into(),
        _ => "a compound command".into(),
    }
}

/// The items of a list, each with whether it runs in the background: `a && b &` is one job.
fn with_background(items: &[Item]) -> Vec<(&Item, bool)> {
    let mut in_background = false;
    let mut marked = Vec::with_capacity(items.len());
    for item in items.iter().rev() {
        match item.then {
            Next::Background => in_background = true,
            Next::Sequence => in_background = false,
            Next::And | Next::Or => {}
        }
        marked.push((item, in_background));
    }
    marked.reverse();
    marked
}

/// Whether anything in the line runs in the background.
pub(super) fn has_background(line: &Line) -> bool {
    line.items.iter().any(|item| item.then == Next::Background) || any_body(line, has_background)
}

fn defines_functions(line: &Line) -> bool {
    let mut stages = line.items.iter().flat_map(|item| &item.pipeline.stages);
    stages.any(|stage| matches!(stage.command, Command::Function { .. })) || any_body(line, defines_functions)
}

fn first_unsettling(line: &Line) -> Option<Why> {
    let mut first = None;
    each_call(line, &mut |call| {
        if first.is_none() {
            first = call::unsettling(call);
        }
    });
    first
}

fn any_body(line: &Line, holds: fn(&Line) -> bool) -> bool {
    let mut stages = line.items.iter().flat_map(|item| &item.pipeline.stages);
    stages.any(|stage| bodies(stage).iter().any(holds))
}

/// The lists inside a command.
fn bodies(stage: &Stage) -> &[Line] {
    match &stage.command {
        Command::Block { body, .. } => body,
        Command::Function { body, .. } => std::slice::from_ref(body),
        Command::Call { .. } | Command::Test => &[],
    }
}

/// Shows every simple command of a line, those in compound commands too.
pub(super) fn each_call<'a>(line: &'a Line, show: &mut dyn FnMut(Call<'a>)) {
    for stage in line.items.iter().flat_map(|item| &item.pipeline.stages) {
        if let Command::Call { env, words } = &stage.command {
            show(Call { env, words, redirects: &stage.redirects });
        }
        for body in bodies(stage) {
            each_call(body, show);
        }
    }
}
