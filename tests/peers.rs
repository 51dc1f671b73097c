//! How far the rules of peers, imported, do what their own tests expect. The peers' files are no part of this repository:
//! `HR_PEER_RULES` names a folder with them, such as clones of tokenjuice and tokf side by side.
//!
//! `HR_PEER_RULES=folder cargo test --test tests peers -- --ignored --nocapture` prints the figures.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hr::document::{Document, Origin};
use hr::pipeline::{FooterPlace, Request, claims, compact, decide, draft};
use hr::render::text::body;
use hr::rule::import::{self, Fate, Peer};
use hr::rule::{Layer, Rule, RuleSet, Source};
use serde_json::Value;

/// What is counted.
#[derive(Debug, Default)]
struct Score {
    held: usize,
    all: usize,
}

impl Score {
    fn add(&mut self, holds: bool) {
        self.all += 1;
        self.held += usize::from(holds);
    }

    fn failed(&self) -> usize {
        self.all - self.held
    }

    fn percent(&self) -> f64 {
        100.0 * self.held as f64 / self.all.max(1) as f64
    }

    fn print(&self, what: &str) {
        println!("{what}: {} of {} ({:.1} %)", self.held, self.all, self.percent());
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// What everybody gets: small outputs, and those that would not get smaller, stay as they are.
    Guarded,
    /// What the steps of the rule leave, whatever it saves: the peers' own cases are a few lines each.
    Steps,
}

/// What is counted about the expectations of a peer.
#[derive(Debug, Default)]
struct Tally {
    guarded: Score,
    steps: Score,
    cases: Score,
}

impl Tally {
    /// Runs one case in both views; `expect` checks what comes out and what facts there are.
    fn case(&mut self, name: &str, case: &Case<'_>, expect: impl Fn(&Shown, &mut dyn FnMut(&str, &str, bool))) {
        expect(&case.shown(View::Guarded), &mut |_, _, holds| self.guarded.add(holds));
        let before = self.steps.failed();
        expect(&case.shown(View::Steps), &mut |what, wanted, holds| {
            self.steps.add(holds);
            if !holds {
                println!("  {name}: {what} {wanted:?}");
            }
        });
        self.cases.add(self.steps.failed() == before);
    }

    fn print(&self, peer: &str) {
        self.guarded.print(&format!("{peer}: expectations after the guard"));
        self.steps.print(&format!("{peer}: expectations of what the steps leave"));
        self.cases.print(&format!("{peer}: cases with all expectations of what the steps leave"));
    }
}

#[test]
#[ignore = "needs the peers' rules, in the folder that HR_PEER_RULES names"]
fn tokenjuice_fixtures() {
    let files = files(&folder());
    let (rules, loaded) = import_all(&files, Peer::Tokenjuice);
    loaded.print("tokenjuice: rules imported");
    let (mut picked, mut tally) = (Score::default(), Tally::default());
    for (path, text) in files.iter().filter(|(path, _)| path.to_string_lossy().ends_with(".fixture.json")) {
        let Ok(fixture) = serde_json::from_str::<Value>(text) else { continue };
        let Some(id) = fixture["ruleId"].as_str().map(|id| format!("imported/tokenjuice/{id}")) else { continue };
        let input = text_of(&fixture["input"], "combinedText");
        let exit_code = code_of(&fixture["input"]["exitCode"]);
        let origin = Origin { command: Some(command_of(&fixture["input"])), exit_code };
        let doc = Document::new(input.as_bytes(), origin.clone());
        let claims = claims(&doc, &Request::default(), &rules);
        let found = claims.iter().map(|found| found.rule.id.as_str()).find(|id| id.starts_with("imported/"));
        picked.add(found == Some(id.as_str()));
        if found != Some(id.as_str()) {
            println!("  {}: {:?} picks {found:?}", name_of(path), origin.command);
        }
        if let Some(rule) = rules.get(&id) {
            let case = Case { rule: &rule, origin, input: input.as_bytes(), rules: &rules };
            tally.case(&name_of(path), &case, |shown, check| expect_tokenjuice(&fixture["expect"], shown, check));
        }
    }
    picked.print("tokenjuice: fixtures that pick their rule");
    tally.print("tokenjuice");
    assert!(loaded.percent() >= 98.0, "rules imported");
    assert!(picked.percent() >= 96.0, "fixtures that pick their rule");
    assert!(tally.guarded.percent() >= 86.0 && tally.steps.percent() >= 86.0, "expectations");
}

#[test]
#[ignore = "needs the peers' rules, in the folder that HR_PEER_RULES names"]
fn tokf_cases() {
    let files = files(&folder());
    let (rules, loaded) = import_all(&files, Peer::Tokf);
    loaded.print("tokf: filters imported");
    let (mut whole, mut partial) = (Tally::default(), Tally::default());
    for (path, text) in &files {
        let Some((rule, is_whole, case)) = tokf_case(path, text, &rules) else { continue };
        let tally = if is_whole { &mut whole } else { &mut partial };
        let input = case["fixture"].as_str().and_then(|name| fs::read_to_string(path.with_file_name(name)).ok());
        let input = input.unwrap_or_else(|| text_of(&case, "inline"));
        let origin = Origin { command: None, exit_code: code_of(&case["exit_code"]).or(Some(0)) };
        let run = Case { rule: &rule, origin, input: input.as_bytes(), rules: &rules };
        tally.case(&name_of(path), &run, |shown, check| expect_tokf(&case, shown, check));
    }
    whole.print("tokf, filters carried over whole");
    partial.print("tokf, filters with keys left out");
    assert!(loaded.percent() >= 94.0, "filters imported");
    assert!(whole.guarded.percent() >= 78.0 && whole.steps.percent() >= 85.0, "whole filters");
    assert!(partial.guarded.percent() >= 48.0 && partial.steps.percent() >= 52.0, "filters with keys left out");
}

/// A case of a peer: its input, and the imported rule.
struct Case<'c> {
    rule: &'c Arc<Rule>,
    origin: Origin,
    input: &'c [u8],
    rules: &'c RuleSet,
}

