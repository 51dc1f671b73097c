//! `hr rules import`: what becomes of the rules of other programs. All samples are made up for the purpose.
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use hr::document::{Document, Origin};
use hr::pipeline::{Request, compact, decide};
use hr::rule::import::{self, Fate, Imported, Peer};
use hr::rule::{Layer, RuleSet, Source};

const TOKENJUICE: &str = r#"{
  "id": "acme/deploy", "family": "deploy", "description": "acme deploy: steps go", "priority": 2,
  "match": {"toolNames": ["exec"], "argv0": ["acme"], "argvIncludes": [["deploy"], ["--now"]]},
  "transforms": {"stripAnsi": true, "dedupeAdjacent": true, "trimEmptyEdges": true},
  "filters": {"skipPatterns": ["^step \\d+ ", "^(?!released).*quiet"]},
  "summarize": {"head": 2, "tail": 1},
  "failure": {"preserveOnFailure": true, "head": 4, "tail": 1},
  "counters": [{"name": "shop shown", "pattern": "^SHOP ", "flags": "i"}],
  "matchOutput": [{"pattern": "nothing to deploy", "message": "deploy: nothing to do"}],
  "onEmpty": "deploy: ok",
  "sumarize": {"head": 9}
}"#;

const TOKF: &str = r#"
command = ["acme deploy *", "npx acme redeploy"]
description = "acme deploy"
run = "acme deploy --json {args}"
strip_ansi = true
skip = ["^step \\d+ "]
passthrough_args = ["--watch"]
show_history_hint = true
replace = [{ pattern = '^shop (\S+) took (\S+)$', output = "{1}: {2}" }]

[on_success]
extract = { pattern = '^released (\S+)$', output = "released {1}" }

[on_failure]
tail = 3

[[on_failure.aggregates]]
from = "failures"
pattern = '(\d+) failed'
sum = "failed"

[lua_script]
lang = "luau"
source = "return output"
"#;

const RTK: &str = r#"
schema_version = 1

[filters.acme-deploy]
description = "acme deploy"
match_command = "^acme\\s+(deploy|redeploy)\\b"
strip_lines_matching = ["^\\s*$", "^step \\d+ "]
match_output = [{ pattern = "nothing to deploy", message = "deploy: nothing to do", unless = "shop gone" }]
max_lines = 6
on_empty = "deploy: ok"

[[tests.acme-deploy]]
name = "steps go"
input = "step 1 of 2\n\nreleased shop\n"
expected = "released shop"

[[tests.acme-deploy]]
name = "not so here"
input = "step 1 of 2\nreleased shop\n"
expected = "shipped shop"
"#;

fn one(name: &str, text: &str) -> Imported {
    let mut rules = import::read(name, text, None).unwrap();
    assert_eq!(rules.len(), 1);
    rules.remove(0)
}

fn keys(rule: &Imported, fate: Fate) -> Vec<&str> {
    let mut keys = rule.notes.iter().filter(|note| note.fate == fate).map(|note| note.key.as_str()).collect::<Vec<_>>();
    keys.dedup();
    keys
}

/// What comes out of an input by the rule, however small the input is.
fn applied(rule: &Imported, command: &str, exit_code: i32, input: &str) -> String {
    let text = rule.text.clone().unwrap();
    let rules = RuleSet::with(&[Source { file: rule.id.clone(), text, layer: Layer::User }]);
    let origin = Origin { command: Some(command.into()), exit_code: Some(exit_code) };
    let mut request = Request { origin, handle: Some("3f9a1c2b".into()), ..Request::default() };
    (request.limits.small_ruled, request.limits.small_short) = (0, 0);
    let doc = Document::new(input.as_bytes(), request.origin.clone());
    let found = decide(&doc, &request, &rules).rule.map(|found| found.rule.id.clone());
    assert_eq!(found.as_deref(), Some(rule.id.as_str()), "{command}");
    request.rule = rules.get(&rule.id).as_ref().map(Arc::clone);
    String::from_utf8(compact(input.as_bytes(), &request, &rules).text).unwrap()
}

