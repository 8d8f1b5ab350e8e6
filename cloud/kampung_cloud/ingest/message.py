"""What arrives, and the line in which it waits: bounded by number and by bytes, whatever brokers send."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

PAUSE_S = 0.006
"""Longer than the rest between two reads of the line (``client.GATHER_S``)."""
MUCH = 8
"""An eighth of a batch."""


class Message(NamedTuple):
    """What arrived at ``received`` (ms UTC). ``line`` is the connection it came over: it can be acknowledged on no other.

    ``again`` is MQTT's DUP: the broker has sent it before and knows of no acknowledgement.
    """

    topic: str
    payload: bytes
    retained: bool
    received: int
    mid: int = 0
    qos: int = 0
    line: int = 0
    again: bool = False


class Waiting:
    """Filled by the network's thread, emptied by ingest. Holds at most ``most`` messages or ``most_bytes``, and one read more."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._messages: deque[Message] = deque()
        self._changed = threading.Condition()
        self.size = 0
        """Bytes of payload."""
        self._enough = (1, 0)
        """Messages or bytes for which whoever takes is woken: not for every one of a stream."""

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, messages: Sequence[Message], seconds: float) -> bool:
        """Append all of them as soon as there is room; False when there is none within ``seconds``."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._messages) < self._most and self.size < self._most_bytes, seconds):
                return False
            self._messages.extend(messages)
            self.size += sum([len(m.payload) for m in messages])
            if len(self._messages) >= self._enough[0] or self.size >= self._enough[1]:
                self._changed.notify_all()
            return True

    def take(self, most: int, most_bytes: int, seconds: float, linger: float) -> list[Message]:
        """Wait ``seconds`` for the first, then up to ``linger`` for more; at most ``most``, and no further than ``most_bytes``.

        A stream that has brought much and pauses is not waited for: it was the last of it, as a rule.
        """
        with self._changed:
            self._enough = (1, 0)
            self._changed.wait_for(lambda: self._messages, seconds)
            if self._messages and linger:
                self._enough = (most, most_bytes)
                until = time.monotonic() + linger
                while len(self._messages) < most and self.size < most_bytes and (left := until - time.monotonic()) > 0:
                    before = self.size if MUCH * self.size >= most_bytes else None
                    self._changed.wait(left if before is None else min(left, PAUSE_S))
                    if before == self.size:
                        break
            if len(self._messages) <= most and self.size <= most_bytes:
                out, taken = list(self._messages), self.size
                self._messages.clear()
            else:
                out, taken = [], 0
                while self._messages and len(out) < most and taken < most_bytes:
                    message = self._messages.popleft()
                    taken += len(message.payload)
                    out.append(message)
            self.size -= taken
            self._changed.notify_all()
            return out
