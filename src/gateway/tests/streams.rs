//! Streams of events under the mock host: what of them is read, refused, metered, and given out after a panic.

use serde_json::{Value, json};

use super::super::host::Side;
use super::super::mock::Mock;
use super::super::module::Module;
use super::{CHAT, chat};

/// A configuration with a policy and a price.
const BOTH: &str =
    r#"{"tool-policy": {"deny": ["rm"]}, "cost-meter": {"prices": [{"name": "m", "input": 2, "output": 10}]}}"#;

/// Sends a request, and begins its answer.
fn asked(host: &Mock, configuration: &str) -> Module {
    let mut module = host.module(configuration);
    let body = chat("ok").replacen('{', "{\"stream\":true,", 1);
    host.sends(&mut module, CHAT, &body, usize::MAX);
    let headers = [(":status", "200"), ("content-type", "text/event-stream")];
    *host.response.borrow_mut() =
        headers.into_iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    module.on_headers(host, 2, Side::Response, false);
    module
}

/// What a client gets of a stream.
fn got(host: &Mock, configuration: &str, stream: &str, piece: usize) -> String {
    let mut module = asked(host, configuration);
    let (out, _) = host.streams(&mut module, Side::Response, stream.as_bytes(), piece);
    module.on_done(host, 2);
    String::from_utf8(out).unwrap()
}

fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn call(name: &str) -> String {
    let call = json!({"index": 0, "id": "c", "function": {"name": name, "arguments": "{}"}});
    event(&json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}))
}

fn word(text: &str) -> String {
    event(&json!({"model": "m1", "choices": [{"index": 0, "delta": {"content": text}}]}))
}

