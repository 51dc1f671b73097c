//! Finds the files of sessions: those that are named, and those in folders that are named.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::output;

/// The most bytes a file may have.
const LARGEST: u64 = 1 << 30;

/// A file to read.
pub(super) struct Found {
    path: PathBuf,
    /// What the reader calls it: below the folder that was named.
    pub name: String,
    /// Whether it was named itself, so that it has to be a session.
    pub is_named: bool,
}

/// A file that could not be read, and why.
pub(super) struct Unread {
    pub name: String,
    pub why: String,
}

impl Unread {
    pub(super) fn complain(&self) {
        output::complain(&format!("hr: {}: {}", self.name, self.why));
    }
}

/// Finds the files in the order in which they are named, those of a folder in the order of their names.
pub(super) fn find(paths: &[String]) -> (Vec<Found>, Vec<Unread>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for name in paths {
        let path = PathBuf::from(name);
        match fs::metadata(&path) {
            Ok(about) if about.is_dir() => {
                let mut files = Vec::new();
                collect(&path, &mut files);
                files.sort();
                found.extend(files.into_iter().map(|file| {
                    let name = file.strip_prefix(&path).unwrap_or(&file).display().to_string();
                    Found { path: file, name, is_named: false }
                }));
            }
            Ok(_) => found.push(Found { path, name: name.clone(), is_named: true }),
            Err(error) => unread.push(Unread { name: name.clone(), why: error.to_string() }),
        }
    }
    (found, unread)
}

/// The files of JSON below a folder; links are not followed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        let is_json =
            path.extension().is_some_and(|ending| ["json", "jsonl", "traj"].iter().any(|known| ending == *known));
        if kind.is_dir() {
            collect(&path, files);
        } else if kind.is_file() && is_json {
            files.push(path);
        }
    }
}

/// Reads a file; bytes that are not UTF-8 become U+FFFD.
pub(super) fn read(file: &Found) -> Result<String, String> {
    let size = fs::metadata(&file.path).map_err(|error| error.to_string())?.len();
    if size > LARGEST {
        return Err(format!("{} MiB, and at most {} MiB are read", size >> 20, LARGEST >> 20));
    }
    let bytes = fs::read(&file.path).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}
