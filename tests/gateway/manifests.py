"""Checks what is shipped for operators: manifests for Higress, an example for Envoy, a dashboard, a chapter.

    manifests.py [--crd FILE] [--envoy PROGRAM MODULE]

Manifests must be valid by the schema of their resource, where a field that is not named is an error; configurations
may hold only keys that the module reads, with the defaults that it has; the dashboard only metrics that it counts.
--crd compares the schema with a definition as the gateway ships it. --envoy lets an Envoy validate the example.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import tempfile

import jsonschema
import yaml

from envoy import LABELS
from known import GATEWAY, ROOT, TIERS, common, labels, metrics, nested, parts, read, source

DEPLOY = os.path.join(GATEWAY, "deploy")
# Keys of Higress's document that the module reads besides options.
RULES, MATCHES = "_rules_", {"_match_route_", "_match_domain_", "_match_service_", "_match_route_prefix_"}


# Configurations.


def check_options(place, part, options, defaults):
    """Options of a part; in a place that shows the defaults they must be the module's."""
    known = {**parts()[part], "enabled": True}
    for key, value in options.items():
        assert key in known, f"{place}: {part} has no option `{key}`"
        if defaults and known[key] is not None:
            assert value == known[key], f"{place}: the default of `{key}` is {known[key]}, not {value}"
        inner = nested().get((part, key))
        objects = [value]
        if inner is None and (inner := nested().get((part, key, "*"))) is not None:
            objects = list(value.values()) if isinstance(value, dict) else value
        for one in objects if inner is not None else []:
            assert one.keys() <= inner, f"{place}: `{key}` of {part} knows no {sorted(one.keys() - inner)}"


def check_configuration(place, instance, document, defaults=False):
    """A document for an instance: that of a part has its options at the top, others have an object for each part."""
    instance = instance.removeprefix("ai-")
    options = {key: value for key, value in document.items() if key not in common()}
    for key in document.keys() & common().keys():
        default = common()[key]
        if defaults and default is not None:
            assert document[key] == default, f"{place}: the default of `{key}` is {default}, not {document[key]}"
    if instance in parts():
        assert "enabled" not in options, f"{place}: an instance that is a part is on"
        check_options(place, instance, options, defaults)
        return
    for part, value in options.items():
        assert part in parts(), f"{place}: there is no part or option `{part}`"
        check_options(f"{place}, {part}", part, value, False)


# Manifests.


def schema():
    return json.loads(read(ROOT, "tests", "gateway", "wasmplugin.schema.json"))


def closed(openapi):
    """A schema of a resource as JSON Schema, without texts; objects know only the fields that they name."""
    if not isinstance(openapi, dict):
        return openapi
    out = {key: openapi[key] for key in ("type", "enum") if key in openapi}
    if openapi.get("nullable"):
        out["type"] = [out["type"], "null"]
    if "items" in openapi:
        out["items"] = closed(openapi["items"])
    if "properties" in openapi:
        out["properties"] = {name: closed(one) for name, one in openapi["properties"].items()}
        if not openapi.get("x-kubernetes-preserve-unknown-fields"):
            out["additionalProperties"] = False
    return out


def definition(path):
    """The schema in a file of resource definitions."""
    for document in yaml.safe_load_all(read(path)):
        if document and document.get("metadata", {}).get("name") == "wasmplugins.extensions.higress.io":
            versions = {version["name"]: version for version in document["spec"]["versions"]}
            return closed(versions["v1alpha1"]["schema"]["openAPIV3Schema"])
    raise AssertionError(f"{path} does not define wasmplugins.extensions.higress.io")


def check_manifest(path, validator):
    name = os.path.basename(path).removesuffix(".yaml")
    documents = list(yaml.load_all(read(path), Loader=Strict))
    assert len(documents) == 1, f"{name}: one resource is expected"
    manifest = documents[0]
    header = {key: manifest.pop(key) for key in ("apiVersion", "kind", "metadata")}
    assert header["apiVersion"] == "extensions.higress.io/v1alpha1" and header["kind"] == "WasmPlugin", name
    assert header["metadata"].keys() == {"name", "namespace"}, name
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(manifest)]
    assert not errors, f"{name}: {errors}"
    spec = manifest["spec"]
    wanted = {"url", "pluginName", "phase", "priority", "failStrategy", "defaultConfig", "matchRules"}
    assert wanted <= spec.keys(), f"{name} has no {wanted - spec.keys()}"
    plugin = spec["pluginName"]
    assert plugin == ("hr" if name == "all" else f"ai-{name}"), f"{name}: {plugin}"
    assert spec["defaultConfig"].get("metrics_style") == "higress", f"{name}: labels are in another style there"
    # The host buffers what the module asks it for, so a body may be larger there.
    assert spec["defaultConfig"].get("max_body_bytes") == 8 << 20, f"{name}: bodies are larger there"
    default = {key: value for key, value in spec["defaultConfig"].items() if key not in ("metrics_style", "max_body_bytes")}
    check_configuration(f"{name}, defaultConfig", plugin, default, defaults=True)
    for rule in spec["matchRules"]:
        assert rule.keys() & {"ingress", "domain", "service"}, f"{name}: a rule matches nothing"
        assert rule.get("config") or rule.get("configDisable"), f"{name}: a rule changes nothing"
        check_configuration(f"{name}, a rule", plugin, rule.get("config", {}))
    return name, spec


