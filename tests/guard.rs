//! The gateway's prompt guard: what it finds in attacks, and in texts that are none.
//!
//! `HR_CORPUS=… cargo test --all-features --test tests guard -- --include-ignored --nocapture` prints the figures. Cases are
//! those of `corpus.rs` in the group `inject`; `label` is `injection` or `benign`, the source is a part of the name.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use hr::gateway::guard::{Guard, GuardConfig, Source};

use crate::corpus::Case;

/// How many of how many cases were flagged.
type Flagged = (usize, usize);

fn percent((flagged, all): Flagged) -> f64 {
    100.0 * flagged as f64 / all.max(1) as f64
}

/// The source of a case: the third word of its name.
fn source(case: &Case) -> String {
    case.told["id"].as_str().unwrap().split('-').nth(2).unwrap().to_string()
}

#[test]
#[ignore = "needs a corpus: HR_CORPUS"]
fn attacks_are_found_and_other_texts_are_not() {
    let (guard, wrong) = Guard::new(GuardConfig::default());
    assert!(wrong.is_empty());
    let mut sums: BTreeMap<(&str, String, bool), Flagged> = BTreeMap::new();
    let mut hits: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for case in Case::all(Some("inject")) {
        let attack = case.told["label"] == "injection";
        let text = String::from_utf8_lossy(&case.input);
        // All of it is content that somebody else wrote; a user's own words are looked at with fewer patterns.
        let found = guard.look_at(&text, Source::Tool);
        for class in found.iter().map(|hit| hit.class).collect::<BTreeSet<_>>() {
            *hits.entry((attack, class.to_string())).or_default() += 1;
        }
        let flagged = usize::from(!found.is_empty());
        let by_user = usize::from(!guard.look_at(&text, Source::User).is_empty());
        let groups = [
            ("source", source(&case), flagged),
            ("all", "as a result of a tool".into(), flagged),
            ("all", "as a message of a user".into(), by_user),
        ];
        for (group, name, flagged) in groups {
            let sum = sums.entry((group, name, attack)).or_default();
            *sum = (sum.0 + flagged, sum.1 + 1);
        }
    }
    for ((group, name, attack), sum) in &sums {
        let what = if *attack { "recall" } else { "false positives" };
        println!("{group:8}{name:24}{what:18}{:6.2} %  {} of {}", percent(*sum), sum.0, sum.1);
    }
    println!("cases by class, attacks and others: {hits:?}");
    let all = |attack| percent(sums[&("all", "as a result of a tool".to_string(), attack)]);
    assert!(all(true) >= 80.0 && all(false) < 1.5, "recall {:.2} %, false positives {:.2} %", all(true), all(false));
}

/// What tools of every day print is not taken for an attack.
#[test]
#[ignore = "needs a corpus: HR_CORPUS"]
fn outputs_of_tools_are_not_flagged() {
    let (guard, _) = Guard::new(GuardConfig::default());
    let mut groups: BTreeMap<String, Flagged> = BTreeMap::new();
    for case in Case::all(None) {
        // Prompts of products speak to a model, and attacks are the other test.
        if matches!(&*case.group, "inject" | "prompt_asis" | "prompt_dynamic") || case.input.len() > 200_000 {
            continue;
        }
        let found = guard.look_at(&String::from_utf8_lossy(&case.input), Source::Tool);
        let sum = groups.entry(case.group).or_default();
        *sum = (sum.0 + usize::from(!found.is_empty()), sum.1 + 1);
    }
    let all = groups.values().fold((0, 0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
    println!("flagged of outputs: {:.2} %, {} of {}; by group: {groups:?}", percent(all), all.0, all.1);
    assert!(percent(all) < 0.5);
}

/// Passages made up for this: texts that are close to attacks, and attacks by kind.
#[test]
fn made_up_passages_are_told_apart() {
    #[derive(serde::Deserialize)]
    struct Passages {
        benign: Vec<String>,
        attack: Vec<Attacks>,
    }
    #[derive(serde::Deserialize)]
    struct Attacks {
        kind: String,
        texts: Vec<String>,
    }
    let passages: Passages = toml::from_str(include_str!("guard_passages.toml")).unwrap();
    let (guard, _) = Guard::new(GuardConfig::default());
    let flagged = |texts: &[String]| {
        let is_flagged = |text: &&String| !guard.look_at(text, Source::Tool).is_empty();
        (texts.iter().filter(is_flagged).count(), texts.len())
    };
    let benign = flagged(&passages.benign);
    println!("benign: {} of {}", benign.0, benign.1);
    let mut found = (0, 0);
    for attacks in &passages.attack {
        let sum = flagged(&attacks.texts);
        println!("{}: {} of {}", attacks.kind, sum.0, sum.1);
        found = (found.0 + sum.0, found.1 + sum.1);
    }
    assert!(benign.0 <= BENIGN_FLAGGED && found.0 >= ATTACKS_FOUND, "{benign:?} {found:?}");
}

/// Texts of 64 KiB: the time of each group's, and of the worst that could be thought of, a mebibyte each.
#[test]
#[ignore = "needs a corpus: HR_CORPUS; for a release build"]
fn texts_are_looked_at_in_little_time() {
    let (guard, _) = Guard::new(GuardConfig::default());
    let time = |text: &str| {
        let times = (0..9).map(|_| {
            let start = Instant::now();
            guard.look_at(text, Source::Tool);
            start.elapsed()
        });
        let mut times = times.collect::<Vec<_>>();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let mut groups: BTreeMap<String, String> = BTreeMap::new();
    for case in Case::all(None) {
        let text = groups.entry(case.group).or_default();
        if text.len() < 64 << 10 {
            text.extend(String::from_utf8_lossy(&case.input).chars().take(16 << 10));
        }
    }
    for (group, text) in groups.iter().filter(|(_, text)| text.len() >= 64 << 10) {
        let end = (0..=64 << 10).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let text = &text[..end];
        let time = time(text);
        println!("{group:16}{time:10.2?}{:8.0} MB/s", text.len() as f64 / 1e6 / time.as_secs_f64());
    }
    for part in HOSTILE {
        let text = part.repeat((1 << 20) / part.len());
        let time = time(&text);
        println!("{part:?}: {time:.2?}");
        assert!(time < Duration::from_secs(2), "{part:?}");
    }
}

/// What is the most work in one way or another.
const HOSTILE: [&str; 16] = [
    "a ",
    "i.g.n.o.r.e ",
    "%41",
    "%41%41 ",
    "aWdub3Jl",
    "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0 ",
    "\u{200b}",
    "a\u{200b}",
    "\u{301}",
    "\u{fdfa}",
    "\u{3316}",
    "the ",
    "ignore all ",
    "ignoreallignoreallignoreallignoreall ",
    "1gn0r3 ",
    "the following code snippet your code this snippet ",
];

/// How many of the passages that are benign are flagged at most, and how many of the attacks are found at least.
const BENIGN_FLAGGED: usize = 1;
const ATTACKS_FOUND: usize = 35;
