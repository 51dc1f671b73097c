//! What was recorded once: command lines by name, so that a recording that is gone can be made again.
//!
//! One line for each recording, added with a single write, so that processes do not disturb each other. The file is
//! bounded: when it is long it becomes the older half, and the older half before it is forgotten.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files;
use crate::store::{Handle, Meta};

/// How long one half gets, in bytes.
const HALF: u64 = 512 << 10;
/// How much of a command line is remembered, in bytes.
const COMMAND: usize = 1000;

#[derive(Serialize, Deserialize)]
struct Line {
    handle: String,
    unix_time: u64,
    command: Option<String>,
}

fn newer(root: &Path) -> PathBuf {
    root.join("history.jsonl")
}

fn older(root: &Path) -> PathBuf {
    root.join("history.old.jsonl")
}

/// Remembers a recording; when that fails the recording is as good as before.
pub(super) fn append(root: &Path, handle: &Handle, meta: &Meta) {
    let command = meta.command.as_deref().map(shortened);
    let line = Line { handle: handle.to_hex(), unix_time: meta.unix_time, command };
    if let (Ok(mut file), Ok(mut text)) = (files::appendable(&newer(root)), serde_json::to_vec(&line)) {
        text.push(b'\n');
        let _ = file.write(&text);
    }
}

fn shortened(command: &str) -> String {
    if command.len() <= COMMAND {
        return command.to_owned();
    }
    let end = (0..=COMMAND).rfind(|at| command.is_char_boundary(*at)).unwrap_or(0);
    format!("{} ...", &command[..end])
}

/// Finds the newest recording whose name starts with these digits, and what printed it.
pub(super) fn find(root: &Path, digits: &str) -> Option<Option<String>> {
    [newer(root), older(root)].iter().find_map(|path| {
        let text = fs::read(path).ok()?;
        let lines = text.rsplit(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        let named = |line: &Line| Handle::from_hex(&line.handle).is_some_and(|handle| handle.starts_with(digits));
        lines.into_iter().find(named).map(|line| line.command)
    })
}

/// Makes the newer half the older one when it is long; one process at a time.
pub(super) fn shorten(root: &Path) {
    if fs::metadata(newer(root)).is_ok_and(|metadata| metadata.len() > HALF) {
        let _ = fs::rename(newer(root), older(root));
    }
}

/// Forgets everything.
pub(super) fn forget(root: &Path) {
    for path in [newer(root), older(root)] {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_commands_are_cut_between_characters() {
        assert_eq!(shortened("make"), "make");
        let long = "x".repeat(COMMAND - 1) + "\u{e9}\u{e9}";
        assert_eq!(shortened(&long), "x".repeat(COMMAND - 1) + " ...");
    }
}
