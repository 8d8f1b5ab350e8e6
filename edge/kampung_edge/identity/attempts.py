"""How often a PIN may be tried here: after some failures each next one waits, and waits longer.

An attempt is counted, on the disk, before the PIN is looked at. Waits run on the clock that nobody sets, and begin anew after a restart:
neither a power cut nor a wrong clock shortens them.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
from kampung_contract.errors import KampungError

from kampung_edge import whole_file

log = structlog.get_logger("identity")

KIOSK = "kiosk"
MOST_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` failures cost nothing; the next one half a minute, each further one twice as much, up to ``longest_s``.

    Over after ``forgotten_s`` without one.
    """

    free: int
    longest_s: int
    forgotten_s: int

    def wait_s(self, failures: int) -> int:
        """Seconds until the next attempt after so many failures."""
        return 0 if failures < self.free else min(self.longest_s, 30 * 2 ** min(failures - self.free, 10))


ONE = Limit(5, 3600, 86_400)
"""Of one person: a thousandth of all PINs takes five years."""
ALL = Limit(30, 600, 3600)
"""Of the kiosk, which many use."""


class Attempts:
    """By key: the kiosk's own and those of whoever is tried. Safe to use from several threads."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` in seconds, which only goes forward."""
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._failures: dict[str, int] = self._read()
        now = clock()
        self._last: dict[str, float] = dict.fromkeys(self._failures, now)

    def count(self, keys: Iterable[str], *, helped: bool = False) -> None:
        """Count an attempt for each key, and for the kiosk unless somebody of the staff helps, which must go on when others cannot.

        Raises ``KampungError`` ``too_many`` with the wait; it is then not counted.
        """
        with self._lock:
            all_of_them = tuple(keys) if helped else (KIOSK, *keys)
            wait = max(self._wait(key) for key in all_of_them)
            if wait > 0:
                raise KampungError(f"PIN terlalu sering salah; tunggu {spoken(wait)}, atau minta dibantu petugas", code="too_many")
            for key in all_of_them:
                self._failures[key] = self._failures.get(key, 0) + 1
                self._last[key] = self._clock()
            self._write()

    def good(self, keys: Iterable[str], *, helped: bool = False) -> None:
        """This one did not fail: forgets the person's failures, and takes its own back from the kiosk's."""
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)
                self._last.pop(key, None)
            if self._failures.get(KIOSK) and not helped:
                self._failures[KIOSK] -= 1
            self._write()

    def _wait(self, key: str) -> float:
        limit = ALL if key == KIOSK else ONE
        gone = self._clock() - self._last.get(key, 0.0)
        if gone > limit.forgotten_s:
            self._failures.pop(key, None)
        return limit.wait_s(self._failures.get(key, 0)) - gone if key in self._failures else 0.0

    def _read(self) -> dict[str, int]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            log.warning("attempts.unread", file=self._path.name, reason=str(error))
            return {KIOSK: ALL.free}  # whoever damaged it is not rewarded

    def _write(self) -> None:
        if len(self._failures) > MOST_KEPT:
            oldest = sorted((key for key in self._failures if key != KIOSK), key=lambda key: self._last[key])
            for key in oldest[: len(self._failures) - MOST_KEPT]:
                del self._failures[key], self._last[key]
        try:
            whole_file.replace(self._path, msgspec.json.encode(self._failures))
            with contextlib.suppress(OSError):
                folder = os.open(self._path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
        except OSError as error:
            log.warning("attempts.unwritten", reason=str(error))  # they count in memory


def spoken(seconds: float) -> str:
    """In words, rounded up."""
    whole = int(-(-seconds // 1))
    return f"{whole} detik" if whole < 100 else f"{-(-whole // 60)} menit"
