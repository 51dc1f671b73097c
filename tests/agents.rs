//! `hr hook`, `hr init` and `hr doctor`: recorded payloads give these very bytes, and the files of agents keep what others
//! wrote in them.
//!
//! A case is a folder `fixtures/hook/AGENT/CASE`: `cmd` (the command, and where the payload is from; `# complains` when
//! standard error says why nothing is changed), `input`, `expected`, and what is in the folders `home` and `project`.
//! `HR_BLESS=1 cargo test --test tests -- agents::` writes `expected`.
#![cfg(unix)]

mod init;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use hr::hooks::agents::{AGENTS, Agent, Rewrites};
use hr::hooks::setup::{Change, INSTRUCTIONS, Scope, Wanted};
use serde_json::Value;

const HR: &str = env!("CARGO_BIN_EXE_hr");

/// A home and a project of their own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "project/.git", "bin"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        // Only what is in `PATH` is rewritten.
        for name in ["cargo", "npm", "pytest", "git", "docker"] {
            std::os::unix::fs::symlink("/bin/sh", folder.path().join("bin").join(name)).unwrap();
        }
        Self { folder }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    /// The program, found as `hr` in `PATH`.
    fn hr(&self, args: &[&str]) -> Command {
        let mut command = Command::new(HR);
        command.arg0("hr").args(args).current_dir(self.at("project"));
        let path = format!("{}:{}:/usr/bin:/bin", self.at("bin").display(), Path::new(HR).parent().unwrap().display());
        command.env_clear().env("PATH", path).env("HOME", self.at("home")).env("HR_HOME", self.at("hr"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child = self.hr(args).spawn().unwrap();
        // Whoever does not read its input has not asked for it.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    /// What the program prints when all is well.
    fn says(&self, args: &[&str]) -> String {
        let output = self.run(args, b"");
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The cases: the agent and the folder.
fn cases() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hook");
    let mut cases = Vec::new();
    for agent in fs::read_dir(root).unwrap().map(|entry| entry.unwrap()) {
        for case in fs::read_dir(agent.path()).unwrap().map(|entry| entry.unwrap()) {
            cases.push((agent.file_name().into_string().unwrap(), case.path()));
        }
    }
    cases.sort();
    cases
}

#[test]
fn payloads_give_these_very_answers() {
    let mut wrong = Vec::new();
    for (agent, case) in cases() {
        let name = case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
        let cmd = fs::read_to_string(case.join("cmd")).unwrap();
        assert!(
            cmd.starts_with(&format!("hr hook {agent}\n# ")),
            "{name}/cmd: the command, and where the payload is from"
        );
        let place = Place::new();
        copy(&case.join("home"), &place.at("home"));
        copy(&case.join("project"), &place.at("project"));
        let input = fs::read(case.join("input")).unwrap();
        let output = place.run(&["hook", &agent], &input);
        assert_eq!(output.status.code(), Some(0), "{name}");
        let complaints = text(&output.stderr).lines().count();
        assert_eq!(complaints, usize::from(cmd.contains("\n# complains\n")), "{name}: {}", text(&output.stderr));
        // The program is not in a standard folder here, so that its path is in command lines.
        let answer = text(&output.stdout).replace(HR, "hr");
        assert!(serde_json::from_str::<Value>(&answer).unwrap().is_object() && answer.lines().count() == 1, "{name}");
        if std::env::var_os("HR_BLESS").is_some() {
            fs::write(case.join("expected"), &answer).unwrap();
        }
        let expected = fs::read_to_string(case.join("expected")).unwrap_or_default();
        if answer != expected {
            wrong.push(format!("{name}:\n  expected {expected}  answered {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_agent_with_hooks_has_cases_and_answers_its_probes() {
    let with_cases = cases().into_iter().map(|(agent, _)| agent).collect::<BTreeSet<_>>();
    let with_hooks =
        AGENTS.iter().filter(|agent| agent.has_hooks()).map(|agent| agent.name.to_string()).collect::<BTreeSet<_>>();
    assert_eq!(with_cases, with_hooks);
    for agent in AGENTS.iter().filter(|agent| agent.has_hooks()) {
        assert!(!agent.probes.is_empty(), "{}", agent.name);
        assert!(agent.replaces || agent.rewrites != Rewrites::Never, "{} does nothing", agent.name);
        let place = Place::new();
        for probe in agent.probes {
            let output = place.run(&["hook", agent.name], probe.as_bytes());
            assert_eq!(text(&output.stderr), "", "{}", agent.name);
            assert_eq!(
                probe.contains("\"command\":\"env\""),
                text(&output.stdout).contains("/hr run -t -- env"),
                "{}",
                agent.name
            );
        }
        assert!(!place.at("hr/hooks").exists(), "{}: a probe leaves no trace", agent.name);
    }
}

#[test]
fn what_was_rewritten_or_compacted_is_left_the_second_time() {
    let place = Place::new();
    let read = |case: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hook/claude-code").join(case).join("input");
        serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()
    };
    let answer = |payload: &Value| {
        let output = place.run(&["hook", "claude-code"], payload.to_string().as_bytes());
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["hookSpecificOutput"].clone()
    };
    let mut before = read("before-without-questions");
    before["tool_input"] = answer(&before)["updatedInput"].clone();
    assert_eq!(before["tool_input"]["command"], format!("{HR} run -t -- cargo test"));
    assert_eq!(answer(&before), Value::Null);
    let mut after = read("after-compacted");
    after["tool_response"] = answer(&after)["updatedToolOutput"].clone();
    assert!(after["tool_response"]["stdout"].as_str().unwrap().contains("[hr show "));
    assert_eq!(answer(&after), Value::Null);
    let handle =
        after["tool_response"]["stdout"].as_str().unwrap().rsplit("[hr show ").next().unwrap()[..8].to_string();
    let original = place.says(&["show", &handle]);
    assert_eq!(original, read("after-compacted")["tool_response"]["stdout"].as_str().unwrap());
}

#[test]
fn a_program_in_a_folder_with_a_blank_is_called_by_one_word() {
    let place = Place::new();
    let folder = tempfile::tempdir_in(Path::new(HR).parent().unwrap()).unwrap();
    let program = folder.path().join("my tools/hr");
    fs::create_dir(program.parent().unwrap()).unwrap();
    fs::hard_link(HR, &program).unwrap();
    let payload = serde_json::json!({
        "session_id": "s", "transcript_path": "/dev/null", "cwd": place.at("project"), "permission_mode": "auto",
        "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "cargo test"}, "tool_use_id": "t"
    });
    let mut child = Command::new(&program)
        .args(["hook", "claude-code"])
        .env_clear()
        .env("PATH", place.at("bin"))
        .env("HOME", place.at("home"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(payload.to_string().as_bytes()).unwrap();
    let answer: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    let line = &answer["hookSpecificOutput"]["updatedInput"]["command"];
    assert_eq!(line, &Value::from(format!("'{}' run -t -- cargo test", program.display())));
}

#[test]
fn a_session_is_not_shown_again_what_is_in_its_context() {
    let place = Place::new();
    let file: String = (0..80).map(|at| format!("price_{at} = compute_price({at})\n")).collect();
    let send = |payload: serde_json::Value| {
        let output = place.run(&["hook", "claude-code"], payload.to_string().as_bytes());
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let event = |name: &str, more: Value| {
        let mut payload = serde_json::json!({
            "session_id": "s1", "transcript_path": "/dev/null", "cwd": place.at("project"), "permission_mode": "auto",
            "hook_event_name": name, "tool_name": "Bash", "tool_use_id": "t"
        });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        send(payload)
    };
    let read = |more: Value| {
        let mut payload = serde_json::json!({
            "tool_input": {"command": "cat prices.py"},
            "tool_response": {"stdout": file, "stderr": "", "interrupted": false, "isImage": false}
        });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event("PostToolUse", payload)
    };
    let none = serde_json::json!({});
    let start = |source: &str| event("SessionStart", serde_json::json!({ "source": source }));
    let shown = |answer: Value| answer["hookSpecificOutput"]["updatedToolOutput"]["stdout"].as_str().map(str::to_owned);
    // Who does not say when a context is emptied is shown everything.
    assert_eq!([read(none.clone()), read(none.clone()), start("startup")], [none.clone(), none.clone(), none.clone()]);
    assert_eq!(read(none.clone()), none);
    let again = shown(read(none.clone())).unwrap();
    assert!(again.starts_with("[hr: lines 1-80 shown before]\n[hr show "), "{again}");
    // A subagent has a context of its own.
    assert_eq!(read(serde_json::json!({"agent_id": "a1"})), none);
    let rewritten = event("PreToolUse", serde_json::json!({"tool_input": {"command": "cargo test"}}));
    let line = &rewritten["hookSpecificOutput"]["updatedInput"]["command"];
    assert!(line.as_str().unwrap().contains("run -t --session s1 -- cargo test"), "{line}");
    // What other commands of the line print may fill the result, which the agent cuts then.
    let rewritten = event("PreToolUse", serde_json::json!({"tool_input": {"command": "cargo test; git log"}}));
    let line = &rewritten["hookSpecificOutput"]["updatedInput"]["command"];
    assert!(
        line.as_str().unwrap().ends_with("run -t -- git log") && !line.as_str().unwrap().contains("--session"),
        "{line}"
    );
    assert_eq!([start("compact"), read(none.clone())], [none.clone(), none.clone()]);
    assert!(shown(read(none)).is_some());
}

#[test]
fn a_payload_that_never_ends_is_answered_within_a_second_or_so() {
    let place = Place::new();
    let mut child = place.hr(&["hook", "claude-code"]).spawn().unwrap();
    let stdin = child.stdin.take();
    let started = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    drop(stdin);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "{}\n"));
    assert!(text(&output.stderr).contains("within a second"));
}

#[test]
fn whatever_the_arguments_the_answer_changes_nothing_and_the_status_is_0() {
    let place = Place::new();
    for args in [&["hook"][..], &["hook", "nobody"], &["hook", "claude-code", "--new-option", "PreToolUse"]] {
        let output = place.run(args, b"{}");
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "{}\n"), "{args:?}");
        assert_eq!(text(&output.stderr).lines().count(), 1, "{args:?}");
    }
    let payload = AGENTS[0].probes[0];
    let mut off = place.hr(&["hook", "claude-code"]);
    let mut child = off.env("HR", "off").spawn().unwrap();
    child.stdin.take().unwrap().write_all(payload.as_bytes()).unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), "{}\n");
}

/// Files as people have them: comments, an order of their own, entries of others.
const SETTINGS: &str = "{\n  // mine\n  \"zeta\": 1, \"alpha\": [1,2],\n  \"hooks\": {\n    \"PreToolUse\": [\n      { \"matcher\": \"Edit\", \"hooks\": [{ \"type\": \"command\", \"command\": \"fmt.sh\" }] }, // keep\n    ],\n    \"Stop\": []\n  }\n}\n";

/// What is in a folder, by path.
fn tree(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                found.push((entry.display().to_string(), fs::read_to_string(entry).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_agent_is_set_up_once_and_taken_out_without_a_trace() {
    for agent in AGENTS {
        for options in [&[][..], &["--project"]] {
            let place = Place::new();
            for file in [
                ".claude/settings.json",
                ".gemini/settings.json",
                ".codex/hooks.json",
                ".qwen/settings.json",
                ".cursor/hooks.json",
            ] {
                place.write(&format!("home/{file}"), SETTINGS);
                place.write(&format!("project/{file}"), SETTINGS);
            }
            for folder in ["home", "project"] {
                let settings = SETTINGS.replacen('{', "{ \"version\": 1,", 1);
                place.write(&format!("{folder}/.cursor/hooks.json"), &settings);
            }
            place.write(
                "home/.codex/config.toml",
                "# mine\nmodel = \"x\" # this\n\n[mcp_servers.other]\ncommand = \"y\"\n",
            );
            place.write("project/AGENTS.md", "# Mine\n\nBe kind.\n");
            let before = (tree(&place.at("home")), tree(&place.at("project")));
            let call = |more: &[&str]| place.says(&[&["init", agent.name], options, more].concat());
            let shown = call(&["--mcp", "--rewrite", "--dry-run"]);
            assert_eq!(before, (tree(&place.at("home")), tree(&place.at("project"))), "{} {options:?}", agent.name);
            let first = call(&["--mcp", "--rewrite"]);
            let set_up = (tree(&place.at("home")), tree(&place.at("project")));
            assert!(shown.contains("+++") == (set_up != before), "{} {options:?}: {shown}", agent.name);
            assert!(set_up != before || first.contains("left as it is"), "{} {options:?}: {first}", agent.name);
            assert!(call(&["--mcp", "--rewrite"]).contains("nothing to change"), "{} {options:?}", agent.name);
            assert_eq!(set_up, (tree(&place.at("home")), tree(&place.at("project"))), "{} {options:?}", agent.name);
            call(&["--uninstall"]);
            let after = (tree(&place.at("home")), tree(&place.at("project")));
            assert_eq!(before, after, "{} {options:?}", agent.name);
        }
    }
}

#[test]
fn what_cannot_be_changed_safely_is_left_and_shown() {
    let place = Place::new();
    for (file, text) in [
        (".claude/settings.json", "{ \"hooks\": \n"),
        (".claude/settings.json", "{ \"hooks\": [] }\n"),
        (".claude/settings.json", "{ \"hooks\": { \"PreToolUse\": 7 } }\n"),
        (".claude/settings.json", "[]\n"),
    ] {
        place.write(&format!("home/{file}"), text);
        let output = place.run(&["init", "claude-code"], b"");
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert_eq!(place.read(&format!("home/{file}")), text);
        assert!(self::text(&output.stdout).contains("hr hook claude-code; exit 0"), "{text}");
    }
    place.write("home/.config/opencode/plugins/hr.ts", "export const Mine = async () => ({})\n");
    assert_eq!(place.run(&["init", "opencode"], b"").status.code(), Some(1));
    assert!(place.read("home/.config/opencode/plugins/hr.ts").contains("Mine"));
}

#[test]
fn links_stay_links_and_an_older_entry_is_replaced() {
    let place = Place::new();
    let old = r#"{"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"'/old place/hr' hook claude-code"}]},{"matcher":"Bash","hooks":[{"type":"command","command":"echo hr hook"}]}]}}"#;
    place.write("home/dotfiles/claude.json", old);
    fs::create_dir_all(place.at("home/.claude")).unwrap();
    std::os::unix::fs::symlink(place.at("home/dotfiles/claude.json"), place.at("home/.claude/settings.json")).unwrap();
    place.says(&["init", "claude-code"]);
    assert!(place.at("home/.claude/settings.json").is_symlink());
    let settings: Value = serde_json::from_str(&place.read("home/dotfiles/claude.json")).unwrap();
    let entries = settings["hooks"]["PreToolUse"].as_array().unwrap();
    assert_eq!(entries[0]["hooks"][0]["command"], format!("{HR} hook claude-code; exit 0"));
    assert_eq!(entries[1]["hooks"][0]["command"], "echo hr hook");
    assert_eq!(entries.len(), 2);
    assert_eq!(place.read("home/dotfiles/claude.json.hr-backup"), old);
}

#[test]
fn the_doctor_fires_the_hook_and_says_what_is_wrong() {
    let place = Place::new();
    assert_eq!(place.run(&["doctor", "claude-code"], b"").status.code(), Some(1), "it is not set up");
    place.says(&["init", "claude-code"]);
    let well = place.says(&["doctor", "claude-code"]);
    assert!(well.contains("PreToolUse, PostToolUse") && well.contains("answers as it should"), "{well}");
    assert!(well.contains("has not called it yet"), "{well}");
    let payload = AGENTS[0].probes[0].replace("hr-doctor", "s1");
    place.run(&["hook", "claude-code"], payload.as_bytes());
    let well = place.says(&["doctor"]);
    assert!(well.contains(&format!("rewrote a command: {HR} run")), "{well}");
    let settings = place.read("home/.claude/settings.json");
    for (wrong, told) in [
        (settings.replace(HR, "/gone/hr"), "it answers"),
        (settings.replacen('{', "{ \"disableAllHooks\": true,", 1), "disableAllHooks"),
        (settings.replacen('{', "{ \"permissions\": { \"allow\": [\"Bash(hr run:*)\"] },", 1), "allows `hr run`"),
    ] {
        place.write("home/.claude/settings.json", &wrong);
        let output = place.run(&["doctor", "claude-code"], b"");
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(text(&output.stdout).contains(told), "{told}: {}", text(&output.stdout));
    }
}

/// A change to what `hr init` set up, and what the doctor says then.
type Mishap = (&'static str, fn(&Place), &'static str);

/// Changes a file in the home folder or the project.
fn edit(place: &Place, path: &str, change: impl Fn(String) -> String) {
    let text = fs::read_to_string(place.at(path)).unwrap_or_default();
    place.write(path, &change(text));
}

/// Hooks that cannot fire, though something of ours is there.
const MISHAPS: &[Mishap] = &[
    (
        "claude-code",
        |place| place.write("project/.claude/settings.local.json", r#"{ "disableAllHooks": true, /* x */ }"#),
        "no hook is called, for `disableAllHooks` is true",
    ),
    (
        "claude-code",
        |place| edit(place, "home/.claude/settings.json", |text| text.replacen("\"Bash\"", "\"Write\"", 1)),
        "`Write` is not the tool that runs commands",
    ),
    (
        "claude-code",
        |place| edit(place, "home/.claude/settings.json", |text| text.replacen("PreToolUse", "Stop", 1)),
        "not called by `PreToolUse` any more",
    ),
    (
        "claude-code",
        |place| place.write("project/.claude/settings.local.json", "\u{feff}{}"),
        "settings.local.json: it begins with a byte order mark",
    ),
    (
        "claude-code",
        |place| edit(place, "home/.claude/settings.json", |text| format!("\u{feff}{text}")),
        "settings.json: it begins with a byte order mark",
    ),
    (
        "claude-code",
        |place| place.write("project/.mcp.json", r#"{"mcpServers":{"hr":{"command":"/gone/hr","args":["mcp"]}}}"#),
        "the MCP server `/gone/hr mcp`: it cannot be started",
    ),
    (
        "gemini",
        |place| {
            edit(place, "home/.gemini/settings.json", |text| {
                text.replacen('{', "{ \"hooksConfig\": { \"enabled\": false },", 1)
            });
        },
        "`hooksConfig.enabled` is false",
    ),
    (
        "opencode",
        |place| edit(place, "home/.config/opencode/plugins/hr.ts", |text| text.replacen("=> ({", "=> (", 1)),
        "it is not what this version writes: hr init opencode",
    ),
    (
        "opencode",
        |place| edit(place, "home/.config/opencode/plugins/hr.ts", |text| text.replace(HR, "/gone/hr")),
        "tried `/gone/hr hook opencode`: it cannot be started",
    ),
    ("codex", |_| {}, "Codex does not run `PostToolUse`, for you have not trusted it"),
    (
        "codex",
        |place| place.write("home/.codex/config.toml", &trusted(place, 7, "x")),
        "Codex does not run `PostToolUse`, for you have not trusted it",
    ),
    (
        "codex",
        |place| place.write("home/.codex/config.toml", &trusted(place, 0, "x")),
        "Codex does not run `PostToolUse`, for it changed since you trusted it",
    ),
    (
        "codex",
        |place| {
            let config = trusted(place, 0, &format!("{HR} hook codex; exit 0"));
            place.write("home/.codex/config.toml", &format!("[features]\nhooks = false\n{config}"));
        },
        "`features.hooks` is false",
    ),
];

/// What Codex notes when its user trusts a hook.
fn trusted(place: &Place, at: usize, command: &str) -> String {
    use sha2::Digest;

    let hook = format!(r#"{{"async":false,"command":"{command}","timeout":10,"type":"command"}}"#);
    let identity = format!(r#"{{"event_name":"post_tool_use","hooks":[{hook}],"matcher":"^Bash$"}}"#);
    let hash: String = sha2::Sha256::digest(identity).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = place.at("home/.codex/hooks.json").display().to_string();
    format!("[hooks.state.\"{file}:post_tool_use:{at}:0\"]\ntrusted_hash = \"sha256:{hash}\"\n")
}

#[test]
fn the_doctor_finds_hooks_that_cannot_fire() {
    for (agent, mishap, told) in MISHAPS {
        let place = Place::new();
        place.says(&["init", agent]);
        if *agent == "codex" {
            place.write("home/.codex/config.toml", &trusted(&place, 0, &format!("{HR} hook codex; exit 0")));
        }
        place.says(&["doctor", agent]);
        if *agent == "codex" {
            fs::remove_file(place.at("home/.codex/config.toml")).unwrap();
        }
        mishap(&place);
        let output = place.run(&["doctor", agent], b"");
        assert_eq!(output.status.code(), Some(1), "{agent}, {told}: {}", text(&output.stdout));
        assert!(text(&output.stdout).contains(told), "{agent}, {told}: {}", text(&output.stdout));
    }
}

#[test]
fn the_doctor_greets_the_server_and_knows_every_file_of_ours() {
    for agent in AGENTS.iter().filter(|agent| agent.name != "codex") {
        let place = Place::new();
        place.says(&["init", agent.name, "--mcp", "--rewrite"]);
        place.says(&["init", agent.name, "--mcp", "--rewrite", "--project"]);
        let output = place.run(&["doctor", agent.name], b"");
        let told = text(&output.stdout);
        // A project is set up for `hr` in `PATH`, which it is here.
        assert!(!told.contains("ILL") || told.contains("it is not set up"), "{}: {told}", agent.name);
        let has_server = told.contains("the MCP server answers");
        assert_eq!(
            has_server,
            told.contains("the MCP server,") || told.contains(", the MCP server") || told.contains(": the MCP server"),
            "{}: {told}",
            agent.name
        );
    }
}

#[test]
fn what_a_hook_did_with_an_output_is_in_the_journal() {
    let place = Place::new();
    let entries = || {
        let files = fs::read_dir(place.at("hr/journal")).into_iter().flatten();
        let text: String = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    for probe in AGENTS[0].probes {
        place.run(&["hook", "claude-code"], probe.as_bytes());
    }
    assert!(entries().is_empty(), "a probe leaves no trace");
    let payload = |output: &str| {
        serde_json::json!({"plugin": "opencode", "session": "s", "command": "cargo test", "exit": 0, "output": output})
            .to_string()
    };
    let long: String = (0..400).map(|number| format!("test module::case_{number} ... ok\n")).collect();
    place.run(&["hook", "opencode"], payload(&long).as_bytes());
    place.run(&["hook", "opencode"], payload("hi\n").as_bytes());
    let entries = entries();
    assert_eq!(entries.len(), 2, "{entries:?}");
    let number = |entry: &Value, key: &str| entry[key].as_u64().unwrap();
    for entry in &entries {
        assert_eq!(
            (&entry["via"], &entry["agent"], &entry["cmd"]),
            (&"hook".into(), &"opencode".into(), &"cargo test".into())
        );
    }
    assert!(number(&entries[0], "before") > 10 * number(&entries[0], "after"), "{entries:?}");
    assert_eq!((&entries[1]["form"], number(&entries[1], "after")), (&"raw".into(), number(&entries[1], "before")));
    let stats: Value =
        serde_json::from_str(&place.says(&["stats", "--format", "json", "--agent", "opencode"])).unwrap();
    assert_eq!(stats["total"]["calls"], 2);
}

#[test]
fn the_table_of_agents_is_sound() {
    let names = AGENTS.iter().map(|agent| agent.name).collect::<BTreeSet<_>>();
    assert_eq!(names.len(), AGENTS.len(), "names are unique");
    assert!(INSTRUCTIONS.lines().count() <= 5);
    for agent in AGENTS {
        assert_eq!(Agent::named(agent.name).map(|found| found.name), Some(agent.name));
        for scope in [Scope::User, Scope::Project] {
            let wanted = Wanted { scope, hr: "hr", rewrite: true, mcp: true, mcp_run: false };
            let edits = (agent.setup)(&wanted);
            assert!(!edits.is_empty(), "{}", agent.name);
            for edit in edits {
                if let Change::Entry { value, .. } | Change::Member { value, .. } = &edit.change {
                    serde_json::from_str::<Value>(value).unwrap();
                }
            }
        }
    }
}
