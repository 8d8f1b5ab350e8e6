"""Single readings of a window piece by piece, so that a year of them never stands in memory at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from kampung_cloud.telemetry.store import TelemetryStore, Window

PIECE = 50_000


def pieces(store: TelemetryStore, series_id: str, start: int, stop: int, size: int = PIECE) -> Iterator[Window]:
    """Readings with ``start`` <= t < ``stop`` in order, about ``size`` at once, each once. Raises ``NotFound``, ``StorageUnavailable``."""
    while start < stop:
        found, most = store.window(series_id, start, stop, limit=size), size
        while len(found.t) == most and found.t[0] == found.t[-1]:  # more of one moment than a piece holds
            most *= 2
            found = store.window(series_id, start, stop, limit=most)
        if len(found.t) < most:
            if found.t:
                yield found
            return
        whole = bisect_left(found.t, found.t[-1])  # readings of the last moment may go on in the next piece
        yield Window(found.t[:whole], found.v[:whole], found.q[:whole], found.received[:whole], estimated=found.estimated[:whole])
        start = found.t[-1]
