"""What the module costs in a real Envoy: time of a request with and without it, and memory over many requests.

    python tests/gateway/load.py MODULE [--quick] [--seconds N] [--requests N] [--only ROW]

Each row has a listener of its own, and all are in one Envoy beside one without the module. Requests go to the two in turn,
a block each, so that what else the machine does falls on both. They are sent at fixed times, 100 a second, and take from
then until the answer is there; who waits for others waits longer. Where every text is new it is 10 a second: that no agent
does. Exit status 1 when an answer is wrong or memory grows.
"""

import argparse
import collections
import glob
import itertools
import multiprocessing
import os
import re
import select
import socket
import statistics
import sys
import tempfile
import time

import bodies
from envoy import Envoy

RATE, SLOW, BLOCK = 100, 10, 50
LARGE = {"max_body_bytes": 6 << 20}
# What memory may grow by while the last 80 % of the requests go through.
MOST_GROWTH = 24 << 20
RULE = """
id = 'own/describe'
summary = 'describe: what is not the same'
[match]
command = ['describe']
[[step]]
drop = { lines = ['cache'], label = 'lines' }
"""
PARTS = {
    "content-router": {},
    "json-crusher": {},
    "cache-aligner": {},
    "response-compactor": {"rules": [RULE]},
    "prompt-guard": {"action": "mark"},
    "tool-policy": {"deny": ["delete_*"]},
    "tier-router": {},
    "cost-meter": {},
}
CHANGES = {"json-crusher", "response-compactor", "all"}
USAGE = b'{"model": "gpt-4o", "choices": [], "usage": {"prompt_tokens": 9000, "completion_tokens": 100, "total_tokens": 9100}}'


class Upstream:
    """A process that takes requests and says how long their bodies were."""

    def __init__(self):
        listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.server_port = listening.getsockname()[1]
        self.process = multiprocessing.Process(target=serve, args=(listening,), daemon=True)
        self.process.start()


def serve(listening):
    waiting, poll = {}, select.epoll()
    poll.register(listening, select.EPOLLIN)
    while True:
        for number, _ in poll.poll():
            if number == listening.fileno():
                connection = listening.accept()[0]
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                waiting[connection.fileno()] = (connection, bytearray())
                poll.register(connection, select.EPOLLIN)
                continue
            connection, data = waiting[number]
            try:
                piece = connection.recv(1 << 20)
            except ConnectionResetError:
                piece = b""
            if not piece:
                poll.unregister(connection)
                waiting.pop(number)[0].close()
                continue
            data += piece
            if (length := whole(data)) is not None:
                data.clear()
                head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-got: %d\r\ncontent-length: %d\r\n\r\n"
                connection.sendall(head % (length, len(USAGE)) + USAGE)


