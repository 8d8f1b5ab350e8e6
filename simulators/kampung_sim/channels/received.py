"""What the simulated services took: kept in order, also in a file, and counted as a person would see it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Received:
    """``at`` in ms UTC. ``repeated``: a service that recognises keys has shown this one before, and does not show it again."""

    number: int
    service: str
    to: str
    title: str
    text: str
    key: str
    at: int
    repeated: bool


class Ledger:
    """May be used by any thread; remembers the newest ``MOST``, the file all."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._file = file
        self._all: list[Received] = []
        self._keys: set[tuple[str, str, str]] = set()
        self._count = 0

    def take(self, service: str, to: str, text: str, *, title: str = "", key: str = "", number: int | None = None) -> Received:
        """A message has come. ``key`` is empty where the service recognises none."""
        with self._lock:
            self._count += 1
            name = (service, to, key)
            entry = Received(
                number or self._count, service, to, title, text, key, time.time_ns() // 1_000_000, bool(key) and name in self._keys
            )
            self._keys.add(name)
            self._all.append(entry)
            del self._all[:-MOST]
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        return entry

    def listed(self, service: str | None = None, since: int = 0) -> list[Received]:
        """Those after number ``since``, the oldest first."""
        with self._lock:
            return [each for each in self._all if each.number > since and service in {None, each.service}]

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._all.clear()
            self._keys.clear()
