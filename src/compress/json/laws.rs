//! What holds for every JSON: the lossless form is undone byte for byte, what is printed as JSON parses, and no input
//! is too strange.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::rank::Ranks;
use super::write::{Cut, Written, write};
use super::{STEPS, is_inverted};
use crate::compaction::{Draft, Loss};
use crate::compress;
use crate::detect::{Detection, Kind};
use crate::document::{Document, Origin};
use crate::json::Tape;
use crate::plan::{Limits, Outcome, Plan};
use crate::render::text;
use crate::tokens;

fn plan(budget: Option<usize>, query: Option<&str>) -> Plan {
    Plan {
        detection: Detection { kind: Kind::Json, why: String::new() },
        outcome: Outcome::Unknown,
        limits: Limits::default(),
        budget,
        ruled: false,
        query: query.map(ToString::to_string),
        told: false,
    }
}

/// What the compressor makes of a text, and whether it lost anything.
fn compressed(input: &str, budget: Option<usize>, query: Option<&str>) -> (String, bool) {
    let doc = Document::new(input.as_bytes(), Origin::default());
    let mut draft = Draft::new(&doc);
    let lines = 0..draft.len();
    compress::compress(Kind::Json, &mut draft, lines, &plan(budget, query));
    let lost = draft.reasons().iter().any(|reason| reason.loss == Loss::Some);
    (String::from_utf8(text::body(&draft)).unwrap(), lost)
}

fn written(input: &[u8], cut: Cut) -> Option<Written> {
    let tape = Tape::read(input)?;
    Some(write(&tape, &mut Ranks::new(&tape, None, 100), cut, usize::MAX))
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(
        &["id", "name", "url", "a.b", "x,y", "a=b", "", "#", "status", "owner", "\\u0041", "k\u{e9}"][..],
    )
    .prop_map(|key| format!("\"{key}\""))
}

fn scalar() -> impl Strategy<Value = String> {
    let known = prop::sample::select(
        &[
            "null",
            "true",
            "0",
            "1.0",
            "-0",
            "1e400",
            "9223372036854775808",
            "\"\"",
            "\"null\"",
            "\"1.0\"",
            "\"a, b\"",
            "\" a\"",
            "\"a \"",
            "\"[x\"",
            "\"{\"",
            "\"#1\"",
            "\"\\ud800\"",
            "\"\\\"\"",
            "\"\\\\\"",
            "\"failed\"",
            "[]",
            "{}",
            "\"https://example.com/a/b\"",
            "\"https://example.com/a/b/c\"",
        ][..],
    );
    prop_oneof![4 => known.prop_map(ToString::to_string), 1 => "[a-z ]{0,90}".prop_map(|text| format!("\"{text}\""))]
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::vec((key(), value), 0..7).prop_map(|members| {
        let members = members.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>();
        format!("{{ {} }}", members.join(" ,\n "))
    })
}

/// Rows that are mostly alike: the same keys, some left out, some objects.
fn rows(value: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let keys = prop::collection::btree_set(key(), 2..5).prop_map(|keys| keys.into_iter().collect::<Vec<_>>());
    let cells = prop::collection::vec(prop::collection::vec(prop::option::weighted(0.9, value), 8), 3..12);
    (keys, cells).prop_map(|(keys, cells)| {
        let row = |cells: &Vec<Option<String>>| {
            let cell = |at: usize| cells[at].clone().unwrap_or_else(|| "1".into());
            let members = keys.iter().zip(cells).filter_map(|(key, cell)| Some(format!("{key}:{}", cell.as_ref()?)));
            let inner = format!("\"in\": {{\"p\": {}, \"q\": {}}}", cell(6), cell(7));
            format!("{{{}}}", members.chain(cells[5].is_some().then_some(inner)).collect::<Vec<_>>().join(", "))
        };
        format!("[{}]", cells.iter().map(row).collect::<Vec<_>>().join(",\n  "))
    })
}

