"""A simulator of BMKG's warning service: an RSS feed and the warnings it lists, over HTTP on this machine. Nothing in it is a warning."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from kampung_cloud.cap.message import stamp
from kampung_sim.process import free_port

SAMPLE = (Path(__file__).parent / "bmkg_sample.xml").read_text(encoding="utf-8")
LICIN = "-8.10,114.15 -8.10,114.25 -8.20,114.25 -8.20,114.15 -8.10,114.15"
"""Around Tamansari, Licin."""
SURABAYA = "-7.25,112.70 -7.25,112.80 -7.35,112.80 -7.25,112.70"
HOUR = 3_600_000


def sample(
    identifier: str, sent: int, *, kind: str = "Alert", references: str = "", polygon: str = LICIN, hours: float = 3.0, **changes: str
) -> bytes:
    """A warning; ``changes`` replace what stands in it."""
    document = SAMPLE.format(
        identifier=identifier,
        sent=stamp(sent),
        expires=stamp(sent + int(hours * HOUR)),
        type=kind,
        references=f"<references>{references}</references>" if references else "",
        polygon=polygon,
    )
    for old, new in changes.items():
        document = document.replace(old, new)
    return document.encode()


class BmkgSimulator:
    """``pages`` by path, each as bytes, or a status with headers; it answers If-None-Match.

    ``asked`` are the ends of paths, with a * where the answer was that nothing changed.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/alerts/nowcast/id"
        self.pages: dict[str, bytes | tuple[int, dict[str, str]]] = {}
        self.asked: list[str] = []
        self.start()

    def start(self) -> None:
        """Listen."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Go away."""
        self._server.shutdown()
        self._server.server_close()

    def list(self, **warnings: bytes | tuple[int, dict[str, str]]) -> None:
        """These warnings stand in the feed, in their order."""
        items = {f"/alerts/nowcast/id/{name}_alert.xml": page for name, page in warnings.items()}
        self.feed(*(f"http://127.0.0.1:{self.port}{path}" for path in items))
        self.pages |= items

    def feed(self, *links: str) -> None:
        """A feed with these links."""
        items = "".join(
            f"<item><title>Contoh</title><link>{escape(link)}</link><pubDate>Sun, 22 Nov 2026 07:00:00 WIB</pubDate></item>"
            for link in links
        )
        self.pages["/alerts/nowcast/id"] = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()


def _handler(simulator: BmkgSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = simulator.pages.get(self.path, (404, {}))
            headers: dict[str, Any] = {}
            status, body = 200, b""
            if isinstance(page, tuple):
                status, headers = page
            else:
                tag = f'"{hash(page)}"'
                headers, body = {"ETag": tag}, page
                if self.headers.get("If-None-Match") == tag:
                    status, body = 304, b""
            simulator.asked.append(self.path.rpartition("/")[2] + "*" * (status == 304))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
