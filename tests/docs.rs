//! What is committed for readers says what the program does: completions, the README's commands, tables and rule keys.
//!
//! `HR_BLESS=1 cargo test --test tests docs -- --test-threads 1` writes what is generated: completions, and in the README
//! the output of commands and the table of tools. What a person has to write is only compared.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum;
use hr::cli::commands::completions::Shell;
use hr::rule::{Layer, Source, built_in_sources};
use similar::TextDiff;

/// The command that makes generated files true again.
const BLESS: &str = "HR_BLESS=1 cargo test --test tests docs -- --test-threads 1";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Compares a committed file with what it should be, or writes it.
fn assert_is(file: &str, wanted: &str) {
    let path = root().join(file);
    if std::env::var_os("HR_BLESS").is_some_and(|value| value == "1") {
        fs::write(path, wanted).unwrap();
        return;
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let difference = TextDiff::from_lines(committed.as_str(), wanted);
    let difference = difference.unified_diff().header(&format!("{file} as committed"), "as it is").to_string();
    assert!(committed == wanted, "`{file}` is out of date; this writes it: {BLESS}\n{difference}");
}

#[test]
fn completions_are_the_programs() {
    for shell in Shell::value_variants() {
        let script = String::from_utf8(shell.script()).unwrap();
        assert_is(&format!("completions/{}", shell.file()), &script);
    }
    let committed = fs::read_dir(root().join("completions")).unwrap().count();
    assert_eq!(committed, Shell::value_variants().len(), "every file in completions/ belongs to a shell");
}

#[test]
fn every_subcommand_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man");
    let out = Command::new(env!("CARGO_BIN_EXE_hr")).args(["man", "--out"]).arg(&pages).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let mut names = vec![String::from("hr")];
    names.extend(subcommands().iter().map(|name| format!("hr-{name}")));
    for name in names {
        let page = fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{name}");
    }
}

/// The program's subcommands.
fn subcommands() -> BTreeSet<String> {
    hr::cli::command().get_subcommands().map(|command| command.get_name().to_string()).collect()
}

#[test]
fn readme_table_has_every_tool() {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, _) in built_in_sources() {
        let (group, tool) = id.split_once('/').unwrap();
        groups.entry(group).or_default().push(tool);
    }
    let mut table = String::from("\n| group | rules |\n| --- | --- |\n");
    for (group, mut tools) in groups {
        tools.sort_unstable();
        let _ = writeln!(table, "| {group} | {} |", tools.join(", "));
    }
    let _ = writeln!(table, "\nThese are {} rules.\n", built_in_sources().count());
    let text = readme();
    let (start, end) = ("<!-- generated from rules/ -->\n", "<!-- end -->\n");
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    assert_is("README.md", &[before, start, &table, end, after].concat());
}

#[test]
fn readme_table_has_every_command() {
    let text = readme();
    let section = section(&text, "Commands");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `hr "));
    let named =
        rows.filter_map(|row| row.split(['`', ' ']).next()).filter(|word| word.starts_with(char::is_alphabetic));
    assert_eq!(named.map(ToString::to_string).collect::<BTreeSet<_>>(), subcommands());
}

#[test]
fn readme_names_every_option() {
    let text = readme();
    let mut missing = Vec::new();
    let mut look = |command: &clap::Command, name: &str| {
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let flag = format!("--{option}");
            if !has_word(&text, &flag) {
                missing.push(format!("{name} {flag}"));
            }
        }
    };
    let mut waiting = vec![(String::from("hr"), hr::cli::command())];
    while let Some((name, command)) = waiting.pop() {
        look(&command, &name);
        waiting.extend(command.get_subcommands().map(|sub| (format!("{name} {}", sub.get_name()), sub.clone())));
    }
    assert!(missing.is_empty(), "the README does not say what these are for: {missing:#?}");
}

#[test]
fn readme_names_every_rule_key() {
    let text = readme();
    let section = section(&text, "Rules");
    let code = code(section);
    let missing = rule_keys().into_iter().filter(|key| !has_word(&code, key)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "the README's section on rules does not name these keys in code: {missing:?}");
}

#[test]
fn readme_names_every_variable() {
    let text = readme();
    let variables = variables();
    assert!(variables.contains("HR_HOME"), "{variables:?}");
    let missing = variables.into_iter().filter(|name| !has_word(&text, name)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "the README does not name these variables: {missing:?}");
}

/// The text from a heading of the second level to the next.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let start = text.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("the README has no `## {heading}`"));
    let body = &text[start + 1..];
    body.find("\n## ").map_or(body, |end| &body[..end])
}

