//! When headers wait for the body, when they are let go, and what of them stays.

use super::super::host::Side;
use super::super::mock::Mock;
use super::super::module::{Action, Module};
use super::{ALL, CHAT, chat, rows};

#[test]
fn headers_are_let_go_where_a_host_sends_no_body_before() {
    let host = Mock::default();
    let mut module = host.module(ALL);
    let body = chat(&rows(60));
    host.asks(CHAT, &body);
    assert_eq!(module.on_headers(&host, 2, Side::Request, false), Action::Pause);
    host.now.set(100_000_000);
    module.on_tick(&host, 1);
    assert!(host.resumed.borrow().is_empty());
    host.now.set(200_000_000);
    module.on_tick(&host, 1);
    assert_eq!(*host.resumed.borrow(), [2]);
    // The body comes at once: it was the host that waited.
    assert_ne!(host.streams(&mut module, Side::Request, body.as_bytes(), 4096).0, body.as_bytes());
    assert_eq!((host.header_text("x-ai-tokens-saved"), host.header_text("content-length")), (None, None));
    assert_eq!(host.counted("headers_late"), 1);
    module.on_create(2, 1);
    host.asks(CHAT, &body);
    assert_eq!(module.on_headers(&host, 2, Side::Request, false), Action::Continue);
}

#[test]
fn a_slow_client_does_not_make_a_host_one_that_hangs() {
    let host = Mock::default();
    let mut module = host.module(ALL);
    let body = chat(&rows(60));
    host.asks(CHAT, &body);
    module.on_headers(&host, 2, Side::Request, false);
    host.now.set(200_000_000);
    module.on_tick(&host, 1);
    host.now.set(900_000_000);
    host.streams(&mut module, Side::Request, body.as_bytes(), 4096);
    module.on_create(2, 1);
    host.late.set(false);
    host.asks(CHAT, &body);
    assert_eq!(module.on_headers(&host, 2, Side::Request, false), Action::Pause);
    host.streams(&mut module, Side::Request, body.as_bytes(), 4096);
    // It is known now that headers can wait, so nobody is impatient.
    module.on_create(2, 1);
    module.on_headers(&host, 2, Side::Request, false);
    host.now.set(host.now.get() + 2_000_000_000);
    module.on_tick(&host, 1);
    assert_eq!(host.resumed.borrow().len(), 1);
    // Nor is anybody once the body comes.
    host.body.borrow_mut().push(b'{');
    module.on_body(&host, 2, Side::Request, 1, false);
    host.now.set(host.now.get() + 9_000_000_000);
    module.on_tick(&host, 1);
    assert_eq!(host.resumed.borrow().len(), 1);
}

/// Sends headers of a new stream; says what becomes of them.
fn asks(host: &Mock, module: &mut Module, root: u32, stream: u32) -> Action {
    module.on_create(stream, root);
    host.stream.set(Some(stream));
    host.late.set(false);
    host.asks(CHAT, &chat(&rows(60)));
    module.on_headers(host, stream, Side::Request, false)
}

/// Sends the body, which is changed.
fn comes(host: &Mock, module: &mut Module) {
    let body = chat(&rows(60));
    assert_ne!(host.streams(module, Side::Request, body.as_bytes(), 4096).0, body.as_bytes());
}

#[test]
fn each_instance_learns_for_itself() {
    let host = Mock::default();
    let mut module = host.module(ALL);
    module.on_create(50, 0);
    module.on_configure(&host, 50);
    assert_eq!(asks(&host, &mut module, 1, 3), Action::Pause);
    comes(&host, &mut module);
    // The other instance is of a filter whose headers cannot wait.
    assert_eq!(asks(&host, &mut module, 50, 51), Action::Pause);
    host.now.set(host.now.get() + 200_000_000);
    module.on_tick(&host, 50);
    assert_eq!(*host.resumed.borrow(), [51]);
    comes(&host, &mut module);
    assert_eq!(asks(&host, &mut module, 50, 52), Action::Continue);
    assert_eq!(asks(&host, &mut module, 1, 4), Action::Pause);
    comes(&host, &mut module);
    assert!(host.header_text("x-ai-tokens-saved").is_some());
}

