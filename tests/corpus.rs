//! What a corpus of recorded outputs says, with facts about each: templates of logs, and questions at half the tokens.
//!
//! `HR_CORPUS=… cargo test --test tests corpus -- --include-ignored --nocapture` prints the figures. A case is a folder
//! `<group>/<case>` with `case.json`: `input`, `command`, `exit_code`, `must_keep`, `should_keep`, and `intent` or `task`.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use hr::document::Origin;
use hr::pipeline::{Request, compact};
use hr::rule::RuleSet;
use regex::Regex;
use serde_json::Value;

/// How many cases of a group are asked questions about.
const ASKED: usize = 25;

pub(crate) struct Case {
    pub(crate) group: String,
    pub(crate) told: Value,
    pub(crate) input: Vec<u8>,
}

impl Case {
    /// Every case of a corpus, by group and name.
    pub(crate) fn all(group: Option<&str>) -> Vec<Self> {
        let roots = std::env::var_os("HR_CORPUS").expect("HR_CORPUS names the folders of a corpus");
        let mut cases = BTreeMap::new();
        for root in std::env::split_paths(&roots) {
            let groups = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
            for folder in groups.filter(|folder| group.is_none_or(|group| folder.ends_with(group))) {
                for case in fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
                    let Ok(text) = fs::read(case.join("case.json")) else { continue };
                    let told: Value = serde_json::from_slice(&text).unwrap();
                    let input = fs::read(case.join(told["input"].as_str().unwrap())).unwrap();
                    let group = folder.file_name().unwrap().to_string_lossy().into_owned();
                    cases.insert(case.file_name().unwrap().to_os_string(), Self { group, told, input });
                }
            }
        }
        cases.into_values().collect()
    }

    /// What comes out, and its tokens before and after.
    fn compacted(&self, rules: &RuleSet, budget: Option<usize>, query: Option<&str>) -> (Vec<u8>, (usize, usize)) {
        let origin = Origin {
            command: self.told["command"].as_str().map(ToString::to_string),
            exit_code: self.told["exit_code"].as_i64().map(|code| code as i32),
        };
        let query = query.map(ToString::to_string);
        let out = compact(
            &self.input,
            &Request { origin, budget, query, handle: Some("feedbeef".into()), ..Request::default() },
            rules,
        );
        (out.text, out.tokens)
    }

    /// How many facts of a list are in a text, and how many there are.
    fn facts(&self, list: &str, text: &[u8]) -> (usize, usize) {
        let text = normal(&String::from_utf8_lossy(text));
        let facts = self.told[list].as_array().map(Vec::as_slice).unwrap_or_default();
        (facts.iter().filter(|fact| holds(fact, &text)).count(), facts.len())
    }
}

/// White space folded, colour gone, also where its first byte was lost: so the facts of a corpus are written.
fn normal(text: &str) -> String {
    static COLOUR: OnceLock<Regex> = OnceLock::new();
    let colour = COLOUR.get_or_init(|| {
        Regex::new(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[a-zA-Z]|\[[0-9;]{1,8}[mGKHJ]|\[[mKJH]").unwrap()
    });
    colour.replace_all(text, "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A fact is a text, a pattern, or any of some texts.
fn holds(fact: &Value, text: &str) -> bool {
    if let Some(fact) = fact.as_str() {
        return text.contains(fact);
    }
    if let Some(pattern) = fact["re"].as_str() {
        // The two looks around numbers that facts have are word boundaries of digits.
        let bounded = pattern.replace("(?<![0-9])", r"(?:^|[^0-9])").replace("(?![0-9])", r"(?:[^0-9]|$)");
        return Regex::new(&bounded).is_ok_and(|pattern| pattern.is_match(text));
    }
    fact["any"].as_array().is_some_and(|any| any.iter().filter_map(Value::as_str).any(|fact| text.contains(fact)))
}

#[test]
#[ignore = "needs a corpus: HR_CORPUS"]
fn templates_of_logs_stay() {
    let rules = RuleSet::built_in();
    let (mut must, mut should, mut tokens) = ((0, 0), (0, 0), (0, 0));
    for case in Case::all(Some("log")) {
        let (text, size) = case.compacted(&rules, None, None);
        for (sum, list) in [(&mut must, "must_keep"), (&mut should, "should_keep")] {
            let (kept, all) = case.facts(list, &text);
            *sum = (sum.0 + kept, sum.1 + all);
        }
        tokens = (tokens.0 + size.0, tokens.1 + size.1);
    }
    let percent = |(part, all): (usize, usize)| 100.0 * part as f64 / all.max(1) as f64;
    let saved = 100.0 - percent((tokens.1, tokens.0));
    println!("log: error events kept {:.1} %, templates {:.1} %, saved {saved:.1} %", percent(must), percent(should));
    assert!(percent(must) >= 99.0 && percent(should) >= 97.0 && saved >= 80.0);
}

#[test]
#[ignore = "needs a corpus: HR_CORPUS"]
fn a_question_keeps_as_much_of_half_the_tokens() {
    let rules = RuleSet::built_in();
    let mut groups: BTreeMap<String, [usize; 5]> = BTreeMap::new();
    for case in Case::all(None) {
        let question = case.told["intent"].as_str().or(case.told["task"].as_str());
        let Some(question) = question.filter(|_| case.input.len() >= 2000 && case.facts("must_keep", b"").1 > 0) else {
            continue;
        };
        let sums = groups.entry(case.group.clone()).or_default();
        if sums[4] == ASKED {
            continue;
        }
        let (whole, (_, tokens)) = case.compacted(&rules, None, None);
        let half = case.compacted(&rules, Some(tokens / 2), None).0;
        let asked = case.compacted(&rules, Some(tokens / 2), Some(&question[..question.floor_char_boundary(400)])).0;
        for (sum, text) in sums.iter_mut().zip([&whole, &half, &asked]) {
            *sum += case.facts("must_keep", text).0;
        }
        sums[3] += case.facts("must_keep", b"").1;
        sums[4] += 1;
    }
    println!("facts at the default, at half of its tokens, at half with the question, of all:");
    for (group, [whole, half, asked, all, cases]) in &groups {
        println!("{group:<14}{whole:>6}{half:>6}{asked:>6}{all:>6}  ({cases} cases)");
    }
    let sum = |at: usize| groups.values().map(|sums| sums[at]).sum::<usize>();
    println!("{:<14}{:>6}{:>6}{:>6}{:>6}", "all", sum(0), sum(1), sum(2), sum(3));
    assert!(sum(4) > 0 && sum(2) >= sum(1), "a question must not cost facts");
}
