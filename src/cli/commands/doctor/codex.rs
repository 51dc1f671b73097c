//! Whether Codex runs its hooks: whether they are on, and whether the user trusts these very ones.
//!
//! Codex keeps for each hook, by its file and place in it, the hash of what was trusted; one that changed runs no more.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Report;
use super::installed::{File, text};
use crate::cli::agent_files;
use crate::hooks::setup::Place;

/// Looks at Codex's own settings.
pub(super) fn look(files: &[File], report: &mut Report) {
    let user = Place::moved("CODEX_HOME", ".codex", "config.toml");
    let mut trusted = toml::Table::new();
    for (place, is_user) in [(user, true), (Place::project(".codex/config.toml"), false)] {
        let Some(path) = agent_files::path(&place, &agent_files::project()) else { continue };
        let name = path.display();
        let config = match text(&path) {
            Ok(None) => continue,
            Ok(Some(text)) => toml::from_str::<toml::Table>(&text).map_err(|error| error.message().to_owned()),
            Err(why) => Err(why),
        };
        match config {
            Ok(config) => {
                let features = config.get("features").and_then(toml::Value::as_table);
                let is_off =
                    |key: &&str| features.and_then(|on| on.get(*key)).and_then(toml::Value::as_bool) == Some(false);
                if let Some(key) = ["hooks", "codex_hooks"].iter().find(|key| is_off(key)) {
                    report.ill(&format!("{name}: no hook is called, for `features.{key}` is false"));
                }
                if is_user {
                    trusted = state(&config).unwrap_or_default();
                }
            }
            Err(why) => report.ill(&format!("{name}: Codex cannot read it: {why}")),
        }
    }
    let mut all = true;
    for (file, entry) in files.iter().flat_map(|file| file.entries.iter().map(move |entry| (file, entry))) {
        for (place, hook) in entry.value["hooks"].as_array().into_iter().flatten().enumerate() {
            let event = snake(entry.event);
            let key = |path: &str| format!("{path}:{event}:{}:{place}", entry.place);
            let whole = fs::canonicalize(Path::new(&file.path)).map(|path| path.display().to_string());
            let known = trusted.get(&key(&file.path)).or_else(|| trusted.get(&key(&whole.ok()?)));
            let why = match known {
                Some(known) if known.get("enabled").and_then(toml::Value::as_bool) == Some(false) => "it is disabled",
                Some(known) => match known.get("trusted_hash").and_then(toml::Value::as_str) {
                    Some(trusted) if hash(&event, &entry.value, hook).is_none_or(|hash| hash == trusted) => continue,
                    Some(_) => "it changed since you trusted it",
                    None => "you have not trusted it",
                },
                None => "you have not trusted it",
            };
            all = false;
            let fix = "start `codex` and enter `/hooks`";
            report.ill(&format!("{}: Codex does not run `{}`, for {why}: {fix}", file.path, entry.event));
        }
    }
    if all {
        report.ok("Codex trusts it");
    }
}

/// What is kept about hooks.
fn state(config: &toml::Table) -> Option<toml::Table> {
    config.get("hooks")?.get("state")?.as_table().cloned()
}

/// `PostToolUse` as `post_tool_use`.
fn snake(event: &str) -> String {
    let mut snake = String::new();
    for c in event.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// The hash by which Codex knows a hook; nothing for one with members that `hr init` does not write.
fn hash(event: &str, group: &Value, hook: &Value) -> Option<String> {
    let known = ["type", "command", "timeout"];
    let is_known = hook.as_object()?.keys().all(|key| known.contains(&key.as_str()));
    let (command, matcher) = (hook["command"].as_str()?, group["matcher"].as_str()?);
    if !is_known {
        return None;
    }
    let timeout = hook["timeout"].as_u64().unwrap_or(600);
    let hook = json!({"async": false, "command": command, "timeout": timeout, "type": "command"});
    let identity = json!({"event_name": event, "hooks": [hook], "matcher": matcher}).to_string();
    let mut hash = String::from("sha256:");
    for byte in Sha256::digest(identity) {
        let _ = write!(hash, "{byte:02x}");
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_has_the_hash_that_codex_gives_it() {
        // As Codex 0.169.0 answers `hooks/list`.
        let hook = json!({"type": "command", "command": "hr hook codex; exit 0", "timeout": 10});
        let group = json!({"matcher": "^Bash$", "hooks": [hook]});
        let hash = hash(&snake("PostToolUse"), &group, &group["hooks"][0]);
        assert_eq!(hash.as_deref(), Some("sha256:cea1bbeabe628d670d9c0861f385843ee1504e3228570af1d1944aae2a76318e"));
    }
}
