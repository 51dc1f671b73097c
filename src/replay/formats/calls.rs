//! Calls of tools: which command line stands for one, and how its arguments read as text.

use std::fmt::Write;

use serde_json::Value;

use crate::command::quoted;

/// What a tool does, as far as it decides what its result looks like.
enum Sort {
    Shell,
    Read,
    Search,
}

/// Tools of agents by name, in lower case and without signs between words.
const TOOLS: &[(&str, Sort)] = &[
    ("bash", Sort::Shell),
    ("shell", Sort::Shell),
    ("sh", Sort::Shell),
    ("localshell", Sort::Shell),
    ("localshellcall", Sort::Shell),
    ("containerexec", Sort::Shell),
    ("execcommand", Sort::Shell),
    ("shellcommand", Sort::Shell),
    ("runshellcommand", Sort::Shell),
    ("runterminalcmd", Sort::Shell),
    ("runinterminal", Sort::Shell),
    ("runcommand", Sort::Shell),
    ("executecommand", Sort::Shell),
    ("executebash", Sort::Shell),
    ("execute", Sort::Shell),
    ("terminal", Sort::Shell),
    ("read", Sort::Read),
    ("readfile", Sort::Read),
    ("view", Sort::Read),
    ("viewfile", Sort::Read),
    ("openfile", Sort::Read),
    ("grep", Sort::Search),
    ("grepsearch", Sort::Search),
    ("searchfilecontent", Sort::Search),
];

/// The command line of a call, or one that prints the like of it; `None` for tools that are nothing like a command.
pub(crate) fn command(tool: &str, input: &Value) -> Option<String> {
    let sort = sort(tool)?;
    let first = |keys: &[&str]| keys.iter().map(|key| &input[*key]).find(|value| !value.is_null());
    match sort {
        Sort::Shell => line(first(&["command", "cmd", "script", "CommandLine"])?),
        Sort::Read => {
            let path = first(&["file_path", "filePath", "path", "absolute_path", "target_file"])?.as_str()?;
            Some(format!("cat {}", quoted(path)))
        }
        Sort::Search => {
            let pattern = first(&["pattern", "query", "regex"])?.as_str()?;
            Some(format!("rg {}", quoted(pattern)))
        }
    }
}

/// Whether a tool is a shell.
pub(super) fn is_shell(tool: &str) -> bool {
    matches!(sort(tool), Some(Sort::Shell))
}

fn sort(tool: &str) -> Option<&'static Sort> {
    let name: String = tool.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    TOOLS.iter().find(|(known, _)| *known == name).map(|(_, sort)| sort)
}

/// A command line that is a string, or a list of words, with a shell's `-c` line taken out of it.
pub(super) fn line(value: &Value) -> Option<String> {
    let words = match value {
        Value::String(line) => return Some(line.clone()),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        _ => return None,
    };
    match &words[..] {
        [] => None,
        [shell, flags, line] if shell.ends_with("sh") && flags.starts_with('-') && flags.ends_with('c') => {
            Some((*line).to_owned())
        }
        _ => Some(words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")),
    }
}

/// Writes arguments as lines: a name before what is no text, texts as they are.
pub(super) fn spell(value: &Value, key: Option<&str>, text: &mut String) {
    match value {
        Value::String(value) => {
            text.push_str(value);
            text.push('\n');
        }
        Value::Array(values) => values.iter().for_each(|value| spell(value, key, text)),
        Value::Object(values) => values.iter().for_each(|(key, value)| spell(value, Some(key), text)),
        Value::Number(_) | Value::Bool(_) => {
            let _ = writeln!(text, "{} {value}", key.unwrap_or_default());
        }
        Value::Null => {}
    }
}
