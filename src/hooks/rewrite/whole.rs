//! Runs a line as a whole under `hr`, in the shell that would have read it: for loops, branches, groups, and pipelines that
//! end in a program which passes on what it reads.

use super::call;
use super::segments::{each_call, has_background};
use super::{How, Why, caller};
use crate::command::{Command, Line, Pipeline, who_printed};

/// The shell that reads the line, in its own words: bash and zsh say who they are, any other is taken for `sh`.
const SHELL: &str = r#""${BASH:-${ZSH_ARGZERO:-sh}}""#;

/// The line as an argument of `hr run -c`; `single` commands of it could run under `hr` alone, so that more must print much.
pub(super) fn changed(source: &str, line: &Line, how: &How<'_>, single: usize) -> Result<String, Why> {
    if has_background(line) {
        return Err(Why::Background);
    }
    let mut alone = Ok(());
    each_call(line, &mut |call| {
        if alone.is_ok() {
            alone = call::talks(source, call);
        }
    });
    alone?;
    if let Some(reader) = line.items.iter().find_map(|item| reader(&item.pipeline)) {
        return Err(Why::Piped(reader));
    }
    let printed = who_printed(source).ok_or(Why::Compound)?;
    if printed.reads_file {
        return Err(Why::File(printed.candidates.first().map(|call| call.tool.clone()).unwrap_or_default()));
    }
    let loud = printed.candidates.iter().filter(|candidate| call::is_loud(source, candidate, how.rules));
    if loud.count() <= single {
        return Err(Why::Compound);
    }
    let line = source.replace('\'', r"'\''");
    Ok(format!("{} run --shell {SHELL} -c '{line}'", caller(how.hr)))
}

/// The last program of a pipeline, when it makes something of its own of what it reads.
fn reader(pipeline: &Pipeline) -> Option<String> {
    let [_, .., last] = &pipeline.stages[..] else { return None };
    match &last.command {
        Command::Call { words, .. } => {
            let name = words.first().map(|word| word.text.as_str()).unwrap_or_default();
            (!matches!(name, "cat" | "tee")).then(|| name.to_owned())
        }
        _ => Some("a compound command".into()),
    }
}
