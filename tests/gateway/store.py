"""Originals: kept by a real `hr store serve`, and given back; what happens when the store does not take them."""

import json
import os
import re
import subprocess
import time

from cases import CHAT, GEMINI, MESSAGES, RESPONSES, anthropic, case, chat, gemini, responses, rows, within

HR = os.environ.get("HR", os.path.join("target", "release", "hr"))
TOKEN = "correct-horse-battery-staple"
LISTENERS = {
    "kept": {"configuration": {"json-crusher": {"store_cluster": "originals", "store_token": TOKEN}}},
    "slowly": {"configuration": {"json-crusher": {"store_cluster": "slow"}}},
    "denied": {"configuration": {"json-crusher": {"store_cluster": "originals", "store_token": "wrong"}}},
    "down": {"configuration": {"json-crusher": {"store_cluster": "down"}}},
    "broken-store": {"configuration": {"json-crusher": {"store_cluster": "ill"}}},
    "no-store": {"configuration": {"json-crusher": {"store_cluster": "nowhere", "store_token": "two words"}}},
    "offered": {"configuration": {"json-crusher": {"store_cluster": "originals", "store_token": TOKEN, "offer_tool": True}}},
    "not-offered": {"configuration": {"json-crusher": {"offer_tool": True}}},
}


class Store:
    """`hr store serve` with a home of its own."""

    got = {}

    def __init__(self, scratch):
        self.home, token = os.path.join(scratch, "home"), os.path.join(scratch, "token")
        with open(token, "w") as file:
            file.write(TOKEN + "\n")
        args = [HR, "store", "serve", "--listen", "127.0.0.1:0", "--token-file", token]
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, env=self.environment(), text=True)
        line = self.process.stdout.readline()
        self.server_port = int(re.search(r"127\.0\.0\.1:(\d+)", line)[1])

    def environment(self):
        return {**{name: value for name, value in os.environ.items() if name != "HR"}, "HR_HOME": self.home}

    def show(self, name):
        return subprocess.run([HR, "show", name], env=self.environment(), capture_output=True, check=True).stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


class Closed:
    """A port where nobody listens."""

    got, server_port = {}, 1


def hashes(got):
    return re.findall(rb"hash=([0-9a-f]{16})", got)


@case
def originals_come_back_from_the_store_byte_for_byte(gateway):
    before = gateway.counted(result="stored")
    results = [rows(71), "é\u0000\u2028\"\\ \U0001f600\n" * 3 + rows(72)[1:-1].replace("}, ", "}\n")]
    names = []
    for result in results:
        _, (_, got) = gateway.send("kept", CHAT, chat(result))
        names += hashes(got)
    assert within(5, lambda: gateway.counted(result="stored") >= before + len(names)), gateway.counted(result="stored")
    assert len(names) >= 1 and gateway.upstreams["originals"].show(names[0].decode()) == results[0].encode()
    for name, result in zip(names[1:], results[1:]):
        assert gateway.upstreams["originals"].show(name.decode()) == result.encode()
    # The next turn sends the same result; the store has it.
    _, (_, got) = gateway.send("kept", CHAT, chat(results[0], user="x"))
    assert hashes(got) == names[:1]
    time.sleep(0.5)
    assert gateway.counted(result="stored") == before + len(names)
    assert TOKEN not in gateway.envoy.log()


@case
def a_store_may_be_slower_than_the_answer(gateway):
    before = gateway.counted(result="stored")
    start = time.monotonic()
    answer, (_, got) = gateway.send("slowly", CHAT, chat(rows(73)))
    assert answer.status == 200 and hashes(got) and time.monotonic() - start < 0.8
    assert within(5, lambda: gateway.counted(result="stored") == before + 1)
    assert gateway.upstreams["slow"].got[None][1] == rows(73).encode()


@case
def a_store_that_fails_costs_no_request(gateway):
    for listener in ("denied", "down", "broken-store", "no-store"):
        for turn in (1, 2):
            before = gateway.counted(result="store_failed")
            answer, (_, got) = gateway.send(listener, CHAT, chat(rows(74)))
            assert answer.status == 200 and hashes(got), (listener, answer.status)
            # What was not kept is posted again in the next turn.
            assert within(8, lambda: gateway.counted(result="store_failed") == before + 1), (listener, turn)
    assert "authorization" not in gateway.upstreams["ill"].got[None][0]


def with_tools(body, tools):
    return json.dumps({**json.loads(body), "tools": tools}).encode()


@case
def the_tool_that_gives_originals_back_is_offered_if_asked(gateway):
    function = {"name": "list_jobs", "parameters": {"type": "object"}}
    for path, body, tools, name in [
        (CHAT, chat(), [{"type": "function", "function": function}], lambda tools: tools[1]["function"]["name"]),
        (RESPONSES, responses("ok"), [{"type": "function", **function}], lambda tools: tools[1]["name"]),
        (MESSAGES, anthropic("ok"), [{"name": "list_jobs", "input_schema": {}}], lambda tools: tools[1]["name"]),
        (GEMINI, gemini("ok"), [{"functionDeclarations": [function]}], lambda tools: tools[0]["functionDeclarations"][1]["name"]),
    ]:
        sent = with_tools(body, tools)
        answer, (_, got) = gateway.send("offered", path, sent)
        offered = json.loads(got)
        assert answer.status == 200 and name(offered["tools"]) == "hr_show", got
        quoted = json.dumps(tools).encode()
        begins, ends = sent.split(quoted)
        added = got[len(begins) : len(got) - len(ends)]
        assert got.startswith(begins) and got.endswith(ends) and added.startswith(quoted.rstrip(b"]}")), got
        # It does not come and go with results that are cut.
        _, (_, later) = gateway.send("offered", path, with_tools(body.replace(b'"ok"', json.dumps(rows(50)).encode()), tools))
        assert json.loads(later)["tools"] == offered["tools"], later
        assert gateway.send("not-offered", path, sent)[1][1] == sent
    assert gateway.send("offered", CHAT, chat())[1][1] == chat(), "a request without tools gets none"
