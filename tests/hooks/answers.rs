//! Answers on machines that a test cannot have: with settings of an administrator.

use hr::hooks::agents::Agent;
use hr::hooks::setup::{Base, Place};
use hr::hooks::{Compacted, Did, Output, Surroundings, answer};
use hr::rule::RuleSet;

/// A machine with these files by their whole path, and every program.
struct Machine {
    files: Vec<(&'static str, &'static str)>,
    rules: RuleSet,
}

impl Surroundings for Machine {
    fn hr(&self) -> &'static str {
        "hr"
    }

    fn rules(&self) -> &RuleSet {
        &self.rules
    }

    fn file(&self, place: &Place) -> Result<Option<String>, String> {
        let here = self.files.iter().find(|(path, _)| place.base == Base::Root && *path == place.path);
        Ok(here.map(|(_, text)| (*text).to_owned()))
    }

    fn files(&self, folder: &Place, ending: &str, most: usize) -> Result<Vec<String>, String> {
        let here = |path: &str| {
            let name = path.strip_prefix(folder.path).and_then(|rest| rest.strip_prefix('/'));
            folder.base == Base::Root && name.is_some_and(|name| name.ends_with(ending) && !name.contains('/'))
        };
        let texts = self.files.iter().filter(|(path, _)| here(path)).map(|(_, text)| (*text).to_owned());
        Ok(texts.take(most).collect())
    }

    fn is_program(&self, _: &str) -> bool {
        true
    }

    fn compact(&self, _: &Output<'_>) -> Option<Compacted> {
        None
    }
}

fn rewrites(agent: &str, payload: &str, files: &[(&'static str, &'static str)]) -> bool {
    let machine = Machine { files: files.to_vec(), rules: RuleSet::built_in() };
    let did = answer(Agent::named(agent).unwrap(), payload.as_bytes(), &machine).did;
    matches!(did, Did::Rewritten(_))
}

#[test]
fn rules_of_the_administrator_hold() {
    let claude = r#"{"transcript_path":"/t","cwd":"/p","permission_mode":"auto","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"npm test"}}"#;
    let codex = r#"{"turn_id":"1","model":"m","permission_mode":"default","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"npm test"}}"#;
    let deny = r#"{"permissions":{"deny":["Bash(npm:*)"]}}"#;
    let other = r#"{"permissions":{"deny":["Bash(yarn:*)"]}}"#;
    for (agent, payload, path, text, expected) in [
        ("claude-code", claude, "/etc/claude-code/managed-settings.json", deny, false),
        ("claude-code", claude, "/etc/claude-code/managed-settings.d/20-npm.json", deny, false),
        ("claude-code", claude, "/etc/claude-code/managed-settings.d/20-npm.json", other, true),
        ("claude-code", claude, "/etc/claude-code/managed-settings.d/20-npm.json", "{", false),
        ("claude-code", claude, "/Library/Application Support/ClaudeCode/managed-settings.d/a.json", deny, false),
        ("claude-code", claude, "/Library/Managed Preferences/com.anthropic.claudecode.plist", "<plist/>", false),
        ("codex", codex, "/etc/codex/rules/company.rules", r#"prefix_rule(["npm"], decision="prompt")"#, false),
        ("codex", codex, "/etc/codex/rules/company.rules", r#"prefix_rule(["yarn"], decision="prompt")"#, true),
        ("codex", codex, "/etc/codex/requirements.toml", r#"pattern = [{ token = "npm" }]"#, false),
    ] {
        assert_eq!(rewrites(agent, payload, &[(path, text)]), expected, "{path}: {text}");
    }
}

#[test]
fn what_claude_code_looks_into_stays() {
    let settings = [("/etc/claude-code/managed-settings.json", r#"{"permissions":{"allow":["Bash"]}}"#)];
    let rewritten = |mode: &str, command: &str| {
        let payload = format!(
            r#"{{"transcript_path":"/t","cwd":"/p","permission_mode":"{mode}","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{{"command":"{command}"}}}}"#
        );
        rewrites("claude-code", &payload, &settings)
    };
    for command in [
        "cat /etc/shadow",
        "cat a.log",
        "sudo cat x.log",
        "rg x",
        "find . -name x",
        "diff a b",
        "git grep x",
        "git diff --no-index a b",
        "ls -la",
        "cd src && cargo test",
        "cargo test /q/x",
        "cargo test ~/x",
        "cargo test --x=/q",
        "cargo test a/../../x",
        "/opt/cargo test",
    ] {
        assert!(!rewritten("default", command), "{command}");
    }
    for command in ["cargo test", "npm ci && npm test", "pytest /p/tests", "go test ./..."] {
        assert!(rewritten("default", command), "{command}");
        assert!(!rewritten("plan", command), "{command}");
    }
}
