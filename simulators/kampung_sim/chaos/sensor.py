"""A sensor that never repeats itself, so that each of its readings can be told from every other."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
import time
from pathlib import Path

from kampung_bridge.a02yyuw import encode_a02yyuw

from kampung_sim.chaos.ledger import Fate, Frame
from kampung_sim.chaos.ledger import Line as Account
from kampung_sim.device import UNREAD, Line

FRAME = 4
FIRST, LAST = 1, 0xFEFE
"""Numbers the frame can carry. Those with a low byte of FF are left out: with them a window across two frames may pass the check."""


class Counter(threading.Thread):
    """Puts 1, 2, 3 … on its line, ``rate`` a second, and notes what is read from it. Silent until ``listen``."""

    def __init__(self, link: Path, account: Account, rate: float) -> None:
        super().__init__(name=f"sensor-{link.name}", daemon=True)
        self.account, self._rate = account, rate
        self.line = Line(link)
        self._lock = threading.Lock()
        self._open = False
        self._next = FIRST
        self._consumed = 0  # frames of the account that are off the line
        self._known = 0  # frames of the account that were sent before the last death
        self._ended = threading.Event()
        self.full = 0
        """Frames not sent because nobody had read those before."""

    def run(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due = max(due + 1 / self._rate, time.monotonic() - 1.0)
            with self._lock:
                if self._open:
                    self._send()
                else:
                    self._look()

    def listen(self) -> None:
        """Somebody has opened the line and reads."""
        with self._lock:
            self._open = True

    def died(self, at: int) -> None:
        """Whoever read the line died at ``at`` (ms UTC) at the latest: what is still on it is unread, and a new reader finds an empty line.

        So is what was put on it since, though the kernel may not have brought it to the other end yet.
        """
        with self._lock:
            self._open = False
            frames, left = self.account.frames, self._look()
            for number, frame in enumerate(frames[self._known :], start=self._known):
                if number >= len(frames) - left or frame.written >= at:
                    frame.fate = Fate.UNREAD
            self._known = self._consumed = len(frames)
            termios.tcflush(self.line.theirs, termios.TCIFLUSH)

    def silence(self) -> None:
        """No more frames; what is on the line may still be read."""
        with self._lock:
            self._open = False

    def stop(self) -> None:
        """End the thread and pull the plug."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self.ident is not None:
            self.join()
        self.died(_now())
        self.line.close()

    def _send(self) -> None:
        unread = self._look()
        if unread * FRAME + FRAME > UNREAD:
            self.full += 1
            return
        self.account.frames.append(Frame(self._next, _now()))
        os.write(self.line.ours, encode_a02yyuw(self._next))
        self._next = FIRST if self._next >= LAST else self._next + 1
        if self._next & 0xFF == 0xFF:
            self._next += 1

    def _look(self) -> int:
        """Note what is read by now; frames that are not, whole or in part."""
        unread: int = struct.unpack("i", fcntl.ioctl(self.line.theirs, termios.FIONREAD, struct.pack("i", 0)))[0]
        left = -(-unread // FRAME)
        now, frames = _now(), self.account.frames
        for frame in frames[self._consumed : len(frames) - left]:
            frame.read = now
        self._consumed = max(self._consumed, len(frames) - left)
        return left


def _now() -> int:
    return time.time_ns() // 1_000_000
