//! The name of a machine or of a user.
//!
//! A prompt that says where it runs differs from machine to machine, and in containers from run to run, since their host
//! name is drawn. Found behind `Hostname:` and `Container id:`, in prompts of shells (`root@3b050c10f92d:`), and as the
//! owner of a home folder (`/home/NAME`, `/Users/NAME`, `C:\Users\NAME`), names for examples left out.
//!
//! Example: `Hostname: 3b050c10f92d`.
//!
//! What to do: leave it out; write `~` for the home folder.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Severity, Text};

use super::hex_hash::is_hexadecimal;

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "host-name",
    severity: Severity::Warning,
    advice: "leave it out, or say it in the first user message; `~` is the home folder",
    counted: None,
    is_secret: false,
    source: documented!("host_name.rs"),
    look: Look::Text(look),
};

/// What comes before the name of a machine or a user.
const LABELS: [&str; 10] = [
    "hostname",
    "host name",
    "host",
    "machine name",
    "machine",
    "computer name",
    "container id",
    "container",
    "username",
    "logged in as",
];

/// How long the drawn name of a container is.
const CONTAINER: usize = 12;

/// Names that examples use, and those of images.
const EXAMPLES: &[&str] = &[
    "user",
    "username",
    "you",
    "your",
    "yourname",
    "me",
    "name",
    "someone",
    "somebody",
    "alice",
    "bob",
    "john",
    "jane",
    "jdoe",
    "johndoe",
    "janedoe",
    "foo",
    "bar",
    "test",
    "tester",
    "example",
    "admin",
    "root",
    "ubuntu",
    "debian",
    "ec2",
    "node",
    "app",
    "apps",
    "dev",
    "developer",
    "runner",
    "vscode",
    "codespace",
    "gitpod",
    "coder",
    "docker",
    "project",
    "projects",
    "workspace",
    "user1",
    "user2",
    "public",
    "shared",
    "localhost",
    "myuser",
    "agent",
    "claude",
    "codex",
    "sandbox",
];

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    containers(text, spots);
    homes(text, spots);
}

/// Drawn names: hexadecimal digits behind a label, or between `@` and `:`.
fn containers(text: &Text<'_>, spots: &mut Vec<Spot>) {
    for word in &text.words {
        let name = text.word(*word);
        let before = text.before(word.start, 24);
        let label = before.trim_end_matches([' ', ':', '=', '"', '\'', '`', '*']);
        let is_labelled = label.len() < before.len() && LABELS.iter().any(|known| label.ends_with(known));
        let is_prompt = before.ends_with('@') && matches!(text.right(word.end), Some(b':' | b' '));
        let is_drawn = word.len() == CONTAINER && is_hexadecimal(name);
        if is_drawn && (is_labelled || is_prompt) {
            spots.push(Spot::at(word.range()).with(Severity::Error));
        } else if is_labelled && word.digits * 3 >= word.len() && word.len() >= 8 && !word.is_number() {
            spots.push(Spot::at(word.range()));
        }
    }
}

/// Where home folders are.
const HOMES: [&str; 3] = ["/home/", "/Users/", "\\Users\\"];

/// Owners of home folders.
fn homes(text: &Text<'_>, spots: &mut Vec<Spot>) {
    static FINDERS: LazyLock<[Finder<'_>; 3]> = LazyLock::new(|| HOMES.map(Finder::new));
    for (folder, finder) in HOMES.into_iter().zip(&*FINDERS) {
        for at in finder.find_iter(text.bytes()) {
            let start = at + folder.len();
            let length = text.run_from(start, |byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
            let name = text.text[start..start + length].trim_end_matches(['.', '-', '_']);
            let first = name.split(['.', '-', '_']).next().unwrap_or_default().to_ascii_lowercase();
            let is_path =
                text.left(at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"._-/}>)]".contains(&byte))
                    || folder.starts_with('\\');
            let goes_on = matches!(text.right(start + length), Some(b'/' | b'\\'));
            if is_path && goes_on && name.len() >= 2 && !EXAMPLES.contains(&first.as_str()) {
                spots.push(Spot::at(start..start + name.len()));
            }
        }
    }
}
