//! The catalogue of built-in rules, looked at as a whole.

use std::collections::BTreeSet;
use std::path::Path;

use hr::cli::cases;
use hr::detect::Kind;
use hr::document::{Document, Origin};
use hr::pipeline::{Request, compact, decide};
use hr::rule::{self, Layer, RuleSet, Source, built_in_sources};

fn source(id: &str, text: &str) -> Source {
    Source { file: format!("{id}.toml"), text: text.to_string(), layer: Layer::User }
}

#[test]
fn every_built_in_rule_is_sound() {
    let mut ids = BTreeSet::new();
    for (id, text) in built_in_sources() {
        assert!(ids.insert(id), "{id} is there twice");
        let error = rule::check(&Source { file: id.to_string(), text: text.to_string(), layer: Layer::BuiltIn });
        assert!(error.is_none(), "{error:?}");
    }
    for rule in RuleSet::built_in().all() {
        assert!(!rule.summary.is_empty() && !rule.summary.contains('\n'), "{}: one line of summary", rule.id);
        assert!(!rule.tests.is_empty(), "{}: at least one inline test", rule.id);
    }
}

#[test]
fn patterns_of_built_in_rules_are_ready_to_run() {
    let rules = RuleSet::built_in().all();
    let patterns = rules.iter().flat_map(|rule| rule.patterns()).collect::<Vec<_>>();
    let slow = patterns.iter().filter(|pattern| !pattern.is_ready()).collect::<Vec<_>>();
    // Large automata are left out; a key of patterns that the build script does not know would be many more.
    assert!(
        slow.len() * 50 <= patterns.len(),
        "{} of {} are compiled when they run: {slow:#?}",
        slow.len(),
        patterns.len()
    );
}

#[test]
fn every_built_in_rule_has_a_fixture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let used =
        cases::load(&root).unwrap().into_iter().filter_map(|folder| folder.case.facts?.rule).collect::<BTreeSet<_>>();
    let without = built_in_sources().filter(|(id, _)| !used.contains(*id)).map(|(id, _)| id).collect::<Vec<_>>();
    assert!(without.is_empty(), "no fixture shows these rules: {without:?}");
}