/// Enough lines that leaving them out pays.
fn steps() -> String {
    (1..80).map(|step| format!("step {step} of 80\n")).collect()
}

#[test]
fn a_tokenjuice_rule_comes_over_with_a_report() {
    let rule = one("x/deploy.json", TOKENJUICE);
    assert_eq!((rule.peer, rule.id.as_str()), (Peer::Tokenjuice, "imported/tokenjuice/acme/deploy"));
    assert_eq!(keys(&rule, Fate::Left), ["filters.skipPatterns", "sumarize"]);
    let changed = keys(&rule, Fate::Changed);
    for key in ["match.argv0", "matchOutput[0].pattern", "onEmpty", "summarize", "counters"] {
        assert!(changed.contains(&key), "{key} is not in {changed:?}");
    }
    let text = rule.text.as_ref().unwrap();
    assert!(text.contains("# Not carried over:\n# - filters.skipPatterns: ") && text.contains("look-around"), "{text}");
    assert!(text.contains("did you mean `summarize`?"), "{text}");
    let written: toml::Table = text.parse().unwrap();
    assert_eq!(written["match"]["argv"].as_array().unwrap().len(), 1);
    assert_eq!(written["priority"].as_integer(), Some(2));
    assert_eq!(written["fact"][0]["name"].as_str(), Some("shop-shown"));
}

#[test]
fn error_lines_and_failures_outlive_a_window() {
    let rule = one("x/deploy.json", TOKENJUICE);
    let shops = (1..60).map(|shop| format!("shop {shop} is fine and open\n")).collect::<String>();
    let input = format!("{shops}error: till is jammed\n{shops}last words\n");
    let failed = applied(&rule, "sudo acme --now deploy", 1, &input);
    for line in ["shop 4 is", "error: till is jammed", "last words", "exit 1"] {
        assert!(failed.contains(line), "no `{line}` in {failed}");
    }
    let fine = applied(&rule, "acme deploy --now", 0, &input);
    assert!(!fine.contains("shop 4 is") && fine.contains("error: till is jammed"), "{fine}");
}

#[test]
fn messages_are_for_successes_that_are_understood() {
    let tokenjuice = one("x/deploy.json", TOKENJUICE);
    let rtk = one("filters.toml", RTK);
    for rule in [&tokenjuice, &rtk] {
        let run = |exit_code: i32, last: &str| applied(rule, "acme deploy --now", exit_code, &(steps() + last));
        assert!(run(0, "").contains("deploy: ok"));
        assert!(run(0, "nothing to deploy\n").contains("deploy: nothing to do"));
        for (exit_code, last) in [(1, ""), (1, "nothing to deploy\n")] {
            let out = run(exit_code, last);
            assert!(!out.contains("deploy: ") && out.contains("exit 1"), "{out}");
        }
        let out = run(0, "nothing to deploy\nfatal: the shop burns\n");
        assert!(out.contains("fatal: the shop burns") && !out.contains("nothing to do"), "{out}");
    }
    let out = applied(&rtk, "acme deploy", 0, &(steps() + "nothing to deploy, shop gone\n"));
    assert!(out.contains("shop gone") && !out.contains("nothing to do"), "{out}");
}

#[test]
fn a_tokf_filter_comes_over_without_what_runs() {
    let rule = one("acme/deploy.toml", TOKF);
    assert_eq!(rule.id, "imported/tokf/acme/deploy");
    assert_eq!(keys(&rule, Fate::Left), ["run", "lua_script"]);
    let text = rule.text.as_ref().unwrap();
    assert!(!text.contains("--json") && !text.contains("return output"), "{text}");
    let out = applied(&rule, "acme deploy all", 0, &(steps() + "released shop-7\n"));
    assert!(out.contains("released shop-7") && !out.contains("step 9"), "{out}");
    let out = applied(&rule, "npx acme redeploy", 1, &(steps() + "shop a took 3s\n7 failed\n"));
    assert!(out.contains("a: 3s\n7 failed") && out.contains("exit 1"), "{out}");
    assert!(text.contains("[[fact]]\nname = 'failed'\npattern = '(\\d+) failed'\nvalue = 'sum'\n"), "{text}");
    let watched = RuleSet::with(&[Source { file: "t".into(), text: text.clone(), layer: Layer::User }]);
    let origin = Origin { command: Some("acme deploy --watch".into()), exit_code: None };
    let doc = Document::new(b"step 1 of 2\n", origin.clone());
    assert!(decide(&doc, &Request { origin, ..Request::default() }, &watched).rule.is_none());
}

