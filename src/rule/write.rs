//! Writes rules as TOML, the way people write them: scalars first, then when it applies, then what it does.
//!
//! Keys stand in the order of `file.rs`, and keys that say what is so anyway are left out. What is written reads back as
//! the same rule.

use serde_json::{Map, Value};

use super::file::RuleFile;

/// Keys whose 0 says what is so anyway.
const ZERO_IS_DEFAULT: [&str; 7] = ["priority", "head", "tail", "before", "after", "indented", "first"];

/// Writes a rule; `comments` are the lines above it.
pub fn toml(rule: &RuleFile, comments: &[String]) -> String {
    let mut out = comments.iter().map(|line| comment(line)).collect::<String>();
    // Rules are plain data, except for an exit status that could not be read, which no rule that was compiled has.
    let Ok(Value::Object(rule)) = serde_json::to_value(rule) else { return out };
    let mut rule = without_defaults(rule);
    let is_table = |value: &Value| match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    };
    let tables = rule.iter().filter(|(_, value)| is_table(value)).map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let tables = tables.into_iter().filter_map(|key| rule.shift_remove_entry(&key)).collect::<Vec<_>>();
    keys(&rule, &mut out);
    for (key, value) in tables {
        match value {
            Value::Array(items) => items.iter().for_each(|item| table(&format!("[[{key}]]"), item, &mut out)),
            value => table(&format!("[{key}]"), &value, &mut out),
        }
    }
    out
}

/// A line of a comment, whatever stands in it.
fn comment(line: &str) -> String {
    let line = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    format!("# {}", line.trim()).trim_end().to_string() + "\n"
}

fn table(heading: &str, value: &Value, out: &mut String) {
    out.push_str(&format!("\n{heading}\n"));
    let Value::Object(value) = value else { return };
    keys(value, out);
}

fn keys(table: &Map<String, Value>, out: &mut String) {
    for (key, value) in table {
        let text = match value {
            Value::String(text) if text.contains('\n') => block(text),
            other => inline(other),
        };
        out.push_str(&format!("{key} = {text}\n"));
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(table) if table.is_empty() => "{}".into(),
        Value::Object(table) => {
            let keys = table.iter().map(|(key, value)| format!("{key} = {}", inline(value)));
            format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A text in single quotes where it can be, since patterns are full of backslashes.
pub(super) fn string(text: &str) -> String {
    let is_plain = !text.contains(|c: char| c == '\'' || c.is_control());
    if is_plain { format!("'{text}'") } else { toml::Value::String(text.to_string()).to_string() }
}

/// A text of several lines, as it is where it can be.
fn block(text: &str) -> String {
    let is_plain =
        !text.contains("'''") && !text.ends_with('\'') && !text.contains(|c: char| c.is_control() && c != '\n');
    if is_plain { format!("'''\n{text}'''") } else { string(text) }
}

/// Without what is so anyway. An empty step, such as `dedupe = {}`, says something.
fn without_defaults(table: Map<String, Value>) -> Map<String, Value> {
    let mut left = Map::new();
    for (key, value) in table {
        let value = match value {
            Value::Object(inner) => Value::Object(without_defaults(inner)),
            Value::Array(items) => Value::Array(items.into_iter().map(in_list).collect()),
            other => other,
        };
        let is_default = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Number(number) => number.as_u64() == Some(0) && ZERO_IS_DEFAULT.contains(&key.as_str()),
            Value::Array(items) => items.is_empty(),
            Value::Object(inner) => inner.is_empty() && key == "match",
            _ => false,
        };
        if !is_default {
            left.insert(key, value);
        }
    }
    left
}

fn in_list(value: Value) -> Value {
    if let Value::Object(inner) = value { Value::Object(without_defaults(inner)) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let source = "id = 'a/b'\nsummary = \"it's\\tso\"\npriority = -3\nwhole = true\n\n[match]\ntool = ['a', 'b']\nexit-code = [1, '3-5', 'nonzero']\nunless = { argv-any = ['-q'] }\n\n[[step]]\ndedupe = { window = 0 }\n\n[[step]]\nshort = { lines = ['^ok \\d+$'], message = 'ok' }\n\n[[on-failure]]\nwindow = { tail = 4 }\n\n[[fact]]\nname = 'n'\npattern = \"'x'\"\nvalue = 'count'\n\n[[test]]\nname = 't'\nexit-code = 0\ninput = '''\nok 1\nok 2\n'''\n";
        let rule: RuleFile = toml::from_str(source).unwrap();
        assert_eq!(toml(&rule, &[]), source);
        let commented = toml(&rule, &["one\nline".into(), String::new()]);
        assert_eq!(commented, format!("# one line\n#\n{source}"));
    }
}