/// What stands in backticks and fences.
fn code(markdown: &str) -> String {
    let mut code = String::new();
    for (at, part) in markdown.split("```").enumerate() {
        let spans = part.split('`').skip(1).step_by(2);
        let found = if at % 2 == 1 { part.to_string() } else { spans.collect::<Vec<_>>().join("\n") };
        let _ = writeln!(code, "{found}");
    }
    code
}

/// Whether a word is in a text and not only a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(belongs) && !text[at + word.len()..].starts_with(belongs))
}

/// The keys of rule files, from the structs that serde reads.
fn rule_keys() -> BTreeSet<String> {
    let source = fs::read_to_string(root().join("src/rule/file.rs")).unwrap();
    let mut renamed = None;
    let mut keys = BTreeSet::new();
    for line in source.lines().map(str::trim) {
        if let Some((_, name)) = line.split_once("rename = \"") {
            renamed = name.split('"').next().map(ToString::to_string);
        }
        let field = line.strip_prefix("pub ").and_then(|field| field.split_once(": "));
        if let Some((name, _)) = field.filter(|(name, _)| !name.contains([' ', '('])) {
            keys.insert(renamed.take().unwrap_or_else(|| name.replace('_', "-")));
        }
    }
    assert!(keys.len() > 40 && keys.contains("match") && keys.contains("on-failure"), "{keys:?}");
    keys
}

/// The environment variables of our own that the source names.
fn variables() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in rust_files(&root().join("src")) {
        let source = fs::read_to_string(file).unwrap();
        let quoted = source.split('"').filter(|text| {
            text.starts_with("HR_")
                && text.len() > 3
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        });
        found.extend(quoted.map(ToString::to_string));
    }
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn readme_commands_print_what_it_says() {
    let text = readme();
    let place = Place::new(&text);
    let mut wanted = String::new();
    let mut lines = text.lines().peekable();
    let mut ran = 0;
    while let Some(line) = lines.next() {
        let _ = writeln!(wanted, "{line}");
        if line != "```console" {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            if let Some(command) = line.strip_prefix("$ ") {
                let _ = writeln!(wanted, "{line}");
                wanted.push_str(&place.run(command));
                ran += 1;
            }
        }
    }
    assert!(ran > 5, "the README shows the program at work");
    assert_is("README.md", &wanted);
}

/// A folder like a project of the reader's, with a home of its own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// The project holds `fixtures` and the README's complete rules (`id = 'group/tool'`) where the text says to put them.
    fn new(readme: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        fs::create_dir_all(&project).unwrap();
        std::os::unix::fs::symlink(root().join("fixtures"), project.join("fixtures")).unwrap();
        for block in readme.split("\n```toml\n").skip(1) {
            let block = &block[..block.find("\n```").unwrap() + 1];
            let Some(id) = block.lines().find_map(|line| line.strip_prefix("id = '")) else { continue };
            let file = project.join(".hr/rules").join(id.split('\'').next().unwrap()).with_extension("toml");
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, block).unwrap();
        }
        Self { folder }
    }

    /// Runs a line of a shell; both streams, as a terminal would show them.
    fn run(&self, line: &str) -> String {
        let home = self.folder.path();
        let program = Path::new(env!("CARGO_BIN_EXE_hr")).parent().unwrap();
        let path = std::env::join_paths(
            std::iter::once(program.to_path_buf()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {line}")])
            .current_dir(home.join("project"))
            .stdin(Stdio::null())
            .env("PATH", path.unwrap())
            .env("HOME", home)
            .env("HR_HOME", home.join("hr"))
            .env("LC_ALL", "C")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_DATA_HOME")
            .env_remove("HR")
            .env_remove("HR_ACTIVE")
            .output();
        let mut text = String::from_utf8(output.unwrap().stdout).unwrap();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }
}

#[test]
fn readme_has_the_two_commands_that_set_everything_up() {
    let text = readme();
    for command in ["cargo run --release -- run -- git log --stat", "bash tests/run"] {
        assert!(text.lines().any(|line| line == command), "the README has no line `{command}`");
    }
}

#[test]
fn readme_rules_can_be_used() {
    let text = readme();
    let mut checked = 0;
    for block in text.split("\n```toml\n").skip(1) {
        let block = &block[..block.find("\n```").unwrap() + 1];
        let head = if block.contains("id = '") { "" } else { "id = 'a/part'\nsummary = 'a part of a rule'\n" };
        let source = Source { file: "README.md".into(), text: format!("{head}{block}"), layer: Layer::User };
        let errors = hr::rule::check(&source);
        assert!(errors.is_none(), "{errors:?} in:\n{block}");
        checked += 1;
    }
    assert!(checked >= 2, "{checked}");
}
