"""Conversations as agents send them: every turn sends all earlier ones again, and one more result of a tool."""

import itertools
import json
import random

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
WORDS = "the of request cache server user error file value returns loads index build token first list state thread is not a when for path".split()
NAMES = "billing ingress scheduler accounts search mailer exporter gateway planner ledger".split()
TOOLS = "bash grep glob list_jobs web_fetch git_diff edit_file write_file run_tests describe_pod query_logs todo".split()


class Texts:
    """Makes texts of the kinds that tools print; the same seed makes the same texts."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def words(self, count):
        return " ".join(self.random.choices(WORDS, k=count))

    def rows(self, size):
        row = lambda at: {
            "id": self.random.randrange(10**9),
            "name": f"{self.random.choice(NAMES)}-{at}",
            "state": "failed: no space left" if self.random.random() < 0.02 else "running",
            "restarts": self.random.randrange(5),
            "node": f"node-{self.random.randrange(40)}",
            "labels": {"app": self.random.choice(NAMES), "zone": self.random.choice("abc")},
        }
        return json.dumps([row(at) for at in range(max(1, size // 150))])

    def log(self, size):
        def line(at):
            level = self.random.choices(["INFO", "DEBUG", "WARN", "ERROR"], [80, 15, 4, 1])[0]
            name, took = self.random.choice(NAMES), self.random.randrange(900)
            return f"2026-03-0{at // 600 % 9 + 1}T10:{at // 60 % 60:02}:{at % 60:02}.{took:03}Z {level} {name}: {self.words(6)} id={self.random.randrange(10**6)} took {took} ms"

        return self.lines(line, size)

    def search(self, size):
        line = lambda at: f"src/{NAMES[at // 9 % 10]}/{self.random.choice(NAMES)}.py:{at * 7 % 900 + 1}:    {self.random.choice(WORDS)} = self.{self.random.choice(NAMES)}({self.words(4)!r})"
        return self.lines(line, size)

    def diff(self, size):
        out, total = [], 0
        while total < size:
            name = f"src/{self.random.choice(NAMES)}/{self.random.choice(WORDS)}{len(out)}.py"
            out.append(f"diff --git a/{name} b/{name}\nindex {self.random.getrandbits(28):07x}..{self.random.getrandbits(28):07x} 100644\n--- a/{name}\n+++ b/{name}")
            out.append("@@ -10,12 +10,12 @@ def run(self):")
            out += [f"{self.random.choice('    +-')}        {self.words(7)}" for _ in range(12)]
            total += 1000
        return "\n".join(out) + "\n"

    def code(self, size):
        def part(at):
            name, value = self.random.choice(NAMES), self.random.randrange(10**6)
            return f"def {name}_{value}(path, state):\n    \"\"\"{self.words(9)}.\"\"\"\n    if state == {value}:\n        return load(path, {at})\n    return [{name}(one) for one in path]\n"

        return self.lines(part, size)

    def prose(self, size):
        return self.lines(lambda at: self.words(14).capitalize() + ".", size)

    def lines(self, line, size):
        out, total = [], 0
        while total < size:
            out.append(line(len(out)))
            total += len(out[-1]) + 1
        return "\n".join(out) + "\n"

    def result(self, at, size):
        """A call and what came of it; kinds follow each other."""
        name, arguments, make = [
            ("list_jobs", {"all": True}, self.rows),
            ("bash", {"command": "journalctl -u billing"}, self.log),
            ("grep", {"pattern": "self."}, self.search),
            ("git_diff", {"commit": "HEAD~1"}, self.diff),
            ("bash", {"command": "./describe"}, self.prose),
            ("read_file", {"path": "src/run.py"}, self.code),
        ][at % 6]
        return name, arguments, make(size)


def definitions():
    schema = {"type": "object", "properties": {"path": {"type": "string", "description": "An absolute path."}, "limit": {"type": "integer"}}}
    for name in TOOLS:
        yield name, f"Runs {name}. " + Texts(name).words(50), schema


def chat(system, turns, model):
    messages = [{"role": "system", "content": system}]
    for at, (asked, results) in enumerate(turns):
        messages.append({"role": "user", "content": asked})
        for number, (name, arguments, text) in enumerate(results):
            call = {"id": f"c{at}-{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    tools = [{"type": "function", "function": {"name": name, "description": text, "parameters": schema}} for name, text, schema in definitions()]
    return json.dumps({"model": model, "tools": tools, "messages": messages, "max_tokens": 4096}).encode()


def anthropic(system, turns, model):
    messages = []
    for at, (asked, results) in enumerate(turns):
        messages.append({"role": "user", "content": asked})
        for number, (name, arguments, text) in enumerate(results):
            use = {"type": "tool_use", "id": f"t{at}-{number}", "name": name, "input": arguments}
            back = {"type": "tool_result", "tool_use_id": use["id"], "content": text}
            messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [back]}]
    tools = [{"name": name, "description": text, "input_schema": schema} for name, text, schema in definitions()]
    blocks = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
    return json.dumps({"model": model, "system": blocks, "tools": tools, "messages": messages, "max_tokens": 4096}).encode()


def conversation(seed, size, last, number=0):
    """Path and body of about a size; `seed` makes the history, `last` the result that came last."""
    texts, newest = Texts(seed), Texts(last)
    system = "You are a coding agent. " + texts.words(500)
    # What is no result: definitions, system text, calls.
    each = max(300, (size - 11_000) // 9)
    results = [texts.result(at + number, each) for at in range(8)]
    turns = [(texts.words(30), results[:4]), (texts.words(12), results[4:] + [newest.result(number, each)])]
    write, path, model = (chat, CHAT, "gpt-4o") if number % 2 else (anthropic, MESSAGES, "claude-sonnet-4-5")
    return path, write(system, turns, model)


def turns(count, size, conversations=8):
    """Bodies of which each differs in its last message from an earlier one of its conversation."""
    return [conversation(f"history {at % conversations}", size, f"last {at}", at % conversations) for at in range(count)]


def strangers(count, size):
    """Bodies that have no text in common."""
    return [conversation(f"history {at} {size}", size, f"last {at} {size}", at) for at in range(count)]


def mixed(count):
    """Small and medium bodies without end of different texts, one by one."""
    sizes = Texts("sizes").random
    for at in itertools.islice(itertools.count(), count):
        yield conversation(f"mixed {at // 4}", sizes.choice([20_000, 24_000, 32_000]), f"mixed last {at}", at)