def whole(data):
    """The length of the body of a message that came completely."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, came = bytes(data[:end]).lower(), len(data) - end - 4
    if told := re.search(rb"\r\ncontent-length: *(\d+)", head):
        return int(told[1]) if came >= int(told[1]) else None
    if b"transfer-encoding: chunked" not in head:
        return 0
    if not data.endswith(b"0\r\n\r\n"):
        return None
    at, length = end + 4, 0
    while size := int(data[at : (line := data.find(b"\r\n", at))], 16):
        at, length = line + 2 + size + 2, length + size
    return length


class Connections:
    """Connections to a port that are kept open."""

    def __init__(self, port):
        self.port, self.idle = port, []

    def take(self):
        if self.idle:
            return self.idle.pop()
        connection = socket.create_connection(("127.0.0.1", self.port), 20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        return connection


def message(path, body):
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Wrong(Exception):
    """An answer is not what it has to be."""


def check(answer, length, changes):
    got = re.search(rb"\r\nx-got: (\d+)", answer)
    if not answer.startswith(b"HTTP/1.1 200") or not got:
        raise Wrong(bytes(answer[:500]))
    got = int(got[1])
    if got > length or (got == length) == changes:
        raise Wrong(f"{got} of {length} bytes reached the upstream")


def timed(connections, messages, lengths, changes, rate):
    """Sends messages at their times; how long each took, in milliseconds."""
    start = time.monotonic() + 0.01
    pending, took = {}, []
    messages, number = list(messages), 0
    while number < len(messages) or pending:
        if number < len(messages) and time.monotonic() >= start + number / rate:
            connection = connections.take()
            connection.sendall(messages[number])
            pending[connection] = (number, bytearray())
            number += 1
        until = start + number / rate - time.monotonic() if number < len(messages) else 20
        ready = select.select(pending, [], [], max(0, until))[0]
        if not ready and number == len(messages):
            raise Wrong("no answer within 20 s")
        for connection in ready:
            sent, answer = pending[connection]
            answer += (piece := connection.recv(1 << 16))
            if not piece:
                raise Wrong(f"the connection was closed: {bytes(answer[:500])}")
            if whole(answer) is not None:
                took.append((time.monotonic() - start - sent / rate) * 1e3)
                check(answer, lengths[sent], changes)
                connections.idle.append(connection)
                del pending[connection]
    return took


def busy(process):
    """How long the threads of a process ran so far, in milliseconds."""
    return sum(int(open(one).read().split()[0]) for one in glob.glob(f"/proc/{process.pid}/task/*/schedstat")) / 1e6


def measured(process, plain, with_module, requests, changes, rate):
    """Times without the module and with it, in turns, and what each costs the gateway in time of a processor."""
    sent = [message(path, body) for path, body in requests]
    lengths = [len(body) for _, body in requests]
    times, ran = ([], []), [0, 0]
    for at in range(0, len(sent), BLOCK):
        block = slice(at, at + BLOCK)
        for side, (connections, may_change) in enumerate([(plain, False), (with_module, changes)]):
            start = busy(process)
            times[side].extend(timed(connections, sent[block], lengths[block], may_change, rate))
            ran[side] += busy(process) - start
    return times, (ran[1] - ran[0]) / len(sent)


def row(name, times, ran):
    """Medians and the 99th of a hundred, without and with the module, what it adds, and what it computes."""
    medians = [statistics.median(one) for one in times]
    worst = [statistics.quantiles(one, n=100, method="inclusive")[98] for one in times]
    cells = [*medians, medians[1] - medians[0], *worst, worst[1] - worst[0], ran]
    print(f"| {name} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |", flush=True)


def alone(connections, path, body, changes):
    """How long one request takes, with nothing else on its way, in milliseconds."""
    connection = connections.take()
    start = time.monotonic()
    connection.sendall(message(path, body))
    answer = bytearray()
    while whole(answer) is None:
        answer += (piece := connection.recv(1 << 16))
        if not piece:
            raise Wrong("the connection was closed")
    took = (time.monotonic() - start) * 1e3
    check(answer, len(body), changes)
    connections.idle.append(connection)
    return took


def resident(process):
    status = open(f"/proc/{process.pid}/status").read()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10


def memory(envoy, port, count):
    """Sends many different bodies; what Envoy holds after each fifth of them."""
    connections, held, start = Connections(port), collections.OrderedDict(), time.monotonic()
    marks = {max(1, count * share // 100): share for share in (1, 20, 40, 60, 80, 100)}
    for number, (path, body) in enumerate(bodies.mixed(count), 1):
        alone(connections, path, body, True)
        if share := marks.get(number):
            held[share] = resident(envoy.process)
    took = time.monotonic() - start
    told = ", ".join(f"{size / (1 << 20):.1f} MiB after {count * share // 100:,}" for share, size in held.items())
    print(f"\nMemory of Envoy with all parts over {count:,} requests (20 to 32 KB each, {took:.0f} s): {told}.")
    growth = held[100] - held[20]
    if growth > MOST_GROWTH:
        raise Wrong(f"memory grew by {growth >> 20} MiB, more than {MOST_GROWTH >> 20}")


def large(ports, count):
    plain, all_parts = Connections(ports["none-large"]), Connections(ports["all-large"])
    times = ([], [])
    for path, body in itertools.chain(bodies.turns(count, 2 << 20, 1), bodies.strangers(1, 2 << 20)):
        times[0].append(alone(plain, path, body, False))
        times[1].append(alone(all_parts, path, body, True))
    told = [f"{statistics.median(one[1:-1]):.0f} ms" for one in times]
    print(
        f"\nA body of 2 MiB takes {told[0]} without the module and {told[1]} with all parts (median of {count - 1}, the last "
        f"message new each time); {times[1][-1]:.0f} ms when every text is new."
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float, help="for each row, half with and half without the module")
    parser.add_argument("--requests", type=int, help="for memory; 0 leaves that out")
    parser.add_argument("--only", action="append", help="a row")
    asked = parser.parse_args()
    seconds = asked.seconds or (1 if asked.quick else 30)
    requests = (1_000 if asked.quick else 50_000) if asked.requests is None else asked.requests
    listeners = {name: {"configuration": {name: options}} for name, options in PARTS.items()}
    listeners |= {name: {"configuration": PARTS} for name in ("all", "all-new", "memory")}
    listeners |= {"none": {}, "none-large": {"limit": 8 << 20}}
    listeners |= {"all-large": {"configuration": {**PARTS, **LARGE}, "limit": 8 << 20}}
    listeners = {name: {"timeout": "60s", **options} for name, options in listeners.items()}
    rows = [*PARTS, "all", "all-new"]
    rows = [name for name in rows if not asked.only or name in asked.only]
    count = max(BLOCK, int(seconds * RATE / 2))
    with tempfile.TemporaryDirectory() as scratch, Envoy(asked.module, scratch, {"up": Upstream(), "cheap": Upstream()}, listeners) as envoy:
        ports = envoy.ports()
        conversation = bodies.turns(count, 64 << 10)
        size = statistics.mean(len(body) for _, body in conversation)
        print(f"Bodies of {size / 1024:.0f} KiB, {RATE} requests a second, {count} of each kind, on {os.cpu_count()} cores; milliseconds.\n")
        print("| part | median without | with | added | p99 without | with | added | processor |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
        plain = Connections(ports["none"])
        for name in rows:
            is_new, changes = name == "all-new", name.split("-new")[0] in CHANGES
            sent = bodies.strangers(max(BLOCK, count * SLOW // RATE), 64 << 10) if is_new else conversation
            with_module = Connections(ports[name])
            # Whoever comes first pays for the VM, and that headers can wait is not known yet.
            alone(with_module, *bodies.conversation("first", 64 << 10, "first"), changes)
            what = {"all": "all parts", "all-new": f"all parts, every text new, {SLOW} a second"}.get(name, f"`{name}`")
            row(what, *measured(envoy.process, plain, with_module, sent, changes, SLOW if is_new else RATE))
        if not asked.only:
            large(ports, 4 if asked.quick else 16)
        if requests:
            memory(envoy, ports["memory"], requests)


try:
    main()
except Wrong as wrong:
    sys.exit(f"load: {wrong}")
