//! Which project rules the user trusts: a list of the hashes of their texts, in a file of the user's own.
//!
//! A line is a BLAKE3 hash, two blanks, and the file that had the text when it was trusted, as `sha256sum` writes it. Only
//! the hash counts: a changed file is another text.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use super::error::CliError;
use super::home::home;

/// A text that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The hash of the text, in hexadecimal digits.
    pub hash: String,
    /// The file that had it.
    pub file: String,
}

/// The texts that are trusted.
#[derive(Debug, Default)]
pub struct Trusted {
    /// In the order they were trusted.
    pub entries: Vec<Entry>,
}

/// The hash of a rule's text.
pub fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

impl Trusted {
    /// Reads the list; there is none at first.
    pub fn read() -> Result<Self, CliError> {
        let path = path()?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(CliError::input(format!("cannot read `{}`: {error}", path.display()))),
        };
        let entry = |line: &str| {
            let (hash, file) = line.split_once("  ")?;
            Some(Entry { hash: hash.to_string(), file: file.to_string() })
        };
        Ok(Self { entries: text.lines().filter_map(entry).collect() })
    }

    /// Whether a text is trusted.
    pub fn has(&self, text: &str) -> bool {
        let hash = hash(text);
        self.entries.iter().any(|entry| entry.hash == hash)
    }

    /// Writes the list, whole or not at all.
    pub fn write(&self) -> Result<(), CliError> {
        let path = path()?;
        let failed = |error: std::io::Error| CliError::input(format!("cannot write `{}`: {error}", path.display()));
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        for Entry { hash, file: name } in &self.entries {
            writeln!(file, "{hash}  {name}").map_err(failed)?;
        }
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

fn path() -> Result<PathBuf, CliError> {
    home().map(|home| home.join("trusted-rules"))
}
