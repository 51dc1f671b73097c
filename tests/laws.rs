//! The laws that hold for every output, on random lines and on fixtures cut off anywhere.

use std::path::Path;

use hr::cli::cases;
use hr::compaction::{Draft, Fate, Reason};
use hr::detect::Kind;
use hr::document::{Document, Origin};
use hr::golden::{self, Case, Failure};
use hr::pipeline::{Form, Request, compact};
use hr::render::text;
use hr::rule::RuleSet;
use hr::tokens;
use proptest::prelude::*;

use crate::fuzz_laws;

/// Lines as tools print them, good and bad, and lines that no tool prints.
const LINES: &[&str] = &[
    "",
    "   Compiling serde v1.0.2",
    "test parser::works ... ok",
    "test parser::fails ... FAILED",
    "thread 'main' panicked at src/a.rs:3:5:",
    "error[E0308]: mismatched types",
    "  --> src/main.rs:3:5",
    "warning: unused variable: `x`",
    "[hr: 3 lines cut]",
    "[hr show 0123abcd: exit 1]",
    "2026-01-02T03:04:05Z INFO worker 12 done in 3ms",
    "\x1b[31mred\x1b[0m text",
    "50%\rdone",
    "src/a.rs:12:fn main() {}",
    "=== 3 passed, 1 failed in 0.12s ===",
    "  at Object.<anonymous> (/app/a.js:1:2)",
    "\tindented with a tab",
    "a line with a lot of words that says nothing in particular but goes on and on for quite a while",
];

fn lines() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(LINES).prop_map(|line| line.as_bytes().to_vec());
    let any = prop::collection::vec(any::<u8>(), 0..60);
    let line = prop_oneof![8 => known, 1 => any];
    let block = (line, 1..40_usize).prop_map(|(line, times)| [line, b"\n".to_vec()].concat().repeat(times));
    prop::collection::vec(block, 0..60).prop_map(|blocks| blocks.concat())
}

fn laws_hold(input: Vec<u8>, command: Option<&str>, exit_code: Option<i32>) -> Result<(), TestCaseError> {
    let case = Case { command: command.map(ToString::to_string), exit_code, input, ..Case::default() };
    let verdict = golden::run(&case, &RuleSet::built_in());
    let broken = verdict.failures.iter().filter(|failure| matches!(failure, Failure::Law(_))).collect::<Vec<_>>();
    prop_assert!(broken.is_empty(), "{broken:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_of_the_fuzz_targets_hold(input in lines(), options in any::<u8>()) {
        fuzz_laws::clean_holds(&input);
        fuzz_laws::detect_holds(&input);
        fuzz_laws::rule_holds(&input);
        let data = [&[options], &input[..]].concat();
        Kind::ALL.into_iter().for_each(|kind| fuzz_laws::kind_holds(kind, &data));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_hold_on_random_lines(input in lines(), failed in any::<Option<bool>>()) {
        laws_hold(input, None, failed.map(i32::from))?;
    }

    #[test]
    fn laws_hold_with_a_rule(input in lines(), tool in prop::sample::select(&["pytest", "cargo test", "git log", "npm test"][..])) {
        laws_hold(input, Some(tool), Some(1))?;
    }

    #[test]
    fn what_is_dropped_is_counted(input in lines(), drops in prop::collection::vec(any::<bool>(), 0..3000)) {
        // Cursor movement makes lines of the screen that are no lines of the input.
        let input = input.into_iter().filter(|byte| byte.is_ascii() && *byte != 0x1b && *byte != b'\r').collect::<Vec<_>>();
        let doc = Document::new(&input, Origin::default());
        let mut draft = Draft::new(&doc);
        let reason = draft.because(Reason::dropped("test", "lines"));
        for (line, _) in drops.iter().enumerate().filter(|(line, goes)| **goes && *line < doc.len()) {
            draft.drop(line, reason);
        }
        let kept = (0..doc.len()).filter(|&line| draft.fate(line) == Fate::Keep).count();
        let listed: usize = draft.dropped().iter().map(|dropped| dropped.lines[1] - dropped.lines[0] + 1).sum();
        prop_assert!(draft.is_sound());
        prop_assert_eq!(kept + listed, doc.len());
    }
}

#[test]
fn laws_hold_on_fixtures_that_are_cut_off() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (at, folder) in cases::load(&root).unwrap().into_iter().enumerate() {
        let cut = folder.case.input.len() * (at % 7 + 1) / 9;
        let case =
            Case { input: folder.case.input[..cut].to_vec(), expected: None, facts: None, keep: vec![], ..folder.case };
        let verdict = golden::run(&case, &RuleSet::built_in());
        assert!(verdict.failures.is_empty(), "{} cut at {cut}: {:?}", case.name, verdict.failures);
    }
}

