"""What all cases need: the list of them, requests in the forms of the protocols, and who sends them."""

import json
import time

from envoy import post

CHAT = "/v1/chat/completions"
MESSAGES, RESPONSES = "/v1/messages", "/v1/responses"
GEMINI, GEMINI_STREAM = "/v1beta/models/gemini-2.5-flash:generateContent", "/v1beta/models/gemini-2.5-flash:streamGenerateContent"
CASES = []



def case(function):
    CASES.append(function)
    return function


def rows(count):
    row = lambda at: {"id": at, "name": f"job-{at}", "state": "failed: disk full" if at == count // 2 else "ok"}
    return json.dumps([row(at) for at in range(count)])


def chat(result=None, **more):
    messages = [{"role": "system", "content": "You watch jobs."}, {"role": "user", "content": "Was ist los? \u00e9"}]
    if result is not None:
        call = {"id": "c1", "type": "function", "function": {"name": "list_jobs", "arguments": "{}"}}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": "c1", "content": result})
    return json.dumps({"model": "gpt-4o", "messages": messages, **more}).encode()


def anthropic(result):
    use = {"type": "tool_use", "id": "t1", "name": "list_jobs", "input": {}}
    back = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": result}]}
    back["cache_control"] = {"type": "ephemeral"}
    messages = [{"role": "user", "content": "Jobs?"}, {"role": "assistant", "content": [use]}, {"role": "user", "content": [back]}]
    return json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 9, "system": "Watch.", "messages": messages}).encode()


def responses(result):
    call = {"type": "function_call", "call_id": "c", "name": "list_jobs", "arguments": "{}"}
    back = {"type": "function_call_output", "call_id": "c", "output": result}
    return json.dumps({"model": "gpt-5", "input": [{"role": "user", "content": "Jobs?"}, call, back]}).encode()


def gemini(result):
    call = {"role": "model", "parts": [{"functionCall": {"name": "list_jobs", "args": {}}}]}
    back = {"role": "user", "parts": [{"functionResponse": {"name": "list_jobs", "response": {"output": result}}}]}
    return json.dumps({"contents": [{"role": "user", "parts": [{"text": "Jobs?"}]}, call, back]}).encode()


class Gateway:
    """Envoy with the upstreams behind it; numbers requests so that their traces are found."""

    def __init__(self, envoy, upstreams):
        self.envoy, self.upstreams, self.number = envoy, upstreams, 0
        self.ports = envoy.ports()

    def send(self, listener, path, body, headers=None, chunked=False):
        """What the client got, and what the upstream got: headers and body."""
        self.number += 1
        name = f"{listener}-{self.number}"
        answer = post(self.ports[listener], path, body, {**(headers or {}), "x-test": name}, chunked)
        got = [one.got.get(name) for one in self.upstreams.values()]
        return answer, next((one for one in got if one), (None, None))

    def counted(self, **labels):
        return self.envoy.metric("hr_gateway_requests_total", **labels)


def tools(name):
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "tools": [{"type": "function", "function": {"name": name}}]}).encode()


def event(data):
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def within(seconds, holds):
    """Whether something holds soon."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return held
