//! `hr init` and what others wrote: their hooks, servers, files and lines stay, byte for byte, or the file is left alone.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Output;

use hr::cli::commands::init::write;
use serde_json::Value;

use super::{HR, Place, text};

const CLAUDE: &str = "home/.claude/settings.json";

impl Place {
    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    /// What is said when something is left as it is.
    fn refuses(&self, args: &[&str]) -> String {
        let output: Output = self.run(args, b"");
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("left as it is"), "{said}");
        said
    }
}

/// A settings file with these handlers in one group.
fn group(handlers: &str) -> String {
    format!(r#"{{"hooks":{{"PreToolUse":[{{"matcher":"Bash","hooks":[{handlers}]}}]}}}}"#)
}

#[test]
fn hooks_of_others_stay_whatever_they_say() {
    let ours = r#"{"type":"command","command":"'/old/hr' hook claude-code; exit 0"}"#;
    for foreign in [
        r#"{"type":"command","command":"guard.sh"}"#,
        r#"{"type":"command","command":"guard.sh && hr hook claude-code"}"#,
        r#"{"type":"command","command":"hr hook claude-code; exit 0; guard.sh"}"#,
        r#"{"type":"command","command":"audit.sh","statusMessage":"before hr hook claude-code"}"#,
        r#"{"type":"command","command":"hr hook claude-code","bash":"guard.sh"}"#,
        r#"{"type":"command","command":"hr hook codex"}"#,
        r#"{"type":"command","command":"other-hr hook claude-code"}"#,
    ] {
        let place = Place::new();
        let value = serde_json::from_str::<Value>(foreign).unwrap();
        for handlers in [format!("{foreign}, {ours}"), format!("{ours}, {foreign}")] {
            place.write(CLAUDE, &group(&handlers));
            place.says(&["init", "claude-code"]);
            let hooks = place.json(CLAUDE)["hooks"]["PreToolUse"].clone();
            assert_eq!(hooks.as_array().unwrap().len(), 1, "{foreign}");
            let inner = hooks[0]["hooks"].as_array().unwrap();
            assert!(inner.len() == 2 && inner.contains(&value), "{foreign}: {hooks}");
            assert!(hooks.to_string().contains(&format!("{HR} hook claude-code; exit 0")), "{hooks}");
            place.says(&["init", "claude-code", "--uninstall"]);
            assert_eq!(place.json(CLAUDE), serde_json::from_str::<Value>(&group(foreign)).unwrap());
        }
        let alone = group(foreign);
        place.write(CLAUDE, &alone);
        assert!(place.says(&["init", "claude-code", "--uninstall"]).contains("nothing of `hr`"));
        assert_eq!(place.read(CLAUDE), alone);
        place.says(&["init", "claude-code"]);
        assert_eq!(place.json(CLAUDE)["hooks"]["PreToolUse"][0]["hooks"][0], value);
        place.says(&["init", "claude-code", "--uninstall"]);
        assert_eq!(place.read(CLAUDE), alone);
    }
}

#[test]
fn a_hook_that_the_user_tuned_stays_tuned() {
    let place = Place::new();
    let tuned =
        group(r#"{"type":"command","command":"/old/hr hook claude-code","timeout":3}"#).replace("Bash", "Bash|Sh");
    place.write(CLAUDE, &tuned);
    place.says(&["init", "claude-code"]);
    let hook = &place.json(CLAUDE)["hooks"]["PreToolUse"][0];
    assert_eq!((&hook["matcher"], &hook["hooks"][0]["timeout"]), (&Value::from("Bash|Sh"), &Value::from(3)));
}

#[test]
fn a_comment_is_not_lost_with_a_hook() {
    let place = Place::new();
    for comment in ["/* why */ ", "// why\n"] {
        let text = group(r#"{"type":"command","command":"hr hook claude-code"}"#)
            .replace("{\"type", &format!("{comment}{{\"type"));
        place.write(CLAUDE, &text);
        place.refuses(&["init", "claude-code", "--uninstall"]);
        assert_eq!(place.read(CLAUDE), text);
    }
}

#[test]
fn servers_of_others_stay() {
    for (agent, file, text) in [
        ("gemini", "home/.gemini/settings.json", r#"{"mcpServers":{"hr":{"command":"workday-hr-server"}}}"#),
        ("gemini", "home/.gemini/settings.json", r#"{"mcpServers":{"hr":{"command":"hr","args":["people"]}}}"#),
        ("gemini", "home/.gemini/settings.json", r#"{"mcpServers":{"hr":{"url":"https://hr"}}}"#),
        ("codex", "home/.codex/config.toml", "[mcp_servers.hr]\ncommand = \"workday-hr-server\"\n"),
        ("codex", "home/.codex/config.toml", "[mcp_servers]\nhr = { url = \"https://hr\" }\n"),
    ] {
        let place = Place::new();
        place.write(file, text);
        place.says(&["init", agent, "--uninstall"]);
        assert_eq!(place.read(file), text);
        let said = place.refuses(&["init", agent, "--mcp"]);
        assert!(said.contains("--no-run") && said.matches("left as it is").count() == 1, "{said}");
        assert!(agent == "codex" || said.contains("hr hook gemini; exit 0"), "all that belongs there: {said}");
        assert_eq!(place.read(file), text);
    }
}

#[test]
fn what_a_user_adds_to_our_server_stays() {
    let place = Place::new();
    let json = "home/.gemini/settings.json";
    place.write(json, r#"{"mcpServers":{"hr":{"command":"/old/hr","args":["mcp"],"env":{"HR_HOME":"/x"}}}}"#);
    place.says(&["init", "gemini", "--mcp"]);
    let server = place.json(json)["mcpServers"]["hr"].clone();
    assert_eq!(server, serde_json::json!({"command": HR, "args": ["mcp", "--no-run"], "env": {"HR_HOME": "/x"}}));
    let before = place.read(json);
    assert!(place.refuses(&["init", "gemini", "--uninstall"]).contains("`env`"));
    assert_eq!(place.read(json), before);
    let toml = "home/.codex/config.toml";
    for (added, told) in
        [("env = { A = \"b\" }\n", "`env`"), ("# mine\n", "comment"), ("enabled = false\n", "`enabled`")]
    {
        let old = format!("[mcp_servers.hr]\ncommand = \"/old/hr\" # here\n{added}args = [\"mcp\"]\n");
        place.write(toml, &old);
        place.says(&["init", "codex", "--mcp"]);
        let new = place.read(toml);
        let args = "args = [\"mcp\", \"--no-run\"]";
        assert_eq!(new, old.replace("/old/hr", HR).replace("args = [\"mcp\"]", args));
        let said = place.refuses(&["init", "codex", "--uninstall"]);
        assert!(said.contains(told) || said.contains("comment"), "{said}");
        assert_eq!(place.read(toml), new);
    }
}

#[test]
fn the_server_runs_commands_only_when_asked_to() {
    let place = Place::new();
    let server = || place.json("project/.mcp.json")["mcpServers"]["hr"]["args"].clone();
    for (option, args, told) in [
        ("--mcp", serde_json::json!(["mcp", "--no-run"]), "--mcp-run"),
        ("--mcp-run", serde_json::json!(["mcp"]), "sandbox"),
        ("--mcp", serde_json::json!(["mcp", "--no-run"]), "--mcp-run"),
    ] {
        let said = place.says(&["init", "claude-code", "--project", option]);
        assert!(said.contains(told), "{said}");
        assert_eq!(server(), args);
        for agent in ["codex", "copilot", "cursor", "vscode", "opencode", "claude-code"] {
            let shown = place.says(&["init", agent, option, "--dry-run"]);
            assert_eq!(shown.contains("--no-run"), option == "--mcp", "{agent}: {shown}");
        }
    }
}

#[test]
fn a_file_is_ours_only_as_we_wrote_it() {
    for (agent, options, file) in [
        ("windsurf", &["--project"][..], "project/.windsurf/rules/hr.md"),
        ("cursor", &["--project"], "project/.cursor/rules/hr.mdc"),
        ("aider", &[], "home/.aider/hr.md"),
        ("opencode", &[], "home/.config/opencode/plugins/hr.ts"),
        ("hermes", &[], "home/.hermes/plugins/hr/plugin.yaml"),
    ] {
        let place = Place::new();
        let call = |more: &[&'static str]| [&["init", agent], options, more].concat();
        let foreign = "---\nname: hr\n---\nAsk people with `hr init `, `hr hook x`, of the people department.\n";
        place.write(file, foreign);
        place.refuses(&call(&[]));
        place.says(&call(&["--uninstall"]));
        assert_eq!(place.read(file), foreign, "{agent}");
        fs::remove_file(place.at(file)).unwrap();
        place.says(&call(&[]));
        let ours = place.read(file);
        // As git may write it anew.
        place.write(file, &ours.replace('\n', "\r\n"));
        assert!(place.says(&call(&[])).contains("nothing to change"), "{agent}");
        for edited in [format!("{ours}and mine\n"), ours.replacen("hr", "HR", 1)] {
            place.write(file, &edited);
            place.refuses(&call(&[]));
            if edited.contains("hr-sum:") {
                place.refuses(&call(&["--uninstall"]));
            }
            assert_eq!(place.read(file), edited, "{agent}");
        }
        place.write(file, &ours);
        place.says(&call(&["--uninstall"]));
        assert!(!place.at(file).exists(), "{agent}");
    }
}

#[test]
fn hooks_in_a_file_of_their_own_leave_what_a_user_adds() {
    let place = Place::new();
    let file = "home/.copilot/hooks/hr.json";
    place.says(&["init", "copilot"]);
    let mut settings = place.json(file);
    let mine = serde_json::json!({"type": "command", "bash": "mine.sh"});
    settings["hooks"]["postToolUse"].as_array_mut().unwrap().push(mine.clone());
    place.write(file, &settings.to_string());
    place.says(&["init", "copilot", "--rewrite"]);
    assert_eq!(place.json(file)["hooks"]["postToolUse"][1], mine);
    place.says(&["init", "copilot", "--uninstall"]);
    assert_eq!(place.json(file), serde_json::json!({"version": 1, "hooks": {"postToolUse": [mine]}}));
}

#[test]
fn read_only_files_and_links_to_nothing_are_left() {
    let place = Place::new();
    place.write(CLAUDE, "{}\n");
    let read_only = fs::Permissions::from_mode(0o444);
    fs::set_permissions(place.at(CLAUDE), read_only.clone()).unwrap();
    assert!(place.refuses(&["init", "claude-code"]).contains("hr hook claude-code; exit 0"));
    assert_eq!(
        (place.read(CLAUDE).as_str(), fs::metadata(place.at(CLAUDE)).unwrap().permissions().readonly()),
        ("{}\n", true)
    );
    fs::remove_file(place.at(CLAUDE)).unwrap();
    symlink("/nowhere/settings.json", place.at(CLAUDE)).unwrap();
    assert!(place.refuses(&["init", "claude-code"]).contains("hr hook claude-code; exit 0"));
    assert!(place.at(CLAUDE).is_symlink());
    place.says(&["init", "opencode"]);
    let plugin = "home/.config/opencode/plugins/hr.ts";
    fs::set_permissions(place.at(plugin), read_only).unwrap();
    place.refuses(&["init", "opencode", "--uninstall"]);
    assert!(place.at(plugin).exists());
}

#[test]
fn line_ends_and_byte_order_marks_stay() {
    for (agent, file, lines) in [
        ("codex", "home/.codex/config.toml", "# mine\nmodel = \"x\"\n\n[tools]\na = 1\n"),
        ("gemini", "home/.gemini/settings.json", "{\n  \"a\": 1\n}\n"),
        ("windsurf", "home/.codeium/windsurf/memories/global_rules.md", "# Mine\n\nBe kind.\n"),
    ] {
        for bom in ["", "\u{feff}"] {
            for end in ["\n", "\r\n"] {
                let place = Place::new();
                let old = format!("{bom}{}", lines.replace('\n', end));
                place.write(file, &old);
                place.says(&["init", agent, "--mcp"]);
                let new = place.read(file);
                assert!(new.contains("hr") && new.starts_with(bom), "{agent} {end:?}: {new:?}");
                let others = if end == "\n" { 0 } else { new.matches('\n').count() };
                assert_eq!(new.matches("\r\n").count(), others, "{agent} {end:?}: {new:?}");
                assert!(place.says(&["init", agent, "--mcp"]).contains("nothing to change"), "{agent}");
                fs::remove_file(place.at(&format!("{file}.hr-backup"))).unwrap();
                place.says(&["init", agent, "--uninstall"]);
                assert_eq!(place.read(file), old, "{agent}");
            }
        }
    }
    let place = Place::new();
    let mixed = "a = 1\r\nb = 2\n";
    place.write("home/.codex/config.toml", mixed);
    place.refuses(&["init", "codex", "--mcp"]);
    assert_eq!(place.read("home/.codex/config.toml"), mixed);
}

#[test]
fn agents_share_a_block_whatever_its_line_ends() {
    let place = Place::new();
    let mine = "# Mine\n\nBe kind.";
    place.write("project/AGENTS.md", mine);
    place.says(&["init", "zed", "--project"]);
    let of_zed = place.read("project/AGENTS.md");
    place.says(&["init", "goose", "--project"]);
    let of_both = place.read("project/AGENTS.md");
    assert_eq!(of_both.matches("hr: begin").count(), 1);
    for end in ["\n", "\r\n"] {
        place.write("project/AGENTS.md", &of_both.replace('\n', end));
        assert!(place.says(&["init", "goose", "--project"]).contains("nothing to change"));
        place.says(&["init", "goose", "--project", "--uninstall"]);
        assert_eq!(place.read("project/AGENTS.md"), of_zed.replace('\n', end));
        assert!(place.says(&["init", "goose", "--project", "--uninstall"]).contains("nothing of `hr`"));
    }
    place.write("project/AGENTS.md", &of_zed.replace("<!-- hr: end", "and mine\n<!-- hr: end"));
    place.refuses(&["init", "zed", "--project"]);
    place.refuses(&["init", "zed", "--project", "--uninstall"]);
    place.write("project/AGENTS.md", &of_zed);
    place.says(&["init", "zed", "--project", "--uninstall"]);
    assert_eq!(place.read("project/AGENTS.md"), mine);
    assert!(!place.at("project/AGENTS.md.hr-backup").exists());
    for order in [["zed", "goose"], ["goose", "zed"]] {
        let place = Place::new();
        for options in [&["--project"][..], &["--project", "--uninstall"]] {
            order.iter().for_each(|agent| drop(place.says(&[&["init", agent], options].concat())));
        }
        assert_eq!(fs::read_dir(place.at("project")).unwrap().count(), 1, "only `.git`");
    }
}

#[test]
fn nothing_is_left_behind_and_nothing_comes_back_in_another_form() {
    for old in [None, Some("{\"a\":1}"), Some("{}"), Some("{ }\n"), Some("{\"hooks\":{\"BeforeTool\":[]}}")] {
        for options in [&[][..], &["--mcp"], &["--mcp-run"]] {
            let place = Place::new();
            let file = "home/.gemini/settings.json";
            if let Some(old) = old {
                place.write(file, old);
            }
            place.says(&[&["init", "gemini"], options].concat());
            place.says(&["init", "gemini", "--mcp"]);
            place.says(&["init", "gemini", "--uninstall"]);
            assert_eq!(fs::read_to_string(place.at(file)).ok().as_deref(), old);
            assert!(!place.at(&format!("{file}.hr-backup")).exists());
            assert_eq!(place.at("home/.gemini").exists(), old.is_some());
        }
    }
    let place = Place::new();
    place.write("home/.gemini/settings.json", "{}");
    place.says(&["init", "gemini"]);
    let edited = place.read("home/.gemini/settings.json").replacen('{', "{ \"mine\": 1,", 1);
    place.write("home/.gemini/settings.json", &edited);
    place.says(&["init", "gemini", "--uninstall"]);
    assert_eq!(place.json("home/.gemini/settings.json"), serde_json::json!({"mine": 1}));
    assert_eq!(place.read("home/.gemini/settings.json.hr-backup"), "{}");
}

#[test]
fn what_changed_while_the_new_text_was_written_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    for new in [Some("new"), None] {
        for old in [Some("old"), None] {
            let _ = fs::remove_file(&path);
            if let Some(old) = old {
                fs::write(&path, old).unwrap();
            }
            let ready = write::prepare(&path, old, new, true).unwrap();
            fs::write(&path, "theirs").unwrap();
            assert!(ready.commit().unwrap_err().to_string().contains("in the meantime"));
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        }
    }
    write::prepare(&path, Some("theirs"), Some("new"), true).unwrap().commit().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::read_to_string(write::backup(&path)).unwrap(), "theirs");
}

#[test]
fn a_path_with_a_quote_is_written_as_each_file_needs_it() {
    let place = Place::new();
    fs::create_dir_all(place.at("it's here")).unwrap();
    symlink(HR, place.at("it's here/hr")).unwrap();
    let program = place.at("it's here/hr").display().to_string();
    let path = format!("{}:/usr/bin:/bin", place.at("it's here").display());
    for args in [&["init", "opencode"][..], &["init", "gemini", "--mcp"]] {
        assert!(place.hr(args).env("PATH", &path).output().unwrap().status.success());
    }
    let quoted = Value::from(program.as_str()).to_string();
    assert!(place.read("home/.config/opencode/plugins/hr.ts").contains(&format!("spawn({quoted}, ")));
    let settings = place.json("home/.gemini/settings.json");
    assert_eq!(settings["mcpServers"]["hr"]["command"], program);
    let command = settings["hooks"]["BeforeTool"][0]["hooks"][0]["command"].as_str().unwrap();
    assert_eq!(command, format!("'{}' hook gemini; exit 0", program.replace('\'', r"'\''")));
    place.says(&["init", "gemini", "--uninstall"]);
    assert!(!place.at("home/.gemini").exists());
}