#[test]
fn rules_that_treat_failures_have_a_success_and_a_failure_to_show() {
    // `npm view` fails as npm, under `js/npm`; `pytest --fixtures` that prints its list ends with 0.
    let never_fail = BTreeSet::from(["js/npm-view", "python/pytest-fixtures"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (mut succeeded, mut failed) =
        (BTreeSet::new(), never_fail.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
    for case in cases::load(&root).unwrap().into_iter().map(|folder| folder.case) {
        let Some(rule) = case.facts.as_ref().and_then(|facts| facts.rule.clone()) else { continue };
        let is_success = case.exit_code.unwrap_or(0) == 0;
        if is_success {
            succeeded.insert(rule)
        } else {
            failed.insert(rule)
        };
    }
    let treats = |text: &str| {
        let keys = ["failure =", "short =", "protect =", "[[on-failure]]"];
        text.lines().any(|line| keys.iter().any(|key| line.starts_with(key)))
    };
    let lacking = |shown: &BTreeSet<String>| {
        let treating = built_in_sources().filter(|(_, text)| treats(text)).map(|(id, _)| id);
        treating.filter(|id| !shown.contains(*id)).collect::<Vec<_>>()
    };
    assert_eq!((lacking(&succeeded), lacking(&failed)), (vec![], vec![]), "without a success; without a failure");
}

#[test]
fn every_fixture_is_complete() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let groups = std::fs::read_dir(&root).unwrap().map(|group| group.unwrap().path());
    // Payloads of hooks are cases of `tests/hooks.rs`.
    for group in groups.filter(|group| !group.ends_with("hook")) {
        for case in std::fs::read_dir(group).unwrap() {
            let case = case.unwrap().path();
            for file in ["cmd", "input", "expected", "keep", "facts.json"] {
                assert!(case.join(file).is_file(), "{} has no `{file}`", case.display());
            }
        }
    }
}

#[test]
fn the_more_specific_rule_wins_and_later_layers_replace() {
    let tool = "id = \"x/tool\"\nsummary = \"s\"\n[match]\ntool = [\"frob\"]\n";
    let sub = "id = \"x/sub\"\nsummary = \"s\"\n[match]\ntool = [\"frob\"]\nsubcommand = [\"build\"]\n";
    let print = "id = \"x/print\"\nsummary = \"s\"\n[match]\nfingerprint = ['^frob: ']\n";
    let rules = RuleSet::with(&[source("tool", tool), source("sub", sub), source("print", print)]);
    let pick = |command: Option<&str>, text: &str| {
        let origin = Origin { command: command.map(ToString::to_string), exit_code: None };
        let doc = Document::new(text.as_bytes(), origin);
        decide(&doc, &Request::default(), &rules).rule.map(|found| found.rule.id.clone())
    };
    assert_eq!(pick(Some("frob build -x"), "frob: a").as_deref(), Some("x/sub"));
    assert_eq!(pick(Some("frob test"), "frob: a").as_deref(), Some("x/tool"));
    assert_eq!(pick(None, "frob: a").as_deref(), Some("x/print"));
    assert_eq!(pick(Some("./run-all"), "frob: a").as_deref(), Some("x/print"));
    assert_eq!(pick(Some("cat frob.txt"), "frob: a"), None, "a file that is read is nobody's output");
    assert_eq!(pick(Some("make && frob build"), "other"), None, "an uncertain command needs the fingerprint");
    let mut project = source("tool", &tool.replace("\"s\"", "\"mine\""));
    project.layer = Layer::Project;
    let rules = RuleSet::with(&[source("tool", tool), project]);
    assert_eq!(rules.get("x/tool").unwrap().summary, "mine");
}

#[test]
fn an_untrusted_rule_replaces_no_built_in_one_and_comes_after_all() {
    let id = built_in_sources().next().unwrap().0;
    let mut project = source("p", &format!("id = \"{id}\"\nsummary = \"s\"\n"));
    project.layer = Layer::Untrusted;
    let rules = RuleSet::with(&[project]);
    assert!(rules.errors()[0].message.contains("not trusted"), "{:?}", rules.errors());
    assert_ne!(rules.get(id).unwrap().summary, "s");

    let mut project = source("p", "id = 'own/ls'\nsummary = 's'\npriority = 9999\n[match]\ntool = ['ls']\n");
    for (layer, found) in [(Layer::Untrusted, "files/ls"), (Layer::Project, "own/ls")] {
        project.layer = layer;
        let rules = RuleSet::with(std::slice::from_ref(&project));
        let doc = Document::new(b"a.c\nb.c\n", Origin { command: Some("ls".into()), exit_code: Some(0) });
        assert_eq!(decide(&doc, &Request::default(), &rules).rule.unwrap().rule.id, found, "{layer}");
    }
}

#[test]
fn broken_rules_say_where_and_what_is_near() {
    for (text, place, message, hint) in [
        (
            "id = \"a\"\nsummary = \"s\"\n[[step]]\ndrpo = { lines = [\"x\"] }\n",
            (4, 1),
            "unknown field `drpo`",
            "did you mean `drop`?",
        ),
        (
            "id = \"a\"\nsummary = \"s\"\n[match]\ntol = [\"x\"]\n",
            (4, 1),
            "unknown field `tol`",
            "did you mean `tool`?",
        ),
        ("id = \"a\"\nsummary = \"s\"\nprotect = ['a(b']\n", (3, 13), "unclosed group", ""),
        ("id = \"a\"\nsummary = \n", (2, 11), "", ""),
        ("id = \"a\"\nsummary = \"s\"\nkind = \"lgo\"\n", (3, 1), "no kind of content", ""),
        ("id = \"a\"\nsummary = \"s\"\n[[step]]\n", (3, 1), "a step needs one key", ""),
        ("summary = \"s\"\n", (1, 1), "missing field `id`", ""),
        ("id = 'a'\nsummary = 's'\n[match]\ntool = ['R']\n", (4, 10), "write `r`", ""),
        (
            "id = 'a'\nsummary = 's'\n[[step]]\nreplace = { pattern = '(a)', with = '$1Z' }\n",
            (4, 38),
            "no capture has this name",
            "",
        ),
    ] {
        let error = rule::check(&source("a", text)).unwrap_or_else(|| panic!("no error in {text}"));
        assert!(error.message.contains(message), "{error}");
        assert_eq!((error.line, error.column), place, "{error}\n{text}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{error}");
    }
}

#[test]
fn a_broken_rule_is_left_out_and_the_text_passes() {
    let rules = RuleSet::with(&[source("bad", "id = \"x/bad\"\nsummary = \"s\"\nbogus = 1\n")]);
    assert_eq!(rules.errors().len(), 1);
    let out = compact(b"frob: fine\n", &Request::default(), &rules);
    assert_eq!(out.text, b"frob: fine\n");
}

#[test]
fn kinds_have_names_that_read_back() {
    for kind in Kind::ALL {
        assert_eq!(kind.name().parse::<Kind>(), Ok(kind));
    }
}

#[test]
fn a_rule_is_proposed_from_an_output_and_passes_its_tests() {
    let home = tempfile::tempdir().unwrap();
    let hr = |args: &[&str], input: &[u8]| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_hr"));
        command.env("HR_HOME", home.path()).env("XDG_CONFIG_HOME", home.path()).current_dir(home.path());
        command.args(args).write_stdin(input).output().unwrap()
    };
    let steps = (0..60).map(|n| format!("Uploading part{n}.bin to the shop\n")).collect::<String>();
    let output = format!("acme 2.1\n{steps}error: part7.bin: it's too large\n59 uploaded, 1 refused\n");
    let new = ["rules", "new", "--command", "acme deploy --now", "--exit-code", "3"];
    let made = hr(&new, output.as_bytes());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let case = home.path().join("hr/fixtures/acme/failure");
    let shown = std::fs::read_to_string(case.join("expected")).unwrap();
    assert!(shown.contains("part7.bin: it's too large") && !shown.contains("Uploading"), "{shown}");
    let tested = hr(&["test", "hr/rules/own/acme.toml", "hr/fixtures"], b"");
    assert_eq!(String::from_utf8(tested.stdout).unwrap(), "2 passed, 0 failed\n");
    for (args, code) in [
        (&new[..], 2),
        (&["rules", "new", "--command", "acme", "--id", "../acme"], 2),
        (&["rules", "new", "--command", "make && acme", "--id", "own/other"], 2),
        (&["rules", "new", "--command", "acme", "no-such-file"], 1),
    ] {
        assert_eq!(hr(args, output.as_bytes()).status.code(), Some(code), "{args:?}");
    }
    assert_eq!(hr(&new, b"").status.code(), Some(2), "there is nothing to learn from");
    assert!(hr(&[&new[..], &["--force"]].concat(), output.as_bytes()).status.success());
}

#[test]
fn which_names_the_rule_that_a_filtered_output_may_get() {
    let which = |line: &str| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_hr"));
        let out = command.args(["rules", "--no-project", "which", line]).output().unwrap();
        (String::from_utf8(out.stdout).unwrap(), out.status.code())
    };
    let (told, code) = which("cd x && sudo env A=1 cargo test -q | tail");
    assert!(told.starts_with("? rust/cargo-test (built-in), told by `cargo test -q`"), "{told}");
    assert_eq!(code, Some(0));
    assert!(which("cd x && sudo env A=1 cargo test -q").0.starts_with("* rust/cargo-test"));
    assert_eq!(which("frobnicate | tail"), ("no rule\n".into(), Some(1)));
}
