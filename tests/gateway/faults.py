"""What the module does when a request, a response, the gateway or its configuration is not as it should be."""

import json
import socket
import time

from cases import CHAT, GEMINI, MESSAGES, RESPONSES, anthropic, case, chat, gemini, responses, rows, tools, within

EVERYTHING = {"content-router": {}, "json-crusher": {}, "cache-aligner": {}, "prompt-guard": {}, "cost-meter": {}, "tool-policy": {}}
PANICS = {"panic_on": "panic-please", "panic_on_response": "panic-later"}
LISTENERS = {
    "swap": {"configuration": {"json-crusher": {}}},
    "strict": {"configuration": {**EVERYTHING, **PANICS, "fail_closed": True}},
    "every": {"configuration": {**EVERYTHING, **PANICS}},
    "rules-only": {"configuration": {"_rules_": [{"_match_domain_": ["on.example.com"], "json-crusher": {}}]}},
    "odd-values": {"configuration": {"json-crusher": 1, "max_body_bytes": "much", "hold_headers": "perhaps", "_rules_": {}, "content-router": True}},
    "nothing": {"configuration": {}},
}


def head(path, length, name, more=""):
    return f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-test: {name}\r\ncontent-length: {length}\r\n{more}\r\n".encode()


@case
def requests_of_all_protocols_keep_the_configuration_they_began_with(gateway):
    sent = {CHAT: chat(rows(60)), MESSAGES: anthropic(rows(60)), RESPONSES: responses(rows(60)), GEMINI: gemini(rows(60))}
    open_ones = {}
    for path, body in sent.items():
        half = open_ones[path] = socket.create_connection(("127.0.0.1", gateway.ports["swap"]), 20)
        half.sendall(head(path, len(body), path) + body[:200])
    time.sleep(0.2)
    gateway.envoy.change("swap", {"json-crusher": {"min_tokens": 100000}})
    for path, half in open_ones.items():
        half.sendall(sent[path][200:])
        assert half.recv(65536).startswith(b"HTTP/1.1 200"), path
        half.close()
        assert b"hash=" in gateway.upstreams["up"].got[path][1], path
    gateway.ports = gateway.envoy.ports()
    for path, body in sent.items():
        assert gateway.send("swap", path, body)[1][1] == body, path


@case
def who_goes_away_costs_nobody_else(gateway):
    body = chat(rows(60))
    for at in (0, 100, len(body) - 1):
        gone = socket.create_connection(("127.0.0.1", gateway.ports["every"]), 20)
        gone.sendall(head(CHAT, len(body), "gone") + body[:at])
        time.sleep(0.1)
        gone.close()
    answer, (_, got) = gateway.send("every", CHAT, body)
    assert answer.status == 200 and b"hash=" in got
    assert "gone" not in gateway.upstreams["up"].got


@case
def what_cannot_be_checked_is_refused_where_that_is_asked(gateway):
    for body, more in [(b"no json", {}), (b"\x1f\x8b\x08\x00", {"content-encoding": "gzip"}), (b"{}", {}), (b'{"x": "\xff"}', {})]:
        answer, (headers, _) = gateway.send("strict", "/x", body, more)
        assert answer.status == 403 and headers is None, (body, answer.status)
        assert answer.headers["x-ai-denied"] == "unreadable", answer.headers
        answer, (_, got) = gateway.send("every", "/x", body, more)
        assert answer.status == 200 and got == body, (body, answer.status)
    answer, _ = gateway.send("strict", CHAT, chat("fine"))
    assert answer.status == 200
    answer, (_, got) = gateway.send("every", CHAT, b"plain", {"content-type": "text/plain"})
    assert answer.status == 200 and got == b"plain"


@case
def a_panic_spares_the_streams_beside_it(gateway):
    before, body = gateway.counted(result="panic"), chat(rows(60))
    half = socket.create_connection(("127.0.0.1", gateway.ports["every"]), 20)
    half.sendall(head(CHAT, len(body), "beside") + body[:100])
    time.sleep(0.1)
    for path in ("/panic-please", "/panic-please/v1/messages"):
        answer, (_, got) = gateway.send("every", path, body)
        assert answer.status == 200 and got == body, answer.status
    half.sendall(body[100:])
    assert half.recv(65536).startswith(b"HTTP/1.1 200")
    half.close()
    assert b"hash=" in gateway.upstreams["up"].got["beside"][1]
    assert gateway.counted(result="panic") == before + 2


@case
def a_panic_in_a_response_lets_it_pass_unless_it_must_be_checked(gateway):
    for kind, name in (("json", "usage"), ("sse", "usages")):
        before = gateway.counted(result="panic")
        answer, (_, got) = gateway.send("every", f"{CHAT}?panic-later", chat(rows(60)), {"x-mock": kind, "x-answer": name})
        assert answer.status == 200 and b"hash=" in got, (kind, answer.status)
        assert answer.body == gateway.upstreams["up"].answers[name], (kind, answer.body)
        assert gateway.counted(result="panic") == before + 1, kind
    answer, (headers, _) = gateway.send("strict", "/panic-please", chat("fine"))
    assert answer.status == 403 and headers is None, answer.status
    answer, _ = gateway.send("strict", f"{CHAT}?panic-later", tools("list_jobs"), {"x-mock": "sse", "x-answer": "usages"})
    assert b"Well" not in answer.body and b"cannot be checked" in answer.body, answer.body
    answer, _ = gateway.send("strict", f"{CHAT}?panic-later", tools("list_jobs"), {"x-answer": "usage"})
    assert answer.status == 403 and b"cannot be checked" in answer.body, (answer.status, answer.body)
    assert answer.headers["content-length"] == str(len(answer.body)), answer.headers
    answer, _ = gateway.send("strict", CHAT, tools("list_jobs"), {"x-answer": "usage"})
    assert answer.status == 200 and answer.headers["x-ai-cost"], answer.headers