fn value() -> impl Strategy<Value = String> {
    scalar().boxed().prop_recursive(2, 8, 3, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(", ")));
        prop_oneof![object(inner).boxed(), array.boxed()].boxed()
    })
}

fn documents() -> impl Strategy<Value = String> {
    let document = prop_oneof![object(value()), rows(value().boxed()), rows(scalar().boxed())];
    prop_oneof![3 => document.boxed(), 1 => prop::collection::vec(object(scalar()), 1..9).prop_map(|all| all.join("\n"))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_lossless_form_is_undone_byte_for_byte(input in documents()) {
        let tape = Tape::read(input.as_bytes()).unwrap();
        let whole = written(input.as_bytes(), Cut::NONE).unwrap();
        prop_assert!(!whole.lost && is_inverted(&tape, &whole.text), "{}\n{}", input, String::from_utf8_lossy(&whole.text));
    }

    #[test]
    fn what_is_printed_as_json_parses_and_comes_out_twice(input in documents(), step in 0..STEPS.len(), rows in 0..9_usize) {
        let cut = Cut { rows, ..STEPS[step] };
        let text = written(input.as_bytes(), cut).unwrap().text;
        prop_assert_eq!(&text, &written(input.as_bytes(), cut).unwrap().text);
        let json = text.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"[hr: table "));
        for line in json.filter(|line| !line.is_empty() && !line.starts_with(b"[hr: ")) {
            prop_assert!(serde_json::from_slice::<IgnoredAny>(line).is_ok(), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn no_bytes_are_too_strange(input in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"{}[]\",:\\0n "[..])], 0..200)) {
        written(&input, Cut::NONE);
    }

    #[test]
    fn json_that_is_cut_off_is_none(input in documents(), part in 0.0..1.0) {
        let length = (input.trim_end().len() as f64 * part) as usize;
        let cut = input.as_bytes()[..length].trim_ascii_end();
        let is_whole = cut.ends_with(b"}") || cut.ends_with(b"]");
        prop_assert!(is_whole || Tape::read(cut).is_none());
    }
}

#[test]
fn nesting_and_width_cost_neither_stack_nor_more_than_linear_time() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let objects = "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000);
    let wide = format!("[{}]", vec!["{\"a\":[[{\"b\":null}]]}"; 20_000].join(","));
    for input in [&deep, &objects, &wide] {
        assert!(!written(input.as_bytes(), Cut::NONE).unwrap().lost);
        for budget in [20, 500] {
            let (text, _) = compressed(input, Some(budget), None);
            assert!(tokens::estimate(text.as_bytes()) <= budget, "{text}");
        }
    }
    assert!(Tape::read("[".repeat(100_000).as_bytes()).is_none());
}

#[test]
fn a_table_is_raw_and_tells_null_from_missing_from_empty() {
    let input = r#"{"ok": true, "items": [
        {"id": 1, "lang": "rust", "by": {"n": "a", "x": 1}, "note": null},
        {"id": 2, "lang": "rust", "by": {"n": "b"}, "note": ""},
        {"id": 3, "lang": "rust", "note": "null"},
        {"id": 4, "lang": "rust", "by": {"n": "c, d", "x": 1.0}},
        {"id": "5", "lang": "rust", "by": {"n": "e", "x": 1e400}, "note": [1]}]}"#;
    let expected = r#"{"ok":true,"items":"[hr: table 1]"}
[hr: table 1: 5 rows; name=value holds for every row]
id,lang="rust",by.n,by.x,note
1,a,1,null
2,b,,""
3,,,"null"
4,"c, d",1.0,
"5",e,1e400,[1]
"#;
    assert_eq!(compressed(input, None, None), (expected.into(), false));
}

/// Rows of a log as an API gives them.
fn events(count: usize) -> String {
    let row = |at: usize| {
        let level = if at == 500 { "ERROR" } else { "INFO" };
        let code = ["let error = timeout;", "fn fail() {}", "match failed {}"][at % 3];
        format!(
            r#"{{"id":{at},"level":"{level}","took_ms":{},"code":"{code}","by":"worker-{}"}}"#,
            10 + at % 5,
            at % 50
        )
    };
    format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(",\n"))
}

