//! Responses under the mock host: documents and streams, read, changed and refused.

use serde_json::{Value, json};

use super::super::host::Side;
use super::super::mock::Mock;
use super::super::module::{Action, Module};
use super::{CHAT, chat};

/// Sends a request and then a response; gives what the client gets.
fn answered(host: &Mock, module: &mut Module, kind: &str, response: &[u8], piece: usize) -> String {
    encoded(host, module, (kind, "identity"), response, piece)
}

/// The same for a response of a type and encoding.
fn encoded(host: &Mock, module: &mut Module, kind: (&str, &str), response: &[u8], piece: usize) -> String {
    module.on_create(2, 1);
    host.sends(module, CHAT, &chat("ok"), usize::MAX);
    let headers = [(":status", "200"), ("content-type", kind.0), ("content-encoding", kind.1), ("content-length", "7")];
    *host.response.borrow_mut() =
        headers.into_iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    module.on_headers(host, 2, Side::Response, false);
    let (out, action) = host.streams(module, Side::Response, response, piece);
    assert_eq!(action, Action::Continue);
    module.on_done(host, 2);
    module.on_delete(2);
    String::from_utf8(out).unwrap()
}

fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";
const COST: &str = r#"{"cost-meter": {"prices": [{"name": "gpt-4o", "input": 2.0, "output": 10.0}]}}"#;
const POLICY: &str = r#"{"tool-policy": {"deny": ["rm"]}}"#;

