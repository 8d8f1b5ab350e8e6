"""A village link of our own: a TCP proxy that can be cut, fall silent, crawl, stall, and lose PUBACKs or receipts."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
from collections.abc import Iterator
from enum import StrEnum

PUBLISH, PUBACK = 3, 4
RECEIPT = b"/down/receipt"
CHUNK = 65_536
LINGER_RST = struct.pack("ii", 1, 0)
"""SO_LINGER: on, 0 s. Closing then sends RST instead of FIN."""


class Mode(StrEnum):
    """What the link does now."""

    PASS = "pass"  # noqa: S105 - no password
    CUT = "cut"
    HALF_OPEN = "half-open"
    SLOW = "slow"
    LOSSY = "lossy"
    NO_PUBACK = "no-puback"
    NO_RECEIPT = "no-receipt"


class Packets:
    """Bytes of one direction of an MQTT connection into whole control packets, however they are cut."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The packets that are complete now."""
        self._held += data
        while (size := self._size()) is not None and len(self._held) >= size:
            yield bytes(self._held[:size])
            del self._held[:size]

    def _size(self) -> int | None:
        length = shift = 0
        for at, byte in enumerate(self._held[1:5], start=2):
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return at + length
        if len(self._held) >= 5:
            raise ValueError(f"no MQTT packet begins with {bytes(self._held[:5]).hex()}")
        return None


def is_receipt(packet: bytes) -> bool:
    """Whether it is a PUBLISH to a receipt topic."""
    if packet[0] >> 4 != PUBLISH:
        return False
    start = next(i for i in range(1, 5) if packet[i] < 0x80) + 1
    length = int.from_bytes(packet[start : start + 2], "big")
    return packet[start + 2 : start + 2 + length].endswith(RECEIPT)


class Proxy:
    """Forwards loopback ``port`` to ``target``. ``set`` changes what it does to old and new connections alike.

    ``count`` bytes and ``dropped`` packets so far. A connection that was half-open stays a hole for ever: nothing resets it.
    ``share`` of PUBACKs or receipts is lost in those modes; ``rate`` in bytes a second while slow.
    """

    def __init__(self, target: int, seed: int = 0) -> None:
        self.target = target
        self.count = self.dropped = 0
        self.mode = Mode.PASS
        self.share = 1.0
        self.rate = 2_000
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._connections: set[_Connection] = set()
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name=f"link-{self.port}", daemon=True).start()

    def set(self, mode: Mode, *, share: float = 1.0, rate: int = 2_000) -> None:
        """From now on. ``cut`` resets what stands; ``half-open`` turns what stands into holes."""
        with self._lock:
            self.mode, self.share, self.rate = mode, share, rate
            standing = list(self._connections)
        for connection in standing:
            if mode is Mode.CUT:
                connection.reset()
            elif mode is Mode.HALF_OPEN:
                connection.hole = True

    def close(self) -> None:
        """End, with all connections."""
        self._ended.set()
        self._listener.close()
        with self._lock:
            standing = list(self._connections)
        for connection in standing:
            connection.reset()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self.mode is Mode.CUT or self._ended.is_set():
                    _reset(near)
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                except OSError:
                    _reset(near)
                    continue
                far.settimeout(None)
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = _Connection(near, far, hole=self.mode is Mode.HALF_OPEN)
                with self._lock:
                    self._connections.add(connection)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(connection, source, sink), daemon=True).start()

    def _pump(self, connection: _Connection, source: socket.socket, sink: socket.socket) -> None:
        packets = Packets()
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(CHUNK):
                for packet in packets.feed(data):
                    if not connection.hole:
                        self._forward(packet, sink)
        if not connection.hole:
            connection.reset()
        with self._lock:
            self._connections.discard(connection)

    def _forward(self, packet: bytes, sink: socket.socket) -> None:
        mode = self.mode
        lost = (mode is Mode.NO_PUBACK and packet[0] >> 4 == PUBACK) or (mode is Mode.NO_RECEIPT and is_receipt(packet))
        if lost and self._dice.random() < self.share:
            self.dropped += 1
            return
        self.count += len(packet)
        if mode is Mode.SLOW:
            step = max(1, self.rate // 10)
            for start in range(0, len(packet), step):
                part = packet[start : start + step]
                self._ended.wait(len(part) / self.rate)
                sink.sendall(part)
            return
        if mode is Mode.LOSSY and self._dice.random() < 0.3:
            self._ended.wait(self._dice.choice((0.05, 0.2, 1.0)))  # TCP shows a lost segment as a stall
        sink.sendall(packet)


class _Connection:
    """Both ends of one forwarded connection."""

    def __init__(self, near: socket.socket, far: socket.socket, hole: bool) -> None:
        self._ends = (near, far)
        self.hole = hole

    def reset(self) -> None:
        """RST to both sides; the pumps end with it."""
        for end in self._ends:
            _reset(end)


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RST)
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RD)  # wakes the thread that reads it
    end.close()
