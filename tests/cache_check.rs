//! `hr cache-check`: what it finds in the prompts of real products, with values planted in them and as they are.
//!
//! `HR_CORPUS=… cargo test --test tests cache_check -- --include-ignored --nocapture` prints the figures. Cases are those of
//! `corpus.rs`; `expect.dynamic` lists `kind`, `text` and `line` of what changes, `expect.template_holes` the placeholders.

use std::collections::BTreeMap;

use hr::cache_check::{self, Finding, Form, Options, Prompt};

use crate::corpus::Case;

/// The check that a kind of planted value is found by.
const KINDS: [(&str, &str); 7] = [
    ("uuid", "uuid"),
    ("iso_timestamp", "iso-timestamp"),
    ("iso_date", "iso-timestamp"),
    ("rfc2822", "date-time"),
    ("epoch", "unix-time"),
    ("git_sha", "hex-hash"),
    ("container_id", "host-name"),
];

fn findings(text: &str, form: Form) -> Vec<Finding> {
    let prompts = Prompt::read(text, form).unwrap();
    prompts.iter().flat_map(|prompt| cache_check::check(prompt, &Options::default())).collect()
}

#[test]
#[ignore = "needs HR_CORPUS"]
fn planted_values_are_found_with_line_and_kind() {
    let kinds = BTreeMap::from(KINDS);
    let mut found: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in Case::all(Some("prompt_dynamic")) {
        let text = String::from_utf8_lossy(&case.input);
        let findings = findings(&text, Form::Text);
        for planted in case.told["expect"]["dynamic"].as_array().unwrap() {
            let (kind, value) = (planted["kind"].as_str().unwrap(), planted["text"].as_str().unwrap());
            let line = planted["line"].as_u64().unwrap() as usize;
            let is_it = |finding: &&Finding| {
                finding.line == line && finding.check == kinds[kind] && finding.sample.contains(value)
            };
            let count = found.entry(kind.to_string()).or_default();
            count.1 += 1;
            match findings.iter().find(is_it) {
                Some(_) => count.0 += 1,
                None => println!("missed: {} {kind} {value} in line {line}", case.told["id"]),
            }
        }
    }
    let (hits, all) = found.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    println!("planted values: {hits} of {all}, {found:?}");
    assert!(hits * 1000 >= all * 995, "{hits} of {all}");
}

#[test]
#[ignore = "needs HR_CORPUS"]
fn prompts_as_they_are_have_few_findings_that_nobody_listed() {
    let (mut bytes, mut unlisted, mut listed) = (0, BTreeMap::<&str, usize>::new(), 0);
    for case in Case::all(Some("prompt_asis")) {
        let text = String::from_utf8_lossy(&case.input);
        let expected = &case.told["expect"];
        let texts = |key: &str, of: fn(&serde_json::Value) -> Option<&str>| -> Vec<String> {
            expected[key].as_array().into_iter().flatten().filter_map(of).map(str::to_owned).collect()
        };
        let mut known = texts("dynamic", |value| value["text"].as_str());
        known.extend(texts("template_holes", serde_json::Value::as_str));
        bytes += text.len();
        for finding in findings(&text, Form::Auto) {
            let is_listed = known.iter().any(|text| finding.sample.contains(text) || text.contains(&finding.sample));
            listed += usize::from(is_listed);
            if !is_listed {
                *unlisted.entry(finding.check).or_default() += 1;
                println!(
                    "{}:{} {} {} `{}`",
                    case.told["id"], finding.line, finding.severity, finding.check, finding.sample
                );
            }
        }
    }
    let count: usize = unlisted.values().sum();
    println!("prompts as they are: {count} findings not listed in {bytes} bytes {unlisted:?}, {listed} listed");
    assert!(count * 100_000 <= bytes, "{count} in {bytes} bytes");
}