fn usage() -> String {
    event(&json!({"model": "m1", "choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 100}}))
}

#[test]
fn an_event_that_is_too_long_passes_and_those_behind_it_are_read() {
    let long = word(&"x".repeat(1100 << 10));
    let host = Mock::default();
    let out = got(&host, BOTH, &format!("{long}{}{}", call("rm"), usage()), 10_000);
    let rest = out.strip_prefix(&long).unwrap();
    assert!(rest.contains("`rm` is not allowed") && !rest.contains("arguments"), "{rest}");
    assert_eq!(host.counted("result=.=response_event_too_large"), 1);
    assert_eq!(host.counted("ai_cost_micro_usd_total"), 3000);
    let host = Mock::default();
    let closed = BOTH.replacen('{', "{\"fail_closed\":true,", 1);
    let out = got(&host, &closed, &format!("{}{long}{}", word("a"), word("b")), 10_000);
    let rest = out.strip_prefix(&word("a")).unwrap();
    assert!(rest.contains("\"code\":\"unreadable\"") && rest.len() < 300, "{rest}");
    // Nobody has to check where nobody can refuse.
    let host = Mock::default();
    assert_eq!(got(&host, r#"{"cost-meter": {}, "fail_closed": true}"#, &long, 10_000), long);
    for odd in ["data: {\"cut\n\n", "data: {\"x\":NaN}\n\n"] {
        let host = Mock::default();
        assert_eq!(got(&host, BOTH, odd, 10), odd);
        assert_eq!(host.counted("result=.=response_event_not_json"), 1);
        assert!(got(&Mock::default(), &closed, odd, 10).contains("unreadable"));
    }
}

#[test]
fn the_last_event_counts_without_a_blank_line() {
    for end in ["", "\n"] {
        let cut = |events: &str| format!("{}{end}", events.trim_end());
        let host = Mock::default();
        let stream = cut(&format!("{}{}", word("a"), usage()));
        assert_eq!(got(&host, BOTH, &stream, 7), stream);
        assert_eq!(host.counted("ai_cost_micro_usd_total"), 3000);
        let out = got(&host, BOTH, &cut(&format!("{}{}", word("a"), call("rm"))), 7);
        assert!(out.contains("`rm` is not allowed") && !out.contains("arguments"), "{out}");
        assert_eq!(got(&host, BOTH, "data: {\"cu", 3), "data: {\"cu");
    }
}

#[test]
fn a_stream_that_was_ended_is_metered_as_far_as_it_came() {
    let host = Mock::default();
    got(&host, BOTH, &format!("{}{}{}", call("rm"), word("b"), usage()), 50);
    assert_eq!(host.counted("ai_cost_micro_usd_total"), 3000);
    assert_eq!(host.counted("result=.=response_denied"), 1);
    got(&host, BOTH, &call("rm"), 50);
    assert_eq!(host.counted("ai_cost_unpriced_total.model=.=gpt-4o;.;.reason=.=ended"), 1, "{:?}", host.counters);
    // The usage may stand in the event that is refused.
    let both =
        call("rm").replacen('{', "{\"model\":\"m1\",\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":100},", 1);
    got(&host, BOTH, &both, 50);
    assert_eq!(host.counted("ai_cost_micro_usd_total"), 6000);
}

/// What goes on of a piece that is not the last.
fn goes_on(host: &Mock, module: &mut Module, piece: &[u8]) -> Vec<u8> {
    host.body.borrow_mut().extend_from_slice(piece);
    module.on_body(host, 2, Side::Response, piece.len(), false);
    host.body.take()
}

#[test]
fn a_panic_loses_no_byte_of_a_stream() {
    let stream = format!("{}{}{}", word("a"), word("b"), word("c"));
    for piece in [10, 37, 100] {
        for at in 0..stream.len() / piece {
            let host = Mock::default();
            let mut module = asked(&host, BOTH);
            let mut out = Vec::new();
            for (number, bytes) in stream.as_bytes().chunks(piece).enumerate() {
                host.panics.set(number == at);
                out.extend(goes_on(&host, &mut module, bytes));
            }
            assert_eq!(String::from_utf8(out).unwrap(), stream, "{piece} {at}");
            assert_eq!(host.counted("result=.=panic"), 1);
        }
    }
    // What was refused stays away.
    let host = Mock::default();
    let mut module = asked(&host, BOTH);
    goes_on(&host, &mut module, call("rm").as_bytes());
    for _ in 0..3 {
        host.panics.set(true);
        assert_eq!(goes_on(&host, &mut module, word("more").as_bytes()), b"");
    }
}

#[test]
fn what_a_panic_leaves_unread_is_refused_where_that_is_wanted() {
    let strict = r#"{"tool-policy": {"deny": ["rm"]}, "fail_closed": true, "panic_on": "panic-please"}"#;
    let host = Mock::default();
    let mut module = host.module(strict);
    host.sends(&mut module, "/panic-please/chat/completions", &chat("ok"), usize::MAX);
    assert_eq!((host.replies.borrow()[0].0, host.counted("result=.=panic")), (403, 1));
    let host = Mock::default();
    let mut module = asked(&host, strict);
    assert_eq!(goes_on(&host, &mut module, word("a").as_bytes()), word("a").as_bytes());
    host.panics.set(true);
    let last = String::from_utf8(goes_on(&host, &mut module, word("b").as_bytes())).unwrap();
    assert!(
        last.starts_with("data: {\"error\"") && last.contains("cannot be checked") && !last.contains("\"b\""),
        "{last}"
    );
    assert_eq!(goes_on(&host, &mut module, word("c").as_bytes()), b"");
    // What a client may read as something else.
    for stream in [
        "data:  {\"choices\": [\n\n".to_string(),
        "data: [{\n\n".to_string(),
        "data: rm\n\n".to_string(),
        "{\"choices\": []}\n\n".to_string(),
        "data: \u{e9}\n\n".to_string(),
    ] {
        let out = got(&Mock::default(), strict, &format!("{stream}{}", word("more")), 1000);
        assert!(out.starts_with("data: {\"error\"") && !out.contains("more"), "{stream}: {out}");
    }
    for call in [format!("data:  {}", &call("rm")[6..]), format!("\u{feff}{}", call("rm"))] {
        let out = got(&Mock::default(), strict, &call, 1000);
        assert!(out.contains("`rm` is not allowed") && !out.contains("arguments"), "{out}");
    }
    let harmless = format!(": ping\n\nevent: a\nid: 1\nretry: 2\n\ndata: \n\n{}data: [DONE]\n\n", word("a"));
    assert_eq!(got(&Mock::default(), strict, &harmless, 7), harmless);
}

#[test]
fn the_model_that_answers_has_the_price() {
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 100});
    for (style, small, mystery) in [
        ("envoy", "ai_cost_micro_usd_total.model=.=small-1;.;", "ai_cost_unpriced_total.model=.=mystery-9;.;"),
        ("higress", "model.small-1.consumer.none.metric.ai_cost_micro_usd_total", "model.mystery-9.consumer.none"),
    ] {
        let configuration = json!({"metrics_style": style, "tier-router": {"models": {"T0": "small-1", "T1": "small-1", "T2": "small-1"}},
            "cost-meter": {"prices": {"small": {"input": 1, "output": 1}}}});
        let host = Mock::default();
        // The model that is asked upstream is another than the client's; a response that names none is its.
        got(&host, &configuration.to_string(), &event(&json!({ "usage": usage })), 1000);
        assert_eq!(host.counted(small), 1100, "{:?}", host.counters);
        got(&host, &configuration.to_string(), &event(&json!({"model": "mystery-9", "usage": usage})), 1000);
        assert!(host.counted(mystery) >= 1, "{:?}", host.counters);
        assert_eq!(host.counted("ai_cost_micro_usd_total"), 1100);
    }
}
