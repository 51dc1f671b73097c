"""What the module knows, by its source: parts, options with their defaults, metrics with their labels."""

import functools
import glob
import json
import os
import re
import tomllib

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GATEWAY = os.path.join(ROOT, "src", "gateway")
TIERS = {"T0", "T1", "T2", "T3"}
# What holds for a whole instance; the test aid is no option for operators.
NOT_SHIPPED = {"panic_on", "panic_on_response"}


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def source(path):
    """A file of the module without its tests."""
    return re.split(r"\n#\[cfg\(test\)\]\nmod tests", read(path))[0]


GETTER = r"\.\s*(?:value|count|share|number|flag|text|texts|word)\(\s*\"([a-z0-9_]+)\""
DEFAULT = r"(?:,\s*([a-z0-9_.]+)(?: as usize)?\s*\))?"


def literal(written):
    """A value of the source; None when it is not written out."""
    if shift := re.fullmatch(r"(\d+) << (\d+)", written):
        return int(shift[1]) << int(shift[2])
    plain = re.fullmatch(r"true|false|[0-9][0-9_]*(\.[0-9]+)?", written)
    return json.loads(written.replace("_", "")) if plain else None


def fields(text):
    """The fields of default values."""
    blocks = re.findall(r"impl Default for \w+ \{.*?\n\}", text, re.DOTALL)
    pairs = [pair for block in blocks for pair in re.findall(r"(\w+): ([^,{}\n]+?)[, ]*[\n,}]", block)]
    return {name: literal(value) for name, value in pairs}


def keys_in(text, receiver="keys", defaults=None):
    """The keys that are read from an object, with the default where it stands there or among the defaults."""
    found = {}
    for key, default in re.findall(rf"\b{receiver}\s*{GETTER}{DEFAULT}", text):
        field = default.removeprefix("default.")
        found[key] = literal(default) if field == default else (defaults or {}).get(field)
    return found


@functools.cache
def parts():
    """The parts by name, each with its keys."""
    table = re.findall(r"\((\w+)::NAME,", read(GATEWAY, "parts.rs"))
    found = {}
    for module in table:
        files = [f"{GATEWAY}/{module}.rs", *glob.glob(f"{GATEWAY}/{module}/*.rs")]
        text = "\n".join(source(path) for path in files if os.path.exists(path))
        name = re.search(r"const NAME: &str = \"([a-z-]+)\"", text)[1]
        elsewhere = source(f"{ROOT}/src/cache_check/verdict.rs") if name == "cache-aligner" else ""
        keys = keys_in(text, defaults=fields(text + elsewhere))
        keys.update((key, None) for key in re.findall(r"\b(?:words\(|per_tier\(keys, )\"(\w+)\"", text))
        found[name] = keys
    assert len(found) == 8, found.keys()
    return found


@functools.cache
def common():
    """The keys of every instance, with their defaults."""
    text = source(f"{GATEWAY}/config/settings.rs")
    keys = keys_in(text)
    assert {"max_body_bytes", "hold_headers", "metrics_style"} <= keys.keys(), keys
    size = re.search(r"const MAX_BODY_BYTES: usize = (\d+) << (\d+);", text)
    keys["max_body_bytes"] = int(size[1]) << int(size[2])
    return {key: default for key, default in keys.items() if key not in NOT_SHIPPED}


@functools.cache
def nested():
    """The keys of objects in options, by part and option."""
    cost = source(f"{GATEWAY}/cost.rs")
    prices = keys_in(cost, "price").keys()
    listed = re.search(r"= \[([^\]]*)\]\.map\(\|key\| price\.number\(key\)\)", cost)[1]
    guard = tomllib.loads(read(GATEWAY, "guard", "patterns.toml"))["class"]
    lists = re.search(r"\nfn lists\(.*?\n}", source(f"{GATEWAY}/policy.rs"), re.DOTALL)[0]
    return {
        ("tier-router", "prompt_policy"): TIERS,
        ("tier-router", "clusters"): TIERS,
        ("tier-router", "models"): TIERS,
        ("prompt-guard", "classes"): {one["name"] for one in guard} | {"custom"},
        ("tool-policy", "consumers", "*"): set(keys_in(lists)),
        ("cost-meter", "prices", "*"): set(prices) | set(re.findall(r"\"(\w+)\"", listed)),
    }


@functools.cache
def metrics():
    """The metrics of the module, each with its labels."""
    found = {}
    for path in glob.glob(f"{GATEWAY}/**/*.rs", recursive=True):
        text = source(path)
        for name, labels in re.findall(r"count\(\s*\"(\w+)\",\s*&\[(.*?)\],", text, re.DOTALL):
            found.setdefault(name, set()).update(re.findall(r"\(\"(\w+)\",", labels))
        for name in re.findall(r"metrics\.set\(\s*\w+,\s*\"(\w+)\"", text):
            found.setdefault(name, set())
        for name in re.findall(r"name: REQUESTS, labels: vec!\[\(\"(\w+)\",", text):
            requests = re.search(r"const REQUESTS: &str = \"(\w+)\"", read(GATEWAY, "metrics.rs"))[1]
            found.setdefault(requests, set()).add(name)
    assert len(found) > 8 and "hr_gateway_requests_total" in found and "hr_gateway_hold" in found, found
    return found


def labels():
    return set().union(*metrics().values())
