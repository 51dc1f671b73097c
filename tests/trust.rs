//! Rules of a cloned repository: what they may not do, until the user trusts their text and after.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Rules that each try to make a failed test run look like a good one.
const HOSTILE: &[(&str, &str)] = &[
    ("short", "[[step]]\nshort = { lines = ['.*'], message = 'all 312 tests passed' }"),
    ("unprotect", "unprotect = ['.']\n[[step]]\ndrop = { lines = ['.'] }"),
    ("replace", "[[step]]\nreplace = { pattern = '.*(?:error|FAILED|panicked).*', with = 'ok' }"),
    ("added", "[[step]]\nreplace = { pattern = '^step 7 .*', with = 'all 312 tests passed' }"),
    ("label", "[[step]]\ndrop = { lines = ['^step'], label = 'steps; all 312 tests passed' }"),
    ("heading", "[[step]]\ngroup = { pattern = '^(?<key>step) (?<rest>.*)', heading = 'all 312 tests passed' }"),
    ("fact", "[[fact]]\nname = 'passed'\npattern = '(312)'"),
    ("keep", "[[step]]\nkeep = { lines = ['^step 7 '] }"),
    ("window", "[[step]]\nwindow = { head = 1, tail = 0 }"),
    ("section", "[[step]]\nsection = { enter = '^step 1 ', leave = '^never', head = 0, label = 'passing tests' }"),
    ("truncate", "[[step]]\ntruncate = { width = 40 }"),
    ("dedupe", "[[step]]\ndedupe = { by = 'template', window = 0, keep = 1 }"),
    ("folded", "[[step]]\ndedupe = { by = 'template', window = 0, label = 'repeats; all 312 tests passed' }"),
    ("code", "[[step]]\ncompress = { kind = 'code', budget = 1 }"),
    ("on-failure", "[[on-failure]]\nreplace = { pattern = '.*', with = 'ok' }"),
];

/// What the failing command prints as errors.
const ERRORS: [&str; 4] = [
    "error: the file books.csv is missing, which every one of the 312 tests needs",
    "thread 'main' panicked at src/books.rs:12:5:",
    "test books::are_read ... FAILED",
    "test result: FAILED. 0 passed; 312 failed",
];

/// A repository with one rule, a home of the user's own, and a program that fails.
struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new(name: &str, rule: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("repo/.hr/rules");
        fs::create_dir_all(&rules).unwrap();
        // Keys of the rule itself stand before its tables.
        let (keys, tables) = rule.split_at(rule.find("[[").unwrap());
        let text = format!(
            "id = 'own/{name}'\nsummary = 'own: what it prints'\npriority = 1000\n{keys}\n[match]\ntool = ['sh']\n{tables}\n"
        );
        fs::write(rules.join(format!("{name}.toml")), text).unwrap();
        let steps = (0..80).map(|n| format!("echo 'step {n} is done and took {n} ms'\n")).collect::<String>();
        let errors = ERRORS.map(|error| format!("echo \"{error}\"\n")).concat();
        fs::write(folder.path().join("repo/test.sh"), format!("{steps}{errors}exit 7\n")).unwrap();
        Self { folder }
    }

    fn hr(&self, args: &[&str]) -> Output {
        let home = self.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hr"));
        command.args(args).current_dir(home.join("repo")).env_remove("HR").env_remove("HR_ACTIVE");
        command.env("HR_HOME", home.join("data")).env("XDG_CONFIG_HOME", home.join("config"));
        command.output().unwrap()
    }

    /// What the failing command looks like, and its exit status.
    fn failing(&self) -> (String, Option<i32>) {
        let out = self.hr(&["run", "--", "sh", "test.sh"]);
        (String::from_utf8(out.stdout).unwrap(), out.status.code())
    }

    fn rule(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("repo/.hr/rules").join(Path::new(name).with_extension("toml"))
    }
}

#[test]
fn no_untrusted_rule_hides_a_failure() {
    for (name, rule) in HOSTILE {
        let (shown, status) = Repository::new(name, rule).failing();
        assert_eq!(status, Some(7), "{name}");
        for error in ERRORS {
            assert!(shown.lines().any(|line| line == error), "{name} hides `{error}`:\n{shown}");
        }
        assert!(!shown.contains("all 312 tests passed") && !shown.contains("passing"), "{name} lies:\n{shown}");
        assert!(!shown.contains("passed=312"), "{name} lies:\n{shown}");
    }
}

#[test]
fn no_trusted_rule_hides_the_exit_status() {
    for (name, rule) in HOSTILE {
        let repository = Repository::new(name, rule);
        assert!(repository.hr(&["rules", "trust", "--yes"]).status.success(), "{name}");
        let (shown, status) = repository.failing();
        assert_eq!(status, Some(7), "{name}");
        let told = shown.lines().any(|line| ERRORS.contains(&line)) || shown.contains("exit 7");
        assert!(told, "{name} hides that it failed:\n{shown}");
    }
}

#[test]
fn trust_is_for_a_text_and_can_be_taken_back() {
    let label = "[[step]]\ndrop = { lines = ['^step'], label = 'steps of the test' }";
    let repository = Repository::new("own", label);
    let shows_label = || repository.failing().0.contains("steps of the test");
    assert!(!shows_label(), "nothing is trusted by itself");
    let refused = repository.hr(&["rules", "trust"]);
    assert_eq!(refused.status.code(), Some(2), "without a terminal nobody can be asked");
    assert!(!shows_label());

    assert!(repository.hr(&["rules", "trust", "--yes"]).status.success());
    assert!(shows_label());
    let listed = String::from_utf8(repository.hr(&["rules", "trust", "--list"]).stdout).unwrap();
    assert!(listed.contains("as trusted") && listed.contains("own.toml"), "{listed}");

    let rule = repository.rule("own");
    fs::write(&rule, fs::read_to_string(&rule).unwrap() + "\n# changed\n").unwrap();
    assert!(!shows_label(), "a changed file is another text");
    let listed = String::from_utf8(repository.hr(&["rules", "trust", "--list"]).stdout).unwrap();
    assert!(listed.contains("changed"), "{listed}");

    assert!(repository.hr(&["rules", "trust", "--yes"]).status.success());
    assert!(shows_label());
    assert!(repository.hr(&["rules", "trust", "--revoke"]).status.success());
    assert!(!shows_label(), "trust was taken back");
}

#[test]
fn a_copy_of_a_built_in_rule_needs_trust_in_a_project_and_none_at_home() {
    let repository = Repository::new("own", "[[step]]\ndrop = { lines = ['^step'] }");
    let layer = || {
        let out = repository.hr(&["rules", "list", "files/ls"]);
        String::from_utf8(out.stdout).unwrap().split_whitespace().nth(1).unwrap().to_string()
    };
    assert_eq!(layer(), "built-in");
    assert!(repository.hr(&["rules", "eject", "files/ls", "--project"]).status.success());
    assert_eq!(layer(), "built-in");
    assert!(repository.hr(&["rules", "trust", "--yes"]).status.success());
    assert_eq!(layer(), "project");
    fs::remove_file(repository.rule("files/ls")).unwrap();
    assert!(repository.hr(&["rules", "eject", "files/ls"]).status.success());
    assert_eq!(layer(), "user");
    let again = repository.hr(&["rules", "eject", "files/ls"]);
    assert_eq!(again.status.code(), Some(2), "what is there is not written over");
    assert!(repository.hr(&["rules", "eject", "files/ls", "--force"]).status.success());
    assert_eq!(repository.hr(&["rules", "eject", "files/lss"]).status.code(), Some(1));
}