/// What the reader sees.
struct Shown {
    text: String,
    /// The facts, each as the peers write them, `2 names`.
    facts: String,
}

impl Case<'_> {
    fn shown(&self, view: View) -> Shown {
        let request = Request {
            origin: self.origin.clone(),
            rule: Some(Arc::clone(self.rule)),
            handle: Some("3f9a1c2b".into()),
            footer: FooterPlace::Apart,
            ..Request::default()
        };
        let out = compact(self.input, &request, self.rules);
        let facts = out.facts.iter().map(|(name, value)| format!("{value} {}\n", name.replace('-', " ")));
        let exit = self.origin.exit_code.map_or(String::new(), |code| format!("exit {code}\n"));
        let text = match view {
            View::Guarded => out.text,
            View::Steps => self.left(request),
        };
        // The peers say nothing, or something else, where lines are left out.
        let text = String::from_utf8_lossy(&text);
        let text = text.lines().filter(|line| !line.starts_with("[hr: ")).collect::<Vec<_>>().join("\n");
        Shown { text: text.trim().to_string(), facts: facts.collect::<String>() + &exit }
    }

    /// What the steps leave, without the limits for small outputs.
    fn left(&self, mut request: Request) -> Vec<u8> {
        (request.limits.small_ruled, request.limits.small_short) = (0, 0);
        let doc = Document::new(self.input, self.origin.clone());
        let decision = decide(&doc, &request, self.rules);
        body(&draft(&doc, &decision))
    }
}

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("HR_PEER_RULES").expect("HR_PEER_RULES names a folder with the peers' rules"))
}

/// Every JSON and TOML file below a folder.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json" || extension == "toml") {
            files.extend(fs::read_to_string(&path).map(|text| (path, text)));
        }
    }
    files.sort();
    files
}

/// The rules of a peer that can be imported, in force, and how many there are of how many.
fn import_all(files: &[(PathBuf, String)], peer: Peer) -> (RuleSet, Score) {
    let mut loaded = Score::default();
    let mut sources = Vec::new();
    for (path, text) in files {
        for rule in import::read(&path.to_string_lossy(), text, Some(peer)).unwrap_or_default() {
            loaded.add(rule.text.is_some());
            sources.extend(rule.text.map(|text| Source { file: rule.id, text, layer: Layer::User }));
        }
    }
    let rules = RuleSet::with(&sources);
    assert_eq!(rules.errors(), []);
    (rules, loaded)
}

/// A test case of tokf, the rule beside its folder, and whether that rule came over whole.
fn tokf_case(path: &Path, text: &str, rules: &RuleSet) -> Option<(Arc<Rule>, bool, Value)> {
    let folder = path.parent()?;
    let filter = folder.with_file_name(format!("{}.toml", folder.file_name()?.to_str()?.strip_suffix("_test")?));
    let case: Value = toml::from_str(text).ok()?;
    let imported =
        import::read(&filter.to_string_lossy(), &fs::read_to_string(&filter).ok()?, Some(Peer::Tokf)).ok()?;
    let imported = imported.first()?;
    let is_whole = imported.notes.iter().all(|note| note.fate != Fate::Left);
    Some((rules.get(&imported.id)?, is_whole, case))
}

fn expect_tokenjuice(expect: &Value, shown: &Shown, check: &mut dyn FnMut(&str, &str, bool)) {
    for wanted in strings(&expect["contains"]) {
        check("lacks", wanted, shown.text.contains(wanted) || shown.facts.contains(wanted));
    }
    for unwanted in strings(&expect["excludes"]) {
        check("has", unwanted, !shown.text.contains(unwanted));
    }
    if let Some(exact) = expect["inlineText"].as_str() {
        check("is not", exact, shown.text == exact.trim());
    }
}

fn expect_tokf(case: &Value, shown: &Shown, check: &mut dyn FnMut(&str, &str, bool)) {
    let text = shown.text.as_str();
    let all = case["expect"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    for (what, wanted) in all {
        let plain = wanted.as_str().unwrap_or_default();
        let matches = || regex::Regex::new(plain).is_ok_and(|pattern| pattern.is_match(text));
        let holds = match what.as_str() {
            "contains" => text.contains(plain),
            "not_contains" => !text.contains(plain),
            "equals" => text == plain.trim(),
            "starts_with" => text.starts_with(plain),
            "ends_with" => text.ends_with(plain),
            "line_count" => Some(text.lines().count() as u64) == wanted.as_u64(),
            "matches" => matches(),
            _ => !matches(),
        };
        check(what, &wanted.to_string(), holds);
    }
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}

/// The command line of a fixture, from its words when there is no line.
fn command_of(input: &Value) -> String {
    match input["command"].as_str() {
        Some(line) => line.to_string(),
        None => strings(&input["argv"]).collect::<Vec<_>>().join(" "),
    }
}

fn code_of(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|code| i32::try_from(code).ok())
}

fn name_of(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy())
}
