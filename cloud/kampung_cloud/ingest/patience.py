"""Trying until a store takes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from kampung_contract.backoff import Backoff
from kampung_contract.errors import StorageUnavailable

from kampung_cloud.health import Health

T = TypeVar("T")

RETRY_S = (0.1, 10.0)


class Stopped(Exception):
    """The process is to end while a store is still unavailable; what is not acknowledged comes again."""


class Patience:
    """Says through ``health`` what it waits for."""

    def __init__(self, health: Health, stopping: threading.Event) -> None:
        self._health = health
        self._stopping = stopping
        self._beat = time.monotonic()

    def beat(self) -> None:
        """Something was done."""
        self._beat = time.monotonic()

    @property
    def idle(self) -> float:
        """Seconds since something was done, or a store gave an answer of any kind."""
        return time.monotonic() - self._beat

    def look(self, part: str, action: Callable[[], object]) -> None:
        """Try once, to know how ``part`` is."""
        try:
            action()
        except StorageUnavailable as error:
            self._health.set(part, False, error.message)
        else:
            self._health.set(part, True)

    def until_done(self, part: str, action: Callable[[], T]) -> T:
        """Try until ``part`` takes it. Meanwhile there are no receipts and no acknowledgements, and the edges hold the data.

        That it takes it at once says nothing of the part: it may have had nothing to do. ``look`` is for that.
        """
        backoff, failed = Backoff(*RETRY_S), False
        while True:
            try:
                done = action()
            except StorageUnavailable as error:
                failed = True
                self.beat()
                self._health.set(part, False, error.message)
                if self._stopping.wait(backoff.pause()):
                    raise Stopped from None
            else:
                self.beat()
                if failed:
                    self._health.set(part, True)
                return done
