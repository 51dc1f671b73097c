//! Bad input for every kind, told and detected: no panic, a sound ledger, and never more than came in.

use std::time::{Duration, Instant};

use hr::detect::Kind;
use hr::document::{Document, Origin};
use hr::pipeline::{Form, Request, compact, decide, draft};
use hr::rule::RuleSet;
use hr::tokens;

/// Texts that end too early, have what does not belong there, or are too much of the same.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let rows = (0..400)
        .map(|n| format!("  {{\"id\": {n}, \"name\": \"n{n}\", \"tags\": [\"a\", \"b\"]}}"))
        .collect::<Vec<_>>();
    let json = format!("[\n{}\n]\n", rows.join(",\n"));
    let hunk = (0..80).map(|n| format!("+line {n} is new\n-line {n} was old\n context {n}\n")).collect::<String>();
    let diff = format!("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,160 +1,160 @@\n{hunk}");
    let log = (0..400).map(|n| format!("12:00:{:02} INFO step {n} took {n} ms\n", n % 60)).collect::<String>();
    let page = format!("<html><body><h1>A page</h1>{}</body></html>\n", "<p>Some words about it.</p>\n".repeat(200));
    let matches = (1..400).map(|n| format!("src/part{}.rs:{n}:let x = {n};\n", n / 9)).collect::<String>();
    let code = (0..200).map(|n| format!("fn f{n}() {{\n    let x = {n};\n    g(x);\n}}\n\n")).collect::<String>();
    let prose =
        (0..200).map(|n| format!("Sentence {n} says something that is not said elsewhere.\n")).collect::<String>();
    let cut = |text: &str, at: usize| text.as_bytes()[..text.len() * at / 7].to_vec();
    let spoilt = |text: &str, bad: &[u8]| {
        let mut text = text.as_bytes().to_vec();
        (1..20).rev().for_each(|n| drop(text.splice(text.len() * n / 20..text.len() * n / 20, bad.iter().copied())));
        text
    };
    let mut inputs = vec![
        ("truncated JSON", cut(&json, 5)),
        ("JSON cut within a string", json.as_bytes()[..json.find("\"n77").unwrap() + 2].to_vec()),
        ("JSON that opens too often", b"[{\"a\":".repeat(20_000)),
        ("diff cut in the middle", cut(&diff, 4)),
        ("diff with a hunk that promises too much", diff.replace("160", "999999999999999999999").into_bytes()),
        ("open tags", b"<div>".repeat(100_000)),
        ("open tags on lines", b"<html>\n<ul><li>\n".repeat(2_000)),
        ("binary in a log", spoilt(&log, &[0, 1, 2, 255, 0, 27, 7])),
        ("one long line", b"word and word ".repeat(20_000)),
        ("one long line without blanks", b"x".repeat(300_000)),
        ("one long line of JSON that is cut", format!("[{}", "{\"a\":1},".repeat(50_000)).into_bytes()),
        ("the same line", b"the very same line of a service\n".repeat(10_000)),
        ("a line end only", b"\n".repeat(10_000)),
        ("carriage returns", b"50%\r".repeat(2_000)),
        (
            "different lines",
            (0..10_000_u64)
                .map(|n| format!("{:x} at {n}\n", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
                .collect::<String>()
                .into_bytes(),
        ),
        ("fences that stay open", b"some prose\n```rust\n".repeat(3_000)),
        ("nothing", Vec::new()),
    ];
    for (name, text) in [
        ("JSON", &json),
        ("diff", &diff),
        ("log", &log),
        ("page", &page),
        ("matches", &matches),
        ("code", &code),
        ("prose", &prose),
    ] {
        inputs.push((name, spoilt(text, b"\xff\xfe\xc3\x28\xed\xa0\x80")));
    }
    inputs
}

#[test]
fn bad_input_passes_or_becomes_less() {
    let rules = RuleSet::built_in();
    for (name, raw) in inputs() {
        let before = tokens::estimate(&raw);
        // Without optimisation the large ones take a second for each kind.
        let is_tried = |kind: &Option<Kind>| {
            raw.len() < 100_000 || matches!(kind, None | Some(Kind::Json | Kind::Html | Kind::Text))
        };
        for kind in Kind::ALL.into_iter().map(Some).chain([None]).filter(is_tried) {
            let request = Request { handle: Some("feedbeef".into()), kind, ..Request::default() };
            let start = Instant::now();
            let doc = Document::new(&raw, Origin::default());
            // Large ones are treated once only.
            let is_sound = raw.len() > 200_000 || draft(&doc, &decide(&doc, &request, &rules)).is_sound();
            assert!(is_sound, "{name} as {kind:?}");
            let out = compact(&raw, &request, &rules);
            let time = start.elapsed();
            match out.form {
                Form::Raw => assert_eq!(out.text, raw, "{name} as {kind:?}"),
                Form::Cleaned | Form::Compacted => {
                    assert!(tokens::estimate(&out.text) < before, "{name} as {kind:?}: {} of {before}", out.tokens.1);
                }
            }
            println!("{name} as {kind:?}: {time:?}");
            assert!(time < Duration::from_secs(60), "{name} as {kind:?} took {time:?}");
        }
    }
}
