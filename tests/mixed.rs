//! Texts with several kinds in them: parts cover all lines, nothing that survives alone is lost, nothing is added.

use std::path::Path;
use std::time::{Duration, Instant};

use hr::cli::cases;
use hr::detect::{self, Kind};
use hr::document::{Document, Origin};
use hr::golden::Case;
use hr::pipeline::{Compaction, Form, Request, compact};
use hr::rule::RuleSet;
use hr::tokens;
use proptest::prelude::*;

use crate::fuzz_laws;

fn request() -> Request {
    Request { handle: Some("feedbeef".into()), ..Request::default() }
}

fn compacted(input: &[u8], request: &Request) -> Compaction {
    compact(input, request, &RuleSet::built_in())
}

/// Some outputs of each kind, small enough to be joined often.
fn outputs() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let groups = ["log", "json", "diff", "html", "mixed"].map(|group| root.join(group));
    let folders = groups.iter().flat_map(|group| cases::load(group).unwrap());
    let small = folders.map(|folder| folder.case).filter(|case| (200..30_000).contains(&case.input.len()));
    small.filter(|case| case.query.is_none() && case.budget.is_none()).collect()
}

/// White space folded, as for the `keep` of a case.
fn folded(text: &[u8]) -> String {
    String::from_utf8_lossy(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many blank lines follow each other, at most.
fn blank_run(text: &[u8]) -> usize {
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect::<Vec<_>>();
    lines.split(|line| !line.is_empty()).map(<[_]>::len).max().unwrap_or(0)
}

fn with_line_end(input: &[u8]) -> Vec<u8> {
    let end: &[u8] = if input.ends_with(b"\n") { b"" } else { b"\n" };
    [input, end].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joined_outputs_obey_the_laws(
        picked in prop::collection::vec(any::<prop::sample::Index>(), 2..4),
        marked in any::<bool>(),
    ) {
        let outputs = outputs();
        let cases = picked.iter().map(|index| index.get(&outputs)).collect::<Vec<_>>();
        let mark = |at: usize| if marked { format!("==> part{at}.txt <==\n") } else { String::new() };
        let pieces = cases.iter().enumerate().map(|(at, case)| [mark(at).into_bytes(), with_line_end(&case.input)].concat());
        let input = pieces.collect::<Vec<_>>().concat();
        fuzz_laws::detect_holds(&input);
        let out = compacted(&input, &request());
        prop_assert_eq!(&out.text, &compacted(&input, &request()).text);
        prop_assert!(tokens::estimate(&out.text) <= tokens::estimate(&input));
        prop_assert!(blank_run(&out.text) <= blank_run(&input).max(1), "a blank line was added");
        if marked && out.form == Form::Compacted {
            let text = folded(&out.text);
            for (at, case) in cases.iter().enumerate().filter(|(_, case)| case.input.len() >= 600) {
                prop_assert!(text.contains(mark(at).trim_end()), "the name of {} is lost", case.name);
            }
        }
    }
}

#[test]
fn a_line_that_an_output_keeps_alone_is_kept_beside_another() {
    let outputs = outputs();
    let (mut all, mut lost) = (0, Vec::new());
    for (at, case) in outputs.iter().enumerate() {
        let other = &outputs[(at + outputs.len() / 2) % outputs.len()];
        let input = [with_line_end(&case.input), with_line_end(&other.input)].concat();
        let text = folded(&compacted(&input, &request()).text);
        for case in [case, other] {
            let alone = folded(&compacted(&case.input, &request()).text);
            let raw = folded(&case.input);
            let kept = case.keep.iter().map(|fact| folded(fact.as_bytes()));
            // What only the Markdown of a page says has another form where the page is a fragment among others.
            let kept = kept.filter(|fact| alone.contains(fact) && raw.contains(fact));
            for fact in kept {
                all += 1;
                if !text.contains(&fact) {
                    lost.push(format!("{}: {fact}", case.name));
                }
            }
        }
    }
    println!("{} of {all} facts are lost beside another output", lost.len());
    // Two logs in a row are one log, of which less stays than of each.
    assert!(all > 100 && lost.len() * 100 <= all, "{lost:#?}");
}

#[test]
fn small_parts_are_left_byte_for_byte() {
    let rows = (0..60).map(|n| format!("  {{\"id\": {n}, \"name\": \"n{n}\", \"on\": true}}")).collect::<Vec<_>>();
    let before = "Three things  were tried,\nwith\ttabs and  double  blanks.\n\n";
    let after = "\nNone of them   helped.\nThe end.\n";
    let input = format!("{before}[\n{}\n]\n{after}", rows.join(",\n"));
    let out = compacted(input.as_bytes(), &request());
    let text = String::from_utf8(out.text).unwrap();
    assert!(text.len() < input.len() / 2, "{text}");
    assert!(text.starts_with(before) && text.contains(after), "{text}");
}

#[test]
fn a_query_finds_its_part_and_a_budget_is_shared() {
    let log = (0..800).map(|n| format!("12:00:{:02} INFO worker {n} took the order\n", n % 60)).collect::<String>();
    let rows =
        (0..200).map(|n| format!("  {{\"id\": {n}, \"name\": \"n{n}\", \"state\": \"ready\"}}")).collect::<Vec<_>>();
    let text = rows.join(",\n").replace("\"n77\"", "\"frobnicator\"");
    let input = format!("==> a.log <==\n{log}==> b.json <==\n[\n{text}\n]\n==> c.log <==\n{log}");
    for budget in [600, 1500, 3000] {
        let query = Some("frobnicator".to_string());
        let out = compacted(input.as_bytes(), &Request { budget: Some(budget), query, ..request() });
        let shown = String::from_utf8(out.text).unwrap();
        assert!(out.tokens.1 <= budget + budget / 33, "{} of {budget}", out.tokens.1);
        assert!(shown.contains("frobnicator"), "budget {budget}: {shown}");
        assert!(["a.log", "b.json", "c.log"].iter().all(|name| shown.contains(&format!("==> {name} <=="))), "{shown}");
    }
}

#[test]
fn dropped_ranges_are_of_the_input() {
    let log = (0..400).map(|n| format!("12:00:{:02} INFO worker {n} took the order\n", n % 60)).collect::<String>();
    let input = format!("$ cat a.log\n{log}$ cat b.log\n{log}");
    let out = compacted(input.as_bytes(), &request());
    let lines = input.lines().count();
    assert!(!out.dropped.is_empty());
    let mut next = 1;
    for dropped in &out.dropped {
        assert!(dropped.lines[0] >= next && dropped.lines[0] <= dropped.lines[1] && dropped.lines[1] <= lines);
        next = dropped.lines[1] + 1;
    }
}

#[test]
fn splitting_is_linear() {
    let million = |line: &str| line.repeat((1 << 20) / line.len()).into_bytes();
    let texts = [
        million("{\n"),
        million("[\n"),
        million("note\n{\"a\": 1,\n"),
        million("note\n[{\"a\": [[[\n"),
        million("prose\n```\n"),
        million("```rust\nprose\n"),
        million("prose\n<html>\n"),
        million("note\ndiff --git a/x b/x\n"),
        million("--- a\n+++ b\n@@ -1,9999999 +1,9999999 @@\nnote\n"),
        million("note\nsrc/a.rs:1:x\n--\n"),
        million("a-1-a-1-a-1-a-1-a-1-a-1-a-1-a-1-a-1-a-1\nnote\n"),
        million("$ x\n"),
        million("==> x <==\n+ y\n"),
    ];
    for text in texts {
        let doc = Document::new(&text, Origin::default());
        let whole = detect::Detection { kind: Kind::Text, why: "it is told".into() };
        let start = Instant::now();
        let parts = detect::parts(&doc, &whole);
        let time = start.elapsed();
        assert_eq!(parts.iter().map(|part| part.lines.len()).sum::<usize>(), doc.len());
        assert!(time < Duration::from_secs(20), "{:?} took {time:?}", String::from_utf8_lossy(&text[..20]));
    }
}
