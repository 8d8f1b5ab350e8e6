"""Serves the built pages with invented answers of the edge's and the cloud's API, for looking at and for the page tests.

``python tests/ui/demo_server.py --state alarm --port 8090``, then ``/kiosk``, ``/tani``, ``/``, ``/tinjau`` and ``/data-terbuka``.
States: ``normal``, ``empty``, ``offline``, ``alarm``, ``broken`` (every API answer is an error), ``unsaved``,
``running`` (a pump is on, a siren in doubt; the staff's key is ``kunci-demo``). Standard library only.
"""

from __future__ import annotations

import argparse
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import demo_data

DIST = Path(__file__).resolve().parents[2] / "kiosk-ui" / "kampung_ui" / "dist"
PAGES = {
    "/": "kabupaten.html", "/kiosk": "kiosk.html", "/tani": "tani.html", "/tinjau": "tinjau.html", "/data-terbuka": "terbuka.html",
    "/udara": "udara.html",
}  # fmt: skip
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".json": "application/json",
}
CONTENT_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'"


class Demo(ThreadingHTTPServer):
    """A demo on a loopback port (0 picks a free one). ``close`` ends its event streams first."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, state: str = "normal", port: int = 0, mm: float = 2.71) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.world = demo_data.World(state, mm=mm)
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> Demo:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def close(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Demo

    def do_GET(self) -> None:
        if self.server.stopping.is_set():  # a connection kept alive from before: a closed demo answers nobody
            self.close_connection = True
            return
        url = urlsplit(self.path)
        try:
            if url.path in PAGES:
                self.send_file(DIST / PAGES[url.path])
            elif url.path.startswith("/assets/"):
                self.send_file(DIST / "assets" / Path(url.path).name)
            elif url.path.endswith("/stream"):
                self.stream()
            else:
                asked = {k: v[0] for k, v in parse_qs(url.query).items()}
                key = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
                status, answer = self.server.world.answer(unquote(url.path), asked, key)
                self.send(status, "application/json", json.dumps(answer).encode())
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        status, answer = self.server.world.take(unquote(urlsplit(self.path).path), json.loads(sent or b"null"), key)
        self.send(status, "application/json", json.dumps(answer).encode())

    def send_file(self, path: Path) -> None:
        if not path.is_file():
            self.send(404, "text/plain", f"no {path.name}: run npm run build in kiosk-ui".encode())
            return
        self.send(200, TYPES.get(path.suffix, "application/octet-stream"), path.read_bytes())

    def send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        kept = self.path.startswith("/assets/") and status == 200
        self.send_header("Cache-Control", "public, max-age=31536000, immutable" if kept else "no-store")
        self.send_header("Content-Security-Policy", CONTENT_POLICY)
        self.send_header("Service-Worker-Allowed", "/")
        self.end_headers()
        self.wfile.write(body)

    def stream(self) -> None:
        world = self.server.world
        if world.state == "broken":
            self.send(503, "application/json", b'{"error": {"code": "down", "message": "demo: broken"}}')
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(b": open\n\n")
        self.wfile.flush()
        while not self.server.stopping.wait(2.0):
            for name, data in world.events():
                self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Quiet: the pages are what is looked at."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", choices=demo_data.STATES, default="normal")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--mm", type=float, default=2.71, help="CSS pixels per millimetre of the kiosk's panel")
    options = parser.parse_args()
    if not re.fullmatch(r"\d+(\.\d+)?", str(options.mm)):
        parser.error("--mm must be a positive number")
    demo = Demo(options.state, options.port, options.mm)
    print(f"{demo.url}/kiosk  /tani  /  /tinjau   state: {options.state}")
    try:
        demo.serve_forever()
    except KeyboardInterrupt:
        demo.close()


if __name__ == "__main__":
    main()
