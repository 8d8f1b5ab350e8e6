"""What the kiosk shows: the latest of every series, two days of history, the village's documents."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog
from kampung_contract.documents import Content
from kampung_contract.errors import NotFound, StorageUnavailable
from kampung_contract.quantities import quantity
from kampung_contract.times import text

from kampung_edge.clock import wall_ms
from kampung_edge.config import DeviceSetting
from kampung_edge.history import BUCKET_MS, Bucket, Series
from kampung_edge.view_file import Change, Key, ViewFile

log = structlog.get_logger("view")

FLUSH_S = 30.0
"""Bytes written wear flash; half a minute of *view* is no loss, the spool has every reading."""
OPEN_S = 5.0
"""So often a file that could not be opened is tried again."""
PRUNE_S = 1800.0
AHEAD_MS = 60_000
"""A latest reading so far in the future came before the clock was set back; it must not hide those that come now."""


class View:
    """Safe to use from several threads. Trouble with its file is logged and never stops a reading."""

    def __init__(
        self, path: Path, village: str, node: str, devices: Sequence[DeviceSetting], ready: Callable[[], None] = lambda: None
    ) -> None:
        """``ready`` is called before the file is touched. While the disk refuses, what can be read is shown and the file tried again."""
        self._village, self._node = village, node
        self._settings = {d.name: d for d in devices}
        self._lock = threading.Lock()
        self._file = ViewFile(path, ready)
        self.trouble: str | None = None
        try:
            self._series, self._content = self._file.open()
        except StorageUnavailable as error:
            self._refused(error.message)
            self._series, self._content = self._file.look()
        self.join(devices)
        self._points: list[tuple[Key, int, float, int]] = []
        self._open: dict[tuple[Key, int], Bucket] = {}
        self._flushed = self._pruned = time.monotonic()

    def join(self, devices: Sequence[DeviceSetting]) -> None:
        """Devices whose readings are to come."""
        with self._lock:
            self._settings |= {device.name: device for device in devices}
            for device in devices:
                for name, unit in device.quantities.items():
                    self._series.setdefault((device.name, name), Series(device.name, name, unit))

    def take(self, device: str, name: str, unit: str, point: tuple[int, float, int]) -> None:
        """``point``: milliseconds UTC, value, QARTOD flag."""
        key, (t, value, flag) = (device, name), point
        with self._lock:
            series = self._series.get(key)
            if series is None or series.unit != unit:
                series = self._series[key] = Series(device, name, unit)
            if series.last is not None and series.last[0] > max(t, wall_ms() + AHEAD_MS):
                series.forget_after(max(t, wall_ms()))
            start = series.add(t, value, flag)
            self._points.append((key, t, value, flag))
            if start is not None:
                self._open[key, start] = series.buckets.get(start, Bucket(1, value, value, value))

    def series(self) -> list[dict[str, Any]]:
        """Series objects of the kiosk API, by name."""
        with self._lock:
            return [self._object(s) for _, s in sorted(self._series.items())]

    def remembered(self, identity: str) -> list[tuple[int, float, int]]:
        """As measured in the last two hours, none of a series that is not known: milliseconds UTC, value, flag."""
        device, _, name = identity.partition(".")[2].partition(".")
        with self._lock:
            series = self._series.get((device, name))
            return [] if series is None else list(zip(series.times, series.values, series.flags, strict=True))

    def window(self, identity: str, start: int, stop: int) -> dict[str, Any]:
        """A window object of the kiosk API; milliseconds UTC. Raises ``NotFound``."""
        node, _, rest = identity.partition(".")
        device, _, name = rest.partition(".")
        with self._lock:
            series = self._series.get((device, name)) if node == self._node else None
            if series is None:
                known = ", ".join(f"{self._node}.{d}.{q}" for d, q in sorted(self._series)) or "none yet"
                raise NotFound(f"series {identity!r} is not known to this edge; known: {known}")
            return {"id": identity, "unit": series.unit, "start": start, "stop": stop, **series.window(start, stop)}

    def content(self, key: str) -> Content | None:
        """The document, None when the cloud has not sent one."""
        with self._lock:
            return self._content.get(key)

    def keep(self, content: Content) -> None:
        """Show and remember a document."""
        with self._lock:
            self._content[content.key] = content
            self._guarded(lambda: self._file.keep(content))

    def flush(self, force: bool = False) -> None:
        """Write what is new, at most each half minute unless forced."""
        now = time.monotonic()
        with self._lock:
            opened = self._file.opened
            if (opened and not self._points) or (not force and now - self._flushed < (FLUSH_S if opened else OPEN_S)):
                return
            self._flushed = now
            closed = {k: b for k, b in self._open.items() if force or self._complete(*k)}
            change = Change(self._points, closed)
            if self._guarded(lambda: self._file.write(change, self._series.values())):
                self._points = []
                self._open = {k: b for k, b in self._open.items() if k not in closed}
            elif len(self._points) > 20_000:
                self._points = []
            if now - self._pruned > PRUNE_S or len(change.points) > 5_000:
                self._pruned = now
                newest = max((s.last[0] for s in self._series.values() if s.last), default=0)
                self._guarded(lambda: self._file.prune(newest))

    def close(self) -> None:
        """Write and close."""
        self.flush(force=True)
        with self._lock:
            self._file.close()

    def _complete(self, key: Key, start: int) -> bool:
        last = self._series[key].last
        return last is not None and last[0] >= start + BUCKET_MS

    def _guarded(self, action: Any) -> bool:
        try:
            if not self._file.opened:
                self._open_file()
            action()
        except sqlite3.Error as error:
            self._refused(str(error))
            return False
        except StorageUnavailable as error:
            self._refused(error.message)
            return False
        self.trouble = None
        return True

    def _refused(self, reason: str) -> None:
        if self.trouble is None:
            log.warning("view.refuses", reason=reason)
        self.trouble = reason

    def _open_file(self) -> None:
        """What was read or came meanwhile is newer than the file."""
        series, content = self._file.open()
        self._series = series | {key: one for key, one in self._series.items() if one.last is not None or key not in series}
        self._content = content | self._content
        for one in self._content.values():
            self._file.keep(one)

    def _object(self, series: Series) -> dict[str, Any]:
        known, setting = quantity(series.quantity), self._settings.get(series.device)
        last = series.last
        return {
            "id": f"{self._node}.{series.device}.{series.quantity}",
            "village": self._village,
            "node": self._node,
            "device": series.device,
            "quantity": series.quantity,
            "unit": series.unit,
            "last": None if last is None else {"at": text(last[0]), "value": last[1], "quality": last[2]},
            "name": known.display if known else {"id": series.quantity, "en": series.quantity},
            "decimals": known.decimals if known else 2,
            "title": (setting.title or None) if setting else None,
            "model": setting.profile if setting else None,
            "origin": setting.origin if setting else None,
            "note": (setting.note or None) if setting else None,
        }
