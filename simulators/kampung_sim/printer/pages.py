"""Stands in for a page printer over IPP: takes PDF, jams when it is told to, and puts each letter into a folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyipp.enums import IppJobState, IppOperation, IppPrinterState
from pyipp.parser import parse
from pyipp.serializer import encode_dict

OK, NOT_FOUND, BAD_FORMAT = 0x0000, 0x0406, 0x040A
REASONS = {"": "none", "jam": "media-jam-error", "paper": "media-empty-error", "cover": "cover-open-error"}
PAGE_S = 0.5
"""So long a letter takes."""


@dataclass
class Job:
    """``begun`` (monotonic); None for one that was called off."""

    pdf: bytes
    begun: float | None
    done: bool = False


class SimulatedPagePrinter:
    """Serves from construction on; ``trouble`` is one of ``REASONS``."""

    def __init__(self, host: str, port: int, folder: Path, said: Callable[[str], None] = lambda _: None) -> None:
        self.trouble = ""
        self.jobs: dict[int, Job] = {}
        self._folder, self._said = folder, said
        self._lock = threading.Lock()
        printer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = self.headers.get("Content-Length")
                body = self.rfile.read(int(length)) if length else self._chunks()
                answer = printer.answer(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/ipp")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def _chunks(self) -> bytes:
                parts = []
                while size := int(self.rfile.readline().strip() or b"0", 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                return b"".join(parts)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer((host, port), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="pages", daemon=True).start()

    def stop(self) -> None:
        """No more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body: bytes) -> bytes:
        """To one request of IPP."""
        head, pdf = body, b""
        if (at := body.find(b"\x03%PDF")) >= 0:
            head, pdf = body[: at + 1], body[at + 1 :]
        operation = int.from_bytes(body[2:4])
        asked = parse(head)
        said: dict[str, Any] = {"version": (2, 0), "operation": SimpleNamespace(value=OK), "request-id": int.from_bytes(body[4:8])}
        said["operation-attributes-tag"] = {"attributes-charset": "utf-8", "attributes-natural-language": "id"}
        with self._lock:
            self._get_on()
            if operation == IppOperation.PRINT_JOB:
                if not pdf:
                    said["operation"] = SimpleNamespace(value=BAD_FORMAT)
                else:
                    number = len(self.jobs) + 1
                    self.jobs[number] = Job(pdf, time.monotonic())
                    said["job-attributes-tag"] = self._told(number)
            elif operation == IppOperation.GET_JOB_ATTRIBUTES:
                number = asked["operation-attributes"].get("job-id", 0)
                if number in self.jobs:
                    said["job-attributes-tag"] = self._told(number)
                else:
                    said["operation"] = SimpleNamespace(value=NOT_FOUND)
            else:
                state = IppPrinterState.STOPPED if self.trouble else IppPrinterState.IDLE
                said["printer-attributes-tag"] = {"printer-state": state.value, "printer-state-reasons": REASONS[self.trouble]}
        return encode_dict(said)

    def _told(self, number: int) -> dict[str, Any]:
        job = self.jobs[number]
        state = IppJobState.CANCELED if job.begun is None else IppJobState.COMPLETED if job.done else IppJobState.PROCESSING
        return {"job-id": number, "job-state": state.value, "job-state-reasons": "none"}

    def _get_on(self) -> None:
        """Nothing comes out while there is trouble; what was under way then begins again."""
        for number, job in self.jobs.items():
            if job.done or job.begun is None:
                continue
            if self.trouble:
                job.begun = time.monotonic()
            elif time.monotonic() - job.begun >= PAGE_S:
                job.done = True
                self._folder.mkdir(parents=True, exist_ok=True)
                file = self._folder / f"SIMULASI-surat-{time.time_ns() // 1_000_000}-{number}.pdf"
                file.write_bytes(job.pdf)
                self._said(str(file))
