//! What the usual text tools do to the text that runs through them in a pipeline, and which of them print a file as it
//! is. A flat table, and the few questions it cannot answer without looking at the tool's script.

use super::Invocation;
use super::options::{Told, Where};

/// What a pipeline stage does to the text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Passes it on as it is.
    Same,
    /// Drops, reorders or marks lines: what is left still looks like before.
    Lines,
    /// Prints something of its own.
    New,
    /// Prints nothing.
    Nothing,
}

/// A tool that works on text from standard input or from files.
struct TextTool {
    tools: &'static [&'static str],
    /// Options that take a value.
    with_value: &'static [&'static str],
    /// How many operands stand before the files: sed's script, grep's pattern.
    scripts: usize,
    /// Options that stand for these operands.
    script_options: &'static [&'static str],
    /// What it does to standard input.
    effect: Effect,
    /// Options with which it prints something of its own.
    new_with: &'static [&'static str],
    /// Options with which it prints nothing.
    nothing_with: &'static [&'static str],
    /// Whether it prints its files as they are.
    reads: bool,
}

const fn text_tool(tools: &'static [&'static str], effect: Effect, with_value: &'static [&'static str]) -> TextTool {
    TextTool {
        tools,
        with_value,
        scripts: 0,
        script_options: &[],
        effect,
        new_with: &[],
        nothing_with: &[],
        reads: false,
    }
}

const fn reader(tools: &'static [&'static str], effect: Effect, with_value: &'static [&'static str]) -> TextTool {
    TextTool { reads: true, ..text_tool(tools, effect, with_value) }
}

const fn searcher(tools: &'static [&'static str]) -> TextTool {
    TextTool {
        scripts: 1,
        script_options: &["-e", "--regexp", "-f", "--file"],
        new_with: &["-c", "--count", "-o", "--only-matching", "-l", "--files-with-matches", "-L", "--json"],
        nothing_with: &["-q", "--quiet", "--silent"],
        ..text_tool(
            tools,
            Effect::Lines,
            &[
                "-e",
                "--regexp",
                "-f",
                "--file",
                "-A",
                "--after-context",
                "-B",
                "--before-context",
                "-C",
                "--context",
                "-m",
                "--max-count",
                "--color",
                "-g",
                "--glob",
                "-t",
                "--type",
            ],
        )
    }
}