#[test]
fn words_in_snippets_are_no_failures_and_rows_keep_their_numbers() {
    let (text, lost) = compressed(&events(1000), Some(400), None);
    let kept = text.lines().skip(2).map(|line| line.split(',').next().unwrap().parse::<usize>().unwrap());
    let kept = kept.collect::<Vec<_>>();
    assert!(lost && text.starts_with(&format!("[hr: table 1: {} of 1000 rows, {} cut", kept.len(), 1000 - kept.len())));
    assert!(kept.starts_with(&[1, 2, 3]) && kept.contains(&501) && kept.ends_with(&[1000]), "{text}");
    assert!(text.contains("\n501,500,ERROR,"), "{text}");
}

#[test]
fn documents_in_lines_are_rows_too() {
    let lines = events(1000).trim_matches(['[', ']']).replace(",\n", "\n");
    let (text, _) = compressed(&lines, Some(400), None);
    assert!(text.contains(" of 1000 JSON lines, ") && text.contains("\n501,500,ERROR,"), "{text}");
    let (text, lost) = compressed(&lines, Some(100_000), None);
    assert!(!lost && text.starts_with("[hr: table 1: 1000 JSON lines]\n"), "{text}");
}

#[test]
fn rows_that_are_looked_for_stay_whole() {
    let long = "word ".repeat(400);
    let row = |at: usize| format!(r#"{{"id":{at},"note":"{}{long}"}}"#, if at == 321 { "jabberwocky " } else { "" });
    let rows = format!("[{}]", (0..900).map(row).collect::<Vec<_>>().join(","));
    let (text, _) = compressed(&rows, Some(2000), Some("jabberwocky"));
    assert!(text.contains(&format!("jabberwocky {long}")), "{text}");
    assert!(!compressed(&rows, Some(2000), None).0.contains(&format!("jabberwocky {long}")));
}

#[test]
fn a_budget_is_met_and_used() {
    let rows = events(2000);
    for budget in [200, 1000, 5000] {
        let size = tokens::estimate(compressed(&rows, Some(budget), None).0.as_bytes());
        assert!(size <= budget && size * 100 >= budget * 80, "{size} of {budget}");
    }
}

#[test]
fn what_goes_from_objects_and_arrays_is_counted_where_it_was() {
    let fields = (0..300).map(|at| format!(r#""field {at}":{at}"#)).collect::<Vec<_>>().join(",");
    let (text, _) = compressed(&format!(r#"{{"error":"no route","rest":{{{fields}}}}}"#), Some(300), None);
    let json = serde_json::from_str::<serde_json::Value>(text.trim_end()).unwrap();
    let rest = json["rest"].as_object().unwrap();
    assert_eq!(json["error"], "no route");
    assert_eq!(rest["[hr]"], format!("{} fields cut", 300 - (rest.len() - 1)));
    let (text, _) = compressed(&format!("[{}]", vec!["1"; 5000].join(",")), Some(60), None);
    assert!(text.contains("\"[hr: values "), "{text}");
    serde_json::from_str::<IgnoredAny>(text.trim_end()).unwrap();
}

#[test]
fn repeated_keys_pass_as_they_are_and_equal_objects_are_named() {
    let user = r#"{"login":"somebody","id":12345,"site":"a place on earth","admin":false,"kind":"person"}"#;
    let input = format!(r#"{{"a":1,"a":{user},"a":{user}, "b":2}}"#);
    assert_eq!(compressed(&input, None, None).0, input + "\n");
    let input = format!(r#"{{"by":{user},"for":[{user}]}}"#);
    let expected = format!("{{\"by\":{user},\"for\":[\"[hr: same as .by]\"]}}\n");
    assert_eq!(compressed(&input, None, None), (expected, false));
}
