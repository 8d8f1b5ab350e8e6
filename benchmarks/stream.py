"""Publications that were encoded beforehand, sent as fast as a broker takes them: the sender costs the machine next to nothing."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterable

PIECE = 256 * 1024
_head = struct.Struct("!H").pack


def _packet(first: int, body: bytes) -> bytes:
    length, out = len(body), bytearray([first])
    while True:
        length, byte = length >> 7, length & 0x7F
        out.append(byte | (0x80 if length else 0))
        if not length:
            return bytes(out) + body


def _text(text: str) -> bytes:
    return _head(len(text.encode())) + text.encode()


def encoded(messages: Iterable[tuple[str, bytes]]) -> bytes:
    """PUBLISH at QoS 1 for each (topic, payload), MQTT 3.1.1."""
    out = bytearray()
    for number, (topic, payload) in enumerate(messages):
        out += _packet(0x32, _text(topic) + _head(number % 65_535 + 1) + payload)
    return bytes(out)


class Stream:
    """A connection that publishes ``count`` messages of ``data``; ``acknowledged`` is set when the broker has confirmed all."""

    def __init__(self, port: int, name: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.sendall(_packet(0x10, _text("MQTT") + bytes([4, 2, 0, 0]) + _text(name)))
        if self._socket.recv(4)[-1:] != b"\0":
            raise ConnectionError("the broker refuses the sender")
        self.acknowledged = threading.Event()

    def send(self, data: bytes, count: int) -> None:
        """Return when everything is handed over."""
        threading.Thread(target=self._listen, args=(4 * count,), daemon=True).start()
        for at in range(0, len(data), PIECE):
            self._socket.sendall(data[at : at + PIECE])

    def _listen(self, size: int) -> None:
        while size > 0 and (got := len(self._socket.recv(65_536))):
            size -= got
        self.acknowledged.set()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
