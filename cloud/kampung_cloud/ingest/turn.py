"""A turn in the ingest thread for somebody who cannot wait for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Protocol, TypeVar

from kampung_contract.errors import StorageUnavailable

T = TypeVar("T")


class Turns(Protocol):
    """What gives turns: the ingest thread."""

    def between(self, action: Callable[[], T]) -> Future[T]: ...


def in_turn(worker: Turns, action: Callable[[], T], seconds: float) -> T:
    """Run ``action`` between two commits, and wait for it as long as it takes once it has begun.

    Raises ``StorageUnavailable`` when it has not within ``seconds``: ingest waits for a store, or is behind.
    """
    future = worker.between(action)
    try:
        return future.result(seconds)
    except Late:
        if future.cancel():
            raise StorageUnavailable(f"ingest is busy and gave no turn in {seconds:.0f} s; see /api/v1/healthz") from None
        return future.result()
