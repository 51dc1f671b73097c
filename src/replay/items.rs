//! What an agent can take from a text and use: paths, line numbers, identifiers, values.
//!
//! Only what cannot be a word of a sentence counts: names with an underscore, a hump or dashes of an option, paths with a
//! folder or a known ending, numbers of four digits, versions, hashes. Names that every program of a language has
//! (`__init__`) are no evidence.

use std::fmt;

use serde::Serialize;

/// Something that can be taken from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item<'t> {
    /// A path, or the end of one, or the name of a file.
    Path(&'t str),
    /// A line of a file, by the file's name; empty when it is not known.
    Line(&'t str, u32),
    /// A name of a program: a function, a variable, a test, an option.
    Identifier(&'t str),
    /// A number, a version, a hash, a date.
    Value(&'t str),
}

/// What an item is, for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    Path,
    Line,
    Identifier,
    Value,
}

impl<'t> Item<'t> {
    /// What it is.
    pub fn sort(self) -> Sort {
        match self {
            Self::Path(_) => Sort::Path,
            Self::Line(..) => Sort::Line,
            Self::Identifier(_) => Sort::Identifier,
            Self::Value(_) => Sort::Value,
        }
    }

    /// The text to look for; a line number says too little without its place.
    pub fn text(self) -> Option<&'t str> {
        match self {
            Self::Path(text) | Self::Identifier(text) | Self::Value(text) => Some(text),
            Self::Line(..) => None,
        }
    }
}

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(text) | Self::Identifier(text) | Self::Value(text) => f.write_str(text),
            Self::Line("", number) => write!(f, "line {number}"),
            Self::Line(file, number) => write!(f, "{file}:{number}"),
        }
    }
}

/// Finds the items of a text but its line numbers; of a path all its ends as well.
pub fn each<'t>(text: &'t str, mut found: impl FnMut(Item<'t>)) {
    for chunk in chunks(text) {
        of_chunk(chunk, &mut |item| match item {
            Item::Path(path) => ends(path).for_each(|end| found(Item::Path(end))),
            _ => found(item),
        });
    }
}

/// Finds the items that somebody who wrote a text used, each with the shorter ways to name it, longest first.
pub fn used<'t>(text: &'t str, mut found: impl FnMut(&[Item<'t>])) {
    for chunk in chunks(text) {
        of_chunk(chunk, &mut |item| match item {
            Item::Path(path) => found(&ends(path).map(Item::Path).collect::<Vec<_>>()),
            _ => found(&[item]),
        });
    }
}

/// A path and what is left of it behind each slash, as long as it is a path still.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    let behind = path.match_indices('/').map(|(at, _)| &path[at + 1..]);
    std::iter::once(path).chain(behind).filter(|end| is_path(end))
}

/// The runs of characters that words of programs are made of.
pub(super) fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_./-~@+".contains(c))).filter(|chunk| chunk.len() >= 4)
}

fn of_chunk<'t>(chunk: &'t str, found: &mut dyn FnMut(Item<'t>)) {
    let is_option = chunk.starts_with("--");
    let chunk = chunk.trim_end_matches(['.', '-', '+', '@', '~', '/']);
    let chunk = chunk.trim_start_matches(['-', '+', '@']);
    let chunk = chunk.strip_prefix("./").unwrap_or(chunk);
    if is_option && chunk.contains('-') {
        found(Item::Identifier(chunk));
    } else if is_path(chunk) {
        found(Item::Path(chunk));
    } else if is_value(chunk) {
        found(Item::Value(chunk));
    } else {
        let names = chunk.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        names.filter(|name| is_identifier(name)).for_each(|name| found(Item::Identifier(name)));
    }
}

/// Endings by which a name without a folder is known as a file's.
const ENDINGS: &[&str] = &[
    "py",
    "pyi",
    "rst",
    "txt",
    "cfg",
    "toml",
    "ini",
    "js",
    "mjs",
    "cjs",
    "ts",
    "tsx",
    "jsx",
    "rs",
    "go",
    "java",
    "c",
    "h",
    "cc",
    "cpp",
    "cxx",
    "hpp",
    "cs",
    "html",
    "htm",
    "css",
    "scss",
    "md",
    "json",
    "jsonl",
    "yaml",
    "yml",
    "sh",
    "xml",
    "lock",
    "log",
    "csv",
    "sql",
    "rb",
    "php",
    "kt",
    "kts",
    "swift",
    "scala",
    "ipynb",
    "mod",
    "sum",
    "gradle",
    "properties",
    "conf",
    "env",
    "proto",
    "vue",
    "svelte",
    "ex",
    "exs",
    "erl",
    "hs",
    "ml",
    "lua",
    "zig",
    "tf",
    "pl",
];

/// Whether a chunk is a path: a name with a known ending, or folders that are no `either/or`.
pub(super) fn is_path(chunk: &str) -> bool {
    let name = chunk.rsplit('/').next().unwrap_or(chunk);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_file = !stem.is_empty() && ENDINGS.contains(&ending);
    if !chunk.contains('/') {
        return is_file;
    }
    let body = chunk.trim_start_matches(['~', '/', '.']);
    let has_letters = body.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_rooted = body.len() < chunk.len() && body.contains('/');
    has_letters && (is_file || is_rooted || chunk.matches('/').count() > 1 || body.contains(['_', '.']))
}

/// Whether a chunk is a number of four digits, a version, a date, a hash.
fn is_value(chunk: &str) -> bool {
    let digits = chunk.bytes().filter(u8::is_ascii_digit).count();
    let is_number = chunk.starts_with(|c: char| c.is_ascii_digit())
        && chunk.len() >= 4
        && chunk.bytes().all(|byte| byte.is_ascii_hexdigit() || b".-+x_TZ".contains(&byte));
    let is_hash = chunk.len() >= 7
        && chunk.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-');
    digits > 0 && (is_number || is_hash)
}

/// Whether a word is one that programs have and sentences do not.
fn is_identifier(word: &str) -> bool {
    let inner = word.trim_matches('_');
    let has_hump = inner.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    let is_dunder = word.starts_with("__") && word.ends_with("__");
    inner.len() >= 4
        && !is_dunder
        && inner.bytes().any(|byte| byte.is_ascii_alphabetic())
        && (inner.contains('_') || has_hump || word.starts_with('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<String> {
        let mut items = Vec::new();
        used(text, |ways| items.push(format!("{:?} {}", ways[0].sort(), ways[0])));
        items
    }

    #[test]
    fn what_sentences_do_not_have_is_an_item() {
        let table = [
            ("Let me look at ./src/app/main.rs, and/or config.yaml.", "Path src/app/main.rs|Path config.yaml"),
            ("self.assert_loaded(fooBar) in __init__", "Identifier assert_loaded|Identifier fooBar"),
            ("version 5.2.1 of 2024-10-24, commit d12a71a", "Value 5.2.1|Value 2024-10-24|Value d12a71a"),
            ("pass --no-cache-dir, 120 times; 1707 left", "Identifier no-cache-dir|Value 1707"),
            ("The facade was added. True/False, input/output", ""),
        ];
        for (text, wanted) in table {
            assert_eq!(items(text).join("|"), wanted, "{text}");
        }
    }

    #[test]
    fn the_ends_of_a_path_name_it_too() {
        let mut ends = Vec::new();
        each("/testbed/app/db/models.py:12", |item| ends.push(item.to_string()));
        assert_eq!(
            ends,
            ["/testbed/app/db/models.py", "testbed/app/db/models.py", "app/db/models.py", "db/models.py", "models.py"]
        );
    }
}
