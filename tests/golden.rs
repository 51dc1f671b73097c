//! One test for each folder in `fixtures/`, with the same code that `hr test` runs, and one for each inline test of a rule.
//!
//! `cargo test --test golden -- pytest` runs a group; `HR_BLESS=1` writes `expected` and `facts.json`, never `keep`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads its files and may fail")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use hr::cli::cases::{self, CaseFolder};
use hr::cli::commands::test::describe;
use hr::golden::{self, Failure};
use hr::rule::RuleSet;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let rules = Arc::new(RuleSet::built_in());
    let mut trials = Vec::new();
    for folder in cases::load(&root).unwrap() {
        let rules = Arc::clone(&rules);
        trials.push(Trial::test(folder.case.name.clone(), move || passes(&folder, &rules)));
    }
    for rule in rules.all() {
        for (name, failures) in golden::run_inline(&rule, &rules) {
            trials.push(Trial::test(format!("rules/{}: {name}", rule.id), move || verdict(&failures)));
        }
    }
    libtest_mimic::run(&args, trials).exit_code()
}

fn passes(folder: &CaseFolder, rules: &RuleSet) -> Result<(), Failed> {
    let result = golden::run(&folder.case, rules);
    if std::env::var_os("HR_BLESS").is_some() {
        cases::bless(folder, &result).unwrap();
        return Ok(());
    }
    if folder.case.expected.is_none() || folder.case.facts.is_none() {
        return Err("`expected` or `facts.json` is missing: HR_BLESS=1 cargo test --test golden".into());
    }
    if let (Some(rule), Some(blind)) = (&result.facts.rule, &result.facts.blind)
        && rule != blind
    {
        return Err(format!("the command picks {rule}, the output alone picks {blind}").into());
    }
    verdict(&result.failures)
}

fn verdict(failures: &[Failure]) -> Result<(), Failed> {
    if failures.is_empty() {
        return Ok(());
    }
    Err(failures.iter().map(describe).collect::<Vec<_>>().join("\n").into())
}