#[test]
fn nobody_waits_for_ever_whatever_was_learnt() {
    let host = Mock::default();
    let mut module = host.module(ALL);
    assert_eq!(asks(&host, &mut module, 1, 3), Action::Pause);
    comes(&host, &mut module);
    for stream in 4..7 {
        assert_eq!(asks(&host, &mut module, 1, stream), Action::Pause, "{stream}");
        host.now.set(host.now.get() + 4_000_000_000);
        module.on_tick(&host, 1);
        assert_eq!(host.resumed.borrow().last(), Some(&stream));
        assert_eq!(host.header_text("content-length"), None);
        comes(&host, &mut module);
    }
    // One of these may be a slow client; so many are a host that hangs.
    assert_eq!(asks(&host, &mut module, 1, 7), Action::Continue);
}

#[test]
fn headers_of_a_response_wait_where_those_of_its_request_did() {
    for waits in [true, false] {
        let host = Mock::default();
        let mut module = host.module(r#"{"json-crusher": {}, "cost-meter": {}}"#);
        asks(&host, &mut module, 1, 3);
        comes(&host, &mut module);
        asks(&host, &mut module, 1, 4);
        if !waits {
            host.now.set(host.now.get() + 4_000_000_000);
            module.on_tick(&host, 1);
        }
        comes(&host, &mut module);
        for (name, value) in [(":status", "200"), ("content-type", "application/json")] {
            host.response.borrow_mut().insert(name.into(), value.into());
        }
        assert_eq!(module.on_headers(&host, 4, Side::Response, false) == Action::Pause, waits);
    }
}

const OURS: &str = r#"{"content-router": {}, "json-crusher": {}, "cache-aligner": {}, "prompt-guard": {"header": "X-Guard"},
    "tier-router": {"cluster_header": "x-cluster"}, "cost-meter": {}}"#;

#[test]
fn headers_of_clients_under_our_names_are_removed_from_every_request() {
    let names = [
        "x-ai-content-type",
        "x-ai-content-bytes",
        "x-ai-tokens-saved",
        "x-ai-cache-unstable",
        "x-ai-cache-prefix-hash",
        "x-guard",
        "x-ai-tier",
        "x-ai-thinking",
        "x-ai-prompt-policy",
        "x-ai-tier-reasons",
        "x-cluster",
    ];
    for (header, value) in
        [("content-encoding", "gzip"), ("upgrade", "websocket"), ("content-type", "text/plain"), ("a", "b")]
    {
        for end in [false, true] {
            let host = Mock::default();
            let mut module = host.module(OURS);
            host.asks(CHAT, "no json");
            for (name, value) in
                names.into_iter().map(|name| (name, "spoofed")).chain([(header, value), ("x-other", "1")])
            {
                host.request.borrow_mut().insert(name.into(), value.into());
            }
            module.on_headers(&host, 2, Side::Request, end);
            host.late.set(true);
            if !end {
                assert_eq!(host.streams(&mut module, Side::Request, b"no json", 3).0, b"no json");
            }
            let left = names.iter().filter(|name| host.header_text(name).is_some()).collect::<Vec<_>>();
            assert!(left.is_empty() && host.header_text("x-other").is_some(), "{header} {end}: {left:?}");
        }
    }
}

#[test]
fn a_body_that_passes_keeps_its_length() {
    for sent in ["no json", "{\"prompt\": 1}", &chat("short")] {
        let host = Mock::default();
        let mut module = host.module(ALL);
        assert_eq!(host.sends(&mut module, CHAT, sent, 4).0, sent);
        assert_eq!(host.header_text("content-length"), Some(sent.len().to_string()), "{sent}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_as_the_path_reads_errors() {
    for (path, shape) in [
        (CHAT, "\"code\":\"unreadable\""),
        ("/v1/messages?beta=1", "{\"type\":\"error\""),
        ("/v1beta/models/gemini-2.5-pro:generateContent", "\"status\":\"PERMISSION_DENIED\""),
        ("/other", "\"code\":\"unreadable\""),
    ] {
        let host = Mock::default();
        let mut module = host.module(r#"{"tool-policy": {"deny": ["rm"]}, "fail_closed": true}"#);
        host.sends(&mut module, path, "no json", 100);
        assert!(host.replies.borrow()[0].1.contains(shape), "{path}: {:?}", host.replies);
    }
}
