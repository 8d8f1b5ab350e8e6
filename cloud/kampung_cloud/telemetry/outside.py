"""What is asked of an engine outside this process, whoever writes to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kampung_contract.errors import ConfigurationError, StorageUnavailable

from kampung_cloud.telemetry.engine import Engine
from kampung_cloud.telemetry.indexed import Indexed
from kampung_cloud.telemetry.store import USUAL, SeriesKey, Window
from kampung_cloud.telemetry.windows import Windows

NOBODY = SeriesKey("", "nobody", "nothing", "nothing", "")
"""Asked for only to hear whether the engine answers."""
AT_ONCE = 16
"""Questions that may wait for the engine at one time. The API has 40 threads (anyio's default): an engine that hangs must not take them
all, or nobody hears from healthz that it hangs."""
TURN_S = 2.0


class Outside(Indexed):
    """Part of a ``TelemetryStore``. ``_windows`` may be replaced as a whole at any time, together with ``_index``."""

    _engine: Engine
    _windows: Windows
    _turns = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Around each question to the engine that is not ingest's own.

        Trouble with it is the asker's alone: a question that is too much for the engine is no reason to send it anything again. One that
        was right when we started and will not now is told as one that cannot now.
        """
        if not self._turns.acquire(timeout=TURN_S):
            raise StorageUnavailable(f"{self._engine.name} is slow: {AT_ONCE} questions wait for its answers already; ask again in a while")
        try:
            yield
        except ConfigurationError as error:
            raise StorageUnavailable(error.message) from None
        finally:
            self._turns.release()

    def window(
        self,
        series_id: str,
        start: int,
        stop: int,
        every: int | None = None,
        *,
        aggregates: Sequence[str] = USUAL,
        limit: int | None = None,
    ) -> Window:
        """Raw readings or buckets."""
        with self._turn():
            return self._windows.window(series_id, start, stop, every=every, aggregates=aggregates, limit=limit)

    def count(self, series_id: str, start: int, stop: int) -> int:
        """How many readings ``window`` would give."""
        with self._turn():
            return self._windows.count(series_id, start, stop)

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """By node, how many readings there are."""
        with self._turn():
            return self._windows.counts(start, stop)
