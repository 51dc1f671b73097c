//! Decides about one command: whether it may run under `hr`, and whether that is worth it.

use super::tables::{
    BUILTINS, ELSEWHERE, FUNCTIONS, LITTLE, MUCH, OWN_VARIABLES, SERVES, TARGET_RUNNERS, TARGETS_OF_SERVERS, UNSETTLING,
};
use super::{How, Why, segments};
use crate::command::{
    Invocation, Launched, Line, Printed, Redirect, RedirectKind, Stdin, Word, is_interactive, launched, who_printed,
};
use crate::rule::RuleSet;

/// How deep lines inside of lines are followed: `bash -c "sh -c …"`.
const MAX_DEPTH: usize = 3;

/// A simple command as it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) env: &'a [(String, String)],
    pub(super) words: &'a [Word],
    pub(super) redirects: &'a [Redirect],
}

impl Call<'_> {
    fn first(&self) -> &str {
        self.words.first().map_or("", |word| word.text.as_str())
    }

    fn texts(&self) -> Vec<String> {
        self.words.iter().map(|word| word.text.clone()).collect()
    }

    /// Where it reads from: a terminal, as far as the line tells.
    fn stdin(&self) -> Stdin {
        let redirected = self.redirects.iter().any(|redirect| redirect.fd == 0 && redirect.target.text != "/dev/tty");
        if redirected { Stdin::Other } else { Stdin::Terminal }
    }
}

/// Says why a line with this command in it must not be changed at all, if so.
pub(super) fn leaves_alone(call: Call<'_>, hr: &str) -> Result<(), Why> {
    let own = base(hr);
    let words = call.texts();
    let named = words[..program_end(&words)].iter().map(|word| base(word)).find(|name| *name == "hr" || *name == own);
    if let Some(name) = named {
        return Err(Why::Already(name.to_owned()));
    }
    let set = call.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let told = call.words.iter().filter_map(|word| word.text.split_once('='));
    for (name, value) in set.chain(told) {
        if name.split('_').next() == Some("HR") {
            return Err(Why::Told(name.to_owned()));
        }
        let lasts = call.words.is_empty() || BUILTINS.contains(&call.first());
        if lasts && is_own(name, value, hr) {
            return Err(Why::Variable(name.to_owned()));
        }
    }
    let unset = call.first() == "unset" && call.words.iter().any(|word| is_own(&word.text, "", hr));
    if unset { Err(Why::Variable("unset".into())) } else { Ok(()) }
}

/// Whether a variable changes how `hr` itself works.
fn is_own(name: &str, value: &str, hr: &str) -> bool {
    let finds_hr = hr.starts_with('/') || value.contains("$PATH") || value.contains("${PATH}");
    match name {
        "PATH" => !finds_hr,
        _ => OWN_VARIABLES.iter().any(|own| match own.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *own,
        }),
    }
}

/// Says how a command changes the way in which the shell runs others, if it does.
pub(super) fn unsettling(call: Call<'_>) -> Option<Why> {
    let words = call.words.iter().map(|word| word.text.as_str());
    let mut words = words.skip_while(|word| matches!(*word, "command" | "builtin" | "noglob"));
    let first = words.next()?;
    let traces = |word: &str| {
        let letters = word.strip_prefix('-').filter(|word| !word.starts_with('-'));
        letters.is_some_and(|letters| letters.contains(['x', 'v', 'n', 't', 'k', 'r']))
            || matches!(word, "xtrace" | "verbose" | "noexec" | "onecmd" | "keyword")
    };
    let unsettles = UNSETTLING.contains(&first) || (first == "set" && words.any(traces));
    unsettles.then(|| Why::Unsettling(first.to_owned()))
}

/// Says why a command is left as it is; otherwise it may run under `hr`, and that is worth it.
pub(super) fn judge(source: &str, call: Call<'_>, how: &How<'_>) -> Result<(), Why> {
    let (Some(first), Some(last)) = (call.words.first(), call.words.last()) else { return Err(Why::Empty) };
    let own = call.env.iter().find(|(name, value)| is_own(name, value, how.hr));
    if let Some((name, _)) = own {
        return Err(Why::Variable(name.clone()));
    }
    if BUILTINS.contains(&call.first()) || FUNCTIONS.contains(&call.first()) {
        return Err(Why::Builtin(call.first().to_owned()));
    }
    let substitutes = |word: &Word| !word.fixed && (word.text.contains("<(") || word.text.contains(">("));
    if !first.fixed || call.words.iter().any(substitutes) {
        return Err(Why::Unknown(first.text.clone()));
    }
    talks(source, call)?;
    if !call.redirects.iter().all(stays_visible) {
        return Err(Why::Redirected(call.first().to_owned()));
    }
    let written = &source[first.span.start..last.span.end];
    let printed = who_printed(written).ok_or_else(|| Why::Unknown(call.first().to_owned()))?;
    let mut reason = Why::Little(call.first().to_owned());
    if printed.reads_file {
        return Err(Why::File(call.first().to_owned()));
    }
    for candidate in &printed.candidates {
        if is_loud(written, candidate, how.rules) {
            let is_program = call.first().contains('/') || (how.is_program)(call.first());
            return if is_program { Ok(()) } else { Err(Why::NoProgram(call.first().to_owned())) };
        }
        if !is_little(candidate) {
            reason = reason.or(Why::Unknown(candidate.tool.clone()));
        }
    }
    Err(reason)
}

