//! A path that is made anew for each run.
//!
//! Folders for temporary files have a drawn part in their names (`/tmp/tmp.Xq3v9Z`, `/var/folders/…/T/`,
//! `AppData\Local\Temp`), so that a prompt that names one differs from run to run. A plain name below `/tmp` stays what it
//! is and passes.
//!
//! Example: `Working directory: /tmp/tmp.k3J9sQ2xLm`.
//!
//! What to do: name a fixed folder, or say the path in the first user message.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "temp-path",
    severity: Severity::Warning,
    advice: "name a fixed folder, or say the path in the first user message",
    counted: None,
    is_secret: false,
    source: documented!("temp_path.rs"),
    look: Look::Text(look),
};

/// Where temporary files are.
const FOLDERS: [&str; 4] = ["/tmp/", MAC, "/run/user/", "\\AppData\\Local\\Temp\\"];
const MAC: &str = "/var/folders/";
static FINDERS: LazyLock<[Finder<'_>; 4]> = LazyLock::new(|| FOLDERS.map(Finder::new));

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"/\\._-+:".contains(&byte);
    for (folder, finder) in FOLDERS.into_iter().zip(&*FINDERS) {
        let mut free = 0;
        for at in finder.find_iter(text.bytes()) {
            let start = at - text.run_before(at, is_inside);
            let path =
                text.text[start..start + text.run_from(start, is_inside)].trim_end_matches(['.', ':', '/', '\\']);
            let behind = path.get(at - start + folder.len()..).unwrap_or_default();
            let is_made = if folder == MAC {
                // A user's folder is named by two letters and about thirty drawn ones.
                behind.split('/').nth(1).is_some_and(|name| name.len() >= 20)
            } else {
                let parts = behind.split(['/', '\\', '.', '-', '_']).collect::<Vec<_>>();
                let is_by_name =
                    |two: &[&str]| two[0] == "tmp" && two[1].len() >= 6 || two[0] == "of" && two[1].len() > 1;
                let is_of_python = |name: &str| name.len() == 11 && name.starts_with("tmp");
                parts.iter().any(|part| is_drawn(part))
                    || behind.split(['/', '\\']).any(is_of_python)
                    || parts.windows(2).any(is_by_name)
            };
            if is_made && start >= free {
                spots.push(Spot::at(start..start + path.len()));
                free = start + path.len();
            }
        }
    }
}

/// Whether chance made a part of a name: digits among letters or capitals among small letters, more than once.
fn is_drawn(part: &str) -> bool {
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let changes = part.as_bytes().windows(2).filter(|two| kind(two[0]) != kind(two[1])).count();
    let letters = part.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = part.bytes().any(|byte| byte.is_ascii_digit());
    part.len() >= 6 && (changes >= if digits { 3 } else { 4 } && letters || !letters && part.len() >= 7)
}