#[test]
fn usage_of_documents_and_streams_is_counted() {
    let usage = json!({"model": "gpt-4o", "choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 100}});
    let stream = format!("{}{}data: [DONE]\n\n", event(&json!({"model": "gpt-4o", "choices": []})), event(&usage));
    for (kind, response) in [(JSON, usage.to_string()), (EVENTS, stream)] {
        for piece in [7, usize::MAX] {
            let host = Mock::default();
            let mut module = host.module(COST);
            assert_eq!(answered(&host, &mut module, kind, response.as_bytes(), piece), response);
            assert_eq!(host.counted("ai_cost_tokens_total.model=.=gpt-4o;.;.type=.=input"), 1000, "{kind}");
            assert_eq!(host.counted("ai_cost_micro_usd_total"), 3000, "{:?}", host.counters);
            let told = host.response.borrow().contains_key("x-ai-cost");
            assert_eq!(told, kind == JSON, "{kind} {piece}");
        }
    }
}

#[test]
fn a_call_that_is_not_allowed_ends_a_response() {
    let call = |name: &str| json!([{"index": 0, "id": "c", "function": {"name": name, "arguments": "{}"}}]);
    let document = json!({"choices": [{"index": 0, "message": {"tool_calls": call("rm")}}]}).to_string();
    let host = Mock::default();
    let mut module = host.module(POLICY);
    let out = answered(&host, &mut module, JSON, document.as_bytes(), 10);
    assert!(out.contains("`rm` is not allowed") && !out.contains("choices"), "{out}");
    assert_eq!(host.response.borrow()[":status"], b"403");
    let word = event(&json!({"choices": [{"index": 0, "delta": {"content": "Well"}}]}));
    let denied = event(&json!({"choices": [{"index": 0, "delta": {"tool_calls": call("rm")}}]}));
    let out = answered(&host, &mut module, EVENTS, format!("{word}{denied}{word}data: [DONE]\n\n").as_bytes(), 11);
    let rest = out.strip_prefix(&word).unwrap();
    assert!(rest.starts_with("data: {\"error\"") && rest.contains("`rm`") && !rest.contains("DONE"), "{rest}");
    let allowed = event(&json!({"choices": [{"index": 0, "delta": {"tool_calls": call("ls")}}]}));
    assert_eq!(answered(&host, &mut module, EVENTS, allowed.as_bytes(), 5), allowed);
}

/// A rule that leaves lines out that say that all is well.
fn compactor() -> String {
    let toml = "id = \"own/sync\"\nsummary = \"sync: what went wrong\"\n[match]\nfingerprint = ['^sync started$']\n\
                [[step]]\ndrop = { lines = ['^ok '], label = 'synced files' }\n";
    json!({"response-compactor": {"rules": [toml, {"id": 7}], "responses": true}}).to_string()
}

#[test]
fn rules_shorten_results_and_events() {
    let text =
        format!("sync started\n{}bad disk\n", (0..200).map(|at| format!("ok file{at}.txt\n")).collect::<String>());
    let host = Mock::default();
    let mut module = host.module(&compactor());
    assert!(host.log.borrow().iter().any(|line| line.contains("rule 2 is left out")), "{:?}", host.log);
    let out = host.sends(&mut module, CHAT, &chat(&text), usize::MAX).0;
    assert!(out.contains("bad disk") && out.contains("200 ") && out.contains("hash=") && out.len() < 1500, "{out}");
    let word = event(&json!({"type": "response.output_text.delta", "delta": "Hm"}));
    let done = event(&json!({"type": "response.output_item.done", "item": {"output": text}}));
    let out = answered(&host, &mut module, EVENTS, format!("{word}{done}{word}").as_bytes(), 100);
    let middle = out.strip_prefix(&word).unwrap().strip_suffix(&word).unwrap();
    assert!(middle.len() < 600 && middle.contains("bad disk") && middle.contains("\"output\":"), "{middle}");
}

#[test]
fn responses_that_cannot_be_read_pass() {
    let usage = json!({"model": "gpt-4o", "usage": {"prompt_tokens": 1}}).to_string();
    for configuration in [COST, POLICY] {
        let host = Mock::default();
        let mut module = host.module(configuration);
        assert_eq!(answered(&host, &mut module, JSON, b"{\"cut", usize::MAX), "{\"cut");
        assert_eq!(host.counted("response_not_json"), 1);
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(900 << 10));
        assert_eq!(answered(&host, &mut module, JSON, large.as_bytes(), 50_000), large);
        assert_eq!(host.counted("response_too_large"), 1);
        let cut = "data: {\"model\": \"gpt-4o\"}\n\ndata: {\"cu";
        assert_eq!(answered(&host, &mut module, EVENTS, cut.as_bytes(), 9), cut);
        assert_eq!(answered(&host, &mut module, "text/html", usage.as_bytes(), 9), usage);
    }
}

#[test]
fn what_cannot_be_checked_is_refused_where_that_is_wanted() {
    let host = Mock::default();
    let mut module = host.module(r#"{"tool-policy": {"deny": ["rm"]}, "fail_closed": true}"#);
    let (_, action) =
        host.sends(&mut module, CHAT, r#"{"messages":[],"tools":[],"tools":[{"name":"rm"}]}"#, usize::MAX);
    assert_eq!((action, host.replies.borrow()[0].0), (Action::Pause, 403));
    module.on_create(2, 1);
    let (_, action) = host.sends(&mut module, CHAT, r#"{"messages":[],"tools":[{"name":"rm"}]}"#, usize::MAX);
    assert_eq!((action, host.replies.borrow().len()), (Action::Pause, 2));
    assert!(host.replies.borrow()[1].1.contains("`rm` is not allowed"));
}

#[test]
fn responses_that_cannot_be_checked_are_refused_where_that_is_wanted() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(900 << 10));
    for (kind, encoding, response, why) in [
        (JSON, "identity", "{\"cut", "response_not_json"),
        (JSON, "identity", &*large, "response_too_large"),
        (JSON, "gzip", "whatever", "response_compressed"),
        ("application/json; x=text/event-stream", "identity", "data: {}", "response_not_json"),
        (EVENTS, "br", "whatever", "response_compressed"),
        ("text/plain", "identity", "{}", "response_not_json"),
    ] {
        for piece in [50_000, usize::MAX] {
            let host = Mock::default();
            let mut module = host.module(r#"{"tool-policy": {"deny": ["rm"]}, "fail_closed": true}"#);
            let out = encoded(&host, &mut module, (kind, encoding), response.as_bytes(), piece);
            let message = &serde_json::from_str::<Value>(&out).unwrap()["error"]["message"];
            assert_eq!(*message, format!("the response cannot be checked ({why})"), "{kind} {piece}");
            let headers = host.response.borrow();
            assert_eq!((&headers[":status"], &headers["x-ai-denied"]), (&b"403".to_vec(), &b"unreadable".to_vec()));
            assert_eq!(headers["content-length"], out.len().to_string().into_bytes());
            assert!(headers["content-type"] == b"application/json" && !headers.contains_key("content-encoding"));
            assert_eq!(host.counted(why), 1);
        }
    }
}

#[test]
fn a_panic_in_a_document_that_must_be_checked_refuses_it() {
    let usage = json!({"model": "gpt-4o", "usage": {"prompt_tokens": 1}}).to_string();
    for (hold, piece) in [("always", 10), ("always", usize::MAX), ("never", 10)] {
        let host = Mock::default();
        let mut module = host.module(
            &json!({"tool-policy": {"deny": ["rm"]}, "fail_closed": true, "panic_on_response": "/v1/", "hold_headers": hold})
                .to_string(),
        );
        let out = answered(&host, &mut module, JSON, usage.as_bytes(), piece);
        assert!(out.starts_with("{\"error\"") && out.contains("(panic)"), "{out}");
        let headers = host.response.borrow();
        let is_held = hold == "always";
        assert_eq!(headers[":status"] == b"403", is_held);
        assert_eq!(
            headers.get("content-length").is_some_and(|length| *length == out.len().to_string().into_bytes()),
            is_held
        );
        assert_eq!(host.counted("result=.=panic"), 1);
    }
}