@case
def responses_that_cannot_be_checked_are_refused_where_that_is_asked(gateway):
    for name, more, why in [
        ("call", {"x-mock": "gzip"}, "response_compressed"),
        ("torn", {}, "response_not_json"),
        ("large", {}, "response_too_large"),
    ]:
        before = gateway.counted(result=why)
        answer, _ = gateway.send("strict", CHAT, tools("list_jobs"), {"x-answer": name, **more})
        assert answer.status == 403 and answer.headers["x-ai-denied"] == "unreadable", (why, answer.status, answer.headers)
        assert json.loads(answer.body)["error"]["message"] == f"the response cannot be checked ({why})", answer.body
        assert "content-encoding" not in answer.headers and gateway.counted(result=why) == before + 1, why
        answer, _ = gateway.send("every", CHAT, tools("list_jobs"), {"x-answer": name, **more})
        assert answer.status == 200 and "x-ai-denied" not in answer.headers, why


@case
def trailers_end_a_body(gateway):
    body = chat(rows(60))
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:100], body[100:])) + b"0\r\nx-last: one\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.ports["every"]), 20) as client:
        head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-test: last\r\nx-mock: trailers\r\ntransfer-encoding: chunked\r\n\r\n"
        client.sendall(head.encode() + chunked)
        answer = b""
        while not answer.endswith((b"0\r\n\r\n", b"x-last: one\r\n\r\n")):
            assert (piece := client.recv(65536)), answer
            answer += piece
        assert answer.startswith(b"HTTP/1.1 200") and b"x-last: one" in answer, answer
    headers, got = gateway.upstreams["up"].got["last"]
    assert b"hash=" in got and int(headers["x-ai-tokens-saved"]) > 0 and headers["x-last"] == "one", headers
    for kind, name in (("trailers", "usage"), ("sse-trailers", "usages")):
        before = gateway.envoy.metric("ai_cost_micro_usd_total")
        answer, _ = gateway.send("prices", CHAT, chat(), {"x-mock": kind, "x-answer": name})
        assert answer.body == gateway.upstreams["up"].answers[name], (kind, answer.body)
        assert gateway.envoy.metric("ai_cost_micro_usd_total") + gateway.envoy.metric("ai_cost_unpriced_total") > before, kind
    for kind, name in (("trailers", "call"), ("sse-trailers", "calls")):
        answer, _ = gateway.send("few", CHAT, tools("read_file"), {"x-mock": kind, "x-answer": name})
        assert b"rm -rf" not in answer.body and b"permission_error" in answer.body, (kind, answer.body)
    answer, _ = gateway.send("strict", CHAT, chat(), {"x-mock": "trailers", "x-answer": "torn"})
    assert answer.status == 403 and b"response_not_json" in answer.body, (answer.status, answer.body)


@case
def an_upstream_that_stops_in_the_middle_is_told(gateway):
    before = gateway.counted(result="response_truncated")
    start = time.monotonic()
    answer, _ = gateway.send("every", CHAT, chat(stream=True), {"x-mock": "stall", "x-answer": "usages"})
    assert answer.status == 200 and time.monotonic() - start < 4.5, answer.status
    assert within(5, lambda: gateway.counted(result="response_truncated") == before + 1)
    answer, _ = gateway.send("every", CHAT, chat(), {"x-answer": "usage"})
    assert answer.headers["x-ai-cost"], answer.headers


@case
def responses_that_are_no_json_or_no_success_pass(gateway):
    before = gateway.counted(result="response_not_json")
    answer, _ = gateway.send("every", CHAT, tools("list_jobs"), {"x-answer": "torn"})
    assert answer.status == 200 and answer.body == b'{"choices": [', answer.body
    assert gateway.counted(result="response_not_json") == before + 1
    answer, _ = gateway.send("every", CHAT, tools("list_jobs"), {"x-mock": "error"})
    assert answer.status == 500 and b"out of order" in answer.body, answer.body


@case
def a_configuration_that_is_odd_works_as_far_as_it_goes(gateway):
    body = chat(rows(60))
    _, (headers, got) = gateway.send("odd-values", CHAT, body)
    assert headers["x-ai-content-type"] == "json_array" and got == body, headers
    _, (headers, got) = gateway.send("nothing", CHAT, body)
    assert got == body and not any(name.startswith("x-ai-") for name in headers)
    assert gateway.send("rules-only", CHAT, body)[1][1] == body
    assert b"hash=" in gateway.send("rules-only", CHAT, body, {"host": "on.example.com:8080"})[1][1]


ANSWERS = {"torn": b'{"choices": ['}
