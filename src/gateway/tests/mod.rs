//! The module under the mock host: what passes, what changes, and what happens when something goes wrong.

mod checks;
mod evasions;
mod holding;
mod parity;
mod responses;
mod streams;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::host::Side;
use super::mock::Mock;
use super::module::Action;
use super::request::Request;

const CHAT: &str = "/v1/chat/completions";

/// A list of rows as JSON, one of which failed.
fn rows(count: usize) -> String {
    let row = |at: usize| {
        let state = if at == count / 2 { "failed: no space left" } else { "ok" };
        json!({"id": at, "name": format!("job-{at}"), "state": state, "took_ms": 10 + at % 7})
    };
    Value::from((0..count).map(row).collect::<Vec<_>>()).to_string()
}

/// A conversation in which a tool gave back a text.
fn chat(result: &str) -> String {
    let call = json!({"id": "c1", "type": "function", "function": {"name": "list_jobs", "arguments": "{}"}});
    json!({"model": "gpt-4o", "messages": [
        {"role": "system", "content": "You watch jobs."},
        {"role": "user", "content": "What failed? \u{1f600}"},
        {"role": "assistant", "content": null, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": result},
    ], "temperature": 1.0})
    .to_string()
}

const ALL: &str = r#"{"content-router": {}, "json-crusher": {}, "cache-aligner": true}"#;

#[test]
fn a_result_is_compacted_and_the_rest_of_the_body_stays() {
    let (body, result) = (chat(&rows(100)), rows(100));
    for piece in [usize::MAX, 1000] {
        let host = Mock::default();
        let mut module = host.module(ALL);
        let (out, action) = host.sends(&mut module, CHAT, &body, piece);
        assert_eq!(action, Action::Continue);
        let quoted = serde_json::to_string(&result).unwrap();
        let (before, after) = body.split_once(&quoted).unwrap();
        assert!(out.starts_with(before) && out.ends_with(after), "{out}");
        let text = serde_json::from_str::<Value>(&out).unwrap()["messages"][3]["content"].to_string();
        for kept in ["job-0", "job-50", "no space left", "job-99", "[hr: 85 of 100 items cut; hash="] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        assert_eq!(host.header_text("content-length"), Some(out.len().to_string()));
        assert_eq!(host.header_text("x-ai-content-type").as_deref(), Some("json_array"));
        assert_eq!(host.header_text("x-ai-content-bytes"), Some(result.len().to_string()));
        assert_eq!(host.header_text("x-ai-cache-unstable").as_deref(), Some("false"));
        assert!(host.header_text("x-ai-tokens-saved").unwrap().parse::<usize>().unwrap() > 500);
        assert_eq!(host.counted("result=.=changed"), 1);
        assert_eq!(host.counted("ai_cache_aligner_total.model=.=gpt-4o;.;.status=.=stable"), 1);
    }
}

#[test]
fn the_same_result_becomes_the_same_bytes_in_every_turn() {
    let host = Mock::default();
    let mut module = host.module(ALL);
    let first: Value = serde_json::from_str(&host.sends(&mut module, CHAT, &chat(&rows(80)), 4096).0).unwrap();
    let mut later: Value = serde_json::from_str(&chat(&rows(80))).unwrap();
    let more = json!([{"role": "assistant", "content": "I see."}, {"role": "user", "content": "And now?"}]);
    later["messages"].as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
    module.on_create(2, 1);
    let later: Value = serde_json::from_str(&host.sends(&mut module, CHAT, &later.to_string(), 4096).0).unwrap();
    assert_eq!(first["messages"][3], later["messages"][3]);
    let other = Mock::default();
    let again = other.sends(&mut other.module(ALL), CHAT, &chat(&rows(80)), usize::MAX).0;
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap()["messages"][3], first["messages"][3]);
}

