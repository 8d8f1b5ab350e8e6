"""The printer on its port. What is wrong with it is said from outside, at any moment."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Literal

from kampung_sim.printer.paper import Paper

Trouble = Literal["", "paper", "cover", "jam", "silent"]
ANSWERS: dict[Trouble, tuple[int, int, int, int]] = {
    "": (0x12, 0x12, 0x12, 0x12),
    "paper": (0x1A, 0x32, 0x12, 0x7E),
    "cover": (0x1A, 0x16, 0x12, 0x12),
    "jam": (0x1A, 0x52, 0x16, 0x12),
}
"""To DLE EOT 1 to 4."""
OK: Trouble = ""
TROUBLES: tuple[Trouble, ...] = (*ANSWERS, "silent")
"""What can be told to it; silent answers nothing."""


class SimulatedPrinter:
    """Prints only while nothing is wrong; what came meanwhile waits in it, as in a real one. ``printed`` is called with every strip."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, printed: Callable[[list[str]], None] = lambda _: None) -> None:
        self.paper = Paper()
        self.trouble: Trouble = ""
        self.jam_after: int | None = None
        """Lines after which it jams, in the middle of a slip."""
        self._waiting = bytearray()
        self._printed = printed
        self._lock = threading.RLock()
        outer = self

        class Talk(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.talk(self.request)

        class Door(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Door((host, port), Talk)
        self.port: int = self._server.server_address[1]

    @property
    def strips(self) -> list[list[str]]:
        """Everything that was cut off, and last what hangs out, if it does."""
        with self._lock:
            return [*self.paper.strips, *([self.paper.strip] if self.paper.strip else [])]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def tell(self, trouble: Trouble) -> None:
        """What is wrong from now on; "" mends it, and it goes on with what it has."""
        with self._lock:
            self.trouble = trouble
            self._work()

    def forget(self) -> None:
        """Switched off and on: what it had not printed is gone, the paper that hangs out is torn off."""
        with self._lock:
            self._waiting.clear()
            if self.paper.strip:
                self.paper.strips.append(self.paper.strip)
            self.paper.strip, self.trouble = [], ""

    def talk(self, line: socket.socket) -> None:
        """One connection, to its end."""
        half = b""
        while True:
            try:
                body = half + line.recv(4096)
                if body == half:
                    return
                kept = 2 if body.endswith(b"\x10\x04") else 1 if body.endswith(b"\x10") else 0
                body, half = body[: len(body) - kept], body[len(body) - kept :]
                if reply := self._take(body):
                    line.sendall(reply)
            except OSError:
                return

    def _take(self, body: bytes) -> bytes:
        out = bytearray()
        with self._lock:
            at = 0
            while at < len(body):
                if body[at : at + 2] == b"\x10\x04" and at + 2 < len(body):
                    out += self._work()
                    if self.trouble in ANSWERS:
                        out.append(ANSWERS[self.trouble][(body[at + 2] - 1) % 4])
                    at += 3
                else:
                    self._waiting.append(body[at])
                    at += 1
            out += self._work()
        return bytes(out)

    def _work(self) -> bytes:
        out = b""
        while self._waiting and not self.trouble:
            cut, length = len(self.paper.strips), len(self.paper.strip)
            used, said = self.paper.take(bytes(self._waiting))
            if not used:
                break
            del self._waiting[:used]
            out += said
            if len(self.paper.strips) > cut:
                self._printed(self.paper.strips[-1])
            if len(self.paper.strip) > length and self.jam_after is not None:
                self.jam_after -= 1
                if self.jam_after <= 0:
                    self.jam_after, self.trouble = None, "jam"
        return out
