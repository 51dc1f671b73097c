//! `hr stats` and its journal: what is noted, by many at once, and that it adds up.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("project/.git")).unwrap();
        fs::create_dir_all(folder.path().join("project/deep/er")).unwrap();
        Self { folder }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hr"));
        command.args(args).current_dir(self.at("project/deep/er")).env_clear();
        command.env("HR_HOME", self.at("hr")).env("HOME", self.at(".")).env("PATH", std::env::var("PATH").unwrap());
        command.stdin(Stdio::null());
        command
    }

    fn hr(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The entries of the journal.
    fn entries(&self) -> Vec<Value> {
        let mut files: Vec<_> =
            fs::read_dir(self.at("hr/journal")).into_iter().flatten().flatten().map(|f| f.path()).collect();
        files.sort();
        let text: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn stats(&self, args: &[&str]) -> Value {
        let output = self.hr(&[&["stats", "--format", "json"], args].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A log that is shortened, with its file.
fn log(home: &Home) -> PathBuf {
    let text: String = (0..900).map(|n| format!("step {n}: compiled module_{n} in {} ms\n", n * 7919 % 1000)).collect();
    let file = home.at("log");
    fs::write(&file, text).unwrap();
    file
}

fn name(file: &Path) -> &str {
    file.to_str().unwrap()
}

#[test]
fn every_call_is_an_entry() {
    let home = Home::new();
    let file = log(&home);
    let out = home.hr(&["--format", "json", "--command", "./build --secret abc", name(&file)]);
    let answer: Value = serde_json::from_slice(&out.stdout).unwrap();
    let handle = answer["handle"].as_str().unwrap();
    let mut run = home.command(&["run", "--", "echo", "hello"]);
    assert_eq!(run.env("CLAUDECODE", "1").output().unwrap().stdout, b"hello\n");
    home.hr(&["run", "--", "true"]);
    assert_eq!(home.hr(&["run", "--", "false"]).stderr, b"[hr: exit 1]\n");
    let shown = home.hr(&["show", handle, "--lines", "40-60"]);
    assert!(!shown.stdout.is_empty());
    let entries = home.entries();
    let told =
        |entry: &Value| (entry["via"].as_str().unwrap().to_owned(), entry["cmd"].as_str().unwrap_or("-").to_owned());
    let wanted = [("filter", "build"), ("run", "echo"), ("run", "true"), ("run", "false"), ("show", "-")];
    assert_eq!(entries.iter().map(told).collect::<Vec<_>>(), wanted.map(|(via, cmd)| (via.to_owned(), cmd.to_owned())));
    assert_eq!(entries[0]["before"], answer["tokens"]["before"]);
    assert_eq!(entries[0]["after"], answer["tokens"]["after"]);
    assert_eq!((&entries[0]["handle"], &entries[4]["handle"]), (&answer["handle"], &answer["handle"]));
    assert_eq!(entries[1]["agent"], "claude-code");
    assert!(entries[3]["after"].as_u64() > Some(0), "a marker where nothing was costs tokens");
    assert!(entries[4]["after"].as_u64() > Some(100), "what is read after all costs tokens");
    let journal = fs::read_dir(home.at("hr/journal")).unwrap().next().unwrap().unwrap().path();
    assert!(!fs::read_to_string(&journal).unwrap().contains("secret"), "arguments are not noted");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&journal).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn sums_are_net_and_may_be_negative() {
    let home = Home::new();
    let file = log(&home);
    home.hr(&["--command", "./build", name(&file)]);
    home.hr(&["run", "--", "false"]);
    let before = home.stats(&["--by", "command", "--by", "project"]);
    let total = &before["total"];
    let number = |value: &Value, key: &str| value[key].as_i64().unwrap();
    assert!(number(total, "net") > 0);
    assert_eq!(number(total, "net"), number(total, "before") - number(total, "after"));
    let rows = before["by"]["command"].as_array().unwrap();
    assert_eq!((&rows[0]["name"], &rows[1]["name"]), (&Value::from("build"), &Value::from("false")));
    assert!(number(&rows[1], "net") < 0, "what hr added is shown as a loss");
    let root = fs::canonicalize(home.at("project")).unwrap();
    assert_eq!(before["by"]["project"][0]["name"], name(&root), "the folder of the repository");
    assert_eq!(before["tokens"], "estimated");
    // Asking for all of it twice costs more than was saved.
    home.hr(&["show", "last"]);
    home.hr(&["show", "last"]);
    let after = home.stats(&["--by", "command"]);
    assert_eq!(number(&after["total"], "retrievals"), 2);
    assert!(number(&after["total"], "net") < 0);
    assert_eq!(after["by"]["command"].as_array().unwrap().last().unwrap()["name"], "build");
    let text = String::from_utf8(home.hr(&["stats"]).stdout).unwrap();
    assert!(
        text.contains("tokens are estimated") && text.contains("2 times hr show") && text.contains("---"),
        "{text}"
    );
    let csv = String::from_utf8(home.hr(&["stats", "--format", "csv"]).stdout).unwrap();
    let columns = |line: &str| line.split(',').count();
    assert!(csv.lines().count() > 4 && csv.lines().all(|line| columns(line) == 17), "{csv}");
    let page = String::from_utf8(home.hr(&["stats", "--format", "html"]).stdout).unwrap();
    assert!(page.contains("<svg") && page.contains("class=\"down\"") && !page.contains("http"));
    assert_eq!(home.stats(&["--agent", "codex"])["total"]["calls"], 0);
    assert_eq!(number(&home.stats(&["--project", name(&root)])["total"], "calls"), 2);
    assert_eq!(home.stats(&["--project", "/nonexistent"])["total"]["calls"], 0);
}

#[test]
fn no_result_counts_for_more_than_an_agent_is_given() {
    let home = Home::new();
    let out = home.hr(&["run", "--", "sh", "-c", "yes abc | head -c 3000000"]);
    assert!(out.stdout.len() < 3000, "{}", out.stdout.len());
    let total = &home.stats(&[])["total"];
    let number = |key: &str| total[key].as_i64().unwrap();
    assert!(number("before") > 500_000 && number("net") > 500_000, "{total}");
    let seen = total["seen"][0].as_i64().unwrap();
    assert!((5_000..=30_000).contains(&seen), "{total}");
    assert_eq!(number("saved"), seen - total["seen"][1].as_i64().unwrap());
    let text = String::from_utf8(home.hr(&["stats"]).stdout).unwrap();
    assert!(text.contains("saved, in full") && text.contains("30,000 characters"), "{text}");
    let last = text.lines().find(|line| line.starts_with("saved in the end")).unwrap();
    let saved: String = last.chars().filter(char::is_ascii_digit).collect();
    assert!(saved.starts_with(&number("saved").to_string()), "{last}");
}

#[test]
fn many_processes_write_whole_lines() {
    let home = Home::new();
    let calls = |_| {
        (0..12)
            .map(|_| home.command(&["run", "--", "echo", "x"]).stdout(Stdio::null()).spawn().unwrap())
            .collect::<Vec<_>>()
    };
    for mut child in (0..4).flat_map(calls) {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(home.entries().len(), 48);
    assert_eq!(home.stats(&[])["unread_lines"], 0);
}

#[test]
fn the_journal_can_be_switched_off_and_fails_silently() {
    let home = Home::new();
    let mut command = home.command(&["run", "--", "echo", "x"]);
    let out = command.env("HR_JOURNAL", "off").output().unwrap();
    assert_eq!((out.stdout, out.stderr), (b"x\n".to_vec(), Vec::new()));
    assert!(!home.at("hr/journal").exists());
    let none = home.hr(&["stats"]);
    assert!(none.status.success() && String::from_utf8_lossy(&none.stderr).contains("nothing is in the journal"));
    // A file where the folder should be.
    fs::create_dir_all(home.at("hr")).unwrap();
    fs::write(home.at("hr/journal"), "").unwrap();
    let out = home.hr(&["run", "--", "echo", "x"]);
    assert_eq!((out.stdout, out.stderr), (b"x\n".to_vec(), Vec::new()));
}

#[test]
fn exact_counts_need_the_vocabulary_and_say_what_they_counted() {
    let home = Home::new();
    let file = log(&home);
    let filtered = home.hr(&[name(&file)]).stdout;
    let ran = home.hr(&["run", "--", "cat", name(&file)]).stdout;
    let budgeted = home.hr(&["--budget", "150", name(&file)]).stdout;
    assert!(ran.len() > budgeted.len() && !home.hr(&["show", "last", "--lines", "1-3"]).stdout.is_empty());
    let out = home.hr(&["stats", "--exact", "--format", "json"]);
    #[cfg(feature = "tokens-exact")]
    {
        use hr::tokens::{estimate, exact};

        let told: Value = serde_json::from_slice(&out.stdout).unwrap();
        // What came of another budget does not come out again: its estimate stays.
        let is_shortened = |text: &Vec<u8>| String::from_utf8_lossy(text).contains("[hr show");
        let estimated = i32::from(estimate(&filtered) != estimate(&budgeted));
        let counted = [&filtered, &ran].into_iter().filter(|text| is_shortened(text)).count();
        assert_eq!(told["exact"]["counted"], counted, "{told}");
        assert_eq!(told["exact"]["estimated"], estimated, "{told}");
        let original = fs::read(&file).unwrap();
        let size = |text: &Vec<u8>| if is_shortened(text) { exact::count(text) } else { estimate(text) };
        let after = size(&filtered) + size(&ran) + estimate(&budgeted);
        assert_eq!(told["total"]["after"].as_u64(), Some(after as u64), "{told}");
        assert!(told["total"]["before"].as_u64() > Some(2 * exact::count(&original) as u64), "{told}");
    }
    #[cfg(not(feature = "tokens-exact"))]
    {
        drop(filtered);
        assert_eq!(out.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&out.stderr).contains("tokens-exact"));
    }
}
