"""Stands in for servers Debian does not have, in front of one that it has: other paths, other headers, the same engine behind.

``Cluster`` gives VictoriaMetrics the paths of a cluster, ``Influx2`` gives InfluxDB 1.6 the HTTP side of 2.x, ``Influx18`` that of 1.8,
``Influx3`` that of 3, as their documentation describes them. What 3 makes of InfluxQL nobody here can tell: 1.6 answers.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx


class StandIn:
    """Answers on a free port; ``requests`` are (method, path) as they came."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.requests: list[tuple[str, str]] = []
        self._client = httpx.Client(timeout=30)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.command, self.path))
                status, headers, content = outer.answer(self.command, self.path, dict(self.headers), body)
                self.send_response_only(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What to say."""
        raise NotImplementedError

    def passed(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """What the server behind says."""
        kept = {k: v for k, v in headers.items() if k in {"Content-Type", "Content-Encoding", "Accept"}}
        got = self._client.request(method, self.behind + path, content=body, headers=kept)
        return got.status_code, {"Content-Type": got.headers.get("content-type", "text/plain")}, got.content

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._client.close()


class Cluster(StandIn):
    """vminsert and vmselect of tenant 7."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        for begin in ("/insert/7/prometheus/", "/select/7/prometheus/"):
            if path.startswith(begin):
                return self.passed(method, "/" + path.removeprefix(begin), body, headers)
        if path == "/metrics":
            return self.passed(method, path, body, headers)
        return 400, {}, f"unsupported path requested: {path}".encode()


class Influx18(StandIn):
    """1.8: bucket ``database/``, token ``name:password``."""

    version = "1.8.10"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/ping":
            return 204, {"X-Influxdb-Version": self.version}, b""
        if parts.path == "/api/v2/write":
            return self.written(asked, headers, body)
        if parts.path == "/query":
            return self.passed(method, path, body, headers)
        return 404, {}, b"404 page not found"

    def written(self, asked: dict[str, str], headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """A write in 1.6's words."""
        query = urlencode({"db": asked["bucket"].rstrip("/"), "precision": asked["precision"]})
        return self.passed("POST", f"/write?{query}", body, headers)


class Influx2(Influx18):
    """2.x: a bucket, a token, and InfluxQL only through a mapping."""

    version = "v2.7.1"

    def __init__(self, behind: str, bucket: str, *, keeps: int = 0) -> None:
        self.bucket, self.keeps = bucket, keeps
        self.mappings: list[dict[str, Any]] = []
        self.token = "s3cret"
        super().__init__(behind)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        kind = {"Content-Type": "application/json"}
        if parts.path != "/ping" and headers.get("Authorization") != f"Token {self.token}":
            return 401, kind, b'{"code":"unauthorized","message":"unauthorized access"}'
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/api/v2/buckets":
            rules = [{"type": "expire", "everySeconds": self.keeps}] if self.keeps else []
            found = [{"id": "b1", "name": self.bucket, "retentionRules": rules}] if asked.get("name") == self.bucket else []
            return 200, kind, json.dumps({"buckets": found}).encode()
        if parts.path == "/api/v2/dbrps":
            if method == "POST":
                self.mappings.append(json.loads(body))
                return 201, kind, body
            return 200, kind, json.dumps({"content": self.mappings}).encode()
        if parts.path == "/query" and not self.mappings:
            return 200, kind, b'{"results":[{"statement_id":0,"error":"database not found: kampung"}]}'
        return super().answer(method, path, headers, body)


class Influx3(Influx18):
    """3: a token for everything, questions in the address alone, a database that is there once something was written to it."""

    version = "3.4.0"

    def __init__(self, behind: str) -> None:
        self.token = "s3cret"
        self.made = False
        super().__init__(behind)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        kind = {"Content-Type": "application/json"}
        if headers.get("Authorization") != f"Token {self.token}":
            return 401, kind, b'{"error":"the request was not authenticated"}'
        if parts.path == "/query":
            if method != "GET" or "q=" not in parts.query:
                return 400, kind, b'{"error":"missing query parameters"}'
            if not self.made:
                return 404, kind, b'{"error":"query error: database not found: kampung"}'
        return super().answer(method, path, headers, body)

    def written(self, asked: dict[str, str], headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The first write makes the database."""
        if not self.made:
            self._client.post(f"{self.behind}/query", data={"q": f'CREATE DATABASE "{asked["bucket"]}"'})
            self.made = True
        return super().written(asked, headers, body)
