//! Reads the files that are named, patterns among them; what cannot be read is told, and the others are checked.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::cache_check::Form;

/// The most bytes a prompt may have: more than the context of any model.
const LARGEST: u64 = 32 << 20;

/// A file as it was read.
pub(super) struct Input {
    /// As it was named.
    pub name: String,
    pub text: String,
    pub form: Form,
}

/// A file that could not be read, and why.
pub(super) struct Unread {
    pub name: String,
    pub why: String,
}

/// Reads files in the order in which they are named; those of a pattern in the order of their names.
pub(super) fn read(names: &[String], form: Form) -> (Vec<Input>, Vec<Unread>) {
    let (mut inputs, mut unread) = (Vec::new(), Vec::new());
    for name in names {
        for name in expanded(name) {
            match text(&name) {
                Ok(text) => {
                    let form = form_of(&name, form);
                    inputs.push(Input { name, text, form });
                }
                Err(why) => unread.push(Unread { name, why }),
            }
        }
    }
    (inputs, unread)
}

/// The files that a pattern stands for; a name that is no pattern, or of a file, stands for itself.
fn expanded(name: &str) -> Vec<String> {
    if name == "-" || Path::new(name).exists() || !name.contains(['*', '?', '[']) {
        return vec![name.to_owned()];
    }
    let found = glob::glob(name).into_iter().flatten().flatten().filter(|path| path.is_file());
    let found = found.map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>();
    if found.is_empty() { vec![name.to_owned()] } else { found }
}

/// What the name says that it is, unless that was said.
fn form_of(name: &str, said: Form) -> Form {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match (said, extension) {
        (Form::Auto, "json") => Form::Json,
        (Form::Auto, "jsonl" | "ndjson") => Form::Lines,
        (Form::Auto, "md" | "markdown" | "txt") => Form::Text,
        _ => said,
    }
}

fn text(name: &str) -> Result<String, String> {
    let bytes = if name == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        bytes
    } else {
        let about = fs::metadata(name).map_err(|error| error.to_string())?;
        if about.is_dir() {
            return Err(format!("a folder; name its files, such as `{}/**/*.md`", name.trim_end_matches('/')));
        }
        if about.len() > LARGEST {
            return Err(too_large(about.len()));
        }
        // What has no size may have no end.
        let mut bytes = Vec::new();
        let file = fs::File::open(name).map_err(|error| error.to_string())?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        bytes
    };
    if bytes.len() as u64 > LARGEST {
        return Err(too_large(bytes.len() as u64));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + memchr::memchr_iter(b'\n', &error.as_bytes()[..at]).count();
        format!("not UTF-8 from byte {at} on (line {line}); convert it first")
    })?;
    // What some editors put in front is no text.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn too_large(bytes: u64) -> String {
    format!("{} MiB, and no model takes more than {} MiB of prompt", bytes >> 20, LARGEST >> 20)
}