class Strict(yaml.SafeLoader):
    """YAML without repeated keys."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key is repeated{node.start_mark}"
        return super().construct_mapping(node, deep)


def check_manifests(crd):
    wanted = {key: value for key, value in schema().items() if not key.startswith("$")}
    if crd:
        assert definition(crd) == wanted, "the schema is not what the definition says"
    jsonschema.Draft202012Validator.check_schema(wanted)
    validator = jsonschema.Draft202012Validator(wanted)
    for wrong in ({"spec": {"prority": 1}}, {"spec": {"phase": "LAST"}}, {"spec": {"matchRules": [{"route": []}]}}):
        assert not validator.is_valid(wrong), wrong
    paths = sorted(glob.glob(f"{DEPLOY}/higress/*.yaml"))
    specs = dict(check_manifest(path, validator) for path in paths)
    assert specs.keys() == parts().keys() | {"all"}, specs.keys()
    assert len({spec["url"] for spec in specs.values()}) == 1, "all use one module, and so share a VM"
    # Requests meet AUTHN first, and in a phase the higher number.
    phases = ["AUTHN", "AUTHZ", "STATS", "UNSPECIFIED_PHASE"]
    del specs["all"]
    order = sorted(specs, key=lambda name: (phases.index(specs[name]["phase"]), -specs[name]["priority"]))
    behind = [
        ("content-router", "json-crusher"),
        ("tool-policy", "json-crusher"),
        ("prompt-guard", "response-compactor"),
        ("response-compactor", "json-crusher"),
        ("json-crusher", "cache-aligner"),
    ]
    for first, second in behind:
        assert order.index(first) < order.index(second), f"{first} comes behind {second}: {order}"
    return len(paths)


# Envoy.


def inside(value):
    """All objects of a document."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from inside(one)


def shown(name, tags):
    """A metric's name and labels as Envoy makes them: tags look at the whole name, then first groups are cut out."""
    matches = {tag: match for tag, regex in tags.items() if (match := re.search(regex, name))}
    gone = set().union(*(range(*match.span(1)) for match in matches.values()))
    left = "".join(c for at, c in enumerate(name) if at not in gone)
    return left, {tag: match[2] for tag, match in matches.items()}


def check_envoy():
    example = yaml.load(read(DEPLOY, "envoy.yaml"), Loader=Strict)
    tags = {one["tag_name"]: one["regex"] for one in example["stats_config"]["stats_tags"]}
    assert tags.keys() == labels(), f"stats_tags of the example: {sorted(tags.keys() ^ labels())}"
    assert labels() <= set(LABELS), f"stats_tags of the tests: {sorted(labels() - set(LABELS))}"
    for name, own in metrics().items():
        for order in (sorted(own), sorted(own, reverse=True)):
            written = name + "".join(f".{label}=.=a.b:c/{label};.;" for label in order)
            wanted = (name, {label: f"a.b:c/{label}" for label in own})
            assert shown(written, tags) == wanted, (written, shown(written, tags))
    clusters = {one["name"] for one in example["static_resources"]["clusters"]}
    routed = {one["cluster"] for one in inside(example) if isinstance(one.get("cluster"), str)}
    assert routed <= clusters, routed - clusters
    [filter] = [one for one in inside(example) if one.get("root_id")]
    assert filter["allow_on_headers_stop_iteration"] is True and filter["failure_policy"] == "FAIL_RELOAD"
    document = json.loads(filter["configuration"]["value"])
    [host] = [one for one in inside(example) if "request_body_buffer_limit" in one]
    assert document["max_body_bytes"] < host["request_body_buffer_limit"], "the module reads less than Envoy buffers"
    rules = document.pop(RULES)
    assert parts().keys() <= document.keys(), "the example has all parts"
    for rule in [document, *rules]:
        options = {key: value for key, value in rule.items() if key not in MATCHES}
        check_configuration("the example for Envoy", "hr", options)
    assert all(rule.keys() & MATCHES for rule in rules)
    store = document["json-crusher"]["store_cluster"]
    assert store in clusters, store


def validate(program, module):
    """Lets Envoy look at the example, with a module that is there."""
    text = read(DEPLOY, "envoy.yaml").replace("/etc/envoy/hr-gateway.wasm", os.path.abspath(module))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "envoy.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run(
            [program, "--mode", "validate", "-c", path, "--use-dynamic-base-id", "--log-level", "warning"],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 0 and "OK" in done.stdout, done.stdout + done.stderr
    odd = [line for line in done.stderr.splitlines() if "hr: " in line or "deprecated" in line.lower()]
    assert not odd, odd


