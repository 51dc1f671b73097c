"""A real Envoy and a mock upstream, on loopback with ports of their own choice."""

import gzip
import http.client
import http.server
import json
import os
import shutil
import subprocess
import sysconfig
import threading
import time
import urllib.request

# The first group goes out of a metric's name, the second is the label's value.
LABELS = ["result", "type", "model", "status", "reason", "hash", "tier", "class", "action", "tool", "direction", "policy", "kind", "place"]

TRAILERS = {"enable_trailers": True}


class Upstream(http.server.ThreadingHTTPServer):
    """Keeps what it got and answers as the header `x-mock` asks."""

    daemon_threads = True

    def __init__(self, name, answers, kind="json", wait=0):
        self.name, self.answers, self.got, self.kind, self.wait = name, answers, {}, kind, wait
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while trailer := self.rfile.readline().decode().strip():
            self.headers.add_header(*trailer.split(": ", 1))
        return body

    def do_POST(self):
        body = self.body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got[headers.get("x-test")] = (headers, body)
        time.sleep(self.server.wait)
        self.answer(headers.get("x-mock", self.server.kind), headers.get("x-answer"))

    do_PUT = do_POST

    def answer(self, kind, name):
        answer = self.server.answers.get(name, b'{"ok": true}')
        if kind == "hang":
            time.sleep(5)
            return
        if kind == "error":
            answer = b'{"error": {"message": "out of order"}}'
        self.send_response(500 if kind == "error" else 200)
        if kind in ("sse", "cut", "stall", "trailers", "sse-trailers"):
            self.send_header("content-type", "application/json" if kind == "trailers" else "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.send_header("x-upstream", self.server.name)
            self.end_headers()
            # Pieces do not end where events end.
            for at in range(0, len(answer), 50):
                piece = answer[at : at + 50]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
                if kind == "stall" and at >= 100:
                    time.sleep(5)
                if kind in ("cut", "stall") and at >= 100:
                    self.close_connection = True
                    self.connection.shutdown(2)
                    return
            self.wfile.write(b"0\r\nx-last: one\r\n\r\n" if kind.endswith("trailers") else b"0\r\n\r\n")
            return
        if kind == "gzip":
            answer = gzip.compress(answer)
            self.send_header("content-encoding", "gzip")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.send_header("x-upstream", self.server.name)
        self.end_headers()
        self.wfile.write(answer)


class Envoy:
    """An Envoy whose listeners come from a file, so that they can be changed while it runs."""

    def __init__(self, module, scratch, upstreams, listeners):
        self.module, self.scratch, self.upstreams = os.path.abspath(module), scratch, upstreams
        self.listeners = dict(listeners)
        self.generation = 0
        self.write_listeners()
        config = os.path.join(scratch, "envoy.json")
        with open(config, "w") as file:
            json.dump(self.bootstrap(), file)
        self.address = os.path.join(scratch, "admin")
        program = os.path.join(sysconfig.get_path("scripts"), "envoy")
        program = program if os.path.exists(program) else shutil.which("envoy")
        args = [program, "-c", config, "--admin-address-path", self.address, "--use-dynamic-base-id"]
        args += ["--concurrency", "1", "--log-level", "warning", "--log-path", os.path.join(scratch, "envoy.log")]
        self.process = subprocess.Popen(args)
        self.wait(lambda: os.path.exists(self.address) and os.path.getsize(self.address) > 0, "its admin page")
        self.admin = open(self.address).read().strip()
        self.wait(lambda: len(self.ports()) == len(self.listeners), "its listeners")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def wait(self, ready, what):
        end = time.monotonic() + 120
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"Envoy did not show {what}:\n{self.log()}")
            time.sleep(0.05)

    def log(self):
        path = os.path.join(self.scratch, "envoy.log")
        return open(path).read()[-6000:] if os.path.exists(path) else ""

    def page(self, path):
        return urllib.request.urlopen(f"http://{self.admin}{path}", timeout=90).read().decode()

    def ports(self):
        found = json.loads(self.page("/listeners?format=json")).get("listener_statuses", [])
        return {one["name"]: one["local_address"]["socket_address"]["port_value"] for one in found}

    def metrics(self):
        """Values by name and labels, as Prometheus reads them."""
        lines = [line for line in self.page("/stats/prometheus").splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line)}

    def metric(self, name, **labels):
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = self.metrics().items()
        return sum(value for key, value in found if key.split("{")[0] == name and all(one in key for one in wanted))

    def change(self, name, configuration):
        """Gives a listener another configuration and waits until it is in force."""
        before = self.metric("envoy_listener_manager_lds_update_success")
        self.listeners[name] = {**self.listeners[name], "configuration": configuration}
        self.write_listeners()
        self.wait(lambda: self.metric("envoy_listener_manager_lds_update_success") > before, "new listeners")
        time.sleep(0.5)

    def write_listeners(self):
        self.generation += 1
        resources = [self.listener(name, **options) for name, options in self.listeners.items()]
        path = os.path.join(self.scratch, "listeners.json")
        with open(path + ".new", "w") as file:
            json.dump({"version_info": str(self.generation), "resources": resources}, file)
        os.replace(path + ".new", path)

    def bootstrap(self):
        # Label values never hold `;`: the module sees to that.
        tags = [{"tag_name": name, "regex": rf"(\.{name}=\.=(.*?);\.;)"} for name in LABELS]
        source = {"path_config_source": {"path": os.path.join(self.scratch, "listeners.json")}, "resource_api_version": "V3"}
        return {
            "admin": {"address": address(0)},
            "stats_config": {"stats_tags": tags},
            "dynamic_resources": {"lds_config": source},
            "static_resources": {"clusters": [cluster(name, one.server_port) for name, one in self.upstreams.items()]},
            "node": {"id": "test", "cluster": "test"},
        }

    def listener(self, name, configuration=None, hold=True, limit=1 << 20, timeout="2s", vm_id=None):
        config = {
            "name": name,
            "root_id": "hr",
            "failure_policy": "FAIL_RELOAD",
            "reload_config": {"backoff": {"base_interval": "0.1s"}},
            "vm_config": {
                "vm_id": vm_id or name,
                "runtime": "envoy.wasm.runtime.v8",
                "code": {"local": {"filename": self.module}},
            },
            "configuration": {
                "@type": "type.googleapis.com/google.protobuf.StringValue",
                "value": configuration if isinstance(configuration, str) else json.dumps(configuration),
            },
        }
        if hold:
            config["allow_on_headers_stop_iteration"] = True
        wasm = {"@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm", "config": config}
        router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
        filters = [] if configuration is None else [{"name": "envoy.filters.http.wasm", "typed_config": wasm}]
        filters.append({"name": "envoy.filters.http.router", "typed_config": router})
        tier = {"name": "x-ai-tier", "string_match": {"exact": "T0"}}
        routes = [
            {"name": "tier-cheap", "match": {"prefix": "/", "headers": [tier]}, "route": {"cluster": "cheap"}},
            {"name": "main", "match": {"prefix": "/"}, "route": {"cluster": "up", "timeout": timeout}},
        ]
        host = {"name": "v", "domains": ["*"], "request_body_buffer_limit": limit, "routes": routes}
        manager = {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": name,
            "http_protocol_options": TRAILERS,
            "route_config": {"name": name, "virtual_hosts": [host]},
            "http_filters": filters,
        }
        chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        kind = "type.googleapis.com/envoy.config.listener.v3.Listener"
        return {"@type": kind, "name": name, "address": address(0), "filter_chains": [chain]}


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def cluster(name, port):
    endpoint = {"endpoint": {"address": address(port)}}
    load = {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]}
    kind = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    options = {"@type": kind, "explicit_http_config": {"http_protocol_options": TRAILERS}}
    return {
        "name": name,
        "connect_timeout": "1s",
        "type": "STATIC",
        "load_assignment": load,
        "typed_extension_protocol_options": {kind.split("/")[1]: options},
    }


class Answer:
    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.headers = {name.lower(): value for name, value in response.getheaders()}


def post(port, path, body, headers=None, chunked=False):
    """Sends a request; a list of pieces goes out as chunks."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"content-type": "application/json", **(headers or {})}
    pieces = iter([body[at : at + 10_000] for at in range(0, len(body), 10_000)]) if chunked else body
    connection.request("POST", path, pieces, headers, encode_chunked=chunked)
    response = connection.getresponse()
    try:
        read = response.read()
    except http.client.IncompleteRead as error:
        read = error.partial
    connection.close()
    return Answer(response, read)