const TEXT_TOOLS: &[TextTool] = &[
    reader(&["cat", "gcat"], Effect::Same, &[]),
    reader(
        &["bat", "batcat"],
        Effect::Same,
        &["-l", "--language", "-r", "--line-range", "-H", "--style", "--theme", "--color", "--paging"],
    ),
    reader(&["less", "more", "most"], Effect::Same, &["-p", "-P", "-n#"]),
    reader(&["head", "ghead"], Effect::Lines, &["-n", "--lines", "-c", "--bytes"]),
    reader(&["tail", "gtail"], Effect::Lines, &["-n", "--lines", "-c", "--bytes", "-s", "--pid"]),
    reader(&["nl"], Effect::Lines, &["-b", "-f", "-h", "-i", "-l", "-n", "-s", "-v", "-w"]),
    reader(&["tac", "get-content", "gc"], Effect::Lines, &[]),
    TextTool {
        scripts: 1,
        script_options: &["-e", "--expression", "-f", "--file"],
        nothing_with: &["-i", "--in-place"],
        ..reader(&["sed", "gsed"], Effect::Lines, &["-e", "--expression", "-f", "--file", "-l"])
    },
    TextTool {
        scripts: 1,
        script_options: &["-f", "--file"],
        ..reader(
            &["awk", "gawk", "mawk", "nawk"],
            Effect::Lines,
            &["-f", "--file", "-F", "--field-separator", "-v", "--assign"],
        )
    },
    searcher(&["grep", "egrep", "fgrep", "zgrep", "ggrep", "rg", "ag", "ack", "ugrep"]),
    text_tool(&["tee"], Effect::Same, &[]),
    text_tool(&["pv"], Effect::Same, &["-s", "-L", "-N", "-i"]),
    text_tool(&["stdbuf", "unbuffer"], Effect::Same, &[]),
    text_tool(
        &["sort", "gsort"],
        Effect::Lines,
        &["-k", "--key", "-t", "--field-separator", "-o", "-S", "-T", "--parallel"],
    ),
    TextTool { new_with: &["-c", "--count"], ..text_tool(&["uniq"], Effect::Lines, &["-f", "-s", "-w"]) },
    text_tool(&["shuf"], Effect::Lines, &["-n", "--head-count"]),
    text_tool(
        &["ts", "fold", "fmt", "expand", "unexpand", "strings", "dos2unix", "unix2dos"],
        Effect::Lines,
        &["-w", "-n", "-t"],
    ),
    text_tool(&["col", "colrm", "ansi2txt", "strip-ansi", "iconv"], Effect::Lines, &["-f", "-t", "-l"]),
    TextTool { scripts: 1, ..text_tool(&["tr", "gtr"], Effect::New, &[]) },
    text_tool(
        &["cut", "gcut"],
        Effect::New,
        &["-b", "--bytes", "-c", "--characters", "-d", "--delimiter", "-f", "--fields"],
    ),
    text_tool(&["sponge", "pbcopy", "xclip", "wl-copy", "clip"], Effect::Nothing, &["-selection"]),
    text_tool(
        &["hr"],
        Effect::Lines,
        &["--format", "--facts", "--budget", "--query", "--kind", "--rule", "--command", "--exit-code"],
    ),
];

/// Commands that print nothing unless they fail.
const QUIET: &[&str] = &[
    ":",
    "true",
    "false",
    "[",
    "test",
    "cd",
    "pushd",
    "popd",
    "set",
    "unset",
    "export",
    "declare",
    "local",
    "readonly",
    "typeset",
    "alias",
    "unalias",
    "shopt",
    "setopt",
    "source",
    ".",
    "trap",
    "umask",
    "ulimit",
    "exit",
    "return",
    "shift",
    "break",
    "continue",
    "let",
    "read",
    "wait",
    "sleep",
    "mkdir",
    "rmdir",
    "rm",
    "cp",
    "mv",
    "ln",
    "touch",
    "chmod",
    "chown",
    "sync",
    "kill",
    "hash",
    "conda activate",
    "git add",
    "disown",
];

/// Options with which these print after all.
const LOUD: &[&str] = &["-v", "--verbose", "--version", "--help"];

/// What a call does when text is piped into it; a tool that reads files instead prints something of its own.
pub(super) fn effect(call: &Invocation, stdin_is_text: bool) -> Effect {
    let Some(tool) = find(call) else { return Effect::New };
    let told = Told::new(call.args(), tool.with_value, Where::Anywhere);
    if told.has(tool.nothing_with) {
        return Effect::Nothing;
    }
    if !stdin_is_text || (reads_operands(tool) && has_files(tool, call, &told)) || told.has(tool.new_with) {
        return Effect::New;
    }
    match call.tool.trim_start_matches('g') {
        "cat" | "bat" if told.options.iter().any(|option| !option.is("-u")) => Effect::Lines,
        "cut" if cuts_line_ends(&told) => Effect::Lines,
        "tr" if told.has(&["-d", "-s", "--delete", "--squeeze-repeats"]) => Effect::Lines,
        "awk" | "mawk" | "nawk" if !awk_prints_lines(call, &told) => Effect::New,
        _ => tool.effect,
    }
}

