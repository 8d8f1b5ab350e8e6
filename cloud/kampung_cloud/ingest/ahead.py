"""One batch ahead: while a batch is committed, which is the disk's and the engine's time, the next is taken apart."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from kampung_cloud.ingest.intake import Intake
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.work import Work

Batch = tuple[list[Message], Work, float]
"""The last is how many seconds it took to take the messages apart."""


class Ahead:
    """``next`` is called by the ingest thread, and everything else through it; ``intake`` serves one thread at a time."""

    def __init__(self, collect: Callable[[], list[Message]], intake: Intake) -> None:
        self._collect = collect
        self._intake = intake
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ingest-ahead")
        self._begun: Future[Batch] | None = None
        self._collected: list[Message] = []

    @property
    def begun(self) -> bool:
        """Whether a batch was begun that is not done."""
        return self._begun is not None

    def next(self) -> Batch:
        """The batch that was begun, or one that is collected now."""
        begun, self._begun = self._begun, None
        return begun.result() if begun is not None else self._take()

    def begin(self, present: Work) -> None:
        """Begin with what waits, while ``present`` is committed; unless it says something of clocks, which what follows may rest on."""
        if not present.batch.corrections and not present.batch.estimates:
            self._begun = self._pool.submit(self._take)

    def take(self, messages: list[Message]) -> Work:
        """Take these apart out of turn."""
        with self._lock:
            return self._intake.take(messages)

    def close(self) -> None:
        """What was begun is not acknowledged, and comes again."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self) -> Batch:
        messages = self._collected or self._collect()
        self._collected = messages  # an error must not cost them
        began = time.monotonic()
        work = self.take(messages)
        self._collected = []
        return messages, work, time.monotonic() - began
