"""The queue's facts on disk: a line each, synced before anybody sees what it says. A line that a power cut tore is cut off."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog
from kampung_contract.errors import StorageUnavailable
from msgspec.structs import replace

from kampung_edge import whole_file
from kampung_edge.queueing.state import Fact, Queue, apply

_NUMBERS = re.compile(rb'"([A-Z])(?:":)?([0-9]{1,4})\b')
"""A number ("A12") or the last of a letter ("A":12), wherever it stands in a damaged file."""

log = structlog.get_logger("queue")

# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_facts, _queues = msgspec.json.Decoder(Fact), msgspec.json.Decoder(Queue)


class Journal:
    """One file: the queue as the day began on its first line, then facts. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size: int | None = None
        """Bytes that are good; None when that is not known."""
        self.damaged = ""
        """Name of the file that was kept aside when lines could not be read."""

    def read(self) -> Queue:
        """As it stood after the last whole line. Raises ``StorageUnavailable``."""
        try:
            body = self._path.read_bytes()
        except FileNotFoundError:
            body = b""
        except OSError as error:
            raise StorageUnavailable(f"{self._path.name} cannot be read: {error.strerror}") from None
        whole = body[: body.rfind(b"\n") + 1]
        queue, lost = Queue(), 0
        for place, line in enumerate(whole.splitlines()):
            try:
                queue = _queues.decode(line) if place == 0 else apply(queue, _facts.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
                lost += 1
        if lost:
            queue = self._mended(queue, body, lost)
        self._size = len(whole)
        return queue

    def _mended(self, queue: Queue, body: bytes, lost: int) -> Queue:
        """The file is kept aside as it is, and counting goes on above every number that can be read in it: none is given twice."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        try:
            whole_file.replace(aside, body)
        except OSError as error:
            raise StorageUnavailable(f"{aside.name} cannot be written: {error.strerror}") from None
        self.damaged = aside.name
        log.error("queue.lines_lost", file=self._path.name, lines=lost, kept=aside.name)
        last = dict(queue.last)
        for letter, serial in _NUMBERS.findall(body):
            last[letter.decode()] = max(last.get(letter.decode(), 0), int(serial))
        return replace(queue, last=last)

    def begin(self, queue: Queue) -> None:
        """The file anew, with the queue as it is now: what it was stays until the new one is whole. Raises ``StorageUnavailable``."""
        line = msgspec.json.encode(queue) + b"\n"
        try:
            whole_file.replace(self._path, line)
            _sync(self._path.parent)
        except OSError as error:
            raise StorageUnavailable(f"{self._path.name} cannot be written: {error.strerror}") from None
        self._size = len(line)

    def append(self, facts: Sequence[Fact]) -> None:
        """Durable when it returns, and whole or not there at all. Raises ``StorageUnavailable``."""
        assert self._size, "begin comes first"
        body = b"".join(msgspec.json.encode(f) + b"\n" for f in facts)
        try:
            with self._path.open("r+b") as out:
                out.truncate(self._size)  # what a failed or torn write left
                out.seek(self._size)
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise StorageUnavailable(f"{self._path.name} cannot be written: {error.strerror}; nothing was changed") from None
        self._size += len(body)


def _sync(folder: Path) -> None:
    """What is appended from now on is in the new file: its name must be on the disk before."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