/// Says whether a call prints a file as it is, or parts of it; `gets_file` says that one comes from outside its words.
///
/// A log is a file too, but nobody edits one.
pub(super) fn reads_file(call: &Invocation, gets_file: bool) -> bool {
    match call.tool.as_str() {
        "git" => return git_reads_file(call),
        "find" | "fd" | "fdfind" => return runs_reader(call),
        _ => {}
    }
    let Some(tool) = find(call).filter(|tool| tool.reads) else { return false };
    let told = Told::new(call.args(), tool.with_value, Where::Anywhere);
    let prints = !told.has(tool.nothing_with) && (!call.tool.ends_with("awk") || awk_prints_lines(call, &told));
    prints && (gets_file || has_files(tool, call, &told))
}

/// Says whether a call prints nothing when it succeeds.
pub(super) fn is_quiet(call: &Invocation) -> bool {
    let told = Told::new(call.args(), &[], Where::Anywhere);
    let listed = QUIET.iter().any(|quiet| match quiet.split_once(' ') {
        Some((tool, subcommand)) => call.tool == tool && call.subcommand() == Some(subcommand),
        None => call.tool == *quiet,
    });
    let edits = find(call).is_some_and(|tool| tool.tools.contains(&"sed") && told.has(tool.nothing_with));
    (listed || edits) && !told.has(LOUD)
}

/// Says whether a call makes the shell print every command it runs.
pub(super) fn traces(call: &Invocation) -> bool {
    call.tool == "set" && Told::new(call.args(), &["-o"], Where::Leading).has(&["-x", "-v"])
}

fn find(call: &Invocation) -> Option<&'static TextTool> {
    TEXT_TOOLS.iter().find(|tool| tool.tools.contains(&call.tool.as_str()))
}

/// Says whether the operands are files to read: `tee` writes them and `tr` takes characters.
fn reads_operands(tool: &TextTool) -> bool {
    !tool.tools.iter().any(|name| matches!(*name, "tee" | "tr"))
}

fn has_files(tool: &TextTool, call: &Invocation, told: &Told<'_>) -> bool {
    let scripts = if told.has(tool.script_options) { 0 } else { tool.scripts };
    told.operands.iter().skip(scripts).any(|&index| call.args()[index] != "-" && !is_log(&call.args()[index]))
}

/// Says whether a file is a log by its name: `a.log`, `a.log.1`, `/var/log/messages`.
fn is_log(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(|letter: char| letter.is_ascii_digit());
    name.ends_with(".log") || name.ends_with(".log.") || path.starts_with("/var/log/")
}

/// `cut -c 1-200` shortens long lines and leaves the rest as it was.
fn cuts_line_ends(told: &Told<'_>) -> bool {
    let range = told.find(&["-c", "--characters", "-b", "--bytes"]).and_then(|option| option.value);
    range.is_some_and(|range| range.starts_with("1-") || range.starts_with('-'))
}

/// Says whether an awk script prints whole lines.
fn awk_prints_lines(call: &Invocation, told: &Told<'_>) -> bool {
    if told.has(&["-f", "--file"]) {
        return false;
    }
    let Some(&index) = told.operands.first() else { return false };
    let script = &call.args()[index];
    let bare = script.replace(char::is_whitespace, "");
    !script.contains('{') || bare.contains("$0") || bare.contains("{print}") || bare.contains("{print;")
}

/// `git show REV:PATH` and `git cat-file -p REV:PATH` print a file.
fn git_reads_file(call: &Invocation) -> bool {
    let prints = matches!(call.subcommand(), Some("show" | "cat-file"));
    prints && call.positionals().skip(1).any(|word| word.split_once(':').is_some_and(|(_, path)| !path.is_empty()))
}

/// `find … -exec cat {} +` prints files.
fn runs_reader(call: &Invocation) -> bool {
    let run =
        call.args().windows(2).find(|words| ["-exec", "-execdir", "-x", "-X", "--exec"].contains(&words[0].as_str()));
    run.is_some_and(|words| TEXT_TOOLS.iter().any(|tool| tool.reads && tool.tools.contains(&words[1].as_str())))
}