# The dashboard.

# Words of PromQL that expressions of the dashboard use, besides metrics and labels.
PROMQL = {"sum", "rate", "by", "max", "topk", "clamp_min", "on", "or", "vector", "increase"}


def check_query(place, query):
    """A query: metrics that are counted, with labels that they have."""
    variables = re.sub(r"\$\{?\w+\}?", "0", query)
    bare = re.sub(r"\"[^\"]*\"|\[[^\]]*\]", " ", variables)
    words = re.findall(r"\b[a-z_]\w*\b", bare)
    names = {word for word in words if word.startswith(("ai_", "hr_"))}
    assert names and names <= metrics().keys(), f"{place}: {sorted(names - metrics().keys())} in {query}"
    allowed = set().union(*(metrics()[name] for name in names)) | {"instance"}
    odd = set(words) - names - allowed - PROMQL
    assert not odd, f"{place}: {sorted(odd)} in {query}"
    assert query.count("(") == query.count(")"), query
    for name, rest in re.findall(r"\b((?:ai|hr)_\w+)(\{[^}]*\}\[)?", query):
        assert not name.endswith("_total") or rest, f"{place}: {name} is a counter and needs a rate in {query}"
    return names


def check_dashboard():
    dashboard = json.loads(read(DEPLOY, "grafana.json"))
    assert dashboard["schemaVersion"] >= 38 and dashboard["id"] is None and dashboard["uid"], "made for Grafana 10"
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels), "ids of panels are unique"
    used, places = set(), set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & places, f"{panel['title']} overlaps"
        places |= cells
        if panel["type"] == "row":
            continue
        assert panel["datasource"]["uid"] == "${datasource}" and panel["description"], panel["title"]
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"], panel["title"]
            used |= check_query(panel["title"], target["expr"])
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]), panel["title"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((\w+), ?(\w+)\)", variable["query"]["query"]).groups()
            assert label in metrics()[metric] | {"instance"}, variable["name"]
    missing = metrics().keys() - used
    assert not missing, f"the dashboard does not show {sorted(missing)}"
    return len(used)


# The README.


def check_readme():
    text = read(ROOT, "README.md").split("\n## Gateway\n")[1].split("\n## ")[0]
    code = " ".join(re.findall(r"`([^`\n]+)`", text))
    words = set(re.findall(r"[a-z][a-z0-9_-]*", code))
    wanted = common().keys() | parts().keys() | set().union(*parts().values(), *nested().values()) | metrics().keys()
    wanted -= TIERS | nested()["prompt-guard", "classes"]
    assert wanted <= words, f"the README's chapter on gateways does not name {sorted(wanted - words)}"
    for name, own in metrics().items():
        shown = re.search(rf"`{name}(?:\{{([a-z,]+)\}})?`.*", text)
        assert name == "hr_gateway_hold" or set(shown[1].split(",")) == own, f"the labels of {name}: {sorted(own)}"
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", text, re.MULTILINE)
    told = {}
    for part, row in rows:
        if part in parts():
            told[part] = told.get(part, "") + row
    for part, keys in parts().items():
        assert all(f"`{key}`" in told[part] for key in keys), f"options of {part}: {told[part]}"
        for key, default in keys.items():
            number = not isinstance(default, bool) and default is not None
            wrote = re.search(rf"`{key}` ([0-9.]+)", told[part])
            assert not number or (wrote and float(wrote[1]) == default), f"{part}: {key} {default}"
    files = "".join(source(f"{GATEWAY}/{name}.rs") for name in ("answer", "answer/document", "answer/stream", "module", "stream"))
    unread = re.search(r"impl Unread \{.*?\n\}", source(f"{GATEWAY}/request/read.rs"), re.DOTALL)[0]
    found = set(re.findall(r"=> \"([a-z_]+)\"", unread)) | set(re.findall(r"\"(response_[a-z_]+)\"", files))
    table = re.search(r"\n\| result \| when \|\n.*?\n\n", text, re.DOTALL)[0]
    told = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))
    assert found <= told, f"the README does not say when {sorted(found - told)} are counted"
    unknown = [result for result in told if f'"{result}"' not in files + unread]
    assert not unknown, f"the README tells of results that nobody counts: {unknown}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crd")
    parser.add_argument("--envoy", nargs=2)
    options = parser.parse_args()
    manifests = check_manifests(options.crd)
    check_envoy()
    if options.envoy:
        validate(*options.envoy)
    shows = check_dashboard()
    check_readme()
    print(f"gateway: {manifests} manifests, the example for Envoy and a dashboard of {shows} metrics are sound")


if __name__ == "__main__":
    main()