/// Says why a command cannot have its output held back: it talks with somebody, or goes on elsewhere.
pub(super) fn talks(source: &str, call: Call<'_>) -> Result<(), Why> {
    talks_at(source, call, 0)
}

fn talks_at(source: &str, call: Call<'_>, depth: usize) -> Result<(), Why> {
    let (Some(first), Some(last)) = (call.words.first(), call.words.last()) else { return Ok(()) };
    let words = call.texts();
    let name = || first.text.clone();
    if is_interactive(&words, call.stdin()) {
        return Err(Why::Interactive(name()));
    }
    match launched(words.clone(), Vec::new()) {
        Launched::Line(inner, _) => holds_no_surprise(&inner, depth)?,
        Launched::Program(program) if is_interactive(&program.words, call.stdin()) => {
            return Err(Why::Interactive(program.tool));
        }
        Launched::Program(_) => {}
    }
    let end = program_end(&words);
    // The launchers, and the program itself.
    if let Some(word) = words[..end].iter().find(|word| ELSEWHERE.contains(&base(word))) {
        return Err(Why::Elsewhere(word.clone()));
    }
    let asks = |word: &String| matches!(word.as_str(), "-S" | "--stdin" | "-A" | "--askpass" | "-b" | "--background");
    if words.iter().any(|word| base(word) == "sudo") && words[..end].iter().any(asks) {
        return Err(Why::Elsewhere("sudo".into()));
    }
    let printed = who_printed(&source[first.span.start..last.span.end]);
    let talker = |call: &&Invocation| is_interactive(&call.words, Stdin::Other) || may_serve(call);
    match printed.iter().flat_map(|printed| &printed.candidates).find(talker) {
        Some(talker) => Err(Why::Interactive(talker.tool.clone())),
        None => Ok(()),
    }
}

/// Whether a program may be a server, which prints what is waited for and does not end.
fn may_serve(call: &Invocation) -> bool {
    let is_target = |word: &str| {
        let target = word.rsplit(':').next().unwrap_or(word).to_ascii_lowercase();
        TARGETS_OF_SERVERS.iter().any(|start| target.starts_with(start)) && !target.contains("test")
    };
    match call.tool.as_str() {
        // What follows `run` is the name of a script.
        "npm" | "yarn" | "pnpm" | "bun" => {
            call.args().iter().any(|word| !matches!(word.as_str(), "run" | "run-script") && is_target(word))
        }
        tool if TARGET_RUNNERS.contains(&tool) => {
            call.args().iter().any(|word| is_target(word) || word == "up" || word.starts_with("exec:"))
        }
        tool => call.subcommand().is_some_and(|subcommand| SERVES.contains(&format!("{tool} {subcommand}").as_str())),
    }
}

/// How many of the words are launchers and the program itself; all of them when a shell reads some again.
fn program_end(words: &[String]) -> usize {
    if words.is_empty() {
        return 0;
    }
    match launched(words.to_vec(), Vec::new()) {
        Launched::Line(..) => words.len(),
        Launched::Program(program) => words.len().saturating_sub(program.args().len()),
    }
}

/// Looks into a line that a command hands to a shell.
fn holds_no_surprise(inner: &str, depth: usize) -> Result<(), Why> {
    let line = Line::parse_strictly(inner).map_err(Why::NotUnderstood)?;
    if segments::has_background(&line) {
        return Err(Why::Background);
    }
    let mut result = Ok(());
    segments::each_call(&line, &mut |call| {
        if result.is_ok() && depth < MAX_DEPTH {
            result = leaves_alone(call, "hr").and_then(|()| talks_at(inner, call, depth + 1));
        }
    });
    result
}

/// Whether a redirection leaves what is printed where it was, or throws standard error away.
fn stays_visible(redirect: &Redirect) -> bool {
    let target = redirect.target.text.as_str();
    match (redirect.kind, redirect.fd) {
        (RedirectKind::Copy, 2) => target == "1",
        (RedirectKind::Write, 2) => target == "/dev/null",
        (RedirectKind::Read, 0) => target != "/dev/tty",
        _ => false,
    }
}

/// Whether a command prints what is worth compacting: a rule names it, or it is known to print much.
pub(super) fn is_loud(written: &str, call: &Invocation, rules: &RuleSet) -> bool {
    if is_little(call) {
        return false;
    }
    let printed = Printed { candidates: vec![call.clone()], certain: true, reads_file: false };
    MUCH.contains(&call.tool.as_str()) || rules.names(written, &printed).is_some()
}

/// Whether a command prints a line or two, or nothing.
fn is_little(call: &Invocation) -> bool {
    let asks_version = matches!(call.args(), [only] if matches!(only.as_str(), "--version" | "-V" | "-version"));
    let listed = LITTLE.iter().any(|little| match little.split_once(' ') {
        Some((tool, subcommand)) => call.tool == tool && call.subcommand() == Some(subcommand),
        None => call.tool == *little,
    });
    listed || asks_version || call.is_quiet()
}

/// The name of a program without its folder.
fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}
