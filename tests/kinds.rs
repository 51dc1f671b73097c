//! How well kinds are detected when no command is told, rules that know an output included: a confusion matrix over the fixtures, and over a corpus when there is one.
//!
//! `HR_CORPUS` names folders, separated by colons, with `<group>/<case>/case.json`: `HR_CORPUS=… cargo test --test tests kinds -- --include-ignored --nocapture`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hr::detect::Kind;
use hr::document::{Document, Origin};
use hr::pipeline::{Request, decide};
use hr::rule::RuleSet;

/// The kinds that a group's cases have; several where the cases differ and no reader would call one of them wrong.
const CORPUS: &[(&str, &[Kind])] = &[
    ("json", &[Kind::Json]),
    ("search", &[Kind::Search]),
    ("log", &[Kind::Log]),
    ("ci", &[Kind::Log]),
    ("tty", &[Kind::Log]),
    ("gotest", &[Kind::Log]),
    ("rustui", &[Kind::Log]),
    ("agent_test", &[Kind::Log]),
    ("diff", &[Kind::Diff]),
    ("agent_diff", &[Kind::Diff]),
    ("html", &[Kind::Html]),
    ("code", &[Kind::Code]),
    // Reads of parts of files: code, or prose and configuration.
    ("agent_read", &[Kind::Code, Kind::Text]),
    // Searches in one file print bare lines of it.
    ("agent_search", &[Kind::Search, Kind::Code, Kind::Text]),
    // Lists of files are the short form of a search.
    ("agent_list", &[Kind::Text, Kind::Search]),
];

/// The groups of fixtures whose kind is plain from what they are.
const FIXTURES: &[(&str, &[Kind])] = &[
    ("json", &[Kind::Json]),
    ("search", &[Kind::Search]),
    ("log", &[Kind::Log]),
    ("diff", &[Kind::Diff]),
    ("html", &[Kind::Html]),
    ("pytest", &[Kind::Log]),
    ("cargo-test", &[Kind::Log]),
    ("cargo-build", &[Kind::Log]),
    ("git-diff", &[Kind::Diff]),
    ("git-show", &[Kind::Diff]),
    ("rg", &[Kind::Search]),
    ("docker-build", &[Kind::Log]),
];

/// Rows are groups, columns the kinds that were detected.
#[derive(Debug)]
struct Matrix {
    rules: RuleSet,
    rows: BTreeMap<String, [usize; Kind::ALL.len()]>,
    wrong: Vec<String>,
}

impl Matrix {
    fn new() -> Self {
        Self { rules: RuleSet::built_in(), rows: BTreeMap::new(), wrong: Vec::new() }
    }

    fn add(&mut self, group: &str, case: &Path, input: &Path, kinds: &[Kind]) {
        let raw = fs::read(input).unwrap();
        let doc = Document::new(&raw, Origin::default());
        let found = decide(&doc, &Request::default(), &self.rules).plan.detection;
        self.rows.entry(group.to_string()).or_default()[found.kind as usize] += 1;
        if !kinds.contains(&found.kind) {
            self.wrong.push(format!("{}: {} ({})", case.display(), found.kind, found.why));
        }
    }

    /// Prints the matrix; the share of cases that have a kind of their group, and how many cases there are.
    fn print(&self, title: &str) -> (f64, usize) {
        let all: usize = self.rows.values().flatten().sum();
        println!("{title:<16}{}", Kind::ALL.map(|kind| format!("{:>8}", kind.name())).concat());
        for (group, row) in &self.rows {
            println!("{group:<16}{}", row.map(|count| format!("{count:>8}")).concat());
        }
        self.wrong.iter().for_each(|wrong| println!("wrong: {wrong}"));
        let right = 1.0 - self.wrong.len() as f64 / all.max(1) as f64;
        println!("{:.1} % of {all} right", right * 100.0);
        (right, all)
    }
}

/// The cases of a group below a folder, in order.
fn cases(root: &Path, group: &str) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(root.join(group)) else { return Vec::new() };
    let mut cases = entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    cases.sort();
    cases
}

#[test]
fn kinds_of_fixtures_are_detected() {
    let mut matrix = Matrix::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (group, kinds) in FIXTURES {
        for case in cases(&root, group) {
            // A short text may have no shape at all.
            if fs::metadata(case.join("input")).unwrap().len() >= 400 {
                matrix.add(group, &case, &case.join("input"), kinds);
            }
        }
    }
    let (right, all) = matrix.print("fixtures");
    assert!(all >= 20 && right >= 0.97, "only {:.1} % of {all} are right", right * 100.0);
}

#[test]
#[ignore = "needs a corpus: HR_CORPUS"]
fn kinds_of_the_corpus_are_detected() {
    let roots = std::env::var_os("HR_CORPUS").expect("HR_CORPUS names the folders of a corpus");
    let mut matrix = Matrix::new();
    for root in std::env::split_paths(&roots) {
        for (group, kinds) in CORPUS {
            for case in cases(&root, group) {
                let told: serde_json::Value =
                    serde_json::from_slice(&fs::read(case.join("case.json")).unwrap()).unwrap();
                matrix.add(group, &case, &case.join(told["input"].as_str().unwrap()), kinds);
            }
        }
    }
    let (right, all) = matrix.print("corpus");
    assert!(right >= 0.97, "only {:.1} % of {all} are right", right * 100.0);
}