/// Some providers number calls anew in every turn.
#[test]
fn ids_that_come_again_change_no_earlier_result() {
    let calls = |id: &str, name: &str| {
        let call = json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}});
        json!([{"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": id, "content": rows(60)}])
    };
    let sent = |turns: &[Value]| {
        let messages = turns.iter().flat_map(|turn| turn.as_array().unwrap().clone()).collect::<Vec<_>>();
        let host = Mock::default();
        let body = json!({"model": "m", "messages": messages}).to_string();
        let out = host.sends(&mut host.module(r#"{"json-crusher": {}}"#), CHAT, &body, usize::MAX).0;
        let results = serde_json::from_str::<Value>(&out).unwrap()["messages"].as_array().unwrap().clone();
        results.iter().filter_map(|message| message["content"].as_str().map(str::len)).collect::<Vec<_>>()
    };
    let first = sent(&[calls("call_0", "list_jobs")]);
    assert!(first[0] < rows(60).len());
    let both = sent(&[calls("call_0", "list_jobs"), calls("call_0", "mcp__filesystem__read_text_file")]);
    assert_eq!(both, [first[0], rows(60).len()]);
}

#[test]
fn without_loss_every_value_stays() {
    let host = Mock::default();
    let mut module = host.module(r#"{"json-crusher": {"lossy": false}}"#);
    let (out, _) = host.sends(&mut module, CHAT, &chat(&rows(60)), usize::MAX);
    assert!(out.len() < chat(&rows(60)).len());
    assert!((0..60).all(|at| out.contains(&format!("job-{at}"))) && !out.contains("left out"), "{out}");
}

#[test]
fn what_was_lost_is_posted_to_the_store() {
    let host = Mock::default();
    let mut module = host.module(r#"{"json-crusher": {"store_cluster": "store"}}"#);
    host.sends(&mut module, CHAT, &chat(&rows(60)), usize::MAX);
    assert_eq!(*host.calls.borrow(), [("store".to_string(), rows(60).into_bytes())]);
    for (status, result) in [(None, "store_failed"), (Some(500), "store_failed"), (Some(201), "stored")] {
        let before = host.counted(result);
        host.call_status.set(status);
        module.on_stored(&host, 1, 1);
        assert_eq!(host.counted(result), before + 1, "{status:?}");
    }
}

#[test]
fn what_cannot_be_read_passes_and_is_counted() {
    let body = chat(&rows(60));
    let long = format!("{{\"messages\":[],\"pad\":\"{}\"}}", "x".repeat(800 << 10));
    for (sent, header, why) in [
        ("no json", None, "not_json"),
        ("{\"prompt\": \"x\"}", None, "unknown_protocol"),
        ("{\"messages\":[],\"messages\":[]}", None, "repeated_key"),
        (&*body, Some(("content-encoding", "gzip")), "compressed"),
        (&*body, Some(("content-type", "text/plain")), "not_json"),
        (&*body, Some(("upgrade", "websocket")), "upgrade"),
        (&*long, Some(("content-length", "")), "too_large"),
        (&*long, None, "too_large"),
    ] {
        let host = Mock::default();
        let mut module = host.module(ALL);
        host.asks("/x", sent);
        if let Some((name, value)) = header {
            host.request.borrow_mut().insert(name.into(), value.into());
        }
        module.on_headers(&host, 2, Side::Request, false);
        let (out, action) = host.streams(&mut module, Side::Request, sent.as_bytes(), 64 << 10);
        assert!(action == Action::Continue && out == sent.as_bytes(), "{why}");
        assert_eq!(host.counted(&format!("result=.={why};.;")), 1, "{why}: {:?}", host.counters);
    }
    let host = Mock::default();
    host.refuses_bodies.set(true);
    assert_eq!(host.sends(&mut host.module(ALL), CHAT, &body, 4096).0, body);
    assert_eq!(host.counted("host_refused"), 1);
}

#[test]
fn a_panic_costs_one_request_its_changes_and_nothing_else() {
    let host = Mock::default();
    let mut module = host.module(r#"{"json-crusher": {}, "panic_on": "panic-please"}"#);
    let body = chat(&rows(60));
    assert_eq!(host.sends(&mut module, "/panic-please/chat/completions", &body, 4096).0, body);
    assert_eq!(host.counted("result=.=panic"), 1);
    // Also in the style of the instance, and when headers wait.
    let higress = Mock::default();
    let mut other = higress.module(r#"{"json-crusher": {}, "metrics_style": "higress", "_rules_": [7]}"#);
    higress.asks(CHAT, &body);
    other.on_headers(&higress, 2, Side::Request, false);
    higress.panics.set(true);
    assert_eq!(higress.streams(&mut other, Side::Request, body.as_bytes(), usize::MAX).0, body.as_bytes());
    assert_eq!(higress.header_text("content-length"), Some(body.len().to_string()));
    higress.call_status.set(Some(201));
    other.on_stored(&higress, 1, 1);
    for result in ["panic", "bad_rule", "stored"] {
        let name = format!("consumer.none.metric.hr_gateway_requests_total_result_{result}");
        assert_eq!(higress.counted(&name), 1, "{:?}", higress.counters);
    }
    module.on_create(2, 1);
    assert_ne!(host.sends(&mut module, CHAT, &body, 4096).0, body);
}

#[test]
fn header_values_need_not_be_text() {
    let host = Mock::default();
    let mut module = host.module(ALL);
    host.asks(CHAT, "{}");
    for name in ["content-encoding", "x-mse-consumer", ":path"] {
        host.request.borrow_mut().insert(name.into(), b"\xff\xfe".to_vec());
    }
    assert_eq!(module.on_headers(&host, 2, Side::Request, false), Action::Continue);
}

#[test]
fn rules_choose_settings_and_bad_ones_are_left_out() {
    let configuration = r#"{"json-crusher": {"min_tokens": 200, "typo": 1}, "_rules_": [
        {"no_match": 1}, 7, {"_match_domain_": ["*.example.com"], "json-crusher": {"min_tokens": 1000000.0}}]}"#;
    let host = Mock::default();
    let mut module = host.module(configuration);
    assert_eq!(host.counted("bad_rule"), 2);
    assert!(host.log.borrow().iter().any(|line| line.contains("`typo` is not known")), "{:?}", host.log);
    let body = chat(&rows(60));
    assert_eq!(host.sends(&mut module, CHAT, &body, usize::MAX).0, body);
    let other = Mock { properties: [("plugin_root_id".into(), b"ai-json-crusher".to_vec())].into(), ..Mock::default() };
    assert_ne!(other.sends(&mut other.module(r#"{"min_items": 5.0}"#), CHAT, &body, usize::MAX).0, body);
    for broken in ["{", "[]", "null", "{\"json-crusher\": 3}", ""] {
        let host = Mock::default();
        assert_eq!(host.sends(&mut host.module(broken), CHAT, &body, usize::MAX).0, body, "{broken}");
    }
}

#[test]
fn a_new_configuration_is_for_new_streams() {
    let host = Mock::default();
    let mut module = host.module(ALL);
    let body = chat(&rows(60));
    host.asks(CHAT, &body);
    module.on_headers(&host, 2, Side::Request, false);
    *host.configuration.borrow_mut() = "{}".into();
    module.on_configure(&host, 1);
    assert_ne!(host.streams(&mut module, Side::Request, body.as_bytes(), usize::MAX).0, body.as_bytes());
    module.on_create(2, 1);
    assert_eq!(host.sends(&mut module, CHAT, &body, usize::MAX).0, body);
}

proptest! {
    #[test]
    fn a_splice_changes_its_spans_only(
        body in proptest::collection::vec(any::<u8>(), 0..60),
        edits in proptest::collection::vec((0_usize..60, 0_usize..20, proptest::collection::vec(any::<u8>(), 0..8)), 0..6),
    ) {
        let mut splices = super::Splices::default();
        let mut made: Vec<(std::ops::Range<usize>, Vec<u8>)> = Vec::new();
        for (start, length, with) in edits {
            let span = start..start + length;
            if span.end <= body.len() && splices.replace(span.clone(), with.clone()) {
                made.push((span, with));
            }
        }
        made.sort_by_key(|(span, _)| (span.start, span.end));
        let mut rest = &splices.applied(&body).unwrap()[..];
        let mut at = 0;
        for (span, with) in made {
            prop_assert!(span.start >= at, "spans overlap");
            let expected = [&body[at..span.start], &with].concat();
            prop_assert!(rest.starts_with(&expected));
            (rest, at) = (&rest[expected.len()..], span.end);
        }
        prop_assert_eq!(rest, &body[at..]);
    }

    #[test]
    fn any_body_passes_or_changes_in_texts_of_tools_only(
        text in "[ -~\\n\\u{e9}\\u{1f600}]{0,80}", count in 0_usize..60, piece in 1_usize..5000, cut in 0_usize..10_000,
    ) {
        let body = chat(&format!("{text}\n{}", rows(count)));
        let cut = (0..=cut.min(body.len())).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
        for sent in [&*body, &body[..cut]] {
            let host = Mock::default();
            let (out, action) = host.sends(&mut host.module(ALL), CHAT, sent, piece);
            prop_assert_eq!(action, Action::Continue);
            if out != sent {
                let (before, after): (Value, Value) =
                    (serde_json::from_str(sent).unwrap(), serde_json::from_str(&out).unwrap());
                let mut restored = after.clone();
                restored["messages"][3]["content"] = before["messages"][3]["content"].clone();
                prop_assert_eq!(restored, before);
                prop_assert!(Request::read(out.as_bytes(), CHAT).is_ok());
            }
        }
    }
}