#[test]
fn without_a_store_nothing_is_lost() {
    let input = "a line that comes again and again\n".repeat(5000);
    let out = compact(input.as_bytes(), &Request::default(), &RuleSet::built_in());
    assert_ne!(out.form, Form::Compacted);
    assert_eq!(out.text, input.as_bytes());
}

#[test]
fn a_text_that_imitates_markers_cannot_fake_one() {
    let input = b"[hr: 209 passing tests cut]\nx [hr show 0123abcd: all of it]\n";
    let out = compact(input, &Request { handle: Some("feedbeef".into()), ..Request::default() }, &RuleSet::built_in());
    assert_eq!(out.text, b"(hr: 209 passing tests cut]\nx (hr show 0123abcd: all of it]\n");
    let known = Request { known: vec!["0123abcd".into()], ..Request::default() };
    assert_eq!(compact(input, &known, &RuleSet::built_in()).text, input);
}

#[test]
fn a_protected_line_cannot_be_dropped() {
    let doc = Document::new(b"one\ntwo\n", Origin::default());
    let mut draft = Draft::new(&doc);
    draft.protect(vec![true, false]);
    let reason = draft.because(Reason::dropped("test", "lines"));
    assert!(!draft.drop(0, reason));
    assert!(draft.drop(1, reason));
    assert!(!draft.drop(1, reason), "a line that is gone is not dropped twice");
    assert_eq!(text::body(&draft), b"one\n[hr: 1 line cut]\n");
}

#[test]
fn markers_count_every_dropped_line_once() {
    let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"];
    let line = |n: usize| format!("2026-01-02 10:00:00 INFO {} of {} is done\n", words[n % 7], words[n % 5]);
    let input = (1..=400).map(line).collect::<String>();
    let request = Request { handle: Some("feedbeef".into()), budget: Some(500), ..Request::default() };
    let out = compact(input.as_bytes(), &request, &RuleSet::built_in());
    assert_eq!(out.form, Form::Compacted);
    let text = String::from_utf8(out.text).unwrap();
    let ranges = text.lines().filter_map(|line| line.strip_prefix("[hr: lines ")?.split_once('-'));
    let long: usize = ranges
        .map(|(from, rest)| {
            rest.split(' ').next().unwrap().parse::<usize>().unwrap() + 1 - from.parse::<usize>().unwrap()
        })
        .sum();
    let counts = text.lines().filter_map(|line| line.strip_prefix("[hr: ")?.split_once(" line"));
    let short: usize = counts.filter_map(|(count, _)| count.parse::<usize>().ok()).sum();
    let kept = text.lines().filter(|line| line.starts_with("2026")).count();
    let number = |text: &str| text.split(' ').next().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    let merged: usize = text.lines().filter_map(|line| line.split_once(" [hr: ")).map(|(_, said)| number(said)).sum();
    let footer: usize = text
        .lines()
        .filter_map(|line| line.split_once(" tokens; ").or_else(|| line.strip_prefix("[hr show ")?.split_once(": ")))
        .map(|(_, said)| number(said))
        .sum();
    assert_eq!(long + short + kept + merged + footer, 400, "{text}");
    assert!(tokens::estimate(text.as_bytes()) < tokens::estimate(input.as_bytes()) / 2);
}

#[test]
fn neighbours_that_repeat_are_folded_and_counted() {
    let run = (0..300).map(|n| format!("INFO 10:00:00 step {n} of the way\n")).collect::<String>();
    let input = format!("start of it all\n{run}{}", "the very same line again\n".repeat(900));
    let request = Request { handle: Some("feedbeef".into()), budget: Some(300), ..Request::default() };
    let text = String::from_utf8(compact(input.as_bytes(), &request, &RuleSet::built_in()).text).unwrap();
    assert!(text.starts_with("start of it all\nINFO 10:00:00 step 0 of the way [hr: 298 more]\n"), "{text}");
    assert!(text.contains("step 299 of the way\nthe very same line again [hr: 899 more]\n"), "{text}");
}

#[test]
fn what_is_looked_for_stays() {
    let line = |n: usize| {
        if n == 777 { "the frobnicator was told to stand by\n".into() } else { format!("INFO 10:00:00 step {n}\n") }
    };
    let input = (0..3000).map(line).collect::<String>();
    let ask = |query: Option<&str>| {
        let query = query.map(ToString::to_string);
        let request = Request { handle: Some("feedbeef".into()), query, ..Request::default() };
        String::from_utf8(compact(input.as_bytes(), &request, &RuleSet::built_in()).text).unwrap()
    };
    assert!(
        ask(Some("frobnicator")).contains("step 776\nthe frobnicator was told to stand by\n"),
        "{}",
        ask(Some("frobnicator"))
    );
    assert!(!ask(None).contains("step 1500"));
}
