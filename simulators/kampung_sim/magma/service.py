"""The stand-in over HTTP on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from kampung_sim.magma.pages import Mountain, report, search

USUAL = (
    Mountain("IJE", "Ijen", 2, (
        "Masyarakat dan pengunjung agar tidak mendekati kawah dalam radius 1,5 km (simulasi).",
        "Bila mencium bau gas belerang yang menyengat, pakai masker; darurat, tutup hidung dan mulut dengan kain basah.",
    )),
    Mountain("RAU", "Raung", 1, ("Masyarakat agar tidak bermalam di sekitar kaldera (simulasi).",)),
)  # fmt: skip


class SimulatedMagma:
    """``mountains`` may be changed while it runs; ``silent`` makes it answer 503; ``asked`` are the paths that were asked for."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, mountains: Sequence[Mountain] = USUAL, now: Callable[[], int] | None = None
    ) -> None:
        self.mountains = {m.code: m for m in mountains}
        self.silent = False
        self.asked: list[str] = []
        self.now = now or (lambda: time.time_ns() // 1_000_000)
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self.url = f"http://{host}:{self._server.server_address[1]}"

    def start(self) -> None:
        """Listen."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="magma", daemon=True).start()

    def stop(self) -> None:
        """Go away."""
        self._server.shutdown()
        self._server.server_close()

    def page(self, target: str) -> tuple[int, str]:
        """Status and body of a path."""
        url = urlsplit(target)
        self.asked.append(url.path)
        if self.silent:
            return 503, "SIMULASI: sedang tidak menjawab"
        if url.path == "/v1/gunung-api/laporan/search/q":
            mountain = self.mountains.get(parse_qs(url.query).get("code", [""])[0])
            if mountain is None:
                return 200, "<html><body>SIMULASI: tidak ada laporan</body></html>"
            return 200, search(mountain, f"{self.url}/v1/gunung-api/laporan/{mountain.code}?signature=simulasi", self.now())
        mountain = self.mountains.get(url.path.rpartition("/")[2])
        return (200, report(mountain, self.now())) if mountain else (404, "SIMULASI: tidak ada halaman ini")


def _handler(magma: SimulatedMagma) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = magma.page(self.path)
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