#[test]
fn an_rtk_filter_comes_over_with_the_tests_that_hold() {
    let rule = one("filters.toml", RTK);
    assert_eq!(keys(&rule, Fate::Left), ["test `not so here`"]);
    let written: toml::Table = rule.text.as_ref().unwrap().parse().unwrap();
    assert_eq!(written["test"].as_array().unwrap().len(), 1);
    assert_eq!(written["match"]["subcommand"].as_array().unwrap().len(), 2);
    assert_eq!(written["protect"][0].as_str(), Some("shop gone"));
}

#[test]
fn nothing_is_carried_over_by_halves() {
    for (name, text, why) in [
        // With one pattern less, a keep list would drop more.
        (
            "a.json",
            r#"{"id":"a","family":"f","match":{"argv0":["a"]},"filters":{"keepPatterns":["^x","^(?!y)"]}}"#,
            "all lines stay",
        ),
        ("a.json", r#"{"id":"a","family":"f","match":{},"summarize":{"head":1}}"#, "names no command"),
        ("a.json", r#"{"id":"a","family":"f","match":{"toolNames":["browser"]}}"#, "runs no command"),
        ("a.json", r#"{"id":"a","family":"f","match":{"argv0":["a"]},"onEmpty":"ok"}"#, "nothing can become empty"),
        (
            "a.json",
            r#"{"id":"a","family":"f","match":{"argv0":["a"]},"matchOutput":[{"pattern":"a\\nb","message":"m"}]}"#,
            "several lines",
        ),
        (
            "a.json",
            r#"{"id":"a","family":"f","match":{"argv0":["a"]},"matchOutput":[{"pattern":"a","message":"$HOME"}]}"#,
            "name of a capture",
        ),
        ("a.json", r#"{"id":"a","family":"f","match":{"argv0":["a"]},"summarize":{"head":"x"}}"#, "is not a number"),
        ("a.toml", "command = 'a'\n[on_success]\noutput = 'fine'", "nobody looked at"),
        ("a.toml", "command = 'a'\ntail = 3\n[on_failure]\noutput = 'bad'", "never replaced"),
        ("a.toml", "command = 'a'\ntail = 3\n[on_success]\noutput = '{n} passed'", "no templates"),
        ("a.toml", "command = 'a'\nlua_script = { lang = 'luau' }", "nothing is left"),
        (
            "a.toml",
            "[filters.a]\nmatch_command = '^a'\nmax_lines = 3\nmatch_output = [{ pattern = 'a' }]",
            "needs a pattern and a message",
        ),
    ] {
        let rule = one(name, text);
        let told = rule.notes.iter().any(|note| note.fate == Fate::Left && note.why.contains(why));
        assert!(told, "{text}: {:?}", rule.notes);
    }
}

/// Folders for rules that come and go, and the program with a home of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::create_dir_all(place.at(name).parent().unwrap()).unwrap();
            fs::write(place.at(name), text).unwrap();
        }
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn import(&self, arguments: &[&str]) -> Output {
        let mut hr = Command::new(env!("CARGO_BIN_EXE_hr"));
        hr.args(["rules", "import"]).args(arguments).current_dir(self.0.path());
        hr.env("XDG_CONFIG_HOME", self.at("config")).env("HR_HOME", self.at("hr")).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_folder_of_everything_becomes_rules_of_the_user() {
    let place = Place::new(&[
        ("theirs/deploy.json", TOKENJUICE),
        ("theirs/acme/deploy.toml", TOKF),
        ("theirs/acme/deploy_test/a.toml", "name = 'a'\n[[expect]]\ncontains = 'a'\n"),
        ("theirs/filters.toml", RTK),
        ("theirs/Cargo.toml", "[package]\nname = 'x'\n"),
    ]);
    let folder = place.at("config/hr/rules/imported");
    let dry = place.import(&["--dry-run", "theirs"]);
    assert!(dry.status.success() && text(&dry.stdout).contains("3 rules would be written"), "{dry:?}");
    assert!(!folder.exists(), "a dry run writes nothing");
    let first = place.import(&["theirs"]);
    let report = text(&first.stdout);
    assert!(
        first.status.success() && report.contains("3 rules written") && report.contains("2 other files"),
        "{report}"
    );
    let rule = fs::read_to_string(folder.join("tokf/acme/deploy.toml")).unwrap();
    assert_eq!(Some(rule), one("acme/deploy.toml", TOKF).text);
    let mut check = Command::new(env!("CARGO_BIN_EXE_hr"));
    let check = check.args(["rules", "check"]).arg(&folder).output().unwrap();
    assert_eq!(text(&check.stdout), "3 rules checked, 0 broken\n");
    assert_eq!(place.import(&["theirs", "--force", "--strict"]).status.code(), Some(1), "some keys are left out");
}

#[test]
fn a_rule_that_is_there_stops_everything() {
    let place =
        Place::new(&[("a.json", TOKENJUICE), ("b.toml", RTK), ("out/imported/tokenjuice/acme/deploy.toml", "mine")]);
    let refused = place.import(&["a.json", "b.toml", "--out", "out"]);
    let complaint = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        complaint.contains("would be overwritten; nothing is written") && complaint.contains("--force"),
        "{complaint}"
    );
    assert!(!place.at("out/imported/rtk").exists());
    assert!(place.import(&["a.json", "b.toml", "--out", "out", "--force"]).status.success());
    assert_ne!(fs::read_to_string(place.at("out/imported/tokenjuice/acme/deploy.toml")).unwrap(), "mine");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_comes_over() {
    let place = Place::new(&[
        ("in/a.json", TOKENJUICE),
        ("in/b.json", "{ \"id\": \n}"),
        ("in/c.toml", "command = [\n"),
        ("own.toml", "id = 'a/b'\nsummary = 's'\n"),
    ]);
    let out = place.import(&["in", "--out", "out"]);
    let complaint = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        complaint.contains("in/b.json") && complaint.contains("line 2") && complaint.contains("in/c.toml"),
        "{complaint}"
    );
    assert!(place.at("out/imported/tokenjuice/acme/deploy.toml").exists());
    for (arguments, why) in [
        (&["own.toml"][..], "no rule of tokenjuice, tokf or RTK"),
        (&["in/a.json", "--from", "rtk"], "no rule of rtk"),
        (&["missing"], "cannot read `missing`"),
        (&["config", "."], "cannot read `config`"),
        (&["in/a.json", "in/a.json", "--dry-run"], "another rule with the name"),
        (&[], "required"),
    ] {
        let out = place.import(arguments);
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        assert!(text(&out.stderr).contains(why), "{arguments:?}: {}", text(&out.stderr));
    }
}

#[test]
fn the_json_report_has_the_fate_of_every_key() {
    let place = Place::new(&[("a.json", TOKENJUICE)]);
    let out = place.import(&["a.json", "--dry-run", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((report["schema"].as_i64(), report["dry_run"].as_bool()), (Some(1), Some(true)));
    let rule = &report["rules"][0];
    assert_eq!((rule["peer"].as_str(), rule["from"].as_str()), (Some("tokenjuice"), Some("a.json")));
    let keys = rule["keys"].as_array().unwrap();
    let fate = |name: &str| keys.iter().find(|key| key["key"] == name).and_then(|key| key["fate"].as_str());
    assert_eq!(
        (fate("description"), fate("onEmpty"), fate("sumarize")),
        (Some("carried over"), Some("changed"), Some("left out"))
    );
}
